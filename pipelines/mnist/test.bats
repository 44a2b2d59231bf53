load ../../tests/pipelines

setup_file() {
	small
}

@test "mnist: networks train as their rows say" {
	for seed in 1 2; do
		for net in pa2 pa2-bn; do
			grep -q -e '--epochs 1 --holdout 100 --validate-every 20 --log-every 10 -o adamw ' "$E/record/models/$net/$seed.safetensors"
			grep -q -e " - $D/data/train.npy >" "$E/record/models/$net/$seed.safetensors"
		done
	done
}

@test "mnist: the best network is one with the fewest validation errors, and the second is another" {
	made "$E"/models/{best,second}.safetensors
	best=$(for log in "$E"/models/pa2/[12].log.tsv; do echo "$(tail -n 1 "$log" | cut -f 8) $log"; done | sort -g | head -n 1)
	read -r net seed error _ < <(sed -n 2p "$E/tables/best.tsv")
	[ "$error" = "${best% *}" ]
	cmp "$E/models/$net/$seed.safetensors" "$E/models/best.safetensors"
	run ! cmp -s "$E"/models/{best,second}.safetensors
}

@test "mnist: the confusion matrix counts what the network predicts" {
	{ npy-slice -k 1 "$D/data/test.npy"; nn-run "$E/models/pa2/1.safetensors" "$D/data/test.npy" | npy-reduce -a 1 argmax; } >pair.npy
	numpy "
a, b = get('pair.npy')
c = np.zeros((10, 10), int)
np.add.at(c, (a, b), 1)
for row in c: print(*row, sep='\t')" | diff - <(sed 1d "$E/tables/confusion.tsv")
	rm pair.npy
}

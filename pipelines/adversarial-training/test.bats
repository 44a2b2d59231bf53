load ../../tests/pipelines

setup_file() {
	small adversarial-training.images=40 adversarial-training.many='-n 3 -s 30 --random --restarts 2' adversarial-training.shares='0.1 0.5'
}

nets='plain fgsm fgsm-rs pgd trades'

@test "adversarial-training: networks train as their rows say" {
	for net in $nets; do
		how=$(nn-info --history "$E/models/$net/1.safetensors" | sed -n "s/.*--adversary '\([^']*\)'.*/\1/p")
		[ "${how%% *}" = "${net/plain/}" ]
		[ "$net" = plain ] || [ "$(cut -d ' ' -f 2 <<<"$how")" = 76.5 ]
	done
}

@test "adversarial-training: changes are within the bound, and pixels within theirs" {
	for attack in fgsm many; do
		for net in $nets; do
			numpy "
a, x = get('$E/attacks/$attack/$net/2.npy')[0].astype(float), get('$E/data/test.npy')[0].astype(float)
assert 0 < abs(a - x).max() <= 76.5 and a.min() >= 0 and a.max() <= 255"
		done
	done
}

@test "adversarial-training: the table is what nn-eval says of the files, and the summary their mean" {
	sed 1d "$E/tables/attacked.tsv" >rows
	[ "$(wc -l <rows)" = 10 ]
	while IFS=$'\t' read -r net seed clean fgsm many _; do
		for pair in "$clean $E/data/test.npy" "$fgsm $E/attacks/fgsm/$net/$seed.npy" "$many $E/attacks/many/$net/$seed.npy"; do
			labels=$(npy-slice -k 1 "${pair#* }" | npytotsv | paste -s -d ' ')
			npy-slice -k 0 "${pair#* }" | nn-run "$E/models/$net/$seed.safetensors" | npy-reduce -a 1 argmax | npytotsv |
				awk -v labels="$labels" -v want="${pair%% *}" 'BEGIN { n = split(labels, label, " ") } { right += $1 == label[NR] }
					END { d = right / n - want; exit n != 40 || d > 1e-6 || d < -1e-6 }'
		done
	done <rows
	for net in $nets; do
		mean=$(awk -F '\t' -v net="$net" '$1 == net { n++; sum += $5 } END { print sum / n }' rows)
		tsv-pick -w "net=$net,quantity=many" mean "$E/tables/summary.tsv" | awk -v want="$mean" '{ exit $1 - want > 1e-6 || want - $1 > 1e-6 }'
	done
	rm rows
}

@test "adversarial-training: the images that nn-attack has not found are those that nn-eval counts as correct" {
	found=$(awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "status") at = i; next } $at == "failed" { n++ } END { print n + 0 }' "$E/attacks/many/plain/1.npy.tsv")
	[ "$(tsv-pick -w net=plain,seed=1 many "$E/tables/attacked.tsv" | awk '{ printf "%d", 40 * $1 + 0.5 }')" = "$found" ]
}

@test "adversarial-training: however many seeds there are, the section has a row for each network" {
	[ "$(tsv-pick seed "$E/tables/attacked.tsv" | sort -u | wc -l)" -eq 2 ]
	for net in $nets; do
		[ "$(sed '/All trainings/,$d' "$E/section.html" | grep -c "<tr>.*>$net<")" -eq 1 ]
	done
	grep -q "in the networks ${nets// /, }\." "$E/section.html"
}

@test "adversarial-training: gradients are those of the loss" {
	for net in plain pgd; do
		nn-grad -c label --of loss "$E/models/$net/1.safetensors" "$E/sheets/some.npy" | cmp - "$E/sheets/gradient/$net/1.npy"
	done
}

@test "adversarial-training: color pictures" {
	pictures adversarial 3,12,12 10
	made DATASETS=sets DATASET=adversarial TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 adversarial-training.images=20 \
		adversarial-training.many='-n 2 --random --restarts 1' adversarial-training.shares='0.3' adversarial-training >adversarial.log 2>&1 ||
		{ cat adversarial.log; false; }
	[ -s out/adversarial.quick/adversarial-training/figures/gradients.png ]
}

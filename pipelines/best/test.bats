load ../../tests/pipelines

setup_file() {
	small
}

@test "best: a vote is the mean of the probabilities for an image and for its mirror image" {
	run=$(sed -n 2p "$E/tables/runs.tsv" | cut -f 1,2 | tr '\t' /)
	{
		nn-run -p "$E/models/$run.safetensors" "$D/data/test.npy"
		npy-slice -k 0 :,:,::-1 "$D/data/test.npy" | nn-run -p "$E/models/$run.safetensors" -
		cat "$E/votes/test/$run.npy"
	} >votes.npy
	npy-calc '(a + b) / 2 - c' votes.npy | npy-reduce norm | npytotsv | awk '{ exit !($1 < 1e-5) }'
	rm votes.npy
}

@test "best: the held images are those that no network trained on" {
	npy-slice -100: "$D/data/train.npy" | cmp - "$E/data/held.npy"
	grep -q -e '--holdout 100 ' "$E/record/models/vgg/1.safetensors"
}

@test "best: the chosen one has the most correct held images, and its votes are those that are tested" {
	read -r net seed _ correct _ < <(sed -n 2p "$E/tables/best.tsv")
	[ "$correct" = "$(tsv-pick correct "$E/tables/held.tsv" | datamash max 1)" ]
	cmp "$E/votes/best.npy" "$E/votes/test/$net/$seed.npy"
	[ "$(tsv-pick --last -k "$net,$seed" correct "$E/tables/test.tsv")" = "$(tsv-pick correct "$E/tables/recall.tsv" | datamash sum 1)" ]
}

@test "best: all networks vote together" {
	[ "$(tsv-pick -w net=all images "$E/tables/test.tsv")" = 200 ]
	npy-reduce -a 1 sum "$E/votes/test/all/-.npy" | npy-calc 'abs(a - 1)' | npy-reduce max | npytotsv | awk '{ exit !($1 < 1e-5) }'
}

@test "best: color pictures of another size, in three classes" {
	pictures best 3,20,24 3
	made "HOLDOUT=20" DATASETS=sets DATASET=best best >/dev/null
	grep -q '<h2 id="best"' out/best.quick/best/section.html
}

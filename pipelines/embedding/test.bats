load ../../tests/pipelines

setup_file() {
	small
}

# accuracy BY MAP COLUMN: a cell of the table.
accuracy() {
	tsv-pick -w "by=$1,map=$2" "$3" "$E/tables/accuracy.tsv"
}

@test "embedding: the network is looked at after each step that fashion saves, and at the end" {
	[ "$(tsv-pick rows "$E/tables/titles.tsv" | paste -s -d ' ')" = 'digits step0 step1 step2 stepend logits' ]
	end=$(tsv-pick --last step "$D/fashion/models/better/1.log.tsv")
	[ "$(tsv-pick -k stepend title "$E/tables/titles.tsv")" = "training step $end" ]
	nn-run -l relu6 "$D/fashion/models/better/1.step2.safetensors" "$D/data/test.npy" | cmp - <(npy-slice -k 0 "$E/rows/step2.npy")
	for rows in digits step0 stepend logits; do
		npy-slice -k 1 "$E/rows/$rows.npy" | cmp - <(npy-slice -k 1 "$D/data/test.npy")
	done
}

@test "embedding: the accuracy on a map, counted image by image, is the one that npy-trust measures" {
	for map in digits digits.400 step0 logits; do
		[ "$(accuracy map $map images)" = 200 ]
		trusted=$(tsv-pick map_accuracy "$E/tables/trust/$map.tsv")
		awk -v a="$(accuracy map $map correct)" -v b="$trusted" 'BEGIN { exit !((a / 200 - b) ^ 2 < 1e-12) }'
	done
}

@test "embedding: the map after 400 of 750 steps is the map that 400 steps make" {
	npy-tsne -n 400 --init <(npy-pca -k 2 "$E/rows/digits.npy") "$E/neighbors/digits.npy" | cmp - "$E/maps/digits.400.npy"
}

@test "embedding: a probe is fitted on the images with even numbers, with the penalty that is best on half of them" {
	best=$(sed 1d "$E/tables/penalties/digits.tsv" | sort -s -t $'\t' -k 2,2gr | sed -n '1s/\t.*//p')
	[ "$(tsv-pick accuracy "$E/tables/penalties/digits.tsv" | datamash max 1)" = "$(tsv-pick -k "$best" accuracy "$E/tables/penalties/digits.tsv")" ]
	# Another path to the same predictions: the penalty is scaled in place of the rows, and every row is predicted.
	square=$(npy-slice -k 0 "$E/rows/digits.npy" | npy-calc 'a * a' | npy-reduce mean | npytotsv)
	npy-slice ::2 "$E/rows/digits.npy" | npy-ridge -p "$(awk -v p="$best" -v s="$square" 'BEGIN { printf "%.17g", p * s }')" >"$scratch/probe.npy"
	correct=$(npy-slice -k 0 "$E/rows/digits.npy" | npy-matmul -b - <(npy-slice -k 0 "$scratch/probe.npy") |
		npy-calc 'a + b' - <(npy-slice -k 1 None "$scratch/probe.npy") | npy-reduce -a 1 argmax |
		npy-calc 'a == b' - <(npy-slice -k 1 "$E/rows/digits.npy") | npy-slice 1::2 | npy-reduce sum | npytotsv)
	[ "$(accuracy probe digits images)" = 100 ]
	# The rounding of floats may turn an image that is on the border.
	awk -v a="$correct" -v b="$(accuracy probe digits correct)" 'BEGIN { exit !((a - b) ^ 2 <= 1) }'
}

@test "embedding: differences are those of the accuracies" {
	before=$(accuracy map step0 correct)
	after=$(accuracy map stepend correct)
	tsv-pick -w by=map,pair=step0:stepend mean "$E/tables/pairs.tsv" |
		awk -v d="$((after - before))" '{ exit !(($1 - d / 200) ^ 2 < 1e-9) }'
}

@test "embedding: KL in the table is that of the log, after 400 steps too" {
	[ "$(tsv-pick -k digits kl "$E/tables/kept.tsv")" = "$(tsv-pick --last kl "$E/maps/digits.log.tsv")" ]
	[ "$(tsv-pick -k digits.400 kl "$E/tables/kept.tsv")" = "$(tsv-pick -w step=400 kl "$E/maps/digits.log.tsv")" ]
}

@test "embedding: a name is written at the point of its class next to the medians" {
	printf '%s\t%s\t%s\n' 0 0 3 1 1 3 9 9 3 5 5 0 >"$scratch/points"
	datamash -s -g 3 median 1,2 <"$scratch/points" >"$scratch/medians"
	awk -f "$root/pipelines/embedding/names.awk" "$scratch/medians" "$scratch/points" | sort >"$scratch/names"
	printf '%s\t%s\t%s\n' 1 1 3 5 5 0 | cmp - "$scratch/names"
}

@test "embedding: a sheet has in each cell the image next to its middle, the upper row first" {
	# Four cells of a square of 4 x 4; two points in the upper left one, none in the lower left one.
	printf '%s\t%s\t0\n' 0 4 1.2 3.1 4 0 3 3 |
		awk -v side=2 -f "$root/pipelines/embedding/sheet.awk" | paste -s -d ' ' >"$scratch/sheet"
	[ "$(cat "$scratch/sheet")" = '1 3 4 2' ]
}

@test "embedding: the page of the map holds all points, maps and names" {
	map=$E/map.html
	run ! grep -q '^/\* data \*/$' "$map"
	[ "$(grep '^const labels' "$map" | tr -cd , | wc -c)" = 199 ]
	[ "$(grep -c '^{ title: ' "$map")" = 6 ]
	grep -qF 'const classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];' "$map"
	# A name cannot end the script or the text.
	printf '%s\n' 'a"b' '</script>' >"$scratch/classes"
	printf 'rows\ttitle\n1\tone\n' >"$scratch/titles"
	printf '0\t1\t1\n' >"$scratch/points"
	awk -v shown=9 -v width=2 -v height=2 -f "$root/pipelines/embedding/map.awk" "$root/pipelines/embedding/colors" "$scratch/titles" \
		"$scratch/classes" <(echo 0) "$scratch/points" | grep -qxF 'const classes = ["a\"b", "\u003c/script>"];'
	# The pictures are the images, fifty in a row.
	sed -n 's/^const sprite = "data:image\/png;base64,\(.*\)";$/\1/p' "$map" | base64 -d | pngtopnm | pnmtonpy | npy-reduce sum |
		cmp - <(npy-slice -k 0 "$D/data/test.npy" | npy-reduce sum)
}

@test "embedding: color pictures of another size, in three classes" {
	pictures embedding 3,20,24 3
	made "HOLDOUT=20" DATASETS=sets DATASET=embedding embedding >/dev/null
	grep -q '<h2 id="embedding"' out/embedding.quick/embedding/section.html
}

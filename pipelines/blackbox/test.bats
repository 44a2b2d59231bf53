load ../../tests/pipelines

setup_file() {
	small blackbox.images=20 blackbox.queries='10 20 40 50' blackbox.square=6 \
		blackbox.rounds=2 blackbox.copies=2 blackbox.steps=2 blackbox.size=50
}

M=$D/mnist/models/best.safetensors

@test "blackbox: the seeds are held-out training images, and those attacked are test images classified correctly" {
	npy-slice 490: "$D/data/train.npy" | cmp - "$E/data/seeds.npy"
	for oracle in network median; do
		{ [ $oracle = network ] && cat "$D/data/test.npy" || img-median "$D/data/test.npy"; } | nn-run "$M" >logits.npy
		numpy "
x, y = get('$D/data/test.npy')
right = get('logits.npy')[0].argmax(1) == y
a, b = get('$E/data/$oracle.npy')
assert len(a) == min(20, right.sum()) and (a == x[right][:20]).all() and (b == y[right][:20]).all()"
	done
	rm logits.npy
}

@test "blackbox: the oracle is asked as often as is said, and its labels are its own" {
	for oracle in network median; do
		{ [ $oracle = network ] && cat "$E/substitutes/network/asked.npy" || npy-slice -k 0 "$E/substitutes/median/asked.npy" | img-median; } |
			nn-run "$M" | npy-reduce -a 1 argmax | npytotsv | diff - <(npy-slice -k 1 "$E/substitutes/$oracle/asked.npy" | npytotsv)
		[ "$(npy-slice -k 1 "$E/substitutes/$oracle/asked.npy" | npytotsv | wc -l)" = 50 ]
	done
}

@test "blackbox: a round's images are steps along the sign of the logit of the label, of the substitute before" {
	npy-slice -k 0 :20 "$E/substitutes/network/asked.npy" >x.npy
	npy-slice -k 1 :20 "$E/substitutes/network/asked.npy" >y.npy
	nn-grad -c y.npy "$E/substitutes/network/20.safetensors" x.npy >g.npy
	numpy "
s = get('$E/substitutes/network/asked.npy')[0].astype(float)
seeds = get('$E/data/seeds.npy')[0]
x, g = get('x.npy')[0].astype(float), get('g.npy')[0]
assert (s[:10] == seeds).all()
assert (s[20:40] == np.clip(x + 25.5 * np.sign(g), 0, 255)).all()"
	rm x.npy y.npy g.npy
}

@test "blackbox: the better questions begin with the seeds, stay within the bound of moved seeds, and have the oracle's labels" {
	nn-run "$M" "$E/boundary/asked.npy" | npy-reduce -a 1 argmax | npytotsv | diff - <(npy-slice -k 1 "$E/boundary/asked.npy" | npytotsv)
	for round in 1 2; do
		img-augment -s $round -n 2 'rotate -15:15, zoom 0.9:1.1, shift -2:2 -2:2' "$E/data/seeds.npy" >moved.$round.npy
	done
	numpy "
asked = get('$E/boundary/asked.npy')[0].astype(float)
want = [get(f)[0].astype(float) for f in ('$E/data/seeds.npy', 'moved.1.npy', 'moved.2.npy')]
assert [len(w) for w in want] == [10, 20, 20] and len(asked) == 50
assert (asked[:10] == want[0]).all()
assert 50 < abs(asked[10:] - np.concatenate(want[1:])).max() <= 76.5"
	rm moved.?.npy
}

@test "blackbox: a step of the better attack follows the sum of derivatives by shifted images" {
	# After steps 1 and 2, images shifted to the right and to the left.
	npy-slice -k 0 "$E/data/network.npy" | npy-calc -t f4 a >x.npy
	for right in 1 -1; do
		{ img-shift -b zero -x $right x.npy && npy-slice -k 1 "$E/data/network.npy"; } >shifted.npy
		for seed in 1 2 3; do
			nn-grad --of loss -c label "$E/boundary/$seed.safetensors" shifted.npy >g$seed.npy
		done
		numpy "
x, start = get('x.npy')[0], get('$E/data/network.npy')[0].astype(np.float32)
g = sum(get(f'g{i}.npy')[0].astype(float) for i in (1, 2, 3))
back = np.zeros_like(g)
if $right == 1: back[..., :-1] = g[..., 1:]
else: back[..., 1:] = g[..., :-1]
x = np.clip(x + 50 * np.sign(back), start - 76.5, start + 76.5).clip(0, 255)
np.save('x.npy', x.astype(np.float32))"
	done
	npy-slice -k 0 "$E/attacks/boundary.npy" | cmp - x.npy
	rm x.npy shifted.npy g?.npy
}

@test "blackbox: what the tables count is what nn-eval says of the files" {
	while read -r attack images wrong; do
		[ "$(nn-eval "$M" "$E/attacks/$attack.npy" | tsv-pick correct)" = $((images - wrong)) ]
	done < <(tsv-pick attack,images,wrong "$E/tables/attacks.tsv")
	while read -r attack queries images wrong; do
		[ "$(img-median "$E/attacks/$attack/median/$queries.npy" | nn-eval "$M" | tsv-pick correct)" = $((images - wrong)) ]
	done < <(tsv-pick -w oracle=median attack,queries,images,wrong "$E/tables/rounds.tsv")
	# Square's log and its file agree.
	[ "$(tsv-pick -w each=5 wrong "$E/tables/square.tsv")" -le "$(tsv-pick -w attack=square/many wrong "$E/tables/attacks.tsv")" ]
	[ "$(tsv-pick status "$E/attacks/square/many.tsv" | grep -c found)" = "$(tsv-pick -w attack=square/many wrong "$E/tables/attacks.tsv")" ]
}

@test "blackbox: no pixel is farther than the bound, and noise is at it" {
	find "$E/attacks" -name '*.npy' | while read -r file; do
		data=$E/data/network.npy
		[[ $file != */median/* ]] || data=$E/data/median.npy
		cp "$file" one.npy
		cp "$data" other.npy
		numpy "
a, x = get('one.npy')[0].astype(float), get('other.npy')[0].astype(float)
assert abs(a - x).max() <= 76.5 and a.min() >= 0 and a.max() <= 255 and (a != x).any(), '$file'"
	done
	numpy "
a, x = get('$E/attacks/noise.npy')[0].astype(float), get('$E/data/network.npy')[0].astype(float)
assert ((a == np.clip(x + 76.5, 0, 255)) | (a == np.clip(x - 76.5, 0, 255))).all()"
	rm one.npy other.npy
}

@test "blackbox: each statement of the document has a verdict" {
	[ "$(grep -c '<p class="claim" id="blackbox-claim-.*<span>[a-z ]*</span></p>' "$E/section.html")" = 3 ]
}

@test "blackbox: pictures in color, neither square nor of an even side, of three classes" {
	pictures bee 3,19,16 3
	made DATASETS=sets DATASET=bee TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 blackbox.images=5 blackbox.queries='4 8' \
		blackbox.square=4 blackbox.rounds=1 blackbox.copies=1 blackbox.steps=2 blackbox >color.log 2>&1 || { cat color.log; false; }
	[ "$(npy-info -s out/bee.quick/blackbox/substitutes/network/asked.npy | sed q)" = 8,3,19,16 ]
}

# The last: it changes the files of the others.
@test "blackbox: the fourth round steps down" {
	rm "$E/data/seeds.npy"
	made blackbox.images=20 blackbox.queries='1 2 4 8 16' blackbox.square=6 "$E/substitutes/network/asked.npy" >down.log
	npy-slice -k 0 :8 "$E/substitutes/network/asked.npy" >x.npy
	npy-slice -k 1 :8 "$E/substitutes/network/asked.npy" >y.npy
	nn-grad -c y.npy "$E/substitutes/network/8.safetensors" x.npy >g.npy
	numpy "
s = get('$E/substitutes/network/asked.npy')[0].astype(float)
x, g = get('x.npy')[0].astype(float), get('g.npy')[0]
assert len(s) == 16 and (s[8:] == np.clip(x - 25.5 * np.sign(g), 0, 255)).all()"
	rm x.npy y.npy g.npy
}

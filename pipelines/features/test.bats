load ../../tests/pipelines

setup_file() {
	small
	# What the tests below compute with.
	mkdir -p features
	local model=$D/patches/models
	for seed in best patches/1 patches/2; do
		nn-run -l relu3 "$model/$seed.safetensors" "$D/data/test.npy" >"features/${seed#patches/}.npy"
	done
	nn-run -l relu3 "$model/best.safetensors" "$D/data/train.npy" >features/train.npy
	for layer in conv1 conv2 conv3; do nn-weights "$model/best.safetensors" $layer.weight >features/$layer.npy; done
}

# Tables by their columns, and the maps of a 0 and of an 8.
python="E, D = '$E', '$D'"'
import csv
def table(name): return list(csv.DictReader(open(E + "/tables/" + name + ".tsv"), delimiter="\t"))
def column(rows, key): return [float(row[key]) for row in rows]
def places(rows): return [8 * int(row["row"]) + int(row["column"]) for row in rows]
def near(a, b, rtol=1e-5): np.testing.assert_allclose(np.array(a, float), b, rtol=rtol, atol=1e-9)
def read(name, data):
    labels = get(D + "/data/" + data + ".npy")[1]
    x = get("features/" + name + ".npy")[0].astype(float)
    return x[labels == 0], x[labels == 8]
def share(a, b):
    a, b = (v.mean((2, 3)).astype("f4")[:, None] for v in (a, b))
    b = b.swapaxes(0, 1)
    return (a > b).mean((0, 1)) + (a == b).mean((0, 1)) / 2
'

# Tolerances: sums of 64 float32 are within 64 * 6e-8 of the exact ones.
@test "features: a map's share of pairs, its mean and its place are those of a definition" {
	numpy "$python"'
test, train = read("best", "test"), read("train", "train")
maps = table("maps")
k = places(maps)
assert sorted(k) == list(range(64))
near(column(maps, "train"), share(*train)[k])
near(column(maps, "test"), share(*test)[k])
assert (np.diff(column(maps, "train")) <= 0).all()
near(column(maps, "mean_0"), test[0].mean((0, 2, 3))[k])
near(column(maps, "mean_8"), test[1].mean((0, 2, 3))[k])

middle = table("middle")
k = places(middle)
near(column(middle, "train"), share(*(x[:, :, 2:6, 2:6] for x in train))[k])
near(column(middle, "middle"), share(*(x[:, :, 2:6, 2:6] for x in test))[k])
outer = np.ones((8, 8)); outer[2:6, 2:6] = 0
near(column(middle, "rest"), share(*(x * outer for x in test))[k])
d = (test[0].mean(0) - test[1].mean(0)) / np.maximum(np.sqrt((test[0].var(0) + test[1].var(0)) / 2), 1e-30)
near(float(table("share")[0]["share"]), (d[:, 2:6, 2:6] ** 2).sum() / (d ** 2).sum())

for row in table("seeds"):
    s = share(*read(row["seed"], "test"))
    near([row["most"], row["least"], row["map_6_0"], row["map_5_0"], row["map_1_1"], row["map_5_2"]],
         [s.max(), s.min(), s[48], s[40], s[9], s[42]])'
}

@test "features: one pair of images is compared with all by Spearman's correlation and by the best maps" {
	numpy "$python"'
def ranks(v): return ((v[:, None] > v).sum(1) + (v[:, None] >= v).sum(1)) / 2
maps, pairs = table("maps"), table("pairs")
k = places(maps)
test = np.empty(64)
test[k] = column(maps, "test")
differences = get(E + "/sheets/differences.npy")[0]
assert len(pairs) == len(differences) > 10
np.testing.assert_allclose(differences[0][k], np.subtract(column(maps, "pair_0"), column(maps, "pair_8")), atol=1e-6)
for row, d in zip(pairs, differences):
    near(row["correlation"], np.corrcoef(ranks(d), ranks(test))[0, 1], 1e-9)
    order = np.argsort(d)
    assert int(row["for_0"]) == len(set(order[-5:]) & set(k[:5]))
    assert int(row["for_8"]) == len(set(order[:5]) & set(k[-5:]))'
}

@test "features: the share of a filter that its mean keeps" {
	numpy "$python"'
for layer, n in ("conv2", 32), ("conv3", 64):
    w = get("features/" + layer + ".npy")[0].astype(float)
    flat = np.repeat(w.mean(1, keepdims=True), w.shape[1], 1)
    kept = [row for row in table("kept") if row["layer"] == layer]
    assert len(kept) == n
    near(column(kept, "kept"), (flat ** 2).sum((1, 2, 3)) / (w ** 2).sum((1, 2, 3)))'
}

@test "features: all kernels of a layer are drawn, a row a filter, red where they are positive" {
	for layer in conv2:5:4 conv3:3:6; do
		IFS=: read -r name side pixel <<<$layer
		pngtopnm "$E/figures/$name-slices.png" | pnmtonpy >drawn.npy
		numpy "
name, side, pixel, gap = '$name', $side, $pixel, 3"'
w, drawn = get("features/" + name + ".npy")[0], get("drawn.npy")[0][0].astype(int)
step = side * pixel + gap
assert drawn.shape == (3, gap + w.shape[0] * step, gap + w.shape[1] * step)
center = lambda cells: np.add.outer(gap + step * np.arange(cells), pixel * np.arange(side) + pixel // 2)
rows, columns = center(w.shape[0]), center(w.shape[1])
red = (drawn[0] - drawn[2])[rows[:, None, :, None], columns[None, :, None, :]]
clear = abs(w) > 0.02 * abs(w).max()
assert (np.sign(red) == np.sign(w))[clear].all()'
	done
}

@test "features: each of the two grids has 64 maps, and the best are framed in the digit's color" {
	[ "$(npytotsv "$E/sheets/marks.npy" | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd ' ')" = "0:54 3:5 4:5" ]
	pngtopnm "$E/figures/relu3.png" | pnmtonpy >drawn.npy
	numpy "$python"'
drawn, maps, marks = get("drawn.npy")[0][0].astype(int), get(E + "/sheets/pair/relu3.npy")[0], get(E + "/sheets/marks.npy")[0]
best = places(table("maps"))
cells = []
for image, left in enumerate((12, 344)):
    for k in range(64):
        y, x = 12 + 56 * (k // 8), left + 40 * (k % 8)
        frame, cell = drawn[:, y, x], drawn[:, y + 4:y + 34:4, x + 4:x + 34:4]
        at = best.index(k)
        assert marks[k] == (3 if at < 5 else 4 if at > 58 else 0)
        assert {3: frame[2] > frame[0] + 50, 4: frame[0] > frame[2] + 50, 0: frame.min() == 255}[marks[k]]
        cells.append((cell.sum(0).ravel(), maps[image, k].ravel()))
drawn, true = (np.concatenate(part) for part in zip(*cells))
# Brighter is more.
order = np.argsort(true, kind="stable")
assert (np.diff(drawn[order]) >= -2).all() and drawn[order[0]] < 10 and drawn[order[-1]] > 500'
}

@test "features: a window shows the other digit, and the predictions are counted" {
	for pair in 0:8 8:0; do
		digit=${pair%:*} other=${pair#*:}
		for place in 0:above_left:0,0 4:middle:9,9 8:below_right:18,18; do
			IFS=:, read -r k name row column <<<$place
			npy-slice -k 0 "$k::9" "$E/sheets/$digit-window.npy" >window.npy
			inside=":,$row:$((row + 10)),$column:$((column + 10))"
			npy-slice "$inside" window.npy | npy-diff - <(npy-slice -k 0 "$inside" "$E/sheets/$other.npy")
			npy-slice ":,$(((row + 10) % 28)),:" window.npy | npy-diff - <(npy-slice -k 0 ":,$(((row + 10) % 28)),:" "$E/sheets/$digit.npy")
			nn-run "$D/patches/models/best.safetensors" window.npy | npy-reduce -a 1 argmax | npy-calc "a == $other" | npy-reduce sum |
				npytotsv | diff - <(tsv-pick -w "place=$name,row=$row,column=$column" "${digit}_predicted_$other" "$E/tables/window.tsv")
		done
	done
}

@test "features: the difference that a window takes from the maps" {
	numpy "$python"'
def mean(name): return get(E + "/sheets/" + name + ".means.npy")[0].astype(float)
whole = mean("0").mean(0) - mean("8").mean(0)
left = np.array([mean("0-window")[place::9].mean(0) - mean("8-window")[place::9].mean(0) for place in range(9)])
closed = table("closed")
for place, name in enumerate("above_left above above_right left middle right below_left below below_right".split()):
    want = ((whole - left[place]) / (2 * whole))[places(closed)]
    near(column(closed, name), want, 1e-3)'
}

@test "features: layers are drawn on the scale of the image" {
	printf '%s\t%s\t%s\n' layer scale margin relu1 4 8 relu2 4 16 maxpool1 8 16 relu3 8 24 | diff - "$E/tables/series.tsv"
}

@test "features: three claims, and none about other networks where there is one" {
	[ "$(grep -c 'class="claim"' "$E/section.html")" = 3 ]
	# Fewer seeds are no newer ones.
	rm "$E/sheets/seeds.npy"
	made SEEDS=1 features >/dev/null
	grep -q 'id="features-claim-places".*<span>undecided</span>' "$E/section.html"
	rm "$E/sheets/seeds.npy"
	made features >/dev/null
	grep -qE 'id="features-claim-places".*all four in [0-2] of 2 networks' "$E/section.html"
}

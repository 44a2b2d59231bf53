load ../../tests/pipelines

setup_file() {
	small
	mkdir -p interpretable
	for net in ordinary interpretable; do
		nn-run -l relu3 "$E/models/$net/1.safetensors" "$E/data/test.npy" >"interpretable/$net.npy"
	done
	nn-run -l template1 "$E/models/interpretable/1.safetensors" "$E/data/test.npy" >interpretable/masked.npy
}

# The landmarks and the columns of a table of filters, by their definitions.
python="E = '$E'"'
import csv, math
def table(name): return list(csv.DictReader(open(E + "/" + name + ".tsv"), delimiter="\t"))
def landmarks(images):
    images = images.astype(float)
    points = []
    for image in images:
        yy, xx = np.mgrid[:image.shape[0], :image.shape[1]]
        ink = image >= image.max() / 2
        y, x = np.nonzero(ink)
        points.append([((image * yy).sum() / image.sum(), (image * xx).sum() / image.sum()),
                       (y.min(), x[y == y.min()].mean()), (y.max(), x[y == y.max()].mean()),
                       (y[x == x.min()].mean(), x.min()), (y[x == x.max()].mean(), x.max())])
    return np.array(points)
def instability(py, px, points, shape):
    away = np.hypot(points[:, :, 0] - py[:, None], points[:, :, 1] - px[:, None])
    return away.std(0).mean() / np.hypot(*shape)
'

# The table has six decimals.
@test "interpretable: the landmarks are those of a definition" {
	numpy "$python"'
images, labels = get(E + "/data/test.npy")
rows = table("tables/test.landmarks")
assert len(rows) == len(images) == 200
assert [int(row["class"]) for row in rows] == labels.tolist()
names = [(place + "_y", place + "_x") for place in "center top bottom left right".split()]
got = np.array([[(float(row[y]), float(row[x])) for y, x in names] for row in rows])
np.testing.assert_allclose(got, landmarks(images), atol=1e-5)'
}

@test "interpretable: an image without light has its landmarks in the middle, and one pixel has all on it" {
	printf '3\t0\t0\t0\t0\t0\t0\n4\t0\t0\t0\t0\t9\t0\n' | awk -v rows=2 -v columns=3 -f pipelines/interpretable/landmarks.awk >two.tsv
	sed -n 2p two.tsv | diff - <(printf '3\t0.500000\t1\t0.500000\t1\t0.500000\t1\t0.500000\t1\t0.500000\t1\n')
	sed -n 3p two.tsv | diff - <(printf '4\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\n')
}

# Sums of squares of distances up to 40, with six decimals in the table.
@test "interpretable: the columns of the filters are those of a definition" {
	numpy "$python"'
images, labels = get(E + "/data/test.npy")
points, shape, n = landmarks(images), images.shape[1:], 30
for net in "ordinary", "interpretable":
    maps = get("interpretable/" + net + ".npy")[0]
    rows = table("filters/test/" + net + "/1")
    assert len(rows) == maps.shape[1] == 128
    measured = 0
    for f, row in enumerate(rows):
        assert int(row["filter"]) == f
        flat = maps[:, f].reshape(len(maps), -1)
        peak, place = flat.max(1), flat.argmax(1)
        def near(key, want): np.testing.assert_allclose(float(row[key]), want, rtol=1e-4, atol=2e-6)
        near("active", (peak > 0).mean())
        order = np.argsort(-peak, kind="stable")
        order = order[peak[order] > 0]
        if len(order) < n:
            assert row["instability"] == row["class"] == "nan"
            continue
        measured += 1
        py = (place // 7 + 0.5) * 4 - 0.5
        px = (place % 7 + 0.5) * 4 - 0.5
        first = order[:n]
        share = np.bincount(labels[first], minlength=10) / n
        near("peak", peak[first].mean())
        near("class", share.argmax())
        near("share", share.max())
        near("entropy", -sum(p * math.log2(p) for p in share if p))
        near("instability", instability(py[first], px[first], points[first], shape))
        middle = np.full(n, 13.5)
        near("middle", instability(middle, middle, points[first], shape))
        own = order[labels[order] == share.argmax()][:n]
        near("within", instability(py[own], px[own], points[own], shape))
    assert measured > 20'
}

@test "interpretable: the mask keeps the peaks" {
	numpy 'a, b = get("interpretable/interpretable.npy")[0], get("interpretable/masked.npy")[0]
assert (a.max((2, 3)) == b.max((2, 3))).all() and (b <= a).all()
assert ((b > 0).sum((2, 3)) <= 5).all() and b.max() > 0'
}

@test "interpretable: the validation images choose the weight" {
	# Errors of 1 and 1.05 %, the least instability; none within 0.1 points; and one that has no filters left.
	choose() { printf '%s\n' $'quantity\tnet\tmean' "$@" | awk -v points=0.1 -f pipelines/interpretable/choose.awk | tail -n 1; }
	choose $'val_error\tordinary\t0.01' $'val_error\ta\t0.0105' $'val_error\tb\t0.01' $'val_error\tc\t0.012' \
		$'instability\tordinary\t0.01' $'instability\ta\t0.05' $'instability\tb\t0.06' $'instability\tc\t0.01' | diff - <(printf 'a\tyes\n')
	choose $'val_error\tordinary\t0.01' $'val_error\ta\t0.0145' $'val_error\tb\t0.014' \
		$'instability\tordinary\t0.01' $'instability\ta\t0.05' $'instability\tb\t0.06' | diff - <(printf 'b\tno\n')
	choose $'val_error\tordinary\t0.01' $'val_error\ta\t0.01' $'val_error\tb\t0.0105' \
		$'instability\tordinary\t0.01' $'instability\ta\tnan' $'instability\tb\t0.06' | diff - <(printf 'b\tyes\n')
	chosen=$(tail -n 1 "$E/tables/chosen.tsv" | cut -f 1)
	for seed in 1 2; do cmp "$E/models/$chosen/$seed.safetensors" "$E/models/interpretable/$seed.safetensors"; done
}

@test "interpretable: the means over the filters, and the nine strongest images" {
	numpy "$python"'
for row in table("tables/compared"):
    filters = table("filters/test/" + row["net"] + "/" + row["seed"])
    alive = [f for f in filters if f["instability"] != "nan"]
    assert int(row["alive"]) == len(alive) and int(row["filters"]) == len(filters)
    for key in "instability", "within", "middle", "entropy", "share":
        np.testing.assert_allclose(float(row[key]), np.mean([float(f[key]) for f in alive]), rtol=1e-4)
    moved = [float(f["instability"]) for f in table("filters/shifted/" + row["net"] + "/" + row["seed"])]
    np.testing.assert_allclose(float(row["shifted"]), np.nanmean(moved), rtol=1e-4)
for net in "ordinary", "interpretable":
    maps, sheet = get("interpretable/" + net + ".npy")[0], table("sheets/" + net)
    assert [row["filter"] for row in sheet[::9]] == [row["filter"] for row in table("tables/" + net + ".strongest")]
    for f in {int(row["filter"]) for row in sheet}:
        peak = maps[:, f].max((1, 2))
        np.testing.assert_allclose([float(row["peak"]) for row in sheet if int(row["filter"]) == f], np.sort(peak)[::-1][:9], rtol=1e-6)'
}

@test "interpretable: a picture has the peak in red and what the receptive field does not reach pale" {
	pngtopnm "$E/figures/images-ordinary.png" | pnmtonpy >drawn.npy
	numpy "$python"'
drawn, sheet = get("drawn.npy")[0][0].astype(int), table("sheets/ordinary")
images, _ = get(E + "/data/test.npy")
place, image = int(sheet[0]["place"]), images[int(sheet[0]["image"])]
cell = drawn[:, 4:4 + 56:2, 4:4 + 56:2]
y, x = 4 * (place // 7), 4 * (place % 7)
assert (cell[0, y:y + 4, x:x + 4] == 255).all() and (cell[1:, y:y + 4, x:x + 4] <= 128).all()
red = (cell[0] == 255) & (cell[1] <= 128)
assert red.sum() == 16
yy, xx = np.mgrid[:28, :28]
inside = (abs(yy - y - 1.5) < 9) & (abs(xx - x - 1.5) < 9)
assert (cell[:, inside & ~red] == image[inside & ~red]).all()
assert (cell[:, ~inside] >= 150).all()'
}

@test "interpretable: two claims, undecided on drawn digits" {
	[ "$(grep -c 'class="claim"' "$E/section.html")" = 2 ]
	grep -q 'id="interpretable-claim-parts".*<span>undecided</span>' "$E/section.html"
}

@test "interpretable: color pictures of other sizes, of three classes" {
	pictures interpretable-color 3,20,24 3
	made DATASETS=sets DATASET=interpretable-color interpretable >color.log 2>&1 || { cat color.log; false; }
	# 20 x 24 pixels: maps of 5 x 6.
	sed -n 2p out/interpretable-color.quick/interpretable/tables/top.tsv | diff - <(printf '128\t5\t6\t18\t18\t3\t20\t24\n')
	pngtopnm out/interpretable-color.quick/interpretable/figures/images-ordinary.png | pnmtonpy | npy-info -s | grep -q '^1,3,'
}

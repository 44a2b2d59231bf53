load ../../tests/pipelines

setup_file() {
	small guided.images=2 guided.seeds='1001 1002' guided.drawn-channels=2
}

M=$D/fashion/models/best.safetensors

# spearman and the maps of a file, for numpy.
library='
def ranks(v): return ((v[:, None] > v).sum(1) + (v[:, None] >= v).sum(1)) / 2
def spearman(a, b):
    a, b = ranks(abs(a).ravel()), ranks(abs(b).ravel())
    return np.corrcoef(a, b)[0, 1] if a.std() * b.std() > 0 else np.nan
'

@test "guided: the nine images are those with the largest means" {
	nn-run -l relu4 "$M" "$D/data/test.npy" >maps.npy
	numpy "
strength = get('maps.npy')[0].astype(float).mean((2, 3))
rows = [l.split('\t') for l in open('$E/tables/nine.tsv')][1:]
assert len(rows) % 9 == 0 and len(rows)
for k in range(0, len(rows), 9):
    channel = int(rows[k][0])
    assert all(int(r[0]) == channel for r in rows[k:k + 9])
    # The sums have another order here.
    np.testing.assert_allclose([float(r[3]) for r in rows[k:k + 9]], np.sort(strength[:, channel])[::-1][:9], rtol=1e-5)
    np.testing.assert_allclose([strength[int(r[2]), channel] for r in rows[k:k + 9]], [float(r[3]) for r in rows[k:k + 9]], rtol=1e-5)
live = [int(l.split('\t')[0]) for l in list(open('$E/tables/channels.tsv'))[1:]]
assert len(set(live)) == len(live) == min(10, (strength.max(0) > 0).sum()) and (strength[:, live].max(0) > 0).all()
"
	rm maps.npy
}

@test "guided: a pair of images of one class is alike" {
	printf 'channel\trank\timage\tstrength\tclass\n3\t1\t0\t9\tBag\n3\t2\t1\t8\tCoat\n3\t3\t2\t7\tBag\n5\t1\t0\t9\tCoat\n5\t2\t1\t8\tCoat\n' |
		awk -f pipelines/guided/alike.awk | sed 1d | awk '{ printf "%s %.4f %s %d\n", $1, $2, $3, $4 }' |
		diff - <(printf '3 0.3333 Bag 2\n5 1.0000 Coat 2\n')
	numpy "
y = get('$D/data/test.npy')[1]
same = (y[:, None] == y).sum() - len(y)
found = float(list(open('$E/tables/chance.tsv'))[1])
np.testing.assert_allclose(found, same / (len(y) * (len(y) - 1)), rtol=1e-5) # awk prints six digits
"
}

@test "guided: Grad-CAM and the three gradients are those of their definitions" {
	nn-run -l relu4 "$M" "$E/sheets/sanity.npy" >maps.npy
	nn-grad -c label --at relu4 "$M" "$E/sheets/sanity.npy" >gradient.npy
	nn-grad -c label -r guided "$M" "$E/sheets/sanity.npy" >guided.npy
	numpy "
found = get('$E/maps/0.npy')[0]
cam = np.maximum((get('maps.npy')[0] * get('gradient.npy')[0].mean((2, 3), keepdims=True)).sum(1), 0)
h, w = found.shape[2:]
down, across = -(-h // cam.shape[1]), -(-w // cam.shape[2])
np.testing.assert_allclose(found[3], cam.repeat(down, 1).repeat(across, 2)[:, :h, :w], rtol=1e-4, atol=1e-5 * cam.max())
assert (found[2] == get('guided.npy')[0]).all()
assert found.shape[0] == 4 and not (found[0] == found[1]).all()
"
	rm maps.npy gradient.npy guided.npy
}

@test "guided: a network of a depth has the layers above drawn anew, and no other" {
	nn-info -n "$M" | nn-init -s 1002 --from "$M" --fresh dense3,dense2,dense1,conv4,conv3 >drawn
	nn-grad -c label -r guided drawn "$E/sheets/sanity.npy" | cmp - <(npy-slice 2 "$E/maps/5.1002.npy")
	cmp <(nn-weights drawn conv2.weight) <(nn-weights "$M" conv2.weight)
	run ! cmp -s <(nn-weights drawn conv3.weight) <(nn-weights "$M" conv3.weight)
	channel=$(tsv-pick channel "$E/tables/channels.tsv" | sed -n 2p)
	nn-grad -r guided -l "relu4:$channel" drawn "$E/sheets/classes.npy" | cmp - <(npy-slice 1 "$E/maps/channels.5.1002.npy")
	rm drawn
}

@test "guided: the correlations are those of ranks" {
	npy-slice -k 0 "$E/sheets/sanity.npy" >images.npy
	numpy "$library
import csv
names, trained = ['plain', 'deconv', 'guided', 'cam'], get('$E/maps/0.npy')[0]
channels = get('$E/sheets/channels.guided.npy')[0][:, 9:]
means, n = {}, 0
for row in csv.DictReader(open('$E/tables/sanity.tsv'), delimiter='\t'):
    i, at = int(row['image']), '%s.%s' % (row['layers'], row['seed'])
    if row['map'] == 'channels':
        k = len(channels[0])
        r = spearman(channels[i // k, i % k], get('$E/maps/channels.%s.npy' % at)[0][i // k, i % k])
    else:
        m = names.index(row['map'])
        r = spearman(trained[m, i], get('$E/maps/%s.npy' % at)[0][m, i])
    found = float(row['correlation'])
    assert np.isnan(found) == np.isnan(r), row
    if not np.isnan(r):
        np.testing.assert_allclose(found, r, atol=1e-9) # doubles, printed in full
        means.setdefault((row['map'] + ' ' + row['layers'], row['seed']), []).append(r)
        n += 1
assert n > 200
for row in csv.DictReader(open('$E/tables/cascade.tsv'), delimiter='\t'):
    each = [np.mean(v) for (key, seed), v in means.items() if key == row['map layers']]
    np.testing.assert_allclose(float(row['mean']), np.mean(each), atol=1e-5)
    assert int(row['runs']) == len(each)
image = get('images.npy')[0]
r = [spearman(a, b) for a, b in zip(trained[2], image)]
row = [l.split('\t') for l in open('$E/tables/pairs.tsv') if '\tguided image\t' in l][0]
np.testing.assert_allclose(float(row[3]), np.nanmean(r), atol=1e-5)
next = [np.nanmean([spearman(a, b) for a, b in zip(channels[k], channels[(k + 1) % len(channels)])]) for k in range(len(channels))]
row = list(open('$E/tables/others.tsv'))[1].split('\t')
np.testing.assert_allclose(float(row[3]), np.nanmean(next), atol=1e-5)
"
	rm images.npy
}

@test "guided: patterns are added with the same strength, and gain what the channel says" {
	channel=$(tsv-pick channel "$E/tables/channels.tsv" | sed -n 1p)
	for map in guided random; do
		npy-slice 0,:9 "$E/sheets/images.npy" >images.npy
		npy-slice 0,:9 "$E/sheets/channels.$map.npy" >patterns.npy
		numpy '
x, p = get("images.npy")[0].astype(float), get("patterns.npy")[0].astype(float)
size = np.sqrt((p ** 2).mean((1, 2), keepdims=True))
put((x + np.where(size > 0, 8 * p / np.where(size > 0, size, 1), 0)).astype("f4"))' >added.npy
		nn-run -l relu4 "$M" images.npy >before.npy
		nn-run -l relu4 "$M" added.npy >after.npy
		numpy "
a, b = (get(f)[0][:, $channel].astype(float).mean((1, 2)) for f in ('before.npy', 'after.npy'))
rows = [l.split('\t') for l in open('$E/tables/gains.tsv')]
found = [float(r[3]) for r in rows if r[0] == '$map' and r[1] == '$channel']
np.testing.assert_allclose(found, 100 * (b / a - 1), rtol=1e-3, atol=1e-3) # 32-bit pixels
"
	done
	rm images.npy patterns.npy added.npy before.npy after.npy
}

# claims FILE: the names of the claims, and their verdicts.
claims() {
	sed -nE 's,^<p class="claim" id="guided-claim-([^"]*)">.*<span>([^<]*)</span></p>$,\1 \2,p' "$1"
}

@test "guided: each statement of the document has a verdict that follows from the tables" {
	claims "$E/section.html" >found
	[ "$(cut -d ' ' -f 1 found | paste -s -d ' ')" = 'rule excite detectors sanity' ]
	low=$(tsv-pick -w 'map layers=guided 3' low "$E/tables/cascade.tsv")
	high=$(tsv-pick -w 'map layers=guided 3' high "$E/tables/cascade.tsv")
	verdict=$(awk -v low="$low" -v high="$high" 'BEGIN { print(low > 0.5 ? "does not hold" : high < 0.5 ? "holds" : "undecided") }')
	grep -qx "sanity $verdict" found
	rm found
}

@test "guided: pictures in color, neither square nor of an even side, of three classes" {
	pictures guided 3,19,16 3
	made DATASETS=sets DATASET=guided TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 guided.images=1 guided.seeds=1001 \
		guided.drawn-channels=1 guided >color.log 2>&1 || { cat color.log; false; }
	color=out/guided.quick/guided
	[ "$(npy-info -s $color/maps/0.npy)" = 4,3,19,16 ]
	[ "$(npy-info -s $color/sheets/channels.guided.npy | cut -d , -f 2-)" = 12,3,19,16 ]
	[ "$(claims $color/section.html | wc -l)" = 4 ]
}

load ../../tests/pipelines

setup_file() {
	small inside.covered=3
}

M=$D/mnist/models/best.safetensors

@test "inside: the network is the best, as it was trained" {
	read -r net seed _ < <(sed -n 2p "$D/mnist/tables/best.tsv")
	[ "$(sed 1d "$E/tables/unchanged.tsv" | wc -l)" = 2 ]
	[ "$(sed 1d "$E/tables/unchanged.tsv" | cut -f 2 | sort -u)" = "$(sha256sum <"$D/mnist/models/$net/$seed.safetensors" | cut -d ' ' -f 1)" ]
}

@test "inside: the command of a record makes the same again" {
	for output in sheets/twenty.npy tables/kernels.tsv tables/occlusion-15.tsv tables/nine.tsv figures/occlusion-15.png; do
		cp -p "$E/$output" "$scratch/before"
		PATH=$root/${B:-build}/bin:$PATH bash -e -o pipefail -c "$(sed '/^$/,$d' "$E/record/$output")"
		cmp "$scratch/before" "$E/$output"
		cp -p "$scratch/before" "$E/$output"
	done
}

@test "inside: the parts of a kernel" {
	{
		printf 'flat\t1\t1\t1\t1\t1\t1\t1\t1\t1\n'
		printf 'edge\t-1\t0\t1\t-1\t0\t1\t-1\t0\t1\n'
		printf 'edge\t-1\t-1\t-1\t0\t0\t0\t1\t1\t1\n'
		printf 'spot\t-1\t-1\t-1\t-1\t8\t-1\t-1\t-1\t-1\n'
		printf 'other\t1\t0\t-1\t0\t0\t0\t-1\t0\t1\n'
		printf 'zero\t0\t0\t0\t0\t0\t0\t0\t0\t0\n'
	} | awk -f pipelines/inside/kernels.awk >found
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' kernels mean edge center rest mostly_edge mostly_center \
		flat 1 0 0 0 0 0  edge 0 1 0 0 1 0  edge 0 1 0 0 1 0  spot 0 0 1 0 0 1  other 0 0 0 1 0 0  zero 0 0 0 1 0 0 | diff - found
}

@test "inside: the parts of kernels of 5 x 5 are projections onto their patterns" {
	npy-random normal 20,25 >weights.npy
	npytotsv weights.npy | sed 's/^/x\t/' | awk -f pipelines/inside/kernels.awk | sed 1d | cut -f 2-5 | tsvtonpy >parts.npy
	numpy '
w = get("weights.npy")[0].astype(float)
y, x = np.mgrid[-2:3, -2:3]
center = np.where((x == 0) & (y == 0), 24, -1)
share = lambda *patterns: sum((w @ p.ravel()) ** 2 / (p ** 2).sum() for p in patterns) / (w ** 2).sum(1)
parts = [share(x * 0 + 1), share(x, y), share(center)]
put(np.array(parts + [1 - sum(parts)]).T)' | npy-diff --any-type -a 1e-6 - parts.npy # of a nine-digit table
	rm weights.npy parts.npy
}

@test "inside: the table of kernels has the means over a layer, and over random kernels those of theory" {
	[ "$(tsv-pick kernels,number "$E/tables/kernels.tsv" | head -n 2)" = $'conv1\t32\nconv2\t1024' ]
	for part in mean edge center rest; do
		tsv-pick -w kernels=conv2 $part "$E/tables/kernels-each.tsv" | awk -v mean="$(tsv-pick -k conv2 $part "$E/tables/kernels.tsv")" '
			{ sum += $1 } END { exit !(NR == 1024 && (sum / NR - mean) ^ 2 < 1e-10) }'
	done
	# One, two, one and five of nine dimensions.  The mean share of 10,000 kernels has a standard deviation of 0.002.
	tsv-pick -k chance mean,edge,center,rest "$E/tables/kernels.tsv" | awk '
		function near(x, y) { return (x - y) ^ 2 < 0.01 ^ 2 }
		{ exit !(near($1, 1 / 9) && near($2, 2 / 9) && near($3, 1 / 9) && near($4, 5 / 9)) }'
}

@test "inside: filters that are zero everywhere are counted as dead" {
	for layer in relu1 relu2; do
		nn-run -l $layer "$M" "$D/data/test.npy" >maps.npy
		numpy '
z = (get("maps.npy")[0] == 0).mean((0, 2, 3))
print(len(z), (z == 1).sum(), (z > 0.9).sum(), *("%.6f" % f(z) for f in (np.min, np.mean, np.max)), sep="\t")' |
			diff - <(tsv-pick -k $layer filters,dead,zero_at_nine_in_ten,least,mean,most "$E/tables/silent.tsv" |
				awk -v OFS='\t' '{ for (i = 4; i <= 6; i++) $i = sprintf("%.6f", $i); print }')
	done
	rm maps.npy
}

@test "inside: the middle of an occlusion map is what a patch inside the image gives" {
	for patch in 15 5; do
		places=$((29 - patch))
		img-occlude -p $patch "$E/sheets/twenty.npy" | nn-run "$M" | npy-reduce -a 1 argmax |
			npy-reshape -1,$places,$places >inside.npy
		npy-slice ":,$((patch / 2)):$((patch / 2 + places)),$((patch / 2)):$((patch / 2 + places))" \
			"$E/sheets/occlusion/$patch.classes.npy" | npy-diff inside.npy -
		[ "$(tsv-pick places "$E/tables/occlusion-$patch.tsv" | sort -u)" = $((places * places)) ]
	done
	rm inside.npy
}

@test "inside: the table of a patch is what NumPy makes of the images" {
	numpy "
images, labels = get('$E/sheets/twenty.npy')
P = get('$E/sheets/twenty.probabilities.npy')[0]
Q = get('$E/sheets/occlusion/7.probabilities.npy')[0].reshape(len(images), 28, 28, 10)
rows = [l.rstrip('\n').split('\t') for l in open('$E/tables/occlusion-7.tsv')]
assert len(rows) == len(images) + 1
for i, cells in enumerate(rows[1:]):
    row, c = dict(zip(rows[0], cells)), labels[i]
    p, classes = Q[i, ..., c], Q[i].argmax(2)
    wide = np.pad(images[i].astype(float), 3)
    under = np.array([[wide[y:y + 7, x:x + 7].sum() for x in range(28)] for y in range(28)]) / images[i].sum()
    lost = P[i, c] - p
    middle = slice(3, 25), slice(3, 25)
    to = classes[middle][classes[middle] != P[i].argmax()]
    want = dict(image=i, true=c, predicted=P[i].argmax(), places=484, flips=len(to), share=len(to) / 484, probability=P[i, c],
        of_them=np.bincount(to, minlength=10).max(), worst_class=classes.ravel()[p.argmin()], worst=p.min(),
        low=p[middle].min(), high=p[middle].max(), lost_ink=lost[under > 0.1].mean(), lost_background=lost[under < 0.01].mean(),
        correlation=np.corrcoef(under.ravel(), lost.ravel())[0, 1])
    if len(to): want['most_flips'] = np.bincount(to).argmax()
    # The table has four digits after the point, of a correlation three.
    for key in want:
        np.testing.assert_allclose(float(row[key]), want[key], atol=6e-4 if key == 'correlation' else 6e-5, err_msg=f'{i} {key}')
"
}

@test "inside: covered images, their classes, and the places of 3 and 9 are those of NumPy" {
	img-occlude "$E/sheets/right.npy" | nn-run "$M" >logits.npy
	numpy "
labels = get('$E/sheets/right.npy')[1]
classes = get('logits.npy')[0].argmax(1).reshape(len(labels), 14, 14)
assert (classes == get('$E/sheets/covered.npy')[0]).all()
assert np.bincount(labels).max() <= 3 and len(set(labels)) == 10
counts = np.zeros((10, 10), int)
np.add.at(counts, (np.repeat(labels, 196), classes.ravel()), 1)
table = lambda name: [l.rstrip('\n').split('\t') for l in open(f'$E/tables/{name}.tsv')][1:]
assert (np.array(table('covered'), int) == counts).all()
near = lambda row, x: np.testing.assert_allclose(float(row[3]), x, rtol=1e-5)
for row in table('three'): near(row, (classes[labels == 3] == int(row[1])).mean())
wrong = (classes != 9)[labels == 9]
low = wrong[:, 7:, 7:].mean()
rest = (wrong.sum() - wrong[:, 7:, 7:].sum()) / (len(wrong) * (196 - 49))
for row, want in zip(table('nine'), (low, rest, rest - low)): near(row, want)
"
	rm logits.npy
}

@test "inside: how far the maps follow the image is the correlation with its blocks" {
	for layer in relu1 relu2; do
		nn-run -l $layer "$M" "$E/sheets/right.npy" >maps.npy
		numpy "
images = get('$E/sheets/right.npy')[0].astype(float)
maps = get('maps.npy')[0].astype(float)
side = maps.shape[2]
blocks = images.reshape(-1, side, 28 // side, side, 28 // side).mean((2, 4)).reshape(len(images), -1)
strength = np.sqrt((maps ** 2).mean(1)).reshape(len(images), -1)
mean = np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(blocks, strength)])
rows = [l.split('\t') for l in open('$E/tables/shape.tsv')]
found = [float(row[3]) for row in rows if row[1] == '$layer']
np.testing.assert_allclose(found, mean, rtol=1e-5)"
	done
	rm maps.npy
}

@test "inside: integrated gradients add up to what the logit gains" {
	# The sum of 64 points misses the integral where a ReLU bends between them.
	sed 1d "$E/tables/completeness.tsv" | awk -F '\t' '
		{ n++; bad += ($4 < 0 ? -$4 : $4) > 0.05 + 0.02 * ($3 < 0 ? -$3 : $3) } END { exit n != 10 || bad }'
}

@test "inside: rank correlations are those of ranks, over all pixels and over those with ink" {
	npy-slice -k 0 "$E/sheets/ten.npy" >ten.npy
	numpy "
import csv
def ranks(v): return ((v[:, None] > v).sum(1) + (v[:, None] >= v).sum(1)) / 2
def load(model, name): return abs(np.load(f'$E/sheets/maps/{model}.{name}.npy'))
images = np.load('ten.npy')
numbers, means = 0, {}
for row in csv.DictReader(open('$E/tables/sanity.tsv'), delimiter='\t'):
    best, other = load('best', row['map']), load(row['model'], row['map'])
    i, side = int(row['image']), best.shape[1]
    chosen = images[i].reshape(side, 28 // side, side, 28 // side).max((1, 3)) >= (row['pixels'] == 'ink')
    a, b = ranks(best[i][chosen]), ranks(other[i][chosen])
    if a.std() * b.std() > 0:
        # Doubles, printed in full.
        r = np.corrcoef(a, b)[0, 1]
        np.testing.assert_allclose(float(row['correlation']), r, atol=1e-9)
        numbers += 1
        means.setdefault((row['map'], row['model'], row['pixels']), []).append(r)
    else:
        assert row['correlation'] == 'nan'
assert numbers > 200
for row in csv.DictReader(open('$E/tables/agreement.tsv'), delimiter='\t'):
    mean = np.mean(means.get((row['map'], row['model'], row['pixels']), [np.nan]))
    np.testing.assert_allclose(float(row['correlation']), mean, atol=6e-5)"
	rm ten.npy
}

# claims FILE: the names of the claims, and their verdicts.
claims() {
	sed -nE 's,^<p class="claim" id="inside-claim-([^"]*)">.*<span>([^<]*)</span></p>$,\1 \2,p' "$1"
}

@test "inside: each statement of the report has a verdict" {
	claims "$E/section.html" >found
	[ "$(cut -d ' ' -f 1 found | paste -s -d ' ')" = 'edges centers higher shape localized dead regions fails three nine' ]
	dead=$(tsv-pick dead "$E/tables/silent.tsv" | paste -s -d +)
	grep -qx "dead $([ $((dead)) = 0 ] && echo holds || echo 'does not hold')" found
	# They speak of MNIST.
	grep -qx 'three undecided' found
	grep -qx 'nine undecided' found
}

@test "inside: pictures in color, neither square nor of an even side, of which few are classified correctly, and one seed" {
	pictures odd 3,19,16 8
	made DATASETS=sets DATASET=odd TRAIN_IMAGES=100 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 inside.covered=2 inside >/dev/null 2>&1
	color=out/odd.quick/inside
	[ "$(cat out/odd.quick/data/shape)" = 3x19x16 ]
	[ "$(npy-info -s $color/sheets/occlusion/15.ink.npy)" = "$(npy-slice -k 1 $color/sheets/twenty.npy | npytotsv | wc -l),19,16" ]
	[ "$(npy-info -s $color/sheets/maps/best.saliency.npy)" = 10,19,16 ]
	[ "$(npy-info -s $color/sheets/maps/best.cam.npy)" = 10,9,8 ]
	npy-slice -k 0 $color/sheets/twenty.npy >twenty.npy
	numpy "
x = get('twenty.npy')[0].astype(float)
wide = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
under = np.array([[wide[:, :, y:y + 5, z:z + 5].sum((1, 2, 3)) for z in range(16)] for y in range(19)]).transpose(2, 0, 1)
put((under / x.sum((1, 2, 3))[:, None, None]).astype('f4'))" | npy-diff -a 1e-6 - $color/sheets/occlusion/5.ink.npy # of 32-bit floats
	rm twenty.npy
	# There is no 9.
	claims $color/section.html >found
	[ "$(cut -d ' ' -f 1 found | paste -s -d ' ')" = 'edges centers higher shape localized dead regions fails three' ]
	run ! grep -E '\bnan\b' <(sed '/<table>/,/<\/table>/d; /<details>/,/<\/details>/d' $color/section.html)
}

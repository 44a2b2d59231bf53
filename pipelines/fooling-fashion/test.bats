load ../../tests/pipelines

setup_file() {
	small fooling-fashion.images=2 fooling-fashion.bounds='8 32 128' fooling-fashion.tries=5 fooling-fashion.steps=20 \
		fooling-fashion.most=50 fooling-fashion.sizes='100 300 1000 3000'
}

M=$D/fashion/models/best.safetensors

@test "fooling-fashion: the network is the best, as it was trained" {
	grep -h "  $M$" "$E"/record/attacks/*.npy | sort -u | diff - <(sha256sum "$M")
}

@test "fooling-fashion: answers are what nn-run says of the file, and of it as a picture" {
	for attack in pairs within-32 recipe; do
		nn-run -p "$M" "$E/attacks/$attack.npy" >plain.npy
		npytopnm -e -r 0:255 "$E/attacks/$attack.npy" | pnmtonpy | nn-run -p "$M" >picture.npy
		numpy "
p, q = get('plain.npy')[0], get('picture.npy')[0]
rows = np.loadtxt('$E/tables/$attack.answers.tsv', skiprows=1)
t = np.arange(len(p)) % 10
assert (rows[:, 0] == t).all() and (rows[:, 1] == p.argmax(1)).all() and (rows[:, 3] == q.argmax(1)).all()
# Nine digits are printed, six by awk.
np.testing.assert_allclose(rows[:, 2], p[range(len(t)), t], rtol=1e-5, atol=1e-9)
np.testing.assert_allclose(rows[:, 4], q[range(len(t)), t], rtol=1e-5, atol=1e-9)"
	done
	rm plain.npy picture.npy
}

@test "fooling-fashion: changes are within their bounds, and pixels within theirs" {
	for bound in 8 32; do
		numpy "
a, x = get('$E/attacks/within-$bound.npy')[0].astype(float), get('$E/attacks/each.npy')[0].astype(float)
assert abs(a - x).max() <= $bound + 1e-4 and a.min() >= 0 and a.max() <= 255 and abs(a - x).max() > 0" # 32-bit pixels
	done
	numpy "
a, x, y = get('$E/attacks/recipe.npy')[0].astype(float), *get('$E/attacks/images.npy')
first = [np.flatnonzero(y == c)[0] for c in np.unique(y)]
assert abs(a - x[np.repeat(first, 10)]).max() <= 1.275 + 1e-4"
}

@test "fooling-fashion: a step goes up the logarithm of the probability of the target" {
	npy-slice :1 "$E/attacks/noise.npy" | npy-calc 'clip(a, 0, 255)' >x.npy
	echo 3 | tsvtonpy -t i8 >three.npy
	nn-grad -c three.npy --of loss "$M" x.npy | npy-calc 'clip(b - 1000 * a, 0, 255)' - x.npy >by-hand.npy
	nn-ascend --of loss -s -1000 -c 3 --box -n 1 "$M" x.npy | npy-diff -a 1e-3 - by-hand.npy
	rm x.npy three.npy by-hand.npy
}

@test "fooling-fashion: the least bounds are those of the tries, by hand and by NumPy" {
	{
		printf 'bound\timage\ttrue\ttarget\tpredicted\tprobability\tpredicted_8bit\tprobability_8bit\n'
		printf '%s\t0\t1\t%s\t%s\t0.5\t%s\t0.5\n' 1 0 1 1 1 1 1 1 1 2 1 1 2 0 0 1 2 1 1 1 2 2 1 1 4 0 0 0 4 1 1 1 4 2 1 1
	} | awk -f pipelines/fooling-fashion/least.awk | sed 1d | diff - <(printf '0\t1\t0\t2\t4\n0\t1\t2\tnan\tnan\n')
	numpy "
import csv
tries = [{k: float(v) for k, v in r.items()} for r in csv.DictReader(open('$E/tables/tries.tsv'), delimiter='\t')]
assert len(tries) == 3 * len(get('$E/attacks/each.npy')[1])
for name, column in (('least', 'predicted'), ('least_8bit', 'predicted_8bit')):
    for r in csv.DictReader(open('$E/tables/least.tsv'), delimiter='\t'):
        hits = [t['bound'] for t in tries if t['image'] == float(r['image']) and t['target'] == float(r['target']) and t[column] == t['target']]
        assert r['true'] != r['target'] and (r[name] == 'nan') == (not hits) and (not hits or float(r[name]) == min(hits)), r
for r in csv.DictReader(open('$E/tables/bounds.tsv'), delimiter='\t'):
    at = [t for t in tries if t['bound'] == float(r['bound']) and t['target'] != t['true']]
    assert int(r['pairs']) == len(at) and int(r['hit']) == sum(t['predicted'] == t['target'] for t in at)
    assert int(r['wrong']) == len({t['image'] for t in at if t['predicted'] != t['true']})
    assert int(r['wrong_8bit']) == len({t['image'] for t in at if t['predicted_8bit'] != t['true']})"
}

@test "fooling-fashion: the steps of a pair are the first at which its target is predicted" {
	numpy "
import csv
log = list(csv.DictReader(open('$E/attacks/pairs.log.tsv'), delimiter='\t'))
rows = list(csv.DictReader(open('$E/tables/pairs.tsv'), delimiter='\t'))
assert len(rows) == 100
for i, r in enumerate(rows):
    of = [l for l in log if int(l['image']) == i]
    hits = [int(l['step']) for l in of if l['predicted'] == l['target']]
    assert (int(r['from']), int(r['to'])) == (i // 10, i % 10)
    assert r['first'] == (str(min(hits)) if hits else 'nan') and int(r['last']) == max(int(l['step']) for l in of)
steps = [l.rstrip('\n').split('\t') for l in open('$E/tables/steps.tsv')][1:]
assert [c for row in steps for c in row] == [r['first'].replace('nan', '0') for r in rows]"
}

@test "fooling-fashion: the nearest results are those with the least bounds" {
	numpy "
import csv
x, a = get('$E/attacks/nearest.npy')
images, labels = get('$E/attacks/images.npy')
# Of each class the first image that some change fools.
first, least = {}, {}
for r in csv.DictReader(open('$E/tables/least.tsv'), delimiter='\t'):
    if r['least_8bit'] != 'nan' and first.setdefault(int(r['true']), int(r['image'])) == int(r['image']):
        least.setdefault(int(r['true']), []).append(float(r['least_8bit']))
assert len(x) == len(least) > 2
for i, c in enumerate(sorted(least)):
    assert (x[i] == images[first[c]]).all() and labels[first[c]] == c
    assert abs(a[i] - x[i]).max() <= min(least[c]) + 1e-4" # 32-bit pixels
	npy-slice -k 1 "$E/attacks/nearest.npy" | npytopnm -e -r 0:255 | pnmtonpy | nn-run "$M" | npy-reduce -a 1 argmax | npytotsv |
		diff - <(tsv-pick predicted "$E/tables/nearest.tsv")
}

# claims FILE: the names of the claims.
claims() {
	sed -nE 's,^<p class="claim" id="fooling-fashion-claim-([^"]*)">.*,\1,p' "$1" | paste -s -d ' '
}

@test "fooling-fashion: each statement of the document has a verdict" {
	[ "$(claims "$E/section.html")" = 'steps identical confidence' ] # digits have no Bag
	grep -q "fooling-fashion-claim-confidence.*<span>[a-z ]*</span></p>" "$E/section.html"
}

@test "fooling-fashion: pictures in color, neither square nor of an even side, of three classes" {
	pictures cheat 3,19,16 3
	made DATASETS=sets DATASET=cheat TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 fooling-fashion.bounds='8 128' fooling-fashion.tries=3 \
		fooling-fashion.steps=5 fooling-fashion.most=10 fooling-fashion >color.log 2>&1 || { cat color.log; false; }
	color=out/cheat.quick/fooling-fashion
	[ "$(npy-info -s $color/attacks/pairs.npy | cut -d , -f 2-)" = 3,19,16 ]
	[ "$(claims $color/section.html)" = 'steps identical confidence' ]
}

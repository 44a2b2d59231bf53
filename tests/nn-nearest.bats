load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	# A network that has learned its data set, and images of it, one in a few of which it errs on.
	network | nn-train -q -e 30 -b 32 --lr 0.003 - <(dataset 1500) >model
	dataset 60 2 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	# A linear network of two classes, images that are far from the edges of the box, and images that are not.
	nn-init -s 3 <<-'N' >line
		input 1x9x8 mean 30 scale 100
		dense 2
	N
	numpy 'put(np.random.default_rng(1).integers(90, 166, (40, 9, 8)).astype("u1"))' >inside.npy
	numpy 'put(np.random.default_rng(1).integers(-300, 520, (40, 9, 8)).clip(0, 255).astype("u1"))' >box.npy
	for kind in inside box; do
		nn-run line $kind.npy | npy-reduce -a 1 argmax | cat $kind.npy - >$kind.data
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# distances KIND OPTIONS...: how much farther than the nearest images of KIND those are that are found, least,
# mean and most. The nearest ones: |f| / |w| away where the box allows; in any case on clip(x + t w), for the
# least t that is enough (Karush, Kuhn and Tucker), which bisection finds.
distances() {
	nn-nearest "${@:2}" -l log line "$1.data" >found.npy
	[ "$(awk -F '\t' '$4 == "found"' log | wc -l)" -eq 40 ]
	network_py "
net = Net('line')
x, y = get('$1.data')
x, found = x.reshape(40, 72).astype(float), get('found.npy')[0].reshape(40, 72).astype(float)
r = []
for x, y, found in zip(x, y, found):
    w = (net.w['dense1.weight'][1 - y] - net.w['dense1.weight'][y]) / 100
    f = lambda v: (v - 30) @ w + net.w['dense1.bias'][1 - y] - net.w['dense1.bias'][y]
    low, high = 0, 1e6
    for _ in range(100):
        t = (low + high) / 2
        low, high = (t, high) if f(np.clip(x + t * w, 0, 255)) < 0 else (low, t)
    d = np.linalg.norm(np.clip(x + high * w, 0, 255) - x)
    if '$1' == 'inside': assert abs(d - abs(f(x)) / np.linalg.norm(w)) < 1e-6 * d
    r.append(np.linalg.norm(found - x) / d)
sys.stdout.buffer.write(b'%.6f %.6f %.6f\n' % (min(r), np.mean(r), max(r)))"
}

# within LOW HIGH MEAN: the three numbers on stdin
within() {
	read -r least mean most
	awk "BEGIN { exit !($least >= $1 && $most <= $2 && $mean <= $3) }" || { echo "$least $mean $most"; false; }
}

@test "nn-nearest: deepfool, linear: |f| / |w| times 1 + overshoot" {
	# Each step is longer by 1e-4 of 255, and the nearest border is 5.66 away.
	distances inside -m deepfool | within 1.02 1.0247 1.021
	distances inside --overshoot 0.3 | within 1.3 1.3059 1.301
	# The box makes steps shorter, so that all but the last stop short of the border: one after the other
	# they come near, and the last goes beyond by no more than its own overshoot.
	distances box -m deepfool | within 1 1.021 1.02
}

@test "nn-nearest: lbfgs, linear: |f| / |w|" {
	# A search ends where F falls by less than a millionth, which is a thousandth in the distance; after 20
	# the constant is known much better. 9 searches leave it one sixteenth of itself, or a little more.
	distances inside -m lbfgs --searches 20 | within 0.999999 1.001 1.001
	distances box -m lbfgs --searches 20 | within 0.999999 1.001 1.001
	distances inside -m lbfgs | within 1 1.1 1.03
	distances box -m lbfgs | within 1 1.1 1.03
}

@test "nn-nearest: cw, linear: |f| / |w|" {
	# Adam's first step moves each pixel by up to 127.5 rates, an image by 8.5 times that: with a rate of
	# 0.001 by 1, where the nearest border is 5 away; then it swings about it.
	distances inside -m cw --rate 0.001 -n 3000 | within 0.999999 1.02 1.005
	distances box -m cw -n 1000 | within 0.999999 1.01 1.002
}

# reference METHOD SCRIPT: NumPy's images for those of inner.npy with the labels inner.labels, in double
# precision, by a script that sets v for each pixels x, label y and class k wanted, or -1.
reference() {
	network_py "
net = Net('model')
def logits(v):
    return net.forward(v.reshape(1, 1, 12, 12))[net.last].ravel()
def slope(v, by):
    y = net.forward(v.reshape(1, 1, 12, 12))
    return net.backward(y, net.last, by.reshape(1, -1)).ravel()
def lead(v, y, k):
    z = logits(v)
    other = z.copy()
    other[y if k < 0 else k] = -np.inf
    return (y, other.argmax(), z) if k < 0 else (other.argmax(), k, z)
$2
x, y = get('inner.npy')
k = get('wanted.npy')[0]
put(np.array([$1(x.ravel().astype(float), y, k) for x, y, k in zip(x, y, k)]).reshape(x.shape))"
}

# Images right before, all pixels inside the box.
inner() {
	npy-calc -t f4 '20 + a * 0.8' images.npy >raised.npy
	nn-run model raised.npy | npy-reduce -a 1 argmax >said.npy
	npy-pick -m <(npy-calc 'a == b' said.npy labels.npy) <(cat raised.npy labels.npy) >right.npy
	cat <(npy-slice -k 0 "${1:-:20}" right.npy) <(npy-slice -k 1 "${1:-:20}" right.npy) >inner.npy
	npy-slice -k 1 inner.npy | npy-calc "${2:--1 + 0 * a}" >wanted.npy
}

@test "nn-nearest: deepfool takes NumPy's steps" {
	inner
	reference deepfool '
def deepfool(x, y, k):
    v, total = x, 0
    for _ in range(50):
        z = logits(v)
        if z.argmax() != y: break
        best = None
        for j in range(10):
            if j == y: continue
            w = slope(v, np.eye(10)[j] - np.eye(10)[y])
            d = abs(z[j] - z[y]) / np.linalg.norm(w)
            if best is None or d < best[0]: best = d, (d + .0255) / np.linalg.norm(w) * w
        total = total + best[1]
        v = x + 1.02 * total
    assert (v >= 0).all() and (v <= 255).all()
    return v' >want.npy
	nn-nearest model inner.npy >got.npy
	# A float of 8 bits before the point has 16 behind it.
	npy-diff --any-type -a 0.01 <(npy-slice -k 0 got.npy) want.npy
}

@test "nn-nearest: cw takes the steps of NumPy's searches" {
	for wanted in '-1 + 0 * a' '(a + 3) % 10'; do
		inner :6 "$wanted"
		reference cw '
def cw(x, y, k, steps=40, searches=4, rate=.03, c=.1):
    w0 = np.arctanh(.999999 * (x / 127.5 - 1))
    low, high, best, result = 0, np.inf, np.inf, x
    for _ in range(searches):
        w, m, s, before, good = w0, 0, 0, np.inf, False
        for t in range(steps + 1):
            v = 127.5 * (np.tanh(w) + 1)
            a, b, z = lead(v, y, k)
            d2 = ((v - x) ** 2).sum()
            if z.argmax() == k if k >= 0 else z.argmax() != y:
                good = True
                if d2 < best: best, result = d2, v
            value = d2 / 255 ** 2 + c * max(z[a] - z[b], 0)
            if t == steps or t % 4 == 0 and value > .9999 * before: break
            if t % 4 == 0: before = value
            g = slope(v, np.eye(10)[a] - np.eye(10)[b]) if z[a] > z[b] else 0
            g = (2 * (v - x) / 255 ** 2 + c * g) * 127.5 * (1 - np.tanh(w) ** 2)
            m, s = .9 * m + .1 * g, .999 * s + .001 * g * g
            w = w - rate * (m / (1 - .9 ** (t + 1))) / (np.sqrt(s / (1 - .999 ** (t + 1))) + 1e-8)
        low, high = (low, c) if good else (c, high)
        c = (low + high) / 2 if np.isfinite(high) else 10 * c
    return result' >want.npy
		target=()
		[ "$wanted" = '-1 + 0 * a' ] || target=(--target wanted.npy)
		nn-nearest -m cw -n 40 --searches 4 --rate 0.03 --constant 0.1 "${target[@]}" model inner.npy >got.npy
		# Adam divides by the size of derivatives which, where they change sign, are all rounding.
		npy-diff --any-type -n 1e-4 <(npy-slice -k 0 got.npy) want.npy
		run -1 npy-diff --any-type -n 1e-2 <(npy-slice -k 0 inner.npy) want.npy
	done
}

# checked OPTIONS...: what is written, and the log, are what nn-run and NumPy find.
checked() {
	nn-nearest "$@" -l log model data.npy >found.npy
	nn-run model images.npy >before.npy
	nn-run model <(npy-slice -k 0 found.npy) >after.npy
	npy-slice -k 1 found.npy | npy-diff - labels.npy
	numpy '
x, y = get("data.npy")
found = get("found.npy")[0]
assert found.dtype == "f4" and found.min() >= 0 and found.max() <= 255
before, after = get("before.npy")[0].argmax(1), get("after.npy")[0].argmax(1)
head, *rows = [line.rstrip("\n").split("\t") for line in open("log")]
assert head == "image label target status predicted steps gradients linf l2 rms constant".split()
assert [int(r[0]) for r in rows] == list(range(len(x))) and [int(r[1]) for r in rows] == list(y)
counts = {}
for x, y, v, b, a, r in zip(x, y, found, before, after, rows):
    target = None if r[2] == "nan" else int(r[2])
    d, status = v.astype(float) - x, r[3]
    counts[status] = counts.get(status, 0) + 1
    assert int(r[4]) == a, r
    assert (status == "wrong") == (b != y) and (status == "same") == (b == y == target), r
    assert (status == "found") == bool(d.any()), r
    if status == "found": assert (a == target if target is not None else a != y) and int(r[6]) > 0, r
    want = [abs(d).max(), np.sqrt((d * d).sum()), np.sqrt((d * d).mean()) / 255]
    assert np.allclose([float(c) for c in r[7:10]], want, rtol=1e-8, atol=0), (r, want)
sys.stdout.buffer.write(repr(sorted(counts.items())).encode())'
}

@test "nn-nearest: what is found is misclassified, and the log agrees with nn-run and NumPy" {
	for options in '-m deepfool' '-m lbfgs' '-m cw -n 300' '-m lbfgs --target 3' '-m cw -n 300 --target 0:10'; do
		# shellcheck disable=SC2086 # options are words
		checked $options >counts
		# Some images are wrong before; none of the others fails.
		grep -F "'found'" counts && grep -F "'wrong'" counts && ! grep -F "'failed'" counts
		[[ $options != *target* ]] || grep -F "'same'" counts
	done
	# Five steps do not lead all of them to the class of least resemblance.
	checked -m cw -n 5 --searches 1 --target 0:10 >counts
	grep -F "'failed'" counts
}

# DeepFool ends beyond the border by its overshoot and not at the nearest point of it, as the others do to a percent.
# But it looks for the class whose border is near, where they follow the largest logit: so the distances
# compare where both have ended in the same class, which are most images.
@test "nn-nearest: cw and lbfgs find nearer images than deepfool, of the same class" {
	for m in deepfool lbfgs 'cw -n 1000'; do
		# shellcheck disable=SC2086 # options are words
		nn-nearest -m $m -l "${m%% *}.log" model data.npy >/dev/null
	done
	for m in cw lbfgs; do
		paste deepfool.log $m.log | awk -F '\t' '
			$4 == "found" { n++; all += $20 / $9 }
			$4 == "found" && $5 == $16 { same++; deepfool += $9; other += $20; if ($20 > 1.05 * $9) bad = 1 }
			END { print n, same, deepfool / same, other / same, all / n
				exit bad || n < 40 || same < 0.7 * n || other > 0.99 * deepfool || all / n > 1.1 }'
	done
}

@test "nn-nearest: the same bytes for any batch and any number of threads" {
	for m in deepfool lbfgs 'cw -n 60'; do
		# shellcheck disable=SC2086 # options are words
		{
			nn-nearest -m $m -l log model data.npy >one.npy
			for batch in 1 7 60; do
				nn-nearest -m $m -b $batch -l other model data.npy | cmp - one.npy
				cmp log other
			done
			OMP_NUM_THREADS=3 nn-nearest -m $m -l other model data.npy | cmp - one.npy
			cmp log other
		}
		cat <(npy-slice -k 0 17:18 data.npy) <(npy-slice -k 1 17:18 data.npy) >alone.npy
		# shellcheck disable=SC2086 # options are words
		nn-nearest -m $m model alone.npy | npy-slice -k 0 0 | cmp - <(npy-slice -k 0 17 one.npy)
	done
}

@test "nn-nearest: confidence is a lead of the logits" {
	nn-nearest -m cw -n 500 --confidence 2 -l log model data.npy >found.npy
	nn-run model <(npy-slice -k 0 found.npy) >z.npy
	numpy '
z, y = get("z.npy")[0].astype(float), get("labels.npy")[0]
found = np.array([line.split("\t")[3] == "found" for line in open("log")][1:])
own = z[np.arange(len(y)), y]
z[np.arange(len(y)), y] = -np.inf
lead = (z.max(1) - own)[found]
assert found.sum() > 30 and lead.min() >= 2 and lead.mean() < 3, lead'
}

@test "nn-nearest: options say how much is done" {
	# Of these methods no step is both the first and one too many.
	nn-nearest -n 1 --overshoot 0 -l log model data.npy >/dev/null
	awk -F '\t' 'NR > 1 && $6 > 1 { bad = 1 } END { exit bad }' log
	nn-nearest -m cw -n 10 --searches 3 --constant 1e-20 -l log model data.npy | npy-slice -k 0 | npy-diff --any-type - images.npy
	awk -F '\t' 'NR > 1 && $4 != "wrong" { if ($4 != "failed" || $6 > 30 || $7 > 33 || $11 != "nan") bad = 1; n++ } END { exit bad || !n }' log
	nn-nearest -m lbfgs -n 3 --searches 2 --constant 4 -l log model data.npy >/dev/null
	awk -F '\t' '$4 == "found" { if ($6 > 6 || ($11 != 4 && $11 != 2 && $11 != 40)) bad = 1; n++ } END { exit bad || !n }' log
}

@test "nn-nearest: labels keep their type, images their shape" {
	cat images.npy <(npy-calc -t u1 a labels.npy) | nn-nearest model >found.npy
	npy-info found.npy | cut -f 1,2 | grep -xF $'<f4\t(60,12,12)'
	npy-info found.npy | cut -f 1,2 | grep -xF $'|u1\t(60,)'
	nn-nearest model data.npy | npy-info | grep -F '<i8'
	cat <(npy-slice 0 images.npy) <(npy-slice 0 labels.npy) | nn-nearest model | npy-info | grep -F $'<f4\t(12,12)'
	cat <(npy-slice 0:0 images.npy) <(npy-slice 0:0 labels.npy) | nn-nearest -l log model | npy-info | grep -F '(0,12,12)'
	[ "$(wc -l <log)" -eq 1 ]
	cp model before
	nn-nearest model <data.npy >found.npy
	nn-nearest - data.npy <model | cmp - found.npy
	cmp model before
}

@test "nn-nearest: where no gradient leads anywhere, nothing is found" {
	# Its sigmoids are 0 or 1 wherever a pixel is not 0.
	npy-calc -t f4 '20 + a * 0.8' images.npy >raised.npy
	printf 'input 1x12x12 scale 1e-9\ndense 10\nsigmoid\ndense 10\n' | nn-init >flat
	nn-run flat raised.npy | npy-reduce -a 1 argmax | cat raised.npy - >flat.npy
	for m in deepfool lbfgs 'cw -n 20'; do
		# shellcheck disable=SC2086 # options are words
		nn-nearest -m $m -l log flat flat.npy | cmp - flat.npy
		[ "$(cut -f 4 log | sort -u | paste -sd ' ')" = 'failed status' ]
	done
}

@test "nn-nearest: what it cannot do is refused" {
	refuses "--searches: deepfool has none" 'nn-nearest --searches 3 model data.npy'
	refuses "--rate: lbfgs has none" 'nn-nearest -m lbfgs --rate 3 model data.npy'
	refuses "--overshoot: cw has none" 'nn-nearest -m cw --overshoot 0 model data.npy'
	refuses "--target: deepfool has none" 'nn-nearest --target 3 model data.npy'
	refuses "--steps: 2.5 is not a whole number" 'nn-nearest -n 2.5 model data.npy'
	refuses "--method" 'nn-nearest -m fgsm model data.npy'
	refuses "'predicted' is no class to be changed to" 'nn-nearest -m cw --target predicted model data.npy'
	refuses "'label' is no class to be changed to" 'nn-nearest -m cw --target label model data.npy'
	refuses "10 is not among the network's 10 classes" 'nn-nearest -m cw --target 10 model data.npy'
	refuses "7 classes do not go with 60 images" 'nn-nearest -m cw --target 0:7 model data.npy'
	refuses "expected labels after the images" 'nn-nearest model images.npy'
	refuses "image 1 has a pixel -1, outside 0 ... 255" 'cat <(array f4 "np.ones((2, 12, 12)) * [[[1]], [[-1]]]") <(array i8 "[1, 2]") | nn-nearest model'
	refuses "NaN or infinite" 'cat <(npy-calc -t f4 "a + nan" images.npy) labels.npy | nn-nearest model'
	refuses "expected images (N,12,12)" 'cat <(npy-slice :,1: images.npy) labels.npy | nn-nearest model'
	refuses "is not among the network's 10 classes" 'cat images.npy <(npy-calc "a + 5" labels.npy) | nn-nearest model'
	refuses "only one of the model and the images" 'nn-nearest - <data.npy'
	printf 'input 1x12x12\ndense 1\n' | nn-init >single
	refuses "a network of one class cannot err" 'nn-nearest single data.npy'
	nn-weights model dense1.weight | npy-calc 'a * 1e38' | nn-weights --set dense1.weight=- model >huge
	refuses "image 0: the network's output is not finite" 'nn-nearest huge data.npy'
	refuses "no-such-folder/log" 'nn-nearest -l no-such-folder/log model data.npy'
}

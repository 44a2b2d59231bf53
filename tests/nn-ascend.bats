load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network >model
	dataset 12 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	npy-slice 5 images.npy >like.npy
	npy-random normal:128:40 10,12,12 >noise.npy
	nn-init -s 5 <<-'N' >color
		input 3x9x8 mean 100 90 110.5 scale 50 40 60
		conv 8 3x3 pad 1
		tanh
		dense 6
	N
	npy-random -s 2 normal:128:90 12,12,12 >wide.npy
	npy-random uniform:20:200 6,3,9,8 >color.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# ascend MODEL IMAGES OPTIONS [NAME=VALUE ...]: what nn-ascend makes of the images, each towards its
# class, is what these lines of NumPy make of them, to the rounding of floats.
ascend() {
	network_py "
net, start = Net('$1'), get('$2')[0].astype(float)
o = dict(n=4, step=300.0, like=None, beta=1e-4, noise=False, box=False, bound=np.inf, l2=np.inf, of='logit', layer='', decay=0.0, blur=0, every=1)
o.update($4)
shape = start.shape
start = start.reshape(len(start), *((1,) if start.ndim == 3 else ()), *start.shape[1:])
c = np.arange(len(start)) % 6
def smooth(v, sigma):
    r = int(np.ceil(3 * sigma))
    k = np.exp(-np.arange(-r, r + 1) ** 2 / (2 * sigma ** 2))
    k /= k.sum()
    for axis in 2, 3:
        v = np.apply_along_axis(lambda l: np.convolve(np.pad(l, r, 'edge'), k, 'valid'), axis, v)
    return v
base = start if o['noise'] else 0
v = start - base
center = start - base
def fit(v):
    v = np.clip(v, center - o['bound'], center + o['bound'])
    length = np.sqrt(((v - center) ** 2).sum((1, 2, 3), keepdims=True))
    v = center + (v - center) * np.where(length > o['l2'], o['l2'] / np.maximum(length, 1e-300), 1)
    return np.clip(base + v, 0, 255) - base if o['box'] else v
def by_logit(z):
    one = np.eye(z.shape[1])[c]
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rival = np.eye(z.shape[1])[np.where(one, -np.inf, z).argmax(1)]
    return {'logit': one, 'margin': rival - one, 'loss': p - one, 'probability': (p * one).sum(1, keepdims=True) * (one - p)}[o['of']]
v = fit(v)
for step in range(o['n']):
    y = net.forward(base + v)
    if o['layer']:
        name, _, index = o['layer'].partition(':')
        d = np.zeros(y[name].shape)
        exec('d[:, ' + (index or ':') + '] = 1')
        d = net.backward(y, name, d)
    else: d = net.backward(y, net.last, by_logit(y[net.last].reshape(len(start), -1)))
    if o['like'] is not None: d = d - o['beta'] * 2 / v[0].size * (base + v - o['like'])
    v = v + o['step'] * d
    zero = 0 if o['noise'] else net.mean
    v = zero + (1 - o['decay']) * (v - zero)
    if o['blur'] and (step + 1) % o['every'] == 0: v = smooth(v, o['blur'])
    v = fit(v)
goal = '--layer ' + o['layer'] if o['layer'] else '-c 0:6'
got = run('nn-ascend %s -n %d --step %.9g $3 $1 $2' % (goal, o['n'], o['step']))
assert got.shape == shape and got.dtype == 'f4'
near(got, v, 1e-6)"
}

@test "nn-ascend: each step is X + step * dC/dX" {
	for n in 0 1 2 7; do
		ascend model images.npy '' "n=$n"
		ascend color color.npy '' "n=$n, step=7000"
	done
	ascend model images.npy '' 'step=-50.0'
}

@test "nn-ascend: a step is what nn-grad and npy-calc make" {
	cp noise.npy x.npy
	for _ in 1 2 3; do
		nn-grad -c 0:10 model x.npy >g.npy
		npy-calc 'a + 400 * b' x.npy g.npy >y.npy
		mv y.npy x.npy
	done
	npy-diff -a 2e-4 x.npy <(nn-ascend -c 0:10 -n 3 --step 400 model noise.npy)
}

@test "nn-ascend: --like keeps near an image, one for all or one each" {
	ascend model images.npy '--like like.npy --beta 0.002' 'like=get("like.npy")[0].astype(float), beta=.002'
	ascend model images.npy '--like images.npy --beta 0.5' 'like=start[:, None], beta=.5'
	ascend color color.npy '--like color.npy' 'like=start, n=3'
	ascend model images.npy '--noise --like like.npy --beta 0.002' \
		'like=get("like.npy")[0].astype(float), beta=.002, noise=True'
}

@test "nn-ascend: --noise changes what is added, from zero on" {
	ascend model images.npy --noise 'noise=True'
	ascend color color.npy --noise 'noise=True, step=2000'
	npy-diff -n 1e-6 --any-type <(nn-ascend -c 3 -n 9 model images.npy) \
		<(nn-ascend -c 3 -n 9 --noise model images.npy | npy-calc 'a + b' - images.npy)
}

@test "nn-ascend: decay and blur" {
	ascend model images.npy '--decay 0.1' 'decay=.1'
	ascend color color.npy '--decay 0.1' 'decay=.1'
	ascend model images.npy '--noise --decay 0.1' 'decay=.1, noise=True'
	ascend model images.npy '--blur 0.7' 'blur=.7'
	ascend model images.npy '--blur 6' 'blur=6'
	ascend color color.npy '--blur 1.3 --blur-every 3 --decay 0.01' 'blur=1.3, every=3, n=7, decay=.01'
}

@test "nn-ascend: bound and box" {
	ascend model images.npy '--bound 5' 'bound=5, step=3000.0'
	ascend model images.npy '--noise --bound 5' 'bound=5, step=3000.0, noise=True'
	ascend model wide.npy --box 'box=True, step=3000.0'
	ascend model wide.npy '--noise --box --bound 30' 'box=True, step=3000.0, noise=True, bound=30'
	nn-ascend -c 1 -n 20 --step 90000 --noise --bound 7 --box model images.npy >n.npy
	numpy '
n, x = get("n.npy")[0], get("images.npy")[0]
assert abs(n).max() == 7 and (x + n).min() >= 0 and (x + n).max() <= 255 and abs(n).mean() > 3'
	numpy 'put(get("noise.npy")[0] * 3 - 200)' >wild.npy
	nn-ascend -c 1 -n 0 --box model wild.npy | npy-diff - <(npy-calc 'clip(a, 0, 255)' wild.npy)
	nn-ascend -c 1 -n 9 --box --noise --step 900 model wild.npy | npy-calc 'a + b' - wild.npy >seen.npy
	run -0 npy-info seen.npy
	[[ ${lines[1]} == *$'\t0\t255\t'* ]]
}

@test "nn-ascend: a ball of Euclid's, alone and with the others" {
	ascend model images.npy '--bound-l2 40' 'l2=40, step=3000.0'
	ascend color color.npy '--bound-l2 40' 'l2=40, step=7000.0'
	ascend model images.npy '--noise --bound-l2 40 --bound 5' 'l2=40, bound=5, step=3000.0, noise=True'
	ascend model images.npy '--box --bound-l2 40' 'l2=40, box=True, step=3000.0'
	nn-ascend -c 1 -n 20 --step 90000 --bound-l2 33 --bound 20 --box model images.npy >x.npy
	numpy '
d = get("x.npy")[0].astype("f8") - get("images.npy")[0]
length = np.sqrt((d ** 2).sum((1, 2)))
assert abs(d).max() <= 20 and (length <= 33 * (1 + 1e-6)).all() and length.max() > 32'
}

@test "nn-ascend: what grows is the logit, the probability, the loss or the margin" {
	ascend model images.npy '--of probability' 'of="probability"'
	ascend model images.npy '--of loss' 'of="loss"'
	ascend model images.npy '--of margin' 'of="margin"'
	ascend color color.npy '--of loss --noise' 'of="loss", noise=True, step=7000'
	for of in logit probability loss; do
		nn-ascend --of $of -c 0:10 -n 3 --step 20 --like like.npy --beta 0.001 --log $of model noise.npy >x.npy
	done
	numpy '
for of, value in (("logit", 4), ("probability", 5), ("loss", 5)):
    rows = np.array([l.split() for l in open(of) if l[0] != "s"], float)
    want = -np.log(rows[:, value]) if of == "loss" else rows[:, value]
    assert len(rows) == 40 and np.allclose(rows[:, 6], want - .001 * rows[:, 7], rtol=1e-6, atol=1e-7), of'
}

@test "nn-ascend: --layer: what grows is a sum of units, of any layer" {
	ascend model images.npy '' 'layer="conv1"'
	ascend model images.npy '' 'layer="relu1:2"'
	ascend model images.npy '' 'layer="conv1:1,4,7", step=30000.0'
	ascend model images.npy '--noise --box --bound 9' 'layer="maxpool1:1:3,2:,0", step=9000.0, noise=True, box=True, bound=9'
	ascend model images.npy '--decay 0.1 --blur 0.7' 'layer="relu1:0", decay=.1, blur=.7'
	ascend color color.npy '--like color.npy --beta 0.01' 'layer="tanh1:5", step=7000, like=start, beta=.01'
	# The last layer's units are logits.
	npy-diff -n 1e-6 <(nn-ascend --layer dense1:3 -n 9 model images.npy) <(nn-ascend -c 3 -n 9 model images.npy)
	# A step is nn-grad's.
	nn-grad -l relu1:1:3 model noise.npy | npy-calc 'b + 50 * a' - noise.npy |
		npy-diff -a 2e-4 - <(nn-ascend --layer relu1:1:3 -n 1 -s 50 model noise.npy)
}

@test "nn-ascend: --layer: the log has the sum of nn-run's outputs, in any batch" {
	nn-ascend --layer conv1:1:3,2 -n 25 --step 40 --log log --log-every 10 --like like.npy --beta 0.01 model noise.npy >x.npy
	[ "$(head -1 log)" = "$(printf 'step\timage\tsum\tcost\tmse')" ]
	for n in 0 10 25; do
		nn-ascend --layer conv1:1:3,2 -n $n --step 40 --like like.npy --beta 0.01 -b 3 model noise.npy >x.npy
		nn-run -l conv1 model x.npy >z.npy
		numpy "
z, x, like = get('z.npy')[0].astype(float), get('x.npy')[0].astype(float), get('like.npy')[0]
rows = np.array([l.split() for l in open('log') if l.split()[0] == '$n'], float)
assert (rows[:, 1] == np.arange(10)).all()
total, mse = z[:, 1:3, 2].sum((1, 2)), ((x - like) ** 2).mean((1, 2))
want = np.array([total, total - .01 * mse, mse]).T
assert np.allclose(rows[:, 2:], want, rtol=1e-5, atol=1e-5), rows[:, 2:] - want"
	done
}

@test "nn-ascend: --layer: a network without classes has layers, too" {
	nn-init <<<$'input 1x12x12\nconv 2 2x2 pad 1' >headless
	nn-ascend --layer conv1:1 -n 3 -s 1 headless images.npy >x.npy
	nn-grad -l conv1:1 headless images.npy | npy-calc 'b + 3 * a' - images.npy | npy-diff -a 1e-4 - x.npy
}

@test "nn-ascend: no step gives the images, and no noise" {
	nn-ascend -c 1 -n 0 model images.npy | npy-diff --any-type - images.npy
	nn-ascend -c 1 -n 0 --noise model images.npy | npy-diff - <(npy-calc -t f4 '0 * a' images.npy)
	npy-slice 0:0 images.npy | nn-ascend -c 1 model | npy-info | grep -F '(0,12,12)'
	npy-slice 0 images.npy | nn-ascend -c 1 model | npy-info | grep -F $'<f4\t(12,12)'
}

@test "nn-ascend: the cost grows with every step that is small enough" {
	for options in '' '--noise' '--like like.npy --beta 0.001'; do
		# shellcheck disable=SC2086 # options are words
		nn-ascend -c 0:10 -n 50 --step 20 $options --log costs model noise.npy >/dev/null
		awk -F '\t' 'NR > 1 { if ($2 in cost && $7 <= cost[$2]) exit bad = 1; cost[$2] = $7 }
			END { exit bad || NR != 511 }' costs
	done
}

@test "nn-ascend: the log says what nn-run says, at step 0, in between and at the end" {
	nn-ascend -c 0:10 -n 25 --step 400 --log log --log-every 10 --like like.npy --beta 0.01 model noise.npy >x.npy
	[ "$(cut -f 1 log | uniq -c | awk '{ print $1, $2 }' | paste -sd ' ')" = '1 step 10 0 10 10 10 20 10 25' ]
	for n in 0 10 20 25; do
		nn-ascend -c 0:10 -n $n --step 400 --like like.npy --beta 0.01 model noise.npy >x.npy
		nn-run model x.npy >z.npy
		numpy "
z, x, like = get('z.npy')[0].astype(float), get('x.npy')[0].astype(float), get('like.npy')[0]
rows = np.array([l.split() for l in open('log') if l.split()[0] == '$n'], float)
i = np.arange(10)
assert (rows[:, 1] == i).all() and (rows[:, 2] == i).all() and (rows[:, 3] == z.argmax(1)).all()
p = np.exp(z[i, i]) / np.exp(z).sum(1)
mse = ((x - like) ** 2).mean((1, 2))
want = np.array([z[i, i], p, z[i, i] - .01 * mse, mse]).T
assert np.allclose(rows[:, 4:], want, rtol=1e-5, atol=1e-5), rows[:, 4:] - want"
	done
	nn-ascend -c 2 -n 5 --noise --log log model images.npy >n.npy
	numpy '
rows = np.array([l.split() for l in open("log") if l.startswith("5\t")], float)
assert np.allclose(rows[:, 7], (get("n.npy")[0].astype(float) ** 2).mean((1, 2)), rtol=1e-5)
assert (rows[:, 6] == rows[:, 4]).all()'
}

@test "nn-ascend: an image stops where its class is sure enough, and others go on" {
	nn-ascend -c 0:10 -n 400 --step 3000 --until 0.6 --log log --log-every 7 model noise.npy >x.npy
	awk -F '\t' 'NR > 1 { if (done[$2]) exit bad = 1; done[$2] = $6 >= 0.6 }
		END { for (i in done) n += done[i]; exit bad || n != 10 }' log
	for i in 0 4 9; do
		n=$(awk -F '\t' -v i=$i 'NR > 1 && $2 == i { n = $1 } END { print n }' log)
		nn-ascend -c 0:10 -n "$n" --step 3000 model noise.npy | npy-slice $i |
			npy-diff -n 1e-6 - <(npy-slice $i x.npy)
	done
	[ "$(awk -F '\t' 'NR > 1 { n[$2] = $1 } END { for (i in n) print n[i] }' log | sort -u | wc -l)" -gt 3 ]
	npy-diff -n 1e-6 x.npy <(nn-ascend -c 0:10 -n 400 --step 3000 --until 0.6 -b 3 model noise.npy)
	npy-diff --any-type noise.npy <(nn-ascend -c 0:10 --until 0 model noise.npy)
}

@test "nn-ascend: an image alone, in any batch, among others: the same" {
	nn-ascend -c 3 -n 20 model images.npy >x.npy
	npy-slice 7 images.npy | nn-ascend -c 3 -n 20 model | npy-diff -n 1e-6 - <(npy-slice 7 x.npy)
	for batch in 1 5 12; do
		npy-diff -n 1e-6 x.npy <(nn-ascend -c 3 -n 20 -b $batch model images.npy)
	done
	cmp x.npy <(nn-ascend -c 3 -n 20 model <data.npy)
	cmp x.npy <(nn-ascend -c 3 -n 20 - data.npy <model)
}

@test "nn-ascend: classes from labels, from a file, in turn" {
	nn-ascend -c label -n 3 model data.npy >x.npy
	cmp x.npy <(nn-ascend -c labels.npy -n 3 model images.npy)
	nn-ascend -c 1,2,3 -n 3 model images.npy | npy-slice 4 | npy-diff -n 1e-6 - <(nn-ascend -c 2 -n 3 model images.npy | npy-slice 4)
}

@test "nn-ascend: the model is only read" {
	cp model before
	nn-ascend -c : -n 20 model noise.npy >x.npy
	cmp model before
	chmod a-w before
	nn-ascend -c : -n 20 before noise.npy | cmp - x.npy
}

@test "nn-ascend: what it cannot do is refused" {
	refuses "--class is missing" 'nn-ascend model images.npy'
	for option in '-c 1' '--of loss' '--until 0.5'; do
		refuses "--layer cannot be combined with --class, --of or --until" "nn-ascend --layer conv1 $option model images.npy"
	done
	refuses "no layer" 'nn-ascend --layer nothing model images.npy'
	refuses "--layer: index 4 is outside the output (4,12,12) of conv1" 'nn-ascend --layer conv1:4 model images.npy'
	refuses "--layer: '0,0,0,0' is not an index" 'nn-ascend --layer conv1:0,0,0,0 model images.npy'
	refuses "changes with the image" 'nn-ascend -c predicted model images.npy'
	refuses "is neither a list of classes such as '0,4,7:10', label, nor a file" "nn-ascend -c foo model images.npy"
	refuses "10 is not among the network's 10 classes" 'nn-ascend -c 10 model images.npy'
	refuses "10 classes do not go with 12 images" 'nn-ascend -c : model images.npy'
	refuses "expected labels after the images" 'nn-ascend -c label model images.npy'
	refuses "expected 1 image, or 12 as there are, found 2" 'nn-ascend -c 1 --like <(npy-slice 0:2 images.npy) model images.npy'
	refuses "expected images (N,12,12)" 'nn-ascend -c 1 --like <(npy-slice :,1: images.npy) model images.npy'
	refuses "expected images (N,12,12)" 'npy-slice :,1: images.npy | nn-ascend -c 1 model'
	refuses "NaN or infinite" 'npy-calc -t f4 "a + nan" images.npy | nn-ascend -c 1 model'
	refuses "only one of the model, the images" 'nn-ascend -c 1 --like - model <images.npy'
	refuses "only one of the model, the images" 'nn-ascend -c 1 - <images.npy'
	refuses "--step 1e+30 is too large" 'nn-ascend -c 1 --step 1e30 -n 60 --like like.npy --beta 1e20 model images.npy'
	refuses "--beta" 'nn-ascend -c 1 --beta -1 model images.npy'
	refuses "--until" 'nn-ascend -c 1 --until 1.5 model images.npy'
	refuses "--bound" 'nn-ascend -c 1 --bound -1 model images.npy'
	refuses "--bound-l2" 'nn-ascend -c 1 --bound-l2 -1 model images.npy'
	refuses "--of" 'nn-ascend -c 1 --of class model images.npy'
	refuses "no-such-dir/log: No such file" 'nn-ascend -c 1 --log no-such-dir/log model images.npy'
	nn-init <<<$'input 1x12x12\ndense 1' >lone
	refuses "--of: a margin is between two classes, and the network has one" 'nn-ascend -c 0 --of margin lone images.npy'
	nn-init <<<$'input 1x12x12\nconv 2 2x2' >headless
	refuses "a classifier ends in a vector" 'nn-ascend -c 1 headless images.npy'
}

@test "nn-ascend: a full disk is an error, for the log too; a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-slice 0 images.npy | nn-ascend -c 1 -n 1 model >/dev/full'
	refuses "/dev/full: No space left on device" 'nn-ascend -c 1 -n 1 --log /dev/full model images.npy'
	pipe 'nn-ascend -c 1 -n 1 model images.npy | head -c 1 >/dev/null'
}

load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network >model
	dataset 30 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	# Every kind of layer; windows that overlap, strides, channels, and filters that fill no vector.
	nn-init -s 3 <<-'N' >deep
		input   3x17x15 mean 120 110 100.5 scale 60 55 70
		conv    5 4x3 stride 2 pad 1
		tanh
		conv    20 3x3 pad 2
		relu
		maxpool 3x3 stride 2
		conv    16 2x2
		sigmoid
		avgpool 2x2
		dense   9
		relu
		dense   4
	N
	nn-init -s 4 <<-'N' >plain
		input   2x12x13 scale 255
		conv    16 5x5 stride 3 pad 2
		relu
		conv    24 3x3 pad 1
		relu
		maxpool 2x2
		dense   12
		relu
		dense   5
	N
	numpy 'put(np.random.default_rng(1).integers(0, 256, (6, 3, 17, 15), "u1"))' >deep.npy
	numpy 'put(np.random.default_rng(2).integers(0, 256, (6, 2, 12, 13), "u1"))' >plain.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "nn-grad: the logit's derivative is that of central differences" {
	# Of NumPy's network, in doubles; where two widths disagree there is a kink between.
	for name in deep plain; do
		network_py "
r = np.random.default_rng(3)
net, x = Net('$name'), get('$name.npy')[0].astype(float)
g = run('nn-grad -c 2 $name $name.npy')
f = lambda x: net.forward(x)[net.last][:, 2]
near(net.forward(x)[net.last], run('nn-run $name $name.npy'))
seen = 0
for i in range(60):
    at = tuple(r.integers(0, n) for n in x.shape[1:])
    def slope(h):
        up, down = x.copy(), x.copy()
        up[(slice(None), *at)] += h
        down[(slice(None), *at)] -= h
        return (f(up) - f(down)) / (2 * h)
    a, b = slope(1e-3), slope(5e-4)
    smooth = abs(a - b) < 1e-8
    seen += smooth.sum()
    assert (abs(b - g[(slice(None), *at)])[smooth] < 1e-5 * abs(g).max()).all()
assert seen > 300, seen"
	done
}

@test "nn-grad: logit, probability, loss and margin of any class" {
	for name in deep plain; do
		network_py "
net, x = Net('$name'), get('$name.npy')[0]
y = net.forward(x)
z = y[net.last]
n, classes = z.shape
p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
eye = np.eye(classes)
for what, c in [('predicted', z.argmax(1)), ('3', np.full(n, 3)), ('1,3,0', np.tile([1, 3, 0], n // 3))]:
    rival = np.where(eye[c], -np.inf, z).argmax(1)
    for of, d in [('logit', eye[c]), ('probability', p[range(n), c][:, None] * (eye[c] - p)), ('loss', p - eye[c]),
                  ('margin', eye[rival] - eye[c])]:
        near(run(f'nn-grad -c {what} --of {of} $name $name.npy'), net.backward(y, net.last, d))"
	done
}

@test "nn-grad: a probability near one has a derivative, not zero" {
	nn-init -i uniform:1 <<<$'input 3x1x1\ndense 2' >tiny
	# A margin of 40: p is 1 to any float, and 1 - p is exp(-40).
	network_py '
net = Net("tiny")
w = net.w["dense1.weight"]
x = (w[0] - w[1]) / ((w[0] - w[1]) ** 2).sum() * 40
put(x[None].astype("f4"))' >sure.npy
	network_py '
net, x = Net("tiny"), get("sure.npy")[0]
w = net.w["dense1.weight"]
near(run("nn-grad -c 0 --of probability tiny sure.npy"), np.exp(-40) * (w[0] - w[1]), 1e-4)'
}

@test "nn-grad: guided and deconv rules are those of the naive network" {
	network_py "
for name in 'deep', 'plain':
    net, x = Net(name), get(name + '.npy')[0]
    y = net.forward(x)
    found = []
    for rule in 'plain', 'guided', 'deconv':
        d = np.eye(y[net.last].shape[1])[y[net.last].argmax(1)]
        found.append(run(f'nn-grad --rule {rule} {name} {name}.npy'))
        near(found[-1], net.backward(y, net.last, d, rule=rule))
    assert (found[0] != found[1]).any() and (found[1] != found[2]).any()"
}

@test "nn-grad: units and channels of every layer, before and after its ReLU" {
	network_py "
for name in 'deep', 'plain':
    net, x = Net(name), get(name + '.npy')[0]
    y = net.forward(x)
    for layer, *_ in net.layers:
        vector = y[layer].ndim == 2
        for index in [':', '2', '0:3:2'] if vector else [':', '3', '3,-1,0', '-1,:,0', '1:3,0:2']:
            d = np.zeros(y[layer].shape)
            exec(f'd[:, {index}] = 1')
            for rule in 'plain', 'guided':
                want = net.backward(y, layer, d, rule=rule)
                got = run(f'nn-grad -r {rule} -l {layer}:{index} {name} {name}.npy')
                near(got, want)
        near(run(f'nn-grad -l {layer} {name} {name}.npy'), net.backward(y, layer, np.ones(y[layer].shape)))"
}

@test "nn-grad: a layer is the sum of its channels, the last layer's units are the logits" {
	for c in 0 1 2 3; do nn-grad -l "relu1:$c" model images.npy; done | npy-cat --stack |
		npy-reduce -a 0 sum | npy-diff -n 1e-6 --any-type - <(nn-grad -l relu1 model images.npy)
	cmp <(nn-grad -l dense1:3 model images.npy) <(nn-grad -c 3 model images.npy)
	run -1 cmp <(nn-grad -l relu1:3 model images.npy) <(nn-grad -l conv1:3 model images.npy)
}

@test "nn-grad: with respect to a layer's output" {
	network_py "
for name in 'deep', 'plain':
    net, x = Net(name), get(name + '.npy')[0]
    y = net.forward(x)
    d = np.eye(y[net.last].shape[1])[y[net.last].argmax(1)]
    for layer, *_ in net.layers[:-1]:
        got = run(f'nn-grad --at {layer} {name} {name}.npy')
        assert got.shape == y[layer].shape
        near(got, net.backward(y, net.last, d, layer))
        near(run(f'nn-grad --at {layer} --rule guided {name} {name}.npy'),
             net.backward(y, net.last, d, layer, 'guided'))
y, d = net.forward(x), np.zeros(net.forward(x)['relu2'].shape)
d[:, 3] = 1
near(run('nn-grad --at relu1 -l relu2:3 plain plain.npy'), net.backward(y, 'relu2', d, 'relu1'))"
}

@test "nn-grad: with respect to outputs in branches" {
	printf 'input 1x12x12 mean 128 scale 64\nconv 4 3x3\ntanh\nconv 4 3x3 pad 1 as a\nconv 4 1x1 from tanh1 as b\nadd a\nadd tanh1\ntanh\navgpool global\ndense 5\n' |
		nn-init >branched
	npy-slice 0:2 images.npy | npy-calc -t f8 a >x.npy
	for at in a b add1 add2; do nn-grad -c 3 --at $at branched x.npy >$at.npy; done
	# A sum passes on what it gets; tanh1 gets it once as it is, and from both convolutions.
	for at in a b add1; do cmp $at.npy add2.npy; done
	nn-grad -c 3 --at tanh1 branched x.npy >tanh1.npy
	nn-grad -c 3 branched x.npy >pixels.npy
	numpy '
from json import loads
raw = open("branched", "rb").read()
n = int.from_bytes(raw[:8], "little")
head = loads(raw[8:8 + n])
w = {k: np.frombuffer(raw[8 + n:][slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).astype("f8")
     for k, v in head.items() if k != "__metadata__"}
d = get("add2.npy")[0].astype("f8")
padded = np.pad(d, ((0, 0), (0, 0), (1, 1), (1, 1)))
want = d + np.einsum("noyx,oc->ncyx", d, w["b.weight"][:, :, 0, 0])
for i in range(3):
    for j in range(3):
        want += np.einsum("noyx,oc->ncyx", padded[:, :, i:i + 10, j:j + 10], w["a.weight"][:, :, 2 - i, 2 - j])
assert abs(get("tanh1.npy")[0] - want).max() < 1e-5 * abs(want).max()'
	# The pixels by differences: a step of 2 errs by its square, over 64 twice, and by the logits in floats.
	numpy 'x = get("x.npy")[0]; x[:, 5, 6] += 2; put(x)' >up.npy
	numpy 'x = get("x.npy")[0]; x[:, 5, 6] -= 2; put(x)' >down.npy
	nn-run branched up.npy >zup.npy
	nn-run branched down.npy >zdown.npy
	numpy '
want = (get("zup.npy")[0].astype("f8") - get("zdown.npy")[0])[:, 3] / 4
g = get("pixels.npy")[0]
assert abs(g[:, 5, 6] - want).max() < 2e-3 * abs(g).max(), (g[:, 5, 6], want)'
	refuses "b does not come before a" 'nn-grad --at b -l a branched images.npy'
}

@test "nn-grad: batch norm by its running statistics, dropout as if it were not there" {
	network batchnorm 'dropout 0.5' tanh >normed
	nn-train -q -e 1 normed data.npy >normed.model
	nn-run normed.model images.npy >z.npy
	nn-grad -c 1 normed.model images.npy >g.npy
	# A pixel more: the logits of all images change by the derivative; nothing but a maximum kinks.
	npy-calc -t f4 'a' images.npy >x.npy
	numpy 'x = get("x.npy")[0]; x[:, 5, 5] += .5; put(x)' >up.npy
	numpy 'x = get("x.npy")[0]; x[:, 5, 5] -= .5; put(x)' >down.npy
	numpy '
import subprocess
run = lambda f: np.load(io.BytesIO(subprocess.run(["nn-run", "normed.model", f], stdout=-1, check=True).stdout))
slope = (run("up.npy") - run("down.npy"))[:, 1]
g = get("g.npy")[0][:, 5, 5]
close = abs(slope - g) < 1e-3 * abs(g).max()
assert close.mean() > .8 and abs(g).max() > 1e-5, (slope, g)'
}

@test "nn-grad: any batch size, an image alone, any type of pixels" {
	nn-grad model images.npy >g.npy
	for batch in 1 7 30 1000; do
		npy-diff -n 1e-6 g.npy <(nn-grad -b $batch model images.npy)
	done
	npy-slice 17 images.npy >one.npy
	npy-diff -n 1e-6 <(npy-slice 17 g.npy) <(nn-grad model one.npy)
	cmp g.npy <(npy-calc -t f8 a images.npy | nn-grad model)
	cmp g.npy <(nn-grad model <data.npy)
	cmp g.npy <(nn-grad - data.npy <model)
	cmp <(nn-grad -c 3 --at relu1 model images.npy) <(nn-grad -c 3 --at relu1 -b 1000 model images.npy)
}

@test "nn-grad: classes from labels, from a file, and from a list are the same" {
	nn-grad -c label model data.npy >g.npy
	cmp g.npy <(nn-grad -c labels.npy model images.npy)
	cmp g.npy <(nn-grad -c "$(npytotsv labels.npy | paste -sd ,)" model images.npy)
	cmp <(nn-grad --of loss model data.npy) <(nn-grad --of loss -c label model data.npy)
	cmp <(nn-grad -c predicted model images.npy) <(nn-grad model images.npy)
	npy-diff -n 1e-6 <(nn-grad -c label -b 7 model data.npy) g.npy
}

@test "nn-grad: no images give no rows" {
	npy-slice 0:0 images.npy >none.npy
	[ "$(nn-grad model none.npy | npy-info | cut -f 2 | tail -1)" = '(0,12,12)' ]
	[ "$(nn-grad --at relu1 model none.npy | npy-info | cut -f 2 | tail -1)" = '(0,4,12,12)' ]
}

@test "nn-grad: a sensible pipe for each kind of map" {
	# Integrated gradients add up to the difference of the logits.
	npy-slice 0 images.npy >one.npy
	class=$(nn-run model one.npy | npy-reduce -a 1 argmax | npytotsv)
	seq 0.0025 0.005 1 | tsvtonpy | npy-reshape -1,1,1 | npy-calc -l 'a * b' - one.npy |
		nn-grad -c "$class" model | npy-reduce -a 0 mean | npy-calc 'a * b' - one.npy |
		npy-reduce sum >total.npy
	npy-cat --stack one.npy <(npy-calc '0 * a' one.npy) | nn-run model |
		npy-slice ":,$class" | numpy '
z = np.load(io.BytesIO(sys.stdin.buffer.read()))
assert abs(get("total.npy")[0] - (z[0] - z[1])) < 1e-3 * abs(z[0] - z[1]), (get("total.npy"), z)'
	# SmoothGrad without noise is the gradient.
	npy-random normal:0:0 5,12,12 | npy-calc -l 'a + b' - one.npy | nn-grad model |
		npy-reduce -a 0 mean | npy-diff -n 1e-6 --any-type - <(nn-grad model one.npy)
}

@test "nn-grad: what does not fit is refused" {
	refuses "no layer" 'nn-grad -l nothing model images.npy'
	refuses "index 4 is outside the output (4,12,12) of relu1" 'nn-grad -l relu1:4 model images.npy'
	refuses "index 12 is outside" 'nn-grad -l relu1:0,12 model images.npy'
	for index in '' x 0,0,0,0 ... None; do
		refuses "is not an index" "nn-grad -l relu1:$index model images.npy"
	done
	refuses "is not an index" 'nn-grad -l dense1:0,0 model images.npy'
	refuses "--layer cannot be combined" 'nn-grad -l relu1 -c 3 model images.npy'
	refuses "--layer cannot be combined" 'nn-grad -l relu1 --of loss model images.npy'
	refuses "relu1 does not come before relu1" 'nn-grad --at relu1 -l relu1 model images.npy'
	refuses "dense1 does not come before dense1" 'nn-grad --at dense1 model images.npy'
	refuses "10 is not among the network's 10 classes" 'nn-grad -c 10 model images.npy'
	nn-init <<<$'input 1x12x12\ndense 1' >lone
	refuses "--of: a margin is between two classes, and the network has one" 'nn-grad --of margin lone images.npy'
	refuses "is neither a list" 'nn-grad -c nothing model images.npy'
	refuses "holds no class" 'nn-grad -c 5:5 model images.npy'
	refuses "4 classes do not go with 30 images" 'nn-grad -c 0:4 model images.npy'
	refuses "29 classes do not go with 30 images" 'nn-grad -c <(npy-slice 1: labels.npy) model images.npy'
	refuses "12 is not among" 'nn-grad -c <(npy-calc -t i8 12+0*a labels.npy) model images.npy'
	refuses "integer" 'nn-grad -c <(npy-calc -t f4 a labels.npy) model images.npy'
	refuses "expected labels after the images" 'nn-grad -c label model images.npy'
	refuses "expected labels after the images" 'nn-grad --of loss model images.npy'
	refuses "expected images (N,12,12)" 'npy-slice :,1: images.npy | nn-grad model'
	refuses "NaN or infinite" 'npy-calc -t f4 "a + nan" images.npy | nn-grad model'
	refuses "can come from standard input" 'nn-grad - <model'
}

@test "nn-grad: memory does not grow with the number of images" {
	[[ ${B:-} != *san ]] || skip "the sanitizers reserve terabytes"
	nn-init <<<$'input 1x64x64\navgpool 64x64\ndense 2' >wide
	zeros 81920000 | npy-reshape -1,64,64 |
		(ulimit -v 300000 && nn-grad -c 1 wide) | npy-info | grep -F '(20000,64,64)'
}

@test "nn-grad: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-slice 0 images.npy | nn-grad model >/dev/full'
	pipe 'nn-grad model images.npy | head -c 1 >/dev/null'
}

load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	nn-init -s 1 -b 0.1 >filter <<-'N'
		input    2x12x10 mean 100 scale 50
		conv     6 3x3 pad 1
		tanh
		avgpool  2x2
		conv     5 3x3 pad 1
		sigmoid
		upsample 2
		conv     2 3x3 pad 1
	N
	nn-init -s 2 -b 0.1 >classifier <<-'N'
		input   2x12x10 mean 100 scale 50   # the same
		conv    7 3x3
		tanh
		avgpool 2x2
		dense   4
	N
	nn-join filter classifier >joined
	numpy 'put(np.random.default_rng(1).integers(0, 256, (30, 2, 12, 10), "u1"))' >images.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# Pixels are rounded to 2^-24 of themselves, some 1e-5 of these, on their way through the pipe: 3e-7 of what the
# second network reads, which its layers make little more of.
@test "nn-join: the join gives what the pipe gives" {
	nn-run --pixels filter images.npy | nn-run classifier - >pipe.npy
	npy-diff -a 2e-6 pipe.npy <(nn-run joined images.npy)
	npy-diff -a 2e-6 pipe.npy <(ONEDNN_MAX_CPU_ISA=AVX2 nn-run joined images.npy)
	cmp <(nn-run filter images.npy) <(nn-run -l conv3 joined images.npy)
	cmp joined <(nn-join - classifier <filter)
	cmp joined <(nn-join filter - <classifier)
}

# Differences in double precision, of a step of 1e-4 pixels, are exact to 1e-8; the engine's floats err by 1e-6.
@test "nn-join: the gradient goes through both, as differences do" {
	network_py '
a, b = Net("filter"), Net("classifier")
x = get("images.npy")[0][:2].astype("f8")
def logit(x):
    y = a.forward(x)[a.last]
    return b.forward(y * a.scale + a.mean)[b.last][:, 3]
found = run("nn-grad -c 3 joined images.npy")[:2]
rng = np.random.default_rng(2)
direction = [(c, h, w) for c, h, w in zip(rng.integers(0, 2, 40), rng.integers(0, 12, 40), rng.integers(0, 10, 40))]
want, at = [], []
for c, h, w in direction:
    step = np.zeros_like(x); step[:, c, h, w] = 1e-4
    want.append((logit(x + step) - logit(x - step)) / 2e-4); at.append(found[:, c, h, w])
near(np.array(at), np.array(want))'
}

@test "nn-join: names stay apart, parameters with them, and both histories stay" {
	[ "$(nn-info joined | tail -n +2 | cut -f 1 | paste -s -d ' ')" = \
		"conv1 tanh1 avgpool1 conv2 sigmoid1 upsample1 conv3 conv1_2 tanh1_2 avgpool1_2 dense1" ]
	for part in weight bias; do
		cmp <(nn-weights filter conv1.$part) <(nn-weights joined conv1.$part)
		cmp <(nn-weights classifier conv1.$part) <(nn-weights joined conv1_2.$part)
		cmp <(nn-weights classifier dense1.$part) <(nn-weights joined dense1.$part)
	done
	/usr/bin/python3 - filter classifier joined <<-'E'
		import json, sys
		def history(file):
		    b = open(file, "rb").read()
		    return json.loads(b[8:8 + int.from_bytes(b[:8], "little")])["__metadata__"]["history"]
		a, b, both = map(history, sys.argv[1:])
		assert both == a + b + "nn-join lines:1+1\n", both
	E
	# Three, and names that look like those to be made.
	nn-join filter joined >three
	nn-info three | tail -n +2 | cut -f 1 | sort | uniq -d >twice
	[ ! -s twice ]
	[ "$(nn-info three | tail -n +9 | cut -f 1 | paste -s -d ' ')" = \
		"conv1_3 tanh1_3 avgpool1_3 conv2_2 sigmoid1_2 upsample1_2 conv3_2 conv1_2 tanh1_2 avgpool1_2 dense1" ]
	nn-run --pixels filter images.npy | nn-run --pixels filter - | nn-run classifier - |
		npy-diff -a 4e-6 - <(nn-run three images.npy)
}

@test "nn-join: branches, batch norm and windows of every kind" {
	nn-init -s 3 >a <<-'N'
		input 1x9x9 scale 255
		conv 4 3x3 pad same nobias as x
		batchnorm
		relu as y
		conv 4 3x3 pad 1 from x as z
		add y
		conv 1 1x1
	N
	nn-init -s 4 >b <<-'N'
		input 1x9x9 scale 255
		conv 3 3x2 stride 2x1 pad 1x0 as y
		dropout 0.5
		maxpool 2x2 ceil as z
		conv 3 1x1
		batchnorm
		add z as add1_2
		maxpool global as add1
		dense 3
	N
	nn-join a b >ab
	numpy 'put(np.random.default_rng(1).integers(0, 256, (9, 9, 9), "u1"))' >x.npy
	nn-run --pixels a x.npy | nn-run b - | npy-diff -a 2e-6 - <(nn-run ab x.npy)
	[ "$(nn-info ab | tail -n +2 | cut -f 1 | paste -s -d ' ')" = \
		"x bn1 y z add1 conv3 y_2 dropout1 z_2 conv2 bn1_2 add1_2 add1_3 dense1" ]
	# It trains on, and joins on behind a vector.
	numpy 'put(get("x.npy")[0], np.arange(9) % 3)' >data.npy
	nn-train -e 1 ab data.npy | nn-eval - data.npy
	nn-init <<<$'input 3x1x1 scale 255\ndense 2' >c
	nn-join ab c | nn-run - x.npy | npy-diff -a 2e-6 - <(nn-run --pixels ab x.npy | nn-run c -)
}

@test "nn-join: what does not fit is refused" {
	nn-init <<<$'input 2x12x10 mean 100 scale 51\ndense 3' >scaled
	nn-init <<<$'input 2x10x12 mean 100 scale 50\ndense 3' >turned
	refuses "the output of filter is (2,12,10), the input of turned is (2,10,12)" 'nn-join filter turned'
	refuses "the output of classifier is (4), the input of filter is (2,12,10)" 'nn-join classifier filter'
	nn-init <<<$'input 2x12x10 mean 100 scale 50 60\nconv 2 1x1' >each
	nn-init <<<$'input 2x12x10 mean 100 100 scale 50 60\ndense 3' >same
	refuses "filter has mean 100 scale 50, each has mean 100 scale 50 60: the second would misread the output" \
		'nn-join filter each'
	nn-join each same >both
	[ "$(nn-info -n both | head -n 1)" = "input 2x12x10 mean 100 scale 50 60" ]
	refuses "filter has mean 100 scale 50, scaled has mean 100 scale 51: the second would misread the output" \
		'nn-join filter scaled'
	name=$(printf 'n%.0s' {1..62})
	nn-init <<<$'input 1x1x1\ndense 1 as '"$name" >long
	refuses "the name ${name}_2 has more than 63 letters" 'nn-join long long'
	refuses "can come from standard input" 'nn-join - - <filter'
	refuses "images.npy: expected a model, found an NPY array" 'nn-join filter images.npy'
	nn-init <<<$'input 4x1x1 mean 100 scale 50\nconv 2 1x1' >point
	refuses "the joined network:6:1: conv: expected an image (C,H,W) as input, found the vector (4)" \
		'nn-join classifier point'
}

@test "nn-join: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'nn-join filter classifier >/dev/full'
	pipe 'nn-join filter classifier | true'
}

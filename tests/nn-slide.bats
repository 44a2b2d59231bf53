load helper

# made INPUT LINE ...: a model, a network of these lines, with random weights
made() {
	{ echo "input $1"; printf '%s\n' "${@:2}"; } | nn-init -s 3
}

# same H W: at every place of images of H x W model gives what it gives for the part there
same() {
	npy-slice "...,:$1,:$2" large.npy >images.npy
	nn-slide model images.npy >found.npy
	numpy "x, height, width = get('images.npy')[0], *${3:-(9, 8)}
put(np.concatenate([x[..., r:r + height, c:c + width] for r in range($1 - height + 1) for c in range($2 - width + 1)]))" |
		nn-run model >parts.npy
	numpy "(found,), (parts,) = get('found.npy'), get('parts.npy')
rows, columns, n = *(np.array([$1, $2]) - ${3:-(9, 8)} + 1), len(get('images.npy')[0])
parts = parts.reshape(rows, columns, n, -1).transpose(2, 0, 1, 3)
assert found.shape == parts.shape, (found.shape, parts.shape)
difference = abs(found - parts).max()
assert difference <= 1e-5 * max(1, abs(parts).max()), difference
assert parts.std((1, 2)).max() > 0 or rows * columns == 1"
}

setup_file() {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (5, 17, 19)).astype("u1"))' >"$BATS_FILE_TMPDIR/large.npy"
}

setup() {
	cp "$BATS_FILE_TMPDIR/large.npy" .
}

@test "nn-slide: every place gives what nn-run gives there, for strides and windows of all kinds" {
	made 1x9x8 'conv 3 3x2' relu 'maxpool 2x2' 'conv 4 2x2' tanh 'dense 6' relu 'dense 5' >model
	same 17 19
	same 9 8
	same 10 8
	same 9 15
	made 1x9x8 'conv 3 3x2 stride 2x1' 'conv 2 2x3 nobias' sigmoid 'dense 4 nobias' >model
	same 17 19
	same 12 13
	# Seven columns in pools of three, one left out.
	made 1x9x8 'avgpool 2x2 stride 1x1' 'maxpool 3x3' 'dense 3' >model
	same 17 19
	same 11 9
	made 1x9x8 'maxpool 2x2 stride 3x2' 'avgpool 2x1 stride 1x2' 'dense 3' >model
	same 16 17
	made 1x9x8 'dense 7' >model
	same 11 12
}

@test "nn-slide: branches, and pools of the whole image" {
	made 1x9x8 'conv 4 3x3' relu 'conv 4 1x1' tanh 'add relu1' 'maxpool 2x2 as half' \
		'conv 4 1x1' 'conv 4 1x1 from half as short' 'add conv3' relu 'avgpool global' 'dense 5 as x' \
		sigmoid 'add x' >model
	same 17 19
	same 10 8
	made 1x9x8 'conv 6 3x3 stride 2' relu 'maxpool global' >model
	same 13 12
	# Nine rows and eight columns go to three and two on either way; of more, one way makes more.
	made 1x9x8 'maxpool 1x1 as x' 'conv 3 3x4 stride 3x4 as a' 'conv 3 7x7 from x' 'add a' 'dense 2' >model
	refuses "model: layer add1 adds outputs of different strides" 'nn-slide model large.npy'
	made 1x9x8 'maxpool 2x2' 'upsample 2' 'dense 2' >model
	refuses "model: layer upsample1 repeats outputs" 'nn-slide model large.npy'
	made 1x9x8 template 'dense 2' >model
	refuses "model: layer template1 looks for the peak of a map" 'nn-slide model large.npy'
}

@test "nn-slide: batch norm, dropout, channels, and pixels that are scaled" {
	numpy 'put(np.random.default_rng(1).normal(100, 50, (3, 3, 14, 13)))' >large.npy
	numpy 'put(np.random.default_rng(2).normal(100, 50, (40, 3, 9, 8)), np.arange(40) % 4)' >data.npy
	made '3x9x8 mean 33.25 scale 0.7' 'conv 4 3x3' batchnorm relu 'maxpool 2x2' 'dropout 0.3' 'dense 6' batchnorm 'dense 4' |
		nn-train -q -e 2 -b 8 - data.npy >model
	same 14 13
	same 10 9
}

@test "nn-slide: as it was given, and in any batch" {
	made 1x9x8 'conv 3 3x2' relu 'maxpool 2x2' 'dense 5' >model
	nn-slide model large.npy >found.npy
	for batch in 1 2 3 100; do
		nn-slide -b $batch model large.npy | npy-diff -a 1e-5 found.npy -
	done
	cat large.npy <(array i8 '[1, 2, 3, 4, 0]') | nn-slide model | cmp found.npy -
	npy-slice 3 large.npy | nn-slide model | npy-diff -a 1e-5 <(npy-slice 3:4 found.npy) -
	nn-slide -p model large.npy >p.npy
	numpy 'e = np.exp(get("found.npy")[0].astype("f8")); p = get("p.npy")[0]
assert abs(p - e / e.sum(3, keepdims=True)).max() < 1e-6'
	npy '|u1' '(0, 20, 10)' | nn-slide model | npy-info | grep -F '(0,12,3,5)'
}

@test "nn-slide: what it cannot do is refused" {
	made 1x9x8 'conv 3 3x2' relu 'maxpool 2x2' 'dense 5' >model
	for shape in '5,8,8' '5,9,7' '2,3,9,8' '72'; do
		refuses "expected images" "zeros $((${shape//,/*})) | npy-reshape $shape | nn-slide model"
	done
	refuses "a pixel is NaN or infinite" 'array f4 "np.full((1, 9, 8), np.nan)" | nn-slide model'
	refuses "can come from standard input" 'nn-slide - <model'
	size=$(wc -c <large.npy)
	refuses "lacks its last 1 bytes" "head -c $((size - 1)) large.npy | nn-slide model"
	for layer in 'conv 3 3x3 pad 1' 'conv 3 2x2 pad same' 'maxpool 3x3 ceil'; do
		made 1x10x10 "$layer" 'dense 5' >padded
		refuses "padded: layer ${layer%% *}1 pads" 'nn-slide padded large.npy'
	done
	made 1x9x8 'conv 3 3x3' >convolutions
	refuses "the network ends in conv1" 'nn-slide convolutions large.npy'
	refuses "expected 2 arrays, found more" 'cat large.npy <(array i8 "[1, 2, 3, 4, 5]") large.npy | nn-slide model >found.npy'
}

@test "nn-slide: an image too large to be computed at once is computed in strips of rows" {
	# A row of a thousand maps of it takes 93 kB.
	made 1x9x8 'conv 1024 1x1' relu 'maxpool 2x2' 'dense 3' >model
	numpy 'put(np.random.default_rng(1).integers(0, 256, (1, 3001, 10)).astype("u1"))' >large.npy
	same 3001 10
	nn-slide -b 1 model large.npy | cmp found.npy -
	nn-slide -p model large.npy | npy-diff -a 1e-6 - <(npy-softmax -a 3 found.npy)
	[[ ${B:-} != *san ]] || return 0
	# At once the maps would take 9 GB.
	zeros 1000000 | npy-reshape 1,100000,10 >tall.npy
	pipe 'ulimit -v 3000000; nn-slide model tall.npy | npy-info | grep -F "(1,99992,3,3)"'
}

@test "nn-slide: memory does not grow with the images" {
	[[ ${B:-} != *san ]] || skip "the sanitizers reserve terabytes"
	made 1x28x28 'dense 2' >model
	zeros 252300000 | npy-reshape -1,29,29 >many.npy
	pipe 'ulimit -v 200000; nn-slide model many.npy | tail -c 4 | wc -c'
	rm many.npy
}

@test "nn-slide: a full disk is an error, a reader that went away is none" {
	made 1x9x8 'dense 3' >model
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'nn-slide model large.npy >/dev/full'
	zeros 7840000 | npy-reshape -1,28,28 >many.npy
	pipe 'nn-slide model many.npy | head -c 1 >/dev/null'
}

load helper
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network batchnorm 'dropout 0.5' >model
	dataset 300 >data.npy
	npy-slice -k 0 data.npy >images.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "nn-run: logits, a row an image, of a data set as of its images" {
	nn-run model images.npy >logits.npy
	run -0 npy-info logits.npy
	[[ ${lines[1]} == $'<f4\t(300,10)\t'* ]]
	cmp logits.npy <(nn-run model <data.npy)
	cmp logits.npy <(nn-run - images.npy <model)
}

@test "nn-run: any batch size gives the same result up to rounding" {
	nn-run model images.npy >logits.npy
	for batch in 1 7 128 299 1000; do
		npy-diff -a 1e-5 logits.npy <(nn-run -b $batch model images.npy)
	done
}

@test "nn-run: an image alone gives what it gives among others" {
	npy-slice 17 images.npy >one.npy
	npy-diff -a 1e-5 <(nn-run model images.npy | npy-slice 17:18) <(nn-run model one.npy)
}

@test "nn-run: every layer, a conv before its relu" {
	while read -r name shape; do
		run -0 npy-info <(nn-run -l "$name" model images.npy)
		[[ ${lines[1]} == $'<f4\t(300,'"$shape"$')\t'* ]]
	done <<-'E'
		conv1 4,12,12
		bn1 4,12,12
		dropout1 4,12,12
		relu1 4,12,12
		maxpool1 4,6,6
		dense1 10
	E
	cmp <(nn-run model images.npy) <(nn-run -l dense1 model images.npy)
	nn-run -l bn1 model images.npy >before.npy
	[ "$(npy-info before.npy | awk 'NR == 2 { print ($3 < 0) }')" = 1 ]
	cmp before.npy <(nn-run -l dropout1 model images.npy)
	npy-diff <(npy-calc 'max(a, 0)' before.npy) <(nn-run -l relu1 model images.npy)
}

@test "nn-run: a layer whose output is large" {
	# The engine takes such a batch through the first layers in slices; here they are all there is.
	nn-init <<<$'input 1x40x40\nconv 16 3x3 pad 1\nrelu\nmaxpool 2x2' >wide
	numpy 'put(np.random.default_rng(1).integers(0, 256, (40, 40, 40), "u1"))' >wide.npy
	for layer in conv1 relu1 maxpool1; do
		npy-diff <(nn-run -b 1 -l $layer wide wide.npy) <(nn-run -b 40 -l $layer wide wide.npy)
	done
}

@test "nn-run: a convolution is numpy's, of pixels as the input line maps them" {
	nn-init <<<$'input 2x5x6 mean 100 scale 50\nconv 3 3x2' >convolution
	numpy 'put(np.random.default_rng(1).integers(0, 256, (4, 2, 5, 6), "u1"))' >pixels.npy
	nn-run convolution pixels.npy >found.npy
	nn-weights convolution conv1.weight >w.npy
	numpy '
x, w = (get("pixels.npy")[0] - 100.0) / 50, get("w.npy")[0].astype("f8")
windows = np.lib.stride_tricks.sliding_window_view(x, (3, 2), (2, 3))
put(np.einsum("nchwij,kcij->nkhw", windows, w).astype("f4"))' >want.npy
	npy-diff -a 1e-5 want.npy found.npy
}

# As PyTorch's Normalize has them, here times 255.
@test "nn-run: each channel is mapped by its own mean and scale, of any type of pixels, and back" {
	mapping='mean 123.675 116.28 103.53 scale 58.395 57.12 57.375'
	nn-init <<<"input 3x4x5 $mapping"$'\nupsample 1' >mapped
	numpy 'put(np.random.default_rng(1).integers(0, 256, (4, 3, 4, 5), "u1"))' >u1.npy
	npy-calc -t i8 a u1.npy >i8.npy
	npy-calc -t f4 'a / 3' u1.npy >f4.npy
	npy-calc -t f8 'a / 3' u1.npy >f8.npy
	# The mean and 1 / scale are floats, too: three roundings of numbers of up to 132 / 57 are 1e-6.
	for type in u1 i8 f4 f8; do
		nn-run mapped $type.npy >found.npy
		numpy "
x = (get('$type.npy')[0] / 255 - [[[0.485]], [[0.456]], [[0.406]]]) / [[[0.229]], [[0.224]], [[0.225]]]
assert abs(get('found.npy')[0] - x).max() < 1e-6"
	done
	# 255 is rounded three times on the way there, and twice on the way back.
	npy-diff --any-type -a 1e-4 u1.npy <(nn-run --pixels mapped u1.npy)
	# Channels that are all alike are mapped as all at once.
	nn-init <<<$'input 3x4x5 mean 7 7 7 scale 3\nupsample 1' >alike
	nn-init <<<$'input 3x4x5 mean 7 scale 3 3 3\nupsample 1' >again
	nn-init <<<$'input 3x4x5 mean 7 scale 3\nupsample 1' >one
	for model in alike again; do cmp <(nn-run one u1.npy) <(nn-run $model u1.npy); done
	# A vector's elements are channels.
	nn-init <<<$'input 3x1x1 mean 1 2 3\nupsample 1' >vector
	nn-run vector <(array f4 '[[1, 2, 3], [4, 5, 6]]') | npy-diff - <(array f4 '[[0, 0, 0], [3, 3, 3]]')
	nn-init <<<"input 3x4x5 $mapping"$'\nconv 2 1x1\nconv 3 1x1' >two
	nn-run --pixels two u1.npy >out
	refuses "the input has a mean and a scale for each of 3 channels, the output of conv1 is (2,4,5): it has no pixels" \
		'nn-run --pixels -l conv1 two u1.npy'
}

@test "nn-run: --pixels writes images as the input line maps them, and does not clip" {
	nn-init <<<$'input 1x12x12 mean 100 scale 50\nconv 3 3x3 pad 1\nconv 1 3x3 pad 1' >pictures
	nn-run --pixels pictures images.npy >pixels.npy
	run -0 npy-info pixels.npy
	[[ ${lines[1]} == $'<f4\t(300,12,12)\t'* ]]
	nn-run pictures images.npy | npy-reshape 300,12,12 | npy-calc 'a * 50 + 100' >want.npy
	npy-diff -a 1e-4 want.npy pixels.npy
	[ "$(npy-info pixels.npy | awk 'NR == 2 { print ($3 < 0) }')" = 1 ]
	# Images in, images out: again, and in color.
	nn-run --pixels pictures pixels.npy >twice.npy
	run -0 npy-info <(nn-run --pixels -l conv1 pictures images.npy)
	[[ ${lines[1]} == $'<f4\t(300,3,12,12)\t'* ]]
	# A network that does nothing gives back what it is given.
	nn-init <<<$'input 1x12x12 mean 128 scale 64\nupsample 1' >same
	npy-diff --any-type -a 1e-5 images.npy <(nn-run --pixels same images.npy)
	refuses "--probabilities and --pixels cannot be combined" 'nn-run -p --pixels pictures images.npy'
}

@test "nn-run: probabilities are the logits' softmax" {
	nn-run --probabilities model images.npy >found.npy
	nn-run model images.npy >logits.npy
	numpy '
e = np.exp(get("logits.npy")[0].astype("f8"))
p = get("found.npy")[0]
assert p.dtype == "f4" and abs(p.astype("f8").sum(1) - 1).max() < 1e-6
assert np.allclose(p, e / e.sum(1, keepdims=True), rtol=1e-6, atol=0)'
}

@test "nn-run: probabilities of huge logits are no NaNs" {
	nn-init -i uniform:1e6 <<<$'input 3x1x1\ndense 4' >huge
	numpy 'put(np.eye(3, dtype="u1") * 255)' >vectors.npy
	run -0 npy-info <(nn-run -p huge vectors.npy)
	[[ ${lines[1]} == *$'\t0\t0' ]]
	[[ ${lines[1]} == *$'\t0\t1\t'* ]]
}

@test "nn-run: pixels of any type, in either order" {
	nn-run model images.npy >want.npy
	for type in '>i2' '<u4' '<i8' '<f4' '>f8'; do
		numpy "put(get('images.npy')[0].astype('$type'))" >typed.npy
		cmp want.npy <(nn-run model typed.npy)
	done
	numpy 'put(np.asfortranarray(get("images.npy")[0]))' >fortran.npy
	cmp want.npy <(nn-run model fortran.npy)
	numpy 'put(get("images.npy")[0][:, None])' >channel.npy
	cmp want.npy <(nn-run model channel.npy)
}

@test "nn-run: no images give no rows" {
	npy-slice 0:0 images.npy >none.npy
	run -0 npy-info <(nn-run model none.npy)
	[[ ${lines[1]} == $'<f4\t(0,10)\t'* ]]
	run -0 npy-info <(nn-run -p -l dense1 model none.npy)
	[[ ${lines[1]} == $'<f4\t(0,10)\t'* ]]
}

@test "nn-run: memory does not grow with the number of images" {
	[[ ${B:-} != *san ]] || skip "the sanitizers reserve terabytes"
	nn-init <<<$'input 1x64x64\nmaxpool 64x64' >tiny
	{
		npy '|u1' '(50000, 64, 64)'
		head -c 204800000 /dev/zero
	} | (ulimit -v 300000 && nn-run tiny) >out.npy
	[ "$(npy-info out.npy | cut -f 2 | tail -1)" = '(50000,1)' ]
}

# Arrays of more and fewer images than before, of none, of a whole batch and more.
@test "nn-run: --each answers every array as if it were alone" {
	rm -f each.npy want.npy probabilities.npy
	for part in :300 5:6 :1 0:0 :128 100:240 7 :300; do
		npy-slice $part images.npy >part.npy
		cat part.npy >>each.npy
		nn-run model part.npy >>want.npy
		nn-run -p -l dense1 -b 50 model part.npy >>probabilities.npy
	done
	nn-run --each model each.npy | cmp - want.npy
	nn-run --each -p -l dense1 -b 50 model <each.npy | cmp - probabilities.npy
	nn-run --each model images.npy | cmp - <(nn-run model images.npy)
}

@test "nn-run: --each answers before the next array comes" {
	npy-slice :3 images.npy >three.npy
	nn-run model three.npy >want.npy
	mkfifo questions answers
	nn-run --each model <questions >answers 3>&- &
	exec {to}>questions {from}<answers
	for _ in 1 2 3; do
		cat three.npy >&$to
		head -c "$(wc -c <want.npy)" <&$from | cmp - want.npy
	done
	exec {to}>&-
	[ "$(wc -c <&$from)" = 0 ]
	wait $!
}

@test "nn-run: --each refuses arrays that are no images, and shows no progress unasked" {
	run -2 --separate-stderr pipe 'nn-run --each model data.npy >out.npy'
	[[ $stderr == *"expected images (N,12,12) as the network's input, found (300,)"* ]]
	cmp out.npy <(nn-run model images.npy)
	run -2 --separate-stderr pipe '{ cat images.npy; echo; } | nn-run --each model >out.npy'
	[[ $stderr == *"expected an NPY array or the end, found"* ]]
	refuses "empty" 'nn-run --each model </dev/null'
	refuses "expected images (N,12,12) as the network's input, found (300,)" 'npy-slice -k 1 data.npy | nn-run --each model'
	run -0 --separate-stderr pipe 'cat images.npy images.npy | nn-run --each model >out.npy'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'cat images.npy images.npy | nn-run -v --each model >out.npy'
	[[ $stderr == "nn-run: "*"/300 images"*"nn-run: "*"/300 images"* ]]
}

@test "nn-run: images that the network does not take are refused" {
	numpy 'put(np.zeros((5, 3, 12, 12), "u1"))' >color.npy
	refuses "expected images (N,12,12) as the network's input, found (5,3,12,12)" 'nn-run model color.npy'
	numpy 'put(np.zeros((5, 12, 13), "u1"))' >wide.npy
	refuses "found (5,12,13)" 'nn-run model wide.npy'
	numpy 'put(np.zeros((5, 144), "u1"))' >flat.npy
	refuses "found (5,144)" 'nn-run model flat.npy'
	numpy 'put(np.uint8(1))' >scalar.npy
	refuses "found ()" 'nn-run model scalar.npy'
	refuses "expected an NPY array" 'nn-run model model'
	refuses "empty" 'nn-run model </dev/null'
}

@test "nn-run: a pixel that is not finite is refused" {
	numpy 'x = np.zeros((5, 12, 12), "f4"); x[3, 4, 5] = np.nan; put(x)' >nan.npy
	refuses "a pixel is NaN or infinite" 'nn-run model nan.npy'
	numpy 'x = np.zeros((5, 12, 12)); x[3, 4, 5] = 1e300; put(x)' >large.npy
	refuses "a pixel is NaN or infinite" 'nn-run model large.npy'
}

@test "nn-run: what is truncated or followed by something else is refused" {
	while IFS='|' read -r input message; do
		run -2 --separate-stderr pipe "$input | nn-run model >/dev/null"
		# shellcheck disable=SC2154 # bats sets it
		[[ $stderr == *"$message"* ]]
	done <<-'E'
		head -c 20000 images.npy|lacks its last
		cat images.npy images.npy|expected labels (300,) or the end after the images, found (300,12,12)
		cat data.npy images.npy|expected 2 arrays, found more
	E
	npy '|u1' '(800000000000, 12, 12)' >endless.npy
	refuses "lacks its last" 'nn-run model endless.npy'
}

@test "nn-run: an output larger than memory can be is refused" {
	nn-init <<<$'input 1x1x1\ndense 1000' >wide
	npy '|u1' '(10000000000000000, 1, 1)' >many.npy
	refuses "the output (10000000000000000,1000) is too large" 'nn-run wide many.npy'
}

@test "nn-run: options that make no sense are refused" {
	refuses "no layer 'conv2'" 'nn-run -l conv2 model images.npy'
	refuses "the output of relu1 is (4,12,12), not a vector" 'nn-run -p -l relu1 model images.npy'
	refuses "can come from standard input" 'nn-run - <model'
	refuses "can come from standard input" 'nn-run - - <model'
	refuses "not between 1 and" 'nn-run -b 0 model images.npy'
}

@test "nn-run: progress is shown when asked for" {
	run -0 --separate-stderr nn-run model images.npy
	[ -z "$stderr" ]
	run -0 --separate-stderr nn-run -v model images.npy
	[[ $stderr == "nn-run: "*"/300 images"* ]]
}

@test "nn-run: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-slice 0:1 images.npy | nn-run model >/dev/full'
}

@test "nn-run: a reader that went away is none" {
	pipe 'nn-run -l conv1 model images.npy | head -c 100 | wc -c'
}

load helper

setup() {
	printf 'input 2x4x4\nconv 3 3x3\nbatchnorm\ndense 5 nobias\n' >net
	nn-init -s 3 -b 0.25 net >model
}

@test "nn-weights: a table of the tensors, in the order of the layers" {
	diff <(nn-weights model | cut -f 1,2) - <<-'E'
		name	shape
		conv1.weight	(3,2,3,3)
		conv1.bias	(3,)
		bn1.weight	(3,)
		bn1.bias	(3,)
		bn1.running_mean	(3,)
		bn1.running_var	(3,)
		dense1.weight	(5,12)
	E
	nn-weights model | grep -q "^conv1.bias	(3,)	0.25	0.25	0.25	0\$"
}

@test "nn-weights: the table says of each tensor what npy-info says" {
	nn-weights - <model | tail -n +2 >table
	[ "$(wc -l <table)" -eq 7 ]
	while IFS=$'\t' read -r name rest; do
		[ "$rest" = "$(nn-weights model "$name" | npy-info | sed -n 2p | cut -f 2-6)" ]
	done <table
}

@test "nn-weights: the array has the bytes of the model" {
	for tensor in conv1.weight bn1.running_var dense1.weight; do
		nn-weights model "$tensor" >"$tensor.npy"
		/usr/bin/python3 - model "$tensor" <<-'E'
			import json, numpy, struct, sys
			b = open(sys.argv[1], "rb").read()
			n, = struct.unpack("<Q", b[:8])
			t = json.loads(b[8:8 + n])[sys.argv[2]]
			begin, end = t["data_offsets"]
			a = numpy.load(sys.argv[2] + ".npy")
			assert a.dtype == "<f4" and list(a.shape) == t["shape"]
			assert a.tobytes() == b[8 + n:][begin:end]
		E
	done
}

@test "nn-weights: a tensor that is not there, with those that are" {
	refuses "model: no tensor 'conv2.weight', only conv1.weight, conv1.bias, bn1.weight" \
		'nn-weights model conv2.weight'
	echo 'input 1x1x1 relu' | sed 's/ relu/\nrelu/' | nn-init >none
	refuses "none: no tensor 'x', the model has none" 'nn-weights none x'
}

@test "nn-weights: all is the vector of all tensors, in their order" {
	nn-weights model all >vector
	for tensor in $(nn-weights model | sed 1d | cut -f 1); do
		nn-weights model "$tensor" | tail -c +129
	done >elements
	cmp elements <(tail -c +129 vector)
	npy-info vector | grep -q '^<f4	(129,)'
	echo 'input 1x1x1 relu' | sed 's/ relu/\nrelu/' | nn-init | nn-weights - all | npy-info | grep -q '^<f4	(0,)'
}

# The model as the format defines it, by python3: a line for each text but the digest, then each tensor with the digest of
# its bytes.
contents() {
	/usr/bin/python3 - "$1" <<-'E'
		import hashlib, json, struct, sys
		b = open(sys.argv[1], "rb").read()
		n, = struct.unpack("<Q", b[:8])
		head = json.loads(b[8:8 + n])
		for key, text in head.pop("__metadata__").items():
		    if key != "sha256":
		        print(key, repr(text))
		for name, t in head.items():
		    begin, end = t["data_offsets"]
		    print(name, t["dtype"], t["shape"], hashlib.sha256(b[8 + n:][begin:end]).hexdigest())
	E
}

@test "nn-weights: --set replaces one tensor by an array of NumPy's, and nothing else" {
	numpy 'put(np.arange(60.0).reshape(5, 12) / 7)' >w.npy
	nn-weights --set dense1.weight=w.npy model >new
	# Of doubles, to the nearest floats.
	digest=$(numpy 'sys.stdout.buffer.write((np.arange(60) / 7).astype("<f4").tobytes())' | sha256sum | cut -d ' ' -f 1)
	contents model | sed -E "s/^(dense1.weight F32 [^]]*]) .*/\1 $digest/; s/^(history .*)'\$/\1nn-weights --set dense1.weight sha256:$(
		sha256sum <w.npy | cut -d ' ' -f 1)\\\\n'/" | diff - <(contents new)
	nn-info --verify new
}

@test "nn-weights: a tensor goes out and in again, by file and pipe, of any type and all at once" {
	for tensor in conv1.weight bn1.running_var dense1.weight all; do
		nn-weights model "$tensor" >t.npy
		for copy in t.npy - double; do
			npy-calc -t f8 a t.npy >double
			nn-weights --set "$tensor=$copy" model <t.npy >same
			cmp <(contents model | grep -v ^history) <(contents same | grep -v ^history)
		done
		nn-weights --set "$tensor=t.npy" - <model >piped
		nn-weights --set "$tensor=t.npy" model | cmp - piped
	done
	npy-random -t u1 integers:0:9 129 >whole
	nn-weights --set all=whole model | nn-weights - all | npy-diff --any-type - whole
}

@test "nn-weights: --set several times is one pipe of them" {
	npy-random normal 3,2,3,3 >w
	npy-random normal 3 >b
	nn-weights --set conv1.weight=w --set bn1.bias=b --set conv1.bias=b model >together
	nn-weights --set conv1.weight=w model | nn-weights --set bn1.bias=b - | nn-weights --set conv1.bias=b - | cmp - together
	# The last one counts.
	npy-calc 'a + 1' b >c
	nn-weights --set conv1.bias=c --set conv1.bias=b model | nn-weights - conv1.bias | cmp - b
}

@test "nn-weights: the mean of two models is NumPy's" {
	nn-init -s 4 -b 1 net >other
	{ nn-weights model all; nn-weights other all; } | npy-calc '(a + b) / 2' | nn-weights --set all=- model >mean
	for tensor in conv1.weight bn1.running_var dense1.weight; do
		nn-weights model "$tensor" >a.npy
		nn-weights other "$tensor" >b.npy
		numpy 'put((np.load("a.npy").astype("f8") / 2 + np.load("b.npy").astype("f8") / 2).astype("f4"))' >want
		nn-weights mean "$tensor" | npy-diff - want
	done
}

@test "nn-weights: a filter set to zero is a channel of zeros" {
	for part in weight bias; do
		nn-weights model conv1.$part | npy-calc 'row == 1 ? 0 : a' >$part
	done
	npy-random -t u1 integers:0:256 6,2,4,4 >images
	nn-weights --set conv1.weight=weight --set conv1.bias=bias model | nn-run -l conv1 - images >without
	nn-run -l conv1 model images | npy-slice :,::2 | npy-diff - <(npy-slice :,::2 without)
	npy-slice :,1 without | npy-info | grep -q '	0	0	0	0	'
}

@test "nn-weights: --set of a recurrent model, in doubles" {
	rnn-init -n 4 -i 3 -o 2 >rnn
	npy-random -t f8 normal 4,4 >w
	nn-weights --set rnn1.weight_hh_l0=w rnn >new
	nn-weights new rnn1.weight_hh_l0 | cmp - w
	cmp <(nn-weights rnn dense1.weight) <(nn-weights new dense1.weight)
	contents new | grep -q "nn-weights --set rnn1.weight_hh_l0 sha256:$(sha256sum <w | cut -d ' ' -f 1)"
	nn-weights rnn all | nn-weights --set all=- rnn | nn-weights - rnn1.weight_ih_l0 | cmp - <(nn-weights rnn rnn1.weight_ih_l0)
	refuses "standard input: rnn1.weight_hh_l0: element 4 is not finite" \
		'npy-calc "row == 1 ? nan : a" w | nn-weights --set rnn1.weight_hh_l0=- rnn'
	refuses "standard input: dense1.weight: expected (2,4), found (2,3)" \
		'npy-slice :2,:3 w | nn-weights --set dense1.weight=- rnn'
}

@test "nn-weights: --set makes a model of a checkpoint" {
	{ npy-random -t u1 integers:0:256 8,2,4,4; npy-random -t u1 integers:0:5 8; } >data
	nn-train -e 1 --checkpoint state model data >trained
	nn-weights trained conv1.bias >b
	nn-weights --set conv1.bias=b state >new
	run ! grep -qE '^(optimizer|training)\.' <(contents new)
	cmp <(nn-weights new all) <(nn-weights trained all)
}

@test "nn-weights: an array that does not fit is refused, with the name of its file" {
	nn-weights model conv1.bias >b
	refuses "model: no tensor 'conv2.bias', only conv1.weight" 'nn-weights --set conv2.bias=b model'
	refuses "b: layer conv1: expected weight (3,2,3,3), found (3)" 'nn-weights --set conv1.weight=b model'
	refuses "standard input: layer conv1: expected bias (3), found (1,3)" \
		'npy-reshape 1,3 b | nn-weights --set conv1.bias=- model'
	refuses "b: expected the elements of all tensors, (129,), found (3,)" 'nn-weights --set all=b model'
	npy-calc 'row == 1 ? nan : a' b >nan
	refuses "nan: tensor 'conv1.bias' is not finite: element 1 is nan" 'nn-weights --set bn1.bias=b --set conv1.bias=nan model'
	npy-calc -t f8 'a * 1e300' b >large
	refuses "large: tensor 'conv1.bias' is not finite: element 0 is inf" 'nn-weights --set conv1.bias=large model'
	npy-calc '0 - a' b >negative
	refuses "negative: tensor 'bn1.running_var' is no variance: element 0 is -0.25" 'nn-weights --set bn1.running_var=negative model'
	nn-weights --set bn1.running_mean=negative model >/dev/null
}

@test "nn-weights: --set without an array, or with too much, is refused" {
	nn-weights model conv1.bias >b
	refuses "--set: expected NAME=FILE, found 'conv1.bias'" 'nn-weights --set conv1.bias model'
	refuses "model: no tensor ''" 'nn-weights --set =b model'
	refuses "no-such-file: No such file" 'nn-weights --set conv1.bias=no-such-file model'
	refuses "net: expected an NPY array" 'nn-weights --set conv1.bias=net model'
	refuses "cat b b" 'cat b b >"cat b b"; nn-weights --set "conv1.bias=cat b b" model'
	refuses "only one of the model and the arrays" 'nn-weights --set conv1.bias=- - <model'
	refuses "only one of the model and the arrays" 'nn-weights --set conv1.bias=- --set bn1.bias=- model <b'
	refuses "--set writes a model" 'nn-weights --set conv1.bias=b model conv1.bias'
	refuses "No space left on device" 'nn-weights --set conv1.bias=b model >/dev/full'
	refuses "truncated" 'head -c 130 b | nn-weights --set conv1.bias=- model'
}

@test "nn-weights: what is no model is refused" {
	refuses "no-such-file" 'nn-weights no-such-file'
	refuses "expected a model, found text" 'nn-weights net'
	refuses "too few operands" 'nn-weights'
}

@test "nn-weights: a full disk is an error, a reader that went away is none" {
	refuses "No space left on device" 'nn-weights model >/dev/full'
	refuses "No space left on device" 'nn-weights model conv1.bias >/dev/full'
	printf 'input 1x28x28\ndense 1000\n' | nn-init >large
	pipe 'nn-weights large dense1.weight | head -c 1 >/dev/null'
}

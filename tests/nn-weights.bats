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
	refuses "no tensor 'conv2.weight', only conv1.weight, conv1.bias, bn1.weight" \
		'nn-weights model conv2.weight'
	echo 'input 1x1x1 relu' | sed 's/ relu/\nrelu/' | nn-init >none
	refuses "no tensor 'x', the model has none" 'nn-weights none x'
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

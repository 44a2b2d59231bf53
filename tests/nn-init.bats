load helper

# A small network with a tensor of every kind.
small() {
	cat <<-'E'
		input 1x6x6 scale 255
		conv 4 3x3
		batchnorm
		relu
		maxpool 2x2
		dense 5
	E
}

# What python3 finds in a model, by the format's definition rather than by our code: a line for each
# text of the metadata, then "name shape first-value" for each tensor.
tensors() {
	/usr/bin/python3 - "$1" <<-'E'
		import json, struct, sys
		b = open(sys.argv[1], "rb").read()
		n, = struct.unpack("<Q", b[:8])
		head, data = json.loads(b[8:8 + n]), b[8 + n:]
		assert (8 + n) % 8 == 0 and b[8:9] == b"{"
		for key, text in head.pop("__metadata__").items():
		    print(key, repr(text))
		for name, t in head.items():
		    begin, end = t["data_offsets"]
		    values = struct.unpack("<%df" % ((end - begin) // 4), data[begin:end])
		    print(name, t["shape"], *map("{:g}".format, sorted(set(values))[:2]))
		assert end == len(data)
	E
}

@test "nn-init: the file is safetensors, with PyTorch's names, shapes and order" {
	small >net
	nn-init -i zeros -b 0.5 net >model
	diff <(tensors model) - <<-E
		format 'pt'
		network 'input 1x6x6 scale 255\nconv 4 3x3\nbatchnorm\nrelu\nmaxpool 2x2\ndense 5\n'
		history 'nn-init --init zeros --bias 0.5 --seed 1 sha256:$(sha256sum <net | cut -d ' ' -f 1)\n'
		conv1.weight [4, 1, 3, 3] 0
		conv1.bias [4] 0.5
		bn1.weight [4] 1
		bn1.bias [4] 0
		bn1.running_mean [4] 0
		bn1.running_var [4] 1
		dense1.weight [5, 16] 0
		dense1.bias [5] 0.5
	E
}

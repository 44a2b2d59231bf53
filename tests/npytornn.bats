load helper
load recurrent

setup() {
	for cell in rnn lstm; do
		recurrent "put(*model('$cell', 1, 3, 2, 4))" >$cell.npy
	done
}

# texts FILE: the texts in a model's header, a line each
texts() {
	/usr/bin/python3 - "$1" <<-'E'
		import json, struct, sys
		b = open(sys.argv[1], "rb").read()
		for text in json.loads(b[8:8 + struct.unpack("<Q", b[:8])[0]])["__metadata__"].items():
		    if text[0] != "sha256":
		        print(*text, sep="\t")
	E
}

@test "npytornn: the arrays of the model are those given, as doubles" {
	for cell in rnn lstm; do
		npytornn $cell.npy | arrays | cmp - $cell.npy
		npytornn $cell.npy >file.model
		cmp file.model <(npytornn - <$cell.npy)
	done
	numpy 'put(*(a.astype("f4") for a in get("lstm.npy")))' >single.npy
	npytornn single.npy | arrays | npy-diff -a 1e-7 - lstm.npy
}

@test "npytornn: the model says which cell it is, and of what it was made" {
	npytornn rnn.npy >tanh.model
	npytornn --candidate sigmoid lstm.npy >sigmoid.model
	diff <(texts tanh.model) - <<-E
		format	pt
		cell	tanh
		history	arrays sha256:$(sha256sum <rnn.npy | cut -d ' ' -f 1)

	E
	texts sigmoid.model | sed -n 2,3p | diff - <(printf 'cell\tlstm\ncandidate\tsigmoid\n')
	[ "$(nn-info --history tanh.model)" = "arrays sha256:$(sha256sum <rnn.npy | cut -d ' ' -f 1)" ]
}

@test "npytornn: a state_dict of PyTorch's, whose second bias is added to the first" {
	# As safetensors.torch.save_file() writes a tanh RNN and a linear layer, in floats and any order.
	/usr/bin/python3 - >torch.model <<-'E'
		import json, struct, sys
		import numpy as np
		with open("rnn.npy", "rb") as f:
		    W, U, V, b, c = (np.load(f) for _ in range(5))
		state = {"dense1.bias": c, "dense1.weight": V, "rnn1.bias_hh_l0": b / 4, "rnn1.bias_ih_l0": b * 0.75,
		         "rnn1.weight_hh_l0": W, "rnn1.weight_ih_l0": U}
		header, data = {"__metadata__": {"cell": "tanh"}}, b""
		for name, a in state.items():
		    a = a.astype("<f4").tobytes()
		    header[name] = {"dtype": "F32", "shape": state[name].shape, "data_offsets": [len(data), len(data) + len(a)]}
		    data += a
		text = json.dumps(header).encode()
		text += b" " * (-len(text) % 8)
		sys.stdout.buffer.write(struct.pack("<Q", len(text)) + text + data)
	E
	arrays <torch.model | npy-diff -a 2e-7 - rnn.npy
	recurrent 'put(vectors(2, 10, 5, 2))' >x.npy
	npy-diff -a 1e-6 <(rnn-run torch.model x.npy) <(rnn-run rnn.npy x.npy)
	sed 's/"cell": "tanh"/"cell": "lstm"/' torch.model >other.model
	refuses "rnn1.weight_hh_l0: expected that of cell lstm, found (3,3)" 'rnn-run other.model x.npy'
	sed 's/"cell": "tanh"/"cell": "relu"/' torch.model >other.model
	refuses "cell: 'relu' is not one of tanh, lstm" 'nn-weights other.model'
	sed 's/dense1.bias/dense2.bias/' torch.model >other.model
	refuses "tensor 'dense2.bias' is not one of a recurrent model" 'nn-weights other.model'
}

@test "npytornn: what is no model is refused" {
	refuses "--candidate: only an LSTM has one" 'npytornn --candidate sigmoid rnn.npy'
	refuses "expected five arrays W U V b c, found 4" "for k in 0 1 2 3; do npy-slice -k \$k rnn.npy; done | npytornn"
	refuses "found more" 'cat rnn.npy rnn.npy | npytornn'
	refuses "V: expected (O,H)" 'cat <(array f8 "np.ones((2, 2))") <(array f8 "np.ones((2, 2))") <(array f8 "np.ones(2)") | npytornn'
	refuses "expected an NPY array" 'npytornn rnn.npy | npytornn'
	refuses "is not finite" 'array f8 "[[np.nan]]" | cat - <(array f8 "[[1]]") <(array f8 "[[1]]") <(array f8 "[1]") <(array f8 "[1]") | npytornn'
}

@test "npytornn: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npytornn rnn.npy >/dev/full'
	pipe 'npytornn lstm.npy | true'
}

load helper
load onnx

# Counted by hand from onnx.proto: a key is number * 8 + type, type 2 has a length, type 0 a varint.
@test "nntoonnx: a network of a layer, byte by byte" {
	header='{"__metadata__":{"network":"input 1x1x2\nrelu\n"}}'
	{ printf '%b' "\\x$(printf %02x ${#header})\0\0\0\0\0\0\0"; printf %s "$header"; } >relu.model
	shape='\x12\x17\x0a\x15\x08\1\x12\x11' # a type of 23 bytes: a tensor of 21: floats, a shape of 17:
	shape+='\x0a\3\x12\1N\x0a\2\x08\1\x0a\2\x08\1\x0a\2\x08\2' # N, 1, 1, 2
	{
		printf '\x08\x08\x12\7nnutils\x1a\x031.0' # version 8 of the format; who writes it
		printf '\x42\4\x0a\0\x10\x11'             # version 17 of the domain ""
		printf '\x72\x0b\x0a\7history\x12\0'
		printf '\x3a\x6a\x12\7network'            # a graph of 106 bytes
		printf '\x5a\x20\x0a\5input%b' "$shape"   # an input of 32
		printf '\x0a\x1b\x22\4Relu\x1a\5relu1\x0a\5input\x12\5relu1' # a node of 27: its op, name, input, output
		printf '\x62\x20\x0a\5relu1%b' "$shape"   # an output
	} >by-hand
	nntoonnx relu.model >relu.onnx
	diff <(od -An -tx1 relu.onnx) <(od -An -tx1 by-hand)
}

@test "nntoonnx: every kind of layer is its operators, every tensor is the model's" {
	onnx '
import json
m = read(open("every.onnx", "rb").read())
g = read(m[7][0])
text = lambda v: v.decode()
of = {text(t[8][0]): (t.get(1, []), np.frombuffer(t[9][0], "<f4").tolist()) for t in map(read, g[5])}
f4 = lambda *x: np.array(x, "f4").tolist()
assert of["input/centered.by"] == ([3, 1, 1], f4(100.5, 90.25, 0)), of["input/centered.by"]
assert of["input/scaled.by"] == ([3, 1, 1], f4(58.3, 60, 1)), of["input/scaled.by"]
for n in map(read, g[1]):
    print(text(n[3][0]), text(n[4][0]), *map(text, n[1]), *(text(read(a)[1][0]) + "=" + ",".join(
        map(str, read(a).get(8, read(a).get(3, read(a).get(4)))))  for a in n.get(5, [])))
raw = open("every.model", "rb").read()
end = 8 + struct.unpack("<Q", raw[:8])[0]
head = json.loads(raw[8:end])
head.pop("__metadata__")
for t in map(read, g[5]):
    name = text(t[8][0])
    if "/" in name: continue
    want = head.pop(name)
    assert t[1] == want["shape"] and t[2] == [1], name
    assert t[9][0] == raw[end:][slice(*want["data_offsets"])], name
assert not head, head' >nodes
	diff <(sed 's/=b./=/; s/Resize \(.*\) mode.*/Resize \1/' nodes) - <<-'E'
		input/centered Sub input input/centered.by
		input/scaled Div input/centered input/scaled.by
		conv1 Conv input/scaled conv1.weight conv1.bias kernel_shape=3,2 strides=2,1 pads=1,0,1,0
		bn1 BatchNormalization conv1 bn1.weight bn1.bias bn1.running_mean bn1.running_var
		r Relu bn1
		maxpool1 MaxPool r kernel_shape=2,3 strides=3,2 pads=0,0,1,1
		c Conv maxpool1 c.weight kernel_shape=3,3 strides=1,1 pads=1,1,1,1
		template1 Template c
		tanh1 Tanh template1
		avgpool1 AveragePool tanh1 kernel_shape=2,2 strides=2,2 pads=0,0,1,0
		upsample1 Resize avgpool1  upsample1/scales
		sigmoid1 Sigmoid upsample1
		dropout1 Dropout sigmoid1 dropout1/ratio
		conv3 Conv dropout1 conv3.weight conv3.bias kernel_shape=2,4 strides=2,3 pads=0,0,0,1
		x Relu conv3
		conv4 Conv x conv4.weight conv4.bias kernel_shape=1,1 strides=1,1 pads=0,0,0,0
		bn2 BatchNormalization conv4 bn2.weight bn2.bias bn2.running_mean bn2.running_var
		add1 Add bn2 x
		avgpool2 AveragePool add1 kernel_shape=2,2 strides=1,1 pads=1,0,1,0
		maxpool2 MaxPool avgpool2 kernel_shape=3,2 strides=2,1 pads=0,0,1,1
		maxpool3/pool GlobalMaxPool maxpool2
		maxpool3 Flatten maxpool3/pool
		bn3 BatchNormalization maxpool3 bn3.weight bn3.bias bn3.running_mean bn3.running_var
		dense1 Gemm bn3 dense1.weight transB=1
		tanh2 Tanh dense1
		dense2 Gemm tanh2 dense2.weight dense2.bias transB=1
	E
}

# ONNX's operators as their manual has them; both round floats.
@test "nntoonnx: the function Template, step by step in NumPy, is the layer" {
	nn-init -s 5 >cone.model <<<$'input 4x6x9 mean 90 scale 70\ntemplate'
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 4, 6, 9), "u1"))' >cone.pixels
	nn-run cone.model cone.pixels >cone.npy
	nntoonnx cone.model >cone.onnx
	onnx '
ops = {"Shape": lambda x: np.array(x.shape), "Gather": lambda x, i: x[i], "Mul": np.multiply, "Abs": np.abs,
       "Flatten": lambda x, axis: x.reshape(np.prod(x.shape[:axis], dtype=int), -1),
       "ArgMax": lambda x, axis: x.argmax(axis)[:, None], "Range": np.arange, "Sub": np.subtract,
       "Div": lambda a, b: a // b if a.dtype.kind == "i" else a / b, "Mod": np.mod, "Add": np.add, "Max": np.maximum,
       "Cast": lambda x, to: x.astype({1: "f4"}[to]), "Relu": lambda x: np.maximum(x, 0), "Reshape": np.reshape,
       "Constant": lambda value_int=None, value_float=None: np.array(value_float, "f4") if value_int is None
       else np.array(value_int)}
f = read(read(open("cone.onnx", "rb").read())[25][0])
assert (f[1], f[10], f[4], f[5]) == ([b"Template"], [b"nnutils"], [b"x"], [b"y"])
x = ((get("cone.pixels")[0] - 90.0) / 70).astype("f4")
values = {b"x": x}
for n in map(read, f[7]):
    attributes = {a[1][0].decode(): a.get(3, a.get(2))[0] for a in map(read, n.get(5, []))}
    values[n[2][0]] = ops[n[4][0].decode()](*(values[i] for i in n.get(1, [])), **attributes)
want = get("cone.npy")[0]
assert abs(values[b"y"] - want).max() <= 1e-6 * abs(want).max()
assert (want == 0).any() and (want != 0).any()'
}

@test "nntoonnx: the same bytes each time, from a file and from a pipe" {
	cmp every.onnx <(nntoonnx <every.model)
	cmp every.onnx <(nntoonnx - <every.model)
}

# Both add in floats, in other orders.
@test "nntoonnx: ONNX's checker passes it, ONNX Runtime computes the same, where they are installed" {
	"$python" -c 'import onnx, onnxruntime' 2>/dev/null || skip "no onnx and onnxruntime for Python"
	nn-init -s 6 >point.model <<<$'input 2x3x3 scale 255\nconv 4 3x3'
	seed=0
	for net in "$root"/pipelines/nets/*.net; do
		nn-init -b 0.1 -s $((++seed)) "$net" >"$(basename "$net" .net)".model
	done
	for model in *.model; do
		[ "$model" != relu.model ] || continue
		size=$(nn-info --network "$model" | sed -n 's/^input *\([0-9x]*\).*/\1/p' | tr x ,)
		numpy "put(np.random.default_rng(1).integers(0, 256, (3, $size), 'u1'))" >x.npy
		nn-run "$model" x.npy >"${model%model}npy"
		cp x.npy "${model%model}pixels"
		nntoonnx "$model" >"${model%model}onnx"
	done
	nntoonnx -p every.model >every-p.onnx
	nn-run -p every.model every.pixels >every-p.npy
	cp every.pixels every-p.pixels
	"$python" - <<-'E'
		import glob, numpy as np, onnx, onnxruntime
		options = onnxruntime.SessionOptions()
		options.intra_op_num_threads = 1
		options.log_severity_level = 3
		files = glob.glob("*.pixels")
		assert len(files) > 20
		for name in files:
		    name = name[:-7]
		    onnx.checker.check_model(name + ".onnx", full_check=True)
		    session = onnxruntime.InferenceSession(name + ".onnx", options, providers=["CPUExecutionProvider"])
		    x = np.load(name + ".pixels").astype("f4")
		    found, want = session.run(None, {"input": x})[0], np.load(name + ".npy")
		    assert found.shape == want.shape, name
		    assert abs(found - want).max() <= 1e-5 * abs(want).max(), (name, abs(found - want).max())
	E
}

@test "nntoonnx: what is no classifier has no probabilities; what is no model is refused" {
	nn-init >image.model <<<$'input 1x4x4\nconv 2 3x3'
	nntoonnx image.model >image.onnx
	refuses "the network ends in conv1, whose output is (2,2,2)" 'nntoonnx -p image.model'
	refuses "expected a model, found an ONNX file" 'nntoonnx every.onnx'
	refuses "no-such-file" 'nntoonnx no-such-file'
}

@test "nntoonnx: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'nntoonnx every.model >/dev/full'
	pipe 'nntoonnx every.model | true'
}

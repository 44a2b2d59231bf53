load helper
load onnx

@test "onnxtonn: there and back, for every network and kind of layer: tensors and outputs bit for bit" {
	seed=0
	for net in "$root"/pipelines/nets/*.net; do
		nn-init -b 0.1 -s $((++seed)) "$net" >"$(basename "$net" .net)".model
	done
	for model in *.model; do
		nntoonnx "$model" | onnxtonn >again
		same_tensors "$model" again
		# Their names, options and shapes too.
		diff <(nn-info "$model") <(nn-info again)
	done
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 3, 13, 17), "u1"))' >x.npy
	nntoonnx every.model | onnxtonn >again
	cmp <(nn-run every.model x.npy) <(nn-run again x.npy)
	[ "$(nn-info --network again | head -n 1)" = "input 3x13x17 mean 100.5 90.25 0 scale 58.3 60 1" ]
	nn-info --network again | grep -qx 'dropout 0.3 as dropout1'
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 28, 28), "u1"))' >x.npy
	nntoonnx resnet20.model | onnxtonn >again
	cmp <(nn-run resnet20.model x.npy) <(nn-run again x.npy)
}

@test "onnxtonn: the history goes on" {
	diff <(onnxtonn every.onnx | nn-info --history -) <(
		nn-info --history every.model
		echo "onnxtonn --mean 0 --scale 1 sha256:$(sha256sum <every.onnx | cut -d ' ' -f 1)"
	)
	onnxtonn -m 2 -s 0.5 -i 3x13x17 <every.onnx | nn-info --history - |
		grep -q '^onnxtonn --mean 2 --scale 0.5 --input 3x13x17 sha256:'
}

# The operators in other forms than nntoonnx writes, as PyTorch and others do; NumPy has the answers.
@test "onnxtonn: shapes computed from the batch, other forms of dense layers, numbers in protobuf's lists" {
	onnx '
r = np.random.default_rng(1)
k, kb = r.normal(size=(3, 2, 2, 2)), r.normal(size=3)
w, wb, u, v, vb = (r.normal(size=s) for s in ((12, 5), (1, 5), (4, 5), (4, 4), 4))
listed = (field(1, varint(4) + varint(5)) + field(2, 1) + field(8, "u.weight")
          + field(4, u.astype("<f4").tobytes()[:40]) + b"".join(field(4, float(x)) for x in u.ravel()[10:]))
constant = lambda a: field(2, 0) and tensor("", np.array(a))
save("x.onnx", model(value("x", ["N", 2, 5, 4]), "out",
    node("Constant", "", "half", value=constant(0.5)), node("Constant", "", "two", value=constant([2.0])),
    node("Mul", "two x", "x2"), node("Sub", "x2 half", "x3"), node("Div", "x3 two", "x4"),
    node("Conv", "x4 a.0.weight", "c", auto_pad="VALID", strides=[1, 2]), node("Add", "c a.0.bias", "cb"),
    node("Identity", "cb", "ci"), node("MaxPool", "ci", "p", kernel_shape=[3, 1], strides=[2, 1], ceil_mode=1),
    node("Shape", "p", "s"), node("Constant", "", "zero", value=constant(0)), node("Gather", "s zero", "n"),
    node("Unsqueeze", "n axis", "n1"), node("Concat", "n1 rest", "to", axis=0), node("Reshape", "p to", "f"),
    node("Cast", "f", "ff", to=1), node("MatMul", "ff w", "d"), node("Add", "wb d", "db"),
    node("Transpose", "u.weight", "ut", perm=[1, 0]), node("MatMul", "db ut", "e"),
    node("Gemm", "e v vb", "g"), node("Softmax", "g", "out", axis=1),
    tensors={"a.0.weight": k, "a.0.bias": kb.reshape(1, 3, 1, 1), "axis": [0], "rest": [-1], "w": w, "wb": wb,
             "u": listed, "v": v, "vb": vb}))
x = r.integers(0, 256, (7, 2, 5, 4)).astype("u1")
y = x * 0.6 + 0.1
y = (2 * y - 0.5) / 2
y = np.stack([np.einsum("nchw,ochw->no", y[:, :, i:i + 2, j:j + 2], k[None][0]) + kb
              for i in range(4) for j in (0, 2)], 2).reshape(7, 3, 4, 2)
y = np.stack([y[:, :, :3].max(2), y[:, :, 2:].max(2)], 2).reshape(7, 12)
y = ((y @ w + wb) @ u.T) @ v + vb
with open("x.npy", "wb") as f: np.save(f, x)
with open("y.npy", "wb") as f: np.save(f, y)'
	# (pixel + 1 / 6) / (5 / 3) is 0.6 pixel + 0.1.
	onnxtonn -m -0.16666666666666666 -s 1.6666666666666667 x.onnx >x.model
	diff <(nn-info --network x.model | sed 1d) - <<-'E'
		conv 3 2x2 stride 1x2 as a_0
		maxpool 3x1 stride 2x1 ceil as maxpool1
		dense 5 as dense1
		dense 4 nobias as u
		dense 4 as dense3
	E
	nn-run x.model x.npy | npy-calc a - | numpy '
a, b = np.load(io.BytesIO(sys.stdin.buffer.read())), get("y.npy")[0]
assert a.shape == b.shape and abs(a - b).max() <= 1e-5 * abs(b).max(), abs(a - b).max()'
}

@test "onnxtonn: an input that is a vector, or whose shape is open, with --input" {
	onnx '
w, names = np.ones((4, 6)), ["N", "H", "W"]
dense = node("Gemm", "x w", "y", transB=1)
save("flat.onnx", model(value("x", ["N", 6]), "y", dense, tensors={"w": w}))
save("open.onnx", model(value("x", ["N", 1, "H", None]), "y", node("Flatten", "x", "f"),
    node("Gemm", "f w", "y", transB=1), tensors={"w": w}))'
	for file in flat open; do
		refuses "$file.onnx: input 'x': the file does not say the shape of the images; --input says it" "onnxtonn $file.onnx"
		[ "$(onnxtonn -i 1x2x3 $file.onnx | nn-info - | tail -n 1 | cut -f 3-4)" = "(1,2,3)	(4)" ]
		for bad in 6 1x2 0x2x3 1x2x3x4 '1x2x3 ' -1x2x3 99999x99999x99999 9999999999x1x1 x; do
			refuses "--input: expected channels, rows and columns such as 1x28x28" "onnxtonn -i '$bad' $file.onnx"
		done
	done
	refuses "input 'x': the file says that axis 1 is 6, not 8" 'onnxtonn -i 2x2x2 flat.onnx'
	refuses "node 'y' (Gemm): its weights are for 6 inputs, found 8" 'onnxtonn -i 1x2x4 open.onnx'
	refuses "--scale" 'onnxtonn -s 0 flat.onnx'
	refuses "--scale: 0 is not between" 'onnxtonn -s 1,0,1 flat.onnx'
	refuses "--mean: '' is not a number" 'onnxtonn -m 1,,1 flat.onnx'
	refuses "--mean: 3 numbers for 1 channel" 'onnxtonn -m 1,2,3 -i 1x2x3 open.onnx'
	refuses "--scale: 2 numbers for 6 channels" 'onnxtonn -s 1,2 -i 6x1x1 flat.onnx'
}

# Each is max pooling of a window of 3x3, with a stride of 2; its outputs are NumPy's.
@test "onnxtonn: pads of pools, in every way that ONNX has" {
	numpy 'put(-np.random.default_rng(1).permutation(2 * 72).reshape(1, 2, 8, 9))' >x.npy
	while IFS='|' read -r text attributes rows columns; do
		onnx "save('x.onnx', model(value('x', ['N', 2, 8, 9]), 'y', node('MaxPool', 'x', 'y', kernel_shape=[3, 3], strides=[2, 2], $attributes)))"
		onnxtonn x.onnx >x.model
		[ "$(nn-info --network x.model | tail -n 1)" = "maxpool 3x3 stride 2x2$text as maxpool1" ]
		nn-run x.model x.npy >found.npy
		numpy "
x = get('x.npy')[0]
x = np.pad(x, ((0, 0), (0, 0), $rows, $columns), constant_values=-1000)
w = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))[:, :, ::2, ::2].max((4, 5))
assert (w > -1000).all() and (get('found.npy')[0] == w).all()"
	done <<-'E'
		 pad 1x1|pads=[1, 1, 1, 1]|(1, 1)|(1, 1)
		 pad 1x1 ceil|pads=[1, 1, 1, 1], ceil_mode=1|(1, 2)|(1, 1)
		 pad 1x0|pads=[1, 0, 1, 0]|(1, 1)|(0, 0)
		 pad same|auto_pad='SAME_UPPER'|(0, 1)|(1, 1)
		 pad same|pads=[0, 1, 1, 1]|(0, 1)|(1, 1)
		 ceil|pads=[0, 0, 1, 0]|(0, 1)|(0, 0)
		|auto_pad='VALID'|(0, 0)|(0, 0)
	E
}

# As PyTorch wrote it before version 12 of the operators; 0.3 is no float.
@test "onnxtonn: numbers are those that were meant by floats" {
	onnx '
save("x.onnx", model(value("x", ["N", 2, 4, 4]), "y", node("Sub", "x m", "s"), node("Dropout", "s", "y", ratio=0.3),
    tensors={"m": 72.94}))'
	[ "$(onnxtonn x.onnx | nn-info --network -)" = \
		$'input 2x4x4 mean 72.94 scale 1\ndropout 0.3 as dropout1' ]
}

# What torchvision's Normalize does, in the file, by the options, and half of it in each: the numbers are those of
# its manual; 255 times them is rounded in the last of 53 bits.
@test "onnxtonn: a mean and a scale for each channel, of the file and of the options" {
	onnx '
x, m, s = value("x", ["N", 3, 4, 4]), np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
norm = node("Sub", "x m", "c"), node("Div", "c s", "n")
save("whole.onnx", model(x, "y", *norm, node("Relu", "n", "y"), tensors={"m": m.reshape(1, 3, 1, 1), "s": s.reshape(3, 1, 1)}))
save("half.onnx", model(x, "y", node("Mul", "x s", "n"), node("Relu", "n", "y"), tensors={"s": 1 / s.reshape(3, 1, 1)}))
save("none.onnx", model(x, "y", node("Relu", "x", "y")))
save("vector.onnx", model(value("x", ["N", 3]), "y", *norm, node("Relu", "n", "y"), tensors={"m": m, "s": s.reshape(1, 3)}))'
	mean=123.675,116.28,103.53 scale=58.395,57.12,57.375
	cat >want <<<$'123.675 116.28 103.53\n58.395 57.12 57.375'
	onnxtonn -s 255 whole.onnx >whole
	onnxtonn -s 255 -m $mean half.onnx >half
	onnxtonn -s $scale -m $mean none.onnx >none
	onnxtonn -s 255 -i 3x1x1 vector.onnx >vector
	for model in whole half none vector; do
		nn-info --network $model | sed -n 's/input [0-9x]* mean //; s/ scale /\n/; 1p' |
			awk '{ for (i = 1; i <= NF; i++) printf "%.6g%s", $i, i < NF ? " " : "\n" }' | diff want -
	done
	grep -qF 'onnxtonn --mean 0 --scale 58.395,57.12,57.375' <(
		onnxtonn -s $scale none.onnx | nn-info --history -)
	says "node 'y' (Sub): expected one number for all pixels, or one for each channel" \
		"model(x, 'y', node('Sub', 'x s', 'y'), tensors={'s': np.arange(4.0).reshape(1, 4, 1)})"
	says "node 'y' (Sub): expected one number for all pixels, or one for each channel" \
		"model(value('x', ['N', 4]), 'y', node('Sub', 'x s', 'y'), tensors={'s': np.arange(2.0)})" '-i 2x2x1'
	says "node 'y' (Div): -1 is no scale of an input" \
		"model(x, 'y', node('Div', 'x s', 'y'), tensors={'s': np.array([1.0, -1]).reshape(2, 1, 1)})"
}

@test "onnxtonn: an epsilon is added to the variances" {
	onnx '
names = {k: np.arange(1, 4) / 4.0 for k in "abmv"}
for e, file in (1e-3, "more"), (1e-6, "less"), (1e-5, "same"):
    save(file, model(value("x", ["N", 3, 2, 1]), "y",
        node("BatchNormalization", "x a b m v", "y", epsilon=e, momentum=0.9), tensors=names))
    names["v"] = np.array([1.0, 0, 1])'
	onnxtonn more | nn-weights - bn1.running_var | npy-diff -a 1e-7 - <(array f4 '[0.25099, 0.50099, 0.75099]')
	refuses "node 'y' (BatchNormalization): its variance is negative, with epsilon - 1e-5 added" 'onnxtonn less'
	onnxtonn same | nn-weights - bn1.running_var | cmp - <(array f4 '[1, 0, 1]')
	for epsilon in 'float("nan")' 'float("inf")' 3e38; do
		node_says "its running_var is not finite, with epsilon - 1e-5 added" BatchNormalization 'x c c c h' "epsilon=$epsilon"
	done
}

# says MESSAGE SCRIPT [OPTIONS]: the file of this input x (N,2,4,4), nodes and tensors is refused with this message.
says() {
	onnx "
w = np.ones((3, 2, 3, 3)); c = np.ones(2); m = np.ones((4, 32)); i = [2]; h = c * 3e38
x = value('x', ['N', 2, 4, 4])
save('bad.onnx', $2)"
	refuses "bad.onnx: $1" "onnxtonn ${3:-} bad.onnx"
}

# node_says MESSAGE OP INPUTS ATTRIBUTES: of a network of one node.
node_says() {
	says "node 'y' ($2): $1" "model(x, 'y', node('$2', '$3', 'y', $4), tensors={'w': w, 'c': c, 'm': m, 'i': i, 'h': h})"
}

@test "onnxtonn: what a network cannot say is refused, by the node's name and operator" {
	node_says "this operator is not supported" LeakyRelu x
	node_says "this operator is not supported" Relu x 'domain="com.example"'
	node_says "this operator is not supported" Template x
	node_says "dilations of 2x2 are not supported" Conv 'x w' 'dilations=[2, 2]'
	node_says "group 2 is not supported" Conv 'x w' 'group=2'
	node_says "pads of 1,0,0,0 are not supported" Conv 'x w' 'pads=[1, 0, 0, 0]'
	node_says "pads has -1" Conv 'x w' 'pads=[-1, 0, 0, 0]'
	node_says "pads of 2 numbers, expected 4" Conv 'x w' 'pads=[1, 1]'
	node_says "strides has 0" Conv 'x w' 'strides=[0, 1]'
	node_says "kernel_shape is not that of the kernel" Conv 'x w' 'kernel_shape=[2, 2]'
	node_says "this auto_pad is not supported" Conv 'x w' 'auto_pad="SAME_LOWER"'
	node_says "a window of 3x9 does not fit into (2,4,4)" MaxPool x 'kernel_shape=[3, 9]'
	node_says "no kernel_shape" MaxPool x
	onnx "save('x.onnx', model(value('x', ['N', 2, 4, 4]), 'y', node('AveragePool', 'x', 'y', kernel_shape=[2, 2], strides=[2, 2], auto_pad='SAME_UPPER', count_include_pad=1)))"
	[ "$(onnxtonn x.onnx | nn-info -n - | tail -n 1)" = "avgpool 2x2 stride 2x2 as avgpool1" ]
	node_says "pads of 1,1,0,0 are not supported" MaxPool x 'kernel_shape=[2, 2], pads=[1, 1, 0, 0]'
	for pads in 'pads=[0, 0, 1, 1]' 'pads=[1, 1, 1, 1]' 'auto_pad="SAME_UPPER"'; do
		node_says "count_include_pad with pads is not supported" AveragePool x "kernel_shape=[3, 3], $pads, strides=[2, 2], count_include_pad=1"
	done
	says "its network:2:1: maxpool: a padding of 2x2 for a window of 2x2, expected less" \
		"model(x, 'y', node('MaxPool', 'x', 'y', kernel_shape=[2, 2], pads=[2, 2, 2, 2]))"
	node_says "pads of 0,0,2,2 are not supported" MaxPool x 'kernel_shape=[3, 3], pads=[0, 0, 2, 2]'
	node_says "a kernel of 2 dimensions, expected 4: (out,in,rows,columns)" Conv 'x m'
	node_says "expected a vector (N,C) as input, found an image" Gemm 'x m' 'transB=1'
	node_says "the attribute 'slope' is not supported" Relu x 'slope=1.0'
	node_says "input 1 is missing" Conv x
	node_says "input 0 is missing" Relu ''
	node_says "reads 'z', which no node above gives" Relu z
	node_says "expected the output of a layer as input 0, found a constant" Relu c
	node_says "expected a constant as input 1, found what is computed" Conv 'x x'
	node_says "expected 32-bit floats in 'i'" Conv 'x i'
	node_says "expected 2 elements of weight, found 54" BatchNormalization 'x w w c c'
	node_says "training_mode is not supported: export in evaluation mode" BatchNormalization 'x c c c c' 'training_mode=1'
	node_says "a ratio of 1" Dropout 'x' 'ratio=1.0'
	node_says "expected the outputs of two layers" Add 'x x'
	node_says "expected the axes 2 and 3, rows and columns" ReduceMean x 'axes=[1]'
	node_says "expected the nearest element, without align_corners" Resize 'x - c' 'mode="linear"'
	says "node 'y' (Div): 0 is no scale of an input" "model(x, 'y', node('Div', 'x z', 'y'), tensors={'z': 0.0})"
	says "node 'y' (Resize): expected one whole number of times for rows and columns" \
		"model(x, 'y', node('Resize', 'x - s', 'y', coordinate_transformation_mode='asymmetric', nearest_mode='floor'), tensors={'s': [1.0, 1, 2, 3]})"
	says "node 'y' (Resize): expected one whole number of times for rows and columns" \
		"model(x, 'y', node('Resize', 'x - - s', 'y', coordinate_transformation_mode='asymmetric', nearest_mode='floor'), tensors={'s': [1, 4, 8, 8]})"
	says "node 'y' (Squeeze): expected (N,C,1,1), and the axes 2 and 3" \
		"model(x, 'y', node('GlobalMaxPool', 'x', 'p'), node('Squeeze', 'p s', 'y'), tensors={'s': [6, 3]})"
	says "node 'y' (Sub): expected one number for all pixels, or one for each channel" "model(x, 'y', node('Sub', 'x s', 'y'), tensors={'s': [1.0, 2]})"
	says "node 'y' (Mul): expected the input of the network, found the output of a layer" \
		"model(x, 'y', node('Relu', 'x', 'r'), node('Mul', 'r s', 'y'), tensors={'s': 2.0})"
	says "node 'y' (Add): a constant can be added to the input, and once" \
		"model(x, 'y', node('Relu', 'x', 'r'), node('Add', 'r s', 'y'), tensors={'s': 2.0})"
	# What is added would be seen under the other name, too.
	says "node 'a' (Add): a constant can be added to the input, and once" \
		"model(x, 'y', node('Conv', 'x w', 'k'), node('Identity', 'k', 'i'), node('Add', 'i b', 'a'), node('Relu', 'k', 'r'),
		       node('Add', 'r a', 'y'), tensors={'w': w, 'b': np.ones((3, 1, 1))})"
	says "node 'y' (Relu): reads the input of the network, which only the first layer can" \
		"model(x, 'y', node('Relu', 'x', 'r'), node('Relu', 'x', 'y'))"
	says "node 'y' (Reshape): images can only be flattened" \
		"model(x, 'y', node('Relu', 'x', 'r'), node('Reshape', 'r s', 'y'), tensors={'s': [-1, 4, 8]})"
	says "node 's' (Softmax): supported only as the end of a network" \
		"model(x, 'y', node('Flatten', 'x', 'f'), node('Softmax', 'f', 's'), node('Gemm', 's m', 'y', transB=1), tensors={'m': m})"
	says "node 'd' (Gemm): a bias whose elements are not along its last axis" \
		"model(x, 'd', node('Flatten', 'x', 'f'), node('Gemm', 'f m b', 'd', transB=1), tensors={'m': m, 'b': np.ones((m.shape[0], 1), np.float32)})"
	says "node 'd' (Gemm): its weights are for 32 inputs, found 18" \
		"model(value('x', ['N', 2, 3, 3]), 'd', node('Flatten', 'x', 'f'), node('Gemm', 'f m', 'd', transB=1), tensors={'m': m})"
	says "node 'y' (Conv): its weight is not finite" "model(x, 'y', node('Conv', 'x w', 'y'), tensors={'w': w * np.nan})"
}

@test "onnxtonn: inputs, outputs and tensors that are none" {
	says "expected an input, found none" "model(value('c', [2]), 'y', node('Relu', 'c', 'y'), tensors={'c': c})"
	says "two inputs, 'x' and 'z', expected one" "model(x, 'y', node('Relu', 'x', 'y'), inputs=field(11, value('z', [1])))"
	says "input 'x': expected 32-bit floats" "model(value('x', ['N', 2, 4, 4], 10), 'y', node('Relu', 'x', 'y'))"
	says "input 'x' has 3 axes, expected images (N,C,H,W)" "model(value('x', [2, 4, 4]), 'y', node('Relu', 'x', 'y'))"
	says "2 outputs, expected one" "model(x, 'y', node('Relu', 'x', 'y'), outputs=field(12, value('z', [1])))"
	says "expected the output of the last layer as that of the network, found 'r'" \
		"model(x, 'r', node('Relu', 'x', 'r'), node('Tanh', 'r', 'y'))"
	says "expected the output of the last layer as that of the network, found 'z'" "model(x, 'z', node('Relu', 'x', 'y'))"
	says "the output 'f' is a flattened image, expected logits or an image" \
		"model(x, 'f', node('Relu', 'x', 'y'), node('Flatten', 'y', 'f'))"
	says "its network:3:1: relu: the output of relu1 is not used" \
		"model(x, 'y', node('Conv', 'x w', 'c'), node('Relu', 'c', 'r'), node('Tanh', 'c', 'y'), tensors={'w': w})"
	says "two values have the name 'x'" "model(x, 'x', node('Relu', 'x', 'x'))"
	says "tensor 't': 3 elements take 12 bytes, found 8" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': tensor('t', c).replace(field(1, 2), field(1, 3), 1)})"
	says "tensor 't': expected 1000000000 elements, found fewer" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': field(1, 10**9) + field(2, 1) + field(8, 't')})"
	says "tensor 't': expected 1 elements, found more" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': field(1, 1) + field(2, 7) + field(8, 't') + field(7, b'123')})"
	says "tensor 't' is too large" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': field(8, 't') + field(1, 2**31 - 1) * 3 + field(2, 1)})"
	says "tensor 't': -1 is not a size" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': field(8, 't') + field(1, -1)})"
	says "tensor 't' has more than 8 dimensions" "model(x, 'y', node('Relu', 'x', 'y'), tensors={'t': field(8, 't') + field(1, 1) * 9})"
	says "truncated: expected the version of its operators" "model(x, 'y', node('Relu', 'x', 'y'))[:-6]"
	says "sparse tensors are not supported" "field(7, field(15, ''))"
	says "expected an ONNX file, found no graph in it" "field(1, 8) + field(7, '')"
	# A control character in a name does not reach the terminal.
	says 'node '"'\\x1b[31m\\n' (Re\\nu): this operator is not supported" "model(x, 'y', node('Re\nu', 'x', '\x1b[31m\n'))"
	refuses "expected an ONNX file, found a safetensors file" 'onnxtonn every.model'
	refuses "expected an ONNX file, found an NPY array" 'array f4 1 | onnxtonn'
	refuses "expected an ONNX file, found text" "onnxtonn '$root/Makefile'"
	refuses "no protobuf" "printf '\x0f\1\2\3' | onnxtonn"
}

@test "onnxtonn: a small file makes no large network" {
	onnx '
save("chain.onnx", model(value("x", ["N", 1, 1, 2 ** 31 - 1]), "y0", node("Conv", "x w", "y0"), tensors={"w": np.ones((9, 1, 1, 1))}))
norms = [node("BatchNormalization", f"y{i} c c c c", f"y{i + 1}") for i in range(4000)]
save("shared.onnx", model(value("x", ["N", 9999, 1, 1]), "y4000", node("Relu", "x", "y0"), *norms, tensors={"c": np.ones(9999)}))
save("nodes.onnx", field(1, 8) + field(7, field(1, "") * 9000))
save("tensors.onnx", field(1, 8) + field(7, field(5, "") * 20000))'
	refuses "node 'y0' (Conv): an output (9,1,2147483647) is too large" 'onnxtonn chain.onnx'
	refuses "shared.onnx: its 9999 tensors' elements would make a network of 159984000" 'onnxtonn shared.onnx'
	refuses "more than 8192 nodes" 'onnxtonn nodes.onnx'
	refuses "more than 16384 tensors" 'onnxtonn tensors.onnx'
	small 'onnxtonn every.onnx >/dev/null'
}

# external LOCATION OFFSET LENGTH [TENSORS]: a file whose weights are in another.
external() {
	mkdir -p folder
	onnx "
entry = lambda k, v: field(13, field(1, k) + field(2, v))
outside = field(1, 1) * 4 + field(2, 1) + field(14, 1)
where = entry('location', '$1') + entry('offset', '$2') + entry('length', '$3')
save('folder/x.onnx', model(value('x', ['N', 1, 2, 2]), 'y', node('Conv', 'x w b', 'y'), tensors={
    'w': outside + field(8, 'w') + where, 'b': field(1, 1) + field(2, 1) + field(14, 1) + field(8, 'b') + ${4:-where}}))"
}

@test "onnxtonn: tensors in another file of the folder, and in no other" {
	external x.data 8 4 "entry('location', 'x.data') + entry('offset', '12')"
	numpy 'sys.stdout.buffer.write(np.array([1, 2, 3, 4], "<f4").tobytes())' >folder/x.data
	onnxtonn folder/x.onnx >x.model
	nn-weights x.model conv1.weight | npy-diff - <(array f4 '[[[[3]]]]')
	nn-weights x.model conv1.bias | npy-diff - <(array f4 '[4]')
	(cd folder && onnxtonn <x.onnx) | cmp - x.model
	external x.data 8 4
	onnxtonn folder/x.onnx >/dev/null
	external x.data 0 16
	refuses "tensor 'w': 1 elements take 4 bytes, found 16" 'onnxtonn folder/x.onnx'
	for place in '16 4' '0 17' '13 4' '2147483647 4'; do
		# shellcheck disable=SC2086 # two words
		external x.data $place
		refuses "tensor 'w' is behind the end of the file 'x.data'" 'onnxtonn folder/x.onnx'
	done
	for number in -1 99999999999 0x1 '1 '; do
		external x.data "$number" 4
		refuses "'$number' is no place in a file of tensors" 'onnxtonn folder/x.onnx'
	done
	for file in ../secret /etc/passwd ''; do
		external "$file" 0 4
		refuses "tensor 'w' is in '$file', which is no file of the same folder" 'onnxtonn folder/x.onnx'
	done
	mkfifo folder/pipe
	for file in pipe .. absent; do
		external "$file" 0 4
		refuses "tensor 'w' is in the file '$file', which is not there" 'onnxtonn folder/x.onnx'
	done
	external x.data 0 4 "entry('location', 'y.data')"
	refuses "tensors in two other files" 'onnxtonn folder/x.onnx'
	head -c 7 folder/x.data >folder/short
	external short 3 4
	refuses "tensors overlap in the file 'short'" 'onnxtonn folder/x.onnx'
}

# Status 0 or 2, and with 2 one line on stderr and nothing on stdout.
@test "onnxtonn: no beginning of a file and no change in it is a crash" {
	nn-init >tiny.model <<<$'input 1x4x4 mean 3 scale 255\nconv 2 3x3 pad 1 as a\nbatchnorm\nadd a\nmaxpool 2x2\nupsample 2\ndropout 0.5\ndense 2'
	nntoonnx tiny.model >tiny.onnx
	/usr/bin/python3 - <<-'E'
		import random, subprocess
		whole = open("tiny.onnx", "rb").read()
		def run(b):
		    done = subprocess.run(["onnxtonn"], input=b, capture_output=True)
		    good = done.returncode == 0 and not done.stderr
		    bad = done.returncode == 2 and done.stderr.count(b"\n") == 1 and not done.stdout
		    assert good or bad, (done.returncode, done.stderr, b)
		    return done.returncode
		r = random.Random(1)
		assert all(run(whole[:n]) == 2 for n in range(len(whole)))
		statuses = []
		for _ in range(1500):
		    b = bytearray(whole)
		    for _ in range(r.choice((1, 1, 1, 2, 5))):
		        at = r.randrange(len(b))
		        how = r.randrange(4)
		        if how == 0: b[at] = r.randrange(256)
		        elif how == 1: b[at] ^= 1 << r.randrange(8)
		        elif how == 2: del b[at:at + r.randrange(1, 9)]
		        else: b[at:at] = b[r.randrange(len(b)):][:r.randrange(1, 40)]
		    statuses.append(run(bytes(b)))
		assert 0 in statuses and 2 in statuses
	E
}

# Networks of LeNet's kind and a small ResNet, through both of PyTorch's exporters; its sums are in
# another order.
@test "onnxtonn: what PyTorch's exporters write, where PyTorch is installed" {
	"$python" -c 'import torch, onnx' 2>/dev/null || skip "no torch and onnx for Python"
	mkdir torch
	cd torch
	"$python" - >exported <<-'E'
		import inspect, warnings, numpy as np, torch
		from torch import nn
		import torch.nn.functional as F
		warnings.simplefilter("ignore")
		torch.manual_seed(0)
		class LeNet(nn.Module):
		    def __init__(self):
		        super().__init__()
		        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5, padding=2), nn.Conv2d(6, 16, 5)
		        self.fc1, self.fc2, self.drop = nn.Linear(400, 120), nn.Linear(120, 10), nn.Dropout(0.3)
		    def forward(self, x):
		        x = F.max_pool2d(torch.tanh(self.conv1(x)), 2)
		        x = F.avg_pool2d(torch.sigmoid(self.conv2(x)), 2)
		        return self.fc2(self.drop(F.relu(self.fc1(x.view(x.size(0), -1)))))
		class Block(nn.Module):
		    def __init__(self, i, o, stride):
		        super().__init__()
		        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
		        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
		        self.down = (nn.Identity() if i == o else
		            nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)))
		    def forward(self, x):
		        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.down(x))
		class ResNet(nn.Module):
		    def __init__(self, mean):
		        super().__init__()
		        self.norm, self.stem, self.mean = nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3, padding=1), mean
		        self.blocks = nn.Sequential(Block(8, 8, 1), Block(8, 16, 2), Block(16, 16, 1))
		        self.fc = nn.Linear(16, 10)
		    def forward(self, x):
		        x = self.blocks(F.relu(self.stem(self.norm((x - 0.45) / 0.22))))
		        return self.fc(x.mean((2, 3)) if self.mean else torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))
		class Color(nn.Module):
		    def __init__(self):
		        super().__init__()
		        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1))
		        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1))
		        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 5)
		    def forward(self, x):
		        return self.fc(torch.amax(F.relu(self.conv((x - self.mean) / self.std)), (2, 3)))
		pools = nn.Sequential(nn.Conv2d(1, 3, 3), nn.MaxPool2d(3, 2, 1), nn.Conv2d(3, 3, 2), nn.AvgPool2d(3, 1, 1,
		    count_include_pad=False), nn.Tanh(), nn.MaxPool2d(3, 2, 1, ceil_mode=True))
		nets = {"color": (Color(), 3, 16), "pools": (pools, 1, 28), "lenet": (LeNet(), 1, 28), "resnet": (ResNet(False), 3, 16), "resnet-mean": (ResNet(True), 3, 16),
		    "mlp": (nn.Sequential(nn.Flatten(), nn.Linear(784, 50, bias=False), nn.BatchNorm1d(50), nn.ReLU(),
		        nn.Linear(50, 10)), 1, 28),
		    "coder": (nn.Sequential(nn.Conv2d(1, 3, 3, padding="same"), nn.Sigmoid(),
		        nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(3, 3, 3, padding=1), nn.Upsample(scale_factor=2),
		        nn.Conv2d(3, 1, (3, 2), padding=(1, 0)), nn.AvgPool2d(3, 2, ceil_mode=True)), 1, 28)}
		ways = {"script": {}, "fixed": {}, "unfolded": {"training": torch.onnx.TrainingMode.PRESERVE}, "dynamo": {}}
		if "dynamo" in inspect.signature(torch.onnx.export).parameters:
		    for way in ways: ways[way]["dynamo"] = way == "dynamo"
		    ways["dynamo"]["dynamic_shapes"] = ({0: "n"},)
		    try: import onnxscript
		    except ImportError: del ways["dynamo"]
		else: del ways["dynamo"]
		for name in set(ways) - {"dynamo", "fixed"}: ways[name]["dynamic_axes"] = {"x": {0: "n"}}
		for name, (net, channels, size) in nets.items():
		    for m in net.modules():
		        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
		            m.running_mean.normal_(), m.running_var.uniform_(0.5, 2)
		            m.weight.data.normal_(), m.bias.data.normal_()
		    net.eval()
		    pixels = np.random.default_rng(1).integers(0, 256, (2, channels, size, size)).astype("u1")
		    x = torch.tensor(pixels / np.float32(255))
		    np.save(name + ".x", pixels), np.save(name + ".y", net(x).detach().numpy())
		    for way, options in ways.items():
		        torch.onnx.export(net, (x,), f"{name}.{way}.onnx", input_names=["x"], **options)
	E
	for file in *.onnx; do
		name=${file%%.*}
		onnxtonn -s 255 "$file" >model
		nn-run model "$name.x.npy" >found.npy
		numpy "
a, b = get('found.npy')[0], get('$name.y.npy')[0]
assert a.shape == b.shape and abs(a - b).max() <= 1e-5 * abs(b).max(), ('$file', abs(a - b).max())"
	done
	[ "$(find . -name '*.onnx' | wc -l)" -ge 15 ]
	diff <(onnxtonn -s 255 lenet.script.onnx | nn-weights - | cut -f 1,2) - <<-'E'
		name	shape
		conv1.weight	(6,1,5,5)
		conv1.bias	(6,)
		conv2.weight	(16,6,5,5)
		conv2.bias	(16,)
		fc1.weight	(120,400)
		fc1.bias	(120,)
		fc2.weight	(10,120)
		fc2.bias	(10,)
	E
}

@test "onnxtonn: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'onnxtonn every.onnx >/dev/full'
	pipe 'onnxtonn every.onnx | true'
}

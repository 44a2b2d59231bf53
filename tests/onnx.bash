# What the tests of ONNX files share: an encoder and a decoder of protobuf, written from its definition
# and from onnx.proto, and a network with a layer of every kind.

# The Python in which onnx, onnxruntime and torch may be installed.
export python=${PYTHON:-/usr/bin/python3}

# every_kind: a model with a layer of every kind and its options, and with statistics of batch norm
# that are not those of its start.
every_kind() {
	nn-init -s 3 -b 0.1 >start <<-'N'
		input   3x13x17 mean 100.5 90.25 0 scale 58.3 60 1
		conv    5 3x2 stride 2x1 pad 1x0
		batchnorm
		relu    as r
		maxpool 2x3 stride 3x2 ceil
		conv    5 3x3 pad same nobias as c
		template
		tanh
		avgpool 2x2 ceil
		upsample 3
		sigmoid
		dropout 0.3
		conv    6 2x4 stride 2x3 pad same
		relu    as x
		conv    6 1x1
		batchnorm
		add     x
		avgpool 2x2 stride 1 pad 1x0
		maxpool 3x2 stride 2x1 pad same
		maxpool global
		batchnorm
		dense   7 nobias
		tanh
		dense   4
	N
	/usr/bin/python3 - <<-'E'
		import json, numpy as np
		b = bytearray(open("start", "rb").read())
		n = 8 + int.from_bytes(b[:8], "little")
		r = np.random.default_rng(1)
		for name, t in json.loads(b[8:n]).items():
		    if name.startswith("bn"):
		        begin, end = t["data_offsets"]
		        b[n + begin:n + end] = r.uniform(0.5, 1.5, (end - begin) // 4).astype("<f4").tobytes()
		open("every.model", "wb").write(b)
	E
}

# same_tensors A B: two models have the same tensors, in the same order, bit for bit.
same_tensors() {
	/usr/bin/python3 - "$@" <<-'E'
		import json, sys
		def tensors(file):
		    b = open(file, "rb").read()
		    n = 8 + int.from_bytes(b[:8], "little")
		    head = json.loads(b[8:n])
		    head.pop("__metadata__")
		    return list(head.items()), b[n:]
		assert tensors(sys.argv[1]) == tensors(sys.argv[2]), sys.argv
	E
}

# onnx SCRIPT: Python with
#	varint(x) field(number, value)		an int is a varint, a float 4 bytes, bytes and text themselves
#	attribute(name, value)			int, float, text, list of ints, or a tensor's bytes
#	node(op, inputs, output, **attributes)	inputs: words; its name is that of its output
#	tensor(name, array)			floats or int64, in raw bytes
#	value(name, dims)			a dim may be None, or a text
#	model(input, output, *nodes, tensors=[...])	the file's bytes
#	save(file, bytes)
onnx() {
	numpy '
import struct
def varint(x):
    x, out = x & (1 << 64) - 1, b""
    while x > 127: out, x = out + bytes([x & 127 | 128]), x >> 7
    return out + bytes([x])
def field(n, v):
    if isinstance(v, (int, np.integer)): return varint(n << 3) + varint(int(v))
    if isinstance(v, float): return varint(n << 3 | 5) + struct.pack("<f", v)
    if isinstance(v, str): v = v.encode()
    return varint(n << 3 | 2) + varint(len(v)) + v
def attribute(name, v):
    a = field(1, name)
    if isinstance(v, int): return a + field(3, v) + field(20, 2)
    if isinstance(v, float): return a + field(2, v) + field(20, 1)
    if isinstance(v, str): return a + field(4, v) + field(20, 3)
    if isinstance(v, bytes): return a + field(5, v) + field(20, 4)
    return a + b"".join(field(8, i) for i in v) + field(20, 7)
def node(op, inputs, output, domain="", **attributes):
    return field(1, b"".join(field(1, "" if i == "-" else i) for i in inputs.split()) + field(2, output)
        + field(3, output) + field(4, op) + field(7, domain)
        + b"".join(field(5, attribute(k, v)) for k, v in attributes.items()))
def tensor(name, a):
    a = np.asarray(a)
    a = a.astype("<i8" if a.dtype.kind == "i" else "<f4")
    return (b"".join(field(1, d) for d in a.shape) + field(2, 7 if a.dtype.kind == "i" else 1)
        + field(8, name) + field(9, a.tobytes()))
def value(name, dims, kind=1):
    shape = b"".join(field(1, b"" if d is None else field(2, d) if isinstance(d, str) else field(1, d))
        for d in dims)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))
def model(input, output, *nodes, tensors=[], inputs=b"", outputs=b""):
    graph = (b"".join(nodes) + field(2, "g") + b"".join(field(5, tensor(k, v)) if not isinstance(v, bytes)
        else field(5, v) for k, v in dict(tensors).items()) + field(11, input) + inputs
        + field(12, value(output, ["N", 4])) + outputs)
    return field(1, 8) + field(2, "test") + field(7, graph) + field(8, field(1, "") + field(2, 17))
def save(file, b):
    open(file, "wb").write(b)
def read(b):
    # {number: [value, ...]}
    at, found = 0, {}
    def take():
        nonlocal at
        x = shift = 0
        while True:
            byte = b[at]; at += 1
            x |= (byte & 127) << shift; shift += 7
            if byte < 128: return x
    while at < len(b):
        key = take()
        if key & 7 == 0: v = take()
        elif key & 7 == 5: v = struct.unpack("<f", b[at:at + 4])[0]; at += 4
        else:
            n = take(); v = b[at:at + n]; at += n
            assert key & 7 == 2 and len(v) == n
        found.setdefault(key >> 3, []).append(v)
    return found
'"$1"
}
export -f every_kind onnx

# Both programs are tried on a network with every kind of layer.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	every_kind
	nntoonnx every.model >every.onnx
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

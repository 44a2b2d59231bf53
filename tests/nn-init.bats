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
		    print(key, "..." if key == "sha256" else repr(text))
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
		sha256 ...
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

@test "nn-init: the reference library reads it, where it is installed" {
	/usr/bin/python3 -c 'import safetensors.numpy' 2>/dev/null || skip "no safetensors for Python"
	small | nn-init >model
	/usr/bin/python3 - <<-'E'
		from safetensors import safe_open
		from safetensors.numpy import load_file
		w = load_file("model")
		assert w["conv1.weight"].shape == (4, 1, 3, 3) and w["bn1.running_var"].sum() == 4
		assert safe_open("model", "np").metadata()["network"].startswith("input 1x6x6")
	E
}

@test "nn-init: the same seed gives the same bytes, another seed others" {
	small >net
	cmp <(nn-init net) <(nn-init -s 1 <net)
	run -1 cmp -s <(nn-init net) <(nn-init -s 2 net)
}

# draws HOW NAME: that tensor of a large layer, fan_in 400, fan_out 3200 (conv) or 5000, 50 (dense).
draws() {
	printf 'input 16x14x14\nconv 128 5x5\ndense 50\nbatchnorm\n' >large
	nn-init -i "$1" large | nn-weights - "$2"
}

# within LOW HIGH FIELD: the npy-info of stdin has that field in the range.
within() {
	npy-info | awk -v low="$1" -v high="$2" -v name="$3" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) field = i }
		NR == 2 { x = $field; if (x < low || x > high) { print name, x, "not in", low, high; exit 1 } }'
}

@test "nn-init: every way has the bound or the deviation it promises" {
	# 51200 weights of fan_in 400 and fan_out 3200: the deviation is known to 1 %.  A uniform
	# distribution's is its bound / sqrt(3); that truncated at two deviations has 0.8796 of them.
	while read -r how deviation bound; do
		draws "$how" conv1.weight >w.npy
		awk -v d="$deviation" 'BEGIN { print d * 0.99, d * 1.01 }' >range
		read -r low high <range
		within "$low" "$high" std <w.npy
		within "-$(awk -v d="$deviation" 'BEGIN { print d / 50 }')" \
			"$(awk -v d="$deviation" 'BEGIN { print d / 50 }')" mean <w.npy
		[ "$bound" = - ] || within "$(awk -v b="$bound" 'BEGIN { print b * 0.999 }')" "$bound" max <w.npy
	done <<-'E'
		he 0.0707107 0.122475
		he-normal 0.0707107 -
		xavier 0.0235702 0.0408249
		xavier-normal 0.0235702 -
		pytorch 0.0288675 0.0500001
		uniform:0.3 0.173205 0.3
		normal:0.5 0.5 -
		truncated:0.1 0.08796 0.2
	E
	draws zeros conv1.weight | within 0 0 max
}

@test "nn-init: a dense layer's fan_in is all of the layer before" {
	# 128 x 10 x 10 inputs: sqrt(6 / 12800) is the bound, which 640000 draws come close to.
	draws he dense1.weight | within 0.02164 0.0216507 max
	draws xavier dense1.weight | within 0.02160 0.0216085 max
}

@test "nn-init: biases are 0, as given, or PyTorch's" {
	draws he conv1.bias | within 0 0 max
	draws pytorch conv1.bias | within 0.045 0.05 max # 1 / sqrt(400)
	draws pytorch dense1.bias | within 0.007 0.00884 max # 1 / sqrt(12800)
	nn-init -i pytorch -b 0.5 large | nn-weights - conv1.bias | within 0.5 0.5 min
	draws normal:3 bn1.weight | within 1 1 min
}

@test "nn-init: a layer's weights do not depend on the other layers" {
	nn-init <<<$'input 1x8x8\nconv 4 3x3\ndense 3' >one
	nn-init <<<$'input 1x8x8\nconv 4 3x3\nbatchnorm\ndense 50\ndense 3' >two
	cmp <(nn-weights one conv1.weight) <(nn-weights two conv1.weight)
	# Nor do a tensor's first elements on how many more it has.
	cmp <(nn-init -i normal:1 <<<$'input 1x1x9\ndense 3' | nn-weights - dense1.weight | tail -c 108) \
		<(nn-init -i normal:1 <<<$'input 1x1x9\ndense 9' | nn-weights - dense1.weight | tail -c 324 | head -c 108)
}

@test "nn-init: the file is the bytes that seed 1 has always given" {
	# Philox's first block of stream FNV-1a("dense1.weight"), as rng.h defines them, by python3.
	nn-init -i uniform:1 <<<$'input 1x1x2\ndense 1' | nn-weights - dense1.weight | tail -c 8 >found
	/usr/bin/python3 - >want <<-'E'
		import struct, sys
		def block(seed, stream, index):
		    k = [seed & 0xffffffff, seed >> 32]
		    c = [index & 0xffffffff, index >> 32, stream & 0xffffffff, stream >> 32]
		    for _ in range(10):
		        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
		        c = [q >> 32 ^ c[1] ^ k[0], q & 0xffffffff, p >> 32 ^ c[3] ^ k[1], p & 0xffffffff]
		        k = [(k[0] + 0x9E3779B9) & 0xffffffff, (k[1] + 0xBB67AE85) & 0xffffffff]
		    return c
		stream = 0xcbf29ce484222325
		for c in b"dense1.weight":
		    stream = (stream ^ c) * 0x100000001b3 & (1 << 64) - 1
		for i in range(2):
		    c = block(1, stream, i)
		    u = ((c[0] | c[1] << 32) >> 11) * 2.0 ** -53
		    sys.stdout.buffer.write(struct.pack("<f", 2 * u - 1))
	E
	cmp want found
}

@test "nn-init: options that mean nothing are refused" {
	small >net
	refuses "--init: 'kaiming' is not one of he, he-normal" 'nn-init -i kaiming net'
	refuses "--init: 'normal' is not one of" 'nn-init -i normal net'
	refuses "--init: 'x' is not a number" 'nn-init -i normal:x net'
	refuses "--init: -1 is not between 0" 'nn-init -i uniform:-1 net'
	refuses "--init: 'nan' is not a number" 'nn-init -i normal:nan net'
	refuses "--bias: 'one' is not a number" 'nn-init -b one net'
	refuses "--seed: -1 is not between 0" 'nn-init -s -1 net'
	refuses "net:2:6: relu" 'printf "input 1x8x8\nrelu 6\n" >net; nn-init net'
}

# A trained network in all but name: no tensor has the values that nn-init gives.
trained() {
	small >net
	nn-init -i normal:1 -b 3 -s 5 net >trained
}

# Its tensors and those of another model of the same names, "NAME same" or "NAME other", a line each.
changed() {
	for tensor in $(nn-weights trained | sed 1d | cut -f 1); do
		cmp -s <(nn-weights trained "$tensor") <(nn-weights "$1" "$tensor") && echo "$tensor same" || echo "$tensor other"
	done
}

@test "nn-init: --from copies all tensors, --fresh draws those of a layer all the same" {
	trained
	nn-init --from trained net >copied
	[ "$(changed copied | grep -c other)" = 0 ]
	nn-init --from trained --fresh dense1 -s 2 net >fresh
	changed fresh | grep other | diff - <(printf 'dense1.weight other\ndense1.bias other\n')
	# As it would have been drawn without a model.
	cmp <(nn-weights fresh dense1.weight) <(nn-init -s 2 net | nn-weights - dense1.weight)
	for tensor in $(nn-init net | nn-weights - | sed 1d | cut -f 1); do
		cmp <(nn-init --from trained --fresh dense1,bn1,conv1 net | nn-weights - "$tensor") <(nn-init net | nn-weights - "$tensor")
	done
}

@test "nn-init: --from leaves out what the network does not have, and takes running means along" {
	trained
	{ npy-random -t u1 integers:0:256 64,6,6; npy-random -t u1 integers:0:5 64; } | nn-train -e 1 trained - >moved
	head -n 4 net | nn-init --from moved >top
	nn-weights top | sed 1d | cut -f 1 | grep -qx bn1.running_mean
	run ! grep -q dense1 <(nn-weights top)
	for tensor in conv1.weight bn1.running_mean bn1.running_var; do
		cmp <(nn-weights moved "$tensor") <(nn-weights top "$tensor")
	done
}

@test "nn-init: the history of --from comes first, then the options" {
	trained
	digest=$(sha256sum <net | cut -d ' ' -f 1)
	nn-init -f trained --fresh dense1,conv1 -b 1 -s 9 net | nn-info --history - | diff - <(cat <<-E
		nn-init --init normal:1 --bias 3 --seed 5 sha256:$digest
		nn-init --from --fresh conv1,dense1 --init he --bias 1 --seed 9 sha256:$digest
	E
	)
}

@test "nn-init: what --from lacks is refused, unless --fresh draws it" {
	trained
	sed 's/dense 5/dense 7/' net >seven
	refuses "trained: tensor 'dense1.weight' is (5,16), expected (7,16) for dense1.weight; --fresh draws a layer anew" \
		'nn-init --from trained seven'
	nn-init --from trained --fresh dense1 seven | nn-weights - | grep -q 'dense1.bias	(7,)'
	{ cat net; echo relu; echo dense 2; } >longer
	refuses "trained: no tensor for dense2.weight; --fresh draws a layer anew" 'nn-init --from trained longer'
	refuses "conv9" 'nn-init --from trained --fresh conv9 net'
	refuses "''" 'nn-init --from trained --fresh conv1, net'
	{ cat net; echo relu as last; } >active
	refuses "--fresh: layer last has no parameters" 'nn-init --from trained --fresh dense1,last active'
	refuses "--fresh needs --from" 'nn-init --fresh conv1 net'
	refuses "only one of the network and --from can come from standard input" 'nn-init --from - <net'
	refuses "expected a model, found text" 'nn-init --from net net'
	refuses "no-such-file" 'nn-init --from no-such-file net'
}

@test "nn-init: --skip-mismatch draws the layers that do not fit, whole, and says so" {
	trained
	{ sed 's/dense 5/dense 7/' net; echo relu; echo dense 5; } >other
	nn-init --from trained --skip-mismatch -s 2 other >new
	cmp new <(nn-init --from trained --fresh dense2,dense1 -s 2 other)
	nn-init --from trained --skip-mismatch --fresh bn1 -s 2 other | cmp - <(nn-init --from trained --fresh dense2,dense1,bn1 -s 2 other)
	nn-info --history new | tail -n 1 | grep -q '^nn-init --from --fresh dense1,dense2 --init he --seed 2 '
	# A bias that fits stays with its weights, which do not.
	sed 's/6x6/8x8/' net >larger
	nn-init --from trained --skip-mismatch larger | nn-weights - dense1.bias | npy-info | grep -q '	0	0	0	0	'
	nn-init --from trained --skip-mismatch net | cmp - <(nn-init --from trained net)
}

@test "nn-init: -v says which layers are copied" {
	trained
	{ cat net; echo relu; echo dense 2; } >longer
	nn-init -v --from trained --skip-mismatch longer 2>said >new
	[ "$(cat said)" = 'nn-init: copied conv1,bn1,dense1; drew dense2' ]
	nn-init -v --from trained net 2>said >new
	[ "$(cat said)" = 'nn-init: copied conv1,bn1,dense1; drew nothing' ]
	nn-init --from trained --skip-mismatch longer 2>said >new
	[ ! -s said ]
}

@test "nn-init: --skip-mismatch of all layers is refused" {
	trained
	refuses "trained: no layer has the tensors of one of the network's" \
		'printf "input 1x6x6\nconv 3 3x3\ndense 2\n" | nn-init --from trained --skip-mismatch'
	refuses "trained: no layer has" 'printf "input 1x6x6\nrelu\n" | nn-init --from trained --skip-mismatch'
	refuses "--skip-mismatch needs --from" 'nn-init --skip-mismatch net'
	refuses "--verbose needs --from" 'nn-init -v net'
}

# ---- PyTorch's state_dicts ----

# state SCRIPT: Python with save(file, {name: array}), which writes a safetensors file as safetensors.torch's
# save_file does: without texts, sorted by the type and the name, and with bf16(array) for what NumPy has not.
state() {
	numpy '
import json
class bf16:
    def __init__(self, a):
        bits = np.asarray(a, "<f4").view("<u4")
        # To the nearest, of two the even one.
        self.a = ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype("<u2")
        self.f4 = (self.a.astype("<u4") << 16).view("<f4")
def save(file, tensors):
    rank = ["I64", "F64", "F32", "BF16", "F16"]
    def dtype(a): return "BF16" if isinstance(a, bf16) else a.dtype.kind.upper() + str(8 * a.dtype.itemsize)
    tensors = {k: a if isinstance(a, bf16) else np.asarray(a) for k, a in tensors.items()}
    head, data = {}, b""
    for name in sorted(tensors, key=lambda name: (rank.index(dtype(tensors[name])), name)):
        a = tensors[name].a if isinstance(tensors[name], bf16) else tensors[name]
        head[name] = {"dtype": dtype(tensors[name]), "shape": a.shape, "data_offsets": [len(data), len(data) + a.nbytes]}
        data += a.tobytes()
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    open(file, "wb").write(len(text).to_bytes(8, "little") + text + data)
r = np.random.default_rng(1)
n = lambda *shape: r.normal(size=shape).astype("f4")
# small()s network as torch.nn.Sequential numbers it, with what has no weights in between, up to two digits.
def sequential(prefix=""):
    at = dict(zip(("conv1", "bn1", "dense1"), (prefix + i for i in ("2", "9", "10"))))
    bn = {at["bn1"] + "." + part: n(4) for part in ("weight", "bias", "running_mean")}
    return {at["conv1"] + ".weight": n(4, 1, 3, 3), at["conv1"] + ".bias": n(4), **bn,
        at["bn1"] + ".running_var": abs(n(4)), at["bn1"] + ".num_batches_tracked": np.int64(7),
        at["dense1"] + ".weight": n(5, 16), at["dense1"] + ".bias": n(5)}
'"$1"
}

# has MODEL SCRIPT: the model's tensors are, bit for bit, those of the dictionary `want`.
has() {
	for tensor in $(nn-weights "$1" | sed 1d | cut -f 1); do
		nn-weights "$1" "$tensor" >"has.$tensor"
	done
	numpy "
import glob
$2
files = glob.glob('has.*')
assert {f[4:] for f in files} == set(want), files
for f in files:
    a, b = get(f)[0], np.asarray(want[f[4:]])
    assert a.dtype == '<f4' and a.shape == b.shape and (a == b).all(), f"
	rm has.*
}

ours='names = {"2": "conv1", "9": "bn1", "10": "dense1"}
want = {names[k.split(".")[-2]] + "." + k.split(".")[-1]: a for k, a in tensors.items() if not k.endswith("tracked")}'

@test "nn-init: --from a state_dict of numbered modules: the layers in order, counters of batches left out" {
	small >net
	for prefix in '' net. module.0.; do
		state "tensors = sequential('$prefix'); save('state', tensors); np.savez('tensors', **tensors)"
		nn-init --from state net >model
		has model "tensors = np.load('tensors.npz')
$ours"
	done
	nn-info --history model >history
	[[ $(head -n 1 history) =~ ^state_dict\ sha256:[0-9a-f]{64}$ ]]
	[ "$(sed 1d history)" = "nn-init --from --init he --seed 1 sha256:$(sha256sum <net | cut -d ' ' -f 1)" ]
	# It is a model like any other.
	npy-random -t u1 integers:0:256 3,6,6 | nn-run model | npy-info | grep -q '(3,5)'
	cmp model <(nn-init --from - net <state)
	# A single layer's own dictionary has no modules.
	state 'w = n(3, 6); save("lone", {"weight": w, "bias": w[:, 0]}); np.savez("tensors", **{"dense1.weight": w, "dense1.bias": w[:, 0]})'
	nn-init --from lone <<<$'input 1x2x3\ndense 3' >model
	has model "want = np.load('tensors.npz')"
}

@test "nn-init: --from a state_dict in floats of 16 and 64 bits" {
	small >net
	state '
tensors = sequential()
def to(change):
    return {k: change(a) if a.ndim else a for k, a in tensors.items()}
half, brain, double = to(lambda a: a.astype("f2")), to(bf16), to(lambda a: a.astype("f8") * (1 + 1e-9))
mixed = {k: d[k] for k, d in zip(tensors, (half, brain, double, tensors) * 3)}
for name, d in ("half", half), ("brain", brain), ("double", double), ("mixed", mixed):
    save(name, d)
    np.savez(name, **{k: a.f4 if isinstance(a, bf16) else a.astype("f4") for k, a in d.items()})'
	for name in half brain double mixed; do
		nn-init --from $name net >model
		has model "tensors = np.load('$name.npz')
$ours"
	done
}

@test "nn-init: --from a state_dict of modules with names: the layers of these names" {
	sed 's/conv 4 3x3/& as features_0/; s/batchnorm/& as features_norm/; s/dense 5/& as head/' <(small) >net
	state '
tensors = sequential()
names = {"2": "features.0", "9": "features.norm", "10": "head"}
named = {names[k.split(".")[0]] + "." + k.split(".")[1]: a for k, a in tensors.items()}
save("state", {**named, "other.weight": n(2, 2)})
np.savez("tensors", **{k.replace("features.", "features_"): a for k, a in named.items() if "tracked" not in k})
save("few", {k: a for k, a in named.items() if "norm" not in k})
save("twice", {**named, "features_0.bias": n(4)})'
	nn-init --from state net >model
	has model "want = np.load('tensors.npz')"
	refuses "few: no tensor for features_norm.weight; --fresh draws a layer anew" 'nn-init --from few net'
	nn-init -v --from few --skip-mismatch net 2>said >model
	[ "$(cat said)" = 'nn-init: copied features_0,head; drew features_norm' ]
	refuses "twice: tensors 'features.0.bias' and 'features_0.bias' are both for features_0.bias" 'nn-init --from twice net'
	small >net
	refuses "state: the order of 'features.0.weight' and 'features.norm.bias' does not follow from their names: expected numbers" \
		'nn-init --from state net'
}

@test "nn-init: a state_dict that is not of the network is refused, by the tensor's name" {
	small >net
	state '
tensors = sequential()
def change(file, name, a):
    save(file, {k: v for k, v in {**tensors, name: a}.items() if v is not None})
save("whole", tensors)
change("shape", "10.weight", n(16, 5))
change("flat", "2.bias", n(4, 1))
change("lacks", "2.bias", None)
change("more", "11.weight", n(2, 5))
change("nan", "9.bias", np.full(4, np.nan, "f4"))
change("variance", "9.running_var", -n(4) ** 2)
change("integers", "2.bias", np.arange(4))
change("nested", "2.0.weight", n(4))
save("short", {k: a for k, a in tensors.items() if k[:2] != "10"})
save("names", {"a.weight": n(4), "b.weight": n(4)})
save("empty", {})'
	nn-init --from whole net >model
	refuses "shape: tensor '10.weight' is (16,5), expected (5,16) for dense1.weight; --fresh draws a layer anew" 'nn-init --from shape net'
	nn-init --from shape --fresh dense1 net >model
	nn-init --from shape --skip-mismatch net | cmp - model
	refuses "flat: tensor '2.bias' is (4,1), expected (4,) for conv1.bias" 'nn-init --from flat net'
	refuses "lacks: no tensor for conv1.bias" 'nn-init --from lacks net'
	refuses "more: tensor '11.weight': the network has no more layers with weights" 'nn-init --from more net'
	refuses "short: no tensor for dense1.weight" 'nn-init --from short net'
	nn-init --from short --fresh dense1 net >model
	refuses "nan: tensor '9.bias' is not finite: element 0 is nan" 'nn-init --from nan net'
	refuses "variance: tensor '9.running_var' is no variance: element 0 is -" 'nn-init --from variance net'
	refuses "integers: tensor '2.bias': expected dtype F64, F32, F16 or BF16, found I64" 'nn-init --from integers net'
	refuses "nested: the order of '2.weight' and '2.0.weight' does not follow" 'nn-init --from nested net'
	refuses "names: the order of 'a.weight' and 'b.weight' does not follow" 'nn-init --from names net'
	refuses "empty: no tensor for conv1.weight" 'nn-init --from empty net'
	refuses "whole: tensor '2.bias': layer conv1 has no bias" 'sed "s/conv.*/& nobias/" net | nn-init --from whole'
	refuses "whole: tensor '9.running_mean': layer dense1 has no running_mean" 'grep -v batchnorm net | nn-init --from whole'
	refuses "whole: expected the network's text in __metadata__, found none (nn-init --from makes a model of a network and" 'nn-run whole'
}

# Both add in floats, in other orders.
@test "nn-init: --from what PyTorch saves gives PyTorch's logits, where it is installed" {
	python=${PYTHON:-/usr/bin/python3}
	"$python" -c 'import torch, safetensors.torch' 2>/dev/null || skip "no torch and safetensors for Python"
	cat >net <<-'E'
		input 3x16x16 mean 123.675 116.28 103.53 scale 58.395 57.12 57.375
		conv 8 3x3 pad 1
		batchnorm
		relu
		maxpool 2x2
		conv 12 3x3 stride 2 pad 1 nobias
		batchnorm
		tanh
		avgpool 2x2
		dense 20
		batchnorm
		relu
		dropout 0.5
		dense 10
	E
	"$python" - <<-'E'
		import numpy as np, torch
		from torch import nn
		from safetensors.torch import save_file
		torch.manual_seed(0)
		net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
		    nn.Conv2d(8, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
		    nn.Linear(48, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(), nn.Linear(20, 10))
		for _ in range(3): net(torch.randn(32, 3, 16, 16))
		net.eval()
		pixels = np.random.default_rng(1).integers(0, 256, (5, 3, 16, 16)).astype("u1")
		np.save("x.npy", pixels)
		x = (pixels / 255 - np.array([[[0.485]], [[0.456]], [[0.406]]])) / np.array([[[0.229]], [[0.224]], [[0.225]]])
		for dtype in "float32", "float64", "float16", "bfloat16":
		    save_file(net.to(getattr(torch, dtype)).state_dict(), dtype + ".safetensors")
		    # The weights as they were rounded, in doubles.
		    np.save(dtype + ".npy", net.double()(torch.tensor(x)).detach().numpy())
	E
	for dtype in float32 float64 float16 bfloat16; do
		nn-init --from $dtype.safetensors net | nn-run - x.npy >found.npy
		numpy "
a, b = get('found.npy')[0], get('$dtype.npy')[0]
assert a.shape == b.shape == (5, 10) and abs(a - b).max() <= 1e-5 * abs(b).max(), ('$dtype', abs(a - b).max())"
	done
}

@test "nn-init: a full disk is an error, a reader that went away is none" {
	small >net
	refuses "No space left on device" 'nn-init net >/dev/full'
	printf 'input 1x28x28\ndense 1000\n' >large
	pipe 'nn-init large | head -c 1 >/dev/null'
}

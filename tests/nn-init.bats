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
	refuses "trained: tensor 'dense1.weight' has another shape than in the network; --fresh draws a layer anew" \
		'nn-init --from trained seven'
	nn-init --from trained --fresh dense1 seven | nn-weights - | grep -q 'dense1.bias	(7,)'
	{ cat net; echo relu; echo dense 2; } >longer
	refuses "trained: no tensor 'dense2.weight'; --fresh draws a layer anew" 'nn-init --from trained longer'
	refuses "conv9" 'nn-init --from trained --fresh conv9 net'
	refuses "''" 'nn-init --from trained --fresh conv1, net'
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

@test "nn-init: a full disk is an error, a reader that went away is none" {
	small >net
	refuses "No space left on device" 'nn-init net >/dev/full'
	printf 'input 1x28x28\ndense 1000\n' >large
	pipe 'nn-init large | head -c 1 >/dev/null'
}

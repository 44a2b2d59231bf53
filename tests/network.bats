# The language of network(5), through nn-info.
load helper

# says MESSAGE TEXT: the text is refused with a message that contains this.
says() {
	printf '%b' "$2" >net
	refuses "net:$1" 'nn-info net'
}

# outputs TEXT: the layers' output shapes in one line.
outputs() {
	printf '%b' "$1" | nn-info | tail -n +2 | cut -f 4 | paste -s -d ' '
}

# names TEXT: the layers' names in one line.
names() {
	printf '%b' "$1" | nn-info | tail -n +2 | cut -f 1 | paste -s -d ' '
}

@test "network: names are made from the kind and its count, or given" {
	[ "$(names 'input 1x8x8\nconv 1 1x1\nmaxpool 1x1\navgpool 1x1\nconv 1 1x1\nbatchnorm\ndropout 0.5
		relu\nsigmoid\ntanh\nupsample 2\ntemplate\ndense 2\nrelu\n')" = \
		"conv1 maxpool1 avgpool1 conv2 bn1 dropout1 relu1 sigmoid1 tanh1 upsample1 template1 dense1 relu2" ]
	[ "$(names 'input 1x8x8\nconv 1 1x1 as first\nconv 1 1x1\ndense 3 nobias as the_Last1\nrelu as r')" = \
		"first conv2 the_Last1 r" ]
}

@test "network: the manual has every layer, with the arguments and options that it takes" {
	mandoc -T ascii -O width=150 "$root/man/network.5" | col -b |
		sed -n '/^   Layers/,/^   Names/s/^     \([a-z]\)/\1/p' | sed 's/  .*//' | sort >manual
	"$root/${B:-build}/tests/spec" usage | sort | diff manual -
	[ "$(wc -l <manual)" -ge 10 ]
}

@test "network: a global mean gives logits, to every program" {
	nn-init <<<$'input 3x32x32 mean 128 scale 64\nconv 16 5x5 stride 2 pad same as first\ntanh\nconv 10 3x3 nobias\navgpool 14x14' >model
	numpy 'r = np.random.default_rng(1); put(r.integers(0, 256, (40, 3, 32, 32), "u1"), np.arange(40) % 10)' >data.npy
	nn-run model data.npy >logits.npy
	nn-run -l conv2 model data.npy >conv2.npy
	nn-run -p model data.npy >p.npy
	numpy '
z, c, p = (get(f)[0].astype("f8") for f in ("logits.npy", "conv2.npy", "p.npy"))
assert z.shape == p.shape == (40, 10) and abs(c.mean((2, 3)) - z).max() < 1e-6
assert abs(np.exp(z) / np.exp(z).sum(1, keepdims=True) - p).max() < 1e-6'
	[ "$(nn-eval model data.npy | sed -n '2s/\t.*//p')" = 40 ]
	nn-grad -c 3 model data.npy | npy-info | grep -F '(40,3,32,32)'
	nn-ascend -c : -n 2 model data.npy | npy-info | grep -F '(40,3,32,32)'
	nn-train -q -e 1 -b 8 model data.npy | nn-eval - data.npy
	# In a network that is slid, a mean over all is one over each part.
	nn-init <<<$'input 1x8x8\nconv 6 3x3\nrelu\navgpool 6x6 stride 1' >mean
	numpy 'put(np.random.default_rng(1).integers(0, 256, (2, 11, 9), "u1"))' >large.npy
	nn-slide mean large.npy >slid.npy
	numpy 'x = get("large.npy")[0]; put(np.concatenate([x[:, r:r + 8, c:c + 8] for r in range(4) for c in range(2)]))' |
		nn-run mean | npy-reshape 8,2,6 >parts.npy
	numpy 's, p = get("slid.npy")[0], get("parts.npy")[0]
assert abs(s.reshape(2, 8, 6).transpose(1, 0, 2) - p).max() < 1e-4'
}

@test "network: comments, blank lines, carriage returns and a missing last newline" {
	[ "$(names '# a\r\n\r\n  \tinput 1x8x8 # image\r\n#\nrelu#x\r\n\trelu')" = "relu1 relu2" ]
	[ "$(names '# \xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82\ninput 1x8x8\nrelu\n')" = relu1 ]
}

@test "network: options in any order" {
	[ "$(outputs 'input 1x9x9\nconv 2 3x3 nobias pad 1 as a stride 2\nconv 2 3x3 stride 2x1 pad 0x1')" = \
		"(2,5,5) (2,2,5)" ]
	[ "$(outputs 'input 1x9x9 scale 2 mean -1e1\nrelu')" = "(1,9,9)" ]
}

@test "network: a pool's stride is its window, ceil keeps a last window that starts inside" {
	[ "$(outputs 'input 1x7x7\nmaxpool 2x2')" = "(1,3,3)" ]
	[ "$(outputs 'input 1x7x7\nmaxpool 2x2 ceil')" = "(1,4,4)" ]
	[ "$(outputs 'input 1x8x7\navgpool 2x3 stride 1 ceil')" = "(1,7,5)" ]
	# The third window would start at 6, past the end.
	[ "$(outputs 'input 1x5x5\nmaxpool 1x1 stride 3 ceil')" = "(1,2,2)" ]
	# Padding is around the image; with ceil, the last window may start in the image, not behind it.
	[ "$(outputs 'input 1x8x7\nmaxpool 3x3 stride 2 pad 1')" = "(1,4,4)" ]
	[ "$(outputs 'input 1x8x7\nmaxpool 3x3 stride 2 pad 1 ceil')" = "(1,5,4)" ]
	[ "$(outputs 'input 1x8x7\navgpool 3x2 stride 2x3 pad same')" = "(1,4,3)" ]
	[ "$(outputs 'input 1x1x1\nmaxpool 3x3 stride 1 pad 2')" = "(1,3,3)" ]
}

@test "network: shapes are PyTorch's, where it is installed" {
	/usr/bin/python3 -c 'import torch' 2>/dev/null || skip "no python3-torch"
	/usr/bin/python3 - >want <<-'E'
		import itertools, torch
		n = torch.nn
		for side, k, s in itertools.product((4, 7, 10), range(1, 5), range(1, 5)):
		    x = torch.zeros(1, 1, side, side)
		    for net in (n.Conv2d(1, 1, k, s), n.Conv2d(1, 1, k, s, 2), n.MaxPool2d(k, s), n.AvgPool2d(k, s, ceil_mode=True),
		            n.MaxPool2d(k, s, k // 2), n.AvgPool2d(k, s, k // 2, ceil_mode=True)):
		        print(net(x).shape[-1])
	E
	for side in 4 7 10; do for k in {1..4}; do for s in {1..4}; do
		for layer in "conv 1" "conv 1 pad 2" maxpool "avgpool ceil" "maxpool pad $((k / 2))" "avgpool pad $((k / 2)) ceil"; do
			read -r kind rest <<<"$layer"
			[[ $kind != conv ]] || { rest=${rest#1}; kind="conv 1"; }
			outputs "input 1x${side}x$side\n$kind ${k}x$k stride $s $rest"
		done
	done; done; done | sed 's/.*,\(.*\))/\1/' >found
	cmp want found
}

@test "network: pad same gives the side divided by the stride, rounded up" {
	for side in 1 2 5 6 7; do for k in 1 2 5; do for s in 1 2 3; do
		want=$(((side + s - 1) / s))
		[ "$(outputs "input 1x${side}x$side\nconv 1 ${k}x$k stride $s pad same")" = "(1,$want,$want)" ]
	done; done; done
}

@test "network: errors say line, column, layer, what was expected and what was found" {
	says "2:9: conv: expected a kernel such as 3x3, found '3'" 'input 1x8x8\nconv 32 3 pad 1\n'
	says "2:8: conv: expected a kernel such as 3x3, found the end of the line" 'input 1x8x8\nconv 32\n'
	says "2:9: conv: expected a kernel such as 3x3, found '3x3x3'" 'input 1x8x8\nconv 32 3x3x3\n'
	says "3:6: conv: expected a number of filters, found '-1'" 'input 1x8x8\n\nconv -1 3x3\n'
	says "2:6: conv: expected a number of filters, found '0'" 'input 1x8x8\nconv 0 3x3\n'
	says "2:8: conv: expected a kernel such as 3x3, found '0x3'" 'input 1x8x8\nconv 1 0x3\n'
	says "2:9: maxpool: expected a window such as 2x2, or global, found '2'" 'input 1x8x8\nmaxpool 2\n'
	says "2:20: maxpool: expected a stride of at least 1, found '0'" 'input 1x8x8\nmaxpool 2x2 stride 0\n'
	says "2:7: dense: expected a number of neurons, found '5.5'" 'input 1x8x8\ndense 5.5\n'
	says "2:9: dropout: expected a probability of at least 0 and less than 1, found '1'" 'input 1x8x8\ndropout 1\n'
	says "2:9: dropout: expected a probability of dropping such as 0.5, found 'nan'" 'input 1x8x8\ndropout nan\n'
	says "2:8: dropout: expected a probability of dropping such as 0.5, found the end" 'input 1x8x8\ndropout\n'
	says "2:6: relu: expected the end of the line or from or as, found '6'" 'input 1x8x8\nrelu 6\n'
	says "2:18: conv: pad is given twice" 'input 1x8x8\nconv 1 3x3 pad 1 pad 2\n'
	says "2:13: maxpool: expected the end of the line or stride or pad or ceil or from or as, found 'nobias'" 'input 1x8x8\nmaxpool 2x2 nobias\n'
	says "2:1: avgpool: a padding of 1x2 for a window of 2x2, expected less" 'input 1x8x8\navgpool 2x2 pad 1x2\n'
	says "2:1: maxpool: a window of 9x9 does not fit into (1,2,2) and its padding" 'input 1x2x2\nmaxpool 9x9 pad 3\n'
	says "2:1: expected a layer (conv, dense, maxpool, avgpool, batchnorm, dropout, relu, sigmoid, tanh, add, upsample, template), found 'Conv'" 'input 1x8x8\nConv 1 3x3\n'
	says "2:1: a second input" 'input 1x8x8\ninput 1x8x8\n'
}

@test "network: errors in the input" {
	says "1:1: expected the input first, such as: input 1x28x28 scale 255, found 'relu'" 'relu\n'
	says "1:7: input: expected channels, rows and columns such as 1x28x28, found '28x28'" 'input 28x28\nrelu\n'
	says "1:7: input: expected channels, rows and columns such as 1x28x28, found '1x0x2'" 'input 1x0x2\nrelu\n'
	says "1:19: input: expected a scale above 0, found '0'" 'input 1x8x8 scale 0\nrelu\n'
	says "1:18: input: expected a mean in pixels such as 128, found 'inf'" 'input 1x8x8 mean inf\nrelu\n'
	says "1:21: input: expected a scale above 0, found '-2'" 'input 3x8x8 scale 1 -2 3\nrelu\n'
	says "1:18: input: expected a mean in pixels such as 128, found 'nan'" 'input 3x8x8 mean nan 2 3\nrelu\n'
	says "1:18: input: 2 numbers for 3 channels" 'input 3x8x8 mean 1 2 scale 255\nrelu\n'
	says "1:18: input: 4 numbers for 3 channels" 'input 3x8x8 mean 1 2 3 4\nrelu\n'
	says "1:19: input: 2 numbers for 1 channel" 'input 1x8x8 scale 1 2\nrelu\n'
	says "1:22: input: expected the end of the line or mean or scale, found 'x'" 'input 3x8x8 mean 128 x\nrelu\n'
	says "1:24: input: mean is given twice" 'input 3x8x8 mean 1 2 3 mean 1\nrelu\n'
	says " a network without layers" 'input 1x8x8\n# nothing\n'
	says " expected a network's text, found no line of it" '# nothing\n\n'
	says " empty: expected a network or a model" ''
}

@test "network: errors in names" {
	says "3:1: relu: there is a layer named 'relu2' already" 'input 1x8x8\nrelu as relu2\nrelu\n'
	says "2:9: relu: expected a name of letters, digits and _, a letter first, found '1a'" 'input 1x8x8\nrelu as 1a\n'
	says "2:9: relu: expected a name of letters, digits and _, a letter first, found 'a.b'" 'input 1x8x8\nrelu as a.b\n'
	says "2:8: relu: expected a name of letters, digits and _, a letter first, found the end" 'input 1x8x8\nrelu as\n'
	says "2:9: relu: the name 'best' is reserved" 'input 1x8x8\nrelu as best\n'
	long=$(printf 'x%.0s' {1..64})
	says "2:9: relu: a name of more than 63 letters" "input 1x8x8\nrelu as $long\n"
	[ "$(names "input 1x8x8\nrelu as ${long%x}\n")" = "${long%x}" ]
	says "2:9: relu: a word of more than 127 letters" "input 1x8x8\nrelu as $long$long\n"
}

@test "network: errors in shapes" {
	says "2:1: conv: a window of 9x1 does not fit into (1,8,8)" 'input 1x8x8\nconv 1 9x1\n'
	says "2:1: conv: a window of 1x11 does not fit into (1,8,8) and its padding" 'input 1x8x8\nconv 1 1x11 pad 1\n'
	says "3:1: conv: expected an image (C,H,W) as input, found the vector (5)" 'input 1x8x8\ndense 5\nconv 1 1x1\n'
	says "4:1: avgpool: expected an image (C,H,W) as input, found the vector (5)" 'input 1x8x8\ndense 5\nrelu\navgpool 1x1\n'
}

@test "network: a layer reads the one above, or another; add reads two" {
	[ "$(names 'input 1x8x8\nconv 3 3x3\nrelu\nconv 3 1x1 as main\nconv 3 1x1 from relu1\nadd main\nadd relu1')" = \
		"conv1 relu1 main conv3 add1 add2" ]
	# The way down is another one, with its own sides.
	[ "$(outputs 'input 1x8x8\nconv 3 3x3 as a\nmaxpool 2x2 as b\nconv 4 1x1 stride 2 from a as c\nconv 4 1x1 from b\nadd c\n')" = \
		"(3,6,6) (3,3,3) (4,3,3) (4,3,3) (4,3,3)" ]
	[ "$(outputs 'input 1x8x8\ndense 5 as a\nrelu\ntanh from a\nadd relu1')" = "(5) (5) (5) (5)" ]
}

@test "network: errors in what layers read" {
	says "2:5: add: there is no layer 'relu1' above" 'input 1x8x8\nadd relu1\n'
	says "3:5: add: there is no layer 'x' above" 'input 1x8x8\nrelu\nadd x\nrelu as x\n'
	says "3:5: add: there is no layer 'x' above" 'input 1x8x8\nrelu\nadd x as x\n'
	says "3:5: add: there is no layer 'input' above" 'input 1x8x8\nrelu\nadd input\n'
	says "3:4: add: expected the name of a layer above, found the end of the line" 'input 1x8x8\nrelu\nadd\n'
	says "3:1: add: relu1 is added to itself" 'input 1x8x8\nrelu\nadd relu1\n'
	says "4:1: add: relu1 is added to itself" 'input 1x8x8\nrelu\ntanh\nadd relu1 from relu1\n'
	says "4:1: add: expected two outputs of one shape, found (2,6,6) of conv1 and (1,8,8) of relu1" \
		'input 1x8x8\nrelu\nconv 2 3x3\nadd relu1\n'
	says "4:1: add: expected two outputs of one shape, found (5) of dense1 and (5,1,1) of conv1" \
		'input 1x8x8\nconv 5 8x8\ndense 5\nadd conv1\n'
	says "3:11: relu: there is no layer 'x' above" 'input 1x8x8\nrelu\nrelu from x\n'
	says "3:10: relu: expected the name of a layer above, found the end of the line" 'input 1x8x8\nrelu\nrelu from\n'
	says "3:17: relu: from is given twice" 'input 1x8x8\nrelu\nrelu from relu1 from relu1\n'
	says "5:3: conv: the output of conv1 is not used" 'input 1x8x8\nrelu\n\n# lost\n  conv 1 1x1\nrelu from relu1\n'
	says "4:1: tanh: the output of tanh1 is not used" 'input 1x8x8\nrelu\nsigmoid\ntanh\nrelu from relu1\n'
}

@test "network: a global pool is a window of the whole image, and gives a vector" {
	[ "$(outputs 'input 3x7x5\nconv 4 3x3\navgpool global\ndense 3')" = "(4,5,3) (4) (3)" ]
	[ "$(outputs 'input 3x7x5\nmaxpool global')" = "(3)" ]
	says "3:1: conv: expected an image (C,H,W) as input, found the vector (3)" 'input 3x7x5\nmaxpool global\nconv 1 1x1\n'
	says "2:16: maxpool: expected the end of the line or from or as, found 'stride'" 'input 3x7x5\nmaxpool global stride 2\n'
	printf 'input 3x7x5\nconv 4 3x3\navgpool global\n' | nn-init >model
	numpy 'put(np.random.default_rng(1).integers(0, 256, (2, 3, 7, 5), "u1"))' >x.npy
	nn-run -l conv1 model x.npy | npy-reduce -a 2,3 mean | npy-diff --any-type -n 1e-6 - <(nn-run model x.npy)
}

@test "network: logits of the shape (C,1,1) are those of a vector, in every program" {
	nn-init <<<$'input 1x28x28 scale 255\nconv 10 5x5\navgpool global' >vector
	nn-init <<<$'input 1x28x28 scale 255\nconv 10 5x5\navgpool 24x24' >map
	img-digits -n 20 >data.npy
	npy-slice -k 0 :2 data.npy >two.npy
	for command in 'nn-train --steps 2 -b 10 MODEL data.npy | nn-weights - conv1.weight' 'nn-eval MODEL data.npy' \
		'nn-eval --per-class MODEL data.npy' 'nn-run MODEL two.npy' 'nn-run -p MODEL two.npy' \
		'nn-grad -c 3 MODEL two.npy' 'nn-grad --of loss MODEL data.npy' 'nn-ascend -c 3 -n 2 MODEL two.npy' \
		'nn-attack -e 9 MODEL data.npy' 'nn-nearest -n 2 MODEL data.npy' 'nn-slide -p MODEL two.npy'; do
		cmp <(pipe "${command/MODEL/vector}") <(pipe "${command/MODEL/map}") || { echo "$command"; false; }
		[ "$(pipe "${command/MODEL/map}" | wc -c)" -gt 40 ]
	done
}

@test "network: upsample makes blocks of elements" {
	[ "$(outputs 'input 1x8x6\nconv 3 3x3 pad 1\navgpool 2x2\nupsample 2\nconv 1 3x3 pad 1\nupsample 1')" = \
		"(3,8,6) (3,4,3) (3,8,6) (1,8,6) (1,8,6)" ]
	says "2:10: upsample: expected a number of rows and columns, found '0'" 'input 1x8x8\nupsample 0\n'
	says "2:10: upsample: expected a number of rows and columns, found '2x2'" 'input 1x8x8\nupsample 2x2\n'
	says "3:1: upsample: expected an image (C,H,W) as input, found the vector (3)" 'input 1x8x8\ndense 3\nupsample 2\n'
	nn-init <<<$'input 2x3x4\nupsample 3' >model
	numpy 'put(np.random.default_rng(1).integers(0, 256, (5, 2, 3, 4), "u1"))' >x.npy
	numpy 'put(get("x.npy")[0].repeat(3, 2).repeat(3, 3).astype("f4"))' | npy-diff - <(nn-run model x.npy)
}

@test "network: template keeps what is around the peak of a map" {
	[ "$(outputs 'input 1x8x6\nconv 3 3x3\nrelu\ntemplate\ndense 2')" = "(3,6,4) (3,6,4) (3,6,4) (2)" ]
	says "3:1: template: expected an image (C,H,W) as input, found the vector (3)" 'input 1x8x8\ndense 3\ntemplate\n'
	nn-init <<<$'input 2x7x9\ntemplate' >model
	numpy 'put(np.random.default_rng(1).integers(0, 256, (5, 2, 7, 9), "u1"))' >x.npy
	# In floats, of 255.
	numpy 'x = get("x.npy")[0].astype("f8")
y, z = np.mgrid[:7, :9]
for m in x.reshape(-1, 7, 9):
    a, b = divmod(m.argmax(), 9)
    m *= np.maximum(1 - 4 * (abs(y - a) + abs(z - b)) / 9, 0)
put(x.astype("f4"))' | npy-diff -a 3e-5 - <(nn-run model x.npy)
}

@test "network: sizes that are absurd are refused before they are multiplied" {
	says "1:7: input: 99999999999999999999x1x1 is too large" 'input 99999999999999999999x1x1\nrelu\n'
	says "1:1: input: more than 2147483647 elements in the input" 'input 65536x65536x1\nrelu\n'
	says "2:1: dense: more than 2147483647 elements in its weights" 'input 1x1000x1000\ndense 3000\n'
	says "2:1: conv: more than 2147483647 elements in the output" 'input 1x1000x1000\nconv 3000 1x1\n'
	says "2:1: upsample: more than 2147483647 elements in the output" 'input 1x2x2\nupsample 2147483647\n'
	says "2:1: conv: more than 2147483647 elements in the output" 'input 1x2x2\nconv 1 1x1 pad 2147483647\n'
	says "3:1: dense: more than 2147483647 elements in the network's parameters" \
		'input 1x1000x1000\ndense 1500\ndense 1000000\n'
	{ echo input 1x1x1; yes relu | head -4097; } >net
	refuses "net:4098:1: relu: more than 4096 layers" 'nn-info net'
}

@test "network: strides without end do not overflow the receptive field" {
	{ echo input 1x9x9; yes 'conv 1 1x1 stride 2147483647' | head -9; } >net
	[ "$(nn-info net | tail -1 | cut -f 8)" = 1x1 ]
}

@test "network: what is no text is refused" {
	says "2:6: relu: unexpected byte 0x07" 'input 1x8x8\nrelu \a\n'
	says "2:5: expected UTF-8, found byte 0xff" 'input 1x8x8\n# a \xff\n'
	says "1:3: expected UTF-8, found byte 0xed" '# \xed\xa0\x80\n'
	says "1:3: expected UTF-8, found byte 0xc0" '# \xc0\x80\n'
	says "1:3: expected UTF-8, found byte 0xe2" '# \xe2\x82'
	refuses "found a NUL byte" 'printf "input 1x8x8\nrelu\n\0" | nn-init'
	refuses "more than 1048576 bytes" 'yes "# ..." | nn-init'
}

@test "network: another file is called by its name, however long it is" {
	for n in 9 2000000; do
		refuses "expected a network's text, found an NPY array" "zeros $n | nn-init"
	done
	refuses "expected a network's text, found a safetensors file" \
		'printf "input 1x8x8\nrelu\n" | nn-init | nn-init'
}

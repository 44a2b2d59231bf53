load helper

small() {
	printf 'input 1x12x12\nconv 16 3x3 pad 1\nbatchnorm\nrelu\nmaxpool 2x2\nconv 16 3x3\nrelu\navgpool 2x2\nsigmoid\ndense 5\n'
}

@test "nn-kernels: a line for each layer and direction, with the layer's multiply-adds" {
	small | nn-kernels >table
	diff <(cut -f 1,2,6 table) - <<-'E'
		layer	direction	multiply_adds
		conv1	forward	20736
		conv1	to weights	20736
		conv1	to input	20736
		bn1+relu+maxpool	forward	0
		bn1+relu+maxpool	backward	0
		conv2+relu	forward	36864
		conv2+relu	to weights	36864
		conv2+relu	to input	36864
		avgpool1	forward	0
		avgpool1	backward	0
		sigmoid1	forward	0
		sigmoid1	backward	0
		dense1	forward	320
		dense1	to weights	320
		dense1	to input	320
	E
}

@test "nn-kernels: an upsample between convolutions" {
	printf 'input 1x12x12\nconv 16 3x3 pad 1\navgpool 2x2\nupsample 2\nconv 1 3x3 pad 1\nsigmoid\n' | nn-kernels >table
	diff <(cut -f 1,2,6 table | grep upsample) - <<-'E'
		upsample1	forward	0
		upsample1	backward	0
	E
	run ! grep 'ref:' table
}

@test "nn-kernels: few channels stay in C order, unless what reads them needs blocks" {
	net='input 1x12x12\nconv 3 3x3 pad 1\nrelu\navgpool 2x2\nconv 4 3x3 pad 1\nmaxpool 2x2\n'
	printf %b "$net" 'upsample 2\nconv 1 3x3\ndense 5\n' | nn-kernels >table
	[ "$(tail -n +2 table | cut -f 4 | sort -u)" = $'nchw\nrow' ]
	grep -P 'conv1\+relu\tto input\town ' table
	run ! grep 'ref:\|gemm' table
	printf %b "$net" 'conv 5 3x3\n' | nn-kernels >table
	run ! grep nchw table
}

@test "nn-kernels: an add, and the ReLU that is part of it" {
	printf 'input 1x12x12\nconv 16 3x3 pad 1\nbatchnorm\nrelu\nadd conv1\nrelu\nadd relu1\ndense 5\n' | nn-kernels >table
	# What several layers read is written as it is: conv1 is needed without its ReLU.
	diff <(cut -f 1,2 table | grep -v 'to ') - <<-'E'
		layer	direction
		conv1	forward
		bn1+relu	forward
		bn1+relu	backward
		add1+relu	forward
		add1+relu	backward
		add2	forward
		add2	backward
		dense1	forward
	E
}

@test "nn-kernels: a model gives the same as its text" {
	small >net
	nn-init net >model
	cmp <(nn-kernels net) <(nn-kernels <model)
}

@test "nn-kernels: the instruction set is one's choice" {
	grep -q avx /proc/cpuinfo || skip "no such processor"
	small >net
	ONEDNN_MAX_CPU_ISA=AVX2 nn-kernels net >table
	run ! grep -i 'avx512\|16c' table
	ONEDNN_MAX_CPU_ISA=SSE41 nn-kernels net >table
	run ! grep -i 'avx' table
}

# A reference kernel takes up to a thousand times as long; gemm means layouts that suit no kernel.
@test "nn-kernels: no network that comes along has a slow kernel, with AVX-512 or without" {
	[ "$(uname -m)" = x86_64 ] || skip "oneDNN's fast kernels are for x86-64"
	for isa in DEFAULT AVX2; do
		[ $isa = DEFAULT ] || grep -q avx2 /proc/cpuinfo || continue
		for net in "$root"/pipelines/nets/*.net; do
			for batch in 1 128; do
				ONEDNN_MAX_CPU_ISA=$isa nn-kernels -b $batch "$net" >table
				[ "$(wc -l <table)" -gt 2 ]
				! grep 'ref:\|gemm' table || { echo "$net, $isa, batches of $batch"; false; }
			done
		done
	done
}

@test "nn-kernels: neither a network nor a model" {
	refuses "standard input: empty: expected a network or a model" 'nn-kernels </dev/null'
	refuses "1:1: expected the input first" 'echo "Q5 28 28 255" | nn-kernels'
	refuses "--batch" 'nn-kernels -b 0 </dev/null'
}

@test "nn-kernels: a full disk is an error, a reader that went away is none" {
	small >net
	refuses "No space left on device" "nn-kernels net >/dev/full"
	pipe 'nn-kernels net | head -1'
}

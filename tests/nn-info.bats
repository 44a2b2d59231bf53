load helper

small() {
	printf 'input 1x6x6\nconv 4 3x3\nbatchnorm\nrelu\nmaxpool 2x2\ndense 5\n'
}

@test "nn-info: a line for each layer" {
	diff <(small | nn-info) - <<-'E'
		layer	kind	input	output	parameters	neurons	multiply_adds	field
		conv1	conv	(1,6,6)	(4,4,4)	40	64	576	3x3
		bn1	batchnorm	(4,4,4)	(4,4,4)	8	0	0	3x3
		relu1	relu	(4,4,4)	(4,4,4)	0	0	0	3x3
		maxpool1	maxpool	(4,4,4)	(4,2,2)	0	0	0	4x4
		dense1	dense	(4,2,2)	(5)	85	5	80	6x6
	E
}

@test "nn-info: branches: every layer's own input, and the larger field" {
	diff <(printf 'input 1x9x9\nconv 4 3x3\nmaxpool 2x2 as a\nconv 4 3x3 pad 1\nadd a\nconv 2 1x1 from conv1 as b\ndense 3\ndense 3 from add1\nadd dense1\n' | nn-info) - <<-'E'
		layer	kind	input	output	parameters	neurons	multiply_adds	field
		conv1	conv	(1,9,9)	(4,7,7)	40	196	1764	3x3
		a	maxpool	(4,7,7)	(4,3,3)	0	0	0	4x4
		conv2	conv	(4,3,3)	(4,3,3)	148	36	1296	8x8
		add1	add	(4,3,3)	(4,3,3)	0	0	0	8x8
		b	conv	(4,7,7)	(2,7,7)	10	98	392	3x3
		dense1	dense	(2,7,7)	(3)	297	3	294	9x9
		dense2	dense	(4,3,3)	(3)	111	3	108	9x9
		add2	add	(3)	(3)	0	0	0	9x9
	E
}

@test "nn-info: totals are the sums of the table" {
	small | nn-info --totals >totals
	small | nn-info | awk 'NR > 1 { layers++; p += $5; n += $6; m += $7 }
		END { OFS = "\t"; print "total", layers, p, n, m }' >sums
	diff sums <(tail -1 totals)
	awk 'NR > 1 && $1 != "total" { for (i = 2; i <= 5; i++) s[i] += $i }
		$1 == "total" { for (i = 2; i <= 5; i++) exit s[i] != $i }' totals
}

@test "nn-info: a model tells the same as its text" {
	small >net
	nn-init net >model
	cmp <(nn-info net) <(nn-info model)
	cmp <(nn-info -t net) <(nn-info -t <model)
	cmp net <(nn-info --network model)
	cmp net <(nn-info -n net)
}

@test "nn-info: the field of view is the image's at most" {
	run -0 nn-info <(printf 'input 1x5x9\nconv 1 3x3 pad 1\nconv 1 3x3 pad 1\nconv 1 3x3 pad 1\n')
	[[ ${lines[2]} == *$'\t5x5' ]]
	[[ ${lines[3]} == *$'\t5x7' ]]
}

@test "nn-info: the history of a model, which a text has not" {
	small >net
	nn-init -s 7 net >model
	[ "$(nn-info --history model)" = "nn-init --init he --seed 7 sha256:$(sha256sum <net | cut -d ' ' -f 1)" ]
	refuses "net: a network's text has no history" 'nn-info --history net'
	refuses "only one of" 'nn-info --history --totals model'
}

@test "nn-info: neither a network nor a model" {
	refuses "standard input: empty: expected a network or a model" 'nn-info </dev/null'
	refuses "standard input: expected a safetensors file" 'head -c 100 /dev/zero | tr "\0" "\377" | cat - /dev/zero | head -c 200 | nn-info'
	refuses "truncated" 'printf "\20\0\0\0\0\0\0\0{}" | nn-info'
	refuses "1:1: expected the input first" 'echo "Q5 28 28 255" | nn-info'
}

@test "nn-info: a full disk is an error, a reader that went away is none" {
	small >net
	for option in '' --totals --network; do
		refuses "No space left on device" "nn-info $option net >/dev/full"
	done
	{ echo input 1x9x9; yes relu | head -4000; } >long.net
	pipe 'nn-info long.net | head -1'
}

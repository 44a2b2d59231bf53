load helper

@test "npytotsv: one axis is a column, two are lines and columns, none is one number" {
	diff <(array u1 '[7, 255]' | npytotsv) <(printf '7\n255\n')
	diff <(array i8 '[[1, -2, 3], [4, 5, 9223372036854775807]]' | npytotsv) \
		<(printf '1\t-2\t3\n4\t5\t9223372036854775807\n')
	diff <(array f4 0.5 | npytotsv) <(echo 0.5)
}

@test "npytotsv: floats have the digits they need, and no more" {
	diff - <(array f4 '[0.1, 1/3, 1e-45, 3.4028235e38, 16777216, -0.0, 5]' | npytotsv) <<-'E'
		0.1
		0.33333334
		1.4013e-45
		3.4028235e+38
		16777216
		-0
		5
	E
	diff - <(array f8 '[0.1, 1/3, 5e-324, 0.1 + 0.2, np.nan, np.inf, -np.inf]' | npytotsv) <<-'E'
		0.1
		0.3333333333333333
		4.94065645841247e-324
		0.30000000000000004
		nan
		inf
		-inf
	E
}

@test "npytotsv: what is not a number has no sign" {
	array f4 '[np.copysign(np.nan, -1), np.nan]' >x.npy
	[ "$(npytotsv x.npy | paste -sd ' ')" = "nan nan" ]
	[ "$(npytotsv -p 3 x.npy | paste -sd ' ')" = "nan nan" ]
	[ "$(array f8 '[0, 1]' | npy-calc 'a / 0' | npytotsv | paste -sd ' ')" = "nan inf" ]
}

@test "npytotsv: tsvtonpy undoes it, to the last bit" {
	/usr/bin/python3 - <<-'E'
		import numpy as np
		bits = np.random.default_rng(1).integers(0, 256, (3000, 24), dtype=np.uint8)
		for t in "u1", "i8", "f4", "f8":
		    a = bits.view(t)
		    np.save(t + ".npy", a if t[0] != "f" else np.where(np.isfinite(a), a, 0))
	E
	for t in u1 i8 f4 f8; do
		cmp <(npytotsv $t.npy | tsvtonpy -t $t) <(npy-slice : $t.npy)
	done
}

@test "npytotsv: --precision rounds" {
	[ "$(array f4 '[[0.123456, 2]]' | npytotsv -p 3)" = "$(printf '0.123\t2')" ]
	[ "$(array i8 '[123456]' | npytotsv -p 3)" = 123456 ]
}

@test "npytotsv: --header names the columns" {
	diff <(array u1 '[[1, 2]]' | npytotsv -H x,y) <(printf 'x\ty\n1\t2\n')
	array u1 '[[1, 2]]' >x.npy
	refuses "expected 2 names, one for each column, found 3" 'npytotsv -H a,b,c x.npy'
	refuses "expected 2 names, one for each column, found 1" 'npytotsv -H a x.npy'
}

@test "npytotsv: --long prints any shape, with its indices" {
	diff - <(array u1 '[[[1, 2, 3]], [[4, 5, 6]]]' | npytotsv -l -H i,j,k,x) <<-'E'
		i	j	k	x
		0	0	0	1
		0	0	1	2
		0	0	2	3
		1	0	0	4
		1	0	1	5
		1	0	2	6
	E
	[ "$(array u1 7 | npytotsv -l)" = 7 ]
}

@test "npytotsv: arrays of more axes, and more than one array, are refused" {
	array u1 '[[[1]]]' >x.npy
	refuses "found (1,1,1) (--long prints any)" 'npytotsv x.npy'
	array u1 '[1]' >x.npy
	refuses "expected 1 array, found more" 'cat x.npy x.npy | npytotsv'
}

@test "npytotsv: an empty array is an empty table" {
	[ -z "$(npy '<f4' '(0, 3)' | npytotsv)" ]
	[ "$(npy '<f4' '(0, 2)' | npytotsv -H a,b)" = "$(printf 'a\tb')" ]
	[ -z "$(npy '<f4' '(3, 0)' | npytotsv)" ]
}

@test "npytotsv: what is truncated is refused" {
	array u1 '[1, 2]' >x.npy
	refuses "lacks its last 1 bytes" 'head -c -1 x.npy | npytotsv'
}

@test "npytotsv: a full disk is an error" {
	array u1 '[1]' >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npytotsv x.npy >/dev/full'
}

@test "npytotsv: a reader that went away is none" {
	{ npy '|u1' '(100000,)'; head -c 100000 /dev/zero; } >x.npy
	pipe 'npytotsv x.npy | head -1 >first'
	[ "$(cat first)" = 0 ]
}

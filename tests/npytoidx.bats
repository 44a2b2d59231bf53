load helper

six() {
	npy '|u1' '(2, 3)'
	printf '\1\2\3\4\5\6'
}

@test "npytoidx: the bytes of the format" {
	six | npytoidx | cmp - <(printf '\0\0\10\2\0\0\0\2\0\0\0\3\1\2\3\4\5\6')
	array i8 '[-2, 1]' | npytoidx -t i1 | cmp - <(printf '\0\0\11\1\0\0\0\2\xfe\1')
	array i8 '[-2, 1]' | npytoidx -t i2 | cmp - <(printf '\0\0\13\1\0\0\0\2\xff\xfe\0\1')
	array f4 '[-2.5]' | npytoidx | cmp - <(printf '\0\0\15\1\0\0\0\1\xc0\x20\0\0')
}

@test "npytoidx: idxtonpy undoes it, for every type" {
	array u1 '[[0, 255], [1, 2]]' >u1.npy
	array i8 '[-2147483648, 2147483647]' >i8.npy
	array f4 '[0.1, -1e-40, np.inf, np.nan]' >f4.npy
	array f8 '[[[0.1]], [[-1e-310]]]' >f8.npy
	for t in u1 i8 f4 f8; do
		cmp <(npytoidx $t.npy | idxtonpy | npy-info) <(npy-info $t.npy)
		npytoidx $t.npy >$t.idx
		cmp <(idxtonpy $t.idx | tail -c 16) <(tail -c 16 $t.npy)
	done
}

@test "npytoidx: integers that do not fit are refused, not wrapped" {
	array i8 '[1, 256]' >x.npy
	refuses "256 does not fit an IDX element of type u1" 'npytoidx -t u1 x.npy'
	array i8 '[-1]' >x.npy
	refuses "-1 does not fit" 'npytoidx -t u1 x.npy'
	array i8 '[2147483648]' >x.npy
	refuses "2147483648 does not fit" 'npytoidx x.npy'
	array f4 '[0.5]' >x.npy
	refuses "0.5 does not fit" 'npytoidx -t i4 x.npy'
	array f4 '[np.nan]' >x.npy
	refuses "nan does not fit" 'npytoidx -t u1 x.npy'
	array f8 '[1e300]' >x.npy
	refuses "does not fit" 'npytoidx -t f4 x.npy'
}

@test "npytoidx: a scalar, and more than one array, are refused" {
	array u1 7 >x.npy
	refuses "a scalar" 'npytoidx x.npy'
	six >x.npy
	refuses "expected 1 array, found more" 'cat x.npy x.npy | npytoidx'
}

@test "npytoidx: what is truncated is refused" {
	six >x.npy
	refuses "lacks its last 2 bytes" 'head -c -2 x.npy | npytoidx'
}

@test "npytoidx: a full disk is an error" {
	six >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npytoidx x.npy >/dev/full'
}

@test "npytoidx: MNIST's files come back byte for byte" {
	[ -n "${DATASETS:-}" ] || skip "no DATASETS"
	for f in "$DATASETS"/mnist/t10k-*.gz; do
		gzip -dc "$f" >file.idx
		idxtonpy file.idx | npytoidx | cmp - file.idx
	done
}

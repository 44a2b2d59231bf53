load helper

# 1 2 3 4 as unsigned bytes
four() {
	npy '|u1' '(2, 2)'
	printf '\1\2\3\4'
}

@test "npy-info: type, shape, range, mean and standard deviation" {
	four >x.npy
	run -0 npy-info x.npy
	[ "${lines[0]}" = "$(printf 'type\tshape\tmin\tmax\tmean\tstd\tnan\tinf')" ]
	[ "${lines[1]}" = "$(printf '|u1\t(2,2)\t1\t4\t2.5\t1.118033989\t0\t0')" ]
}

@test "npy-info: a line for every array of a stream" {
	run -0 npy-info <(four; four; four)
	[ "${#lines[@]}" -eq 4 ]
}

@test "npy-info: only the shapes, as npy-reshape takes them" {
	{ four; array f4 '[1, 2, 3]'; array f8 7; } >x.npy
	[ "$(npy-info --shape x.npy)" = "$(printf '2,2\n3\n')" ]
	four >y.npy
	seq 4 | tsvtonpy | npy-reshape "$(npy-info -s y.npy)" | npy-info -s | diff - <(echo 2,2)
	refuses 'truncated' 'head -c -1 y.npy | npy-info -s'
}

@test "npy-info: NaN and infinity are counted, and left out of the range" {
	{
		npy '<f4' '(4,)'
		printf '\0\0\xc0\x7f''\0\0\x80\x7f''\0\0\x80\xff''\0\0\x80\x3f'
	} >x.npy
	run -0 npy-info x.npy
	[ "${lines[1]}" = "$(printf '<f4\t(4,)\t1\t1\t1\t0\t1\t2')" ]
}

@test "npy-info: every type, both byte orders" {
	{
		npy '>i2' '(1,)'; printf '\xff\xfe'
		npy '<i4' '(1,)'; printf '\xfe\xff\xff\xff'
		npy '>u4' '(1,)'; printf '\xff\xff\xff\xfe'
		npy '<f2' '(2,)'; printf '\0\xc0\x01\0'
		npy '>f8' '(1,)'; printf '\xc0\0\0\0\0\0\0\0'
		npy '|b1' '(1,)'; printf '\1'
		npy '|i1' '(1,)'; printf '\xfe'
		npy '>u8' '(1,)'; printf '\0\0\0\0\0\0\0\2'
	} >x.npy
	diff <(npy-info x.npy | cut -f 1-4) - <<-'E'
		type	shape	min	max
		<i8	(1,)	-2	-2
		<i8	(1,)	-2	-2
		<i8	(1,)	4294967294	4294967294
		<f4	(2,)	-2	5.960464478e-08
		<f8	(1,)	-2	-2
		|u1	(1,)	1	1
		<i8	(1,)	-2	-2
		<i8	(1,)	2	2
	E
}

@test "npy-info: a scalar and an empty array" {
	run -0 npy-info <(npy '|u1' '()'; printf '\7'; npy '<f4' '(0, 28, 28)')
	[ "${lines[1]}" = "$(printf '|u1\t()\t7\t7\t7\t0\t0\t0')" ]
	[ "${lines[2]}" = "$(printf '<f4\t(0,28,28)\t-\t-\t-\t-\t0\t0')" ]
}

@test "npy-info: what is not NPY is refused" {
	refuses "empty" 'npy-info </dev/null'
	refuses "expected an NPY array" 'npy-info <<<"P5 28 28 255"'
	refuses "expected an NPY array" 'npy-info <<<P5'
	four >x.npy
	refuses "array 1: expected an NPY array or the end" '{ cat x.npy; echo more than one; } | npy-info'
}

@test "npy-info: another file is called by its name, with the program that converts it" {
	zeros 784 | npy-reshape 28,28 >x.npy
	npytopnm x.npy >x.pgm
	pnmtopng -quiet x.pgm >x.png
	npytoidx x.npy >x.idx
	gzip -c x.npy >x.gz
	printf 'input 1x28x28\nrelu\n' | tee x.net | nn-init >x.model
	while IFS=: read -r file words; do
		refuses "$file: expected an NPY array, found $words" "npy-info $file"
	done <<-'E'
		x.pgm:a PBM, PGM, PPM or PAM picture (pnmtonpy converts it)
		x.png:a PNG picture (pngtopnm | pnmtonpy converts it)
		x.idx:an IDX file (idxtonpy converts it)
		x.gz:a gzip file (gzip -dc unpacks it)
		x.model:a safetensors file, as a model is
		x.net:text
	E
	refuses "array 1: expected an NPY array or the end, found text" 'cat x.npy x.net | npy-info'
	printf '\1\2\3' >short
	refuses "short: expected an NPY array, found something else" 'npy-info short'
}

@test "npy-info: what is truncated is refused, and says by how much" {
	four >x.npy
	size=$(wc -c <x.npy)
	refuses "lacks its last 1 bytes" "head -c $((size - 1)) x.npy | npy-info"
	for bytes in 3 7 9 30; do
		refuses "truncated in the NPY header" "head -c $((bytes + 5)) x.npy | npy-info"
	done
}

@test "npy-info: sizes that overflow, are negative or too many are refused" {
	npy '|u1' '(4294967296, 4294967296, 4294967296)' >x.npy
	refuses "too large" 'npy-info x.npy'
	npy '<f8' '(0, 4611686018427387904, 4)' >x.npy
	refuses "too large" 'npy-info x.npy'
	npy '|u1' '(99999999999999999999,)' >x.npy
	refuses "too large" 'npy-info x.npy'
	npy '|u1' '(-1,)' >x.npy
	refuses "not a list of sizes" 'npy-info x.npy'
	npy '|u1' '(1,1,1,1,1,1,1,1,1)' >x.npy
	refuses "more than 8 dimensions" 'npy-info x.npy'
}

@test "npy-info: types that are no numbers are refused" {
	for type in '<c8' '|S4' '<U2' '|O' '<M8[s]' '|V3'; do
		npy "$type" '(1,)' >x.npy
		refuses "not supported" 'npy-info x.npy'
	done
	npy '>u8' '(1,)' >x.npy
	printf '\xff\0\0\0\0\0\0\0' >>x.npy
	refuses "2^63 or more" 'npy-info x.npy'
}

@test "npy-info: a full disk is an error" {
	four >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-info x.npy >/dev/full'
}

@test "npy-info: a reader that went away is none" {
	four >x.npy
	yes x.npy | head -4000 | xargs cat >many.npy
	pipe 'npy-info many.npy | head -1'
}

load helper

# 0 100 200 255 as a PGM
gray() {
	printf 'P5\n2 2\n255\n\0\144\310\377'
}

@test "pnmtonpy: every kind of Netpbm picture" {
	[ "$(gray | pnmtonpy | elements)" = "|u1 (1, 2, 2) 0 100 200 255" ]
	[ "$(pnmtonpy <<<"P2 2 1 255 7 9" | elements)" = "|u1 (1, 1, 2) 7 9" ]
	[ "$(pnmtonpy <<<"P1 2 1 0 1" | elements)" = "|u1 (1, 1, 2) 255 0" ]
	[ "$(printf 'P4 9 1\n\x40\x80' | pnmtonpy | elements)" = \
		"|u1 (1, 1, 9) 255 0 255 255 255 255 255 255 0" ]
	[ "$(pnmtonpy <<<"P3 2 1 255 1 2 3 4 5 6" | elements)" = "|u1 (1, 3, 1, 2) 1 4 2 5 3 6" ]
	[ "$(printf 'P6 1 2 255\nabcdef' | pnmtonpy | elements)" = "|u1 (1, 3, 2, 1) 97 100 98 101 99 102" ]
	printf 'P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd' >rgba.pam
	[ "$(pnmtonpy rgba.pam | elements)" = "|u1 (1, 4, 1, 1) 97 98 99 100" ]
}

@test "pnmtonpy: white is 255, whatever the file's largest value" {
	[ "$(pnmtonpy <<<"P2 3 1 15 0 5 15" | elements)" = "|u1 (1, 1, 3) 0 85 255" ]
	[ "$(pnmtonpy <<<"P2 3 1 2 0 1 2" | elements)" = "|u1 (1, 1, 3) 0 128 255" ]
	[ "$(pnmtonpy <<<"P2 3 1 65535 257 1 65535" | elements)" = "<f4 (1, 1, 3) 1.0 0.0038910506 255.0" ]
}

@test "pnmtonpy: pictures behind each other, of 8 and 16 bits, make one array" {
	[ "$({ gray; gray; gray; } | pnmtonpy | tee three.npy | elements)" = \
		"|u1 (3, 2, 2) 0 100 200 255 0 100 200 255 0 100 200 255" ]
	printf 'P5 2 2 65535\n\0\0\1\1\2\2\3\3' >wide.pgm
	[ "$({ gray; cat wide.pgm; gray; } | pnmtonpy | elements)" = \
		"<f4 (3, 2, 2) 0.0 100.0 200.0 255.0 0.0 1.0 2.0 3.0 0.0 100.0 200.0 255.0" ]
	[ "$({ cat wide.pgm; gray; } | pnmtonpy | elements)" = "<f4 (2, 2, 2) 0.0 1.0 2.0 3.0 0.0 100.0 200.0 255.0" ]
}

@test "pnmtonpy: --single leaves out the axis of pictures, and takes only one" {
	[ "$(gray | pnmtonpy -s | elements)" = "|u1 (2, 2) 0 100 200 255" ]
	[ "$(printf 'P6 1 1 255\nabc' | pnmtonpy --single | elements)" = "|u1 (3, 1, 1) 97 98 99" ]
	gray >x.pgm
	refuses "expected one picture" 'cat x.pgm x.pgm | pnmtonpy -s'
}

@test "pnmtonpy: a folder of files and a table are a data set" {
	for i in 0 1 2; do gray >digit$i.pgm; done
	printf '4\n0\n2\n' >labels.tsv
	{ cat digit?.pgm | pnmtonpy; tsvtonpy labels.tsv; } >data.npy
	npy-info data.npy | cut -f 1,2 | diff - <(printf 'type\tshape\n|u1\t(3,2,2)\n<i8\t(3,)\n')
}

@test "pnmtonpy: pictures of another size or kind are refused" {
	gray >x.pgm
	refuses "picture 1: expected shape (2,2), as before, found (1,4)" \
		'{ cat x.pgm; printf "P5 4 1 255\nabcd"; } | pnmtonpy'
	refuses "picture 2: expected shape (2,2), as before, found (3,1,1)" \
		'{ cat x.pgm x.pgm; printf "P6 1 1 255\nabc"; } | pnmtonpy'
}

@test "pnmtonpy: what is no picture is refused, with the cure where there is one" {
	refuses "empty" 'pnmtonpy </dev/null'
	refuses "found text" 'pnmtonpy <<<hello'
	refuses "found an NPY array" 'zeros 9 | pnmtonpy'
	refuses "found a PNG picture (pngtopnm" 'printf "\x89PNG\r\n" | pnmtonpy'
	refuses "found a JPEG picture (jpegtopnm" 'printf "\xff\xd8\xff" | pnmtonpy'
	gray >x.pgm
	refuses "picture 1: expected a PBM" '{ cat x.pgm; echo hello; } | pnmtonpy'
	refuses "bad magic number" 'pnmtonpy <<<"P9 1 1 255"'
}

@test "pnmtonpy: what is truncated is refused" {
	gray >x.pgm
	for bytes in 1 2 4 8 11 14; do
		refuses "standard input" "head -c $bytes x.pgm | pnmtonpy"
	done
	refuses "picture 1" "{ cat x.pgm; head -c 14 x.pgm; } | pnmtonpy"
	refuses "HEI" 'printf "P7\nWIDTH 2\nHEI" | pnmtonpy'
}

@test "pnmtonpy: impossible headers are refused, and cost no memory" {
	refuses "zero" 'printf "P5 0 2 255\n" | pnmtonpy'
	refuses "junk" 'printf "P5 -1 2 255\na" | pnmtonpy'
	refuses "maxval" 'printf "P5 1 1 0\na" | pnmtonpy'
	refuses "maxval" 'printf "P5 1 1 65536\na" | pnmtonpy'
	refuses "exceeds" 'printf "P5 1 1 3\na" | pnmtonpy'
	refuses "too large" 'printf "P5 2000000000 2000000000 255\na" | pnmtonpy'
	refuses "too many samples" 'printf "P5 20000000 1 255\na" | pnmtonpy'
	refuses "too" 'printf "P7\nWIDTH 9\nHEIGHT 9\nDEPTH 100000000\nMAXVAL 1\nENDHDR\n" | pnmtonpy'
}

@test "pnmtonpy: a full disk is an error" {
	gray >x.pgm
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'pnmtonpy x.pgm >/dev/full'
}

@test "pnmtonpy: a reader that went away is none" {
	{ printf 'P5 1000 1000 255\n'; head -c 1000000 /dev/zero; } >x.pgm
	pipe 'pnmtonpy x.pgm | head -c 1 >first'
}

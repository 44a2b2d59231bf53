load helper

# 0 100 200 255 of the given shape
gray() {
	npy '|u1' "${1:-(2, 2)}"
	printf '\0\144\310\377'
}

# samples FILE: a picture's header and its samples in decimal, by pamtopnm's own plain format.
samples() {
	pnmtoplainpnm "$1" | tr -s '\n ' '  '
}

@test "npytopnm: gray and color, as Netpbm reads them" {
	cmp <(gray | npytopnm) <(printf 'P5\n2 2\n255\n\0\144\310\377')
	cmp <(gray '(1, 2, 2)' | npytopnm) <(gray | npytopnm)
	{ npy '|u1' '(3, 1, 2)'; printf 'adbecf'; } >rgb.npy
	cmp <(npytopnm rgb.npy) <(printf 'P6\n2 1\n255\nabcdef')
}

@test "npytopnm: pnmtonpy undoes it" {
	numpy 'r = np.random.default_rng(1)
np.save("gray.npy", r.integers(0, 256, (7, 5, 9), dtype="u1"))
np.save("color.npy", r.integers(0, 256, (4, 3, 6, 2), dtype="u1"))
np.save("wide.npy", (r.integers(0, 65536, (2, 40, 30)) * 255 / 65535).astype("f4"))'
	cmp <(npytopnm -e gray.npy | pnmtonpy) <(npy-slice : gray.npy)
	cmp <(npytopnm -e color.npy | pnmtonpy) <(npy-slice : color.npy)
	cmp <(npytopnm -e --16 wide.npy | pnmtonpy) <(npy-slice : wide.npy)
}

@test "npytopnm: a stream of arrays is a stream of pictures" {
	cmp <({ gray; gray '(1, 2, 2)'; } | npytopnm) <(gray | npytopnm; gray | npytopnm)
	cmp <({ gray; gray; } | npytopnm) <(gray '(1, 2, 2)' | cat - <(gray '(1, 2, 2)') | npytopnm -e)
}

@test "npytopnm: a given range, its clamping and its negative" {
	array f4 '[[-3, -1, 0, 1, 3]]' >x.npy
	[ "$(samples <(npytopnm -r -1:1 x.npy))" = "P2 5 1 255 0 0 128 255 255 " ]
	[ "$(samples <(npytopnm -r 1:-1 x.npy))" = "P2 5 1 255 255 255 128 0 0 " ]
	[ "$(samples <(npytopnm -r -1:1 <(array f8 '[[-np.inf, np.inf]]')))" = "P2 2 1 255 0 255 " ]
}

@test "npytopnm: symmetric and minmax take the array's own range" {
	array f4 '[[-1, 0, 3]]' >x.npy
	[ "$(samples <(npytopnm -r symmetric x.npy))" = "P2 3 1 255 85 128 255 " ]
	[ "$(samples <(npytopnm -r minmax x.npy))" = "P2 3 1 255 0 64 255 " ]
	array i8 '[[0, 0]]' >x.npy
	[ "$(samples <(npytopnm -r symmetric x.npy))" = "P2 2 1 255 128 128 " ]
}

@test "npytopnm: pictures of one array share a range unless --separate" {
	array f4 '[[[0, 1]], [[0, 2]]]' >x.npy
	[ "$(samples <(npytopnm -e -r minmax x.npy | tail -c 13))" = "P2 2 1 255 0 255 " ]
	[ "$(npytopnm -e -r minmax x.npy | pnmtonpy | npytotsv -l | cut -f 4 | xargs)" = "0 128 0 255" ]
	[ "$(npytopnm -e --separate -r minmax x.npy | pnmtonpy | npytotsv -l | cut -f 4 | xargs)" = "0 255 0 255" ]
}

@test "npytopnm: 16 bits" {
	array f4 '[[0, 0.25, 1]]' >x.npy
	[ "$(samples <(npytopnm --16 -r 0:1 x.npy))" = "P2 3 1 65535 0 16384 65535 " ]
}

@test "npytopnm: --scale makes pixels of K x K" {
	gray | npytopnm -s 3 >x.pgm
	cmp x.pgm <(gray | npytopnm | pamenlarge 3)
	{ npy '|u1' '(3, 1, 2)'; printf 'adbecf'; } >rgb.npy
	cmp <(npytopnm -s 4 rgb.npy) <(npytopnm rgb.npy | pamenlarge 4)
}

@test "npytopnm: the ends and the middle of the color maps are matplotlib's" {
	array f4 '[[0, 0.5, 1]]' >x.npy
	while read -r map colors; do
		[ "$(npytopnm -r 0:1 -c "$map" x.npy | tail -c 9 | od -An -tx1 | tr -d ' \n')" = \
			"${colors// /}" ]
	done <<-'E'
		viridis 440154 21908c fde725
		inferno 000004 bb3755 fcffa4
		magma 000004 b63779 fcfdbf
		diverging 053061 f7f7f7 67001f
	E
}

@test "npytopnm: the color maps for values grow brighter without a step back" {
	numpy 'np.save("x.npy", np.arange(256, dtype="u1")[None])'
	for map in viridis inferno magma; do
		npytopnm -c $map x.npy | pnmtonpy -s >colors.npy
		numpy 'r, g, b = np.load("colors.npy")[:, 0].astype(float)
y = 0.2126 * r + 0.7152 * g + 0.0722 * b
assert (np.diff(y) > -0.5).all() and y[-1] - y[0] > 180, np.diff(y).min()'
	done
}

@test "npytopnm: classes have ten colors, and there is no eleventh" {
	numpy 'np.save("x.npy", np.arange(10)[None])'
	[ "$(npytopnm -c categorical x.npy | pnmtonpy | npytotsv -l | wc -l)" -eq 30 ]
	[ "$(npytopnm -c categorical x.npy | tail -c 30 | od -An -v -tx1 -w3 | sort -u | wc -l)" -eq 10 ]
	refuses "10, is not a class" 'npy-calc "a + 1" x.npy | npytopnm -c categorical'
	refuses "0.5, is not a class" 'npy-calc "a + 0.5" x.npy | npytopnm -c categorical'
	refuses "no meaning" 'npytopnm -c categorical -r 0:1 x.npy'
}

@test "npytopnm: without a range, what is no pixel is refused and not stretched" {
	array f4 '[[0, -0.5]]' >x.npy
	refuses "element 1, -0.5, is not a pixel 0 ... 255" 'npytopnm x.npy'
	array i8 '[[256, 0]]' >x.npy
	refuses "element 0, 256, is not a pixel" 'npytopnm x.npy'
}

@test "npytopnm: NaN is white, and does not count in a range" {
	array f4 '[[np.nan, -1, 0, 3]]' >x.npy
	[ "$(samples <(npytopnm -r minmax x.npy))" = "P2 4 1 255 255 0 64 255 " ]
	[ "$(samples <(npytopnm -r symmetric x.npy))" = "P2 4 1 255 255 85 128 255 " ]
	[ "$(samples <(npytopnm -r 3:-1 x.npy))" = "P2 4 1 255 255 255 191 0 " ]
	array f4 '[[np.nan, 0]]' >x.npy
	[ "$(samples <(npytopnm x.npy))" = "P2 2 1 255 255 0 " ]
	for map in viridis diverging categorical; do
		[ "$(npytopnm -c $map x.npy | tail -c 6 | head -c 3 | od -An -tx1 | tr -d ' \n')" = ffffff ]
	done
	# A picture of its own range that is empty, beside one that is not.
	array f4 '[[[np.nan, np.nan]], [[0, 2]]]' >x.npy
	[ "$(npytopnm -e --separate -r minmax x.npy | pnmtonpy | npytotsv -l | cut -f 4 | xargs)" = "255 255 0 255" ]
}

@test "npytopnm: nothing but NaN is refused, and infinity where it would be the range" {
	array f4 '[[np.nan, np.nan]]' >x.npy
	for range in 0:1 symmetric minmax; do
		refuses "every element is NaN" "npytopnm -r $range x.npy"
	done
	array f4 '[[0, -np.inf]]' >x.npy
	refuses "element 1 is infinite" 'npytopnm -r symmetric x.npy'
	refuses "element 1 is infinite" 'npytopnm -r minmax x.npy'
}

@test "npytopnm: a range that is none is refused" {
	gray >x.npy
	for range in '' 1 1: :1 1:1 1:2:3 nan:1 0:inf wide; do
		refuses "is not LO:HI, symmetric or minmax" "npytopnm -r '$range' x.npy"
	done
}

@test "npytopnm: shapes that are no picture are refused" {
	for shape in '(4,)' '(2, 1, 2)' '(1, 1, 2, 2)'; do
		gray "$shape" >x.npy
		refuses "expected shape (H,W), (1,H,W) or (3,H,W), found ${shape// /}" 'npytopnm x.npy'
	done
	gray '(4,)' >x.npy
	refuses "expected shape (N,H,W)" 'npytopnm -e x.npy'
	gray '(1, 2, 1, 2)' >x.npy
	refuses "expected shape (N,H,W)" 'npytopnm -e x.npy'
	npy '|u1' '(0, 28, 28)' >x.npy
	refuses "no pixels" 'npytopnm -e x.npy'
	{ npy '|u1' '(3, 1, 1)'; printf abc; } >x.npy
	refuses "colors of its own" 'npytopnm -c magma x.npy'
}

@test "npytopnm: a full disk is an error, for the smallest picture too" {
	gray >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npytopnm x.npy >/dev/full'
	refuses "No space left on device" 'npytopnm -s 200 x.npy >/dev/full'
}

@test "npytopnm: a reader that went away is none" {
	gray >x.npy
	pipe 'npytopnm -s 1000 x.npy | head -c 2 >first'
	[ "$(cat first)" = P5 ]
}

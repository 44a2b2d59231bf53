load helper

# cells SHAPE: 1 2 3 ... as bytes
cells() {
	numpy "put(np.arange(1, np.prod($1) + 1, dtype='u1').reshape($1))"
}

marks() {
	printf '%s\n' "$@" | tsvtonpy
}

@test "npy-montage: cells row by row, gaps between and around, what is left over is background" {
	diff - <(cells '(3, 1, 2)' | npy-montage -g 1 -b 0 | npytotsv) <<-'E'
		0	0	0	0	0	0	0
		0	1	2	0	3	4	0
		0	0	0	0	0	0	0
		0	5	6	0	0	0	0
		0	0	0	0	0	0	0
	E
}

@test "npy-montage: without gaps, a row of cells is a transposition" {
	cells '(6, 4, 5)' >x.npy
	npy-montage -g 0 -c 3 x.npy >montage.npy
	numpy 'x, m = np.load("x.npy"), np.load("montage.npy")
assert m.shape == (8, 15) and m.dtype == x.dtype
assert (m == x.reshape(2, 3, 4, 5).transpose(0, 2, 1, 3).reshape(8, 15)).all()'
}

@test "npy-montage: one column, more columns than cells, as many columns as rows" {
	cells '(5, 1, 1)' >x.npy
	[ "$(npy-montage -g 0 -c 1 x.npy | npytotsv | xargs)" = "1 2 3 4 5" ]
	[ "$(npy-montage -g 0 -c 99 x.npy | npytotsv)" = "$(printf '1\t2\t3\t4\t5')" ]
	diff <(npy-montage -g 0 -b 0 x.npy | npytotsv) <(printf '1\t2\t3\n4\t5\t0\n')
}

@test "npy-montage: planes of color stay planes, and one plane is none" {
	cells '(4, 3, 2, 3)' >x.npy
	npy-montage -f 1 x.npy >all.npy
	for plane in 0 1 2; do
		cmp <(npy-slice "$plane" all.npy) <(npy-slice ":,$plane" x.npy | npy-montage -f 1)
	done
	cmp <(cells '(4, 1, 2, 3)' | npy-montage) <(cells '(4, 2, 3)' | npy-montage)
}

@test "npy-montage: values and types stay" {
	cells '(4, 2, 3)' | npy-calc 'a / 8 - 1' >x.npy
	npy-montage -g 0 -b -0.5 x.npy >montage.npy
	[ "$(npy-info montage.npy | cut -f 1-5 | tail -1)" = \
		"$(npy-info x.npy | sed 's/(4,2,3)/(4,6)/' | cut -f 1-5 | tail -1)" ]
}

@test "npy-montage: between floats there is NaN, which sets no range of a picture" {
	numpy 'np.save("x.npy", np.linspace(-0.1, 0.2, 24, dtype="f4").reshape(3, 2, 4))'
	npy-montage -g 1 x.npy >montage.npy
	numpy 'm = np.load("montage.npy")
assert m.shape == (7, 11) and np.isnan(m).sum() == 7 * 11 - 24'
	# The cells are drawn as they are alone; what is between them is white.
	npytopnm -e -r symmetric x.npy | pnmtonpy | npy-montage -g 1 | npytopnm >want.pgm
	npytopnm -r symmetric montage.npy | cmp - want.pgm
	npy-montage -g 1 -b 255 x.npy | npytopnm -r symmetric | cmp -s - want.pgm && false
	[ "$(npy-calc -t i8 'row' x.npy | npy-montage | npy-info | sed -n '2s/.*\t255\t.*\t0\t0$/255/p')" = 255 ]
}

@test "npy-montage: --scale is that of pamenlarge, cell by cell" {
	cells '(1, 3, 4)' >x.npy
	cmp <(npy-montage -g 0 -s 5 x.npy | npytopnm) <(npytopnm x.npy | pamenlarge 5)
}

@test "npy-montage: frames in ink" {
	diff - <(cells '(1, 1, 2)' | npy-montage -g 1 -f 1 -i 9 -b 0 | npytotsv) <<-'E'
		0	0	0	0	0	0
		0	9	9	9	9	0
		0	9	1	2	9	0
		0	9	9	9	9	0
		0	0	0	0	0	0
	E
}

@test "npy-montage: a mark makes frames in color, no mark none" {
	marks 1 0 2 >m.npy
	cells '(3, 1, 1)' | npy-montage -g 0 -f 1 -c 3 -m m.npy >x.npy
	diff <(npy-slice 0,0 x.npy | npytotsv | xargs) <(echo 214 214 214 255 255 255 44 44 44)
	diff <(npy-slice 1,0 x.npy | npytotsv | xargs) <(echo 39 39 39 255 255 255 160 160 160)
	for plane in 0 1 2; do
		[ "$(npy-slice "$plane,1,1::3" x.npy | npytotsv | xargs)" = "1 2 3" ]
	done
}

@test "npy-montage: a caption is drawn in ink, under its own cell" {
	cells '(2, 20, 40)' | npy-calc '0 * a + 255' >x.npy
	printf '\nH\n' | npy-montage -g 0 -c 2 -t - x.npy >montage.npy
	numpy 'm = np.load("montage.npy")
assert m.shape == (20 + 1 + 15, 80)
y, x = np.nonzero(m == 0)
assert ((m == 0) | (m == 255)).all()
assert y.min() > 20 and x.min() > 50 and x.max() < 70, (y.min(), x.min(), x.max())
assert y.max() - y.min() + 1 == 9, y'
}

@test "npy-montage: columns are as wide as the longest caption" {
	cells '(2, 4, 4)' >x.npy
	short=$(printf '7\n7\n' | npy-montage -g 0 -c 1 -t - x.npy | npy-info | tail -1 | cut -f 2)
	long=$(printf '7\n7777777777\n' | npy-montage -g 0 -c 1 -t - x.npy | npy-info | tail -1 | cut -f 2)
	[ "$short" = "(40,6)" ]
	[ "$long" = "(40,60)" ]
	twice=$(printf '7\n7777777777\n' | npy-montage -g 0 -c 1 -z 2 -t - x.npy | npy-info | tail -1 | cut -f 2)
	[ "$twice" = "(72,120)" ]
}

@test "npy-montage: an arrow is drawn as one, and a mark colors the caption" {
	cells '(1, 1, 1)' >x.npy
	marks 1 >m.npy
	echo '→' | npy-montage -g 0 -t - x.npy >arrow.npy
	numpy 'm = np.load("arrow.npy")[2:]
y, x = np.nonzero(m == 0)
assert x.max() - x.min() == 8 and y.max() - y.min() == 4
assert (np.bincount(y) == [*[0] * y.min(), 1, 2, 9, 2, 1]).all()'
	echo '→' | npy-montage -g 0 -t - -m m.npy x.npy >red.npy
	[ "$(npy-slice 0 red.npy | npytotsv -l | grep -c '214$')" -eq 15 ]
}

@test "npy-montage: every sign the page promises can be drawn" {
	cells '(1, 1, 1)' >x.npy
	for sign in '←' '→' '≠' '≤' '≥' '≈' '∞' 'ε' 'σ' '–' '—' '−' '…' 'é' '±' 'ß'; do
		echo "$sign" | npy-montage -t - x.npy | npytotsv | grep -qw 0
	done
}

@test "npy-montage: captions that do not fit the cells, or cannot be drawn, are refused" {
	cells '(2, 1, 1)' >x.npy
	refuses "expected 2 lines, one for each cell, found 1" 'echo a | npy-montage -t - x.npy'
	refuses "expected 2 lines, one for each cell, found 3" 'seq 3 | npy-montage -t - x.npy'
	refuses "expected 2 lines, one for each cell, found 0" 'npy-montage -t /dev/null x.npy'
	refuses "line 2: character U+4E2D cannot be drawn" 'printf "a\n中\n" | npy-montage -t - x.npy'
	refuses "line 1: character U+0009 cannot be drawn" 'printf "a\tb\nc\n" | npy-montage -t - x.npy'
	for bytes in '\xff' '\x80' '\xc3' '\xc0\x80' '\xed\xa0\x80' '\xf4\x90\x80\x80' '\xe2\x86x'; do
		refuses "line 1: not UTF-8" "printf '$bytes\nc\n' | npy-montage -t - x.npy"
	done
}

@test "npy-montage: marks that do not fit the cells are refused" {
	cells '(2, 1, 1)' >x.npy
	marks 1 >m.npy
	refuses "expected 2 marks, one for each cell, found 1" 'npy-montage -m m.npy x.npy'
	marks 0 5 >m.npy
	refuses "element 1, 5, is not a mark 0 ... 4" 'npy-montage -m m.npy x.npy'
	printf '0\t1\n' | tsvtonpy >m.npy
	refuses "expected an array of shape (N,), found (1,2)" 'npy-montage -m m.npy x.npy'
}

@test "npy-montage: shapes that are no pictures, and values that the cells cannot hold, are refused" {
	for shape in '(4,)' '(1, 2, 1, 2)' '(1, 1, 1, 2, 2)'; do
		cells "$shape" >x.npy
		refuses "expected images (N,H,W), (N,1,H,W) or (N,3,H,W), or one (H,W), found ${shape// /}" 'npy-montage x.npy'
	done
	npy '|u1' '(0, 28, 28)' >x.npy
	refuses "has no pixels" 'npy-montage x.npy'
	cells '(1, 1, 1)' >x.npy
	refuses "--background: 256 is not among the values" 'npy-montage -b 256 x.npy'
	refuses "--ink: 0.5 is not among the values" 'npy-montage -i 0.5 x.npy'
	refuses "expected 1 array, found more" 'cat x.npy x.npy | npy-montage'
}

@test "npy-montage: a full disk is an error" {
	cells '(1, 1, 1)' >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-montage x.npy >/dev/full'
}

@test "npy-montage: a reader that went away is none" {
	cells '(1, 1, 1)' >x.npy
	pipe 'npy-montage -s 1000 x.npy | head -c 1 >first'
}

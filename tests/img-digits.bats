load helper

@test "img-digits: a data set: images of 28x28, then a label for each" {
	img-digits -n 7 >x.npy
	run -0 npy-info x.npy
	[[ ${lines[1]} == "$(printf '|u1\t(7,28,28)\t0\t255\t')"* ]]
	[[ ${lines[2]} == "$(printf '|u1\t(7,)\t')"* ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "img-digits: none is a data set too" {
	img-digits -n 0 >x.npy
	numpy 'X, Y = get("x.npy"); assert X.shape == (0, 28, 28) and Y.shape == (0,)'
}

@test "img-digits: the same seed gives the same bytes, another seed others" {
	img-digits -n 50 -s 3 >a.npy
	img-digits -n 50 -s 3 >b.npy
	img-digits -n 50 -s 4 >c.npy
	cmp a.npy b.npy
	run -1 cmp -s a.npy c.npy
}

@test "img-digits: the number of threads changes nothing" {
	OMP_NUM_THREADS=1 img-digits -n 2500 >a.npy
	OMP_NUM_THREADS=3 img-digits -n 2500 >b.npy
	cmp a.npy b.npy
}

@test "img-digits: a digit depends neither on how many there are nor on where they begin" {
	img-digits -n 1500 >x.npy
	img-digits -n 40 --skip 1013 >part.npy
	numpy '
for all, part in zip(get("x.npy"), get("part.npy")):
	assert (all[1013:1053] == part).all()'
}

@test "img-digits: no digit comes twice, and those of a label differ" {
	img-digits -n 2000 >x.npy
	numpy 'X, Y = get("x.npy"); assert len(np.unique(X.reshape(len(X), -1), axis=0)) == len(X)'
}

# 3,000 digits are enough for every style to be among them.
@test "img-digits: the ink is in a box of 20x20 whose longer side it fills" {
	img-digits -n 3000 >x.npy
	numpy '
X, Y = get("x.npy")
for x in X:
	rows, columns = np.nonzero(x.any(1))[0], np.nonzero(x.any(0))[0]
	sides = np.ptp(rows) + 1, np.ptp(columns) + 1
	assert 19 <= max(sides) <= 20, sides
	assert x.max() > 127'
}

@test "img-digits: the center of mass is in the middle pixel" {
	img-digits -n 3000 >x.npy
	numpy '
X, Y = get("x.npy")
mass = X.sum((1, 2), dtype=float)
for axis in (1, 2):
	mean = (X.sum(axis, dtype=float) @ np.arange(28)) / mass
	assert np.abs(mean - 14).max() <= .51, np.abs(mean - 14).max()'
}

@test "img-digits: as much ink as in MNIST, about a seventh, and softly edged" {
	img-digits -n 3000 >x.npy
	numpy '
X, Y = get("x.npy")
assert .1 < (X > 127).mean() < .2, (X > 127).mean()
gray = ((X > 31) & (X < 224)).sum() / (X > 31).sum()
assert .2 < gray < .8, gray'
}

@test "img-digits: every label comes as often as the others" {
	img-digits -n 10000 >x.npy
	numpy '
X, Y = get("x.npy")
n = np.bincount(Y, minlength=10)
assert len(n) == 10 and ((n - 1000) ** 2 / 900 < 25).all(), n'
}

@test "img-digits: labels can be chosen" {
	img-digits -n 200 -l 7,1,-9 >x.npy
	numpy 'X, Y = get("x.npy"); assert set(Y) == {1, 7}'
	img-digits -n 20 --label 2:4 >x.npy
	numpy 'X, Y = get("x.npy"); assert set(Y) == {2, 3}'
}

# The nearest mean of 3,000 other digits says which one it is, far more often than chance's 10 %.
@test "img-digits: a digit looks like the others of its label" {
	img-digits -n 4000 >x.npy
	numpy '
X, Y = get("x.npy")
X = X.reshape(len(X), -1).astype(float)
mean = np.array([X[:3000][Y[:3000] == c].mean(0) for c in range(10)])
found = ((X[3000:, None] - mean) ** 2).sum(2).argmin(1)
assert (found == Y[3000:]).mean() > .5, (found == Y[3000:]).mean()'
}

@test "img-digits: what is no number or no label is refused" {
	refuses "--count: -1 is not between" 'img-digits -n -1'
	refuses "--count: 'many' is not a whole number" 'img-digits -n many'
	refuses "--count: 9000000000000000000 is not between" 'img-digits -n 9000000000000000000'
	refuses "--seed: '1.5' is not" 'img-digits -s 1.5'
	refuses "--skip: -3 is not between" 'img-digits --skip -3'
	refuses "--label: 10 is not a digit" 'img-digits -l 1,10'
	refuses "--label: 'seven' is not a list" 'img-digits -l seven'
	refuses "--label: '...' is not a list" 'img-digits -l ...'
	refuses "--label: '' " 'img-digits -l ""'
	refuses "--label: '3:3' holds no digit" 'img-digits -l 3:3'
	refuses "operand" 'img-digits 7'
}

@test "img-digits: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-digits -n 1 >/dev/full'
}

# Nor would 78 terabytes fit into memory.
@test "img-digits: a reader that went away is none" {
	pipe 'img-digits -n 100000000000 | head -c 1000 >/dev/null'
}

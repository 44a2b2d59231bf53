load helper

# cloud SEED N D: random rows whose directions have different variances, around a point far from 0.
cloud() {
	numpy "
r = np.random.default_rng($1)
put(r.normal(size=($2, $3)) * np.exp(-np.arange($3) / 3) @ r.normal(size=($3, $3)) + 100 * r.normal(size=$3))"
}

# matches TOLERANCE: the basis in basis.npy is the one of x.npy that NumPy finds by another way, the singular
# values of the centered rows, whose products LAPACK never sees.
matches() {
	numpy "
X, (mean, axes, variances) = get('x.npy')[0], get('basis.npy')
X = X.reshape(len(X), -1).astype(float)
k = len(axes)
S, V = np.linalg.svd(X - X.mean(0), full_matrices=False)[1:]
V *= np.sign(V[np.arange(len(V)), abs(V).argmax(1)])[:, None]
want = S[:k] ** 2 / (len(X) - 1)
assert mean.dtype == axes.dtype == variances.dtype == '<f8'
assert mean.shape == X.shape[1:] and axes.shape == V[:k].shape and variances.shape == (k,)
assert abs(mean - X.mean(0)).max() <= 1e-12 * abs(X).max()
assert abs(variances / want - 1).max() <= $1, variances / want
assert abs(axes - V[:k]).max() <= $1, abs(axes - V[:k]).max()
assert abs(axes @ axes.T - np.eye(k)).max() <= 1e-9"
}

# The variances of a cloud differ by factors of 2 and more: the axes are as exact as the products, whose
# rounding, 1e-16 of the largest variance, is 1e-10 of one that is a millionth of it.
@test "npy-pca: mean, axes and variances are NumPy's, with many rows and with few" {
	for shape in 500,6 7,300 20,20 300,1 2,3; do
		cloud 1 "${shape%,*}" "${shape#*,}" >x.npy
		for k in 1 5; do
			[ $k -le "${shape%,*}" ] && [ $k -le "${shape#*,}" ] || continue
			npy-pca -k $k --basis x.npy >basis.npy
			matches 1e-9
		done
	done
}

@test "npy-pca: the randomized method finds the same, in images too" {
	cloud 2 400 60 >x.npy
	npy-pca -m randomized -k 4 -b x.npy >basis.npy
	matches 1e-9
	img-digits -n 300 | npy-slice -k 0 >x.npy
	npy-pca -m exact -k 5 -b x.npy >basis.npy
	matches 1e-9
	# The 16th variance is a third of the fifth, so that eight times leave 1e-4, of variances 1e-8.
	npy-pca -m randomized -k 5 -b x.npy >found.npy
	npy-diff -r 1e-6 <(npy-slice -k 2 found.npy) <(npy-slice -k 2 basis.npy)
	npy-diff -a 1e-3 <(npy-slice -k 1 found.npy) <(npy-slice -k 1 basis.npy)
	# More iterations come closer, fewer do not reach as far; another seed starts elsewhere.
	npy-pca -m randomized -i 30 -k 5 -b x.npy >closer.npy
	npy-diff -a 1e-9 <(npy-slice -k 1 closer.npy) <(npy-slice -k 1 basis.npy)
	npy-pca -m randomized -i 0 -k 5 -b x.npy >rough.npy
	run ! npy-diff -a 1e-3 <(npy-slice -k 1 rough.npy) <(npy-slice -k 1 basis.npy)
	run ! cmp found.npy <(npy-pca -m randomized -s 2 -k 5 -b x.npy)
	cmp found.npy <(npy-pca -m randomized -s 1 -k 5 -b x.npy)
}

@test "npy-pca: many long rows are randomized, unless there are many components" {
	npy-random normal 2100,2001 >x.npy
	npy-pca -i 1 -k 1 x.npy >found.npy
	npy-pca -m randomized -i 1 -k 1 x.npy | cmp - found.npy
	npy-slice :2000 x.npy >fewer.npy
	npy-pca -m exact -k 1 fewer.npy >exact.npy
	npy-pca -k 1 fewer.npy | cmp - exact.npy
}

@test "npy-pca: known axes" {
	# Around (1, 2, 3): 12, 6 and 0 along three directions; variances 2 12^2 / 3, 2 6^2 / 3 and 0.
	numpy '
u, v = np.array([2, -1, 2]) / 3, np.array([2, 2, -1]) / 3
put(np.array([1, 2, 3]) + np.array([12 * u, -12 * u, 6 * v, -6 * v]))' >x.npy
	npy-pca -k 3 --basis x.npy >basis.npy
	expect '' '(np.array([1., 2, 3]), np.array([[2, -1, 2], [2, 2, -1], [0, 0, 0]]) / 3, np.array([96., 24, 0]))'
	# A few roundings of numbers up to 288.
	npy-diff -a 1e-12 basis.npy expected.0
	npy-pca x.npy | npy-diff -a 1e-5 - <(array f4 '[[12, 0], [-12, 0], [0, 6], [0, -6]]')
}

@test "npy-pca: the first of the largest coefficients is positive, though rounding may make it the second" {
	array f8 '[[1, -1], [-1, 1], [3, -3]]' >x.npy
	npy-pca -k 1 --basis x.npy | npy-slice -k 1 | npy-diff -a 1e-15 - <(array f8 '[[.5 ** .5, -.5 ** .5]]')
	npy-calc '0 - a' x.npy | npy-pca -k 1 --basis | npy-slice -k 1 |
		npy-diff -a 1e-15 - <(array f8 '[[.5 ** .5, -.5 ** .5]]')
}

@test "npy-pca: coordinates and axes make the rows again" {
	cloud 3 50 8 >x.npy
	npy-pca -k 8 --basis x.npy >basis.npy
	npy-pca -k 8 x.npy >scores.npy
	numpy '
X, scores, (mean, axes, variances) = get("x.npy")[0], get("scores.npy")[0], get("basis.npy")
assert scores.dtype == "<f4" and scores.shape == (50, 8)
# Coordinates are rounded to floats.
assert abs(mean + scores @ axes - X).max() <= 8 * 2e-7 * abs(scores).max()
assert abs(scores.var(0, ddof=1) / variances - 1).max() < 1e-5'
}

@test "npy-pca: other rows are projected on a basis that was made before" {
	cloud 4 90 7 >x.npy
	npy-slice :60 x.npy >train.npy
	npy-slice 60: x.npy >test.npy
	npy-pca -k 4 --basis train.npy >basis.npy
	npy-pca -k 4 train.npy | cmp - <(npy-pca --on basis.npy train.npy)
	npy-pca --on basis.npy x.npy | npy-slice 60: | cmp - <(npy-pca --on basis.npy test.npy)
	npy-pca -k 2 --on basis.npy test.npy | cmp - <(npy-pca --on basis.npy test.npy | npy-slice :,:2)
	numpy '
X, (mean, axes, variances) = get("test.npy")[0], get("basis.npy")
put(((X - mean) @ axes.T).astype("f4"))' | npy-diff -r 1e-5 - <(npy-pca --on basis.npy test.npy)
	# A basis in floats, whose roundings are multiplied with numbers of some hundreds.
	numpy 'put(*(a.astype("f4") for a in get("basis.npy")))' >floats.npy
	npy-pca --on floats.npy test.npy | npy-diff -a 1e-3 - <(npy-pca --on basis.npy test.npy)
}

@test "npy-pca: a data set's images are its rows, in any type, and labels change nothing" {
	img-digits -n 40 >digits.npy
	npy-slice -k 0 digits.npy >images.npy
	npy-pca digits.npy >found.npy
	[ "$(npy-info found.npy | sed -n '2s/\(.*)\).*/\1/p')" = "<f4	(40,2)" ]
	npy-pca images.npy | cmp - found.npy
	npy-reshape 40,784 images.npy | npy-pca | cmp - found.npy
	for type in i8 f4 f8; do
		npy-calc -t $type a images.npy | npy-pca | cmp - found.npy
	done
}

@test "npy-pca: the same bytes for any number of threads" {
	cloud 5 700 90 >x.npy
	for method in exact randomized; do
		for rows in 700 60; do
			npy-slice ":$rows" x.npy >some.npy
			OMP_NUM_THREADS=1 npy-pca -m $method -b -k 3 some.npy >one.npy
			OMP_NUM_THREADS=1 npy-pca -m $method -k 3 some.npy >>one.npy
			for count in 2 3; do
				OMP_NUM_THREADS=$count npy-pca -m $method -b -k 3 some.npy >more.npy
				OMP_NUM_THREADS=$count npy-pca -m $method -k 3 some.npy >>more.npy
				cmp one.npy more.npy
			done
		done
	done
}

@test "npy-pca: rows that agree, one row, a row many times, and constant columns" {
	numpy 'put(np.full((50, 3), .1))' >same.npy
	for method in exact randomized; do
		npy-pca -m $method -b same.npy >found.npy
		npy-diff found.npy <(numpy 'put(np.full(3, .1), np.zeros((2, 3)), np.zeros(2))')
		npy-pca -m $method same.npy | npy-diff - <(numpy 'put(np.zeros((50, 2), "f4"))')
	done
	array f8 '[[5, 6, 7]]' | npy-pca -k 1 -b | cmp - <(numpy 'put(np.array([5., 6, 7]), np.zeros((1, 3)), np.zeros(1))')
	array f8 '[[5, 6, 7]]' | npy-pca -k 1 | cmp - <(array f4 '[[0]]')

	# Each row three times: the same axes, and the variances of 3 N rows.
	cloud 6 40 5 >x.npy
	npy-pca -k 3 -b x.npy >once.npy
	cat x.npy x.npy x.npy | npy-cat -n 1 | npy-pca -k 3 -b >thrice.npy
	npy-diff -a 1e-9 <(npy-slice -k 1 once.npy) <(npy-slice -k 1 thrice.npy)
	npy-slice -k 2 once.npy | npy-calc 'a * 39 * 3 / 119' | npy-diff -r 1e-12 - <(npy-slice -k 2 thrice.npy)

	# Columns without variance have no part in an axis.
	numpy 'X = get("x.npy")[0]; put(np.column_stack([X, np.full(40, 1 / 3)]))' | npy-pca -k 3 -b >wider.npy
	npy-slice -k 1 wider.npy | npy-slice :,5 | npy-diff -a 1e-15 - <(array f8 '[0, 0, 0]')
	# As many directions as there are: three rows vary in two.
	npy-slice :3 x.npy | npy-pca -k 3 -b | npy-slice -k 2 | npy-slice 2: | cmp - <(array f8 '[0]')
}

@test "npy-pca: shifting the rows far away changes nothing but the mean" {
	cloud 7 60 4 | npy-calc 'floor(a * 1024) / 1024' >x.npy
	npy-calc 'a + 1048576' x.npy >far.npy
	# The sums, and so the mean, are rounded differently.
	npy-diff -a 1e-9 <(npy-pca -k 2 -b x.npy | npy-slice -k 1) <(npy-pca -k 2 -b far.npy | npy-slice -k 1)
	npy-diff -r 1e-9 <(npy-pca -k 2 -b x.npy | npy-slice -k 2) <(npy-pca -k 2 -b far.npy | npy-slice -k 2)
}

@test "npy-pca: progress with -v, silence without" {
	cloud 8 20 4 >x.npy
	run -0 --separate-stderr pipe 'npy-pca x.npy >found.npy'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'npy-pca -v x.npy >found.npy'
	[[ $stderr == *"rows"* ]]
}

@test "npy-pca: what is not rows, is too few or not finite is refused" {
	array f8 '[[1, 2, 3], [4, 5, 6]]' >x.npy
	array f8 '[1, 2]' >list.npy
	refuses 'rows (N,D) of numbers, found (2,)' 'npy-pca list.npy'
	refuses 'rows (N,D) of numbers, found (0,3)' 'npy-slice :0 x.npy | npy-pca'
	refuses '--components 3: 2 rows of 3 numbers have at most 2' 'npy-pca -k 3 x.npy'
	refuses '--components 2: 1 rows of 3 numbers have at most 1' 'npy-slice :1 x.npy | npy-pca'
	refuses 'number 1 of row 1 is not finite' 'array f8 "[[1, 2], [3, np.nan]]" | npy-pca'
	refuses 'number 0 of row 0 is not finite' 'array f4 "[[-np.inf, 2], [3, 4]]" | npy-pca'
	refuses 'too large to be squared' 'array f8 "[[1, 2], [3, 1e200]]" | npy-pca'
	refuses 'truncated' 'head -c 150 x.npy | npy-pca'
	refuses 'labels of 2 rows' 'cat x.npy <(array i8 "[1, 2, 3]") | npy-pca'
	refuses 'found more' 'cat x.npy list.npy list.npy | npy-pca'
	refuses 'is not one of auto, exact, randomized' 'npy-pca -m best x.npy'
}

@test "npy-pca: a basis that is none, or of other rows, is refused" {
	array f8 '[[1, 2, 3], [4, 5, 6]]' >x.npy
	npy-pca -b x.npy >basis.npy
	refuses 'expected one of them' 'npy-pca -b --on basis.npy x.npy'
	refuses 'the axes of basis.npy' 'npy-pca -k 3 --on basis.npy x.npy'
	refuses 'a basis for rows of 3 numbers; these have 2' 'npy-slice :,:2 x.npy | npy-pca --on basis.npy'
	refuses 'the variances are missing' 'npy-pca --on <(npy-slice -k 0 basis.npy; npy-slice -k 1 basis.npy) x.npy'
	refuses 'the axes are missing' 'npy-pca --on <(npy-slice -k 0 basis.npy) x.npy'
	refuses 'the means of a basis have shape (2,3)' 'npy-pca --on x.npy x.npy'
	refuses 'not all finite' 'npy-pca --on <(array f8 "[0, np.nan, 0]"; npy-slice -k 1 basis.npy; npy-slice -k 2 basis.npy) x.npy'
	refuses 'found more' 'npy-pca --on <(cat basis.npy x.npy) x.npy'
	refuses 'standard input' 'npy-pca --on - <basis.npy'
	refuses 'no-such-file' 'npy-pca --on no-such-file x.npy'
}

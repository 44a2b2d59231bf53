load helper

# finds OPTIONS: npy-knn does as NumPy does with the rows in x.npy, and those in y.npy if they are --of. The
# numbers of the rows are such that sums of squares are exact, so that no order is left to rounding.
finds() {
	npy-knn "$@" x.npy >found.npy
	numpy "
args = '$*'.split()
k = int(args[args.index('-k') + 1])
of = get('y.npy' if '--of' in args else 'x.npy')[0]
X, Y = [a.reshape(len(a), -1).astype(float) for a in (get('x.npy')[0], of)]
I, D = get('found.npy')
assert I.dtype == '<i8' and D.dtype == '<f4' and I.shape == D.shape == (len(X), k)
for i in range(len(X)):
    d = ((Y - X[i]) ** 2).sum(1)
    if '--of' not in args: d[i] = np.inf
    nearest = np.argsort(d, kind='stable')[:k]
    assert (I[i] == nearest).all(), (i, I[i], nearest)
    assert (D[i] == np.sqrt(d[nearest]).astype('f4')).all(), (i, D[i], d[nearest])"
}

@test "npy-knn: neighbors of a few points, by hand" {
	array f8 '[[0, 0], [3, 4], [0, 1], [3, 4]]' | npy-knn -k 3 >found.npy
	npy-slice -k 0 found.npy | cmp - <(array i8 '[[2, 1, 3], [3, 2, 0], [0, 1, 3], [1, 2, 0]]')
	npy-slice -k 1 found.npy | cmp - <(array f4 '[[1, 5, 5], [0, 18 ** .5, 5], [1, 18 ** .5, 18 ** .5], [0, 18 ** .5, 5]]')
}

@test "npy-knn: a loop in awk finds the same" {
	numpy 'put(np.random.default_rng(1).integers(0, 20, (70, 5)))' >x.npy
	npy-knn -k 9 x.npy | npy-slice -k 0 | npytotsv >found
	npytotsv x.npy | awk '
		{ for (p = 1; p <= NF; p++) x[NR, p] = $p }
		END {
			for (i = 1; i <= NR; i++) {
				split("", taken)
				for (q = 1; q <= 9; q++) {
					best = -1
					for (j = 1; j <= NR; j++) {
						d = 0
						for (p = 1; p <= NF; p++) d += (x[i, p] - x[j, p]) ^ 2
						if (j != i && !(j in taken) && (best < 0 || d < least)) { best = j; least = d }
					}
					taken[best]
					printf "%d%s", best - 1, q < 9 ? "\t" : "\n"
				}
			}
		}' | diff found -
}

# Around the sizes of tiles (6, 14, 16, 32), of groups (140, 144), of blocks (256) and of parts of a row (256).
@test "npy-knn: NumPy finds the same, whatever the sizes" {
	for sizes in 2,1,1 7,3,6 15,17,14 33,8,1 139,2,5 141,9,10 145,256,3 257,257,90 300,600,7; do
		IFS=, read -r n d k <<<"$sizes"
		numpy "put(np.random.default_rng($n).integers(0, 256, ($n, $d), 'u1'))" >x.npy
		for isa in ALL AVX2 SSE41; do
			ONEDNN_MAX_CPU_ISA=$isa finds -k "$k"
		done
	done
}

@test "npy-knn: rows of any type and with any number of axes, and labels behind them" {
	numpy 'put(np.random.default_rng(2).integers(0, 256, (60, 12)))' >x.npy
	finds -k 5
	for type in u1 f4 f8; do
		{ npy-reshape 60,3,2,2 x.npy | npy-calc -t $type a; array i8 '[1, 2, 3]'; } | npy-knn -k 5 | cmp - found.npy
	done
	npy-reshape 60,12 x.npy | npy-slice :,0 >line.npy
	npy-reshape 60,1 line.npy | npy-knn -k 2 | cmp - <(npy-knn -k 2 line.npy)
}

@test "npy-knn: --of another file" {
	numpy 'put(np.random.default_rng(3).integers(0, 99, (150, 40), "u1"))' >x.npy
	numpy 'put(np.random.default_rng(4).integers(0, 99, (411, 5, 8)).astype("f4"))' >y.npy
	finds -k 20 --of y.npy
	finds -k 411 --of y.npy
	# A row is a neighbor of itself when it is there.
	npy-knn -k 1 --of x.npy x.npy | npy-slice -k 1 | npy-reduce any | cmp - <(array u1 0)
	npy-slice : x.npy | npy-knn --of x.npy -k 1 | npy-slice -k 0 | cmp - <(numpy 'put(np.arange(150)[:, None])')
}

@test "npy-knn: ties go to the smaller index, duplicates are at distance 0" {
	numpy 'put(np.random.default_rng(5).integers(0, 2, (300, 3), "u1"))' >x.npy
	finds -k 299
	numpy 'put(np.full((500, 7), .1))' >x.npy
	npy-knn -k 3 x.npy >found.npy
	npy-slice -k 1 found.npy | npy-reduce any | cmp - <(array u1 0)
	npy-slice -k 0 :4 found.npy | cmp - <(array i8 '[[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]')
}

# Products alone would lose these distances: squares of 1e6, of which floats know only the seven first digits.
@test "npy-knn: rows far from 0, and numbers of very different size" {
	numpy '
r = np.random.default_rng(6)
put(1e6 + r.integers(0, 9, (400, 3)))' >x.npy
	finds -k 6
	numpy '
r = np.random.default_rng(7)
put(2. ** r.integers(-10, 15, (200, 9)))' >x.npy
	finds -k 60
	# One row so far away that the others are alike to a float.
	numpy '
r = np.random.default_rng(8)
a = r.integers(0, 9, (300, 4)).astype(float)
a[7] = 2. ** 60
put(a)' >x.npy
	npy-knn -k 5 x.npy | npy-slice -k 0 : >found.npy
	numpy '
r = np.random.default_rng(8)
a, I = r.integers(0, 9, (300, 4)).astype(float), get("found.npy")[0]
for i in range(300):
    d = ((a - a[i]) ** 2).sum(1)
    d[[7, i]] = np.inf
    assert i == 7 or (I[i] == np.argsort(d, kind="stable")[:5]).all(), i'
	# As many factors of two smaller, or larger.
	for factor in 2e-110 1e25; do
		numpy 'put(np.random.default_rng(9).normal(size=(100, 5)))' >x.npy
		npy-knn -k 5 x.npy | npy-slice -k 0 >found.npy
		npy-calc "a * $factor" x.npy | npy-knn -k 5 | npy-slice -k 0 | cmp - found.npy
	done
}

@test "npy-knn: the same bytes for any number of threads and any instruction set" {
	numpy 'put(np.random.default_rng(10).normal(size=(1500, 33)).astype("f4"))' >x.npy
	OMP_NUM_THREADS=1 npy-knn -k 17 x.npy >one.npy
	for threads in 2 3; do
		OMP_NUM_THREADS=$threads npy-knn -k 17 x.npy | cmp - one.npy
	done
	for isa in AVX2 SSE41; do
		ONEDNN_MAX_CPU_ISA=$isa npy-knn -k 17 x.npy | cmp - one.npy
	done
}

@test "npy-knn: images drawn as digits have neighbors of their class" {
	img-digits -n 500 >x.npy
	npy-slice -k 1 x.npy | npy-pick -I <(npy-knn -k 3 x.npy | npy-slice -k 0 | npy-reshape -1) |
		npy-reshape -1,3 | npy-reduce -a 1 mode >predicted.npy
	[ "$(npy-calc 'a == b' predicted.npy <(npy-slice -k 1 x.npy) | npy-reduce sum | npytotsv)" -gt 300 ]
}

@test "npy-knn: scikit-learn finds the same distances" {
	python=/opt/torch-venv/bin/python
	$python -c 'import sklearn' 2>/dev/null || skip "no scikit-learn in $python"
	numpy 'put(np.random.default_rng(11).normal(size=(800, 50)))' >x.npy
	npy-knn -k 30 x.npy >found.npy
	# Distances of floats are rounded: half of the last of 24 bits.
	$python -c '
import numpy as np
from sklearn.neighbors import NearestNeighbors
d, i = NearestNeighbors(n_neighbors=30, algorithm="brute").fit(np.load("x.npy")).kneighbors()
with open("found.npy", "rb") as f:
    I, D = np.load(f), np.load(f)
assert (I == i).all() and abs(D / d - 1).max() < 6e-8'
}

@test "npy-knn: what is not rows, or not enough of them, is refused" {
	array f8 '[[1, 2], [3, 4], [5, 6]]' >x.npy
	refuses "x.npy: expected at least 4 rows, for 3 neighbors of each, found 3" 'npy-knn -k 3 x.npy'
	refuses "standard input: expected at least 11 rows, for 10 neighbors of each, found 3" 'npy-knn <x.npy'
	refuses "x.npy: expected at least 4 rows, for 4 neighbors of each, found 3" 'npy-knn -k 4 --of x.npy x.npy'
	npy-knn -k 3 --of x.npy x.npy >found.npy
	array f8 '[[1, 2, 3], [3, 4, 5]]' >y.npy
	refuses "y.npy: expected rows of 2 numbers as in x.npy, found 3" 'npy-knn -k 1 --of y.npy x.npy'
	refuses "expected rows (N,...) of numbers, found ()" 'array f8 1 | npy-knn'
	refuses "found (0,3)" 'numpy "put(np.zeros((0, 3)))" | npy-knn'
	refuses "found (3,0)" 'numpy "put(np.zeros((3, 0)))" | npy-knn'
	refuses "is too large" '{ npy "|u1" "(5000000000,)"; head -c 100 /dev/zero; } | npy-knn'
	refuses "is too large" '{ npy "|u1" "(2, 4194305)"; head -c 100 /dev/zero; } | npy-knn'
	refuses "empty" 'npy-knn </dev/null'
	refuses "lacks its last" 'head -c -3 x.npy | npy-knn -k 1'
	refuses "truncated" '{ cat x.npy; head -c 130 x.npy; } | npy-knn -k 1'
	refuses "only one of the rows and --of can come from standard input" 'npy-knn --of - <x.npy'
	refuses "--neighbors: 0 is not between" 'npy-knn -k 0 x.npy'
}

@test "npy-knn: a number that is not finite, or too large, is refused" {
	for type in f4 f8; do
		for bad in np.nan np.inf -np.inf; do
			array $type "[[1, 2], [3, $bad], [4, 5]]" >x.npy
			refuses "x.npy: number 1 of row 1 is not finite" 'npy-knn -k 1 x.npy'
		done
		array $type '[[1, 2], [3, 2], [-2e30, 5]]' >x.npy
		refuses "x.npy: number 0 of row 2 is larger than 1e30" 'npy-knn -k 1 x.npy'
	done
	array f8 '[[1e30], [-1e30]]' | npy-knn -k 1 | npy-slice -k 1 | cmp - <(array f4 '[[2e30], [2e30]]')
}

@test "npy-knn: progress where it is asked for" {
	img-digits -n 300 >x.npy
	npy-knn -v -k 1 x.npy 2>messages >/dev/null
	grep -q '^npy-knn: 0/300 rows' messages
	npy-knn -k 1 x.npy 2>&1 >/dev/null | cmp - /dev/null
}

@test "npy-knn: a full disk is an error, a reader that went away is none" {
	numpy 'put(np.random.default_rng(12).normal(size=(3000, 2)))' >x.npy
	pipe 'npy-knn -k 40 x.npy | head -c 1000 >/dev/null'
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-knn x.npy >/dev/full'
}

load helper

# measured OPTIONS: npy-trust does as a definition in NumPy does with the rows in x.npy, the map in y.npy and
# the labels in l.npy.
measured() {
	npy-trust "$@" x.npy y.npy >found
	numpy "
args = '$*'.split()
X, Y = [get(f)[0] for f in ('x.npy', 'y.npy')]
labels = get('l.npy')[0] if '-l' in args else None
counts = [int(k) for k in args[args.index('-k') + 1].split(',')] if '-k' in args else [10]
n = len(X)
def order(A):
    A = A.reshape(n, -1).astype(float)
    d = ((A[:, None] - A) ** 2).sum(2)
    np.fill_diagonal(d, np.inf)
    return d.argsort(1, kind='stable')
def ranks(near):
    r = np.empty((n, n), int)
    np.put_along_axis(r, near, np.arange(1, n + 1)[None], 1)
    return r
near = order(X), order(Y)
def measure(here, there, k):
    behind = np.maximum(np.take_along_axis(ranks(here), there[:, :k], 1) - k, 0).sum()
    return 1 - 2 * behind / (n * k * (2 * n - 3 * k - 1))
def accuracy(near, k):
    return np.mean([np.bincount(labels[row[:k]]).argmax() for row in near] == labels)
print('k', 'recall', 'trustworthiness', 'continuity', *['rows_accuracy', 'map_accuracy'] * (labels is not None), sep='\t')
for k in counts:
    print(k, np.mean([len(set(a[:k]) & set(b[:k])) / k for a, b in zip(*near)]), measure(*near, k),
        measure(*near[::-1], k), *[accuracy(a, k) for a in near if labels is not None], sep='\t')" >expected
	# Printed with eight digits.
	/usr/bin/python3 - <<-'E'
		found, expected = [[line.split("\t") for line in open(f)] for f in ("found", "expected")]
		assert found[0] == expected[0] and len(found) == len(expected), (found, expected)
		for a, b in zip(found[1:], expected[1:]):
		    assert a[0] == b[0] and len(a) == len(b), (a, b)
		    for x, y in zip(a, b):
		        assert abs(float(x) - float(y)) <= 1e-8, (a, b)
	E
}

# Five points on a line, and a map that exchanges the last two of them.  The nearest of each are 1 0 1 2 3, in the
# map 1 0 1 4 2: three of five are kept.  From the last two points, the neighbor in the map is the second nearest
# on the line, and the other way round: both measures are 1 - 2 (1 + 1) / (5 (10 - 3 - 1)) = 1 - 4 / 30.
@test "npy-trust: a few points, by hand" {
	array f8 '[[0], [1], [3], [6], [10]]' >x.npy
	array f8 '[[0], [1], [3], [10], [6]]' >y.npy
	npy-trust -k 1 x.npy y.npy |
		diff - <(printf 'k\trecall\ttrustworthiness\tcontinuity\n1\t0.6\t0.86666667\t0.86666667\n')
	measured -k 1,2
}

@test "npy-trust: a definition in NumPy gives the same" {
	for sizes in 21,3,1 25,40,2 150,5,2 300,20,3; do
		IFS=, read -r n d e <<<"$sizes"
		numpy "
r = np.random.default_rng($n)
X = r.integers(0, 99, ($n, $d))
put(X, r.integers(0, 3, $n))" >x.npy
		numpy "put(np.random.default_rng($e).integers(0, 99, ($n, $e)) + get('x.npy')[0][:, :$e] * 2)" >y.npy
		npy-slice -k 1 x.npy >l.npy
		measured -k 10,1,2,7 -l l.npy
		measured
	done
}

@test "npy-trust: ties in the rows and in the map" {
	numpy 'put(np.random.default_rng(1).integers(0, 3, (200, 2), "u1"))' >x.npy
	numpy 'put(np.random.default_rng(2).integers(0, 2, (200, 3), "u1"))' >y.npy
	numpy 'put(np.random.default_rng(3).integers(0, 5, 200))' >l.npy
	measured -k 1,3,99 -l l.npy
	numpy 'put(np.ones((200, 2)))' >y.npy
	measured -k 5,20
}

@test "npy-trust: the map that is the rows keeps all neighbors" {
	img-digits -n 200 >x.npy
	npy-trust -k 1,10,99 x.npy x.npy | diff - <(printf '%s\t%s\t%s\t%s\n' k recall trustworthiness continuity \
		1 1 1 1 10 1 1 1 99 1 1 1)
	# So do a move, a larger scale and another order of the columns.
	npy-slice -k 0 x.npy | npy-reshape 200,784 | npy-slice :,::-1 | npy-calc '4 * a + 1000' |
		npy-trust -k 10 x.npy | sed 1d | diff - <(printf '10\t1\t1\t1\n')
}

@test "npy-trust: the accuracy in the rows is that of npy-knn's neighbors" {
	img-digits -n 300 >x.npy
	npy-slice -k 1 x.npy >l.npy
	npy-slice -k 0 x.npy | npy-reshape 300,784 | npy-slice :,300:302 >y.npy
	npy-pick -I <(npy-knn -k 5 x.npy | npy-slice -k 0 | npy-reshape -1) l.npy | npy-reshape -1,5 |
		npy-reduce -a 1 mode | npy-calc 'a == b' - l.npy | npy-reduce mean | npytotsv >accuracy
	npy-trust -k 5 -l l.npy x.npy y.npy | sed 1d | cut -f 5 >found
	awk '{ getline other < "accuracy"; exit !(($1 - other) ^ 2 < 1e-14) }' found
}

@test "npy-trust: scikit-learn gives the same" {
	python=/opt/torch-venv/bin/python
	$python -c 'import sklearn' 2>/dev/null || skip "no scikit-learn in $python"
	numpy 'put(np.random.default_rng(4).normal(size=(400, 20)))' >x.npy
	numpy 'put(get("x.npy")[0][:, :2] + np.random.default_rng(5).normal(size=(400, 2)))' >y.npy
	npy-trust -k 1,5,50 x.npy y.npy >found
	$python -c '
import numpy as np
from sklearn.manifold import trustworthiness
X, Y = np.load("x.npy"), np.load("y.npy")
for line in open("found").readlines()[1:]:
    k, recall, trust, continuity = map(float, line.split())
    assert abs(trust - trustworthiness(X, Y, n_neighbors=int(k))) <= 1e-8
    assert abs(continuity - trustworthiness(Y, X, n_neighbors=int(k))) <= 1e-8'
}

@test "npy-trust: the same bytes for any number of threads and any instruction set" {
	numpy 'put(np.random.default_rng(6).normal(size=(700, 30)).astype("f4"))' >x.npy
	npy-slice :,:2 x.npy >y.npy
	OMP_NUM_THREADS=1 npy-trust -k 5,50 x.npy y.npy >one
	OMP_NUM_THREADS=2 npy-trust -k 5,50 x.npy y.npy | cmp - one
	ONEDNN_MAX_CPU_ISA=AVX2 npy-trust -k 5,50 x.npy y.npy | cmp - one
	ONEDNN_MAX_CPU_ISA=SSE41 npy-trust -k 5,50 x.npy y.npy | cmp - one
}

@test "npy-trust: what does not fit together is refused" {
	numpy 'put(np.random.default_rng(7).normal(size=(20, 3)))' >x.npy
	npy-slice :,:2 x.npy >y.npy
	npy-trust -k 9 x.npy y.npy >found
	refuses "x.npy: expected at least 21 rows, for 10 neighbors of each, found 20" 'npy-trust x.npy y.npy'
	refuses "y.npy: expected 19 rows as in standard input, found 20" 'npy-slice :19 x.npy | npy-trust - y.npy'
	refuses "only one of the rows, the map and --labels" 'npy-trust - <x.npy'
	refuses "too few operands" 'npy-trust <x.npy'
	refuses "--neighbors: 0 is not between" 'npy-trust -k 3,0 x.npy y.npy'
	refuses "--neighbors: ''" 'npy-trust -k 3, x.npy y.npy'
	array i8 '[1, 2]' >l.npy
	refuses "l.npy: expected 20 labels, whole numbers, found <i8 (2,)" 'npy-trust -k 3 -l l.npy x.npy y.npy'
	numpy 'put(np.zeros(20))' >l.npy
	refuses "found <f8 (20,)" 'npy-trust -k 3 -l l.npy x.npy y.npy'
	numpy 'a = get("y.npy")[0]; a[3, 1] = np.nan; put(a)' >z.npy
	refuses "z.npy: number 1 of row 3 is not finite" 'npy-trust -k 3 x.npy z.npy'
	refuses "no-such-file" "npy-trust -k 3 no-such-file y.npy"
}

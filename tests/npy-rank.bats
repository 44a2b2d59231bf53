load helper

@test "npy-rank: ranks of every type, with ties, are those of a definition" {
	numpy '
def ranks(x): return ((x[:, None] > x).sum(1) + (x[:, None] >= x).sum(1) + 1) / 2
r = np.random.default_rng(1)
a = [r.integers(0, 50, 300).astype(t) for t in ("u1", "i8", "f4")] + [r.normal(size=(5, 6, 7)), np.array([np.inf, -np.inf, 0, -0.0])]
with open("x.npy", "wb") as f:
    for x in a: np.save(f, x)
put(*(ranks(x.ravel()).reshape(x.shape) for x in a))' >expected.npy
	npy-rank x.npy | cmp - expected.npy
}

@test "npy-rank: -r ranks each row by itself" {
	numpy 'put(np.random.default_rng(1).integers(0, 9, (5, 4, 3)))' >x.npy
	for i in 0 1 2 3 4; do
		npy-rank -r x.npy | npy-slice $i | cmp - <(npy-slice $i x.npy | npy-rank)
	done
	array f8 '[3, 1]' | npy-rank --rows | cmp - <(array f8 '[1, 1]')
}

@test "npy-rank: a monotonic function changes nothing, a permutation has itself" {
	npy-random normal 1000 >x.npy
	npy-rank x.npy | cmp - <(npy-calc -t f8 'exp(a)' x.npy | npy-rank)
	npy-random permutation 1000 | npy-calc -t f8 'a + 1' >p.npy
	npy-rank p.npy | cmp - p.npy
}

@test "npy-rank: a scalar, and arrays without elements" {
	array u1 7 | npy-rank | cmp - <(array f8 1)
	array u1 7 | npy-rank -r | cmp - <(array f8 1)
	for option in '' -r; do
		for shape in '(0, 3)' '(3, 0)'; do
			# shellcheck disable=SC2086 # no option is no word
			npy '<f4' "$shape" | npy-rank $option | cmp - <(npy '<f8' "$shape" | npy-slice :)
		done
	done
}

@test "npy-rank: what has no rank is refused" {
	refuses "element 2 of shape (3,) is NaN" 'array f4 "[1, 2, np.nan]" | npy-rank'
	refuses "lacks its last" 'array f4 "[1, 2]" | head -c -1 | npy-rank'
}

@test "npy-rank: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'array u1 "[1]" | npy-rank >/dev/full'
	zeros 100000 >x.npy
	pipe 'npy-rank x.npy | head -c 1 >/dev/null'
}

load helper
load training

@test "npy-softmax: every axis and every type are NumPy's definition" {
	numpy '
r = np.random.default_rng(1)
x = r.normal(0, 5, (3, 4, 5, 2))
put(*(x.astype(t) for t in ("f8", "f4", "f2", "i8")), r.integers(0, 9, (3, 4, 5, 2), "u1"))' >x.npy
	for axis in -4 -1 0 1 2 3; do
		npy-softmax -a $axis x.npy >found.npy
		# Doubles of some ten operations; floats are rounded once.
		numpy "
for x, p in zip(get('x.npy'), get('found.npy')):
    assert p.dtype == ('f4' if x.dtype.kind == 'f' and x.itemsize < 8 else 'f8') and p.shape == x.shape
    e = np.exp(x.astype('f8') - x.max($axis, keepdims=True))
    want = e / e.sum($axis, keepdims=True)
    assert (abs(p - want) <= want * (1e-15 if p.dtype == 'f8' else 2.0**-24 + 1e-15)).all()
    assert abs(p.astype('f8').sum($axis) - 1).max() < 1e-6"
	done
	npy-softmax x.npy | cmp - <(npy-softmax --axis -1 <x.npy)
}

@test "npy-softmax: scores of any size, of which only differences count" {
	array f8 '[[1e300, 1e300, -1e300], [0, -1e5, -np.inf], [700, 1400, 0]]' | npy-softmax |
		cmp - <(array f8 '[[0.5, 0.5, 0], [1, 0, 0], [np.exp(-700), 1, 0]]')
	# Whole numbers: their differences are exact.
	numpy 'put(np.random.default_rng(1).integers(-9, 9, (50, 7)).astype("f8"))' >x.npy
	npy-softmax x.npy | cmp - <(npy-calc 'a + 2 ** 40' x.npy | npy-softmax)
}

@test "npy-softmax: NaN and inf spread along the axis, as in NumPy" {
	array f8 '[[np.nan, 0], [0, np.inf], [-np.inf, -np.inf], [1, 1], [-np.inf, 1]]' >x.npy
	[ "$(npy-softmax x.npy | elements)" = "<f8 (5, 2) nan nan nan nan nan nan 0.5 0.5 0.0 1.0" ]
	[ "$(npy-softmax -a 0 x.npy | elements)" = "<f8 (5, 2) nan nan nan nan nan nan nan nan nan nan" ]
}

@test "npy-softmax: of logits the probabilities of nn-run, bit by bit" {
	network >model
	dataset 200 >data.npy
	cmp <(nn-run -p model data.npy) <(nn-run model data.npy | npy-softmax)
}

@test "npy-softmax: arrays without elements, and an axis of one" {
	for shape in '(0, 3)' '(3, 0)'; do
		for axis in 0 1; do
			npy '<f4' "$shape" | npy-softmax -a $axis | cmp - <(npy '<f4' "$shape" | npy-slice :)
		done
	done
	array u1 '[7]' | npy-softmax | cmp - <(array f8 '[1]')
}

@test "npy-softmax: an axis that is not there is refused" {
	refuses "axis -1 is not one of the 0 of shape ()" 'array f4 1 | npy-softmax'
	refuses "axis 2 is not one of the 2 of shape (1,2)" 'array f4 "[[1, 2]]" | npy-softmax -a 2'
	refuses "lacks its last" 'array f4 "[1, 2]" | head -c -1 | npy-softmax'
}

@test "npy-softmax: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'array u1 "[1]" | npy-softmax >/dev/full'
	zeros 100000 >x.npy
	pipe 'npy-softmax x.npy | head -c 1 >/dev/null'
}

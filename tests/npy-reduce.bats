load helper

@test "npy-reduce: every operation, type and choice of axes agrees with NumPy" {
	/usr/bin/python3 - <<-'E'
		import io, itertools, subprocess, warnings
		import numpy as np
		warnings.simplefilter("ignore")  # of the mean of nothing
		rng = np.random.default_rng(1)
		numpy = {"norm": lambda a, axis: np.sqrt((a * a).sum(axis)),
		         "count-nonzero": lambda a, axis: np.count_nonzero(a, axis)}
		def mode(a, axis):
		    found = [np.unique(v, return_counts=True) for v in a.reshape(int(np.prod(a.shape[:-1])), -1)] if a.size else []
		    return np.reshape([values[counts.argmax()] for values, counts in found], a.shape[:-1])
		numpy["mode"] = mode
		own = {"min", "max", "mode"}
		fixed = {"argmin": "i8", "argmax": "i8", "any": "u1", "all": "u1", "count-nonzero": "i8"}
		def check(a, op, axes, keep):
		    axes = sorted(axes)
		    kept = [i for i in range(a.ndim) if i not in axes]
		    # the reduced axes as one, and last: what NumPy's argmax can do as well
		    depth = int(np.prod([a.shape[i] for i in axes]))
		    b = a.transpose(kept + axes).reshape([a.shape[i] for i in kept] + [depth])
		    b = b.astype("i8" if a.dtype.kind in "iu" else "f8")
		    expected = np.asarray(numpy.get(op, getattr(np, op, None))(b, axis=-1))
		    floats = a.dtype if a.dtype.kind == "f" else "f8"
		    type = a.dtype if op in own else \
		        fixed.get(op, "i8" if op == "sum" and a.dtype.kind != "f" else floats)
		    if keep: expected = np.expand_dims(expected, axes)
		    f = io.BytesIO()
		    np.save(f, a)
		    command = ["npy-reduce"] + ["-k"] * keep
		    if len(axes) < a.ndim: command += ["-a", ",".join(str(i - a.ndim * (i % 2)) for i in axes)]
		    p = subprocess.run(command + [op], input=f.getvalue(), capture_output=True)
		    got = np.load(io.BytesIO(p.stdout))
		    assert got.shape == expected.shape and got.dtype == type, (command, op, a.shape, got)
		    tolerance = 1e-6 if type == "f4" else 1e-13
		    assert np.allclose(got, expected.astype(type), tolerance, tolerance, True), (command, op, a, got)
		operations = "sum mean std var min max argmin argmax any all count-nonzero norm median mode"
		cases = itertools.cycle([c for n in range(1, 5) for c in itertools.combinations(range(4), n)])
		for op in operations.split():
		    for type in "u1", "i8", "f4", "f8":
		        a = (rng.normal(size=rng.integers(1, 6, 4)) * 3)
		        a = (abs(a) if type == "u1" else a).astype(type)
		        for keep in 0, 1: check(a, op, next(cases), keep)
		    if op not in ("min", "max", "argmin", "argmax", "mode"):
		        check(np.zeros((2, 0, 3)), op, [1], 0)
		    check(np.zeros((2, 0, 3)), op, [0], 0)
	E
}

@test "npy-reduce: arrays longer than its chunks, along either axis" {
	numpy 'put(np.random.default_rng(1).integers(-9, 9, (300, 401)))' >x.npy
	for axis in 0 1; do
		npy-reduce -a $axis sum x.npy | cmp - <(numpy "put(get('x.npy')[0].sum($axis))")
		npy-reduce -a $axis argmax x.npy | cmp - <(numpy "put(get('x.npy')[0].argmax($axis))")
		npy-reduce -a $axis median x.npy | cmp - <(numpy "put(np.median(get('x.npy')[0], $axis))")
	done
	npy-reduce -a 0 sum x.npy | npy-reduce sum | cmp - <(npy-reduce sum x.npy)
}

@test "npy-reduce: integers to the last of their 64 bits" {
	numpy 'put(np.array([2**62 + 1, -2**62, 2**62 + 3, 2**62 + 2]))' >x.npy
	npy-reduce argmax x.npy | cmp - <(numpy 'put(np.array(2))')
	npy-reduce max x.npy | cmp - <(numpy 'put(np.array(2**62 + 3))')
	npy-cat x.npy <(npy-slice 0:1 x.npy) | npy-reduce mode | cmp - <(numpy 'put(np.array(2**62 + 1))')
	npy-slice :3 x.npy | npy-reduce sum | cmp - <(numpy 'put(np.array(2**62 + 4))')
	refuses "does not fit 64 bits" 'npy-reduce sum x.npy'
}

@test "npy-reduce: NaN and infinity as in NumPy" {
	numpy 'put(np.array([[1, np.nan, 3, np.nan], [np.inf, -np.inf, 2, np.inf], [0, -1, 1, 0]]))' >x.npy
	for op in min max argmin argmax any all sum median; do
		npy-reduce -a 1 $op x.npy >got.npy
		numpy "put(np.$op(get('x.npy')[0], 1))" >expected.npy
		npy-diff --any-type --equal-nan got.npy expected.npy
	done
}

@test "npy-reduce: the mean is exact where adding floats is not" {
	# 0.1 in single precision, ten million times: added up in it, the mean were 0.1088
	{
		npy '<f4' '(10000000,)'
		yes $'\xcd\xcc\xcc\x3d' | tr -d '\n' | head -c 40000000
	} | npy-reduce mean | npy-diff - <(numpy 'put(np.array(np.float32(0.1)))')
}

@test "npy-reduce: --ddof" {
	numpy 'put(np.array([1., 2, 4, 8]))' >x.npy
	npy-reduce -d 1 var x.npy | npy-diff -r 1e-15 - <(numpy 'put(np.array(get("x.npy")[0].var(ddof=1)))')
	npy-reduce -d 3 std x.npy | npy-diff -r 1e-15 - <(numpy 'put(np.array(get("x.npy")[0].std(ddof=3)))')
	npy-reduce -d 4 std x.npy | npy-diff --equal-nan - <(numpy 'put(np.array(np.nan))')
}

@test "npy-reduce: the mode is the most frequent number, of several the smallest" {
	array f4 '[[3, .5, 3, .5, 9], [7, 7, 7, 1, 1], [5, 4, 3, 2, 1], [-1, 1, -1, 1, 0], [np.inf, 2, np.inf, 2, np.inf]]' >x.npy
	npy-reduce -a 1 mode x.npy | cmp - <(array f4 '[.5, 7, 1, -1, np.inf]')
	array u1 '[[200, 9, 200], [0, 255, 255]]' | npy-reduce -a 1 mode | cmp - <(array u1 '[200, 255]')
	array f8 '[[1, 1, np.nan], [2, 3, 3]]' | npy-reduce -a 1 mode |
		npy-diff --equal-nan - <(array f8 '[np.nan, 3]')
}

@test "npy-reduce: every array of a stream, scalars too" {
	numpy 'put(np.arange(4), np.ones((2, 2)), np.array(7, "f4"))' >x.npy
	npy-reduce sum x.npy | cmp - <(numpy 'put(np.array(6), np.array(4.), np.array(7, "f4"))')
}

@test "npy-reduce: what cannot be done is refused" {
	numpy 'put(np.zeros((2, 0, 3)))' >x.npy
	for op in min max argmin argmax mode; do
		refuses "nothing to choose from in an array of shape (2,0,3)" "npy-reduce $op x.npy"
	done
	refuses "axis 3 is not one of the 3" 'npy-reduce -a 3 sum x.npy'
	refuses "axis -4 is not one of the 3" 'npy-reduce -a 0,-4 sum x.npy'
	refuses "names axis 2 twice" 'npy-reduce -a 2,-1 sum x.npy'
	for axes in '' x 0:2 ... '0,'; do
		refuses "is not a list of axes" "npy-reduce -a '$axes' sum x.npy"
	done
	refuses "'product' is not one of sum, mean" 'npy-reduce product x.npy'
	refuses "too few operands" 'npy-reduce <x.npy'
	refuses "no-such-file" 'npy-reduce sum no-such-file'
	refuses "truncated" 'zeros 9 | head -c -1 | npy-reduce sum'
	[[ ${B:-} != *san ]] || return 0 # the sanitizer has words of its own
	npy '|u1' '(0, 1000000000000000)' >x.npy
	refuses "out of memory" 'npy-reduce -a 0 sum x.npy'
}

@test "npy-reduce: memory does not grow with the array" {
	small 'zeros 150000000 | npy-reduce max | cmp - <(numpy "put(np.array(0, \"u1\"))")'
	small '{ npy "|u1" "(1500000, 100)"; head -c 150000000 /dev/zero; } | npy-reduce -a 0 sum | npy-reduce any >any.npy'
	small '{ npy "|u1" "(15000000, 10)"; head -c 150000000 /dev/zero; } | npy-reduce -a 1 argmax | npy-reduce any | cmp - any.npy'
}

@test "npy-reduce: a full disk is an error, a reader that went away is none" {
	zeros 3000000 >big.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-reduce sum big.npy >/dev/full'
	for _ in {1..300}; do zeros 3; done >many.npy
	pipe 'npy-reduce sum many.npy | head -c 100 >/dev/null'
}

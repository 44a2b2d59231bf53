load helper

# same EXPRESSION ...: each gives what NumPy gives for x, of shape (4,5,6)
same() {
	local i=0 expressions=("${@/#/x[}")
	numpy 'put(np.arange(120, dtype="i2").reshape(4, 5, 6))' >x.npy
	expect 'x = get("x.npy")[0].astype("i8")' "${expressions[@]/%/]}"
	for e; do
		npy-slice "$e" x.npy >found.npy
		cmp found.npy expected.$((i++)) || { echo "$e"; return 1; }
	done
}

@test "npy-slice: indices, ranges, steps, ellipsis and None are Python's" {
	same 3 -1 '-1,-2' '1,2,3' ':' '::' '1:3' '-3:-1' '2:' ':2' '::2' '1::2' '3:1' '2:2' '-9:9' \
		'3,:,0:4' ':,1' ':,:,-1' '...' '...,0' '0,...' '0,...,0' '...,1,2,3' 'None' '0,None' \
		':,None,2,...,None' '::-1' '::-2' '2::-1' ':1:-1' ':,::-1' '-1:-9:-1' '9:-9:-3' \
		':,4:0:-2,5::-3' '1:2,1:2,1:2' ' 1 , 2 : 3 ' '+1' '0:99999999999999999999' \
		'-99999999999999999999:2' '::99999999999999999999' '::-99999999999999999999'
}

@test "npy-slice: random expressions agree with NumPy on random shapes" {
	/usr/bin/python3 - <<-'E'
		import io, random, subprocess
		import numpy as np
		random.seed(1)
		rng = np.random.default_rng(1)
		def end(): return random.choice(["", str(random.randint(-6, 6))])
		def item():
		    kind = random.random()
		    if kind < .25: return str(random.randint(-3, 2))
		    if kind < .35: return random.choice(["None", "..."])
		    return end() + ":" + end() + random.choice(["", ":", ":1", ":2", ":3", ":-1", ":-2"])
		refused = 0
		for i in range(150):
		    shape = [random.randint(0, 5) for _ in range(random.randint(0, 5))]
		    a = rng.integers(0, 255, shape).astype(random.choice(["u1", "i8", "f4", "f8"]))
		    e = ",".join(item() for _ in range(random.randint(1, len(shape) + 1)))
		    try: expected = np.asarray(eval(f"a[{e}]"))
		    except IndexError: expected = None
		    f = io.BytesIO()
		    np.save(f, a)
		    p = subprocess.run(["npy-slice", e], input=f.getvalue(), capture_output=True)
		    if expected is None:
		        assert p.returncode == 2 and not p.stdout, (e, shape, p)
		        refused += 1
		        continue
		    got = np.load(io.BytesIO(p.stdout))
		    assert got.shape == expected.shape and got.dtype == expected.dtype, (e, shape, p)
		    assert (got == expected).all(), (e, shape)
		assert 10 < refused < 140
	E
}

@test "npy-slice: every type is kept, every array of the stream is cut" {
	numpy 'put(*(np.arange(9).astype(t) for t in "u1 i8 f4 f8".split()))' >x.npy
	npy-slice '7:2:-3' x.npy | cmp - <(numpy 'put(*(a[7:2:-3] for a in get("x.npy")))')
	npy-slice : x.npy | cmp - x.npy
}

@test "npy-slice: -k picks one array, from the front or the end" {
	numpy 'put(np.zeros(3), np.arange(4), np.ones((2, 2)))' >x.npy
	npy-slice -k 1 x.npy | cmp - <(numpy 'put(np.arange(4))')
	npy-slice -k 1 <x.npy | cmp - <(numpy 'put(np.arange(4))')
	npy-slice -k -2 <x.npy | cmp - <(numpy 'put(np.arange(4))')
	npy-slice -k -3 ::2 x.npy | cmp - <(numpy 'put(np.zeros(2))')
	npy-slice -k 2 1,1 <x.npy | cmp - <(numpy 'put(np.asarray(1.))')
	npy-slice -k -1 -1 <x.npy | cmp - <(numpy 'put(np.ones(2))')
	refuses "the stream has 3 arrays" 'npy-slice -k 3 x.npy'
	refuses "the stream has 3 arrays" 'npy-slice -k -4 x.npy'
	refuses "--array: 'x'" 'npy-slice -k x x.npy'
}

@test "npy-slice: an only operand with -k is a file unless it reads as slices" {
	numpy 'put(np.arange(4))' >x.npy
	cp x.npy ./-1
	npy-slice -k 0 ./-1 | cmp - x.npy
	npy-slice -k 0 -1 <x.npy | cmp - <(numpy 'put(np.asarray(3))')
	npy-slice -k 0 : -1 | cmp - x.npy
}

@test "npy-slice: an index outside its axis is refused, a range is not" {
	numpy 'put(np.zeros((2, 3)))' >x.npy
	refuses "x.npy: index 2 is outside axis 0 of shape (2,3)" 'npy-slice 2 x.npy'
	refuses "index -4 is outside axis 1" 'npy-slice 0,-4 x.npy'
	refuses "has 3 indices, an array of shape (2,3) has 2 axes" 'npy-slice 0,0,0 x.npy'
	refuses "has 1 indices, an array of shape () has 0 axes" "npy-slice 0 <(npy '|u1' '()'; printf x)"
	refuses "is outside axis 0 of shape (0,3)" "npy-slice 0 <(npy '|u1' '(0, 3)')"
	refuses "more than one ellipsis" 'npy-slice ...,... x.npy'
	refuses "more than 8 dimensions" \
		'npy-slice None,None,None,None,None,None,None x.npy'
}

@test "npy-slice: what is no expression is refused" {
	numpy 'put(np.zeros((2, 3)))' >x.npy
	for e in '' ',' '0,' ',0' 1:2:3:4 ::0 a 1.5 - -- 0x1 1-1 '0 1' '[0]' .. ....; do
		refuses "is not an index expression" "npy-slice -- '$e' x.npy"
	done
	refuses "no SLICES" 'npy-slice <x.npy'
	refuses "too many operands" 'npy-slice 0 x.npy x.npy'
}

@test "npy-slice: Fortran order and a foreign byte order" {
	numpy 'put(np.asfortranarray(np.arange(24, dtype=">f4").reshape(2, 3, 4)))' >x.npy
	npy-slice '1,::2,::-1' x.npy | cmp - <(numpy 'put(np.ascontiguousarray(get("x.npy")[0][1, ::2, ::-1].astype("f4")))')
}

@test "npy-slice: a pipe is read to its end" {
	pipe 'zeros 3000000 | npy-slice 0 >/dev/null'
	pipe '{ zeros 3; zeros 3000000; } | npy-slice -k 0 >/dev/null'
}

@test "npy-slice: memory does not grow with the first axis" {
	small 'zeros 150000000 | npy-slice 100:150000000:149999899 | npy-diff - <(zeros 2)'
	small '{ npy "|u1" "(50000, 3000)"; head -c 150000000 /dev/zero; } | npy-slice ::25000,::-1 | npy-info >info'
	grep -qF '(2,3000)' info
}

@test "npy-slice: truncated and over-long input is refused" {
	numpy 'put(np.zeros((2, 3)))' >x.npy
	refuses "truncated" 'head -c -1 x.npy | npy-slice 0'
	refuses "truncated" 'head -c -1 x.npy | npy-slice ::-1'
	refuses "truncated" 'head -c -1 x.npy | npy-slice -k -1'
	refuses "array 1: expected an NPY array or the end, found text" '{ cat x.npy; echo x; } | npy-slice -k 0'
}

@test "npy-slice: a full disk is an error, a reader that went away is none" {
	numpy 'put(np.zeros((2, 3)))' >x.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-slice 0 x.npy >/dev/full'
	zeros 3000000 >big.npy
	pipe 'npy-slice : big.npy | head -c 100 >/dev/null'
}

load helper

@test "npy-cat: one array is itself, from a file and from standard input" {
	numpy 'put(np.arange(6.).reshape(2, 3))' >x.npy
	npy-cat x.npy | cmp - x.npy
	cmp x.npy <(npy-cat <x.npy)
	cmp x.npy <(npy-cat - <x.npy)
}

@test "npy-cat: joins along every axis as numpy.concatenate does" {
	numpy '
for axis in range(3):
    for i in range(4):
        shape = [2, 3, 4]; shape[axis] = i
        np.save(f"{axis}{i}.npy", np.random.default_rng(i).normal(size=shape))'
	for axis in 0 1 2; do
		numpy "put(np.concatenate([np.load(f'$axis{i}.npy') for i in range(4)], $axis))" >expected.npy
		npy-cat -a "$axis" "$axis"?.npy | cmp - expected.npy
		npy-cat -a "$((axis - 3))" "$axis"?.npy | cmp - expected.npy
		cat "$axis"?.npy | npy-cat -a "$axis" | cmp - expected.npy
	done
}

@test "npy-cat: stacks along every new axis as numpy.stack does" {
	numpy 'put(*np.random.default_rng(1).normal(size=(3, 4, 5)))' >x.npy
	for axis in 0 1 2 -1 -2 -3; do
		npy-cat --stack -a "$axis" x.npy | cmp - <(numpy "put(np.ascontiguousarray(np.stack(get('x.npy'), $axis)))")
	done
	numpy 'put(*np.arange(3))' >x.npy
	npy-cat --stack x.npy | cmp - <(numpy 'put(np.arange(3))')
	refuses "axis 3 is not one of the 3" "npy-cat --stack -a 3 <(numpy 'put(np.zeros((2, 2)))')"
}

@test "npy-cat: -n joins data sets, what npy-slice took apart" {
	numpy 'put(np.arange(20, dtype="u1").reshape(5, 2, 2), np.arange(5))' >set.npy
	for cut in 1 3 5; do
		npy-slice ":$cut" set.npy >a.npy
		npy-slice "$cut:" set.npy >b.npy
		npy-cat -n 2 a.npy b.npy | cmp - set.npy
		cat a.npy b.npy | npy-cat -n 2 | cmp - set.npy
	done
	refuses "expected records of 2 arrays, found 3" 'npy-slice -k 0 set.npy | npy-cat -n 2 set.npy -'
}

@test "npy-cat: types are promoted as numpy.result_type has it" {
	numpy "
types = 'u1 i8 f4 f8'.split()
for a in types:
    for b in types:
        x, y = np.array([1, 200], a), np.array([3], b)
        np.save(a + b + '.1.npy', x); np.save(a + b + '.2.npy', y)
        np.save(a + b + '.expected', np.concatenate([x, y]))"
	for expected in *.expected.npy; do
		pair=${expected%%.*}
		npy-cat "$pair".[12].npy | cmp - "$expected"
	done
}

@test "npy-cat: empty arrays" {
	numpy 'put(np.zeros((0, 3)), np.zeros((0, 3)))' >x.npy
	npy-cat x.npy | cmp - <(numpy 'put(np.zeros((0, 3)))')
	npy-cat -a 1 x.npy | cmp - <(numpy 'put(np.zeros((0, 6)))')
}

@test "npy-cat: sizes that do not fit are refused" {
	for _ in 1 2 3 4 5 6 7 8 9; do
		npy '|u1' '(0, 1152921504606846975)'
	done >x.npy
	refuses "too large" 'npy-cat -a 1 x.npy'
	npy '|u1' '(1,1,1,1,1,1,1,1)' >x.npy
	printf x >>x.npy
	refuses "cannot get another axis" 'npy-cat --stack x.npy'
}

@test "npy-cat: shapes that do not agree are refused" {
	numpy 'put(np.zeros((2, 3)), np.zeros((2, 4)))' >x.npy
	refuses "x.npy: array 1: shape (2,4) cannot be joined to (2,3) along axis 0" 'npy-cat x.npy'
	npy-cat -a 1 x.npy | cmp - <(numpy 'put(np.zeros((2, 7)))')
	refuses "cannot be joined" 'npy-cat -a 1 --stack x.npy'
	refuses "cannot be joined" "npy-cat x.npy <(numpy 'put(np.zeros(3))')"
	refuses "x.npy: axis 2 is not one of the 2 of shape (2,3)" 'npy-cat -a 2 x.npy'
	refuses "axis 0 is not one of the 0 of shape ()" "npy-cat <(numpy 'put(np.zeros(()))')"
}

@test "npy-cat: what cannot be read is refused" {
	numpy 'put(np.zeros((2, 3)))' >x.npy
	refuses "standard input: truncated" 'head -c -1 x.npy | npy-cat x.npy -'
	refuses "empty" 'npy-cat </dev/null'
	refuses "no-such-file" 'npy-cat x.npy no-such-file'
	refuses "--arrays" 'npy-cat -n 0 x.npy'
}

@test "npy-cat: a full disk is an error, a reader that went away is none" {
	zeros 3000000 >big.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-cat big.npy >/dev/full'
	pipe 'npy-cat big.npy big.npy | head -c 100 >/dev/null'
}

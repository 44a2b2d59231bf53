load helper

@test "npy-confusion: rows are true, columns predicted" {
	numpy 'put(np.array([0, 1, 1, 2, 2, 2]), np.array([0, 1, 0, 2, 0, 0]))' >x.npy
	npy-confusion x.npy | cmp - <(numpy 'put(np.array([[1, 0, 0], [1, 1, 0], [2, 0, 1]]))')
	cmp <(npy-confusion x.npy) <(npy-confusion <x.npy)
}

@test "npy-confusion: agrees with a count by hand, for labels of any integer type" {
	for type in u1 i1 '>i2' u4 i8; do
		numpy "r = np.random.default_rng(1); put(*r.integers(0, 7, (2, 5000)).astype('$type'))" >x.npy
		npy-confusion x.npy | cmp - <(numpy '
t, p = get("x.npy")
put(np.array([[((t == i) & (p == j)).sum() for j in range(7)] for i in range(7)]))')
	done
}

@test "npy-confusion: exchanging the lists transposes it, equal lists give a diagonal" {
	npy-random -s 1 integers:0:5 999 >a.npy
	npy-random -s 2 integers:0:5 999 >b.npy
	npy-confusion <(cat a.npy b.npy) >ab.npy
	npy-confusion <(cat b.npy a.npy) | cmp - <(numpy 'put(get("ab.npy")[0].T.copy())')
	npy-confusion <(cat a.npy a.npy) | cmp - <(numpy 'put(np.diag(np.bincount(get("a.npy")[0])))')
}

@test "npy-confusion: -c makes room for classes that do not occur" {
	numpy 'put(np.array([1]), np.array([0]))' >x.npy
	npy-confusion -c 3 x.npy | cmp - <(numpy 'm = np.zeros((3, 3), int); m[1, 0] = 1; put(m)')
	npy-confusion x.npy | npy-diff - <(npy-confusion -c 2 x.npy)
	numpy 'put(np.zeros(0, int), np.zeros(0, int))' >empty.npy
	npy-confusion empty.npy | cmp - <(numpy 'put(np.zeros((0, 0), int))')
	npy-confusion -c 2 empty.npy | cmp - <(numpy 'put(np.zeros((2, 2), int))')
}

@test "npy-confusion: --normalize makes rows sum to one, and leaves empty ones" {
	numpy 'put(np.array([0, 0, 0, 0, 2]), np.array([0, 0, 0, 2, 1]))' >x.npy
	npy-confusion --normalize x.npy | cmp - <(numpy 'put(np.array([[.75, 0, .25], [0, 0, 0], [0, 1, 0]]))')
}

@test "npy-confusion: labels that are no classes are refused" {
	numpy 'put(np.array([0, 3]), np.array([0, -1]))' >x.npy
	refuses "x.npy: the true label of row 1 is 3, expected 0 to 2" 'npy-confusion -c 3 x.npy'
	refuses "x.npy: the predicted label of row 1 is -1, expected 0 to 3" 'npy-confusion x.npy'
	numpy 'put(np.array([0, 2**63 - 1]), np.array([0, 4096]))' >x.npy
	refuses "expected 0 to 4095" 'npy-confusion x.npy'
	refuses "--classes" 'npy-confusion -c 4097 x.npy'
}

@test "npy-confusion: what is no pair of lists is refused" {
	numpy 'put(np.zeros(3, int))' >a.npy
	numpy 'put(np.zeros(2, int))' >b.npy
	numpy 'put(np.zeros(3))' >real.npy
	numpy 'put(np.zeros((3, 10), int))' >scores.npy
	refuses "3 true labels, 2 predicted labels" 'cat a.npy b.npy | npy-confusion'
	refuses "expected two arrays" 'npy-confusion a.npy'
	refuses "found more" 'cat a.npy a.npy a.npy | npy-confusion'
	refuses "expected true labels, a list of integers, found shape (3,) of type <f8" \
		'cat real.npy a.npy | npy-confusion'
	refuses "expected predicted labels, a list of integers, found shape (3,10)" \
		'cat a.npy scores.npy | npy-confusion'
	refuses "truncated" 'cat a.npy a.npy | head -c -1 | npy-confusion'
}

@test "npy-confusion: a full disk is an error, a reader that went away is none" {
	zeros 9 >a.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'cat a.npy a.npy | npy-confusion >/dev/full'
	pipe 'cat a.npy a.npy | npy-confusion -c 4000 | head -c 100 >/dev/null'
}

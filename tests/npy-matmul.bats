load helper

# random SHAPE SHAPE: two arrays in x.npy
random() {
	numpy "r = np.random.default_rng(1); put(r.normal(size=($1)), r.normal(size=($2)))" >x.npy
}

@test "npy-matmul: products are NumPy's, of one pair or many, transposed or not" {
	for shapes in '3,4 4,5' '1,1 1,1' '20,300 300,9' '2,3,4 2,4,5' '2,3,4 4,5' '3,4 2,4,5' '2,2,9,8 2,2,8,7' \
		'3,0 0,2' '0,3 3,2' '2,3 3,0' '0,2,3 3,4'; do
		random "${shapes% *}" "${shapes#* }"
		numpy '
a, b = get("x.npy")
t = lambda x: np.swapaxes(x, -1, -2)
for name, arrays in {"plain": (a, b), "a": (t(a), b), "b": (a, t(b)), "ab": (t(a), t(b))}.items():
    with open(name, "wb") as f:
        for x in arrays: np.lib.format.write_array(f, np.ascontiguousarray(x))
put(a @ b)' >expected.npy
		# Sums of up to 300 products around 1, in different orders.
		npy-matmul plain | npy-diff -a 1e-12 - expected.npy
		npy-matmul -a a | cmp - <(npy-matmul plain)
		npy-matmul --transpose-b b | cmp - <(npy-matmul plain)
		npy-matmul -ab ab | cmp - <(npy-matmul plain)
	done
}

@test "npy-matmul: whole numbers have exact products, and types are as documented" {
	{ array u1 '[[1, 2], [3, 255]]'; array i8 '[[-5, 6], [7, 800]]'; } >x.npy
	npy-matmul x.npy | cmp - <(array f8 '[[9, 1606], [1770, 204018]]')
	for types in 'u1 u1 f8' 'u1 f4 f4' 'f4 f4 f4' 'f4 f8 f8' 'i8 f4 f8' 'i8 u1 f8'; do
		read -r a b c <<<"$types"
		{ array "$a" '[[1, 2]]'; array "$b" '[[3], [4]]'; } | npy-matmul | cmp - <(array "$c" '[[11]]')
	done
	# Floats are summed in doubles.
	{ array f4 '[[1e8, 1, -1e8]]'; array f4 '[[1], [1], [1]]'; } | npy-matmul | cmp - <(array f4 '[[1]]')
}

@test "npy-matmul: what is not finite stays in its row and column" {
	numpy '
a, b = np.ones((9, 3)), np.ones((3, 10))
a[2, 1], b[0, 4] = np.inf, np.nan
put(a, b)' >x.npy
	expect 'a, b = get("x.npy")' 'a @ b'
	npy-matmul x.npy | npy-info | diff - <(npy-info expected.0)
	npy-matmul x.npy | npy-calc 'where(isnan(a), 7, a)' | cmp - <(npy-calc 'where(isnan(a), 7, a)' expected.0)
}

@test "npy-matmul: a stream, stdin and two files are the same, for any number of threads" {
	random 50,70 70,30
	npy-matmul x.npy >expected.npy
	npy-slice -k 0 x.npy >a.npy
	npy-slice -k 1 x.npy >b.npy
	npy-matmul <x.npy | cmp - expected.npy
	npy-matmul a.npy b.npy | cmp - expected.npy
	npy-matmul - b.npy <a.npy | cmp - expected.npy
	npy-matmul a.npy - <b.npy | cmp - expected.npy
	for count in 2 3; do
		OMP_NUM_THREADS=$count npy-matmul x.npy | cmp - expected.npy
	done
}

@test "npy-matmul: a header that claims any number of empty matrices costs no time" {
	npy '<f8' '(1099511627776, 0, 0)' >x.npy
	timeout 10 npy-matmul x.npy x.npy | npy-info | grep -F '(1099511627776,0,0)'
}

@test "npy-matmul: what are no factors is refused" {
	array f8 '[[1, 2, 3], [4, 5, 6]]' >x.npy
	array f8 '[1, 2, 3]' >list.npy
	refuses '(2,3) of x.npy and (2,3) of x.npy are no factors' 'npy-matmul x.npy x.npy'
	refuses '(2,3) transposed of x.npy and (2,3) transposed of x.npy are no factors' 'npy-matmul -ab x.npy x.npy'
	refuses 'are no factors' 'npy-matmul <(zeros 24 | npy-reshape 2,4,3) <(zeros 18 | npy-reshape 3,3,2)'
	refuses 'are no factors' 'npy-matmul <(zeros 24 | npy-reshape 2,4,3) <(zeros 12 | npy-reshape 2,1,3,2)'
	refuses 'expected matrices, (N,K) or more of them, found (3,)' 'npy-matmul x.npy list.npy'
	refuses 'expected two arrays of matrices, found one' 'npy-matmul x.npy'
	refuses 'found more' 'cat x.npy x.npy x.npy | npy-matmul -b'
	refuses 'found more' 'cat x.npy x.npy | npy-matmul - x.npy'
	refuses 'truncated' 'head -c 150 x.npy | npy-matmul - x.npy'
	refuses 'too large' 'npy-matmul <(npy "<f8" "(2000000000, 0)") <(npy "<f8" "(0, 2000000000)")'
	refuses 'standard input' 'npy-matmul - - <x.npy'
	refuses 'no-such-file' 'npy-matmul x.npy no-such-file'
	[[ ${B:-} != *san ]] || return 0 # the sanitizer has words of its own
	refuses 'out of memory' 'npy-matmul <(npy "<f8" "(1000000000, 0)") <(npy "<f8" "(0, 1000000000)")'
}

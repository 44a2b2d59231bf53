load helper

# differs [OPTION ...] A B: status 1 and a table
differs() {
	run -1 npy-diff "$@"
	[ "${lines[0]}" = "$(printf 'array\tdifference\tvalue\tat\ta\tb')" ]
}

# line FIELD ...: the table has this line
line() {
	local text
	text=$(printf '%s\t' "$@")
	printf '%s\n' "${lines[@]}" | grep -qxF -- "${text%?}" || { echo "$output"; return 1; }
}

@test "npy-diff: a stream is the same as itself, silently" {
	numpy 'put(np.arange(24.).reshape(2, 3, 4), np.array([3, 1], "u1"), np.array(7), np.zeros((0, 3)))' >a.npy
	run -0 npy-diff a.npy a.npy
	[ -z "$output" ]
	run -0 pipe 'npy-diff - a.npy <a.npy'
	[ -z "$output" ]
}

@test "npy-diff: says how many elements differ, the largest differences, and where" {
	numpy 'put(np.array([[1, 2, 4.], [8, 16, 0]], "f4"))' >b.npy
	numpy 'put(np.array([[1, 2.5, 4], [8, 17, 0]], "f4"))' >a.npy
	differs a.npy b.npy
	line 0 elements 2 '(0,1)' 2.5 2
	line 0 absolute 1 '(1,1)' 17 16
	line 0 relative 0.25 '(0,1)' 2.5 2
	[ "${#lines[@]}" -eq 5 ]
}

@test "npy-diff: the tolerances are those of numpy.allclose" {
	numpy 'put(np.array([100., 1e-3]))' >b.npy
	numpy 'put(np.array([101., 1.5e-3]))' >a.npy
	differs -r 0.01 a.npy b.npy
	line 0 elements 1 '(1,)' 0.0015 0.001
	differs -a 0.5 a.npy b.npy
	line 0 elements 1 '(0,)' 101 100
	npy-diff -r 0.01 -a 0.0005 a.npy b.npy
	npy-diff -r 0.51 a.npy b.npy
	npy-diff -a 1 a.npy b.npy
	# relative to B, not to A
	numpy 'put([100.])' >c.npy
	numpy 'put([50.])' >d.npy
	npy-diff -r 1 c.npy d.npy
	npy-diff -r 0.5 d.npy c.npy
	differs -r 0.5 c.npy d.npy
}

@test "npy-diff: agrees with numpy.allclose on random arrays" {
	numpy '
rng = np.random.default_rng(1)
for i in range(20):
    a = rng.normal(size=(5, 7)); b = a * (1 + rng.normal(size=a.shape) * 1e-3)
    r, t = rng.uniform(0, 4e-3), rng.uniform(0, 2e-4)
    np.save(f"a{i}.npy", a); np.save(f"b{i}.npy", b)
    print(f"a{i}.npy b{i}.npy -r {r!r} -a {t!r}", int(not np.allclose(a, b, rtol=r, atol=t)))' >cases
	[ "$(cut -d ' ' -f 7 cases | sort -u | wc -l)" -eq 2 ]
	while read -r a b r rtol t atol expected; do
		run "-$expected" npy-diff "$r" "$rtol" "$t" "$atol" "$a" "$b"
	done <cases
}

@test "npy-diff: integers are compared to the last of their 64 bits" {
	numpy 'put(np.array([2**62, -2**63], "i8"))' >a.npy
	numpy 'put(np.array([2**62 + 1, 2**63 - 1], "i8"))' >b.npy
	differs a.npy b.npy
	line 0 elements 2 '(0,)' 4611686018427387904 4611686018427387905
	line 0 absolute 1.84467441e+19 '(1,)' -9223372036854775808 9223372036854775807
	differs -a 0.9 a.npy b.npy
	numpy 'put(get("a.npy")[0][:1])' >a0.npy
	numpy 'put(get("b.npy")[0][:1])' >b0.npy
	npy-diff -a 1 a0.npy b0.npy
}

@test "npy-diff: types differ, unless any will do" {
	numpy 'put(np.array([1, 2], "f4"))' >a.npy
	numpy 'put(np.array([1, 2], "i8"))' >b.npy
	differs a.npy b.npy
	line 0 type - - '<f4' '<i8'
	npy-diff --any-type a.npy b.npy
	numpy 'put(np.array([1, 3], "u1"))' >c.npy
	differs --any-type b.npy c.npy
	line 0 absolute 1 '(1,)' 2 3
}

@test "npy-diff: shapes differ, also where the elements are the same" {
	numpy 'put(np.arange(6), np.arange(3))' >a.npy
	numpy 'put(np.arange(6).reshape(2, 3), np.arange(3) * 2)' >b.npy
	differs a.npy b.npy
	line 0 shape - - '(6,)' '(2,3)'
	line 1 absolute 2 '(2,)' 2 4
}

@test "npy-diff: one stream has more arrays" {
	numpy 'put(np.zeros(2), np.zeros((3, 4)), np.zeros(()))' >a.npy
	numpy 'put(get("a.npy")[0])' >b.npy
	differs a.npy b.npy
	line 1 missing - - '(3,4)' -
	line 2 missing - - '()' -
	differs b.npy a.npy
	line 1 missing - - - '(3,4)'
}

@test "npy-diff: NaN equals nothing, infinity itself" {
	numpy 'put([np.nan, np.inf, -np.inf, 1])' >a.npy
	differs a.npy a.npy
	line 0 elements 1 '(0,)' nan nan
	line 0 absolute nan '(0,)' nan nan
	differs -a inf a.npy a.npy
	npy-diff --equal-nan a.npy a.npy
	npy-diff --equal-nan -n 0 a.npy a.npy
	# inf - inf is a NaN with a sign, which says nothing.
	numpy 'put([-np.inf, np.copysign(np.nan, -1)])' >minus.npy
	numpy 'put([np.inf, 1])' >plus.npy
	run -1 npy-diff minus.npy plus.npy
	run ! grep -e -nan <<<"$output"
	numpy 'put([np.nan, np.inf, 5, 1])' >b.npy
	differs --equal-nan -r 1 -a 1 b.npy a.npy
	line 0 elements 1 '(2,)' 5 -inf
	numpy 'put([1., 1, 1, 1])' >c.npy
	differs --equal-nan a.npy c.npy
}

@test "npy-diff: -n compares norms" {
	numpy 'put([3., 4, 0])' >b.npy
	numpy 'put([3., 4, 0.1])' >a.npy
	npy-diff -n 0.0201 a.npy b.npy
	differs -n 0.0199 a.npy b.npy
	line 0 norm 0.02 - 5.0009999 5
	numpy 'put(np.zeros(3))' >z.npy
	npy-diff -n 0 z.npy z.npy
	differs -n 1e9 a.npy z.npy
	refuses "cannot be combined" 'npy-diff -n 1 -a 1 a.npy b.npy'
	refuses "--norm" 'npy-diff -n -1 a.npy b.npy'
}

@test "npy-diff: -v shows the differences that are tolerated" {
	numpy 'put([1., 2])' >a.npy
	numpy 'put([1., 2.5])' >b.npy
	run -0 npy-diff -v -a 1 a.npy b.npy
	line 0 absolute 0.5 '(1,)' 2 2.5
	run -0 npy-diff -v a.npy a.npy
	[ "${#lines[@]}" -eq 2 ]
}

@test "npy-diff: unreadable is trouble, not a difference" {
	numpy 'put(np.zeros(9))' >a.npy
	head -c -1 a.npy >short.npy
	refuses "short.npy: truncated" 'npy-diff a.npy short.npy'
	refuses "short.npy: truncated" 'npy-diff short.npy a.npy'
	refuses "expected an NPY array" '{ cat a.npy; echo x; } | npy-diff a.npy -'
	refuses "cannot both be standard input" 'npy-diff - -'
	refuses "no-such-file" 'npy-diff a.npy no-such-file'
	refuses "too few operands" 'npy-diff a.npy'
}

@test "npy-diff: a full disk is trouble; a reader that went away does not make it the same" {
	numpy 'put(np.zeros(9))' >a.npy
	numpy 'put(np.ones(9))' >b.npy
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-diff a.npy b.npy >/dev/full'
	run -1 pipe 'npy-diff a.npy b.npy | true'
}

@test "npy-diff: memory does not grow with the arrays" {
	small 'npy-diff <(zeros 150000000) <(zeros 150000000)'
}

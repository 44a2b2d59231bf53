load helper

# make NAME=PYTHON ...: NAME.npy with the value of a NumPy expression, for each argument.
make_npy() {
	/usr/bin/python3 - "$@" <<-'E'
		import sys
		import numpy as np
		for argument in sys.argv[1:]:
		    name, value = argument.split("=", 1)
		    np.save(name + ".npy", eval(value, {"np": np, "r": np.random.default_rng(1)}))
	E
}

# same RESULT PYTHON ...: type, shape and value of each result are those of a NumPy expression, in
# which the arrays are called as their files are; floats may differ by a rounding.
same() {
	/usr/bin/python3 - "$@" <<-'E'
		import glob, sys
		import numpy as np
		np.seterr(all="ignore")
		names = {f[:-4]: np.load(f) for f in glob.glob("*.npy")}
		for result, expression in zip(sys.argv[1::2], sys.argv[2::2]):
		    x, y = np.load(result), np.asarray(eval(expression, {"np": np, **names}))
		    if x.dtype.kind != "f":
		        assert x.dtype == y.dtype, (expression, x.dtype, y.dtype)
		    assert x.shape == y.shape, (expression, x.shape, y.shape)
		    np.testing.assert_allclose(x, y.astype(x.dtype), err_msg=expression,
		                               rtol=3e-7 if x.dtype == "f4" else 4e-15)
	E
}

# The elements on one line.
values() {
	/usr/bin/python3 -c 'import io, sys, numpy as np
x = np.load(io.BytesIO(sys.stdin.buffer.read()))
print(x.dtype.str, *x.ravel())'
}

# The value of an expression of no array.
value() {
	npy-calc -t f8 -- "$1" one.npy | tail -c 8 | od -A n -t f8 | tr -d ' ' | sed s/-nan/nan/
}

setup() {
	make_npy "one=np.uint8(1)"
}

@test "npy-calc: precedence and associativity" {
	while read -r expression expected; do
		[ "$(value "$expression")" = "$expected" ] || { echo "$expression"; false; }
	done <<-'E'
		1+2*3 7
		(1+2)*3 9
		7-2-1 4
		64/4/2 8
		2**3**2 512
		-2**2 -4
		2**-1 0.5
		--3 3
		-7%3 2
		7%-3 -2
		1<2&&2<3 1
		1<2||1/0 1
		0&&1||1 1
		!0+1 2
		!2==0 1
		1-1==0 1
		1?2:3 2
		0?2:0?3:4 4
		min(3,1,2) 1
		1e-3+.5 0.501
		pi 3.141592653589793
		1/0 inf
		-inf -inf
		inf-inf nan
		min(nan,1) nan
		max(1,nan) nan
		sign(nan) nan
		relu(nan) nan
		relu(-1) 0
		nan==nan 0
		!nan 0
		clip(7,0,5) 5
		round(2.5) 2
		mod(-1,3) 2
	E
}

@test "npy-calc: every function agrees with NumPy, in double precision" {
	make_npy "a=r.normal(0, 2, (7, 1500))" "b=r.uniform(-1, 1, (7, 1500))"
	checks=()
	compare() {
		npy-calc "$1" a.npy b.npy >"${#checks[@]}.out"
		checks+=("${#checks[@]}.out" "$2")
	}
	for f in abs sign sqrt exp expm1 log log1p log2 log10 sin cos tan sinh cosh tanh floor \
		ceil trunc cbrt; do
		compare "$f(a)" "np.$f(a)"
	done
	for f in sin cos tan; do
		compare "a$f(b)" "np.arc$f(b)"
	done
	for f in + - \* / %; do
		compare "a $f b" "a $f b"
	done
	for f in '<' '<=' == != '>=' '>'; do
		compare "round(a) $f round(b)" "(np.rint(a) $f np.rint(b)).astype('u1')"
	done
	compare 'abs(a)**b' 'np.abs(a)**b'
	compare 'atan2(a, b)' 'np.arctan2(a, b)'
	compare 'hypot(a, b)' 'np.hypot(a, b)'
	compare 'min(a, b)' 'np.minimum(a, b)'
	compare 'max(a, b)' 'np.maximum(a, b)'
	compare 'clip(a, -1, b)' 'np.minimum(np.maximum(a, -1), b)'
	compare 'round(a)' 'np.rint(a)'
	compare 'relu(a)' 'np.maximum(a, 0)'
	compare 'where(a > b, a, b)' 'np.maximum(a, b)'
	compare 'sigmoid(a)' '1 / (1 + np.exp(-a))'
	compare 'erf(a) + isnan(a) + isinf(b/0)' '1 + np.vectorize(__import__("math").erf)(a)'
	same "${checks[@]}"
}

@test "npy-calc: the step of an attack on images" {
	make_npy "a=r.integers(0, 256, (50, 28, 28)).astype('u1')" \
		"b=r.normal(size=(50, 28, 28)).astype('f4')"
	npy-calc 'clip(a + 76.5*sign(b), 0, 255)' a.npy b.npy >x.out
	same x.out 'np.clip(a + 76.5*np.sign(b), 0, 255).astype("f4")'
	npy-info x.out | grep -q '<f4'
}

@test "npy-calc: the type of the result follows from the operations" {
	make_npy "u=np.array([3], 'u1')" "i=np.array([3])" "f=np.array([3], 'f4')" \
		"d=np.array([3], 'f8')"
	while read -r expression file expected; do
		[ "$(npy-calc -- "$expression" "$file.npy" | npy-info | tail -1 | cut -f 1,3)" = \
			"${expected/ /$'\t'}" ] ||
			{ echo "$expression $file"; false; }
	done <<-'E'
		a u |u1 3
		a i <i8 3
		a f <f4 3
		a d <f8 3
		a>2 d |u1 1
		isfinite(a) d |u1 1
		max(a,200) u |u1 200
		max(a,256) u <i8 256
		-a u <i8 -3
		a-5 u <i8 -2
		a*1000 u <i8 3000
		a%2 u |u1 1
		a+0.5 i <f4 3.5
		a/2 i <f4 1.5
		a**2 u <f4 9
		a/2 d <f8 1.5
		sqrt(a-2) d <f8 1
		where(a==3.5,1,0) d |u1 0
		where(a==3,1,0.5) u <f4 1
		row u <i8 0
		col u <i8 0
	E
}

@test "npy-calc: -t rounds halves to even, clamps, and makes NaN 0" {
	make_npy "a=np.array([-1, 0.5, 1.5, 255.4, 300, np.nan, np.inf, -np.inf])"
	[ "$(npy-calc -t u1 a a.npy | values)" = '|u1 0 0 2 255 255 0 255 0' ]
	cmp <(npy-calc -t '|u1' a a.npy) <(npy-calc --type u1 a a.npy)
	npy-calc -t i8 'a*1e300' a.npy >x.out
	[ "$(values <x.out)" = '<i8 -9223372036854775808 9223372036854775807 9223372036854775807 9223372036854775807 9223372036854775807 0 9223372036854775807 -9223372036854775808' ]
	[ "$(npy-calc -t f4 'a/3' a.npy | npy-info | tail -1 | cut -f 1)" = '<f4' ]
}

@test "npy-calc: one stream, separate files and standard input say the same" {
	make_npy "a=r.normal(size=(3, 5000))" "b=r.normal(size=(3, 5000)).astype('f4')" \
		"c=r.integers(-9, 9, (3, 5000))"
	cat a.npy b.npy c.npy >abc
	npy-calc 'a*b - c' a.npy b.npy c.npy >x.out
	same x.out 'a*b - c'
	cmp x.out <(npy-calc 'a*b - c' abc)
	cmp x.out <(npy-calc 'a*b - c' <abc)
	cmp x.out <(npy-calc 'a*b - c' - b.npy c.npy <a.npy)
}

@test "npy-calc: what is not named is left out, or kept with -k" {
	make_npy "a=r.normal(size=(3, 4))" "b=np.arange(10000)" "c=np.arange(3.)" \
		"d=np.arange(5, dtype='u1')"
	npy-calc 'a*2' c.npy >c2
	npy-calc '0-a' a.npy >a2
	cat a.npy b.npy c.npy d.npy >abcd
	cmp c2 <(npy-calc 'c*2' abcd)
	cmp <(cat c2 a.npy b.npy d.npy) <(npy-calc -k 'c*2' abcd)
	cmp <(cat c2 a.npy b.npy d.npy) <(npy-calc -k 'c*2' a.npy b.npy c.npy d.npy)
	cmp <(cat a2 b.npy c.npy d.npy) <(npy-calc --keep '0-a' <abcd)
}

@test "npy-calc: shapes are aligned at the first axis, and with -l at the last" {
	make_npy "a=r.normal(size=(6, 3, 6))" "n=r.normal(size=6)" "hw=r.normal(size=(3, 6))" \
		"s=np.float64(7)" "o=np.full((1, 1, 1, 1), 2.)" "col=r.normal(size=(6, 1))" \
		"w=r.normal(size=(1, 6))" "mid=r.normal(size=(6, 1, 6))" "e=np.zeros((0, 6))" \
		"long=np.zeros((7, 1, 5003))"
npy-calc 'a*b' a.npy n.npy >0.out
	npy-calc -l 'a*b' a.npy n.npy >1.out
	npy-calc --last 'a-b' hw.npy a.npy >2.out
	npy-calc 'a-b*c' a.npy s.npy o.npy >3.out
	npy-calc 'a+b' col.npy w.npy >4.out
	npy-calc 'b/a' mid.npy a.npy >5.out
	npy-calc 'a+b' col.npy a.npy >6.out
	npy-calc 'a+b' s.npy o.npy >7.out
	npy-calc 'a+b' e.npy s.npy >8.out
	npy-calc 'row' a.npy >9.out
	npy-calc 'col' a.npy >10.out
	npy-calc '10000*row+col' long.npy >11.out
	npy-calc 'row+col' s.npy >12.out
	same 0.out 'a*n[:,None,None]' \
		1.out 'a*n' \
		2.out 'hw-a' \
		3.out 'a-s*2' \
		4.out 'col+w' \
		5.out 'a/mid' \
		6.out 'a+col[:,:,None]' \
		7.out 's+o' \
		8.out 'e+s' \
		9.out '0*a.astype(int) + np.arange(6)[:,None,None]' \
		10.out '0*a.astype(int) + np.arange(6)' \
		11.out '(10000*np.arange(7)[:,None] + np.arange(5003))[:,None]' \
		12.out 'np.int64(0)'
}

@test "npy-calc: shapes that do not fit are refused" {
	make_npy "a=np.zeros((4, 3, 2))" "b=np.zeros(3)" "c=np.zeros((4, 2))"
	refuses 'b has shape (3,), which does not fit (4,3,2) of the others, aligned at the first axis (-l: the last)' \
		'npy-calc a+b a.npy b.npy'
	refuses 'aligned at the last axis' 'npy-calc -l a+b a.npy b.npy'
	refuses 'b has shape (4,2)' 'npy-calc a+b a.npy c.npy'
	npy '|u1' '(4294967296, 1)' >tall.npy
	npy '|u1' '(1, 4294967296)' >wide.npy
	refuses 'too large' 'npy-calc a+b tall.npy wide.npy'
}

@test "npy-calc: a constant is compared with floats as a float, as NumPy does" {
	numpy 'put(np.float32([0.7, 0.69, 0.1, 0.71, -0.7]))' >a.npy
	npy-calc -t f8 a a.npy >b.npy
	while IFS='|' read -r expression expected; do
		[ "$(npy-calc "$expression" a.npy b.npy | npytotsv | paste -s -d ' ')" = "$expected" ] || { echo "$expression"; false; }
	done <<-'E'
		a == 0.7|1 0 0 0 0
		a >= 0.7|1 0 0 1 0
		a < 0.7|0 1 1 0 1
		0.7 <= a|1 0 0 1 0
		0.1 != a|1 1 0 1 1
		a == -0.7|0 0 0 0 1
		(a > 0.69) + (a <= 0.7)|2 1 1 1 1
		b == 0.7|0 0 0 0 0
		a + 0 == 0.7|0 0 0 0 0
	E
}

@test "npy-calc: an expression may begin with a minus sign" {
	numpy 'put(np.float64([1, 2, 3]))' >a.npy
	local expression
	for expression in '-log(a)' '-tanh(a)' '-(a)' '-a*2' '-a + 1' '-b/a' '-1' '-.5*a'; do
		cmp <(npy-calc "$expression" a.npy a.npy) <(npy-calc -- "$expression" a.npy a.npy)
	done
	cmp <(npy-calc '-exp(a)' a.npy) <(npy-calc '0 - exp(a)' a.npy)
	cmp <(npy-calc -- -a a.npy) <(npy-calc '-1*a' a.npy)
	refuses 'unknown option -a (-h lists them; an expression may follow --)' 'npy-calc -a a.npy'
	cmp <(npy-calc -tf8 -l a a.npy) <(npy-calc --type=f8 --last a a.npy)
}

@test "npy-calc: errors in the expression name the column" {
	while IFS='|' read -r column words expression; do
		refuses "expression, column $column: $words" "npy-calc -- '$expression' one.npy"
	done <<-'E'
		1|expected a number, a name or '(', found the end|
		3|expected a number, a name or '(', found the end|a+
		1|expected a number, a name or '(', found '*'|*a
		4|expected a number, a name or '(', found ')'|(a+)
		5|expected an operator or ')', found the end|(a+1
		2|expected an operator or the end, found ')'|a)
		3|expected an operator or the end, found 'b'|a b
		2|expected an operator or the end, found 'a'|2a
		3|expected an operator or the end, found '='|a = 1
		3|expected an operator or the end, found '−'|a − 1
		7|comparisons do not chain|a < b < c
		4|expected an operator or ':', found the end|a?b
		3|there is no function 'foo'|1+foo(a)
		3|there is no name 'foo'|1+foo
		1|there is no name 'A'|A
		4|expected '(' after the function's name, found the end|sin
		1|where takes 3 arguments, found 2|where(a,1)
		1|min takes 2 arguments or more, found 1|min(a)
		1|sin takes 1 argument, found 2|sin(a,1)
		3|the number is too large|1+1e999
		2|expected a number|-.
	E
	refuses 'nested too deeply' "npy-calc '$(printf '%*s' 100000 '' | tr ' ' '(')' one.npy"
	refuses 'nested too deeply' "npy-calc -- '$(printf '%*s' 100000 '' | tr ' ' '-')' one.npy"
}

@test "npy-calc: arrays that are named but missing are refused" {
	refuses 'names c, array number 3, found only 1 array' 'npy-calc a+c one.npy'
	refuses 'names c, array number 3, found 2 files' 'npy-calc a+c one.npy one.npy'
	refuses 'expected 1 array, found more' 'npy-calc a+b one.npy <(cat one.npy one.npy) >x.out'
	refuses 'no-such-file' 'npy-calc a no-such-file'
}

@test "npy-calc: a truncated array is refused" {
	make_npy "a=np.zeros(100)"
	head -c 200 a.npy >short.npy
	refuses 'truncated' 'npy-calc a+b short.npy a.npy >x.out'
	refuses 'truncated' '{ cat a.npy; cat short.npy; } | npy-calc b >x.out'
	refuses 'lacks its last' 'npy-calc b <(cat one.npy short.npy) >x.out'
	refuses 'lacks its last' 'npy-calc a <(cat one.npy short.npy) >x.out'
	refuses 'lacks its last' 'npy-calc -k a <(cat one.npy short.npy) >x.out'
}

@test "npy-calc: memory does not grow with the arrays" {
	small 'npy-calc -t u1 "a+b" <(zeros 150000000) <(zeros 150000000) | tail -c 1 | cmp - <(printf "\0")'
	small '{ cat one.npy; zeros 150000000; } | npy-calc "a==b" | tail -c 1 | cmp - <(printf "\0")'
}

@test "npy-calc: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-calc a one.npy >/dev/full'
	make_npy "a=np.zeros(1000000)"
	pipe 'npy-calc a a.npy | head -c 1 >x.out'
}

@test "npy-calc: -h lists every function, and each can be called" {
	functions=$(npy-calc -h | sed -n '/^Functions/,/^$/{ s/^Functions//; p; }' | xargs)
	[ "$(wc -w <<<"$functions")" -eq 37 ]
	array f8 '[0.25]' >x.npy
	for f in $functions; do
		npy-calc "$f(a)" x.npy >/dev/null 2>&1 || npy-calc "$f(a, a)" x.npy >/dev/null 2>&1 ||
			npy-calc "$f(a, a, a)" x.npy >/dev/null
		grep -q "^\.It Fn.*\<$f\>" "$root/man/npy-calc.1" || { echo "$f is not in the manual"; false; }
	done
}

load helper

# numbers ASSERTION DISTRIBUTION [OPTION ...]: NumPy finds it true of 60,000 of them, x
numbers() {
	npy-random "${@:3}" "$2" 60000 >x.npy
	numpy "x, = get('x.npy'); assert $1, (x.dtype, x.min(), x.max(), x.mean(), x.std())"
}

# Means are given four standard errors, of 60,000 numbers.
@test "npy-random: each distribution has its type, range, mean and deviation" {
	numbers 'x.dtype == "f4" and x.min() >= 0 and x.max() <= 1 and abs(x.mean() - .5) < .005 and abs(x.std() - 12**-.5) < .003' uniform
	numbers 'x.min() >= -3 and x.max() <= 5 and x.min() < -2.99 and x.max() > 4.99 and abs(x.mean() - 1) < .04' uniform:-3:5
	numbers 'x.dtype == "f4" and abs(x.mean()) < .017 and abs(x.std() - 1) < .012' normal
	numbers 'abs(x.mean() - 128) < .66 and abs(x.std() - 40) < .47 and abs((x > 168).mean() - .1587) < .006' normal:128:40
	numbers 'x.dtype == "i8" and abs(np.bincount(x + 2) - 12000).max() < 400 and x.min() == -2 and x.max() == 2' integers:-2:3
	numbers 'x.dtype == "u1" and x.max() == 1 and abs(x.mean() - .3) < .0075' bernoulli:.3
	numbers 'x.dtype == "i8" and (np.sort(x) == np.arange(60000)).all() and abs(np.corrcoef(x, np.sort(x))[0, 1]) < .017' permutation
}

@test "npy-random: the ends of a distribution's parameters" {
	numbers '(x == 7).all()' uniform:7:7
	numbers '(x == 7).all()' normal:7:0
	numbers '(x == 7).all()' integers:7:8
	numbers '(x == 0).all()' bernoulli:0
	numbers '(x == 1).all()' bernoulli:1
	numbers 'x.min() < -2**62 and x.max() > 2**62' integers:-9223372036854775808:9223372036854775807
	numbers 'np.isfinite(x).all()' uniform:-1e300:1e300 -t f8
}

@test "npy-random: -t gives another type, rounded and clamped" {
	numbers 'x.dtype == "u1" and x.min() == 0 and x.max() == 255' normal:128:100 -t u1
	numbers 'x.dtype == "i8" and set(x) == {-1, 0, 1}' uniform:-1:1 -t i8
	numbers 'x.dtype == "f8" and set(x) == {0, 1}' bernoulli:.5 -t '<f8'
	npy-random -t f8 normal 99 | npy-calc -t f4 a | cmp - <(npy-random normal 99)
}

@test "npy-random: the same seed gives the same bytes, another one others" {
	for d in uniform normal integers:0:100 bernoulli:.5 permutation; do
		cmp <(npy-random $d 99) <(npy-random -s 1 $d 99)
		run ! cmp -s <(npy-random -s 2 $d 99) <(npy-random $d 99)
	done
}

@test "npy-random: an element depends on its index and not on the shape" {
	for d in uniform normal integers:0:100 bernoulli:.5; do
		npy-random $d 40000 >long.npy
		npy-random $d 17 | cmp - <(npy-slice :17 long.npy)
		npy-random $d 4,100,100 | cmp - <(numpy 'put(get("long.npy")[0].reshape(4, 100, 100))')
	done
}

@test "npy-random: distributions and seeds are independent of each other" {
	{
		npy-random -t f8 uniform 60000
		npy-random -t f8 normal 60000
		npy-random -t f8 bernoulli:.5 60000
		npy-random -t f8 -s 2 uniform 60000
		npy-random -t f8 -s 4294967297 uniform 60000
	} >x.npy
	numpy 'r = np.corrcoef(get("x.npy")) - np.eye(5); assert abs(r).max() < .017, r'
	numpy 'x = get("x.npy")[1]; r = np.corrcoef(x[1:], x[:-1])[0, 1]; assert abs(r) < .017, r'
}

@test "npy-random: shapes, as written and as npy-info shows them" {
	while IFS='|' read -r written shown; do
		npy-random bernoulli:1 "$written" | npy-info | grep -qF "$(printf '\t%s\t' "$shown")"
	done <<-'E'
		10,28,28|(10,28,28)
		(10,28,28)|(10,28,28)
		5|(5,)
		5,|(5,)
		(5,)|(5,)
		()|()
		0,3|(0,3)
		1,1,1,1,1,1,1,2|(1,1,1,1,1,1,1,2)
	E
	for shape in '' ',' '1,,2' ',1' '(1' '1)' '1))' x 3x3 -1 1,-1 1.5 0x3 '1 2'; do
		refuses "is not a shape" "npy-random uniform '$shape'"
	done
	refuses "too large" 'npy-random uniform 99999999999999999999'
	refuses "too large" 'npy-random uniform 4294967296,4294967296'
	refuses "too large" 'npy-random uniform 0,4294967296,4294967296'
	refuses "more than 8 dimensions" 'npy-random uniform 1,1,1,1,1,1,1,1,1'
}

@test "npy-random: what is no distribution is refused" {
	while IFS='|' read -r text message; do
		refuses "$message" "npy-random '$text' 3"
	done <<-'E'
		gauss|'gauss' is not one of uniform, normal, integers
		|'' is not one of
		uniform:1|'uniform:1': expected uniform:LO:HI
		uniform:1:2:3|expected uniform:LO:HI
		uniform:1:2:3:4:5|expected uniform:LO:HI
		uniform::|uniform:LO: '' is not a number
		uniform:2:1|uniform:LO:HI: 1 is not between
		uniform:0:inf|uniform:LO:HI: inf
		normal:nan:1|normal:MEAN
		normal:0:-1|normal:MEAN:SD: -1
		integers|expected integers:LO:HI
		integers:5:5|no integer is from 5 to below 5
		integers:0:1.5|integers:LO:HI
		bernoulli|expected bernoulli:P
		bernoulli:1.1|bernoulli:P: 1.1
		permutation:3|expected permutation
	E
	refuses "--type: 'i4' is not one of u1, i8, f4, f8" 'npy-random -t i4 uniform 3'
	refuses "too few operands" 'npy-random uniform'
	refuses "--seed" 'npy-random -s -1 uniform 3'
}

@test "npy-random: memory does not grow with the array" {
	small 'npy-random uniform 100,400000 | npy-reduce max >/dev/null'
}

@test "npy-random: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-random uniform 3 >/dev/full'
	pipe 'npy-random uniform 1000000,1000000 | head -c 100 >/dev/null'
}

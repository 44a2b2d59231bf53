load helper

# A data set of twelve: the images are their index, four times; the labels as below.
setup_file() {
	numpy '
n = np.arange(12, dtype="u1")
put(n.repeat(4).reshape(12, 2, 2), np.array([3, 0, 1, 3, 2, 0, 0, 1, 3, 2, 2, 0], "u1"))' >"$BATS_FILE_TMPDIR/set.npy"
}

setup() {
	cp "$BATS_FILE_TMPDIR/set.npy" .
}

# picks 'ROW ROW ...|OPTIONS' ...: with the options these rows of every array are written, and --indices says
# so
picks() {
	local i=0 rows=()
	for case; do
		rows+=("rows(${case%%|*})")
	done
	expect 'arrays = get("set.npy")
def rows(*wanted):
    i = np.array(wanted, "i8")
    return i, *(a[i] for a in arrays)' "${rows[@]// /, }"
	for case; do
		# shellcheck disable=SC2086 # several words
		cmp <(npy-pick ${case#*|} --indices set.npy; npy-pick ${case#*|} set.npy) expected.$((i++)) ||
			{ echo "$case"; return 1; }
	done
}

@test "npy-pick: without options it is the identity" {
	cmp set.npy <(npy-pick <set.npy)
	picks '0 1 2 3 4 5 6 7 8 9 10 11|'
}

@test "npy-pick: by label, in the order of the rows" {
	picks '0 3 8|-l 3' \
		'0 1 3 5 6 8 11|-l 3,0' \
		'2 4 7 9 10|-l 1:3' \
		'0 1 3 4 5 6 8 9 10 11|-l :1,2:' \
		'|-l 7' \
		'|-l -1'
}

@test "npy-pick: by index, in the order of the list" {
	picks '3 11 3 5 6 7|-i 3,-1,3,5:8' \
		'11 10 9|-i :8:-1' \
		'|-i 5:5'
}

@test "npy-pick: by an array of indices, which --indices writes" {
	numpy 'put(np.array([4, -12, 4], "i2"))' >i.npy
	picks '4 0 4|-I i.npy'
	npy-pick -n 5 --indices set.npy | npy-pick -I - set.npy | cmp - <(npy-pick -n 5 set.npy)
}

@test "npy-pick: by a mask of any type" {
	for type in b1 u1 i8 f4 f8; do
		numpy "put(np.array([0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0], '$type'))" >m.npy
		picks '2 7 8|-m m.npy' \
			'8 2|-i ::-1 -m m.npy -c 2 -l 1,3 -i 8,2'
	done
}

@test "npy-pick: in the order of an array, equal rows as they are and NaN last" {
	numpy 'put(np.array([5, 3, np.nan, 3, -np.inf, 9, 0, 3, np.inf, -1, np.nan, 2]))' >by.npy
	picks '4 9 6 11 1 3 7 0 5 8 2 10|-b by.npy' \
		'8 5 0 1 3 7 11 6 9 4 2 10|-b by.npy -r' \
		'8 5 0|-r -b by.npy -c 3' \
		'8 0|-l 3 -b by.npy -r -c 2' \
		'5 7 9 8|-b by.npy -r -f 1' \
		'9 1 1 0|-b by.npy -i 0,1,9,1'
	numpy 'put(np.arange(12)[::-1] * 2**40)' >by.npy
	picks '11 10 9 8 7 6 5 4 3 2 1 0|-b by.npy'
}

@test "npy-pick: the others are all that is left out" {
	picks '1 2 4 5 6 7 9 10 11|-l 3 --others' \
		'|--others' \
		'0 1 2 3 4 5 6 7 8 9 10 11|-i 5:5 --others' \
		'0 2 4 5 6 7 8 9 10 11|-i 3,1,3 --others'
	cmp <(npy-pick -n 5 --indices set.npy | npytotsv | cat - <(npy-pick -n 5 --others --indices set.npy | npytotsv) | sort -n) <(seq 0 11)
}

@test "npy-pick: the first of each class, ordered by class" {
	picks '1 2 4 0|-f 1' \
		'1 5 6 11 2 7 4 9 10 0 3 8|-f 99' \
		'11 7 10 8|-i ::-1 -f 1' \
		'|-f 0'
}

@test "npy-pick: -l and then the first of what is left" {
	picks '0 3|-l 3 -c 2' \
		'0 3 8|-l 3 -c 99' \
		'|-c 0'
}

@test "npy-pick: a random sample is without replacement, seeded, and begins the larger one" {
	npy-pick -n 12 -s 5 --indices set.npy >all.npy
	numpy 'a, = get("all.npy"); put(np.sort(a))' | cmp - <(numpy 'put(np.arange(12))')
	for n in 0 1 7; do
		npy-pick -n "$n" -s 5 --indices set.npy | cmp - <(npy-slice ":$n" all.npy)
	done
	run ! cmp all.npy <(npy-pick -n 12 -s 6 --indices set.npy)
	npy-pick -l 0 -n 4 --indices set.npy >zeros.npy
	numpy 'a, = get("zeros.npy"); put(np.sort(a))' | cmp - <(numpy 'put(np.array([1, 5, 6, 11]))')
}

@test "npy-pick: every row is drawn equally often" {
	# 200 seeds, 6 of 12 rows: each is expected 100 times, with a standard deviation of 7
	for seed in {1..200}; do
		npy-pick -n 6 -s "$seed" --indices set.npy
	done >drawn.npy
	numpy 'n = np.bincount(np.concatenate(get("drawn.npy")), minlength=12)
assert n.sum() == 1200 and n.min() > 70 and n.max() < 130, n'
}

@test "npy-pick: the labels are the last list of integers; other arrays come along" {
	numpy 'put(np.array([1, 2]), np.array([5, 6]), np.array([.5, .25]), np.eye(2))' >set.npy
	picks '1|-l 6'
	numpy 'put(np.array([.5, .25]))' >real.npy
	npy-pick -i 1 real.npy | cmp - <(numpy 'put(np.array([.25]))')
	refuses "no labels" 'npy-pick -l 1 real.npy'
	refuses "no labels" 'npy-pick -f 1 real.npy'
}

@test "npy-pick: no rows at all" {
	numpy 'put(np.zeros((0, 3, 3)), np.zeros(0, int))' >set.npy
	picks '|-l 3' \
		'|-f 3' \
		'|-n 0'
	refuses "not one of the 0 rows" 'npy-pick -i 0 set.npy'
}

@test "npy-pick: rows that are not there are refused" {
	refuses "--index: 12 is not one of the 12 rows" 'npy-pick -i 3,12 set.npy'
	refuses "--index: -13 is not" 'npy-pick -i -13 set.npy'
	numpy 'put(np.array([0, 12]))' >i.npy
	refuses "i.npy: 12 is not one of the 12 rows" 'npy-pick -I i.npy set.npy'
	refuses "--random asks for 13 rows, found 12" 'npy-pick -n 13 set.npy'
	refuses "4000000000000000000 rows, found 12" 'npy-pick -n 4000000000000000000 set.npy'
	refuses "--random asks for 5 rows, found 4" 'npy-pick -l 0 -n 5 set.npy'
}

@test "npy-pick: what makes no sense is refused" {
	refuses "is not a list" 'npy-pick -i 3,x set.npy'
	refuses "is not a list" 'npy-pick -i ... set.npy'
	refuses "is not a list" 'npy-pick -l 3,x set.npy'
	refuses "is not a list" 'npy-pick -l 1:5:2 set.npy'
	refuses "--random" 'npy-pick -n -1 set.npy'
	refuses "cannot be combined" 'npy-pick -i 1 -I set.npy set.npy'
	refuses "only one of" 'npy-pick -m - <set.npy'
	numpy 'put(np.zeros((12, 1)))' >m.npy
	refuses "m.npy: expected shape (12,)" 'npy-pick -m m.npy set.npy'
	refuses "m.npy: expected shape (12,)" 'npy-pick -b m.npy set.npy'
	refuses "--by, which is missing" 'npy-pick -r set.npy'
	refuses "m.npy: expected an array of shape (K,)" 'npy-pick -I m.npy set.npy'
	numpy 'put(np.zeros(12))' >m.npy
	refuses "m.npy: expected indices, found elements of type <f8" 'npy-pick -I m.npy set.npy'
}

@test "npy-pick: arrays with different numbers of rows are refused" {
	numpy 'put(np.zeros((3, 2)), np.zeros(2))' >x.npy
	refuses "x.npy: array 1: expected 3 rows as in array 0, found shape (2,)" 'npy-pick x.npy'
	numpy 'put(np.zeros(()))' >x.npy
	refuses "scalar" 'npy-pick x.npy'
	refuses "truncated" 'head -c -1 set.npy | npy-pick -i 0'
}

@test "npy-pick: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'npy-pick -i 0 set.npy >/dev/full'
	zeros 3000000 >big.npy
	pipe 'npy-pick big.npy | head -c 100 >/dev/null'
}

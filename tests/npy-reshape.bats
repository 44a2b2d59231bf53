load helper

# same SHAPE ...: each gives what NumPy gives for x, of shape (4,5,6)
same() {
	local i=0 expressions=("${@/#/x.reshape(}")
	numpy 'put(np.arange(120, dtype="i2").reshape(4, 5, 6))' >x.npy
	expect 'x = get("x.npy")[0].astype("i8")' "${expressions[@]/%/)}"
	for s; do
		npy-reshape "$s" x.npy >found.npy
		cmp found.npy expected.$((i++)) || { echo "$s"; return 1; }
	done
}

@test "npy-reshape: shapes, with one size left open, are NumPy's" {
	same 120 '(120,)' 6,5,4 -1 '(-1,)' -1,6 2,-1,2 60,-1 '(1,-1,120)' 1,1,1,120,1,1,1,1 120,-1
}

@test "npy-reshape: there and back changes nothing" {
	numpy 'put(np.random.default_rng(1).normal(size=(3, 40000)))' >x.npy
	npy-reshape 300,-1,4 x.npy | npy-reshape 3,-1 | cmp - x.npy
}

@test "npy-reshape: a scalar, and arrays without elements" {
	array f4 '[7]' | npy-reshape '()' | cmp - <(array f4 7)
	array u1 7 | npy-reshape 1,1 | cmp - <(array u1 '[[7]]')
	npy '|u1' '(0, 3)' | npy-reshape 5,0 | cmp - <(npy '|u1' '(5, 0)' | npy-slice :)
	npy '|u1' '(0, 3)' | npy-reshape -1,3 | cmp - <(npy '|u1' '(0, 3)' | npy-slice :)
}

@test "npy-reshape: every array of the stream, of any type" {
	numpy 'put(*(np.arange(n).astype(t) for n, t in zip((4, 6, 8), "u1 i8 f4".split())))' >x.npy
	npy-reshape 2,-1 x.npy | cmp - <(numpy 'put(*(a.reshape(2, -1) for a in get("x.npy")))')
}

@test "npy-reshape: what is no shape is refused" {
	array u1 '[1]' >x.npy
	for s in '' ',' '3,,4' -2,4 -1,-1 -1,-4 3-1 -10 -1x '(3,4' '3,4)' 3.5 x 1,1,1,1,1,1,1,1,1 \
		99999999999999999999 4294967296,4294967296; do
		refuses "shape" "npy-reshape '$s' x.npy"
	done
}

@test "npy-reshape: another number of elements is refused" {
	refuses "the 6 elements of shape (2,3) do not fit the shape 4,2" 'array u1 "[[1]*3]*2" | npy-reshape 4,2'
	refuses "do not fit the shape 4,-1" 'array u1 "[[1]*3]*2" | npy-reshape 4,-1'
	refuses "do not fit the shape 0,-1" 'array u1 "[[1]*3]*2" | npy-reshape 0,-1'
	refuses "do not fit the shape 0,-1" 'npy "|u1" "(0, 3)" | npy-reshape 0,-1'
}

@test "npy-reshape: what is truncated is refused" {
	run -2 --separate-stderr pipe 'array u1 "[[1]*3]*2" | head -c -1 | npy-reshape 6'
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *"lacks its last 1 bytes"* ]]
}

@test "npy-reshape: memory does not grow with the array" {
	small 'zeros 300000000 | npy-reshape -1,1000 | tail -c 1 | cmp - <(head -c 1 /dev/zero)'
}

@test "npy-reshape: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'array u1 [1] | npy-reshape 1,1 >/dev/full'
	zeros 1000000 >x.npy
	pipe 'npy-reshape 1000,1000 x.npy | head -c 1 >/dev/null'
}

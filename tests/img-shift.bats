load helper

setup_file() {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 6, 7)).astype("u1"))' >"$BATS_FILE_TMPDIR/x.npy"
}

setup() {
	cp "$BATS_FILE_TMPDIR/x.npy" .
}

# same 'EXPRESSION|ARGUMENTS' ...: what img-shift makes of x.npy is what NumPy makes of it, given
# nearest, zero and wrap, functions of (images, x, y)
same() {
	local i=0
	expect "
def padded(x, dx, dy, **how):
    H, W = x.shape[-2:]
    border = [(0, 0)] * (x.ndim - 2) + [(abs(dy), abs(dy)), (abs(dx), abs(dx))]
    top, left = abs(dy) - dy, abs(dx) - dx
    return np.pad(x, border, **how)[..., top:top + H, left:left + W]
def nearest(x, dx, dy): return padded(x, dx, dy, mode='edge')
def zero(x, dx, dy): return padded(x, dx, dy, mode='constant')
def wrap(x, dx, dy): return np.roll(x, (dy, dx), (-2, -1))
x = get('x.npy')[0]" "${@%%|*}"
	for case; do
		# shellcheck disable=SC2086 # several words
		img-shift ${case#*|} x.npy >found.npy
		cmp found.npy expected.$((i++)) || { echo "$case"; return 1; }
	done
}

@test "img-shift: every border, in every direction, is NumPy's" {
	local cases=()
	for border in nearest zero wrap; do
		for by in '3 0' '-3 0' '0 2' '0 -2' '1 -1' '-6 5' '0 0'; do
			cases+=("$border(x, ${by/ /, })|-x ${by/ / -y } -b $border")
		done
	done
	same "${cases[@]}" 'nearest(x, 2, -1)|-x 2 -y -1' 'wrap(x, 0, 1)|-y1 --border=wrap' 'x|'
}

@test "img-shift: positive is right and down" {
	array u1 '[[1, 2, 3], [4, 5, 6], [7, 8, 9]]' >x.npy
	diff <(img-shift -x 1 -b zero x.npy | elements) - <<<'|u1 (3, 3) 0 1 2 0 4 5 0 7 8'
	diff <(img-shift -y 1 -b zero x.npy | elements) - <<<'|u1 (3, 3) 0 0 0 1 2 3 4 5 6'
	diff <(img-shift -x -1 x.npy | elements) - <<<'|u1 (3, 3) 2 3 3 5 6 6 8 9 9'
}

@test "img-shift: as far as the image is large, and farther" {
	local cases=()
	for border in nearest zero wrap; do
		for by in '7 6' '-7 -6' '20 0' '0 -13' '-8 7'; do
			cases+=("$border(x, ${by/ /, })|-x ${by/ / -y } -b $border")
		done
	done
	same "${cases[@]}" 'np.broadcast_to(x[:, :1, -1:], x.shape)|-x -281474976710656 -y 281474976710656' \
		'0 * x|-x 281474976710656 -b zero' \
		'wrap(x, -(2 ** 48) % 7, 2 ** 48 % 6)|-x -281474976710656 -y 281474976710656 -b wrap'
}

@test "img-shift: every type, channels and a single image" {
	for type in f4 f8 i8; do
		numpy "put(np.random.default_rng(1).normal(0, 99, (2, 3, 6, 5)).astype('$type'))" >x.npy
		same 'nearest(x, 2, -1)|-x 2 -y -1' 'zero(x, -2, 4)|-x -2 -y 4 -b zero' 'wrap(x, -2, 4)|-x -2 -y 4 -b wrap'
	done
	array f4 '[[1, 2, 3], [4, 5, float("nan")]]' >x.npy
	same 'nearest(x, 1, 0)|-x 1'
}

@test "img-shift: wrapped there and back changes nothing" {
	img-shift -x 5 -y -9 -b wrap x.npy | img-shift -x -5 -y 9 -b wrap | cmp - x.npy
	img-shift -x -6 -y 4 -b zero x.npy | img-shift -x 12 -y -8 -b zero | npy-info | cut -f 3-4 | grep -Fx $'0\t0'
}

@test "img-shift: a data set becomes a data set" {
	cat x.npy <(array i8 '[5, 0, 7]') | img-shift -x 2 >data.npy
	npy-slice -k 1 data.npy | cmp - <(array i8 '[5, 0, 7]')
	npy-slice -k 0 data.npy | cmp - <(img-shift -x 2 x.npy)
	refuses "expected labels (3,) or the end" 'cat x.npy x.npy | img-shift >moved.npy'
	refuses "array 2" 'cat x.npy <(array u1 "[5, 0, 7]") <(echo more) | img-shift >moved.npy'
}

@test "img-shift: no images, and images without pixels" {
	for shape in '(0, 28, 28)' '(3, 0, 5)' '(2, 1, 5, 0)' '(1099511627776, 0, 5)' '(1, 1099511627776, 0)'; do
		npy '|u1' "$shape" >none.npy
		for border in nearest zero wrap; do
			img-shift -x 3 -y 4 -b $border none.npy | npy-info | grep -F "${shape//, /,}"
		done
	done
}

@test "img-shift: what it cannot do is refused" {
	refuses "expected images" 'array u1 "[1, 2]" | img-shift'
	refuses "expected images" 'zeros 32 | npy-reshape 2,2,2,2,2 | img-shift'
	for number in 1.5 a '' 99999999999999999999; do
		refuses "-x: " "img-shift -x '$number' x.npy"
		refuses "-y: " "img-shift -y '$number' x.npy"
	done
	refuses "--border: " 'img-shift -b reflect x.npy'
	size=$(wc -c <x.npy)
	refuses "lacks its last 1 bytes" "head -c $((size - 1)) x.npy | img-shift >moved.npy"
}

@test "img-shift: memory does not grow with the images, nor with what a head alone claims" {
	small 'zeros 156800000 | npy-reshape -1,28,28 | img-shift -x 3 | tail -c 1 | cmp - <(printf "\0")'
	refuses "truncated" 'ulimit -v 100000; npy "|u1" "(1, 20000000, 1)" | img-shift'
}

@test "img-shift: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-shift x.npy >/dev/full'
	zeros 7840000 | npy-reshape -1,28,28 >many.npy
	pipe 'img-shift many.npy | head -c 1 >/dev/null'
}

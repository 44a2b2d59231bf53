load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	numpy '
r = np.random.default_rng(1)
put(r.integers(0, 256, (5, 9, 12)).astype("u1"), np.arange(5))' >data.npy
	npy-slice -k 0 data.npy >x.npy
	numpy 'put(np.random.default_rng(2).integers(0, 5, (3, 2, 7, 70)).astype("u1"))' >ties.npy
	numpy 'put(np.random.default_rng(3).normal(0, 1e9, (4, 3, 70)))' >f8.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# The median as the manual defines it: NumPy sorts the pixels of each window.
definition='
def median(x, rows, columns):
    y = np.pad(x, [(0, 0)] * (x.ndim - 2) + [(rows // 2, rows - 1 - rows // 2), (columns // 2, columns - 1 - columns // 2)], mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(y, (rows, columns), (-2, -1))
    return np.sort(windows.reshape(*x.shape, -1), -1)[..., rows * columns // 2]'

sizes='1,1 2,2 3,3 2,3 3,2 1,4 5,1 4,4 5,5 7,7 8,9 31,31'

@test "img-median: every size and type is what NumPy sorts" {
	local cases=()
	for file in x ties f8; do
		for size in $sizes; do
			cases+=("median(get('$file.npy')[0], $size)")
		done
	done
	expect "$definition" "${cases[@]}"
	local i=0
	for file in x ties f8; do
		for size in $sizes; do
			img-median -s "${size/,/x}" $file.npy | cmp - expected.$i || { echo "$file $size"; return 1; }
			i=$((i + 1))
		done
	done
}

@test "img-median: SciPy's, where it is installed" {
	/usr/bin/python3 -c 'import scipy.ndimage' 2>/dev/null || skip "no SciPy"
	for size in $sizes; do
		for file in x ties f8; do
			numpy "
from scipy.ndimage import median_filter
x = get('$file.npy')[0]
put(median_filter(x, (1,) * (x.ndim - 2) + ($size), mode='reflect'))" >want.npy
			img-median --size "${size/,/x}" $file.npy | cmp - want.npy || { echo "$file $size"; return 1; }
		done
	done
}

@test "img-median: the default is 2x2, of which it takes the upper middle value" {
	array u1 '[[1, 2, 3], [4, 5, 6], [7, 8, 9]]' >small.npy
	diff <(img-median small.npy | elements) - <<<'|u1 (3, 3) 1 2 3 4 4 5 7 7 8'
	cmp <(img-median x.npy) <(img-median -s 2x2 x.npy)
	diff <(img-median -s 3 small.npy | elements) - <<<'|u1 (3, 3) 2 3 3 4 5 6 7 7 8'
}

@test "img-median: pixels of every type" {
	img-median -s 3x4 x.npy >want.npy
	for type in f4 f8 i8; do
		npy-calc -t $type a x.npy | img-median -s 3x4 >found.npy
		npy-diff --any-type want.npy found.npy
		npy-info found.npy | grep -q "^<$type"
	done
	# Numbers that a float does not tell apart, and minus zero.
	array i8 '[[2**62 + 1, 2**62, 2**62 + 2, -2**62]]' >large.npy
	diff <(img-median -s 1x3 large.npy | elements) - <<<"<i8 (1, 4) $(((1 << 62) + 1)) $(((1 << 62) + 1)) $((1 << 62)) -$((1 << 62))"
}

@test "img-median: a data set becomes a data set, one image or none stay what they are" {
	img-median data.npy | npy-slice -k 1 | cmp - <(npy-slice -k 1 data.npy)
	cmp <(img-median data.npy | npy-slice -k 0) <(img-median x.npy)
	cmp <(npy-slice 2 x.npy | img-median) <(img-median x.npy | npy-slice 2)
	for shape in '(0, 28, 28)' '(3, 0, 5)' '(2, 1, 5, 0)' '(1099511627776, 0, 5)'; do
		npy '|u1' "$shape" | img-median | npy-info | grep -F "${shape//, /,}"
	done
}

@test "img-median: the same bytes with any number of threads, in any part" {
	numpy 'put(np.random.default_rng(4).integers(0, 256, (5000, 20, 21)).astype("u1"))' >many.npy
	img-median -s 3 many.npy >all.npy
	OMP_NUM_THREADS=3 img-median -s 3 many.npy | cmp - all.npy
	npy-slice 3333:3399 many.npy | img-median -s 3 | cmp - <(npy-slice 3333:3399 all.npy)
}

@test "img-median: what it cannot do is refused" {
	refuses "a pixel is NaN or infinite" 'array f4 "[[1, np.nan]]" | img-median'
	refuses "a pixel is NaN or infinite" 'array f8 "[[1, np.inf]]" | img-median'
	refuses "--size: 0 is not between 1 and 31" 'img-median -s 0 x.npy'
	refuses "--size: 32 is not between 1 and 31" 'img-median -s 2x32 x.npy'
	refuses "--size: '3x' is not" 'img-median -s 3x3x x.npy'
	refuses "expected images" 'array u1 "[1, 2]" | img-median'
	refuses "truncated" 'head -c -1 x.npy | img-median'
	refuses "expected labels (5,) or the end" 'cat x.npy x.npy | img-median >out.npy'
}

@test "img-median: memory does not grow with the images, nor with what a head alone claims" {
	small 'zeros 156800000 | npy-reshape -1,28,28 | img-median | tail -c 1 | wc -c | grep -x 1'
	refuses "truncated" 'ulimit -v 100000; npy "|u1" "(1, 20000000, 1)" | img-median'
}

@test "img-median: progress is shown when asked for; a full disk is an error, a reader that went away is none" {
	run -0 --separate-stderr pipe 'img-median x.npy >out.npy'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'img-median -v x.npy >out.npy'
	[[ $stderr == "img-median: 5/5 images"* ]]
	zeros 7840000 | npy-reshape -1,28,28 >zeros.npy
	pipe 'img-median zeros.npy | head -c 1 >/dev/null'
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-median x.npy >/dev/full'
}

load helper

setup_file() {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 6, 7)).astype("u1"))' >"$BATS_FILE_TMPDIR/x.npy"
}

setup() {
	cp "$BATS_FILE_TMPDIR/x.npy" .
}

# same 'EXPRESSION|ARGUMENTS' ...: what img-occlude makes of x.npy is what NumPy makes of it, given
# occlude(images, rows, columns, step, centered, cover)
same() {
	local i=0
	expect "
def occlude(x, h, w, step=(1, 1), centered=False, cover=128):
    H, W = x.shape[-2:]
    cover = np.broadcast_to(np.asarray(cover, x.dtype), x.shape)
    ys = [y - h // 2 for y in range(0, H, step[0])] if centered else range(0, H - h + 1, step[0])
    xs = [c - w // 2 for c in range(0, W, step[1])] if centered else range(0, W - w + 1, step[1])
    copies = []
    for image, other in zip(x, cover):
        for top in ys:
            for left in xs:
                rows, columns = np.ogrid[:H, :W]
                hit = (rows >= top) & (rows < top + h) & (columns >= left) & (columns < left + w)
                copies.append(np.where(hit, other, image))
    return np.array(copies, x.dtype)
x = get('x.npy')[0]" "${@%%|*}"
	for case; do
		# shellcheck disable=SC2086 # several words
		img-occlude ${case#*|} x.npy >found.npy
		cmp found.npy expected.$((i++)) || { echo "$case"; return 1; }
	done
}

@test "img-occlude: patches inside, of any size and stride, are NumPy's" {
	same 'occlude(x, 3, 3)|-p 3' \
		'occlude(x, 2, 5)|-p 2x5' \
		'occlude(x, 6, 7)|-p 6x7 -i' \
		'occlude(x, 1, 1)|-p 1x1' \
		'occlude(x, 3, 2, (2, 2))|-p 3x2 -S 2' \
		'occlude(x, 3, 2, (1, 4))|-p 3x2 -S 1x4' \
		'occlude(x, 3, 2, (9, 9))|-p 3x2 -S 9'
}

@test "img-occlude: centered patches hang over the edges" {
	same 'occlude(x, 3, 3, centered=True)|-p 3 --centered' \
		'occlude(x, 2, 4, centered=True)|-p 2x4 -c' \
		'occlude(x, 15, 15, centered=True)|-c' \
		'occlude(x, 3, 5, (2, 3), True)|-p 3x5 -S 2x3 -c'
}

@test "img-occlude: there are 196 places inside for 15x15 of 28x28, and 784 centered" {
	zeros 784 | npy-reshape 28,28 >zero.npy
	img-occlude zero.npy | npy-info | grep -F $'|u1\t(196,28,28)\t'
	img-occlude -c zero.npy | npy-info | grep -F $'|u1\t(784,28,28)\t'
}

@test "img-occlude: the gray is the type's own, and fits it" {
	same 'occlude(x, 3, 3, cover=0)|-p 3 -f 0' 'occlude(x, 3, 3, cover=255)|-p 3 --fill 255'
	for type in f4 f8; do
		numpy "put(np.random.default_rng(1).normal(100, 99, (2, 6, 5)).astype('$type'))" >x.npy
		same 'occlude(x, 3, 3, cover=-3.7)|-p 3 -f -3.7'
	done
	numpy 'put(np.arange(30).reshape(1, 6, 5))' >x.npy
	same 'occlude(x, 3, 3, cover=-1000)|-p 3 -f -1000'
	for gray in -1 256 127.5; do
		refuses "--fill: $gray cannot be a pixel of type |u1" "zeros 9 | npy-reshape 3,3 | img-occlude -p 2 -f $gray"
	done
	refuses "cannot be a pixel of type <i8" 'array i8 "[[1]]" | img-occlude -p 1 -f 0.5'
}

@test "img-occlude: channels are covered together" {
	numpy 'put(np.random.default_rng(1).normal(size=(2, 3, 6, 5)).astype("f4"))' >x.npy
	same 'np.stack([occlude(x[:, c], 3, 3) for c in range(3)], 1)|-p 3' \
		'np.stack([occlude(x[:, c], 3, 3, centered=True) for c in range(3)], 1)|-p 3 -c'
}

@test "img-occlude: --with shows another image through the patch, one for all or one each" {
	numpy 'put(np.random.default_rng(2).integers(0, 256, (3, 6, 7)).astype("u1"))' >others.npy
	npy-slice 1 others.npy >other.npy
	npy-slice 1:2 others.npy >one.npy
	npy-calc -t f4 'a + 0.25' others.npy >floats.npy
	same 'occlude(x, 3, 3, cover=get("others.npy")[0])|-p 3 -w others.npy' \
		'occlude(x, 3, 3, cover=get("others.npy")[0][1], centered=True)|-p 3 -c --with other.npy' \
		'occlude(x, 3, 3, cover=get("others.npy")[0][1])|-p 3 -w one.npy' \
		'occlude(x, 3, 3, cover=get("others.npy")[0])|-p 3 -w floats.npy'
}

@test "img-occlude: covering an image with its own pixels changes nothing" {
	img-occlude -p 3 -c --with x.npy x.npy | npy-reshape 3,-1,6,7 >copies.npy
	numpy 'c, = get("copies.npy"); assert c.shape[1] == 42 and (c == get("x.npy")[0][:, None]).all()'
}

@test "img-occlude: a data set becomes a data set" {
	cat x.npy <(array i8 '[5, 0, 7]') | img-occlude -p 3 >data.npy
	npy-slice -k 1 data.npy | cmp - <(numpy 'put(np.repeat(np.array([5, 0, 7]), 20))')
	npy-slice -k 0 data.npy | cmp - <(img-occlude -p 3 x.npy)
	refuses "expected labels (3,) or the end" 'cat x.npy x.npy | img-occlude -p 3 >copies.npy'
}

@test "img-occlude: no images, and images without pixels, give no copies" {
	npy '|u1' '(0, 28, 28)' | img-occlude | npy-info | grep -F '(0,28,28)'
	{ npy '|u1' '(3, 0, 28)'; array u1 '[1, 2, 3]'; } | img-occlude -c | npy-info | grep -F '(0,)'
}

@test "img-occlude: what it cannot do is refused" {
	refuses "a patch of 15x15 does not fit inside images of 6x7" 'img-occlude x.npy'
	refuses "a patch of 3x8 does not fit" 'img-occlude -p 3x8 x.npy'
	for size in 0 3x0 x3 3x 3x3x3 a -3 3.5 99999999999; do
		refuses "--patch: " "img-occlude -p '$size' x.npy"
		refuses "--stride: " "img-occlude -p 2 -S '$size' x.npy"
	done
	refuses "expected images" 'array u1 "[1, 2]" | img-occlude -p 1'
	refuses "cannot be combined" 'img-occlude -i -c x.npy'
	refuses "cannot be combined" 'img-occlude -f 3 -w x.npy x.npy'
	refuses "can come from standard input" 'img-occlude -w - <x.npy'
	refuses "expected one image, or one for each image" 'img-occlude -p 2 -w <(npy-slice 0:2 x.npy) x.npy'
	refuses "expected one image, or one for each image" 'img-occlude -p 2 -w <(npy-slice :,:,0:6 x.npy) x.npy'
	refuses "no-such-file" 'img-occlude -p 2 -w no-such-file x.npy'
	refuses "are too many" 'npy "|u1" "(1, 2000000, 2000000)" | img-occlude -p 1'
}

@test "img-occlude: memory does not grow with the images" {
	small 'zeros 7840000 | npy-reshape -1,28,28 | img-occlude -p 22 | tail -c 1 | cmp - <(printf "\200")'
}

@test "img-occlude: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-occlude -p 6x7 x.npy >/dev/full'
	zeros 7840000 | npy-reshape -1,28,28 >many.npy
	pipe 'img-occlude many.npy | head -c 1 >/dev/null'
}

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	numpy 'put(np.random.default_rng(1).integers(0, 256, (40, 9, 12), "u1"))' >x.npy
	numpy 'put(np.random.default_rng(2).integers(0, 256, (40, 9, 12)).astype("f4"))' >f.npy
	numpy 'put(np.random.default_rng(3).integers(0, 256, (7, 3, 10, 10), "u1"))' >color.npy
	cat x.npy <(array i8 'range(40)') >data.npy
}

setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	ln -s "$BATS_FILE_TMPDIR"/* .
}

# Each in one image of three of different sizes and types.
operations() {
	cat <<-'E'
		flip chance 0.5
		vflip chance 0.5
		shift -3:3 -2:2
		shift -3:3 -2:2 subpixel
		crop 4
		rotate -180:180
		zoom 0.7:1.3
		zoom 0.5:2 0.5:2
		shear -20:20
		shear -20:20 -10:10
		perspective 0.2
		elastic 34 4
		brightness -50:50
		contrast 0.3:2
		noise 30
		saltpepper 0.3
		erase 0.02:0.33
		erase 0.02:0.33 0.5:2 fill mean chance 0.5
		erase 0.9:1 fill 7
	E
}

# ---- against an independent hand ----

# near OPERATIONS: what img-augment makes of three arrays is what augment.py makes of them.  The places of pixels are
# floats, right to 1e-6 of a pixel or so, and neighbors differ by up to 255: 1e-3.  Bytes are rounded, too.
near() {
	local option=(--seed 5 --epoch 3 --first 1000) images within
	for images in x f color; do
		[ $images = f ] && within=1e-3 || within=0.501
		npy-slice :3 $images.npy >few.npy
		img-augment "${option[@]}" "$1" few.npy >found.npy
		/usr/bin/python3 "$BATS_TEST_DIRNAME/augment.py" "${option[@]}" "$1" <few.npy >want.npy
		npy-diff --any-type -r 0 -a $within want.npy found.npy ||
			{ echo "$1: $images"; return 1; }
	done
}

@test "img-augment: every operation is NumPy's, with draws of its own hand" {
	while read -r operation; do
		near "$operation"
	done < <(operations)
}

@test "img-augment: chains of operations and borders are NumPy's" {
	near 'flip, rotate 10:20, shift 1 2, zoom 0.8, border nearest'
	near 'border 100, shift 5 0, elastic 10 2, rotate -20:20, noise 3, perspective 0.1, flip'
	near 'rotate 5, brightness 40, shift 3 3'
	near 'shift 2 0 chance 0.5, vflip chance 0.5, erase 0.1:0.2 chance 0.5, crop 2 chance 0.5, border nearest'
	near 'zoom 0.3, border nearest, perspective 0.24'
}

# ---- by hand ----

# shows OPERATIONS IMAGE WANTED: three rows of three pixels
shows() {
	array u1 "[[${2// /,}]]" | npy-reshape 3,3 >small.npy
	diff <(img-augment "$1" small.npy | elements) - <<<"|u1 (3, 3) $3"
	diff <(npy-calc -t f4 a small.npy | img-augment "$1" | npy-calc -t u1 a | elements) - <<<"|u1 (3, 3) $3"
}

@test "img-augment: pixels move to where the manual says" {
	local image='1 2 3 4 5 6 7 8 9'
	shows flip "$image" '3 2 1 6 5 4 9 8 7'
	shows vflip "$image" '7 8 9 4 5 6 1 2 3'
	shows 'shift 1 0' "$image" '0 1 2 0 4 5 0 7 8'
	shows 'shift 0 -1' "$image" '4 5 6 7 8 9 0 0 0'
	shows 'shift 1 -1, border 9' "$image" '9 4 5 9 7 8 9 9 9'
	shows 'shift 1 -1, border nearest' "$image" '4 4 5 7 7 8 7 7 8'
	shows 'flip, shift 1 0' "$image" '0 3 2 0 6 5 0 9 8'
	shows 'shift 1 0, flip' "$image" '2 1 0 5 4 0 8 7 0'
	shows 'rotate 90' "$image" '3 6 9 2 5 8 1 4 7'
	shows 'rotate -90' "$image" '7 4 1 8 5 2 9 6 3'
	shows 'rotate 180' "$image" '9 8 7 6 5 4 3 2 1'
	shows 'rotate 45, rotate 45' "$image" '3 6 9 2 5 8 1 4 7'
	shows 'shear 45' "$image" '2 3 0 4 5 6 0 7 8'
	shows 'shear 0 45' "$image" '4 2 0 7 5 3 0 8 6'
	shows 'zoom 2' '0 0 0 0 8 0 0 0 0' '2 4 2 4 8 4 2 4 2'
	shows 'zoom 0.5' "$image" '0 0 0 0 5 0 0 0 0'
	shows 'zoom 1 0.5' "$image" '0 0 0 4 5 6 0 0 0'
	shows 'shift 0.5 0 subpixel' '0 8 16 0 8 16 0 8 16' '0 4 12 0 4 12 0 4 12'
	shows 'perspective 0' "$image" "$image"
	shows 'elastic 0 1' "$image" "$image"
	shows 'shift 5 5' "$image" '0 0 0 0 0 0 0 0 0'
	shows 'shift -1000000 0, flip, border nearest' "$image" '3 3 3 6 6 6 9 9 9'
	shows 'crop 0, shift 0 0, rotate 360, zoom 1' "$image" "$image"
}

@test "img-augment: pixels change as the manual says" {
	shows 'brightness 250' '0 1 2 3 4 5 6 7 8' '250 251 252 253 254 255 255 255 255'
	shows 'brightness -3' '0 1 2 3 4 5 6 7 8' '0 0 0 0 1 2 3 4 5'
	shows 'contrast 2' '0 10 20 30 40 50 60 70 80' '0 0 0 20 40 60 80 100 120'
	shows 'contrast 0' '0 10 20 30 40 50 60 70 80' '40 40 40 40 40 40 40 40 40'
	shows 'brightness 5 chance 0' '1 2 3 4 5 6 7 8 9' '1 2 3 4 5 6 7 8 9'
	shows 'noise 0' '1 2 3 4 5 6 7 8 9' '1 2 3 4 5 6 7 8 9'
	shows 'erase 1 1 fill 7' '1 2 3 4 5 6 7 8 9' '7 7 7 7 7 7 7 7 7'
	shows 'erase 1 1 fill mean' '1 2 3 4 5 6 7 8 9' '5 5 5 5 5 5 5 5 5'
	# A rectangle that fits no image is given up.
	shows 'erase 1 100' '1 2 3 4 5 6 7 8 9' '1 2 3 4 5 6 7 8 9'
	# Rounded once, after both.
	shows 'brightness 0.3, brightness 0.3' '1 2 3 4 5 6 7 8 9' '2 3 4 5 6 7 8 9 10'
}

# Five standard errors to each side.
@test "img-augment: what is drawn has the shares that the manual says" {
	zeros 4000000 | npy-reshape 4000,25,40 | npy-calc -t u1 'a + 100' >gray.npy
	img-augment 'saltpepper 0.2' gray.npy | npy-calc -t f8 'a == 0' | npy-reduce mean | npytotsv |
		awk '{ exit !($1 > 0.09925 && $1 < 0.10075) }'
	img-augment 'saltpepper 0.2' gray.npy | npy-calc -t f8 'a == 255' | npy-reduce mean | npytotsv |
		awk '{ exit !($1 > 0.09925 && $1 < 0.10075) }'
	img-augment 'noise 10' <(npy-calc -t f4 a gray.npy) | npy-info | awk -F '\t' 'NR == 2 { exit !($5 > 99.975 && $5 < 100.025 && $6 > 9.9823 && $6 < 10.0177) }'
	# Half of the images have a rectangle of 0.02 to 0.33 of their pixels, whatever its ratio.
	img-augment 'erase 0.02:0.33 chance 0.5 fill 0' gray.npy | npy-calc -t f8 'a == 0' | npy-reduce -a 1,2 mean >shares.npy
	npy-calc -t f8 'a > 0' shares.npy | npy-reduce mean | npytotsv | awk '{ exit !($1 > 0.46 && $1 < 0.54) }'
	npytotsv shares.npy | awk '$1 && ($1 < 0.017 || $1 > 0.345) { exit 1 }'
	# Every shift of 25 as often as any other, 160 times in 4,000 images: 12.4 is a standard error.
	numpy 'x = np.zeros((4000, 7, 7), "u1"); x[:, 3, 3] = 1; put(x)' >dots.npy
	img-augment 'shift -2:2 -2:2' dots.npy | npy-calc -t i8 a | npy-reduce -a 0 sum | npytotsv | tr '\t' '\n' |
		awk '$1 { n++; if ($1 < 98 || $1 > 222) exit 1 } END { exit n != 25 }'
}

# A ramp shows how far each pixel comes from the left or the right: 0.163 * 20 / 4 pixels, at the edges as in the middle.
# There are some 2,000 independent places, some 900 in a row: five standard errors are 8 % and 12 %.
@test "img-augment: elastic displaces by as much as the manual says" {
	numpy 'put(np.tile(np.arange(32, dtype="f4") * 8, (400, 32, 1)))' >ramp.npy
	img-augment 'elastic 20 4, border nearest' ramp.npy >moved.npy
	numpy 'x, y = get("ramp.npy")[0], get("moved.npy")[0]
d = (y - x)[:, :, 4:-4] / 8
want = 20 / 3 ** 0.5 / (2 * np.pi ** 0.5 * 4)
assert abs(d.std() / want - 1) < 0.08, d.std()
for row in (0, 15, 31):
    assert abs(d[:, row].std() / want - 1) < 0.12, (row, d[:, row].std())
assert abs(d.mean()) < 0.1, d.mean()'
}

# ---- what an image becomes depends on nothing but itself ----

@test "img-augment: the same in any order, in any part, with any number of threads" {
	while read -r operation; do
		OMP_NUM_THREADS=1 img-augment "$operation" data.npy >all.npy
		OMP_NUM_THREADS=3 img-augment "$operation" data.npy | cmp - all.npy
		cmp <(npy-slice -k 0 17:23 all.npy) <(npy-slice -k 0 17:23 data.npy | img-augment --first 17 "$operation")
		cmp <(npy-slice -k 0 5 all.npy) <(npy-slice -k 0 5 data.npy | img-augment --first 5 "$operation")
	done < <(
		operations
		echo 'flip chance 0.5, elastic 10 3, rotate -9:9, erase 0.1:0.3'
	)
}

# More than a megabyte, which is read in several blocks.
@test "img-augment: a large data set is changed as its parts are" {
	zeros 3000000 | npy-reshape 30000,10,10 | npy-calc -t u1 'row % 251' >large.npy
	img-augment 'shift -2:2 -2:2, erase 0.1:0.5' large.npy >all.npy
	cmp <(npy-slice 21111:21222 all.npy) <(npy-slice 21111:21222 large.npy | img-augment --first 21111 'shift -2:2 -2:2, erase 0.1:0.5')
}

@test "img-augment: seeds, epochs and images differ, and copies are epochs" {
	numpy 'put(get("x.npy")[0][[0, 0, 0, 0]])' >same.npy
	img-augment 'noise 30' same.npy >one.npy
	for k in 1 2 3; do
		run -1 cmp -s <(npy-slice 0 one.npy) <(npy-slice $k one.npy)
	done
	run -1 cmp -s one.npy <(img-augment -s 2 'noise 30' same.npy)
	run -1 cmp -s one.npy <(img-augment -e 2 'noise 30' same.npy)
	cmp one.npy <(img-augment --seed 1 --epoch 1 'noise 30' same.npy)
	img-augment -n 3 -e 4 'noise 30' data.npy >copies.npy
	for k in 0 1 2; do
		cmp <(npy-slice "$k::3" copies.npy) <(img-augment -e $((4 + k)) 'noise 30' data.npy)
	done
	npy-slice 0 x.npy | npy-slice -k 0 >alone.npy
	img-augment -n 2 'noise 30' alone.npy | npy-info | grep -F '(2,9,12)'
	img-augment 'noise 30' alone.npy | npy-info | grep -F '(9,12)'
	img-augment -n 0 flip data.npy | npy-info | grep -cF '(0,' | grep -x 2
}

@test "img-augment: channels move together, and have noise of their own" {
	numpy 'x = get("color.npy")[0]; put(np.repeat(x[:, :1], 3, 1))' >gray.npy
	img-augment 'rotate -30:30, elastic 34 4, perspective 0.1, flip chance 0.5, saltpepper 0.1' gray.npy >moved.npy
	cmp <(npy-slice ':,0' moved.npy) <(npy-slice ':,2' moved.npy)
	img-augment 'noise 9' gray.npy >noisy.npy
	run -1 cmp -s <(npy-slice ':,0' noisy.npy) <(npy-slice ':,2' noisy.npy)
}

@test "img-augment: images of every type keep it" {
	for type in f4 f8 i8 u1; do
		npy-calc -t $type a x.npy >typed.npy
		img-augment 'shift -2:2 -2:2, erase 0.1:0.3' typed.npy >out.npy
		npy-diff --any-type out.npy <(img-augment 'shift -2:2 -2:2, erase 0.1:0.3' x.npy)
		[ "$(npy-info out.npy | cut -f 1,2)" = "$(npy-info typed.npy | cut -f 1,2)" ]
	done
	img-augment 'rotate 7' <(npy-calc -t i8 a x.npy) | npy-diff --any-type - <(img-augment 'rotate 7' x.npy)
}

@test "img-augment: a data set becomes a data set" {
	img-augment flip data.npy | npy-slice -k 1 | cmp - <(array i8 'range(40)')
	img-augment -n 2 flip data.npy | npy-slice -k 1 | cmp - <(numpy 'put(np.repeat(np.arange(40), 2))')
	refuses "expected labels (40,) or the end" 'cat x.npy x.npy | img-augment flip >out.npy'
}

@test "img-augment: no images, and images without pixels" {
	for shape in '(0, 28, 28)' '(3, 0, 5)' '(2, 1, 5, 0)' '(1099511627776, 0, 5)' '(1, 1099511627776, 0)'; do
		npy '|u1' "$shape" >none.npy
		img-augment 'flip, erase 0.1:0.2' none.npy | npy-info | grep -F "${shape//, /,}"
	done
	npy '|u1' '(3, 0, 5)' | img-augment 'rotate 7, elastic 1 1' | npy-info | grep -F '(3,0,5)'
}

# ---- the text ----

@test "img-augment: commas, lines and comments are all the same" {
	img-augment 'flip chance 0.5, shift -2:2 0, erase 0.1 fill 3' x.npy >want.npy
	cmp want.npy <(img-augment $'# digits\n\n  flip   chance .5\t# half of them\n\nshift -2:2 +0,\n,erase 0.1 fill 3' x.npy)
	cmp want.npy <(img-augment $'flip chance 5e-1,shift -2:2 0,erase 0.1 0.3:3.3333333333333335 fill 3 chance 1\r\n' x.npy)
	cmp <(img-augment 'erase 0.1 chance 0.5 fill mean' x.npy) <(img-augment 'erase 0.1 fill mean chance 0.5' x.npy)
}

@test "img-augment: a text that is not understood is refused, with its line and column" {
	while IFS='|' read -r message text; do
		refuses "operations:$message" "img-augment \$'$text' x.npy" || { echo "$text"; return 1; }
	done <<-'E'
		1:1: expected an operation such as 'flip chance 0.5', found the end|
		2:3: expected an operation such as 'flip chance 0.5', found the end|# nothing\n, 
		1:12: expected an operation such as 'flip chance 0.5', found the end|border 100,
		1:1: expected an operation (border, flip, vflip|flop
		2:9: expected an operation (border, flip, vflip|flip\nvflip , flop
		1:6: flip: expected the end or chance, found '0.5'|flip 0.5
		1:13: flip: expected a probability such as 0.5, 0 to 1, found '2'|flip chance 2
		1:12: flip: expected a probability such as 0.5, 0 to 1, found the end|flip chance
		1:13: flip: expected a probability such as 0.5, 0 to 1, found '0:1'|flip chance 0:1
		1:17: flip: expected the end, found 'chance'|flip chance 0.5 chance 0.5
		1:8: shift: expected a shift down in pixels such as -2:2, within -1048576 to 1048576, found the end|shift 1
		1:7: shift: expected a shift to the right in pixels such as -2:2, within -1048576 to 1048576, found '2:1'|shift 2:1 0
		1:7: shift: expected a shift to the right|shift 1:2:3 0
		1:7: shift: expected a shift to the right|shift 1048577 0
		1:1: shift: a fraction of a pixel needs the word subpixel|shift 0.5 0
		1:11: shift: expected the end or chance or subpixel, found '0'|shift 1 1 0
		1:6: crop: expected a margin in pixels such as 4, a whole number 0 to 1048576, found '1.5'|crop 1.5
		1:6: crop: expected a margin|crop -1
		1:6: crop: expected a margin|crop 1:2
		1:8: rotate: expected degrees such as -10:10, within -360 to 360, found '-361:0'|rotate -361:0
		1:6: zoom: expected a factor such as 0.9:1.1, within 0.01 to 100, found '0'|zoom 0
		1:8: zoom: expected a factor of the height|zoom 1 -1
		1:7: shear: expected degrees along rows|shear 90
		1:13: perspective: expected a share of the size such as 0.1, within 0 to 0.24, found '0.25'|perspective 0.25
		1:11: elastic: expected a standard deviation in pixels such as 4, 0.1 to 100, found the end|elastic 34
		1:12: elastic: expected a standard deviation|elastic 34 3:4
		1:7: noise: expected a standard deviation such as 10, within 0 to 1000, found 'inf'|noise inf
		1:7: noise: expected a standard deviation|noise 0x10
		1:7: noise: expected a standard deviation|noise nan
		1:7: noise: expected a standard deviation|noise 1:
		1:12: saltpepper: expected a share of the pixels|saltpepper 1.1
		1:16: erase: expected random, mean or a pixel such as 128, found 'noise'|erase 0.1 fill noise
		1:16: erase: expected a pixel, 0 to 255, found '256'|erase 0.1 fill 256
		1:11: erase: expected the end or chance or fill, found 'subpixel'|erase 0.1 subpixel
		1:8: border: expected nearest or a pixel such as 128, found 'wrap'|border wrap
		1:8: border: expected a pixel, 0 to 255, found '-1'|border -1
		1:10: border: expected the end, found '2'|border 1 2
		1:11: a second border|border 1, border 1, flip
		1:5: unexpected byte 0xc3|flip\xc3\xbc
		1:1: a word of more than 127 letters|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	E
	refuses "operations:1:1: " 'img-augment flop no-such-file'
}

@test "img-augment: what it cannot do is refused" {
	refuses "expected images" 'array u1 "[1, 2]" | img-augment flip'
	refuses "a pixel is NaN or infinite" 'array f4 "[[[1, np.nan]]]" | img-augment flip'
	refuses "--epoch: 0 is not between" 'img-augment -e 0 flip x.npy'
	refuses "--copies: -1 is not between" 'img-augment -n -1 flip x.npy'
	refuses "copies of images" 'npy "|u1" "(1099511627776, 1000000, 1)" | img-augment -n 1000000 flip'
	for shape in '1, 65536, 65536' '1, 1, 4194305' '1, 4194305, 1'; do
		refuses "too large to interpolate in" "npy '|u1' '($shape)' | img-augment 'rotate 7'"
	done
	refuses "lacks its last 1 bytes" "head -c -1 x.npy | img-augment flip >out.npy"
}

@test "img-augment: memory does not grow with the images, nor with what a head alone claims" {
	small 'zeros 156800000 | npy-reshape -1,28,28 | img-augment "flip, rotate 7, noise 3" | tail -c 1 | wc -c | grep -x 1'
	refuses "truncated" 'ulimit -v 100000; npy "|u1" "(1, 20000000, 1)" | img-augment flip'
}

@test "img-augment: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-augment flip x.npy >/dev/full'
	zeros 7840000 | npy-reshape -1,28,28 >many.npy
	pipe 'img-augment flip many.npy | head -c 1 >/dev/null'
}

@test "img-augment: progress is shown when asked for" {
	run -0 --separate-stderr pipe 'img-augment flip x.npy >out.npy'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'img-augment -v flip x.npy >out.npy'
	[[ $stderr == "img-augment: 40/40 images"* ]]
}

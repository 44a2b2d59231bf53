# One rule says what an array of images is, in every program that takes images.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	for channels in 1 3; do
		printf 'input %sx8x8\ndense 4\n' $channels | nn-init >net$channels
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# counts: how many images of how many channels each program sees in images.npy, in lines "COUNTxCHANNELS
# PROGRAM"; a network that does not take them says nothing.
counts() {
	for c in 1 3; do
		nn-run net$c images.npy >out.npy 2>said && echo "$(first out.npy)x$c nn-run"
		nn-slide net$c images.npy >out.npy 2>said && echo "$(first out.npy)x$c nn-slide"
		nn-grad -l dense1 net$c images.npy >out.npy 2>said && echo "$(per $c)x$c nn-grad"
		nn-ascend -c 0 -n 0 net$c images.npy >out.npy 2>said && echo "$(per $c)x$c nn-ascend"
		nn-ascend -c 0 -n 0 --like images.npy net$c images.npy >out.npy 2>said && echo "$(per $c)x$c nn-ascend --like"
		for n in 1 2 3; do
			cat images.npy <(array u1 "[0] * $n") >data.npy
			nn-eval net$c data.npy >table 2>said && echo "$(sed -n '2s/\t.*//p' table)x$c nn-eval"
			nn-train -q --steps 1 net$c data.npy >trained 2>said &&
				echo "$(nn-info --history trained | sed -n 's/.* images:\([0-9]*\).*/\1/p')x$c nn-train"
		done
	done
	# The whole image is one place; a gray image has nothing but rows and columns behind the first axis.
	img-occlude -p 8x8 images.npy >out.npy
	echo "$(first out.npy)x$(channels out.npy) img-occlude"
	img-occlude -p 8x8 -w images.npy images.npy | cmp - <(npy-reshape "$(shape out.npy)" images.npy)
	img-shift -x 0 images.npy | cmp - images.npy
	img-augment 'shift 0 0' images.npy | cmp - images.npy
	npy-montage -g 0 -c 1 images.npy >out.npy
	echo "$(($(shape out.npy | tr , '\n' | tail -2 | head -1) / 8))x$(channels <(npy-reshape "1,$(shape out.npy)" out.npy)) npy-montage"
	npytopnm -e images.npy | pnmtonpy >out.npy
	echo "$(first out.npy)x$(channels out.npy) npytopnm"
}

shape() {
	npy-info "$1" | sed -n 2p | cut -f 2 | tr -d '()' | sed 's/,$//'
}

first() {
	shape "$1" | cut -d , -f 1
}

channels() {
	shape "$1" | awk -F , '{ print NF == 4 ? $2 : 1 }'
}

# The images of c channels in out.npy, an array of the shape it came in.
per() {
	shape out.npy | tr , '\n' | awk -v c="$1" '{ n = n ? n * $1 : $1 } END { print n / (64 * c) }'
}

# all COUNTxCHANNELS: all programs agree on this.
all() {
	counts >found
	[ "$(cut -d ' ' -f 1 found | sort -u)" = "$1" ] || { cat found; return 1; }
	diff <(cut -d ' ' -f 2- found | sort -u) - <<-'L'
		img-occlude
		nn-ascend
		nn-ascend --like
		nn-eval
		nn-grad
		nn-run
		nn-slide
		nn-train
		npy-montage
		npytopnm
	L
}

@test "dataset: three axes are gray images, also where they could be the channels of one" {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 8, 8), "u1"))' >images.npy
	all 3x1
	for tool in nn-run nn-grad nn-eval nn-train 'nn-ascend -c 1'; do
		refuses "expected images (N,3,8,8) as the network's input, found (3,8,8), which is gray images: one of channels is (1,C,H,W)" \
			"$tool net3 images.npy"
	done
	refuses "expected images no smaller than the network's input (3,8,8), found (3,8,8)" 'nn-slide net3 images.npy'
	npy-reshape 1,3,8,8 images.npy >color.npy
	refuses "expected one image, or one for each image" 'img-occlude -p 2 -w images.npy color.npy'
	refuses "expected images (N,3,8,8)" 'nn-ascend -c 1 --like images.npy net3 color.npy'
}

@test "dataset: four axes are images of channels" {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (1, 3, 8, 8), "u1"))' >images.npy
	all 1x3
	numpy 'put(np.random.default_rng(1).integers(0, 256, (2, 3, 8, 8), "u1"))' >images.npy
	all 2x3
	numpy 'put(np.random.default_rng(1).integers(0, 256, (3, 1, 8, 8), "u1"))' >images.npy
	all 3x1
}

@test "dataset: two axes are one gray image" {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (8, 8), "u1"))' >images.npy
	all 1x1
}

@test "dataset: other shapes are no images" {
	for shape in 64 1,1,1,8,8; do
		zeros 64 | npy-reshape "$shape" >images.npy
		for tool in 'nn-run net1' 'nn-eval net1' 'nn-train net1' 'nn-grad net1' 'nn-ascend -c 1 net1' 'nn-slide net1' img-occlude img-shift npy-montage; do
			refuses "expected images" "$tool images.npy"
		done
		refuses "expected shape (N,H,W)" 'npytopnm -e images.npy'
	done
}

@test "dataset: the label of one image may be a scalar, as a slice of a data set has it" {
	numpy 'put(np.random.default_rng(1).integers(0, 256, (5, 8, 8), "u1"), np.arange(5) % 4)' >five.npy
	npy-slice 3 five.npy >data.npy
	npy-slice 3:4 five.npy >array.npy
	cmp <(nn-eval net1 data.npy) <(nn-eval net1 array.npy)
	nn-grad --of loss net1 data.npy | npy-diff - <(nn-grad --of loss net1 array.npy | npy-reshape 8,8)
	nn-ascend -c label -n 2 net1 data.npy | npy-diff - <(nn-ascend -c label -n 2 net1 array.npy | npy-reshape 8,8)
	cmp <(img-shift -x 1 data.npy | npy-slice -k 1) <(npy-slice -k 1 array.npy)
	for tool in 'nn-run net1' 'nn-slide net1' img-shift; do
		refuses "expected labels (5,) or the end after the images, found ()" \
			"cat <(npy-slice -k 0 five.npy) <(npy-slice -k 1 data.npy) | $tool >out.npy"
	done
}

@test "dataset: soft labels pass through programs that do not look at them, and classes are asked for in a line" {
	numpy '
p = np.random.default_rng(1).dirichlet(np.ones(4), 5)
put(np.random.default_rng(1).integers(0, 256, (5, 8, 8), "u1"), p)' >soft.npy
	npy-slice -k 0 soft.npy >images.npy
	npy-slice -k 1 soft.npy >labels.npy
	for tool in 'img-shift -x 1' 'img-augment flip' 'img-median -s 3'; do
		$tool soft.npy | cmp - <($tool images.npy | cat - labels.npy)
	done
	for tool in 'img-augment -n 3 flip' 'img-occlude -p 4'; do
		$tool soft.npy >out.npy
		copies=$(($(npy-slice -k 0 out.npy | npy-info | sed -n '2s/.*(\([0-9]*\),8,8).*/\1/p') / 5))
		[ $copies -gt 1 ]
		npy-slice -k 1 out.npy | cmp - <(numpy "put(np.repeat(get('labels.npy')[0], $copies, 0))")
	done
	for tool in 'nn-run net1' 'nn-slide net1' 'nn-grad net1' 'nn-ascend -n 1 -c 1 net1'; do
		cmp <($tool soft.npy) <($tool images.npy)
	done
	# One image, too.
	npy-pick -c 1 soft.npy >one.npy
	cmp <(img-shift -x 0 one.npy) one.npy
	for tool in 'nn-attack -e 1 net1' 'nn-nearest net1' 'nn-grad -c label net1' 'nn-ascend -c label net1' "img-square -e 1 -o 'nn-run net1'"; do
		refuses "soft.npy: expected labels (5,) for the images before, found soft labels (5,4)" "$tool soft.npy"
	done
	refuses "none of its arrays is a list of integers" 'npy-pick -l 1 soft.npy'
	npy-reshape 5,64 images.npy | cat - labels.npy >rows.npy
	refuses "expected 5 labels, whole numbers, found <f8 (5,4)" 'npy-ridge rows.npy'
	refuses "expected labels (5,) or the end after the images, found (5,0)" 'cat images.npy <(npy "<f4" "(5, 0)") | nn-run net1 >out.npy'
	refuses "lacks its last" 'head -c -1 soft.npy | img-augment -n 3 flip >out.npy'
}

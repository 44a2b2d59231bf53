# Every program on a bad day: without memory, on a full disk, where numbers have a comma, and where a file may
# not grow.
#
# STARVE_MOST=100000 tries every request for memory; by default each command is tried at some of them.
load helper

tools=$(basename -s .c "$root"/tools/*.c)

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	cc -O2 -shared -fPIC -o starve.so "$root/tests/starve/starve.c"
	cc -O2 -o peak "$root/tests/starve/peak.c"
	printf '%s\n' 'input 1x28x28 scale 255' 'conv 2 3x3' batchnorm relu 'maxpool 2x2' 'dense 10' >net
	nn-init net >model
	nn-weights model all >all.npy
	printf 'input 1x28x28 scale 255\nconv 1 3x3 pad 1\n' | nn-init >filter
	printf 'input 1x14x14 scale 255\nconv 10 14x14\n' | nn-init >small
	img-digits -n 60 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	npy-slice :2 images.npy >two.npy
	npy-random normal 40,3 >rows.npy
	npy-knn -k 9 rows.npy >near.npy
	npy-pca -k 2 rows.npy >map.npy
	nn-run model images.npy >logits.npy
	nntoonnx model >onnx
	npytopnm --each two.npy >pictures
	mkdir class
	cp pictures class/gray
	pgmtoppm black-red <pictures | pnmtopng -quiet >class/color.png
	npytoidx images.npy >idx
	npytotsv rows.npy >numbers.tsv
	rnn-init -n 3 >rnn
	printf 'net\tseed\tk\tn\na\t1\t3\t9\na\t2\t4\t9\nb\t1\t5\t9\nb\t2\t5\t9\n' >table.tsv
	seq-motif -n 20 -t 15 >sequences.npy
	array() { printf '%b\n' "$@" | tsvtonpy -t f8; }
	{ array '1\t-1' '0\t2'; array '-1\t0' '1\t-2'; array '-3\t1' '4\t2'; array -2 3; array 5 -7; } >toy.npy
	{ nn-run -l conv1 model images.npy | npy-reshape 60,-1; cat labels.npy; } >features.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# A command each.
commands() {
	cat <<-'E'
		idxtonpy idx
		img-augment -n 2 'flip, shift -2:2 -2:2' data.npy
		img-digits -n 5
		img-folder -s 8 class/gray class/color.png
		img-median two.npy
		img-occlude -p 8 two.npy
		img-shift -x 1 two.npy
		img-square -e 30 -n 5 -k -o 'nn-run --each model' data.npy
		nn-ascend -c 3 -n 2 model two.npy
		nn-attack -e 9 -n 2 --restarts 2 --random model data.npy
		nn-eval model data.npy
		nn-grad model data.npy
		nn-info model
		nn-info --history model
		nn-init net
		nn-init --from model --skip-mismatch net
		nn-join filter model
		nn-kernels net
		nn-nearest -n 2 model data.npy
		nn-run model two.npy
		nn-slide small two.npy
		nn-train -e 2 -b 8 --holdout 4 --average 0.9 -a 'flip' model data.npy
		nn-train -e 1 -b 8 --freeze conv1,bn1 model data.npy
		nn-weights --set all=all.npy --set bn1.bias=<(nn-weights model bn1.weight) model
		nn-weights model all
		nn-weights model conv1.weight
		nn-weights model
		nntoonnx model
		npy-calc 'sqrt(a) + b * 2' rows.npy rows.npy
		npy-cat rows.npy rows.npy
		npy-confusion <(cat labels.npy labels.npy)
		npy-diff rows.npy rows.npy
		npy-info data.npy
		npy-knn -k 5 rows.npy
		npy-matmul --transpose-b rows.npy rows.npy
		npy-montage two.npy
		npy-pca -k 2 rows.npy
		npy-pick -i 3,1 data.npy
		npy-pick -b labels.npy -r --others -c 9 data.npy
		npy-random normal 5,4
		npy-rank rows.npy
		npy-reduce -a 0 median rows.npy
		npy-reshape 20,6 rows.npy
		npy-ridge features.npy
		npy-roc --auc logits.npy labels.npy
		npy-slice 3:9,:2 rows.npy
		npy-softmax -a 0 rows.npy
		npy-trust -k 5 rows.npy map.npy
		npy-tsne -n 20 near.npy
		npytoidx images.npy
		npytopnm --each two.npy
		npytornn toy.npy
		npytotsv rows.npy
		onnxtonn onnx
		pnmtonpy pictures
		rnn-grad rnn sequences.npy
		rnn-init -n 5
		rnn-run rnn sequences.npy
		rnn-train -e 2 rnn sequences.npy
		seq-motif -n 9
		tsv-interval -g net -p a:b -k seed k table.tsv
		tsv-pick -w net=a k,n table.tsv
		tsv-wilson k n table.tsv
		tsvtonpy numbers.tsv
	E
}

# starved N COMMAND: with request N for memory refused; status, out and message.
starved() {
	status=0
	bash -c "STARVE=$1 LD_PRELOAD=$PWD/starve.so exec $2" >out 2>message || status=$?
}

@test "bad days: every program has a command here" {
	for tool in $tools; do
		commands | grep -q "^$tool " || { echo "$tool"; false; }
	done
}

@test "bad days: without memory a program fails and says so" {
	[ "${B:-build}" != build/san ] || skip "the sanitizers have an allocator of their own"
	most=${STARVE_MOST:-12}
	failures=0
	while read -r command; do
		bash -c "$command" >expected 2>said || { echo "$command: $(cat said)"; ((++failures)); continue; }
		STARVE_COUNT=count starved 0 "$command"
		count=$(cat count)
		[ "$count" -gt 2 ] || { echo "$command: $count requests"; ((++failures)); }
		for n in $(seq "$count" | awk -v all="$count" -v most="$most" 'int($1 * most / all) > int(($1 - 1) * most / all) || all <= most'); do
			starved "$n" "$command"
			if [ "$status" = 0 ]; then
				cmp out expected && continue
			elif [ "$status" = 2 ]; then
				# What was written is the beginning.  A shell and an oracle may have their word.
				cmp -n "$(stat -c %s out)" out expected && [[ $(grep -c '' message) = 1 || $command = img-square* ]] && grep -qE 'memory|nable to allocate|Out of space' message && continue
			fi
			echo "$command: request $n of $count: status $status: $(cat message)"
			((++failures))
		done
	done < <(commands)
	[ "$failures" = 0 ]
}

# For each program that reads arrays: a shape, of which little arrives, and a command.
claims() {
	cat <<-'E'
		9000000,28,28 img-augment flip
		9000000,28,28 img-median
		1,30000,30000 img-median
		9000000,28,28 img-occlude -p 8
		1,30000,30000 img-occlude -p 8
		9000000,28,28 img-shift -x 1
		9000000,28,28 img-square -e 30 -n 5 -k -o 'nn-run --each model'
		9000000,28,28 nn-ascend -c 3 -n 2 model
		9000000,28,28 nn-attack -e 9 model
		9000000,28,28 nn-eval model
		9000000,28,28 nn-grad model
		9000000,28,28 nn-nearest -m deepfool model
		9000000,28,28 nn-run model
		9000000,28,28 nn-slide small
		1,30000,30000 nn-slide small
		9000000,28,28 nn-train -e 1 model
		9000000000, npy-calc a+1
		9000000000, npy-cat - two.npy
		9000000000, npy-confusion
		9000000000, npy-diff - two.npy
		9000000000, npy-info
		9000000,100 npy-knn -k 2
		90000000,3 npy-matmul - rows.npy
		900000,28,28 npy-montage
		9000000,100 npy-pca -k 2
		9000000,28,28 npy-pick -l 3
		9000000,100 npy-rank
		9000000000, npy-reduce sum
		90000,100000 npy-reduce -a 0 sum
		2,90000000 npy-reduce -a 0 sum
		90000,100000 npy-reduce -a 0 median
		2,90000000 npy-reduce -a 0 median
		9000000000, npy-reshape 90000,100000
		9000000,100 npy-ridge
		90000000,10 npy-roc --auc - labels.npy
		9000000000, npy-slice 3:
		9000000000, npy-slice ::-1
		9000000,100 npy-softmax
		1,900000000 npy-softmax
		9000000,100 npy-trust -k 5 - map.npy
		9000000,30 npy-tsne
		9000000,28,28 npytoidx
		9000000,28,28 npytopnm --each
		1,30000,30000 npytopnm
		30000,30000 npytornn
		9000000,100 npytotsv
		9000000,15,3 rnn-grad rnn -
		9000000,15,3 rnn-run rnn -
		9000000,15,3 rnn-train -e 1 rnn -
	E
}

@test "bad days: an array that a head alone claims takes no memory" {
	[ "${B:-build}" != build/san ] || skip "the sanitizers take memory of their own"
	without='idxtonpy|img-(digits|folder)|nn-(info|init|join|kernels|weights)|nntoonnx|npy-random|onnxtonn|pnmtonpy|rnn-init|seq-motif|tsv.*'
	for tool in $tools; do
		[[ $tool =~ ^($without)$ ]] || claims | grep -q " $tool\>" || { echo "$tool"; false; }
	done
	# Here the most is 25 MB, of nn-grad; the least that is claimed, 180 MB.
	while read -r shape command; do
		for type in '|u1' '<f4' '|i1'; do
			status=0
			{ npy "$type" "($shape)"; head -c 40 /dev/zero; } | bash -c "exec ./peak most $command" >out 2>message || status=$?
			[ "$status" = 2 ] && [ "$(grep -c '' message)" = 1 ] && [ "$(cat most)" -lt 64000 ] ||
				{ echo "$shape $type $command: status $status, $(cat most) KiB: $(cat message)"; false; }
		done
	done < <(claims)
}

@test "bad days: a network for images that do not arrive takes no memory" {
	[ "${B:-build}" != build/san ] || skip "the sanitizers take memory of their own"
	# Of each image 25 million pixels, 95 MiB of floats, at each layer.
	printf 'input 1x5000x5000 scale 255\nconv 1 1x1\nrelu\nconv 2 1x1 stride 5000\n' | nn-init >wide
	for command in 'nn-attack -e 9 wide' 'nn-eval wide' 'nn-grad wide' 'nn-grad -l conv2 wide' 'nn-nearest wide' 'nn-run wide' \
		'nn-ascend -c 0 -n 1 wide' 'nn-run -b 100 wide' 'nn-train -e 1 wide'; do
		status=0
		{ npy '|u1' "(2,5000,5000)"; head -c 40 /dev/zero; } | bash -c "exec ./peak most $command" >out 2>message || status=$?
		[ "$status" = 2 ] && grep -q "lacks its last" message && [ "$(cat most)" -lt 64000 ] ||
			{ echo "$command: status $status, $(cat most) KiB: $(cat message)"; false; }
	done
}

# most COMMAND: the most memory of a command that reads x.npy, in KiB.
most() {
	bash -c "exec ./peak most $1" <x.npy >out 2>message || { echo "$1: $(cat message)" >&2; false; }
	cat most
}

# x.npy: N images of 28x28; y.npy: with labels.
values() {
	npy-random -t "$1" integers:0:200 "$2",28,28 >x.npy
	{ cat x.npy; npy-random -t u1 integers:0:10 "$2",; } >y.npy
}

@test "bad days: a program takes as much memory for a value as nnutils(7) says" {
	[ "${B:-build}" != build/san ] || skip "the sanitizers take memory of their own"
	sed -n '/^\.Ss Memory/,/^\.El/s/^\.It \([0-9]*\) Ta \([0-9]*\) Ta Li /\1 \2 /p' "$root/man/nnutils.7" >memory
	[ "$(grep -c '' memory)" -gt 30 ]
	column=1
	for type in u1 f4; do
		# 4 million values more. The table rounds, malloc rounds, and a batch is not always full: half a byte. A byte
		# less is seen where bytes become floats: so few bytes are free again before a batch takes as much.
		values $type 2500
		while read -r _ _ command; do most "$command"; done <memory >few
		values $type 7500
		while read -r _ _ command; do most "$command"; done <memory >many
		paste few many memory | awk -v f=$((column + 2)) -v type=$type '
			{ bytes = ($2 - $1) * 1024 / (5000 * 784) }
			bytes > $f + 0.7 || bytes < $f - 1.2 { print type, bytes, $0; wrong = 1 }
			END { exit NR < 30 || wrong }'
		column=2
	done
}

@test "bad days: a library that ends the program does not answer for it" {
	[ "${B:-build}" != build/san ] || skip "the sanitizers want to be loaded first"
	# As libgomp does where it finds no memory.  1 is also the status of a comparison that failed.
	echo 'void exit(int); int dnnl_engine_create(void) { exit(1); }' | cc -shared -fPIC -x c -o ends.so -
	refuses "a library ended the program" "LD_PRELOAD=$PWD/ends.so nn-run model two.npy"
	refuses "a library ended the program" "LD_PRELOAD=$PWD/ends.so nn-train -e 1 model data.npy"
}

@test "bad days: on a full disk a program fails and says so" {
	[ -w /dev/full ] || skip "no /dev/full"
	while read -r command; do
		# These do not print anything.
		[[ $command != npy-diff* ]] || continue
		status=0
		bash -c "exec $command" >/dev/full 2>message || status=$?
		[ "$status" = 2 ] && [ "$(grep -c '' message)" = 1 ] && grep -q "standard output: No space left on device" message ||
			{ echo "$command: status $status: $(cat message)"; false; }
	done < <(commands)
}

@test "bad days: where the user has a decimal comma, everything is the same" {
	localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null || skip "no German locale"
	export LOCPATH=$PWD
	[ "$(LC_ALL=de_DE.UTF-8 /usr/bin/printf %.1f 0,5)" = 0,5 ] || skip "no German locale"
	while read -r command; do
		bash -c "$command" >expected
		LC_ALL=de_DE.UTF-8 bash -c "$command" | cmp - expected || { echo "$command"; false; }
	done < <(commands)
}

@test "bad days: a checkpoint that cannot be completed leaves the old one, and nothing else" {
	mkdir checkpoints
	nn-train --steps 2 -b 10 --checkpoint checkpoints/state model data.npy >expected
	cp checkpoints/state before
	# The files of a process may have so many KiB: a model has more, the log does not.
	small='trap "" XFSZ; ulimit -f 8'
	refuses "checkpoints/state: File too large" "($small; nn-train --steps 2 -b 10 --checkpoint checkpoints/state model data.npy)"
	cmp checkpoints/state before
	[ "$(ls checkpoints)" = state ]
	refuses "checkpoints/1.safetensors: File too large" "($small; nn-train --steps 2 -b 10 --save-at 1 --save-prefix checkpoints/ model data.npy)"
	[ "$(ls checkpoints)" = state ]
	refuses "File too large" "(trap '' XFSZ; ulimit -f 1; nn-train -e 40 -b 2 --log-every 1 --log log model data.npy)"
}

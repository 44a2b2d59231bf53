load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network >model
	network batchnorm 'dropout 0.3' >model-bn
	dataset 500 >data.npy
	npy-pick -i :400 data.npy >first.npy
	npy-pick -i 400: data.npy >last.npy
}

# In a folder of its own, with the model and the data.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	ln -s "$BATS_FILE_TMPDIR"/* .
}

# ---- the result ----

@test "nn-train: what it is shown it learns" {
	for option in '-o sgd -r 0.1' '-o momentum -r 0.03' '-o nesterov -r 0.03' '-o adagrad -r 0.03' \
		'-o rmsprop -r 0.003' '-r 0.003' '-o adamw -r 0.01 --schedule onecycle --average 0.9'; do
		# shellcheck disable=SC2086 # several words
		nn-train -e 10 -b 25 $option model data.npy >trained
		nn-eval trained data.npy | awk -v o="$option" 'NR == 2 && $4 < 0.9 { print o, $4; exit 1 }'
	done
}

@test "nn-train: a residual network learns, to the same bytes by any number of threads" {
	nn-init >residual <<-'E'
		input 1x12x12 scale 255
		conv 8 3x3 pad 1 nobias
		batchnorm
		relu
		conv 8 3x3 pad 1 nobias
		batchnorm
		add relu1
		relu
		conv 12 3x3 stride 2 pad 1 nobias
		batchnorm as main
		conv 12 1x1 stride 2 nobias from relu2
		add main
		relu
		dense 10
	E
	for threads in 1 2 3; do
		OMP_NUM_THREADS=$threads nn-train -e 10 -b 25 -r 0.003 residual data.npy >trained.$threads
		cmp trained.1 trained.$threads
	done
	nn-eval trained.1 data.npy | awk 'NR == 2 && $4 < 0.9 { print $4; exit 1 }'
}

@test "nn-train: the same seed gives the same bytes, another seed others" {
	nn-train -e 1 -b 32 model-bn data.npy >one
	cmp one <(nn-train -e 1 -b 32 -s 1 model-bn <data.npy)
	cmp one <(nn-train -e 1 -b 32 - data.npy <model-bn)
	nn-train -e 1 -b 32 -s 2 model-bn data.npy >two
	run -1 cmp -s <(values one) <(values two)
}

@test "nn-train: without shuffling and dropout no seed counts" {
	cmp <(nn-train -e 2 -b 32 --no-shuffle -s 1 model data.npy >a && values a) \
		<(nn-train -e 2 -b 32 --no-shuffle -s 2 model data.npy >b && values b)
	run -1 cmp -s <(nn-train -e 2 -b 32 model data.npy >c && values c) <(values a)
}

@test "nn-train: the same bytes each time, by any number of threads" {
	local train='nn-train -o momentum --steps 10 -b 32 --clip 1 --average 0.9 model-bn data.npy'
	OMP_NUM_THREADS=1 $train >one
	for threads in 1 2 3 5; do
		cmp one <(OMP_NUM_THREADS=$threads $train)
	done
}

@test "nn-train: no learning rate, no change" {
	nn-train -o sgd -r 0 -e 1 model data.npy >same
	cmp <(values model) <(values same)
}

@test "nn-train: a batch is as many images as there are" {
	nn-train -o sgd --steps 3 --no-shuffle -b 500 model data.npy >all
	nn-train -o sgd --steps 3 --no-shuffle -b 9999 model data.npy >larger
	cmp <(values all) <(values larger)
}

@test "nn-train: pixels may be of any type" {
	numpy 'x, y = get("data.npy"); put(x.astype(">f8"), y.astype("i2"))' >typed.npy
	cmp <(nn-train -e 1 model data.npy >a && values a) <(nn-train -e 1 model typed.npy >b && values b)
}

@test "nn-train: the average of the weights is what formula and snapshots say" {
	nn-train --steps 2 -b 32 --save-at 0,1,2 --save-prefix plain- model-bn data.npy >plain
	nn-train --steps 2 -b 32 --average 0.75 model-bn data.npy >averaged
	for name in conv1.weight bn1.running_var dense1.bias; do
		for step in 0 1 2; do
			nn-weights plain-$step.safetensors $name
		done | npy-calc '0.75 * (0.75 * a + 0.25 * b) + 0.25 * c' >want.npy
		npy-diff -r 1e-5 -a 1e-6 want.npy <(nn-weights averaged $name)
	done
}

# ---- adversaries ----

@test "nn-train: --adversary draws places by seed, epoch and image, whatever the threads" {
	how=('--adversary' 'pgd 30 steps 2')
	OMP_NUM_THREADS=1 nn-train -e 2 -b 32 "${how[@]}" --augment flip model-bn data.npy >one
	cmp one <(OMP_NUM_THREADS=2 nn-train -e 2 -b 32 "${how[@]}" --augment flip model-bn data.npy)
	nn-train -e 2 -b 32 --augment flip model-bn data.npy >plain
	run -1 cmp -s <(values one) <(values plain)
	grep -qaF -e "--adversary 'pgd 30 steps 2 step 37.5' images:500" one
}

@test "nn-train: one step of fgsm is the mean of a step on the images and of one on those that a step of E has changed" {
	epsilon=20
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	nn-grad --of loss -c label model data.npy | npy-calc "clip(b + $epsilon * sign(a), 0, 255)" - images.npy |
		cat - labels.npy >higher
	step=(-o sgd -r 0.5 -b 500 --steps 1 --no-shuffle)
	nn-train "${step[@]}" --adversary "fgsm $epsilon" model data.npy >both
	nn-train "${step[@]}" model data.npy >plain
	nn-train "${step[@]}" model higher >changed
	for name in conv1.weight dense1.weight; do
		npy-calc '(a + b) / 2' <(nn-weights plain $name) <(nn-weights changed $name) >mean.npy
		# Weights around 0.1 are rounded to 1e-8, the steps of 500 images to 1e-7 of their size.
		npy-diff -a 1e-6 mean.npy <(nn-weights both $name)
		run -1 npy-diff -a 1e-4 mean.npy <(nn-weights plain $name)
	done
}

@test "nn-train: every kind of --adversary makes attacks do less" {
	nn-train -e 20 -b 25 -r 0.003 model data.npy >plain
	# A rate of 0 changes nothing, but is validated.
	nn-train --steps 1 -r 0 --validation data.npy --adversary 'pgd 16' --log before.tsv plain data.npy >/dev/null
	for kind in fgsm fgsm-rs n-fgsm pgd 'trades 16 beta 3'; do
		case $kind in *\ *) against=$kind ;; *) against="$kind 16" ;; esac
		nn-train -e 20 -b 25 -r 0.003 --validation data.npy --adversary "$against" --log log.tsv model data.npy >robust
		paste <(tsv-pick --last attacked_error,attacked_loss before.tsv) <(tsv-pick --last attacked_error,attacked_loss log.tsv) |
			awk -v how="$against" '!($3 < 0.8 * $1 && $4 < 0.8 * $2) { print how, $0; exit 1 }'
	done
}

@test "nn-train: a ramp of --adversary begins with the images as they are" {
	nn-train --steps 1 -b 32 model data.npy >plain
	nn-train --steps 1 -b 32 --adversary 'pgd 30 ramp 9' model data.npy >first
	cmp <(values plain) <(values first)
	nn-train --steps 4 -b 32 --adversary 'pgd 30 ramp 3' --log ramp.tsv --log-every 1 model data.npy >ramp
	nn-train --steps 4 -b 32 --adversary 'pgd 30' --log full.tsv --log-every 1 model data.npy >full
	# A larger bound raises the loss more; from step 3 on it is the same bound, of two networks.
	paste <(tsv-pick loss ramp.tsv) <(tsv-pick loss full.tsv) | awk 'NR < 4 && !($1 < $2) { print; exit 1 }'
	run -1 cmp -s <(values ramp) <(values full)
}

@test "nn-train: --adversary, interrupted and resumed, gives the same bytes and the same log" {
	how=(-e 2 -b 32 --holdout 100 --adversary 'trades 20 steps 3' --patience 5)
	nn-train "${how[@]}" --log whole.tsv model data.npy >whole
	nn-train "${how[@]}" --steps 13 --log part.tsv --checkpoint state model data.npy >/dev/null
	nn-train "${how[@]}" --resume state --log part.tsv model data.npy >rest
	cmp <(values whole) <(values rest)
	diff <(tsv-pick step,loss,val_loss,attacked_loss,attacked_error whole.tsv | sed 1d | sort -u) \
		<(tsv-pick step,loss,val_loss,attacked_loss,attacked_error part.tsv | sed 1d | sort -u)
	refuses "state: is of a training with --adversary 'trades 20 steps 3 step 16.6666666666667 beta 1', this one is with --adversary 'trades 21 steps 3 step 17.5 beta 1'" \
		'nn-train -e 2 -b 32 --holdout 100 --adversary "trades 21 steps 3" --patience 5 --resume state model data.npy'
	refuses "is of a training with --adversary 'trades 20 steps 3 step 16.6666666666667 beta 1', this one is without" \
		'nn-train -e 2 -b 32 --holdout 100 --patience 5 --resume state model data.npy'
}

@test "nn-train: what is no adversary is refused" {
	for text in '' 'x 3' 'pgd' 'pgd x' 'pgd -1' 'pgd 0' 'pgd nan' 'pgd 1e9' 'pgd 10 steps' 'pgd 10 steps 1.5' 'pgd 10 step' \
		'pgd 10 step 1 step 2' 'pgd 10 beta 1' 'trades 10 beta' 'pgd 10 more' $'pgd 10\nfgsm 3'; do
		run -2 --separate-stderr nn-train --adversary "$text" model no-such-file
		[ -z "$output" ]
		[[ $stderr == "nn-train: --adversary:"*expected* && $stderr != *$'\n'* ]]
	done
	refuses "nn-train: --adversary:1:8: pgd: expected the end or, once each, steps, step or ramp, found 'beta'" \
		'nn-train --adversary "pgd 10 beta 1" model no-such-file'
}

# ---- changed images ----

@test "nn-train: --augment trains on the images that img-augment makes, and validates on those that there are" {
	local text='shift -2:2 -2:2, flip chance 0.5, rotate -10:10, erase 0.02:0.33 chance 0.5'
	nn-train -e 1 -b 32 -s 7 --augment "$text" --holdout 100 --log log model-bn data.npy >here
	img-augment -s 7 "$text" first.npy >changed.npy
	nn-train -e 1 -b 32 -s 7 --validation last.npy --log changed.log model-bn changed.npy >there
	cmp <(values here) <(values there)
	diff <(columns log step loss error val_loss val_error) <(columns changed.log step loss error val_loss val_error)
	run -1 cmp -s <(values here) <(nn-train -e 1 -b 32 -s 7 model-bn first.npy >plain && values plain)
}

# Plain descent has no state but the parameters: an epoch can go on from the model of the one before.
@test "nn-train: --augment changes images anew in each epoch, of floats too" {
	npy-calc -k -t f4 'a / 2' first.npy >floats.npy
	set -- -b 50 -o sgd -r 0.1 --no-shuffle
	nn-train "$@" -e 3 --augment 'crop 2, noise 9' model floats.npy >here
	cp -L model there
	for epoch in 1 2 3; do
		img-augment -e $epoch 'crop 2, noise 9' floats.npy >changed.npy
		nn-train "$@" -e 1 there changed.npy >next
		mv next there
	done
	cmp <(values here) <(values there)
}

@test "nn-train: --augment gives the same bytes with any number of threads, and of the same list" {
	OMP_NUM_THREADS=1 nn-train -e 1 --augment 'rotate -9:9, erase 0.1:0.2' model data.npy >one
	cmp one <(OMP_NUM_THREADS=2 nn-train -e 1 --augment 'rotate -9:9, erase 0.1:0.2' model data.npy)
	cmp one <(nn-train -e 1 -a $'rotate -9.0:9 # degrees\nerase 0.1:0.2 fill random' model data.npy)
	grep -qaF -e "--augment 'rotate -9:9, erase 0.1:0.2 0.3:3.3333333333333335 fill random' images:500" one
	# Gone on with in the middle of an epoch.
	nn-train --steps 7 -b 50 -a 'rotate -9:9' --checkpoint state model data.npy >part
	cmp <(nn-train --steps 23 -b 50 -a 'rotate -9:9' model data.npy) \
		<(nn-train --steps 23 -b 50 -a 'rotate -9:9' --resume state model data.npy)
	# The history's list is the list.
	cmp one <(nn-train -e 1 --augment 'rotate -9:9, erase 0.1:0.2 0.3:3.3333333333333335 fill random' model data.npy)
}

@test "nn-train: a list of operations that is not understood is refused before anything is read" {
	refuses "nn-train: --augment:1:6: flip: expected the end or chance, found '0.5'" \
		'nn-train --augment "flip 0.5" model no-such-file'
}

# ---- interruption ----

@test "nn-train: interrupted and resumed gives the same bytes and the same log" {
	mkfifo rows
	while read -r model options; do
		# 120 steps of 8 epochs
		# shellcheck disable=SC2086 # several words
		set -- -b 32 -e 8 --log-every 1 --validate-every 10 $options
		nn-train "$@" --log whole.log "$model" data.npy >whole
		nn-train "$@" --log rows --checkpoint state "$model" data.npy >part 2>message &
		interrupt_at 21 $! >part.log
		ended 2 $!
		[ ! -s part ]
		grep -qE '^nn-train: interrupted at step [0-9]+; go on with --resume state$' message
		nn-train "$@" --log part.log --checkpoint state --resume state "$model" data.npy >part
		cmp whole part
		columns whole.log step epoch images loss error val_loss val_error gradient clipped lr >want
		[ "$(wc -l <want)" -eq 122 ]
		columns part.log step epoch images loss error val_loss val_error gradient clipped lr | diff want -
	done <<-'E'
		model -o sgd -r 0.1 --holdout 20
		model -o momentum --no-shuffle --clip 1 --holdout 20
		model-bn --average 0.9 --schedule cosine --holdout 20
		model-bn -o rmsprop --label-smoothing 0.1 --schedule onecycle --warmup 9 --holdout 20
		model-bn -o adamw --patience 100 --holdout 20
		model-bn --freeze conv1,bn1 -o adamw --average 0.9 --patience 100 --holdout 20
	E
}

@test "nn-train: what was killed goes on from its last checkpoint, and its log too" {
	mkfifo rows
	set -- -b 32 -e 8 --log-every 1 model-bn data.npy
	nn-train --log whole.log "$@" >whole
	nn-train --log rows --checkpoint state --checkpoint-every 10 "$@" >part &
	interrupt_at 25 $! KILL >part.log
	ended 137 $!
	[ "$(tail -1 part.log | cut -f 1)" -ge 25 ]
	printf '48\t3.0' >>part.log # a row that was cut off
	nn-train --log part.log --resume state "$@" >part
	cmp whole part
	diff <(columns whole.log step loss error) <(columns part.log step loss error)
}

@test "nn-train: to resume, a file that is not the log of this training is refused, and stays" {
	nn-train --steps 3 -b 32 --adversary 'pgd 20 steps 2' --validation first.npy --checkpoint state --log part.tsv \
		model data.npy >part
	# Without the images of --validation, the log has two columns fewer.
	local resume="nn-train --steps 5 -b 32 --adversary 'pgd 20 steps 2' --resume state"
	for file in part.tsv data.npy model; do
		cp "$file" other
		refuses "other: not a log of this training: its columns are others" "$resume --log other model data.npy"
		cmp "$file" other
	done
	# An empty file, or one whose first line was cut off, has no rows yet.
	for text in '' $'step\tepo'; do
		printf %s "$text" >short
		eval "$resume --log short model data.npy" >rest
		[ "$(head -1 short | cut -f 1-3)" = $'step\tepoch\timages' ]
		[ "$(tail -1 short | cut -f 1)" = 5 ]
	done
}

@test "nn-train: SIGTERM writes the checkpoint too, and without one says where it was" {
	mkfifo rows
	for option in '--checkpoint state' ''; do
		# shellcheck disable=SC2086 # two words, or none
		nn-train -e 99 -b 5 --log rows --log-every 1 $option model data.npy 2>message >out &
		{
			head -20
			kill -TERM $!
			cat
		} <rows >log
		ended 2 $!
		grep -q '^nn-train: interrupted at step [0-9]*' message
		[ ! -s out ]
	done
	[[ $(cat message) =~ at\ step\ [0-9]+$ ]]
	nn-eval state data.npy >evaluated
	cmp <(nn-run state data.npy | npy-info | cut -f 2) <(printf 'shape\n(500,10)\n')
}

@test "nn-train: a checkpoint is complete at any time" {
	nn-train -e 10 -b 50 --checkpoint state --checkpoint-every 1 model-bn data.npy >out &
	while kill -0 $! 2>/dev/null; do
		[ ! -e state ] || nn-info state >info
	done
	ended 0 $!
	nn-info state >info
	[ "$(echo state*)" = state ] # no temporary file is left
}

@test "nn-train: a finished training is not trained again, but may be for longer" {
	nn-train -e 1 -b 32 --checkpoint state model-bn data.npy >one
	cmp one <(nn-train -e 1 -b 32 --resume state model-bn data.npy)
	nn-train -e 3 -b 32 model-bn data.npy >three
	cmp three <(nn-train -e 3 -b 32 --resume state model-bn data.npy)
	cmp three <(nn-train --steps 48 -b 32 --resume - model-bn data.npy <state)
	nn-train -e 1 -b 32 --schedule cosine --checkpoint state model data.npy >one
	refuses "state: is of a training with --steps 16, this one is with --steps 48" \
		'nn-train -e 3 -b 32 --schedule cosine --resume state model data.npy'
}

@test "nn-train: to resume another training is refused, and how it differs is said" {
	nn-train --steps 9 -b 32 --checkpoint state model data.npy >out
	local train='nn-train --steps 9 -b 32 --resume state'
	refuses "state: is of a training with --lr 0.001, this one is with --lr 0.002" "$train -r 0.002 model data.npy"
	refuses "with --optimizer adam, this one is with --optimizer adamw" "$train -o adamw model data.npy"
	refuses "with --batch 32, this one is with --batch 33" "$train -b 33 model data.npy"
	refuses "with --seed 1, this one is with --seed 12" "$train -s 12 model data.npy"
	refuses "state: is of a training without --no-shuffle, this one is with it" "$train --no-shuffle model data.npy"
	nn-train --steps 9 -b 32 -a 'crop 2, flip' --checkpoint changed model data.npy >out2
	refuses "changed: is of a training with --augment 'crop 2, flip', this one is with --augment 'crop 2, flip chance 0.5'" \
		'nn-train --steps 9 -b 32 -a "crop 2, flip chance 0.5" --resume changed model data.npy'
	refuses "with images:500, this one is with images:400" "$train model first.npy"
	refuses "with data:sha256:" "npy-pick -i 1:,0 data.npy | $train model"
	refuses "another network" "$train model-bn data.npy"
	nn-train --steps 1 -b 32 model data.npy >other
	refuses "began with another model" "$train other data.npy"
	refuses "began with another model" "$train out data.npy"
	refuses "has 9 steps, more than the 8 of this" "$train --steps 8 model data.npy"
	refuses "model: not a checkpoint" "nn-train --resume model model data.npy"
	sed 's/"training.step":"9"/"training.step":"x"/' state >wrong
	refuses "wrong: not a checkpoint: its training.step is 'x'" "nn-train --resume wrong model data.npy"
	sed 's/"training.worse"/"training.worst"/' state >wrong
	refuses "wrong: not a checkpoint: it lacks training.worse" "nn-train --resume wrong model data.npy"
	for number in training.count:-1 training.loss:nan; do
		/usr/bin/python3 - ${number/:/ } >wrong <<-'P'
			import re, struct, sys
			file = open("state", "rb").read()
			size = struct.unpack("<Q", file[:8])[0]
			header = re.sub(rb'"%b":"[^"]*"' % sys.argv[1].encode(), b'"%b":"%b"' % tuple(a.encode() for a in sys.argv[1:]), file[8:8 + size])
			sys.stdout.buffer.write(struct.pack("<Q", len(header)) + header + file[8 + size:])
		P
		refuses "wrong: not a checkpoint: its ${number%:*} is '${number#*:}'" "nn-train --resume wrong model data.npy"
	done
	sed 's/"sha256"/"sha255"/' state >wrong
	refuses "wrong: not a checkpoint: it lacks sha256" "${train/state/wrong} model data.npy"
}

@test "nn-train: a checkpoint in which a bit has changed is refused, wherever it is" {
	nn-train --steps 3 -b 32 --average 0.9 --holdout 100 --checkpoint state model data.npy >out
	bytes=$(stat -c %s state)
	for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
		/usr/bin/python3 - $((i * bytes / 20 + 9)) <<-'E'
			import sys
			b = bytearray(open("state", "rb").read())
			b[int(sys.argv[1])] ^= 1
			open("wrong", "wb").write(b)
		E
		refuses "wrong: " "nn-train --steps 3 -b 32 --average 0.9 --holdout 100 --resume wrong model data.npy"
	done
}

@test "nn-train: a loss that is not finite stops it, and leaves the last good checkpoint" {
	refuses "nn-train: step 2: the loss is not finite (a lower learning rate may help)" \
		'nn-train -o sgd -r 1e9 --weight-decay 1e9 model data.npy'
	# 16 steps an epoch; the rate falls by a factor each, so in the second it is far too high.
	run -2 --separate-stderr nn-train -o sgd -r 0.01 --schedule step:1:1e300 -b 32 --checkpoint state \
		--log log --save-at 16 model data.npy
	[ -z "$output" ]
	# shellcheck disable=SC2154 # bats sets it
	local message='^nn-train: step ([0-9]+): the loss .*; the last good state is in state$'
	[[ $stderr =~ $message ]]
	[ "${BASH_REMATCH[1]}" -gt 16 ]
	cmp <(values state) <(values step-16.safetensors)
	nn-eval state data.npy >table
}

@test "nn-train: a parameter that is not finite is neither written nor kept" {
	# Weights that black images leave alone, but weight decay multiplies by -1e18 a step
	nn-init <<<$'input 1x2x2\ndense 2 nobias' >dense
	numpy 'put(np.zeros((4, 2, 2), "u1"), np.array([0, 1, 0, 1]))' >black.npy
	refuses "step 3: a parameter is not finite" \
		'nn-train -o sgd -r 1e9 --weight-decay 1e9 --steps 3 --checkpoint state --checkpoint-every 1 dense black.npy'
	grep -qa '"training.step":"2"' state
	nn-info state >info
}

# ---- the log ----

@test "nn-train: the log has its columns, a row before the first step, and rows as asked for" {
	nn-train -e 3 -b 64 --holdout 100 --log log --log-every 4 --validate-every 6 model data.npy >out
	[ "$(head -1 log)" = "$(printf 'step\tepoch\timages\tseconds\tloss\terror\tval_loss\tval_error\tgradient\tclipped\tlr')" ]
	# 7 steps an epoch, the last of them with 16 images
	columns log step epoch images lr >found
	diff found - <<-'E'
		step	epoch	images	lr
		0	0.0000	0	0.001
		4	0.5714	256	0.001
		6	0.8571	384	0.001
		8	1.1429	464	0.001
		12	1.7143	720	0.001
		16	2.2857	928	0.001
		18	2.5714	1056	0.001
		20	2.8571	1184	0.001
		21	3.0000	1200	0.001
	E
	# validated: 0, 6, 12, 18, 21
	[ "$(columns log val_loss | grep -c nan)" -eq 4 ]
	columns log step val_loss | awk 'NR > 1 && ($2 == "nan") != ($1 % 6 != 0 && $1 != 21) { exit 1 }'
	columns log seconds | awk 'NR > 1 { if ($1 < last || $1 > 600) exit 1; last = $1 }'
}

@test "nn-train: without validation images val_loss and val_error are nan" {
	nn-train -e 1 --log log model data.npy >out
	columns log val_loss val_error | sed 1d | sort -u | diff - <(printf 'nan\tnan\n')
}

@test "nn-train: the log's row 0 is the first batch before any change" {
	nn-train --steps 3 -b 100 --no-shuffle --holdout 100 --log log --log-every 1 model data.npy >out
	npy-pick -i :100 data.npy | nn-eval model | awk 'NR == 2 { print $2, 1 - $4 }' >first
	nn-eval model last.npy | awk 'NR == 2 { print $2, 1 - $4 }' >held
	nn-eval out last.npy | awk 'NR == 2 { print $2, 1 - $4 }' >end
	columns log loss error val_loss val_error | awk '
		function near(a, b) { if (a - b > 2e-6 || b - a > 2e-6) { print FILENAME, a, b; exit 1 } }
		FILENAME != "-" { want[FILENAME, 1] = $1; want[FILENAME, 2] = $2; next }
		FNR == 2 { for (i = 1; i < 3; i++) { near($i, want["first", i]); near($(i + 2), want["held", i]) } }
		FNR == 3 { for (i = 1; i < 3; i++) near($i, want["first", i]) }
		FNR == 5 { for (i = 1; i < 3; i++) near($(i + 2), want["end", i]) }
		END { exit FNR != 5 }' first held end -
}

@test "nn-train: a row's loss is the mean of the steps since the row before" {
	set -- --steps 12 -b 50 -s 3 model-bn data.npy
	nn-train --log each --log-every 1 "$@" >out
	nn-train --log few --log-every 4 "$@" >out
	columns each step loss error | awk 'NR > 2 { l += $2; e += $3; if ($1 % 4 == 0) { printf "%d %.5f %.5f\n", $1, l / 4, e / 4; l = e = 0 } }' >want
	columns few step loss error | awk 'NR > 2 { printf "%d %.5f %.5f\n", $1, $2, $3 }' | diff want -
}

@test "nn-train: what cannot be written on the way is an error" {
	refuses "no/log: No such file" 'nn-train --log no/log model data.npy'
	refuses "no/state: No such file" 'nn-train --checkpoint no/state model data.npy'
	# At once, not when it is due.
	refuses "no/9.safetensors: No such file" 'nn-train --steps 9 --log late --save-at 9 --save-prefix no/ model data.npy'
	[ ! -e late ]
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "/dev/full: No space left on device" 'nn-train --log /dev/full model data.npy'
}

# ---- validation ----

@test "nn-train: --holdout is --validation with the images split off, and changes nothing else" {
	nn-train -e 2 -b 32 --holdout 100 --log held.log model-bn data.npy >held
	nn-train -e 2 -b 32 --validation last.npy --log apart.log model-bn first.npy >apart
	nn-train -e 2 -b 32 model-bn first.npy >alone
	cmp <(values held) <(values apart)
	cmp apart alone
	diff <(columns held.log step loss val_loss val_error) <(columns apart.log step loss val_loss val_error)
}

@test "nn-train: --patience stops when the loss has stopped falling, and writes the best" {
	set -- -e 50 -b 25 -r 0.03 --average 0.5 --holdout 100 --log log
	nn-train "$@" --patience 4 model data.npy >best
	columns log step val_loss | awk 'NR > 1 && $2 != "nan" && (NR == 2 || $2 < least) { least = $2; at = $1 }
		END { print at, $1, least }' >found
	read -r at last least <found
	[ "$last" -eq $((at + 4 * 16)) ]
	[ "$last" -lt 800 ]
	nn-eval best last.npy | awk -v least="$least" 'NR == 2 { exit $2 - least > 2e-6 || least - $2 > 2e-6 }'
	nn-train "$@" --save-at "$at" model data.npy >end
	cmp <(values best) <(values "step-$at.safetensors")
	grep -qa "step:$at\\\\n" best
}

# ---- what is written ----

@test "nn-train: --save-at writes models that say how many steps made them" {
	nn-train --steps 10 -b 32 --save-at 0,10,5 --save-prefix at- model data.npy >out
	cmp out at-10.safetensors
	cmp <(values model) <(values at-0.safetensors)
	cmp <(values at-5.safetensors) <(nn-train --steps 5 -b 32 model data.npy >five && values five)
	cmp at-5.safetensors five
	[ ! -e at-1.safetensors ]
}

@test "nn-train: the model's history says how it was made, of what" {
	digest=$(sha256sum <data.npy | cut -d ' ' -f 1)
	nn-train -e 1 -b 100 -s 7 -r 0.01 --holdout 100 --clip 2.5 --schedule step:2:0.5 model data.npy >out
	/usr/bin/python3 - model out >found <<-'E'
		import json, struct, sys
		def history(file):
		    b = open(file, "rb").read()
		    return json.loads(b[8:8 + struct.unpack("<Q", b[:8])[0]])["__metadata__"]["history"]
		before, after = map(history, sys.argv[1:])
		assert after.startswith(before)
		print(after[len(before):], end="")
	E
	diff found - <<-E
		nn-train --optimizer adam --schedule step:2:0.5 --seed 7 --lr 0.01 --beta1 0.9 --beta2 0.999 --epsilon 1e-08 --clip 2.5 --batch 100 --holdout 100 images:400 data:sha256:$digest step:4
	E
	# What influences nothing is not in it.
	cmp out <(nn-train -e 1 -b 100 -s 7 -r 0.01 --holdout 100 --clip 2.5 --schedule step:2:0.5 \
		--log log --validate-every 1 --checkpoint state --save-at 2 model data.npy)
}

@test "nn-train: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'nn-train -e 1 model data.npy >/dev/full'
	pipe 'nn-train -e 1 model data.npy | true'
}

@test "nn-train: progress is shown when asked for" {
	run -0 --separate-stderr pipe 'nn-train -e 1 model data.npy >out'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'nn-train -v -e 1 model data.npy >out'
	[[ $stderr == "nn-train: 1/4 steps"*"loss "* ]]
}

@test "nn-train: progress on a terminal makes way for a message" {
	script -qec true /dev/null >/dev/null 2>&1 || skip "no pseudo-terminal"
	script -qec 'nn-train -o sgd -r 1e9 --weight-decay 1e9 model data.npy >out' typescript >shown ||
		[ $? -eq 2 ]
	grep -q $'nn-train: 1/20 steps.*\r\e\\[Knn-train: step 2: the loss' shown
}

# ---- template layers ----

# One step of plain descent with the weight and one without differ by the filter loss's gradient; NumPy's is that
# of differences in double precision, from the definition of common/train/filters.h.
@test "nn-train: --template-weight adds the gradient of the filters' loss" {
	nn-init -b 0.1 <<<$'input 1x12x12 scale 255\nconv 4 3x3 pad 1\nrelu\ntemplate\nmaxpool 2x2\ndense 10' >new
	npy-pick -i :40 data.npy >some.npy
	set -- -o sgd -r 1 -b 40 --no-shuffle --steps 1
	nn-train "$@" new some.npy >without
	nn-train "$@" --template-weight 200 --log log new some.npy >with
	nn-train "$@" --log without.log new some.npy >without
	# The log's loss is without it.
	diff <(columns log loss | head -2) <(columns without.log loss | head -2)
	grep -qaF -e '--template-weight 200' with
	network_py '
net, (x, y) = Net("new"), get("some.npy")
x, n, images = x[:, None], 12, np.arange(len(y))
i, j = np.divmod(np.arange(n * n), n)
d = abs(i[:, None] - i) + abs(j[:, None] - j)
tau = 0.5 / n ** 2
T = tau * np.vstack([np.maximum(1 - 4 * d / n, -1), np.full((1, n * n), -1.0)])
pT = 1 / (n * n + 1)
def fits(c):
    maps = net.forward(x)["relu1"][:, c].reshape(len(x), -1)
    mean = maps.max(1).mean()
    return maps @ T.T * (2 / tau / mean if mean > 0 else 0), maps.argmax(1)
# The template that each image is to fit, in the network as it is; the others stay as they are.
before = [fits(c) for c in range(4)]
assert len({c for c in range(4) if (y == c).any()}) > 2
def loss():
    total = 0
    for c, (fit, peak) in enumerate(before):
        to = np.where(y == c, peak, n * n)
        fit = fit.copy()
        fit[images, to] = fits(c)[0][images, to]
        e = np.exp(fit)
        p = e / e.sum(0)
        total -= (pT * p * np.log(p / (pT * p).sum(1, keepdims=True))).sum()
    return total
for part in ("weight", "bias"):
    w = net.w["conv1." + part]
    want = np.zeros(w.shape)
    for at in np.ndindex(*w.shape):
        kept, sides = w[at], []
        for step in (1e-5, -1e-5):
            w[at] = kept + step
            sides.append(loss())
        w[at] = kept
        want[at] = (sides[0] - sides[1]) / 2e-5
    found = -(run("nn-weights with conv1." + part).astype("f8") - run("nn-weights without conv1." + part)) / 200
    assert abs(want).max() > 0.01
    # Weights of 0.5 are rounded to 3e-8, which is divided by 200; peaks of equal brightness, as at the
    # edges of what is drawn, make kinks.
    near(found, want, 1e-4)'
}

@test "nn-train: --template-weight learns, by any number of threads the same, and needs a template" {
	nn-init <<<$'input 1x12x12 scale 255\nconv 8 3x3 pad 1\nrelu\ntemplate\nconv 8 3x3 pad 1 from relu1\nrelu\nadd template1\ntemplate as t\ndense 10' >new
	for threads in 1 3; do
		OMP_NUM_THREADS=$threads nn-train -e 6 -b 25 -r 0.01 --template-weight 10 new data.npy >trained.$threads
	done
	cmp trained.1 trained.3
	nn-eval trained.1 data.npy | awk 'NR == 2 && $4 < 0.9 { print $4; exit 1 }'
	refuses "--template-weight: the network has no layer template" 'nn-train --template-weight 1 model data.npy'
	nn-init <<<$'input 1x12x12\ntemplate\ndense 10' >pixels
	refuses "--template-weight: the network has no layer template" 'nn-train --template-weight 1 pixels data.npy'
	nn-train -e 1 pixels data.npy >out
}

# ---- target images ----

# pairs N: images of 12x12 pixels with noise, as floats, and the images without it.
pairs() {
	dataset "$1" 5 >clean.npy
	npy-slice -k 0 clean.npy >targets.npy
	npy-slice -k 0 clean.npy | npy-calc -t f4 a | img-augment 'noise 30' - | cat - targets.npy
}

# picture LAYER ...: a model whose output is an image
picture() {
	{
		printf 'input 1x12x12 mean 100 scale 50\n'
		printf '%s\n' "$@"
	} | nn-init
}

@test "nn-train: --loss mse: an autoencoder learns to take noise away" {
	picture 'conv 8 3x3 pad 1' relu 'avgpool 2x2' 'conv 8 3x3 pad 1' relu 'upsample 2' 'conv 8 3x3 pad 1 from relu1' \
		'add upsample1' relu 'conv 1 3x3 pad 1' >new
	pairs 400 >pairs.npy
	nn-train --loss mse -e 20 -b 20 -r 0.01 --holdout 100 --log log new pairs.npy >trained
	# Noise of 30 pixels is an error of (30 / 50)^2 = 0.36 in the network's input space.
	columns log val_loss | tail -1 | awk '{ exit !($1 < 0.3) }'
	columns log error val_error | sed 1d | sort -u | diff - <(printf 'nan\tnan\n')
	# The loss is mapped as the input, by every program.
	npy-pick -i 300: pairs.npy >held.npy
	nn-eval --loss mse trained held.npy | awk -v log_loss="$(columns log val_loss | tail -1)" '
		NR == 2 { d = $2 - log_loss; exit d > 1e-8 || d < -1e-8 }'
	nn-train --loss mse -e 1 -b 20 --validation held.npy --log held.log trained held.npy >out
	diff <(columns log val_loss | tail -1) <(columns held.log val_loss | sed -n 2p)
	grep -qaF 'nn-train --loss mse --optimizer adam' trained
}

# One step of plain descent through one convolution of 1x1 is a line's: y = w x + b, and the loss is the mean
# over all images and elements of (y - t)^2.
@test "nn-train: --loss mse: a step is NumPy's" {
	picture 'conv 1 1x1' >line
	pairs 50 >pairs.npy
	nn-train --loss mse -o sgd -r 0.1 -b 50 --steps 1 --log log line pairs.npy >stepped
	for model in line stepped; do
		for part in weight bias; do nn-weights $model conv1.$part >$model.$part.npy; done
	done
	numpy '
x, t = ((a.astype("f8").ravel() - 100) / 50 for a in get("pairs.npy"))
w, b, w1, b1 = (get(f)[0].astype("f8").item() for f in ("line.weight.npy", "line.bias.npy", "stepped.weight.npy", "stepped.bias.npy"))
off = w * x + b - t
loss = float(open("log").readlines()[1].split("\t")[4])
# Sums of 7200 floats in blocks are exact to 1e-6.
assert abs(loss / (off ** 2).mean() - 1) < 1e-6, loss
assert abs(w - 0.1 * (2 * off * x).mean() - w1) < 1e-6 and abs(b - 0.1 * (2 * off).mean() - b1) < 1e-6'
}

@test "nn-train: --loss mse: targets are mapped as the input, each channel by its own mean and scale" {
	nn-init <<<$'input 3x5x4 mean 100 90 80 scale 50 20 80\nconv 3 1x1' >color
	numpy 'r = np.random.default_rng(2); put(r.integers(0, 256, (30, 3, 5, 4), "u1"), r.integers(0, 256, (30, 3, 5, 4), "u1"))' >color.npy
	nn-train --loss mse -o sgd -b 30 --steps 1 --log log color color.npy >out
	nn-eval --loss mse color color.npy | awk -v log_loss="$(columns log loss | tail -1)" '
		NR == 2 { d = $2 / log_loss - 1; exit d > 1e-6 || d < -1e-6 }'
	nn-init <<<$'input 3x5x4 mean 1 2 3\nconv 2 1x1' >two
	refuses "the input has a mean and a scale for each of 3 channels, the output of conv1 is (2,5,4): it has no pixels" \
		'nn-train --loss mse --steps 1 two color.npy'
}

@test "nn-train: --loss mse gives the same bytes by any number of threads, and from a checkpoint" {
	picture 'conv 4 3x3 pad 1' relu 'upsample 2' 'avgpool 2x2' 'conv 1 3x3 pad 1' >new
	pairs 100 >pairs.npy
	set -- --loss mse -b 30 --augment 'noise 10' new pairs.npy
	OMP_NUM_THREADS=1 nn-train --steps 9 "$@" >one
	cmp one <(OMP_NUM_THREADS=3 nn-train --steps 9 "$@")
	nn-train --steps 5 --checkpoint state "$@" >five
	cmp one <(nn-train --steps 9 --resume state "$@")
	# The same model and images, with another loss.
	{ npy-slice -k 0 first.npy; npy-slice -k 0 first.npy | nn-run model -; } >vectors.npy
	nn-train --loss mse --steps 3 --checkpoint state model vectors.npy >three
	refuses "is of a training with --loss mse, this one is without" \
		'nn-train --steps 9 --resume state model first.npy'
}

@test "nn-train: --loss mse: --augment changes images, not their targets" {
	picture 'conv 1 3x3 pad 1' >new
	pairs 60 >pairs.npy
	nn-train --loss mse -e 1 -b 20 -s 3 --augment 'noise 10' new pairs.npy >here
	npy-slice -k 0 pairs.npy | img-augment -s 3 'noise 10' - | cat - targets.npy >changed.npy
	nn-train --loss mse -e 1 -b 20 -s 3 new changed.npy >there
	cmp <(values here) <(values there)
}

@test "nn-train: --loss mse: targets have the shape of the output, in any type" {
	# Four times as many pixels; vectors.
	picture 'conv 3 3x3 pad 1' 'upsample 2' >larger
	numpy 'r = np.random.default_rng(1)
put(r.integers(0, 256, (20, 12, 12), "u1"), r.integers(0, 256, (20, 3, 24, 24), "u1"))' >larger.npy
	nn-train --loss mse -e 1 larger larger.npy >out
	numpy 'x, y = get("larger.npy"); put(x.astype("f8"), y.astype("i4"))' >typed.npy
	cmp <(values out) <(nn-train --loss mse -e 1 larger typed.npy >typed && values typed)
	picture 'dense 5' >vector
	numpy 'r = np.random.default_rng(1); put(r.integers(0, 256, (20, 12, 12), "u1"), r.normal(100, 50, (20, 5)))' >vector.npy
	nn-train --loss mse -e 30 -b 5 --log log vector vector.npy >out
	columns log loss | sed 1d | awk 'NR == 1 { first = $1 } END { exit !($1 < first / 2) }'
	refuses "expected vectors (N,5) as the network's output, found (500,)" 'nn-train --loss mse vector data.npy'
}

# ---- soft labels ----

# soft N: a data set of N images, and of each the probabilities of its classes: its own is the most
# probable of two, or the only one
soft() {
	dataset "$1" >hard.npy
	numpy "
x, y = get('hard.npy')
p = np.eye(10)
share = np.random.default_rng(7).choice([0, 0.1, 0.3, 0.45], $1)[:, None]
put(x, ((1 - share) * p[y] + share * p[(y + 3) % 10]).astype('f4'))"
}

# like LOG LOG: they are the same but for the seconds.
like() {
	cmp <(cut -f 1-3,5- "$1") <(cut -f 1-3,5- "$2")
}

@test "nn-train: labels as rows of zeros and a one give the same bytes as integers, whatever the options" {
	numpy 'x, y = get("data.npy"); put(x, np.eye(10, dtype="f4")[y])' >rows.npy
	while read -r options; do
		eval "nn-train -b 32 $options --log hard.tsv model-bn data.npy" >hard
		eval "nn-train -b 32 $options --log rows.tsv model-bn rows.npy" >rows
		cmp <(values hard) <(values rows)
		like hard.tsv rows.tsv
	done <<-'O'
		-e 2 --holdout 100 --augment 'shift -2:2 -2:2'
		-e 1 --label-smoothing 0.1 --validation last.npy --patience 1
		-e 1 --no-shuffle --label-smoothing 1
		--steps 3 --holdout 100 --adversary 'fgsm 20'
		--steps 3 --holdout 100 --label-smoothing 0.3 --adversary 'pgd 20'
		--steps 3 --holdout 100 --label-smoothing 0.3 --adversary 'trades 20'
	O
	for type in u1 i8 f8 f2; do
		numpy "x, p = get('rows.npy'); put(x, p.astype('$type'))" >typed.npy
		nn-train -b 32 -e 1 --no-shuffle --label-smoothing 1 model-bn typed.npy >typed
		nn-train -b 32 -e 1 --no-shuffle --label-smoothing 1 model-bn data.npy >hard
		cmp <(values hard) <(values typed)
	done
}

# The softmax of one dense layer, the loss -sum t log p and a step of plain descent, in double precision.
# Sums of 500 floats around 0.1 are exact to 1e-6.
@test "nn-train: a step on soft labels is NumPy's, smoothed or not, and of images that an adversary has changed" {
	nn-init <<<$'input 1x12x12 scale 255\ndense 10' >line
	soft 500 >soft.npy
	for smoothing in 0 0.2; do
		for epsilon in 0 20; do
			how=()
			[ $epsilon -eq 0 ] || how=(--adversary "fgsm $epsilon")
			nn-train -o sgd -r 0.5 -b 500 --steps 1 --no-shuffle --label-smoothing $smoothing "${how[@]}" \
				--log log line soft.npy >stepped
			for model in line stepped; do
				for part in weight bias; do nn-weights $model dense1.$part >$model.$part.npy; done
			done
			numpy "
x, t = get('soft.npy')
x, t = x.reshape(500, 144).astype('f8'), t.astype('f8')
w, b, w1, b1 = (get(f)[0].astype('f8') for f in ('line.weight.npy', 'line.bias.npy', 'stepped.weight.npy', 'stepped.bias.npy'))
def off(x, t):
    z = x / 255 @ w.T + b
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return p - t, -(t * np.log(p)).sum(1), (z.argmax(1) != t.argmax(1))
smooth = (1 - $smoothing) * t + $smoothing / 10
# The adversary raises the loss of the labels as they are; half of the loss is that of the images as they are.
changed = np.clip(x + $epsilon * np.sign(off(x, t)[0] @ w), 0, 255)
loss, dw, db = 0, 0, 0
for image in x, changed:
    d, l, wrong = off(image, smooth)
    loss, dw, db = loss + l.mean() / 2, dw + d.T @ image / 255 / 1000, db + d.mean(0) / 2
row = open('log').readlines()[1].split('\t')
assert abs(float(row[4]) - loss) < 1e-6, (row, loss)
assert float(row[5]) == wrong.mean(), (row, wrong.mean())
assert abs(w - 0.5 * dw - w1).max() < 1e-6 and abs(b - 0.5 * db - b1).max() < 1e-6
assert abs(0.5 * dw).max() > 0.01"
		done
	done
}

@test "nn-train: soft labels give the same bytes by any number of threads, and from a checkpoint" {
	soft 300 >soft.npy
	set -- -b 32 --holdout 60 --label-smoothing 0.1 --augment 'noise 10' --adversary 'pgd 20 steps 2' model-bn soft.npy
	OMP_NUM_THREADS=1 nn-train --steps 12 "$@" >one
	cmp one <(OMP_NUM_THREADS=3 nn-train --steps 12 "$@")
	nn-train --steps 5 --checkpoint state "$@" >five
	cmp one <(nn-train --steps 12 --resume state "$@")
	refuses "is of a training with data:sha256:" 'nn-train -b 32 --holdout 60 --label-smoothing 0.1 \
		--augment "noise 10" --adversary "pgd 20 steps 2" --steps 12 --resume state model-bn hard.npy'
}

@test "nn-train: soft and hard labels validate each other, as nn-eval measures" {
	soft 300 >soft.npy
	while read -r train held; do
		nn-train -e 2 -b 25 --validation "$held" --log log.tsv model "$train" >trained
		paste <(tsv-pick --last val_loss,val_error log.tsv) <(nn-eval trained "$held" | tsv-pick loss,accuracy) |
			awk 'NR == 2 { d = $1 - $3; e = $2 + $4 - 1; exit !(d * d < 1e-11 && e * e < 1e-11) }'
	done <<-'E'
		soft.npy hard.npy
		hard.npy soft.npy
		soft.npy soft.npy
	E
}

@test "nn-train: of labels shared by two classes the shares are learned" {
	dataset 300 >hard.npy
	numpy 'x, y = get("hard.npy"); p = np.eye(10); put(x, 0.7 * p[y] + 0.3 * p[(y + 1) % 10])' >shared.npy
	nn-train -e 100 -b 25 -r 0.003 model shared.npy >trained
	nn-run -p trained shared.npy >found.npy
	# Softer than the shares where the network is not sure of the image.
	numpy '
p, t = get("found.npy")[0], get("shared.npy")[1]
first, second = p[t > 0.5].mean(), p[(t > 0.2) & (t < 0.5)].mean()
assert 0.6 < first < 0.75 and 0.2 < second < 0.35, (first, second)'
}

@test "nn-train: soft labels that are no distributions are refused" {
	change() { numpy "x, y = get('data.npy'); p = np.eye(10)[y]; $1; put(x, p)" | nn-train --steps 1 model -; }
	export -f change
	refuses "label of image 7: expected probabilities, found -0.1 for class 3" 'change "p[7, 3] = -0.1"'
	refuses "label of image 499: expected probabilities, found nan for class 9" 'change "p[499, 9] = np.nan"'
	refuses "label of image 8: expected probabilities whose sum is 1, found 1.002" 'change "p[8] = 0.1002"'
	refuses "label of image 0: expected probabilities whose sum is 1, found 0" 'change "p[0] = 0"'
	refuses "label of image 1: expected probabilities whose sum is 1, found inf" 'change "p[1, 1] = np.inf"'
	refuses "expected labels (500,) or (500,10) for the images before, found (500,9)" 'change "p = p[:, 1:]"'
	refuses "found 500 images and 499 labels" 'change "p = p[1:]"'
	refuses "expected 2 arrays, found more" "numpy 'x, y = get(\"data.npy\"); put(x, np.eye(10)[y], y)' | nn-train model"
	# Rounded to four digits, or to half floats, they are.
	numpy 'x, y = get("data.npy"); r = np.random.default_rng(1); p = r.dirichlet(np.ones(10), 500)
put(x, p.round(4))' | nn-train --steps 1 model - >rounded
	numpy 'x, y = get("data.npy"); r = np.random.default_rng(1); p = r.dirichlet(np.ones(10), 500)
put(x, p.astype("f2"))' | nn-train --steps 1 model - >half
}

# ---- refusals ----

@test "nn-train: targets that do not fit the network are refused" {
	picture 'conv 1 3x3 pad 1' >new
	pairs 20 >pairs.npy
	refuses "--label-smoothing needs --loss ce" 'nn-train --loss mse --label-smoothing 0.1 new pairs.npy'
	refuses "--loss: 'l1' is not one of ce, mse" 'nn-train --loss l1 new pairs.npy'
	refuses "the network ends in conv1" 'nn-train new data.npy'
	refuses "expected images (N,12,12) as the network's output, found (500,)" 'nn-train --loss mse new data.npy'
	refuses "expected target images after the images, found the end" 'nn-train --loss mse new targets.npy'
	refuses "expected 20 target images, one for each image, found 19" \
		'npy-slice 1: targets.npy | cat targets.npy - | nn-train --loss mse new'
	refuses "found more" 'cat pairs.npy targets.npy | nn-train --loss mse new'
	refuses "a pixel is NaN" "numpy 'x, y = get(\"pairs.npy\"); y = y * 1.0; y[3, 4, 5] = np.nan; put(x, y)' | nn-train --loss mse new"
}

@test "nn-train: data that does not fit the network is refused" {
	numpy 'x, y = get("data.npy"); y[7] = 10; put(x, y)' >labels.npy
	refuses "label 10 of image 7 is not among the network's 10 classes" 'nn-train model labels.npy'
	numpy 'x, y = get("data.npy"); put(x, y.astype("f4"))' >floats.npy
	refuses "expected labels of an integer type, found <f4" 'nn-train model floats.npy'
	numpy 'x, y = get("data.npy"); put(x, y[1:])' >few.npy
	refuses "expected a label for each image, found 500 images and 499 labels" 'nn-train model few.npy'
	numpy 'x, y = get("data.npy"); put(x[:, 1:], y)' >low.npy
	refuses "expected images (N,12,12) as the network's input, found (500,11,12)" 'nn-train model low.npy'
	numpy 'x, y = get("data.npy"); put(np.stack([x] * 3, 1), y)' >color.npy
	refuses "found (500,3,12,12)" 'nn-train model color.npy'
	numpy 'x, y = get("data.npy"); x = x * 1.0; x[499, 11, 11] = np.nan; put(x, y)' >nan.npy
	refuses "a pixel is NaN or infinite" 'nn-train model nan.npy'
	refuses "expected labels after the images, found the end" 'npy-slice -k 0 data.npy | nn-train model'
	refuses "expected 2 arrays, found more" 'cat data.npy last.npy | nn-train model'
	refuses "lacks its last" 'head -c 30000 data.npy | nn-train model'
	refuses "no images" 'npy-pick -c 0 data.npy | nn-train model'
	refuses "expected an NPY array" 'nn-train model model'
	refuses "label" "numpy 'x, y = get(\"last.npy\"); put(x, y - 1)' | nn-train --validation - model first.npy"
}

@test "nn-train: options that make no sense are refused" {
	while IFS='|' read -r message options; do
		refuses "$message" "nn-train $options data.npy"
	done <<-'E'
		'adagard' is not one of sgd, momentum|-o adagard model
		'linear' is not one of constant, step|--schedule linear model
		'step:0:1' is not one of|--schedule step:0:1 model
		'step:1' is not one of|--schedule step:1 model
		'step:1:1:1' is not one of|--schedule step:1:1:1 model
		'step:nan:1' is not one of|--schedule step:nan:1 model
		'nan' is not a number|--lr nan model
		--lr: inf is not between|--lr inf model
		--lr: -1 is not between|-r -1 model
		--beta1, --beta2: 1 is not below 1|--beta2 1 model
		--momentum: adam has none|--momentum 0.5 model
		--rho: sgd has none|-o sgd --rho 0.5 model
		--label-smoothing: 1.1 is not between|--label-smoothing 1.1 model
		--epochs: 0 is not between|-e 0 model
		--batch: '1e3' is not a whole number|-b 1e3 model
		--holdout: 500 of 500 images leave none|--holdout 500 model
		cannot be combined|--holdout 5 --validation last.npy model
		--patience needs --holdout or --validation|--patience 5 model
		--validate-every needs --holdout or --validation|--validate-every 5 model
		--checkpoint-every needs --checkpoint|--checkpoint-every 5 model
		--save-at: '' is not a whole number|--save-at 1,,2 model
		--save-at: '' is not a whole number|--save-at 1, model
		--save-at: step 21 comes after the last, 20|--save-at 1,21 model
		no-such-file|--resume no-such-file model
		no-such-file|--validation no-such-file model
		only one of the model, the data|--validation - -
		only one of the model, the data|--resume - --validation - model
	E
	refuses "only one of the model, the data" 'nn-train - <model'
}

@test "nn-train: a network without classes is refused" {
	nn-init <<<$'input 1x12x12\nconv 4 3x3' >pictures
	refuses "conv1" 'nn-train pictures data.npy'
}

# ---- frozen layers ----

# changed A B: the layers of whose tensors a bit has changed, one a line
changed() {
	for name in $(nn-weights "$1" | awk 'NR > 1 { print $1 }'); do
		cmp -s <(nn-weights "$1" "$name") <(nn-weights "$2" "$name") || echo "${name%.*}"
	done | sort -u
}

@test "nn-train: --freeze keeps layers to the bit, whatever else the options change" {
	# So that batch norm's parameters are not those that it begins with.
	nn-train -e 1 -b 32 -r 0.01 model-bn data.npy >begun
	while read -r layers options; do
		# shellcheck disable=SC2086 # several words
		nn-train -e 1 -b 32 --freeze "$layers" $options begun data.npy >frozen
		printf '%s\n' conv1 bn1 dense1 | grep -vxF -e "${layers/,/$'\n'}" | sort | diff - <(changed begun frozen)
	done <<-'E'
		conv1 -o sgd --weight-decay 0.1
		bn1 -o momentum --average 0.9
		dense1 -o nesterov --clip 0.01
		conv1,bn1 -o adagrad --weight-decay 0.1 --holdout 20 --patience 1
		bn1,dense1 -o rmsprop --label-smoothing 0.1
		conv1,dense1 -o adam --average 0.5
		conv1,bn1 -o adamw --weight-decay 0.5
	E
	nn-train -e 1 -b 32 --freeze bn1 --adversary 'pgd 10 steps 2' begun data.npy >frozen
	[ "$(changed begun frozen | xargs)" = 'conv1 dense1' ]
}

@test "nn-train: --freeze gives the same bytes by any number of threads, and in any order" {
	for threads in 1 2 3; do
		OMP_NUM_THREADS=$threads nn-train -e 1 -b 32 --freeze conv1,bn1 model-bn data.npy >frozen.$threads
		cmp frozen.1 frozen.$threads
	done
	cmp frozen.1 <(nn-train -e 1 -b 32 --freeze bn1,conv1,bn1 model-bn data.npy)
	nn-info --history frozen.1 | grep -q -- ' --freeze conv1,bn1 images:'
}

@test "nn-train: --freeze of the first layers trains the last as it would alone" {
	# What the first four layers make of the images is the data of the fifth: as pixels of its own.
	network >whole
	printf 'input 4x6x6\ndense 10\n' | nn-init --from whole >top
	{ nn-run -l maxpool1 whole data.npy; npy-slice -k 1 data.npy; } >features.npy
	nn-train -e 2 -b 32 --freeze conv1 whole data.npy >one
	nn-train -e 2 -b 32 top features.npy >two
	# Sums of floats in another order, thirty steps long.
	npy-diff -n 1e-5 <(nn-weights one dense1.weight) <(nn-weights two dense1.weight)
}

@test "nn-train: a checkpoint keeps nothing of frozen layers but what they are" {
	nn-train --steps 3 -b 32 --freeze conv1,bn1 --checkpoint state model-bn data.npy >out
	head -c 5000 state | grep -oaE '"optimizer\.[^"]*"' | sort | diff - <(printf '"optimizer.%s"\n' \
		0.dense1.bias 0.dense1.weight 1.dense1.bias 1.dense1.weight)
	refuses "is of a training with --freeze conv1,bn1, this one is with --freeze conv1" \
		'nn-train --steps 9 -b 32 --freeze conv1 --resume state model-bn data.npy'
	# An option that only one of the two has is named with its value.
	refuses "is of a training with --freeze conv1,bn1, this one is without" \
		'nn-train --steps 9 -b 32 --resume state model-bn data.npy'
}

@test "nn-train: MNIST's network becomes Fashion-MNIST's in three lines" {
	[ -n "${DATASETS:-}" ] || skip "no DATASETS"
	for set in mnist fashion-mnist; do
		for part in train t10k; do
			for kind in images-idx3 labels-idx1; do
				gzip -dc "$DATASETS/$set/$part-$kind-ubyte.gz" | idxtonpy | npy-slice :1000
			done >$set-$part.npy
		done
	done
	printf '%s\n' 'input 1x28x28 scale 255' 'conv 16 3x3 pad 1' relu 'maxpool 4x4' 'dense 10' >net
	nn-init net | nn-train -b 32 - mnist-train.npy >mnist.model

	nn-init --from mnist.model --fresh dense1 -s 2 net >start.model
	nn-train -b 32 --freeze conv1 start.model fashion-mnist-train.npy >fashion.model
	nn-eval fashion.model fashion-mnist-t10k.npy >evaluation

	[ "$(changed mnist.model fashion.model)" = dense1 ]
	# Of ten classes: most pictures are classified correctly.
	awk 'NR == 2 && $4 < 0.6 { print $4; exit 1 }' evaluation
}

@test "nn-train: what cannot be frozen is refused" {
	refuses "there is no layer 'conv2', only conv1, bn1" 'nn-train --freeze conv1,conv2 model-bn data.npy'
	refuses "there is no layer ''" 'nn-train --freeze conv1, model-bn data.npy'
	refuses "--freeze: layer dropout1 has no parameters" 'nn-train --freeze dropout1 model-bn data.npy'
	refuses "--freeze: no layer is left to train" 'nn-train --freeze dense1,conv1,bn1 model-bn data.npy'
}

# ---- against an independent trace ----

# traced TOLERANCE [LAYER ...] < OPTIONS: with each line of options, nn-train's 100 steps are those of
# trace.py, in double precision. A step is 32 images, or the 10 that end an epoch.
traced() {
	dataset 330 3 >train.npy
	printf '%s\n' 'input 1x12x12 scale 255' "${@:2}" 'maxpool 2x2' 'dense 10' | nn-init >traced.model
	local tolerance=$1
	while read -r options; do
		# shellcheck disable=SC2086 # several words
		set -- $options --steps 100 --batch 32
		nn-train "$@" --no-shuffle --log-every 1 --log log --validation last.npy traced.model train.npy >out
		/usr/bin/python3 "$BATS_TEST_DIRNAME/trace.py" "$@" --tolerance "$tolerance" log traced.model train.npy last.npy ||
			{ printf '%s\n' "$options"; return 1; }
	done
}

# What decides here is float against double at the kinks of relu and maxpool: where an element is
# on the other side of one, losses differ by some 1e-6, by 1e-5 after a hundred steps.
@test "nn-train: 100 steps of every optimizer are those of a trace in double precision" {
	traced 1e-4 'conv 4 3x3 pad 1' relu <<-'E'
		--optimizer sgd --lr 0.1
		--optimizer momentum
		--optimizer nesterov
		--optimizer adagrad
		--optimizer rmsprop
		--optimizer adam
		--optimizer adamw
	E
}

# The gradient of a bias in front of batch norm is 0 but for rounding, and what divides by the root of
# its square makes steps of that: nobias.
@test "nn-train: 100 steps with batch norm are those of a trace in double precision" {
	traced 1e-4 'conv 4 3x3 pad 1 nobias' batchnorm relu <<-'E'
		--optimizer sgd --lr 0.1
		--optimizer momentum
		--optimizer nesterov
		--optimizer adagrad
		--optimizer rmsprop
		--optimizer adam
		--optimizer adamw
	E
}

@test "nn-train: without kinks the trace is followed to a millionth, with every option" {
	traced 1e-6 'conv 4 3x3 pad 1 nobias' batchnorm sigmoid <<-'E'
		--optimizer sgd --lr 1 --schedule cosine --clip 0.3 --weight-decay 0.01
		--optimizer momentum --lr 0.1 --momentum 0.5 --schedule step:2:0.5 --warmup 25
		--optimizer nesterov --lr 0.03 --schedule step:0.5:0.9 --label-smoothing 0.2 --average 0.9
		--optimizer adagrad --epsilon 0.01 --weight-decay 0.001
		--optimizer rmsprop --lr 0.001 --rho 0.9 --epsilon 0.0001 --average 0.5
		--optimizer adam --beta1 0.8 --beta2 0.9 --epsilon 0.001 --weight-decay 0.1
		--optimizer adamw --schedule onecycle --average 0.98 --weight-decay 0.5
		--optimizer adam --schedule onecycle --warmup 7 --clip 1
		--optimizer adamw --freeze bn1 --clip 0.3
		--optimizer nesterov --freeze conv1 --weight-decay 0.01
		--optimizer rmsprop --lr 0.001 --freeze conv1,bn1 --clip 0.1 --average 0.9
		--optimizer adagrad --freeze dense1 --weight-decay 0.001
	E
}

load helper
load training

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

# values MODEL: its parameters, without the history
values() {
	for name in $(nn-weights "$1" | awk 'NR > 1 { print $1 }'); do
		nn-weights "$1" "$name"
	done
}
export -f values

# columns LOG NAME...: these columns of a log
columns() {
	awk -F '\t' -v names="${*:2}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " ") }
		{ for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? "\t" : "\n" }' "$1"
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

@test "nn-train: the same seed gives the same bytes, another seed others" {
	nn-train -e 1 -b 32 model-bn data.npy >one
	cmp one <(nn-train -e 1 -b 32 -s 1 model-bn <data.npy)
	cmp one <(nn-train -e 1 -b 32 - data.npy <model-bn)
	run -1 cmp -s <(values one) <(nn-train -e 1 -b 32 -s 2 model-bn data.npy | values -)
}

@test "nn-train: without shuffling and dropout no seed counts" {
	cmp <(nn-train -e 2 -b 32 --no-shuffle -s 1 model data.npy >a && values a) \
		<(nn-train -e 2 -b 32 --no-shuffle -s 2 model data.npy >b && values b)
	run -1 cmp -s <(nn-train -e 2 -b 32 model data.npy >c && values c) <(values a)
}

@test "nn-train: two threads give the same bytes each time, and what one gives up to rounding" {
	local train='nn-train -o momentum --steps 10 -b 32 model-bn data.npy'
	OMP_NUM_THREADS=2 $train >two
	cmp two <(OMP_NUM_THREADS=2 $train)
	$train >one
	npy-diff -a 1e-5 <(values one) <(values two)
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

# ---- interruption ----

# interrupt_at STEP PID: copy the log that arrives in the pipe `rows`, and at the row of this step send SIGINT.
# The pipe is made so small that the program cannot be more than 70 rows ahead.
interrupt_at() {
	/usr/bin/python3 -c '
import fcntl, os, signal, sys
with open("rows", "rb", 0) as rows:
    fcntl.fcntl(rows, fcntl.F_SETPIPE_SZ, 4096)
    for row in rows:
        sys.stdout.buffer.write(row)
        if row.startswith(sys.argv[1].encode() + b"\t"):
            os.kill(int(sys.argv[2]), signal.SIGINT)' "$1" "$2"
}

# ended STATUS PID: the program in the background ends with this status.
ended() {
	local status=0
	wait "$2" || status=$?
	[ "$status" -eq "$1" ]
}

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
		columns whole.log step epoch images loss error val_loss val_error lr >want
		[ "$(wc -l <want)" -eq 122 ]
		columns part.log step epoch images loss error val_loss val_error lr | diff want -
	done <<-'E'
		model -o sgd -r 0.1 --holdout 20
		model -o momentum --no-shuffle --clip 1 --holdout 20
		model-bn --average 0.9 --schedule cosine --holdout 20
		model-bn -o rmsprop --label-smoothing 0.1 --schedule onecycle --warmup 9 --holdout 20
		model-bn -o adamw --patience 100 --holdout 20
	E
}

@test "nn-train: what was killed goes on from its last checkpoint, and its log too" {
	mkfifo rows
	set -- -b 32 -e 8 --log-every 3 model-bn data.npy
	nn-train --log whole.log "$@" >whole
	nn-train --log rows --checkpoint state --checkpoint-every 10 "$@" >part &
	sed '/^45\t/q' rows >part.log
	ended 2 $! # nobody reads the log
	[ "$(tail -1 part.log | cut -f 1)" = 45 ]
	printf '48\t3.0' >>part.log # a row that was cut off
	nn-train --log part.log --resume state "$@" >part
	cmp whole part
	diff <(columns whole.log step loss error) <(columns part.log step loss error)
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
	nn-train -e 30 -b 50 --checkpoint state --checkpoint-every 1 model-bn data.npy >out &
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
	refuses "this one is with --no-shuffle" "$train --no-shuffle model data.npy"
	refuses "with images:500, this one is with images:400" "$train model first.npy"
	refuses "with data:sha256:" "npy-pick -i 1:,0 data.npy | $train model"
	refuses "another network" "$train model-bn data.npy"
	nn-train --steps 1 -b 32 model data.npy >other
	refuses "began with another model" "$train other data.npy"
	refuses "began with another model" "$train out data.npy"
	refuses "has 9 steps, more than the 8 of this" "$train --steps 8 model data.npy"
	refuses "model: not a checkpoint" "nn-train --resume model model data.npy"
	sed 's/"step 9 /"step -9 /' state >negative
	refuses "negative:" "nn-train --resume negative model data.npy"
}

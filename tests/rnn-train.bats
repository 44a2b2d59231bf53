load helper
load recurrent
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	seq-motif -n 2000 -t 10 >data.npy
	rnn-init -n 24 --radius 1 >tanh
	rnn-init --cell=lstm -n 16 --memory 10 >lstm
}

# In a folder of its own, with the models and the data.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	ln -s "$BATS_FILE_TMPDIR"/* .
}

@test "rnn-train: sequences of 10 letters are learnt, and others like them told, to 95 % and more" {
	seq-motif -n 1000 -t 10 --skip 2000 >test.npy
	for cell in tanh lstm; do
		rnn-train -e 15 -r 0.01 --log log.tsv $cell data.npy >trained
		run -0 npytotsv <(rnn-run --last trained test.npy | npy-slice -k 1 | npy-reduce -a 1 argmax |
			npy-calc 'a == b' - <(npy-slice -k 1 test.npy) | npy-reduce mean)
		awk -v a="$output" 'BEGIN { exit !(a > 0.95) }' || { echo "$cell $output"; false; }
		columns log.tsv loss | awk 'NR == 2 { first = $1 } END { exit !(first > 0.6 && $1 < 0.2) }'
	done
}

@test "rnn-train: a step of gradient descent is that of rnn-grad, clipped to its norm" {
	npy-slice :48 data.npy >few.npy
	for cell in tanh lstm; do
		for clip in 0 0.01; do
			rnn-train -o sgd -r 0.5 --clip $clip --steps 1 -b 48 $cell few.npy >trained
			rnn-grad $cell few.npy >gradient.npy
			arrays <$cell >before.npy
			arrays <trained >after.npy
			numpy "
a, b, g = get('before.npy'), get('after.npy'), get('gradient.npy')
norm = np.sqrt(sum((x ** 2).sum() for x in g))
factor = min(1, $clip / (norm + 1e-6)) if $clip else 1
assert $clip == 0 or factor < .5
assert all(abs(y - (x - .5 * factor * z)).max() < 1e-14 for x, y, z in zip(a, b, g))"
		done
	done
}

@test "rnn-train: steps of Adam are those of rnn-grad's clipped gradients, batch after batch" {
	cp lstm now
	for k in 0 1 2; do
		npy-slice $((20 * k)):$((20 * k + 20)) data.npy | rnn-grad now - >gradient-$k.npy
		rnn-train --no-shuffle -b 20 -r 0.01 --clip 0.05 --steps $((k + 1)) lstm data.npy >now
	done
	arrays <lstm >before.npy
	arrays <now >after.npy
	numpy '
a, b = get("before.npy"), get("after.npy")
m, v = [0 * x for x in a], [0 * x for x in a]
for t in 1, 2, 3:
    g = get("gradient-%d.npy" % (t - 1))
    factor = .05 / (np.sqrt(sum((x ** 2).sum() for x in g)) + 1e-6)
    assert factor < .9
    for i, x in enumerate(g):
        m[i] = .9 * m[i] + .1 * factor * x
        v[i] = .999 * v[i] + .001 * (factor * x) ** 2
        a[i] = a[i] - .01 * m[i] / (1 - .9 ** t) / (np.sqrt(v[i] / (1 - .999 ** t)) + 1e-8)
assert all(abs(x - y).max() < 1e-12 for x, y in zip(a, b))'
}

@test "rnn-train: the same seed gives the same bytes, with any number of threads; another seed others" {
	for cell in tanh lstm; do
		OMP_NUM_THREADS=1 rnn-train -e 1 $cell data.npy >one
		cmp one <(OMP_NUM_THREADS=3 rnn-train -e 1 -s 1 $cell - <data.npy)
		cmp one <(OMP_NUM_THREADS=2 rnn-train -e 1 - data.npy <$cell)
		cmp one <(cat $cell data.npy | rnn-train -e 1)
		run -1 cmp -s <(arrays <one) <(rnn-train -e 1 -s 2 $cell data.npy | arrays)
	done
}

@test "rnn-train: without shuffling no seed counts" {
	rnn-train -e 2 --no-shuffle -s 1 tanh data.npy | arrays >a.npy
	cmp a.npy <(rnn-train -e 2 --no-shuffle -s 2 tanh data.npy | arrays)
	run -1 cmp -s a.npy <(rnn-train -e 2 tanh data.npy | arrays)
}

@test "rnn-train: no learning rate, no change" {
	rnn-train -r 0 -e 1 lstm data.npy | arrays | cmp - <(arrays <lstm)
}

@test "rnn-train: steps are taken whatever the epochs, and a batch is as many as there are" {
	npy-slice :100 data.npy >few.npy
	rnn-train --steps 8 -b 25 tanh few.npy >a.npy
	cmp a.npy <(rnn-train -e 2 -b 25 tanh few.npy)
	rnn-train --steps 3 --no-shuffle -b 100 tanh few.npy | arrays >all.npy
	cmp all.npy <(rnn-train --steps 3 --no-shuffle -b 5000 tanh few.npy | arrays)
}

@test "rnn-train: what is held out is not trained on, but measured" {
	rnn-train -e 2 --holdout 500 --log log.tsv lstm data.npy >held
	npy-slice :1500 data.npy >first.npy
	cmp <(arrays <held) <(rnn-train -e 2 lstm first.npy | arrays)
	npy-slice 1500: data.npy >held.npy
	rnn-train -e 2 --validation held.npy --log apart.tsv lstm first.npy >apart
	cmp <(arrays <held) <(arrays <apart)
	diff <(columns log.tsv step loss val_loss val_error) <(columns apart.tsv step loss val_loss val_error)
	# Sequences of another length can be validated on.
	seq-motif -n 70 -t 15 --skip 9000 >longer.npy
	rnn-train -e 2 --validation longer.npy --log longer.tsv lstm first.npy | cmp - apart
	rnn-run --last -l cross-entropy apart longer.npy >run.npy
	numpy 'assert abs(np.genfromtxt("longer.tsv", names=True)[-1]["val_loss"] - get("run.npy")[3].mean()) < 1e-8'
	rnn-run --last -l cross-entropy held held.npy >run.npy
	numpy '
h, o, y, loss = get("run.npy")
labels = get("held.npy")[1]
found = np.genfromtxt("log.tsv", names=True)[-1]
assert abs(found["val_loss"] - loss.mean()) < 1e-8
assert abs(found["val_error"] - (o.argmax(1) != labels).mean()) < 1e-6'
}

@test "rnn-train: the log has a row for the beginning, every so many steps, and each epoch" {
	rnn-train -e 2 -b 100 --holdout 1000 --log log.tsv --log-every 4 -o sgd -r 0.1 --clip 0.05 --schedule cosine \
		tanh data.npy >/dev/null
	[ "$(head -1 log.tsv)" = "$(printf 'step\tepoch\tsequences\tseconds\tloss\terror\tval_loss\tval_error\tgradient\tclipped\tlr')" ]
	[ "$(columns log.tsv sequences | tr '\n' ' ')" = 'sequences 0 400 800 1000 1200 1600 2000 ' ]
	[ "$(columns log.tsv step | tr '\n' ' ')" = 'step 0 4 8 10 12 16 20 ' ]
	[ "$(columns log.tsv val_loss | grep -c nan)" = 4 ]
	columns log.tsv step val_loss | awk 'NR > 1 && ($1 == 0 || $1 % 10 == 0) == ($2 == "nan") { exit 1 }'
	numpy '
log = np.genfromtxt("log.tsv", names=True)
assert abs(log["lr"] - .1 * (1 + np.cos(np.pi * np.maximum(log["step"] - 1, 0) / 20)) / 2).max() < 1e-9
assert (log["epoch"] == log["step"] / 10).all()
assert ((log["gradient"] > .05) == (log["clipped"] > 0)).any() and log["clipped"].max() == 1
assert 0 <= log["clipped"].min() and log["gradient"].min() > 0'
}

@test "rnn-train: row 0 of the log is the first batch, before any change" {
	npy-slice :32 data.npy >first.npy
	rnn-train --steps 1 --no-shuffle --log log.tsv tanh data.npy >/dev/null
	rnn-run --last -l cross-entropy tanh first.npy >run.npy
	rnn-grad tanh first.npy >gradient.npy
	numpy '
h, o, y, loss = get("run.npy")
row = np.genfromtxt("log.tsv", names=True)[0]
assert abs(row["loss"] - loss.mean()) < 1e-8
assert abs(row["error"] - (o.argmax(1) != get("first.npy")[1]).mean()) < 1e-6
norm = np.sqrt(sum((x ** 2).sum() for x in get("gradient.npy")))
assert abs(row["gradient"] / norm - 1) < 1e-5'
}

# ---- what it shares with nn-train ----

@test "rnn-train: interrupted and resumed gives the same bytes and the same log" {
	npy-slice :500 data.npy >few.npy
	mkfifo rows
	while read -r model options; do
		# 240 steps of 16 epochs
		# shellcheck disable=SC2086 # several words
		set -- -e 16 --log-every 1 --validate-every 10 --holdout 20 $options
		rnn-train "$@" --log whole.log "$model" few.npy >whole
		rnn-train "$@" --log rows --checkpoint state "$model" few.npy >part 2>message &
		interrupt_at 21 $! >part.log
		ended 2 $!
		[ ! -s part ]
		grep -qE '^rnn-train: interrupted at step [0-9]+; go on with --resume state$' message
		rnn-run --last state few.npy | npy-info | grep -qF '(500,2)'
		rnn-train "$@" --log part.log --checkpoint state --resume state "$model" few.npy >part
		cmp whole part
		columns whole.log step epoch sequences loss error val_loss val_error gradient clipped lr >want
		[ "$(wc -l <want)" -eq 242 ]
		columns part.log step epoch sequences loss error val_loss val_error gradient clipped lr | diff want -
	done <<-'E'
		tanh -o sgd -r 0.1 --no-shuffle
		lstm -r 0.01 --schedule onecycle --average 0.9
		tanh -o momentum --patience 100
	E
}

@test "rnn-train: to resume another training is refused, and how it differs is said" {
	rnn-train --steps 9 --checkpoint state tanh data.npy >out
	local train='rnn-train --steps 9 --resume state'
	cmp out <($train tanh data.npy)
	refuses "with --clip 1, this one is with --clip 2" "$train --clip 2 tanh data.npy"
	refuses "with sequences:2000, this one is with sequences:1900" "npy-slice :1900 data.npy | $train tanh -"
	refuses "with data:sha256:" "npy-pick -i 1:,0 data.npy | $train tanh -"
	refuses "another network" "$train lstm data.npy"
	refuses "began with another model" "rnn-init -n 24 | $train - data.npy"
	refuses "not a checkpoint: it lacks training.step" "rnn-train --resume tanh tanh data.npy"
}

@test "rnn-train: the average of the weights is what formula and snapshots say" {
	for cell in tanh lstm; do
		rnn-train --steps 2 -r 0.01 --save-at 0,1,2 --save-prefix plain- $cell data.npy >plain
		rnn-train --steps 2 -r 0.01 --average 0.75 $cell data.npy | arrays >averaged.npy
		cmp plain plain-2.safetensors
		cmp <(arrays <$cell) <(arrays <plain-0.safetensors)
		for step in 0 1 2; do
			arrays <plain-$step.safetensors >$step.npy
		done
		# Parameters of at most 3, rounded a few times.
		numpy '
a, b, c, found = (get(f + ".npy") for f in ("0", "1", "2", "averaged"))
assert all(abs(.75 * (.75 * x + .25 * y) + .25 * z - f).max() < 1e-14 for x, y, z, f in zip(a, b, c, found))
assert all(abs(y - x).max() > 1e-3 for x, y in zip(a, c))'
	done
}

@test "rnn-train: --patience stops when the loss has stopped falling, and writes the best" {
	npy-slice :150 data.npy >few.npy
	set -- -e 200 -r 0.03 --holdout 100 --log log.tsv
	rnn-train "$@" --patience 4 tanh few.npy >best
	columns log.tsv step val_loss | awk 'NR > 1 && $2 != "nan" && (NR == 2 || $2 < least) { least = $2; at = $1 }
		END { print at, $1 }' >found
	read -r at last <found
	[ "$last" -eq $((at + 4 * 2)) ]
	[ "$last" -lt 400 ]
	rnn-train "$@" --save-at "$at" tanh few.npy >end
	cmp <(arrays <best) <(arrays <"step-$at.safetensors")
	nn-info --history best | grep -q "step:$at\$"
}

@test "rnn-train: the model's history says how it was made, of what" {
	digest=$(sha256sum <data.npy | cut -d ' ' -f 1)
	cat lstm data.npy | rnn-train -e 1 -b 100 -s 7 -r 0.01 --holdout 100 --schedule cosine >out
	nn-info --history out | diff - <(
		nn-info --history lstm
		echo "rnn-train --optimizer adam --schedule cosine --seed 7 --lr 0.01 --beta1 0.9 --beta2 0.999 --epsilon 1e-08" \
			"--clip 1 --batch 100 --steps 19 --holdout 100 sequences:1900 data:sha256:$digest step:19"
	)
	cmp out <(rnn-train -e 1 -b 100 -s 7 -r 0.01 --holdout 100 --schedule cosine lstm data.npy)
	arrays <lstm >arrays.npy
	rnn-train --steps 1 arrays.npy data.npy | nn-info --history |
		grep -qx "arrays sha256:$(sha256sum <arrays.npy | cut -d ' ' -f 1)"
}

# ---- data ----

@test "rnn-train: a label for every step, and vectors in place of letters" {
	# Whether the number before was positive.
	numpy '
x = np.random.default_rng(1).normal(size=(400, 12, 1))
put(x, np.concatenate([np.zeros((400, 1)), x[:, :-1, 0] > 0], 1).astype("u1"))' >shift.npy
	rnn-init -n 12 -i 1 | rnn-train -e 20 -r 0.01 --holdout 100 --log log.tsv - shift.npy >trained
	columns log.tsv val_error | awk 'NR == 2 { first = $1 } END { exit !(first > 0.3 && $1 < 0.05) }'
}

@test "rnn-train: the candidate through the logistic function is another LSTM, and stays one" {
	arrays <lstm | npytornn --candidate sigmoid >before
	rnn-train -e 5 --holdout 500 --log log.tsv before data.npy >sigmoid
	run -1 cmp -s <(arrays <sigmoid) <(rnn-train -e 5 --holdout 500 lstm data.npy | arrays)
	npy-slice 1500: data.npy >held.npy
	rnn-run --last -l cross-entropy sigmoid held.npy >run.npy
	numpy 'assert abs(np.genfromtxt("log.tsv", names=True)[-1]["val_loss"] - get("run.npy")[3].mean()) < 1e-8'
}

@test "rnn-train: what does not stay finite ends it, and nothing is written" {
	arrays <tanh >arrays.npy
	for scale in 1e305 1e308; do
		numpy "W, U, V, b, c = get('arrays.npy'); put(W, U, np.sign(V) * $scale, b, c)" >large-$scale.npy
	done
	refuses "step 0: the gradient is not finite" 'rnn-train large-1e305.npy data.npy'
	refuses "step 0: the loss is not finite" 'rnn-train large-1e308.npy data.npy'
}

@test "rnn-train: what cannot be trained on is refused" {
	refuses "expected labels after the sequences" 'npy-slice -k 0 data.npy | rnn-train tanh -'
	refuses "--holdout: 2000 of 2000 sequences leave none" 'rnn-train --holdout 2000 tanh data.npy'
	refuses "expected letters 0 to 4, found" 'rnn-init -i 5 | rnn-train - data.npy'
	refuses "expected labels 0 to 0, found 1" 'rnn-init -o 1 | rnn-train - data.npy'
	refuses "lacks its last" 'head -c -7 data.npy | rnn-train tanh -'
	refuses "W: expected" 'rnn-train data.npy data.npy'
	refuses "no sequences" 'seq-motif -n 0 | rnn-train tanh -'
	refuses "no sequences" 'seq-motif -n 0 | rnn-train --validation - tanh data.npy'
	refuses "--optimizer: 'newton' is not one of" 'rnn-train -o newton tanh data.npy'
	refuses "--schedule" 'rnn-train --schedule zigzag tanh data.npy'
	refuses "--momentum: adam has none" 'rnn-train --momentum 0.5 tanh data.npy'
	refuses "--patience needs --holdout or --validation" 'rnn-train --patience 3 tanh data.npy'
	refuses "only one of the model, the data" 'rnn-train --validation - - data.npy'
	refuses "expected labels after the sequences" 'npy-slice -k 0 data.npy | rnn-train --validation - tanh data.npy'
	refuses "--lr: -1 is not between" 'rnn-train -r -1 tanh data.npy'
	refuses "--batch: 0 is not between" 'rnn-train -b 0 tanh data.npy'
	refuses "no/such/log: No such file" 'rnn-train -l no/such/log tanh data.npy'
	refuses "operand" 'rnn-train a b c'
	refuses "empty" 'rnn-train </dev/null'
}

@test "rnn-train: progress is shown where it is asked for" {
	rnn-train -v --steps 2 --holdout 100 tanh data.npy 2>&1 >/dev/null | tr '\r' '\n' |
		grep -q 'loss .*, validation error'
	[ -z "$(rnn-train --steps 2 tanh data.npy 2>&1 >/dev/null)" ]
	# A loss of 250 digits has room, too.
	nn-weights --set dense1.bias=<(nn-weights tanh dense1.bias | npy-calc 'a - 1e250 * (row == 1)') tanh >high
	rnn-train -v --steps 2 --holdout 100 high data.npy 2>&1 >/dev/null | tr '\r' '\n' | grep -q 'loss [1-9.]*e+2[45][0-9],'
}

@test "rnn-train: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'rnn-train --steps 1 tanh data.npy >/dev/full'
	refuses "/dev/full: No space left on device" 'rnn-train --steps 1 -l /dev/full tanh data.npy'
}

@test "rnn-train: a reader that went away is none" {
	pipe 'rnn-init -n 200 | rnn-train --steps 1 - data.npy | head -c 1000 >/dev/null'
}

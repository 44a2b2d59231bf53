load helper
load recurrent

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	toy_model >toy.model
	toy_sequence >toy.npy
	for cell in rnn lstm; do
		recurrent "put(*model('$cell', 1, 7, 3, 4))" >$cell.model
	done
	recurrent 'put(vectors(2, 11, 6, 3))' >vectors.npy
	recurrent 'put(letters(3, 11, 6, 3))' >letters.npy
	recurrent 'put(np.arange(11) % 4)' >labels.npy
	recurrent 'put(np.arange(66).reshape(11, 6) ** 2 % 4)' >each.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# Against NumPy: sums of no more than a dozen terms of size 1, in another order, six steps long; what
# errs by 1e-16 at a step may be ten times as much at the next few.
same() {
	npy-diff -a 1e-12 -r 1e-12 - "$1"
}

@test "rnn-run: the outputs and losses of document 003" {
	rnn-run --loss assignment toy.model toy.npy >out.npy
	npy-slice -k 2 out.npy | npy-diff -a 1e-12 - <(array f8 '[[0.9492160059666, 0.0507839940333],
		[0.9522199490891, 0.0477800509109], [0.9400112415720, 0.0599887584280]]')
	npy-slice -k 3 out.npy | npy-diff -a 1e-12 - <(array f8 '[3.181969072144948, 3.2456499539124866, 3.007207986556634]')
}

@test "rnn-run: states, outputs, softmax and losses of both cells and candidates are NumPy's" {
	for data in vectors letters; do
		while read -r cell candidate; do
			recurrent "
x, e = get('$data.npy')[0], get('each.npy')[0]
h, o = forward(get('$cell.model'), x, '$candidate')
y = softmax(o)
put(h, o, y, -np.log(np.take_along_axis(y, e[..., None], 2))[..., 0])" >expected.npy
			npytornn --candidate "$candidate" "$cell.model" >whole
			cat $data.npy each.npy | rnn-run -l cross-entropy whole - | same expected.npy
		done <<<$'rnn tanh\nlstm tanh\nlstm sigmoid'
	done
}

@test "rnn-run: model, sequences and labels on one stream, or in files" {
	cat rnn.model vectors.npy labels.npy >all.npy
	cat vectors.npy labels.npy >data.npy
	rnn-run -l cross-entropy <all.npy >out.npy
	cmp out.npy <(rnn-run -l cross-entropy all.npy)
	cmp out.npy <(rnn-run -l cross-entropy - data.npy <rnn.model)
	cmp out.npy <(rnn-run -l cross-entropy rnn.model - <data.npy)
	refuses "two operands '-'" 'rnn-run - - <all.npy'
}

@test "rnn-run: a model is a file of its own kind, or its arrays" {
	for cell in rnn lstm; do
		npytornn $cell.model >whole
		cmp <(rnn-run whole vectors.npy) <(rnn-run $cell.model vectors.npy)
		cmp <(cat whole vectors.npy | rnn-run) <(rnn-run $cell.model vectors.npy)
		cmp <(rnn-run - vectors.npy <whole) <(rnn-run $cell.model vectors.npy)
	done
	refuses "expected a recurrent model, found more after it" 'rnn-run <(cat whole vectors.npy) vectors.npy'
	refuses "expected sequences after the model, found the end" 'rnn-run whole'
	refuses "standard input: truncated in" 'head -c -1 whole | rnn-run - vectors.npy'
	nn-init <<<$'input 1x2x2\ndense 2' >layers
	refuses "expected a recurrent model" 'rnn-run layers vectors.npy'
}

@test "rnn-run: --last is the last step of all" {
	for cell in rnn lstm; do
		cat letters.npy labels.npy | rnn-run -l cross-entropy $cell.model - >all.npy
		cat letters.npy labels.npy | rnn-run --last -l cross-entropy $cell.model - >last.npy
		npy-slice :,-1 all.npy | cmp - last.npy
	done
	rnn-run --last --loss assignment toy.model toy.npy | cmp - <(rnn-run --loss assignment toy.model toy.npy | npy-slice -1)
}

@test "rnn-run: one sequence is as it is among others" {
	for data in vectors letters; do
		for k in 0 8 10; do
			npy-slice $k $data.npy | rnn-run lstm.model - | cmp - <(rnn-run lstm.model $data.npy | npy-slice $k)
		done
	done
	cmp <(npy-slice 0 letters.npy | cat - <(npy-slice 0 each.npy) | rnn-run -l cross-entropy lstm.model -) \
		<(cat letters.npy each.npy | rnn-run -l cross-entropy lstm.model - | npy-slice 0)
	cat <(npy-slice 0 letters.npy) <(array i8 '[2]') | rnn-run -l cross-entropy lstm.model - |
		npy-slice -k 3 | npy-info | grep -F '(6,)'
}

@test "rnn-run: threads do not change a byte, nor do many sequences" {
	numpy 'put(np.random.default_rng(1).integers(0, 3, (500, 20)).astype("u1"))' >many.npy
	OMP_NUM_THREADS=3 rnn-run lstm.model many.npy >out.npy
	cmp out.npy <(rnn-run lstm.model many.npy)
	npy-slice 300:310 many.npy | rnn-run lstm.model - | cmp - <(npy-slice 300:310 out.npy)
}

@test "rnn-run: letters are vectors that are 1 in their place, in any whole type" {
	numpy 'put(np.eye(3)[get("letters.npy")[0]])' | rnn-run lstm.model - | same <(rnn-run lstm.model letters.npy)
	numpy 'put(np.eye(3)[get("letters.npy")[0]].astype("u1"))' | rnn-run lstm.model - | same <(rnn-run lstm.model letters.npy)
	for type in u1 '>i2' i4; do
		cmp <(npy-slice : letters.npy | rnn-run rnn.model -) \
			<(numpy "put(get('letters.npy')[0].astype('$type'))" | rnn-run rnn.model -)
	done
}

@test "rnn-run: no sequences are an answer, no steps are none" {
	npy '|u1' '(0, 6)' | rnn-run lstm.model - | npy-info | cut -f 2 | sed 1d | tr '\n' ' ' | grep -Fx '(0,6,7) (0,6,4) (0,6,4) '
	npy '|u1' '(0, 6)' | rnn-run --last lstm.model - | npy-info | cut -f 2 | sed 1d | tr '\n' ' ' | grep -Fx '(0,7) (0,4) (0,4) '
	refuses "at least one step" 'npy "|u1" "(3, 0)" | rnn-run lstm.model -'
}

@test "rnn-run: parameters that do not fit together are refused" {
	local good=(W U V b c)
	for cell in rnn lstm; do
		for k in 0 1 2 3 4; do npy-slice -k $k $cell.model >"${good[k]}.npy"; done
		R=$(npy-slice -k 0 $cell.model | npy-info | sed -n '2s/.*(\([0-9]*\),.*/\1/p')
		refuses "U: expected ($R,2), found (3,2)" "cat W.npy <(array f8 'np.ones((3, 2))') V.npy b.npy c.npy vectors.npy | rnn-run"
		refuses "V: expected (4,7), found (4,6)" "cat W.npy U.npy <(array f8 'np.ones((4, 6))') b.npy c.npy vectors.npy | rnn-run"
		refuses "b: expected ($R,), found (8,)" "cat W.npy U.npy V.npy <(array f8 'np.ones(8)') c.npy vectors.npy | rnn-run"
		refuses "c: expected (4,), found (3,)" "cat W.npy U.npy V.npy b.npy <(array f8 'np.ones(3)') vectors.npy | rnn-run"
		refuses "b: expected (R,), found (7,1)" "cat W.npy U.npy V.npy <(array f8 'np.ones((7, 1))') c.npy vectors.npy | rnn-run"
	done
	refuses "expected (H,H), a tanh RNN, or (4H,H), an LSTM, found (3,2)" 'array f8 "np.ones((3, 2))" | rnn-run'
	refuses "W: expected (H,H) or (4H,H), found (4,)" 'array f8 "np.ones(4)" | rnn-run'
	refuses "W: expected (H,H) or (4H,H), found (0,0)" 'array f8 "np.ones((0, 0))" | rnn-run'
	refuses "expected five arrays W U V b c, found 3" 'cat W.npy U.npy V.npy | rnn-run'
	refuses "expected sequences after the model" 'rnn-run rnn.model'
	refuses "empty" 'rnn-run rnn.model - </dev/null'
	refuses "expected a recurrent model, found more after it" 'rnn-run <(cat rnn.model vectors.npy) vectors.npy'
}

@test "rnn-run: sequences that do not fit the model are refused" {
	refuses "expected letters 0 to 2, found 3" 'array i8 "[0, 1, 3]" | rnn-run rnn.model -'
	refuses "expected letters 0 to 2, found -1" 'array i8 "[0, -1, 2]" | rnn-run rnn.model -'
	refuses "vectors of 3 numbers, as many as U has columns, found (5,2)" 'array f4 "np.ones((5, 2))" | rnn-run rnn.model -'
	refuses "expected vectors (N,T,3) or (T,3), or letters" 'array f4 "np.ones(3)" | rnn-run rnn.model -'
	refuses "expected vectors (N,T,3) or (T,3), or letters" 'array u1 "np.ones((1, 1, 1, 3))" | rnn-run rnn.model -'
}

@test "rnn-run: labels that do not fit the sequences are refused" {
	refuses "expected labels 0 to 3, found 4" 'cat letters.npy <(array i8 "[4] * 11") | rnn-run -l cross-entropy rnn.model -'
	refuses "expected labels 0 to 3, found -1" 'cat letters.npy <(array i8 "[-1] * 11") | rnn-run -l cross-entropy rnn.model -'
	refuses "whole numbers (N,) or (N,T)" 'cat letters.npy <(array i8 "[1] * 10") | rnn-run -l cross-entropy rnn.model -'
	refuses "whole numbers (N,) or (N,T)" 'cat letters.npy <(array f8 "[1] * 11") | rnn-run -l cross-entropy rnn.model -'
	refuses "whole numbers (1,) or (T,)" 'cat <(npy-slice 0 letters.npy) labels.npy | rnn-run -l cross-entropy rnn.model -'
	refuses "expected labels after the sequences" 'rnn-run -l cross-entropy rnn.model letters.npy'
	refuses "found another array" 'cat letters.npy labels.npy labels.npy | rnn-run -l cross-entropy rnn.model -'
	# Where the labels are not needed, they are looked at when all is written.
	refuses "found another array" 'cat letters.npy labels.npy labels.npy | rnn-run rnn.model - >out.npy'
	refuses "whole numbers (N,) or (N,T)" 'cat letters.npy <(array i8 "[1] * 10") | rnn-run --last rnn.model - >out.npy'
	recurrent "put(*model('rnn', 1, 2, 3, 1))" >one.model
	refuses "of two outputs" 'rnn-run -l assignment one.model letters.npy'
	refuses "--loss" 'rnn-run -l squares rnn.model letters.npy'
}

@test "rnn-run: what is not finite is refused" {
	for bad in nan inf; do
		expect "
def broken(k):
    m = get('lstm.model')
    m[k].ravel()[-1] = np.$bad
    return tuple(m)" broken\({0,1,2,3,4}\)
		for k in 0 1 2 3 4; do
			refuses "is not finite" "rnn-run expected.$k vectors.npy"
		done
		numpy "x, = get('vectors.npy'); x[1, 2, 0] = np.$bad; put(x)" >bad.npy
		refuses "expected finite numbers, found $bad" 'rnn-run rnn.model bad.npy'
	done
	# In the last of more sequences than are run at once: what was loaded is checked before any is.
	numpy 'x = np.zeros((1000, 30, 3)); x[-1, -1, -1] = np.nan; put(x, np.zeros(1000, int))' >bad.npy
	refuses "expected finite numbers, found nan" 'rnn-run -l cross-entropy rnn.model bad.npy'
	refuses "expected finite numbers, found nan" 'rnn-grad --states rnn.model bad.npy'
}

@test "rnn-run: sizes beyond memory are refused, and so is what is truncated" {
	refuses "too large" 'npy "<f8" "(4294967296, 4294967296)" | rnn-run'
	refuses "truncated" 'npy "<f8" "(1048576, 1048576)" | rnn-run'
	refuses "too large" 'npy "|u1" "(1, 4611686018427387904)" | rnn-run rnn.model -'
	for shape in '(2305843009213693951, 4)' '(1, 1152921504606846975)' '(1099511627776, 1048576)'; do
		refuses "rnn-run: " "npy '|u1' '$shape' | rnn-run rnn.model -"
		# The sanitizers' malloc() ends a program that asks it for so much.
		[[ ${B:-} == *san ]] || refuses "rnn-run: " "npy '|u1' '$shape' | rnn-run --last rnn.model -"
	done
	size=$(wc -c <vectors.npy)
	refuses "lacks its last 8 bytes" "head -c $((size - 8)) vectors.npy | rnn-run rnn.model -"
}

@test "rnn-run: with --last memory does not grow with what is read" {
	small 'zeros 30000000 | npy-reshape -1,1000 | rnn-run --last lstm.model - | npy-info | grep -F "(30000,7)"'
}

@test "rnn-run: the examples of its page" {
	sed -n '/^array()/,/^\.Ed/p' "$root/man/rnn-run.1" | sed '$d; s/\\e/\\/g' >example
	run -0 pipe "$(cat example)"
	[ "${lines[0]}" = $'y1\ty2' ]
	[[ ${lines[3]} == 0.94001124*$'\t'0.05998875* ]]
	cat letters.npy labels.npy >test.npy
	cp lstm.model motif.model
	sed -n '/^rnn-run --last motif/,/^\.Ed/p' "$root/man/rnn-run.1" | sed '$d; s/\\e/\\/g' >example
	[ "$(pipe "$(cat example)")" = "$(recurrent "
h, o = forward(get('lstm.model'), get('letters.npy')[0])
print((o[:, -1].argmax(1) == get('labels.npy')[0]).mean())")" ]
}

@test "rnn-run: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'rnn-run toy.model toy.npy >/dev/full'
	zeros 300000 | npy-reshape -1,1000 >many.npy
	pipe 'rnn-run rnn.model many.npy | head -c 1 >/dev/null'
}

load helper
load recurrent

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	toy_model >toy.model
	toy_sequence >toy.npy
	for cell in rnn lstm; do
		recurrent "put(*model('$cell', 1, 3, 2, 4))" >$cell.model
	done
	recurrent 'put(vectors(2, 10, 5, 2))' >vectors.npy
	recurrent 'put(letters(3, 10, 5, 2))' >letters.npy
	recurrent 'put(np.arange(10) % 4)' >labels.npy
	recurrent 'put(np.arange(50).reshape(10, 5) ** 2 % 4)' >each.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# Central differences 1e-5 to either side lack 1e-10 / 6 of the third derivative, and 2^-52 / 1e-5 of the
# value, some 1e-10 of a loss of 5 steps of up to 5, is what rounding makes of them.
near() {
	npy-diff -a 2e-9 -r 0 "$@"
}

@test "rnn-grad: the gradients of document 003, by differences and by backpropagation" {
	rnn-grad --loss assignment toy.model toy.npy | npy-slice -k 3 |
		npy-diff -a 1e-12 -r 0 - <(array f8 '[-0.009961388328776648, 0.43400995363368755]')
	# Losses of 3, rounded to 4e-16, are divided by 2e-4.
	rnn-grad --loss assignment --numeric 1e-4 toy.model toy.npy | npy-slice -k 3 |
		npy-diff -a 1e-11 -r 0 - <(array f8 '[-0.009961388396373394, 0.43400995503928286]')
}

@test "rnn-grad: what document 003 derives by hand" {
	rnn-grad --of a:0 toy.model toy.npy | npy-slice -k 3 | npytotsv | tr '\n' ' ' | grep -x '1\.0045001.* -0\.0132897.* '
	rnn-grad --of a:1 toy.model toy.npy | npy-slice -k 3 | npytotsv | tr '\n' ' ' | grep -x '0 1\.025985.* '
	# The chain of the unit that depends on itself only, and dL/do, which is dL/dc.
	recurrent "
h, o = forward(get('toy.model'), get('toy.npy')[0])
(h1, _), (h2, _), _ = h[0]
y1, y2 = softmax(o)[0, 2]
d = 2 * (y1 - 0.5) * y1 * y2 + y1
put(np.float64(1 + (1 - h2 ** 2) * (1 + (1 - h1 ** 2))), np.array([d, -d]))" >expected.npy
	{
		rnn-grad --of a:0 toy.model toy.npy | npy-slice -k 3 0
		rnn-grad --loss assignment toy.model toy.npy | npy-slice -k 4
	} | npy-diff -a 1e-12 - expected.npy
}

@test "rnn-grad: the step of document 003, and the run after it" {
	step() {
		npy-calc 'a - 0.01 * b' <(npy-slice -k 3 toy.model) <(rnn-grad --loss assignment "$@" toy.model toy.npy | npy-slice -k 3)
	}
	step | npy-diff -a 1e-12 - <(array f8 '[-0.9999003861167, 0.9956599004637]')
	# The document went on with the differences.
	for k in 0 1 2; do npy-slice -k $k toy.model; done >stepped.model
	{ step --numeric 1e-4; npy-slice -k 4 toy.model; } >>stepped.model
	rnn-run --loss assignment stepped.model toy.npy >out.npy
	npy-slice -k 3 out.npy | npy-diff -a 1e-12 - <(array f8 '[3.181656470686604, 3.2455919001344706, 3.005316762519311]')
	npy-slice -k 2 2 out.npy | npy-diff -a 1e-10 - <(array f8 '[0.9399033857, 0.0600966143]')
}

@test "rnn-grad: backpropagation is NumPy's differences, for every cell, form, loss and step" {
	while read -r cell candidate; do
		npytornn --candidate "$candidate" "$cell.model" >whole
		for data in vectors letters; do
			recurrent "
m, x, each, label = get('$cell.model'), get('$data.npy')[0], get('each.npy')[0], get('labels.npy')[0]
def mean(loss, labels, steps):
    return lambda: losses(forward(m, x, '$candidate')[1], loss, labels)[:, steps].sum(1).mean()
for f in (mean('cross-entropy', label, [4]), mean('cross-entropy', each, [0, 1, 2, 3, 4]),
          mean('assignment', None, [2])):
    put(*(slopes(f, a) for a in m))" >expected.npy
			{
				cat whole $data.npy labels.npy | rnn-grad
				cat whole $data.npy each.npy | rnn-grad --step all
				cat whole $data.npy | rnn-grad --loss assignment --step 2
			} | near - expected.npy
		done
	done <<<$'rnn tanh\nlstm tanh\nlstm sigmoid'
}

@test "rnn-grad: --numeric is the same by differences, of units too" {
	for goal in "--of a:1" "--of h:2" "--of o:3" "--of y:0 --step all" "--of a:2 --step 0" "-l assignment --step all"; do
		for cell in rnn lstm; do
			# shellcheck disable=SC2086 # words
			near <(rnn-grad $goal $cell.model vectors.npy) <(rnn-grad $goal --numeric 1e-5 $cell.model vectors.npy)
		done
	done
	npy-diff -q <(rnn-grad --of h:0 rnn.model vectors.npy) <(rnn-grad --of h:1 rnn.model vectors.npy) && return 1
	near <(rnn-grad --of a:11 lstm.model vectors.npy) <(rnn-grad --of a:11 --numeric 1e-5 lstm.model vectors.npy)
}

@test "rnn-grad: --states is what a change of the states does, in each sequence by itself" {
	for cell in rnn lstm; do
		recurrent "
m, x, label = get('$cell.model'), get('vectors.npy')[0], get('labels.npy')[0]
loss = lambda t, k, e: losses(forward(m, x, bump=(t, k, e))[1], 'cross-entropy', label)[:, 3]
put(np.array([[(loss(t, k, 1e-5) - loss(t, k, -1e-5)) / 2e-5 for k in range(3)] for t in range(5)]).transpose(2, 0, 1))" >expected.npy
		cat vectors.npy labels.npy | rnn-grad --states --step 3 $cell.model - >found.npy
		near found.npy expected.npy
		cat <(npy-slice 7 vectors.npy) <(npy-slice 7:8 labels.npy) | rnn-grad --states --step 3 $cell.model - |
			cmp - <(npy-slice 7 found.npy)
	done
	# One step back is W, transposed, times the slopes.
	rnn-grad --states --of a:0 toy.model toy.npy | npy-slice 1: | npy-diff - <(array f8 '[[1, -1], [0, 0]]')
}

@test "rnn-grad: the gradient is the mean of those of the sequences" {
	cat vectors.npy labels.npy >data.npy
	for k in {0..9}; do
		cat <(npy-slice "$k" vectors.npy) <(npy-slice "$k:$((k + 1))" labels.npy) | rnn-grad lstm.model - | npy-slice -k 0
	done | npy-cat --stack | npy-reduce -a 0 mean | npy-diff -a 1e-15 - <(rnn-grad lstm.model data.npy | npy-slice -k 0)
}

@test "rnn-grad: threads do not change a byte" {
	recurrent 'put(letters(3, 300, 40, 2)); put(np.arange(300) % 4)' >many.npy
	cmp <(OMP_NUM_THREADS=3 rnn-grad --step all lstm.model many.npy) <(OMP_NUM_THREADS=1 rnn-grad --step all lstm.model many.npy)
	cmp <(OMP_NUM_THREADS=3 rnn-grad --states lstm.model many.npy) <(OMP_NUM_THREADS=1 rnn-grad --states lstm.model many.npy)
}

@test "rnn-grad: memory grows with the sequences, not with their states" {
	# 20,000 x 500 letters are 10 MB; the states would be 20,000 x 500 x 21 doubles.
	small '{ zeros 10000000 | npy-reshape -1,500; zeros 20000; } | rnn-grad lstm.model - | npy-info | grep -F "(12,3)"'
}

@test "rnn-grad: a descent along it lowers the loss" {
	cat letters.npy labels.npy >data.npy
	loss() {
		rnn-run --last -l cross-entropy "$1" data.npy | npy-slice -k 3 | npy-reduce mean | npytotsv
	}
	rnn-grad rnn.model data.npy >gradient.npy
	for k in 0 1 2 3 4; do
		npy-calc 'a - 0.1 * b' <(npy-slice -k $k rnn.model) <(npy-slice -k $k gradient.npy)
	done >lower.model
	squares=$(for k in 0 1 2 3 4; do npy-slice -k $k gradient.npy | npy-calc 'a * a' | npy-reduce sum | npytotsv; done | paste -sd +)
	# It falls by about the step times the squared length.
	awk "BEGIN { fall = $(loss rnn.model) - $(loss lower.model); want = 0.1 * ($squares); exit !(fall > 0.8 * want && fall < 1.05 * want) }"
}

@test "rnn-grad: what it cannot do is refused" {
	refuses "expected labels after the sequences" 'rnn-grad toy.model toy.npy'
	refuses "cannot be combined" 'rnn-grad --loss assignment --of a:0 toy.model toy.npy'
	refuses "cannot be combined" 'rnn-grad --states --numeric 1 toy.model toy.npy'
	for unit in a '' :0 c:0 a0 aa:0; do
		refuses "is not a unit such as" "rnn-grad --of '$unit' toy.model toy.npy"
	done
	for unit in a:2 h:2 o:2 y:2 h:-1 h: h:x; do
		refuses "--of: " "rnn-grad --of '$unit' toy.model toy.npy"
	done
	for step in 3 -1 first ''; do
		refuses "--step: " "rnn-grad --step '$step' -l assignment toy.model toy.npy"
	done
	refuses "--numeric" 'rnn-grad --numeric 0 -l assignment toy.model toy.npy'
	refuses "does not change by 1e-20" 'rnn-grad --numeric 1e-20 -l assignment toy.model toy.npy'
	refuses "at least one sequence" 'npy "<f8" "(0, 3, 2)" | rnn-grad -l assignment toy.model -'
	refuses "expected labels 0 to 3, found 7" 'cat vectors.npy <(array u1 "[7] * 10") | rnn-grad lstm.model -'
	refuses "expected (H,H), a tanh RNN, or (4H,H)" 'array f8 "np.ones((3, 2))" | rnn-grad'
	refuses "b: element 1 is not finite" \
		'recurrent "m = get(\"toy.model\"); m[3][1] = np.nan; put(*m)" | rnn-grad -l assignment - toy.npy'
	refuses "too large" 'npy "|u1" "(1, 4611686018427387904)" | rnn-grad --of h:0 toy.model -'
	refuses "truncated" 'npy "|u1" "(1073741824, 1048576)" | rnn-grad --of h:0 toy.model -'
}

@test "rnn-grad: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'rnn-grad --of h:0 toy.model toy.npy >/dev/full'
	zeros 300000 | npy-reshape -1,1000 >many.npy
	pipe 'rnn-grad --states --of h:0 toy.model many.npy | head -c 1 >/dev/null'
}

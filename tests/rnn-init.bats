load helper
load recurrent

@test "rnn-init: the arrays W, U, V, b, c have doubles, and their shapes" {
	rnn-init -n 7 -i 5 -o 3 | arrays >tanh.npy
	rnn-init -c lstm -n 7 -i 5 -o 3 | arrays >lstm.npy
	numpy '
for file, rows in ("tanh.npy", 7), ("lstm.npy", 28):
	a = get(file)
	assert [x.shape for x in a] == [(rows, 7), (rows, 5), (3, 7), (rows,), (3,)]
	assert all(x.dtype == "<f8" for x in a)'
	numpy 'assert [x.shape for x in get("tanh.npy")] == [(7, 7), (7, 5), (3, 7), (7,), (3,)]'
}

@test "rnn-init: every parameter is uniform between -1 / sqrt(H) and 1 / sqrt(H)" {
	rnn-init -c lstm -n 100 -i 50 -o 20 | arrays >x.npy
	numpy '
for x in get("x.npy"):
	x = x.ravel() * 10
	assert abs(x).max() <= 1 and abs(x).max() > 1 - 10 / x.size
	assert abs(x.mean()) < 5 / np.sqrt(3 * x.size) and abs((x ** 2).mean() - 1 / 3) < 5 * .3 / np.sqrt(x.size)'
}

@test "rnn-init: the arrays are drawn apart, and U and b to their own scale" {
	rnn-init -n 20 -s 4 | arrays >a.npy
	rnn-init -n 20 -s 4 --input-scale 3 -o 5 | arrays >b.npy
	cmp <(npy-slice -k 0 a.npy) <(npy-slice -k 0 b.npy)
	for k in 1 3; do
		npy-slice -k $k a.npy | npy-calc 'a * sqrt(20) * 3' | npy-diff -r 1e-14 - <(npy-slice -k $k b.npy)
	done
	numpy '
a = [x.ravel()[:16] for x in get("b.npy") if x.size > 15]
assert np.linalg.matrix_rank(np.array(a)) == len(a)'
}

@test "rnn-init: the same seed gives the same bytes, another seed others" {
	for cell in tanh lstm; do
		rnn-init -c $cell --seed 3 >a.model
		rnn-init -c $cell -s 3 | cmp a.model -
		run -1 cmp -s <(arrays <a.model) <(rnn-init -c $cell -s 4 | arrays)
	done
}

@test "rnn-init: W has the spectral radius that NumPy finds, and nothing else changes" {
	rnn-init -n 40 | arrays >a.npy
	for radius in 0.3 1 2.5; do
		rnn-init -n 40 --radius $radius | arrays >b.npy
		numpy "
a, b = get('a.npy'), get('b.npy')
assert abs(abs(np.linalg.eigvals(b[0])).max() / $radius - 1) < 1e-10
assert np.ptp(b[0] / a[0]) < 1e-12 / abs(a[0]).min() and all((x == y).all() for x, y in zip(a[1:], b[1:]))"
	done
	rnn-init -n 1 -r 0.5 | nn-weights - rnn1.weight_hh_l0 | npy-calc 'abs(a)' | npytotsv | grep -qx 0.5
	rnn-init -n 10 -r 0 | nn-weights - rnn1.weight_hh_l0 | npy-calc 'abs(a)' | npy-reduce max | npytotsv | grep -qx 0
}

@test "rnn-init: the forget bias is that of the second of four parts" {
	rnn-init -c lstm -n 6 | arrays >a.npy
	rnn-init -c lstm -n 6 --forget-bias 4.5 | arrays >b.npy
	numpy '
a, b = get("a.npy"), get("b.npy")
assert (b[3][6:12] == 4.5).all()
b[3][6:12] = a[3][6:12]
assert all((x == y).all() for x, y in zip(a, b))'
}

@test "rnn-init: with --memory, forget gates open for 1 to so many steps, and input gates for their share" {
	rnn-init -c lstm -n 400 | arrays >a.npy
	rnn-init -c lstm -n 400 --memory 101 | arrays >b.npy
	numpy '
a, b = get("a.npy"), get("b.npy")
assert (b[3][:400] == -b[3][400:800]).all()
tau = np.exp(b[3][400:800])
assert tau.min() >= 1 and tau.max() <= 100 and abs(tau.mean() - 50.5) < 5 * 99 / np.sqrt(12 * 400)
b[3][:800] = a[3][:800]
assert all((x == y).all() for x, y in zip(a, b))'
	rnn-init -c lstm -n 3 --memory 2 | nn-weights - rnn1.bias_ih_l0 | npy-slice :6 | npy-calc 'abs(a)' | npy-reduce max | npytotsv | grep -qx 0
	rnn-init -c lstm -n 3 --memory 9 --forget-bias 1 | nn-weights - rnn1.bias_ih_l0 | npy-slice 3:6 | npytotsv | sort -u | grep -qx 1
}

@test "rnn-init: the model says what it is and how it was made" {
	rnn-init -c lstm -n 6 --memory 9 -s 5 --candidate sigmoid >a.model
	[ "$(nn-info --history a.model)" = 'rnn-init --cell lstm --candidate sigmoid --units 6 --inputs 20 --outputs 2 --seed 5 --memory 9' ]
	[ "$(rnn-init -n 3 -r 0.5 --input-scale 0.1 | nn-info --history)" = \
		'rnn-init --cell tanh --units 3 --inputs 20 --outputs 2 --seed 1 --radius 0.5 --input-scale 0.1' ]
	# The candidate is no parameter.
	cmp <(arrays <a.model) <(rnn-init -c lstm -n 6 --memory 9 -s 5 | arrays)
}

@test "rnn-init: what makes no network is refused" {
	refuses "--cell: 'gru' is not one of" 'rnn-init -c gru'
	refuses "--units: 0 is not between" 'rnn-init -n 0'
	refuses "--units: 100000 is not between" 'rnn-init -n 100000'
	refuses "--inputs: 0 is not between" 'rnn-init -i 0'
	refuses "--outputs: 'two' is not a whole number" 'rnn-init -o two'
	refuses "--radius: -1 is not between" 'rnn-init -r -1'
	refuses "--radius: 'nan'" 'rnn-init -r nan'
	refuses "--input-scale: -1 is not between" 'rnn-init --input-scale -1'
	refuses "--radius: only a tanh network has it" 'rnn-init -c lstm -r 1'
	refuses "--forget-bias: only an LSTM has forget gates" 'rnn-init --forget-bias 1'
	refuses "--memory: only an LSTM has forget gates" 'rnn-init --memory 9'
	refuses "--candidate: only an LSTM has one" 'rnn-init --candidate sigmoid'
	refuses "--memory: 1 step is none" 'rnn-init -c lstm --memory 1'
	refuses "--memory: -5 is not between" 'rnn-init -c lstm --memory -5'
	refuses "operand" 'rnn-init net'
}

@test "rnn-init: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'rnn-init -n 1 >/dev/full'
}

@test "rnn-init: a reader that went away is none" {
	pipe 'rnn-init -n 300 | head -c 1000 >/dev/null'
}

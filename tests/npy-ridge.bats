load helper

# rows SEED N D: random rows with labels that they say something of, columns being of different size.
rows() {
	numpy "
r = np.random.default_rng($1)
X = r.normal(size=($2, $3)) * np.exp(r.normal(size=$3)) + r.normal(size=$3)
put(X, (X @ r.normal(size=($3, 3))).argmax(1))"
}

# matches PENALTY: V and c in v.npy are those of the rows in x.npy that NumPy finds by another way: least
# squares of rows and, below them, sqrt(penalty) I.
matches() {
	numpy "
X, Y = get('x.npy')
V, c = get('v.npy')
X = X.reshape(len(X), -1).astype(float)
T = np.eye(Y.max() + 1)[Y]
mx, mt = X.mean(0), T.mean(0)
below = np.sqrt($1) * np.eye(X.shape[1])
W = np.linalg.lstsq(np.vstack([X - mx, below]), np.vstack([T - mt, 0 * below[:, :1] * mt]), rcond=None)[0]
assert V.dtype == c.dtype == '<f8' and V.shape == W.T.shape and c.shape == mt.shape
assert abs(V - W.T).max() <= 1e-9 * abs(W).max(), abs(V - W.T).max()
assert abs(c - (mt - mx @ W)).max() <= 1e-9, c"
}

@test "npy-ridge: V and c are NumPy's, with many rows and with few, for any penalty" {
	for shape in 200,5 6,40 30,30 1,4 3,1; do
		rows 1 "${shape%,*}" "${shape#*,}" >x.npy
		for penalty in 0.001 1 1000; do
			npy-ridge -p $penalty x.npy >v.npy
			matches $penalty
		done
	done
}

@test "npy-ridge: without a penalty it is least squares, and the shortest where several fit" {
	for shape in 200,5 6,40; do
		rows 2 "${shape%,*}" "${shape#*,}" >x.npy
		npy-ridge -p 0 x.npy >v.npy
		matches 0
	done
	# A column twice, one that is constant, and one that is a sum.
	numpy '
r = np.random.default_rng(3)
a = r.normal(size=(50, 3))
put(np.column_stack([a, a[:, 0], np.ones(50), a[:, 1] + a[:, 2]]), (a[:, 0] > 0).astype(int))' >x.npy
	npy-ridge -p 0 x.npy >v.npy
	matches 0
	numpy 'V, c = get("v.npy"); assert abs(V[:, 0] - V[:, 3]).max() < 1e-12 and abs(V[:, 4]).max() < 1e-12'
}

@test "npy-ridge: what it finds has the least sum, and no gradient" {
	rows 4 60 7 >x.npy
	npy-ridge -p 2.5 x.npy >v.npy
	numpy '
X, Y = get("x.npy")
V, c = get("v.npy")
e = X @ V.T + c - np.eye(3)[Y]
scale = abs(X).sum() * 1e-14
assert abs(e.T @ X + 2.5 * V).max() < scale and abs(e.sum(0)).max() < scale'
}

@test "npy-ridge: the bias is no part of the penalty" {
	rows 5 40 3 >x.npy
	npy-ridge -p 100 x.npy >v.npy
	{ npy-slice -k 0 x.npy | npy-calc 'a + 1000'; npy-slice -k 1 x.npy; } | npy-ridge -p 100 >moved.npy
	npy-diff -a 1e-12 <(npy-slice -k 0 v.npy) <(npy-slice -k 0 moved.npy)
	# However large the penalty, the mean is predicted.
	npy-ridge -p 1e20 x.npy | npy-slice -k 1 >c.npy
	numpy '
Y, c = get("x.npy")[1], get("c.npy")[0]
assert abs(c - np.bincount(Y) / 40).max() < 1e-12'
}

@test "npy-ridge: rows of any type and with any number of axes" {
	rows 6 30 12 | npy-slice -k 0 | npy-calc -t u1 '128 + 20 * a' >X.npy
	rows 6 30 12 | npy-slice -k 1 >Y.npy
	cat X.npy Y.npy >x.npy
	npy-ridge x.npy >v.npy
	matches 1
	{ npy-reshape 30,3,2,2 X.npy; npy-calc -t u1 a Y.npy; } | npy-ridge | cmp - v.npy
	{ npy-calc -t f4 a X.npy; cat Y.npy; } | npy-ridge | cmp - v.npy
}

@test "npy-ridge: a class that no row has gets zeros, a class that all have its label" {
	{ array f8 '[[1, 2], [3, 5], [4, 4]]'; array i8 '[0, 3, 3]'; } | npy-ridge >v.npy
	numpy '
V, c = get("v.npy")
assert V.shape == (4, 2) and not V[1:3].any() and not c[1:3].any() and V[0].any() and V[3].any()'
	{ array f8 '[[1, 2], [3, 5]]'; array i8 '[1, 1]'; } | npy-ridge -p 0 >v.npy
	numpy 'V, c = get("v.npy"); assert not V.any() and (c == [0, 1]).all()'
}

@test "npy-ridge: tells the digits that img-digits draws" {
	img-digits -n 600 >train.npy
	img-digits -n 200 --skip 600 >test.npy
	npy-ridge -p 3e6 train.npy >v.npy
	npy-calc 'a * b' <(npy-slice -k 0 test.npy | npy-reshape 200,1,-1) <(npy-slice -k 0 None v.npy) |
		npy-reduce -a 2 sum | npy-calc 'a + b' - <(npy-slice -k 1 None v.npy) |
		npy-reduce -a 1 argmax >found.npy
	[ "$(npy-calc 'a == b' found.npy <(npy-slice -k 1 test.npy) | npy-reduce sum | npytotsv)" -gt 140 ]
}

# The commands of its page's examples: first an echo state network, then the probe of an untrained one.
@test "npy-ridge: what its page tells to type tells motifs, and digits" {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$root/man/npy-ridge.1" |
		sed -n '/^\.Bd/,/^\.Ed/{ /^\.[BE]d/d; s/\\e/\\/g; p; }' |
		sed "s|/usr/local/share/nnutils|$root/pipelines|" >commands
	[ "$(wc -l <commands)" -gt 20 ]
	pipe "$(cat commands)" >output
	awk 'NF == 2 { right += $++n; all += $1 + $2 } END { exit !(n == 2 && all == 1000 && right > 900) }' output
	awk 'NF == 10 { right += $++n; for (i = 1; i <= 10; i++) all += $i }
		END { exit !(n == 10 && all == 500 && right > 300) }' output
}

@test "npy-ridge: what is no rows and labels is refused" {
	array f8 '[[1, 2], [3, 4]]' >X.npy
	array i8 '[0, 1]' >Y.npy
	refuses "expected rows and then their labels" 'npy-ridge X.npy'
	refuses "expected rows (N,D) of numbers, found (2,)" 'array f8 "[1, 2]" | npy-ridge'
	refuses "expected rows (N,D) of numbers, found ()" 'array f8 1 | npy-ridge'
	refuses "found (0,3)" 'numpy "put(np.zeros((0, 3)))" | npy-ridge'
	refuses "found (3,0)" 'numpy "put(np.zeros((3, 0)))" | npy-ridge'
	refuses "expected 2 labels, whole numbers, found <i8 (3,)" '{ cat X.npy; array i8 "[0, 1, 1]"; } | npy-ridge'
	refuses "expected 2 labels, whole numbers, found <f8 (2,)" '{ cat X.npy; array f8 "[0, 1]"; } | npy-ridge'
	refuses "expected 2 labels, whole numbers, found <i8 (2,1)" '{ cat X.npy; array i8 "[[0], [1]]"; } | npy-ridge'
	refuses "label -1 of row 1" '{ cat X.npy; array i8 "[0, -1]"; } | npy-ridge'
	refuses "label 65536 of row 0" '{ cat X.npy; array i8 "[65536, 0]"; } | npy-ridge'
	refuses "empty" 'npy-ridge </dev/null'
	refuses "lacks its last" 'cat X.npy Y.npy | head -c -3 | npy-ridge'
	refuses "expected 2 arrays, found more" 'cat X.npy Y.npy X.npy | npy-ridge'
	refuses "is too large" '{ npy "|u1" "(2000000000, 1)"; head -c 100 /dev/zero; } | npy-ridge'
}

@test "npy-ridge: what is not finite, or cannot be told in rounding, is refused" {
	{ array f8 '[[1, np.nan], [3, 4]]'; array i8 '[0, 1]'; } >x.npy
	refuses "x.npy: number 1 of row 0 is not finite" 'npy-ridge x.npy'
	{ array f4 '[[1, 1], [np.inf, 4]]'; array i8 '[0, 1]'; } >x.npy
	refuses "x.npy: number 0 of row 1 is not finite" 'npy-ridge x.npy'
	for penalty in 0 1; do
		{ array f8 '[[1e200], [-1e200], [-1e200]]'; array i8 '[0, 1, 1]'; } >x.npy
		refuses "x.npy: number 0 of row 0 is too large to be squared" "npy-ridge -p $penalty x.npy"
		{ array f8 '[[1e140], [-1e140], [-1e140]]'; array i8 '[0, 1, 1]'; } >x.npy
		npy-ridge -p $penalty x.npy >v.npy
		matches 0
	done
	# X'X is 4 in each place.
	{ array f8 '[[1, 1], [-1, -1], [1, 1], [-1, -1]]'; array i8 '[0, 1, 0, 1]'; } >x.npy
	refuses "--penalty: 1e-30 is lost in rounding" 'npy-ridge -p 1e-30 x.npy'
	refuses "--penalty: -1 is not between" 'npy-ridge -p -1'
	refuses "--penalty: 'nan'" 'npy-ridge -p nan'
}

@test "npy-ridge: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	rows 1 5 2 >x.npy
	refuses "No space left on device" 'npy-ridge x.npy >/dev/full'
}

@test "npy-ridge: a reader that went away is none" {
	rows 1 40 20000 >x.npy
	pipe 'npy-ridge x.npy | head -c 1000 >/dev/null'
}

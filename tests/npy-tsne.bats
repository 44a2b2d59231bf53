load helper

# near SEED N CLASSES K: rows in well separated blobs, the classes in turn: their K nearest in near.npy, as npy-knn
# writes them, the rows in rows.npy, and their first two principal components in start.npy.
near() {
	numpy "
r = np.random.default_rng($1)
X = 8 * r.normal(size=($3, 10))[np.arange($2) % $3] + r.normal(size=($2, 10))
np.save('rows.npy', X)
u, s, v = np.linalg.svd(X - X.mean(0), full_matrices=False)
np.save('start.npy', (u * s)[:, :2].astype('f4'))
d = np.sqrt(((X[:, None] - X) ** 2).sum(2))
np.fill_diagonal(d, np.inf)
i = d.argsort(1)[:, :$4]
put(i, np.take_along_axis(d, i, 1).astype('f4'))" >near.npy
}

# separated MAP CLASSES: no point has one of another class nearest.
separated() {
	numpy "
Y, = get('$1')
d = ((Y[:, None].astype(float) - Y) ** 2).sum(2)
np.fill_diagonal(d, np.inf)
assert Y.dtype == '<f4' and Y.shape[1:] == (2,) and np.isfinite(Y).all()
assert (d.argmin(1) % $2 == np.arange(len(Y)) % $2).all()"
}

# ---- against NumPy ----

# Few steps, for differences of rounding grow with each: they are a thousand times float's by then.
@test "npy-tsne: its steps are those that NumPy takes by the definition" {
	near 1 80 4 12
	for exaggerated in 0 15 100; do
		npy-tsne -p 5 -i start.npy -n 30 --exaggeration-steps $exaggerated -m exact -l log near.npy >map.npy
		numpy "
i, d = get('near.npy')
d = d.astype(float)
N = len(i)
P = np.zeros((N, N))
for r in range(N):
    low, high = 0, 1e6
    for _ in range(200):
        b = (low + high) / 2
        p = np.exp(-b * (d[r] ** 2 - d[r, 0] ** 2))
        p /= p.sum()
        if -(p * np.log(p + 1e-300)).sum() > np.log(5): low = b
        else: high = b
    P[r, i[r]] = p
P = (P + P.T) / (2 * N)
Y = np.load('start.npy').astype(float)
Y = (Y - Y.mean(0)) / Y[:, 0].std() * 1e-4
u, gain = np.zeros_like(Y), np.ones_like(Y)
def measure(e):
    D = Y[:, None] - Y
    w = 1 / (1 + (D ** 2).sum(2))
    np.fill_diagonal(w, 0)
    Z = w.sum()
    g = ((e * P * w - w * w / Z)[..., None] * D).sum(1)
    at = P > 0
    return g, (P[at] * np.log(P[at] / (w[at] / Z))).sum()
for step in range(30):
    e = 12 if step < $exaggerated else 1
    g, kl = measure(e)
    gain = np.where(np.sign(u) != np.sign(g), gain + .2, np.maximum(gain * .8, .01))
    u = .8 * u - N / e * gain * g
    u *= np.minimum(1, 5 / np.hypot(*u.T))[:, None]
    Y += u
    Y -= Y.mean(0)
found, = get('map.npy')
assert abs(found - Y).max() < 1e-3 * abs(Y).max(), abs(found - Y).max() / abs(Y).max()
last = float(open('log').read().split()[-4])
assert abs(last / measure(1)[1] - 1) < 1e-4, last"
	done
}

# openTSNE's own last KL varies by more than this from method to method.
@test "npy-tsne: its last KL is not above openTSNE's" {
	python=${PYTHON:-/usr/bin/python3}
	"$python" -W ignore -c 'import openTSNE' 2>/dev/null || skip "no openTSNE (PYTHON=VENV/bin/python)"
	near 2 600 6 30
	for method in exact fft; do
		npy-tsne -m $method -i start.npy -l log.$method near.npy >map.npy
	done
	"$python" -W ignore - <<-'E'
		import numpy as np, openTSNE
		from openTSNE.nearest_neighbors import PrecomputedNeighbors
		with open("near.npy", "rb") as f:
		    i, d = np.load(f), np.load(f).astype(float)
		p = openTSNE.affinity.PerplexityBasedNN(knn_index=PrecomputedNeighbors(i, d), perplexity=10)
		y = np.load("start.npy").astype(float)
		map = openTSNE.TSNEEmbedding(y / y[:, 0].std() * 1e-4, p, negative_gradient_method="bh")
		map = map.optimize(250, exaggeration=12, momentum=0.8).optimize(500, momentum=0.8)
		for method in "exact", "fft":
		    kl = float(open("log." + method).read().split()[-4])
		    print(method, kl, map.kl_divergence)
		    assert kl < 1.01 * map.kl_divergence
	E
}

# ---- maps ----

@test "npy-tsne: blobs stay apart, KL falls, whatever the method and the beginning" {
	near 3 400 8 30
	for options in '-m exact' '-m fft' '-m exact -i start.npy' '-m fft -i start.npy'; do
		# shellcheck disable=SC2086 # words on purpose
		npy-tsne $options -l log near.npy >map.npy
		separated map.npy 8
		tsv-pick kl log | awk 'NR == 1 { first = $1 } { last = $1 } END { exit !(NR == 16 && last < 0.4 * first) }'
	done
}

# What the grid's error and chance make of it; each is one of many maps that are as good.
@test "npy-tsne: the last KL of both methods is the same within 1 %" {
	near 4 1500 10 30
	for method in exact fft; do
		npy-tsne -m $method -i start.npy -l log.$method near.npy >map.npy
	done
	paste <(tsv-pick kl log.exact) <(tsv-pick kl log.fft) | tail -n 1 |
		awk '{ print; exit !($1 / $2 < 1.01 && $2 / $1 < 1.01) }'
}

@test "npy-tsne: auto is exact for few points" {
	near 5 50 2 9
	cmp <(npy-tsne -n 20 near.npy) <(npy-tsne -n 20 -m exact near.npy)
	run ! cmp -s <(npy-tsne -n 20 near.npy) <(npy-tsne -n 20 -m fft near.npy)
}

@test "npy-tsne: the same bytes on any number of threads" {
	near 6 300 3 15
	for options in '-m exact' '-m fft' '-m exact --onto start.npy' '-m fft --onto start.npy'; do
		for threads in 1 2 3; do
			# shellcheck disable=SC2086 # words on purpose
			OMP_NUM_THREADS=$threads npy-tsne $options -n 120 -l log.$threads near.npy >map.$threads
			cut -f 1,2,4,5 log.$threads >rest.$threads
		done
		cmp map.1 map.2
		cmp map.1 map.3
		cmp rest.1 rest.2
		cmp rest.1 rest.3
	done
}

@test "npy-tsne: the beginning is the seed's or a file's, made small" {
	near 7 100 2 9
	npy-tsne -n 0 -i start.npy near.npy >map.npy
	npy-tsne -n 0 -s 3 near.npy >random.npy
	numpy '
Y, = get("start.npy")
Y = (Y - Y.mean(0)) / Y[:, 0].std() * 1e-4
assert abs(get("map.npy")[0] - Y).max() < 1e-9
Y, = get("random.npy")
# Of 100 normal numbers the deviation is within 30 %.
assert (abs(Y.std(0) / 1e-4 - 1) < 0.3).all() and abs(np.corrcoef(Y.T)[0, 1]) < 0.4'
	cmp <(npy-tsne -n 30 -s 3 near.npy) <(npy-tsne -n 30 -s 3 near.npy)
	run ! cmp -s <(npy-tsne -n 30 -s 3 near.npy) <(npy-tsne -n 30 -s 4 near.npy)
	# A power of 2 changes no digit.
	cmp <(npy-tsne -n 30 -i start.npy near.npy) <(npy-tsne -n 30 -i <(npy-calc -t f4 '1024 * a' start.npy) near.npy)
}

@test "npy-tsne: options of the descent change the map, their defaults do not" {
	near 8 60 2 9
	npy-tsne near.npy >map.npy
	npy-tsne -p 3 -s 1 -n 750 --exaggeration 12 --exaggeration-steps 250 --momentum 0.8 near.npy | cmp - map.npy
	for option in '-p 4' '--exaggeration 4' '--exaggeration-steps 100' '--momentum 0.5' '-r 30'; do
		# shellcheck disable=SC2086 # words on purpose
		run ! cmp -s map.npy <(npy-tsne $option near.npy)
	done
	cmp <(npy-tsne -r 60 --exaggeration 1 near.npy) <(npy-tsne --exaggeration-steps 0 near.npy)
}

@test "npy-tsne: two rows, and rows that are all the same" {
	{ array i8 '[[1], [0]]'; array f4 '[[2], [2]]'; } | npy-tsne | npy-info >/dev/null
	{ array i8 '[[1, 2], [0, 2], [0, 1]]'; array f4 '[[0, 0], [0, 0], [0, 0]]'; } >same.npy
	for method in exact fft; do
		npy-tsne -m $method same.npy >map.npy
		numpy 'Y, = get("map.npy"); assert np.isfinite(Y).all() and abs(Y.mean(0)).max() < 1e-3'
	done
}

# ---- new points ----

# New rows are those of the map once more, a little beside; their neighbors are among the others.
onto() {
	near 9 300 6 30
	npy-tsne near.npy >map.npy
	numpy "
X = np.load('rows.npy')
new = X[:60] + 0.1 * np.random.default_rng(2).normal(size=(60, 10))
d = np.sqrt(((new[:, None] - X) ** 2).sum(2))
i = d.argsort(1)[:, :$1]
put(i, np.take_along_axis(d, i, 1).astype('f4'))" >new.npy
}

@test "npy-tsne: new points come among those of their class" {
	onto 15
	for method in exact fft; do
		npy-tsne -m $method --onto map.npy -l log new.npy >placed.npy
		numpy '
Y, placed = get("map.npy")[0], get("placed.npy")[0]
d = ((placed[:, None].astype(float) - Y) ** 2).sum(2)
assert placed.shape == (60, 2) and (d.argmin(1) % 6 == np.arange(60) % 6).all()'
		tsv-pick kl log | awk '$1 != $1 { exit 1 } NR == 1 { first = $1 } END { exit $1 >= first }'
	done
}

@test "npy-tsne: new points begin at the median of their neighbors" {
	onto 30
	npy-tsne -n 0 --onto map.npy new.npy >placed.npy
	numpy '
Y, i = get("map.npy")[0], get("new.npy")[0]
assert (get("placed.npy")[0] == np.median(Y[i[:, :25]], 1).astype("f4")).all()'
}

# On a grid too: it lies over the fixed map.
@test "npy-tsne: a new point does not see the others" {
	onto 10
	for method in exact fft; do
		npy-tsne -m $method --onto map.npy new.npy | npy-slice 7:20 >some.npy
		npy-slice 7:20 new.npy | npy-tsne -m $method --onto map.npy | cmp - some.npy
	done
}

# The KL of each, by its definition; at its least no small move makes it smaller.
@test "npy-tsne: a new point ends where its own KL is least" {
	onto 12
	npy-tsne -p 4 -n 3000 --onto map.npy -l log new.npy >placed.npy
	numpy '
Y, (i, d), y = get("map.npy")[0].astype(float), get("new.npy"), get("placed.npy")[0].astype(float)
def kl(r, y):
    low, high = 0, 1e6
    for _ in range(100):
        b = (low + high) / 2
        p = np.exp(-b * (d[r].astype(float) ** 2 - float(d[r, 0]) ** 2))
        p /= p.sum()
        if -(p * np.log(p + 1e-300)).sum() > np.log(4): low = b
        else: high = b
    w = 1 / (1 + ((y - Y) ** 2).sum(1))
    return (p * np.log((p + 1e-300) / (w[i[r]] / w.sum()))).sum()
last = float(open("log").read().split()[-4])
all = [kl(r, y[r]) for r in range(60)]
assert abs(np.mean(all) - last) < 1e-4 * last
for r in range(60):
    for move in (.05, 0), (-.05, 0), (0, .05), (0, -.05):
        assert kl(r, y[r] + move) > all[r], r'
}

# ---- what is written ----

@test "npy-tsne: --save-at writes the maps of a film" {
	near 10 60 2 9
	npy-tsne -n 40 --save-at 40,0,20 --save-prefix at- near.npy >map.npy
	cmp at-0.npy <(npy-tsne -n 0 near.npy)
	cmp at-20.npy <(npy-tsne -n 20 near.npy)
	cmp at-40.npy map.npy
	[ "$(find . -name 'at-*' | wc -l)" -eq 3 ]
	# Neither files nor a log change the map.
	cmp map.npy <(npy-tsne -n 40 near.npy)
}

@test "npy-tsne: the log has a row at each interval and for the end" {
	near 11 60 2 9
	npy-tsne -n 25 --log-every 10 -l log near.npy >map.npy
	[ "$(head -n 1 log)" = $'step\tkl\tseconds\tgradient\tspan' ]
	[ "$(tsv-pick step log | tr '\n' ' ')" = "0 10 20 25 " ]
	numpy '
Y, = get("map.npy")
rows = [list(map(float, line.split())) for line in open("log").readlines()[1:]]
assert abs(rows[-1][4] / np.ptp(Y, 0).max() - 1) < 1e-5
assert all(a[2] <= b[2] for a, b in zip(rows, rows[1:]))'
}

@test "npy-tsne: progress is shown when asked for" {
	near 12 60 2 9
	run -0 --separate-stderr pipe 'npy-tsne near.npy >map.npy'
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe 'npy-tsne -v near.npy >map.npy'
	[[ $stderr == "npy-tsne: 0/750 steps"*"KL "* ]]
}

@test "npy-tsne: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	near 13 60 2 9
	refuses "No space left on device" 'npy-tsne -n 3 near.npy >/dev/full'
	refuses "No space left on device" 'npy-tsne -n 3 -l /dev/full near.npy'
	pipe 'npy-tsne -n 3 near.npy | true'
}

# ---- refusals ----

@test "npy-tsne: what is no neighbors is refused" {
	array i8 '[[1, 2], [0, 2], [0, 1]]' >i.npy
	array f4 '[[1, 2], [1, 1], [1, 2]]' >d.npy
	cat i.npy d.npy | npy-tsne -n 3 | npy-info >/dev/null
	refuses "expected indices and then distances, found indices only" 'npy-tsne i.npy'
	refuses "expected indices (N,k), whole numbers, found <f4 (3,2)" 'cat d.npy i.npy | npy-tsne'
	refuses "found <i8 (3,)" 'array i8 "[1, 2, 0]" | npy-tsne'
	refuses "found <i8 (3,0)" 'numpy "put(np.zeros((3, 0), int))" | npy-tsne'
	refuses "found <i8 (0,3)" 'numpy "put(np.zeros((0, 3), int))" | npy-tsne'
	refuses "expected distances (3,2), floats, found <f4 (3,1)" '{ cat i.npy; array f4 "[[1], [1], [1]]"; } >x.npy; npy-tsne x.npy'
	refuses "expected distances (3,2), floats, found <i8 (3,2)" 'cat i.npy i.npy | npy-tsne'
	refuses "expected 2 arrays, found more" 'cat i.npy d.npy i.npy | npy-tsne'
	refuses "lacks its last" 'cat i.npy d.npy | head -c -3 | npy-tsne'
	refuses "empty" 'npy-tsne </dev/null'
	refuses "is too large" '{ npy "<i8" "(2000000000, 1)"; head -c 100 /dev/zero; } | npy-tsne'
}

@test "npy-tsne: indices that are none are refused" {
	array f4 '[[1, 2], [1, 1], [1, 2]]' >d.npy
	refuses "row 1: neighbor 3 is not within 0 ... 2" '{ array i8 "[[1, 2], [0, 3], [0, 1]]"; cat d.npy; } >x.npy; npy-tsne x.npy'
	refuses "row 2: neighbor -1 is not within 0 ... 2" '{ array i8 "[[1, 2], [0, 2], [0, -1]]"; cat d.npy; } >x.npy; npy-tsne x.npy'
	refuses "row 0 is a neighbor of itself" '{ array i8 "[[1, 0], [0, 2], [0, 1]]"; cat d.npy; } >x.npy; npy-tsne x.npy'
	refuses "row 2: neighbor 1 is there twice" '{ array i8 "[[1, 2], [0, 2], [1, 1]]"; cat d.npy; } >x.npy; npy-tsne x.npy'
	refuses "row 0 is a neighbor of itself" '{ array i8 "[[0]]"; array f4 "[[0]]"; } >x.npy; npy-tsne x.npy'
}

@test "npy-tsne: distances that are none are refused" {
	array i8 '[[1, 2], [0, 2], [0, 1]]' >i.npy
	refuses "row 1: distance 1, nan, is not" '{ cat i.npy; array f4 "[[1, 2], [1, np.nan], [1, 2]]"; } >x.npy; npy-tsne x.npy'
	refuses "row 0: distance 1, inf, is not" '{ cat i.npy; array f4 "[[1, np.inf], [1, 1], [1, 2]]"; } >x.npy; npy-tsne x.npy'
	refuses "row 2: distance 0, -1, is not" '{ cat i.npy; array f4 "[[1, 2], [1, 1], [-1, 2]]"; } >x.npy; npy-tsne x.npy'
	refuses "row 2: distance 1 is less than the one before" '{ cat i.npy; array f4 "[[1, 2], [1, 1], [2, 1]]"; } >x.npy; npy-tsne x.npy'
}

@test "npy-tsne: maps of another shape, and options that do not fit, are refused" {
	near 14 60 2 9
	numpy 'put(np.ones((60, 2)))' >one.npy
	numpy 'put(np.ones((60, 3)))' >three.npy
	numpy 'put(np.eye(59)[:, :2])' >less.npy
	numpy 'x = np.eye(60)[:, :2]; x[5, 1] = np.nan; put(x)' >nan.npy
	refuses "one.npy: all first coordinates are the same" 'npy-tsne -i one.npy near.npy'
	refuses "three.npy: expected a map (N,2), found (60,3)" 'npy-tsne -i three.npy near.npy'
	refuses "less.npy: expected a map (60,2), as many as the neighbors, found (59,2)" 'npy-tsne -i less.npy near.npy'
	refuses "nan.npy: point 5 is not finite" 'npy-tsne -i nan.npy near.npy'
	refuses "nan.npy: point 5 is not finite" 'npy-tsne --onto nan.npy near.npy'
	refuses "is not within 0 ... 58" 'npy-tsne --onto less.npy near.npy'
	refuses "--init and --onto cannot be combined" 'npy-tsne -i start.npy --onto start.npy near.npy'
	refuses "only one of the neighbors, --init and --onto" 'npy-tsne -i - - <near.npy'
	refuses "--perplexity: 10 is more than the 9 neighbors" 'npy-tsne -p 10 near.npy'
	refuses "--perplexity: 0.5 is not between" 'npy-tsne -p 0.5 near.npy'
	refuses "--method: 'tree' is not one of auto, exact, fft" 'npy-tsne -m tree near.npy'
	refuses "--save-at: step 9 comes after the last, 8" 'npy-tsne -n 8 --save-at 9 near.npy'
	refuses "--save-at: '' is not a whole number" 'npy-tsne -n 8 --save-at 1, near.npy'
	# At once, before the log is begun.
	refuses "no/8.npy: No such file" 'npy-tsne -n 8 -l late --save-at 8 --save-prefix no/ near.npy'
	[ ! -e late ]
	refuses "no/log: No such file" 'npy-tsne -l no/log near.npy'
}

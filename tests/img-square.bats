load helper
load training

# Scores that are linear in the pixels: the mean of the left and of the right half of 6x8 images.
halves='npy-reshape -1,6,2,4 | npy-reduce -a 1,3 mean'

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	# In halves.npy, 40 more on the left: class 0.
	numpy '
r = np.random.default_rng(1)
x = r.integers(40, 200, (12, 6, 8)).astype("f8")
for h in np.split(x, 2, 2):
    h -= h.mean((1, 2), keepdims=True)
x = np.concatenate((x[:, :, :4] * .3 + 140, x[:, :, 4:] * .3 + 100), 2)
put(x.astype("f4"), np.zeros(12, "i8"))' >halves.npy
	dataset 60 >data.npy
	network >new
	dataset 400 3 | nn-train -e 12 -b 20 new - >model
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# field NAME LOG: this column of a log, without its name
field() {
	columns "$2" "$1" | tail -n +2
}

# The largest margin within the bound is right - left + 2 E, at one corner of the cube.
@test "img-square: on a linear model it finds what there is, and the best where there is nothing" {
	img-square -o "$halves" -e 19 -n 800 -l log halves.npy >out.npy
	[ "$(field status log | sort | uniq -c | tr -s ' ')" = ' 12 failed' ]
	field margin log | awk '{ if ($1 < -2.0001 || $1 > -1.9999) exit 1 }'
	npy-slice -k 0 out.npy | npy-calc 'a - b' - <(npy-slice -k 0 halves.npy) >change.npy
	numpy 'put(np.broadcast_to(np.repeat(np.float32([-19, 19]), 4), (12, 6, 8)))' | npy-diff -a 1e-5 - change.npy
	[ "$(field linf log | sort -u)" = 19 ]
	field l2 log | awk '{ if ($1 < 131.634 || $1 > 131.637) exit 1 }'
	img-square -o "$halves" -e 21 -n 800 -l log halves.npy >out.npy
	[ "$(field status log | sort -u)" = found ]
	[ "$(field predicted log | sort -u)" = 1 ]
	field margin log | awk '$1 < 0 { exit 1 }'
}

@test "img-square: no pixel is farther from its first value than the bound, or outside 0 ... 255" {
	for epsilon in 10.1 76.5 0.3 1e-3 254.9; do
		for file in halves data; do
			oracle=$halves
			[ $file = halves ] || oracle='nn-run model'
			img-square -o "$oracle" -e $epsilon -n 20 $file.npy >out.npy
			npy-diff --any-type -r 0 -a $epsilon $file.npy out.npy || { echo "$epsilon $file"; return 1; }
			[ "$(npy-slice -k 0 out.npy | npy-calc -t u1 'a < 0 || a > 255' | npy-reduce sum | npytotsv)" = 0 ]
		done
	done
	# Bounds that no float has, around pixels that are no whole numbers.
	npy-random -s 3 uniform:0:255 500,6,8 >x.npy
	numpy 'put(np.arange(500) % 2)' | cat x.npy - | img-square -o "$halves" -e 33.3 -n 9 >out.npy
	npy-slice -k 0 out.npy | npy-diff -r 0 -a 33.3 x.npy -
}

@test "img-square: queries are what the oracle was asked" {
	rm -f asked.npy
	img-square -o "tee -a asked.npy | $halves" -e 20.5 -n 300 -l log halves.npy >out.npy
	npy-info asked.npy | sed -n 's/^<f4\t(\([0-9]*\),.*/\1/p' >rows
	[ "$(awk '{ n += $1 } END { print n }' rows)" = "$(field queries log | awk '{ n += $1 } END { print n }')" ]
	[ "$(wc -l <rows)" = "$(field queries log | sort -n | tail -1)" ]
	# Some are found early, some late or never.
	[ "$(sort -u rows | wc -l)" -gt 3 ]
	npy-slice -k 0 asked.npy | cmp - <(npy-slice -k 0 halves.npy)
	img-square -o "$halves" -e 1 -n 1 -l log halves.npy | npy-slice -k 0 | cmp - <(npy-slice -k 0 halves.npy)
	[ "$(field status log | sort -u) $(field queries log | sort -u)" = 'failed 1' ]
}

# Algorithms 1 and 2, read off the questions.
@test "img-square: stripes, then squares on the schedule, each on top of the best so far" {
	# With the second seed the stripes are worse than the image itself, and are the first best all the same.
	for case in '100 1' '800 1' '100 8'; do
		read -r n seed <<<"$case"
		rm -f asked.npy answered.npy
		npy-slice 3:4 halves.npy | img-square -o "tee -a asked.npy | $halves | tee -a answered.npy" -e 19 -n "$n" -s "$seed" -p 0.5 >out.npy
		numpy "
asked, n, seed = get('asked.npy'), $n, $seed
margins = [float(a[0, 1]) - float(a[0, 0]) for a in get('answered.npy')]
x, stripes, best, top, sides, places = asked[0][0], asked[1][0], asked[1][0], margins[1], [], set()
assert (margins[1] < margins[0]) == (seed != 1)
low, high = x - 19, x + 19
assert len(asked) == n
# A sum that is no float is rounded towards x.
near = lambda a, b: abs(a - b).max() < 1e-4
# Query 2: each column is all low or all high, and both occur.
signs = ''.join('l' if near(stripes[:, c], low[:, c]) else 'h' if near(stripes[:, c], high[:, c]) else '?' for c in range(8))
assert set(signs) == set('lh'), signs
for k, a in enumerate(asked[2:]):
    a = a[0]
    i = k * 10000 // (n - 1)
    p = .5 / 2 ** sum(i > h for h in (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000))
    side = min(max(round((p * 48) ** .5), 1), 5)
    rows, columns = np.nonzero(a != best)
    assert len(rows), k
    extent = max(np.ptp(rows), np.ptp(columns)) + 1
    assert extent <= side, (k, extent, side)
    # Somewhere within reach is a square that is all low or all high.
    assert any(near(w, v[y:y + side, z:z + side]) for v in (low, high)
        for y in range(7 - side) for z in range(9 - side)
        if y <= rows.min() and z <= columns.min() and y + side > rows.max() and z + side > columns.max()
        for w in [a[y:y + side, z:z + side]]), k
    sides.append(side)
    if side == 1: places.add((rows[0], columns[0]))
    if margins[k + 2] > top: best, top = a, margins[k + 2]
assert sides[0] == 5 and sides[-1] == 1
assert n < 800 or len(places) == 48
assert np.array_equal(get('out.npy')[0][0], best)"
	done
}

@test "img-square: every row of the log is what the oracle says of what is written" {
	img-square -o 'nn-run model' -e 12 -n 60 -l log data.npy >out.npy
	for status in wrong found failed; do
		field status log | grep -qx $status
	done
	nn-run model out.npy >logits.npy
	columns log label predicted margin linf l2 | tail -n +2 | tsvtonpy >log.npy
	columns log status | tail -n +2 >states
	numpy '
x, y = get("data.npy")
a, labels = get("out.npy")
z, log = get("logits.npy")[0], get("log.npy")[0]
status = np.array(open("states").read().split())
assert a.dtype == "f4" and np.array_equal(labels, y) and np.array_equal(log[:, 0], y)
assert np.array_equal(z.argmax(1), log[:, 1])
assert np.array_equal(z.argmax(1) == y, status == "failed")
own = z[np.arange(60), y]
z[np.arange(60), y] = -np.inf
# Batches of other sizes round in other places.
assert abs(z.max(1) - own - log[:, 2]).max() < 1e-4
d = a.astype(float) - x
assert np.allclose(abs(d).max((1, 2)), log[:, 3], atol=0, rtol=1e-8)
assert np.allclose((d ** 2).sum((1, 2)) ** .5, log[:, 4], atol=0, rtol=1e-8)
assert (d[status == "wrong"] == 0).all() and abs(d[status != "wrong"]).max() == 12'
	[ "$(nn-eval model out.npy | tail -1 | cut -f 3)" = "$(grep -cx failed states)" ]
}

@test "img-square: labels keep their type and shape" {
	npy-calc -t u1 a <(npy-slice -k 1 data.npy) >u1.npy
	{ npy-slice -k 0 data.npy; cat u1.npy; } | img-square -o 'nn-run model' -e 14 -n 3 | npy-slice -k 1 | cmp - u1.npy
	{ npy-slice -k 0 3 data.npy; npy-slice 3 u1.npy; } | img-square -o 'nn-run model' -e 14 -n 3 | npy-slice -k 1 |
		cmp - <(npy-slice 3 u1.npy)
}

@test "img-square: one process for all questions gives the same bytes" {
	rm -f started
	img-square -o 'nn-run model' -e 14 -n 80 -l log data.npy >out.npy
	img-square -k -o 'echo >>started; exec nn-run --each model' -e 14 -n 80 -l kept data.npy >kept.npy
	cmp out.npy kept.npy
	cmp log kept
	[ "$(wc -l <started)" = 1 ]
	OMP_NUM_THREADS=3 img-square -o 'nn-run model' -e 14 -n 80 data.npy | cmp - out.npy
}

@test "img-square: an image's result depends on no other image; seeds differ" {
	img-square -o "$halves" -e 20.5 -n 50 -l log halves.npy >out.npy
	npy-slice 5:8 halves.npy | img-square -o "$halves" -e 20.5 -n 50 --first 5 -l part >part.npy
	cmp part.npy <(npy-slice 5:8 out.npy)
	cmp <(tail -n +2 part | cut -f 2-) <(sed -n 7,9p log | cut -f 2-)
	cmp out.npy <(img-square -s 1 --oracle "$halves" --epsilon 20.5 --queries 50 --share 0.8 halves.npy)
	run -1 cmp -s out.npy <(img-square -s 2 -o "$halves" -e 20.5 -n 50 halves.npy)
}

@test "img-square: a target, the same for all or one each" {
	img-square -t 3 -o 'nn-run model' -e 30 -n 200 -l log data.npy >out.npy
	nn-run model out.npy | npy-reduce -a 1 argmax | npytotsv | cmp - <(field predicted log)
	[ "$(field target log | sort -u)" = 3 ]
	field status log | grep -qx found
	cmp <(columns log status predicted | grep -cE '^(same|found).3$') <(field status log | grep -cvx failed)
	run ! grep -E $'failed\t3\t' log
	# What the network takes for a 3 to begin with stays.
	cmp <(nn-run model data.npy | npy-reduce -a 1 argmax | npytotsv | grep -cx 3) <(field status log | grep -cx same)
	numpy 'put(np.full(60, 3))' >threes.npy
	cmp out.npy <(img-square -t threes.npy -o 'nn-run model' -e 30 -n 200 data.npy)
	img-square -t 0,1 -o "$halves" -e 21 -n 800 -l log halves.npy >out.npy
	[ "$(columns log target status | tail -n +2 | sort | uniq -c | tr -s ' \t' ' ')" = $' 6 0 same\n 6 1 found' ]
}

@test "img-square: an oracle that only classifies" {
	img-square -o 'nn-run model | npy-reduce -a 1 argmax' -e 30 -n 40 -l log data.npy >out.npy
	nn-run model out.npy | npy-reduce -a 1 argmax | npytotsv | cmp - <(field predicted log)
	[ "$(columns log status margin | tail -n +2 | sort -u)" = $'failed\t0\nfound\t1\nwrong\t1' ]
	[ "$(field status log | grep -cx failed)" = "$(nn-eval model out.npy | tail -1 | cut -f 3)" ]
}

@test "img-square: through a filter, as the manual's example" {
	img-square -o 'img-median | nn-run model' -e 40 -n 40 -l log data.npy >out.npy
	field status log | grep -qx found
	[ "$(img-median out.npy | nn-eval model | tail -1 | cut -f 3)" = "$(field status log | grep -cx failed)" ]
}

@test "img-square: color, one image, none, and a bound of 0" {
	nn-init -s 4 <<<$'input 3x5x4 scale 255\nconv 4 3x3 pad 1\nrelu\ndense 3' >color
	npy-random -s 2 uniform:30:220 20,3,5,4 >x.npy
	nn-run color x.npy | npy-reduce -a 1 argmax | cat x.npy - >color.npy
	img-square -o 'nn-run color' -e 20 -n 400 -l log color.npy >out.npy
	npy-diff -r 0 -a 20 color.npy out.npy
	field status log | grep -qx found
	npy-info out.npy | grep -F '(20,3,5,4)'
	npy-slice 0 halves.npy | img-square -o "$halves" -e 21 -n 800 | npy-info >info
	grep -F '(6,8)' info
	grep -F $'\t()' info
	npy-slice :0 halves.npy | img-square -o 'exit 1' -e 21 -l log | npy-info | grep -F '(0,6,8)'
	[ "$(wc -l <log)" = 1 ]
	img-square -o "$halves" -e 0 -n 5 -l log halves.npy | npy-diff halves.npy -
	[ "$(columns log status queries linf | tail -n +2 | sort -u)" = $'failed\t5\t0' ]
	# No square fits but one pixel.
	array f4 '[[[100], [90], [80]]]' >thin.npy
	array i8 '[0]' | cat thin.npy - | img-square -o 'npy-reshape -1,3' -e 6 -n 200 | npy-slice -k 0 | npy-reshape 1,3 |
		npy-reduce -a 1 argmax | npytotsv | grep -vx 0
}

@test "img-square: an oracle that fails is refused, in one line that names it" {
	attack='img-square -e 19 -n 9'
	refuses "command 'exit 3': exit status 3" "$attack -o 'exit 3' halves.npy"
	refuses "command 'cat': expected scores (12,C) or integers (12,) for 12 images, found (12,6,8)" "$attack -o cat halves.npy"
	refuses "found (11,2)" "$attack -o '$halves | npy-slice 1:' halves.npy"
	refuses "NaN or infinite" "$attack -o \"$halves | npy-calc 'a / 0'\" halves.npy"
	refuses "lacks its last" "$attack -o '$halves | head -c 200' halves.npy"
	# It answers well at first.
	rm -f asked
	once='[ ! -e asked ] || OTHER; touch asked;'
	refuses "exit status 5" "$attack -o '${once/OTHER/exit 5} $halves' halves.npy"
	rm -f asked
	refuses "ended by signal" "$attack -o '${once/OTHER/kill -9 \$\$} $halves' halves.npy"
	rm -f asked
	refuses "expected scores of 2 classes as in its first answer, found (12,48)" \
		"$attack -o '${once/OTHER/exec npy-reshape -1,48} $halves' halves.npy"
	rm -f asked
	refuses "answers with scores and with classes" \
		"$attack -o '${once/OTHER/exec npy-random -t u1 uniform 12} $halves' halves.npy"
	# It answers once only; or it is not made for --keep.
	refuses "its output ended before the answer" "$attack -k -o 'head -c 2432 | $halves' halves.npy"
	refuses "exit status 2" "img-square -e 9 -n 9 -k -o 'nn-run model 2>/dev/null' data.npy"
	run -2 --separate-stderr pipe "$attack -o 'echo trouble >&2; exit 4' halves.npy"
	[ "$stderr" = $'trouble\nimg-square: command \'echo trouble >&2; exit 4\': exit status 4' ]
	[ -z "$output" ]
}

@test "img-square: what it cannot do is refused" {
	refuses "--oracle is missing" 'img-square -e 9 halves.npy'
	refuses "--epsilon is missing" "img-square -o '$halves' halves.npy"
	refuses "--epsilon: -1 is not between 0 and 255" 'img-square -e -1 -o cat halves.npy'
	refuses "--queries: 0 is not between" 'img-square -e 1 -n 0 -o cat halves.npy'
	refuses "expected labels after the images" "npy-slice -k 0 halves.npy | img-square -e 9 -o '$halves'"
	refuses "image 0 has a pixel 256, outside 0 ... 255" "npy-calc -k 'a * 0 + 256' halves.npy | img-square -e 9 -o '$halves'"
	refuses "a pixel is NaN or infinite" "npy-calc -k 'a / 0' halves.npy | img-square -e 9 -o '$halves'"
	refuses "label 2 of image 0 is not among the oracle's 2 classes" \
		"array i8 '[2] * 12' | cat <(npy-slice -k 0 halves.npy) - | img-square -e 9 -o '$halves'"
	refuses "2 is not among" "img-square -t 2 -e 9 -o '$halves' halves.npy"
	refuses "--target: 'predicted' is no class to be changed to" "img-square -t predicted -e 9 -o '$halves' halves.npy"
	refuses "classes do not go with 12 images" "img-square -t 0,1,0,1,0 -e 9 -o '$halves' halves.npy"
	refuses "no-such-folder/log: No such file" "img-square -l no-such-folder/log -e 9 -o '$halves' halves.npy"
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" "img-square -e 9 -n 3 -o '$halves' halves.npy >/dev/full"
	refuses "/dev/full: No space left on device" "img-square -l /dev/full -e 9 -n 3 -o '$halves' halves.npy"
}

@test "img-square: progress is shown when asked for" {
	run -0 --separate-stderr pipe "img-square -e 19 -n 3 -o '$halves' halves.npy >out.npy"
	[ -z "$stderr" ]
	run -0 --separate-stderr pipe "img-square -v -e 19 -n 3 -o '$halves' halves.npy >out.npy"
	[[ $stderr == "img-square: 2/3 queries"*"12 of 12 images left"* ]]
}

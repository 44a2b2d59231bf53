load helper

# Scores of 1 for the positives and 0 for the others, on average; DIGITS of 0 makes many of them equal, and
# none is -0.
#	two SEED N DIGITS
two() {
	numpy "
r = np.random.default_rng($1)
labels = r.integers(0, 2, $2)
put(np.round(labels + r.normal(size=$2), $3) + 0, labels)"
}

# On stdout, area and DeLong's interval of x.npy by the definition: each positive against each negative.
pairs() {
	paste <(npy-slice -k 0 x.npy | npytotsv) <(npy-slice -k 1 x.npy | npytotsv) | awk '
		{ if ($2) x[++m] = $1; else y[++n] = $1 }
		END {
			for (i = 1; i <= m; i++) for (j = 1; j <= n; j++) {
				w = x[i] > y[j] ? 1 : x[i] == y[j] ? .5 : 0
				a[i] += w / n; b[j] += w / m; sum += w
			}
			area = sum / m / n
			for (i = 1; i <= m; i++) s += (a[i] - area) ^ 2
			for (j = 1; j <= n; j++) t += (b[j] - area) ^ 2
			half = 1.959963984540054 * sqrt(s / (m - 1) / m + t / (n - 1) / n)
			logit = log(area / (1 - area)); width = half / area / (1 - area)
			low = area - half; high = area + half
			printf "1\t%d\t%d\t%.6g\t%.6g\t%.6g\n", m, n, area, (low < 0 ? 0 : low), (high > 1 ? 1 : high)
			printf "1\t%d\t%d\t%.6g\t%.6g\t%.6g\n", m, n, area,
				1 / (1 + exp(width - logit)), 1 / (1 + exp(-width - logit))
		}'
}

@test "npy-roc: area and interval are those of all pairs, with ties and without" {
	for args in '1 200 9' '2 200 0' '3 9 0' '4 300 1'; do
		# shellcheck disable=SC2086 # three words
		two $args >x.npy
		pairs >expected
		npy-roc --auc -i plain x.npy | sed 1d | diff - <(sed -n 1p expected)
		npy-roc --auc x.npy | sed 1d | diff - <(sed -n 2p expected)
	done
}

@test "npy-roc: the plain interval ends at 1, the logit one before" {
	{ array f8 '[9, 8, 7, 3, 6, 2, 1, 0]'; array i8 '[1, 1, 1, 1, 0, 0, 0, 0]'; } >x.npy
	pairs >expected
	npy-roc -a -i plain x.npy | sed 1d | diff - <(sed -n 1p expected)
	npy-roc -a -i plain x.npy | grep -q '	1$'
	npy-roc -a x.npy | sed 1d | diff - <(sed -n 2p expected)
	# A smaller probability, a smaller interval, by the ratio of normal quantiles 0.6744898 and 1.959964.
	two 1 200 9 >x.npy
	npy-roc -a -i plain x.npy | cat - <(npy-roc -a -i plain -c 0.5 x.npy) | grep '^1' |
		awk '{ w[NR] = $6 - $5 } END { r = w[2] / w[1] * 1.959964 / 0.6744898; exit !(r > .9999 && r < 1.0001) }'
}

@test "npy-roc: the curve of few scores, by hand" {
	# Positives 4 and 2; 3 is one of each; 1 and 0 are negatives.
	{ array f4 '[.4, .3, .3, .2, .1, 0]'; array u1 '[1, 0, 1, 1, 0, 0]'; } >x.npy
	npy-roc --all x.npy | diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr' '1\tinf\t0\t0' '1\t0.4\t0\t0.333333' \
		'1\t0.3\t0.333333\t0.666667' '1\t0.2\t0.333333\t1' '1\t0.1\t0.666667\t1' '1\t0\t1\t1')
	npy-roc x.npy | diff - <(npy-roc --all x.npy | grep -v '0\.1')
	# Larger scores are drawn first, infinite ones too, and whole ones are printed as such.
	{ array f8 '[-np.inf, np.inf]'; array b1 '[0, 1]'; } | npy-roc |
		diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr' '1\tinf\t0\t0' '1\tinf\t0\t1' '1\t-inf\t1\t1')
	{ array i8 '[-300, 400]'; array i8 '[1, 0]'; } | npy-roc |
		diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr' '1\tinf\t0\t0' '1\t400\t1\t0' '1\t-300\t1\t1')
	# Scores that say nothing: a step.
	{ array f8 '[5] * 4'; array i8 '[1, 0, 1, 0]'; } >x.npy
	npy-roc x.npy | diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr' '1\tinf\t0\t0' '1\t5\t1\t1')
	[ "$(npy-roc --auc x.npy | sed 1d)" = "1	2	2	0.5	nan	nan" ]
}

@test "npy-roc: the area under the points is the area, with corners alone or all" {
	two 5 300 1 >x.npy
	for all in '' --all; do
		# shellcheck disable=SC2086 # nothing, or an option
		npy-roc $all x.npy | awk 'NR > 2 { s += ($3 - x) * ($4 + y) / 2 } { x = $3; y = $4 } END { printf "%.4f\n", s }'
	done | uniq | diff - <(npy-roc --auc x.npy | awk 'NR == 2 { printf "%.4f\n", $4 }')
	# A point for each score; of no three corners is the middle one on a line.
	[ "$(npy-roc --all x.npy | wc -l)" -eq "$(npy-slice -k 0 x.npy | npytotsv | sort -u | wc -l | awk '{ print $1 + 2 }')" ]
	npy-roc x.npy | sed 1d | comm -13 <(npy-roc --all x.npy | sort) <(npy-roc x.npy | sort) | diff - /dev/null
	npy-roc x.npy | awk 'NR > 1 { x[++n] = $3; y[n] = $4 }
		END { for (i = 3; i <= n; i++) {
			d = (x[i] - x[i-1]) * (y[i-1] - y[i-2]) - (y[i] - y[i-1]) * (x[i-1] - x[i-2])
			if (d * d < 1e-10 * 1e-4) exit 1 } }'
}

@test "npy-roc: points and areas of ten classes are scikit-learn's" {
	/opt/torch-venv/bin/python -c 'import sklearn.metrics' 2>/dev/null || skip "needs scikit-learn"
	numpy '
r = np.random.default_rng(6)
labels = r.integers(0, 10, 500)
put(np.round(np.eye(10)[labels] + r.normal(size=(500, 10)), 1).astype("f4") + 0, labels)' >x.npy
	/opt/torch-venv/bin/python -c '
import numpy as np
from sklearn.metrics import roc_curve, roc_auc_score
with open("x.npy", "rb") as f: scores, labels = np.load(f), np.load(f)
with open("curves", "w") as curves, open("areas", "w") as areas:
    for c in range(10):
        for x, y, t in zip(*roc_curve(labels == c, scores[:, c], drop_intermediate=False)):
            print(c, f"{t:.6g} {x:.6g} {y:.6g}", file=curves)
        print(c, f"{roc_auc_score(labels == c, scores[:, c]):.6g}", file=areas)'
	npy-roc --all x.npy | sed 1d | tr '\t' ' ' | diff - curves
	npy-roc --auc x.npy | sed 1d | cut -f 1,4 | tr '\t' ' ' | diff - areas
}

@test "npy-roc: a class of many is the class against the rest" {
	numpy '
r = np.random.default_rng(7)
put(r.normal(size=(90, 3)), r.integers(0, 3, 90))' >x.npy
	for class in 0 1 2; do
		{ npy-slice -k 0 x.npy | npy-slice ":,$class"; npy-slice -k 1 x.npy | npy-calc "a == $class"; } >one.npy
		npy-roc one.npy | sed '1d; s/^1/'$class'/' >curve
		npy-roc x.npy | grep "^$class" | diff - curve
		npy-roc --class $class x.npy | sed 1d | diff - curve
		{ npy-slice -k 0 x.npy | npy-slice ":,$class"; npy-slice -k 1 x.npy; } |
			npy-roc -l $class - | sed 1d | diff - curve
	done
	npy-roc -l 2,0 x.npy | sed 1d | diff - <(npy-roc x.npy | grep ^2; npy-roc x.npy | grep ^0)
	# Another order of the rows is the same, and so is another scale of the scores.
	npy-pick -n 90 x.npy >shuffled.npy
	npy-roc shuffled.npy | diff - <(npy-roc x.npy)
	npy-roc -a shuffled.npy | diff - <(npy-roc -a x.npy)
	npy-calc -k 'exp(a)' x.npy | npy-roc -a | diff - <(npy-roc -a x.npy)
}

@test "npy-roc: scores and labels come as a stream, from stdin or in two files" {
	two 8 50 1 >x.npy
	npy-roc x.npy >expected
	npy-slice -k 0 x.npy >scores.npy
	npy-slice -k 1 x.npy >labels.npy
	npy-roc <x.npy | cmp - expected
	npy-roc - <x.npy | cmp - expected
	npy-roc scores.npy labels.npy | cmp - expected
	npy-roc - labels.npy <scores.npy | cmp - expected
	npy-roc scores.npy - <labels.npy | cmp - expected
}

@test "npy-roc: --at is the best point with so few false alarms" {
	two 9 400 1 >x.npy
	for rate in 0 0.01 0.05 0.29 0.5 1; do
		npy-roc --all x.npy | awk -v rate=$rate 'NR > 1 && $3 <= rate && (NR == 2 || $4 > best) { best = $4; line = $0 }
			END { print line }' >expected
		npy-roc --at $rate x.npy | sed 1d | cut -f 1-4 | diff - expected
	done
	# Ten negatives of a hundred, 29 of them at or above the best threshold: a rate of 0.29, which is allowed.
	numpy 'put(np.r_[np.full(29, 5), np.full(71, 1), 5], np.r_[np.zeros(100, int), 1])' >x.npy
	npy-roc --at 0.29 x.npy | diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr\tlow\thigh' '1\t5\t0.29\t1\t0.206549\t1')
	npy-roc --at 0.28 x.npy | diff - <(printf '%b\n' 'class\tthreshold\tfpr\ttpr\tlow\thigh' '1\tinf\t0\t0\t0\t0.793451')
	# The interval is tsv-wilson's.
	two 10 60 2 >x.npy
	npy-roc --at 0.1 x.npy >found
	positives=$(npy-roc --auc x.npy | awk 'NR == 2 { print $2 }')
	awk -v n="$positives" 'NR == 1 { print "k\tn" } NR == 2 { print int($4 * n + .5) "\t" n }' found |
		tsv-wilson k n | awk 'NR == 2 { print $4, $5 }' | diff - <(awk 'NR == 2 { printf "%.4f %.4f\n", $5, $6 }' found)
}

@test "npy-roc: no interval where all are separated, or one of a kind is alone" {
	{ array f8 '[3, 4, 1, 2]'; array i8 '[1, 1, 0, 0]'; } | npy-roc -a | grep -q '^1	2	2	1	nan	nan$'
	{ array f8 '[3, 4, 1, 2]'; array i8 '[0, 0, 1, 1]'; } | npy-roc -a -i plain | grep -q '^1	2	2	0	nan	nan$'
	{ array f8 '[3, 4, 1, 3]'; array i8 '[1, 0, 0, 0]'; } | npy-roc -a | grep -q '^1	1	3	0.5	nan	nan$'
}

@test "npy-roc: scores and labels that do not fit are refused" {
	array f8 '[1, 2, 3]' >scores.npy
	array i8 '[0, 1, 1]' >labels.npy
	refuses 'found scores only' 'npy-roc scores.npy'
	refuses 'scores (N) or (N,C), found (0,)' 'npy-slice :0 scores.npy | npy-roc - labels.npy'
	refuses 'scores (N) or (N,C), found (1,1,3)' 'npy-reshape 1,1,3 scores.npy | npy-roc - labels.npy'
	refuses 'score 0 of row 1 is NaN' 'array f8 "[1, np.nan, 2]" | npy-roc - labels.npy'
	refuses 'score 1 of row 2 is NaN' 'array f4 "[[1, 2], [3, 4], [5, np.nan]]" | npy-roc - labels.npy'
	refuses '3 labels, whole numbers, found <i8 (2,)' 'npy-slice :2 labels.npy | npy-roc scores.npy -'
	refuses '3 labels, whole numbers, found <f8 (3,)' 'npy-roc scores.npy scores.npy'
	refuses 'class 1: none of the 3 rows' 'npy-calc "a * 0" labels.npy | npy-roc scores.npy -'
	refuses 'class 1: each of the 3 rows' 'npy-calc "a * 0 + 1" labels.npy | npy-roc scores.npy -'
	refuses 'class 5: none of the 3 rows' 'npy-roc -l 1,5 scores.npy labels.npy'
	refuses 'class 2: none of the 3 rows' 'array f8 "[[1, 2, 3]] * 3" | npy-roc - labels.npy'
	refuses 'label 1 of row 1 has no column among 1' 'array f8 "[[1]] * 3" | npy-roc - labels.npy'
	refuses '--class' 'array f8 "[[1, 2]] * 3" | npy-roc -l 2 - labels.npy'
	refuses '--class' 'npy-roc -l one scores.npy labels.npy'
	refuses 'found more' 'cat scores.npy labels.npy labels.npy | npy-roc'
	refuses 'found more' 'cat scores.npy labels.npy | npy-roc - labels.npy'
	refuses 'expected one of them' 'npy-roc --auc --at 0.1 scores.npy labels.npy'
	refuses 'expected one of them' 'npy-roc --auc --all scores.npy labels.npy'
	refuses 'expected one of them' 'npy-roc --all --at 0.1 scores.npy labels.npy'
	refuses 'standard input' 'npy-roc - - <scores.npy'
	refuses 'no-such-file' 'npy-roc no-such-file'
	refuses 'no-such-file' 'npy-roc scores.npy no-such-file'
}

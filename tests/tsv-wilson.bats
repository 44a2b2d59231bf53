load helper

@test "tsv-wilson: the intervals that Newcombe gives" {
	# Statistics in Medicine 17 (1998), table I, method 3.
	printf '%s\t%s\n' right all 81 263 15 148 0 20 1 29 >counts.tsv
	diff <(tsv-wilson right all counts.tsv) - <<-'E'
		right	all	accuracy	low	high
		81	263	0.3080	0.2553	0.3662
		15	148	0.1014	0.0624	0.1605
		0	20	0.0000	0.0000	0.1611
		1	29	0.0345	0.0061	0.1718
	E
	diff <(tsv-wilson right all <counts.tsv) <(tsv-wilson right all counts.tsv)
}

# The ends of the interval are the p with (p - k / n)^2 = z^2 p (1 - p) / n.
@test "tsv-wilson: the roots of Wilson's equation" {
	{ echo "k n"; for n in 1 7 100 10000; do for part in 0 1 3 7; do echo "$((n * part / 7)) $n"; done; done; } |
		tr ' ' '\t' >counts.tsv
	for confidence in 0.5 0.95 0.999; do
		tsv-wilson -c $confidence k n counts.tsv | diff - <(/usr/bin/python3 - $confidence <<-'E'
			import statistics, sys
			import numpy as np
			z = statistics.NormalDist().inv_cdf((1 + float(sys.argv[1])) / 2)
			print("k", "n", "accuracy", "low", "high", sep="\t")
			for line in open("counts.tsv").readlines()[1:]:
			    k, n = map(int, line.split())
			    p, w = k / n, z * z / n
			    low, high = sorted(np.roots([1 + w, -2 * p - w, p * p]).real)
			    print(k, n, "%.4f\t%.4f\t%.4f" % (p, abs(low), high), sep="\t")
		E
		)
	done
}

@test "tsv-wilson: other columns stay as they are, in any order" {
	printf 'images\tnet\tcorrect\tnote\n100\tpa2 µ\t95\t\n' | tsv-wilson correct images |
		diff - <(printf 'images\tnet\tcorrect\tnote\taccuracy\tlow\thigh\n100\tpa2 µ\t95\t\t0.9500\t0.8882\t0.9785\n')
	[ "$(printf 'k\tn\n' | tsv-wilson k n)" = "$(printf 'k\tn\taccuracy\tlow\thigh')" ]
}

@test "tsv-wilson: of nothing every share is possible" {
	[ "$(printf 'k\tn\n0\t0\n' | tsv-wilson k n | tail -1)" = "$(printf '0\t0\tnan\t0.0000\t1.0000')" ]
}

@test "tsv-wilson: the interval is the one that nn-eval prints" {
	img-digits -n 200 >digits.npy
	printf '%s\n' 'input 1x28x28 scale 255' 'dense 10' >linear.net
	nn-init linear.net | nn-train -e 1 - digits.npy >linear.model
	nn-eval linear.model digits.npy >eval.tsv
	tsv-pick -H correct,images eval.tsv | tsv-wilson correct images >found.tsv
	paste <(tsv-pick low,high eval.tsv) <(tsv-pick low,high found.tsv) >both
	[ "$(awk '{ print ($1 - $3) ^ 2 < 1e-8 && ($2 - $4) ^ 2 < 1e-8 }' both)" = 1 ] # four decimals
}

@test "tsv-wilson: numbers have a point wherever the user lives" {
	localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null || skip "no German locale"
	export LOCPATH=$PWD
	[ "$(LC_ALL=de_DE.UTF-8 /usr/bin/printf %.1f 0,5)" = 0,5 ] || skip "no German locale"
	printf 'k\tn\n95\t100\n' | LC_ALL=de_DE.UTF-8 tsv-wilson k n | tail -1 |
		diff - <(printf '95\t100\t0.9500\t0.8882\t0.9785\n')
}

@test "tsv-wilson: what is no count is refused, with file and line" {
	refuses "standard input: line 3, column 'k': 8 is not between 0 and 7" \
		'printf "k\tn\n1\t7\n8\t7\n" | tsv-wilson k n'
	refuses "line 2, column 'k': -1 is not between 0 and 7" 'printf "k\tn\n-1\t7\n" | tsv-wilson k n'
	refuses "line 2, column 'k': '0.5' is not a whole number" 'printf "k\tn\n0.5\t7\n" | tsv-wilson k n'
	refuses "line 2, column 'n': '' is not a whole number" 'printf "k\tn\n1\t\n" | tsv-wilson k n'
	refuses "line 2, column 'n': 1000000000000000000000 is not between" \
		'printf "k\tn\n1\t1000000000000000000000\n" | tsv-wilson k n'
	refuses "no column is named 'm'" 'printf "k\tn\n1\t7\n" | tsv-wilson k m'
	refuses "line 1: a column is named 'low' already" 'printf "k\tlow\n1\t7\n" | tsv-wilson k low'
	refuses "no-such-file: No such file" 'tsv-wilson k n no-such-file'
	refuses "too few operands" 'tsv-wilson k </dev/null'
	refuses "--confidence: 1.5 is not between" 'tsv-wilson -c 1.5 k n </dev/null'
}

@test "tsv-wilson: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'printf "k\tn\n" | tsv-wilson k n >/dev/full'
}

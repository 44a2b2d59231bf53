load helper

# Two networks from the same three seeds, in another order.
setup() {
	cat >runs.tsv <<-'E'
		net	seed	val_error	seconds
		pa2	1	0.0211	12.5
		pa2	2	0.0243	13.25
		pa2	3	0.0225	12.875
		pa2-bn	3	0.0191	15.5
		pa2-bn	1	0.0182	14.75
		pa2-bn	2	0.0222	16
	E
}

# In Python: what the program must print of the table in file `name`, from the statistics module.  The quantile of t
# is where the density, integrated by the trapezoidal rule, reaches the confidence.
expected() {
	/usr/bin/python3 - "$@" <<-'E'
		import csv, math, statistics, sys
		import numpy as np
		name, confidence, quantity, a, b = sys.argv[1:]
		rows = [r for r in csv.DictReader(open(name), delimiter="\t") if r[quantity] not in ("", "nan")]
		def quantile(df):
		    t = np.linspace(0, 40, 4000001)
		    density = math.exp(math.lgamma((df + 1) / 2) - math.lgamma(df / 2)) / math.sqrt(math.pi * df) \
		        * (1 + t * t / df) ** (-(df + 1) / 2)
		    integral = np.cumsum(density[1:] + density[:-1]) * t[1]
		    return float(np.interp(float(confidence), integral, t[1:]))
		def line(group, x):
		    mean, sd = statistics.mean(x), statistics.stdev(x)
		    half = quantile(len(x) - 1) * sd / math.sqrt(len(x))
		    print(quantity, group, len(x), "%.6g\t%.4g\t%.6g\t%.6g" % (mean, sd, mean - half, mean + half), sep="\t")
		of = {g: {r["seed"]: float(r[quantity]) for r in rows if r["net"] == g} for g in (a, b)}
		both = [s for s in of[a] if s in of[b]]
		line(a, of[a].values())
		line(b, of[b].values())
		line("difference", [of[b][s] - of[a][s] for s in both])
		line("ratio", [of[b][s] / of[a][s] for s in both if of[a][s]])
	E
}

@test "tsv-interval: two networks, their difference and their ratio" {
	tsv-interval -g net -p pa2:pa2-bn -k seed val_error,seconds runs.tsv >found
	diff found - <<-'E'
		quantity	net	runs	mean	sd	low	high
		val_error	pa2	3	0.0226333	0.001604	0.0186484	0.0266183
		val_error	pa2-bn	3	0.0198333	0.002098	0.0146206	0.0250461
		val_error	difference	3	-0.0028	0.0006557	-0.00442896	-0.00117104
		val_error	ratio	3	0.875009	0.0341	0.790312	0.959707
		seconds	pa2	3	12.875	0.375	11.9434	13.8066
		seconds	pa2-bn	3	15.4167	0.6292	13.8538	16.9796
		seconds	difference	3	2.54167	0.2602	1.89527	3.18806
		seconds	ratio	3	1.19714	0.01496	1.15998	1.2343
	E
	{ head -1 found; expected runs.tsv 0.95 val_error pa2 pa2-bn; expected runs.tsv 0.95 seconds pa2 pa2-bn; } |
		diff - found
}

@test "tsv-interval: many runs, as Python's statistics module has them" {
	/usr/bin/python3 - >many.tsv <<-'E'
		import random
		random.seed(3)
		print("net", "seed", "x", sep="\t")
		for net in "one", "two", "three":
		    for seed in random.sample(range(90), 50):
		        x = random.gauss(1e4, 3) if net != "one" or seed % 9 else 0
		        print(net, seed, "" if seed % 7 == 0 else "nan" if seed % 11 == 0 else x, sep="\t")
	E
	for confidence in 0.5 0.95 0.99; do
		tsv-interval -c $confidence -g net -p one:three -k seed x many.tsv | tail -n +2 |
			diff - <(expected many.tsv $confidence x one three)
	done
}

@test "tsv-interval: groups in order of appearance, or one of all rows" {
	tsv-interval -g net seconds runs.tsv >found
	[ "$(tsv-pick net found | paste -sd ' ')" = "pa2 pa2-bn" ]
	[ "$(tsv-interval -g seed seconds runs.tsv | tsv-pick -H seed,runs | paste -sd ' ')" = \
		"$(printf 'seed\truns 1\t2 2\t2 3\t2')" ]
	diff <(tail -n +2 runs.tsv | tac | cat <(head -1 runs.tsv) - | tsv-interval -g net seconds) \
		<(head -1 found && tail -n +2 found | tac)
	# 1 to 5 have mean 3 and variance 10 / 4; t is 2.776445.
	diff <(seq 5 | cat <(echo x) - | tsv-interval x) \
		<(printf 'quantity\truns\tmean\tsd\tlow\thigh\nx\t5\t3\t1.581\t1.03676\t4.96324\n')
}

@test "tsv-interval: the order of --pair is kept, and other groups are left out" {
	[ "$(tsv-interval -g net -p pa2-bn:pa2 -k seed seconds runs.tsv | tsv-pick net | paste -sd ' ')" = \
		"pa2-bn pa2 difference ratio" ]
	{ cat runs.tsv; printf 'other\t1\t0.5\t1\n'; } >three.tsv
	diff <(tsv-interval -g net -p pa2:pa2-bn -k seed seconds three.tsv) \
		<(tsv-interval -g net -p pa2:pa2-bn -k seed seconds runs.tsv)
}

@test "tsv-interval: a run that is missing is not counted as 0" {
	printf '%s\t%s\t%s\n' net seed x a 1 2 a 2 nan a 3 4 a 5 1 b 1 3 b 2 6 b 4 9 b 3 '' >gaps.tsv
	tsv-interval -g net -p a:b -k seed x gaps.tsv >found
	# a: 2, 4, 1; b: 3, 6, 9; of seed 1 alone there are both.
	diff <(tsv-pick net,runs,mean,sd found) - <<-'E'
		a	3	2.33333	1.528
		b	3	6	3
		difference	1	1	nan
		ratio	1	1.5	nan
	E
	[ "$(tsv-pick -k x,ratio low,high found)" = "$(printf 'nan\tnan')" ]
}

@test "tsv-interval: without numbers the mean is nan, not 0" {
	line=$(printf 'x\t0\tnan\tnan\tnan\tnan')
	[ "$(printf 'x\n' | tsv-interval x | tail -1)" = "$line" ]
	[ "$(printf 'x\nnan\n-nan\n' | tsv-interval x | tail -1)" = "$line" ]
	[ "$(printf 'x\t\n\t\nNaN\t\n' | tsv-interval x | tail -1)" = "$line" ]
}

@test "tsv-interval: a ratio leaves out what would be divided by 0" {
	printf '%s\t%s\t%s\n' net seed x a 1 0 a 2 4 b 1 3 b 2 6 |
		tsv-interval -g net -p a:b -k seed x >found
	[ "$(tsv-pick -k x,ratio runs,mean found)" = "$(printf '1\t1.5')" ]
	[ "$(tsv-pick -k x,difference runs,mean found)" = "$(printf '2\t2.5')" ]
}

@test "tsv-interval: a wider interval for more confidence, of the same mean" {
	# 63.657 and 12.706 are the t of one degree of freedom, 1 / sqrt(2) the standard deviation.
	[ "$(printf 'x\n0\n1\n' | tsv-interval x | tsv-pick high)" = 6.8531 ]
	[ "$(printf 'x\n0\n1\n' | tsv-interval -c 0.99 x | tsv-pick high)" = 32.3284 ]
	refuses "--confidence: 1 is not between 0.01 and 0.9999" 'tsv-interval -c 1 seconds runs.tsv'
}

@test "tsv-interval: numbers have a point wherever the user lives" {
	localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 2>/dev/null || skip "no German locale"
	export LOCPATH=$PWD
	[ "$(LC_ALL=de_DE.UTF-8 /usr/bin/printf %.1f 0,5)" = 0,5 ] || skip "no German locale"
	LC_ALL=de_DE.UTF-8 tsv-interval -g net val_error runs.tsv | diff - <(tsv-interval -g net val_error runs.tsv)
}

@test "tsv-interval: what cannot be averaged is refused, with file and line" {
	refuses "standard input: line 3, column 'b': '1,5' is not a number" \
		'printf "a\tb\n1\t2\n1\t1,5\n" | tsv-interval a,b'
	refuses "line 2, column 'a': '1 2' is not a number" 'printf "a\n1 2\n" | tsv-interval a'
	refuses "no column is named 'error'" 'tsv-interval error runs.tsv'
	refuses "no column is named 'kind'" 'tsv-interval -g kind seconds runs.tsv'
	refuses "no column is named 'run'" 'tsv-interval -g net -p pa2:pa2-bn -k run seconds runs.tsv'
	refuses "line 2: expected 1 fields, as in line 1, found 2" 'printf "a\n1\t2\n" | tsv-interval a'
	refuses "no-such-file: No such file" 'tsv-interval a no-such-file'
}

@test "tsv-interval: what cannot be paired is refused" {
	refuses "--pair and --key need each other" 'tsv-interval -g net -p pa2:pa2-bn seconds runs.tsv'
	refuses "--pair and --key need each other" 'tsv-interval -g net -k seed seconds runs.tsv'
	refuses "--pair needs --group" 'tsv-interval -p pa2:pa2-bn -k seed seconds runs.tsv'
	refuses "--pair: 'pa2' is not A:B" 'tsv-interval -g net -p pa2 -k seed seconds runs.tsv'
	refuses "--pair: expected two groups, found 'pa2' twice" \
		'tsv-interval -g net -p pa2:pa2 -k seed seconds runs.tsv'
	refuses "runs.tsv: column 'net': no row is of group 'pa3'" \
		'tsv-interval -g net -p pa2:pa3 -k seed seconds runs.tsv'
	printf 'pa2-bn\t2\t0\t0\n' >>runs.tsv
	refuses "runs.tsv: line 8: group 'pa2-bn' has two rows with seed '2'" \
		'tsv-interval -g net -p pa2:pa2-bn -k seed seconds runs.tsv'
}

@test "tsv-interval: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'tsv-interval seconds runs.tsv >/dev/full'
}

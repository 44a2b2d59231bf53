# student.awk - the mean of runs with its 95 % interval, and how two networks differ in the same seeds
#
#	awk -f student.awk -v a=NET -v b=NET runs.tsv
#
# runs.tsv: a header, then a line for each run, net, seed and any quantities.  For each quantity there
# are four lines: a, b, the difference b - a and the ratio b / a, the last two paired by seed.  The
# interval is Student's, mean -+ t sd / sqrt(n), nan for a single run.
BEGIN { FS = OFS = "\t" }
NR == 1 {
	split($0, name)
	columns = NF
	next
}
$1 == a || $1 == b {
	seeds[$2]
	for (i = 3; i <= NF; i++)
		value[$1, $2, i] = $i
}
END {
	print "quantity", "net", "runs", "mean", "sd", "low", "high"
	for (i = 3; i <= columns; i++) {
		begin(); for (s in seeds) take(value[a, s, i]); report(name[i], a)
		begin(); for (s in seeds) take(value[b, s, i]); report(name[i], b)
		begin(); for (s in seeds) take(value[b, s, i] - value[a, s, i]); report(name[i], "difference")
		begin(); for (s in seeds) if (value[a, s, i] != 0) take(value[b, s, i] / value[a, s, i]); report(name[i], "ratio")
	}
}

function begin() { n = 0 }
function take(x) { sample[++n] = x }

function report(quantity, net,    i, mean, squares, sd, half) {
	mean = squares = 0
	for (i = 1; i <= n; i++)
		mean += sample[i] / n
	for (i = 1; i <= n; i++)
		squares += (sample[i] - mean) ^ 2
	if (n < 2) {
		print quantity, net, n, sprintf("%.6g", mean), "nan", "nan", "nan"
		return
	}
	sd = sqrt(squares / (n - 1))
	half = quantile(n - 1) * sd / sqrt(n)
	print quantity, net, n, sprintf("%.6g", mean), sprintf("%.4g", sd), sprintf("%.6g", mean - half),
		sprintf("%.6g", mean + half)
}

# The t with P(|T| < t) = 0.95, by bisection.
function quantile(df,    low, high, t) {
	low = 0
	high = 20
	while (high - low > 1e-9) {
		t = (low + high) / 2
		if (within(t, df) < 0.95) low = t; else high = t
	}
	return t
}

# P(|T| < t), Abramowitz and Stegun 26.7.3 and 26.7.4.
function within(t, df,    angle, c, term, sum, k) {
	angle = atan2(t, sqrt(df))
	c = cos(angle) ^ 2
	term = df % 2 ? cos(angle) : 1
	sum = 0
	for (k = df % 2 ? 1 : 0; k <= df - 2; k += 2) {
		sum += term
		term *= c * (k + 1) / (k + 2)
	}
	return df % 2 ? 2 / atan2(0, -1) * (angle + sin(angle) * sum) : sin(angle) * sum
}

# A sweep.  On top the error on the test images, with 95 % intervals, which also says which color is which arm; then the
# loss and the error on the validation images, against steps and against seconds: means over the seeds, of the loss
# each seed as a thin line, too, of the error the 95 % interval.  The tables are the courses of the trainings, their
# means, and the means of their scores.
curves = ARG2
means = ARG3
scores = ARG4
name(i) = system(sprintf("sed 1d %s | cut -f 1 | uniq | sed -n %dp", means, i))
arms = int(system(sprintf("sed 1d %s | cut -f 1 | uniq | wc -l", means)))
height = 535.0 + 24 * arms
call 'pipelines/lib/style.gp' ARG1 680 height
# Told apart by those who do not see colors alike, too (Okabe and Ito).
do for [i = 1:7] {
	set linetype i linecolor rgb word('#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #000000', i) \
		linewidth 1.5 pointtype 7 pointsize 0.5
}
# The interval of one seed, which has none, is its mean.
of(i) = sprintf("<awk -F '\t' -v OFS='\t' '$1 == \"%s\" { if ($6 == \"nan\") $6 = $7 = $5; print }' %s", name(i), means)
# A blank line between seeds.
seeds(i) = sprintf("<awk -F '\t' '$1 == \"%s\" { if ($2 != seed) print \"\"; seed = $2; print }' %s", name(i), curves)
error(i) = sprintf("<awk -F '\t' -v OFS='\t' '$1 == \"error\" && $2 == \"%s\" { if ($6 == \"nan\") $6 = $7 = $4; print }' %s", \
	name(i), scores)

# The largest value in a column of the means, and the distance of about five tics: 1, 2 or 5 times a power of ten.
largest(column) = real(system(sprintf("awk -F '\t' 'NR > 1 && $%d > most { most = $%d } END { print most }' %s", column, column, means)))
power(x) = 10**floor(log10(x))
tics(x) = power(x) * (x / power(x) < 2 ? 1 : x / power(x) < 5 ? 2 : 5)

set multiplot
unset key
top(y) = 1 - y / height
set lmargin at screen 0.19
set rmargin at screen 0.97
set tmargin at screen top(10)
set bmargin at screen top(10 + 24 * arms)
set border 1
set yrange [arms + 0.5:0.5]
set ytics scale 0 ()
do for [i = 1:arms] { set ytics add (name(i) i) }
set xlabel 'test error, %'
plot for [i = 1:arms] error(i) using (100 * $4):(i):(100 * $6):(100 * $7) with xerrorbars linetype i linewidth 2 pointsize 0.9
set border 3
set ytics auto scale default

set logscale y
set autoscale yfixmin
left(side) = 0.12 + 0.45 * side
do for [row = 0:1] {
	set tmargin at screen top(10 + 24 * arms + 65 + 200 * row)
	set bmargin at screen top(10 + 24 * arms + 65 + 200 * row + 190)
	do for [side = 0:1] {
		set lmargin at screen left(side)
		set rmargin at screen left(side) + 0.4
		set xlabel row ? side ? 'seconds' : 'steps' : ''
		set xtics tics(largest(side ? 3 : 2) / 4)
		set format x row ? '%g' : ''
		set format y side ? '' : '%g'
		if (row == 0) {
			# Some begin far above the loss of guessing.
			set yrange [*:3.5]
			set ytics (0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3)
			set ylabel side ? '' : 'validation loss'
			plot for [i = 1:arms] seeds(i) using (side ? $4 : $3):5 with lines linetype i linewidth 0.4, \
				for [i = 1:arms] of(i) using (side ? $3 : $2):4 with lines linetype i linewidth 2
		} else {
			set yrange [*:100]
			set ytics (5, 6, 7, 8, 9, 10, 12, 15, 20, 30, 40, 50, 60, 70, 90)
			set ylabel side ? '' : 'validation error, %'
			plot for [i = 1:arms] of(i) using (side ? $3 : $2):(100 * $5) with lines linetype i, \
				for [i = 1:arms] of(i) using (side ? $3 : $2):(100 * $5):(100 * $6):(100 * $7) \
					with yerrorbars linetype i linewidth 1 pointsize 0.4
		}
	}
}
unset multiplot

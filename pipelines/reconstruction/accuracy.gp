# The accuracy behind each reformer, a point for each attack: TABLE has attack, reformer, ..., accuracy, low, high.
call 'pipelines/lib/style.gp' ARG1 900 460
reformers = system("sed 1d ".ARG2." | cut -f 2 | awk '!seen[$0]++'")
attacks = system("sed 1d ".ARG2." | cut -f 1 | awk '!seen[$0]++'")
set ylabel 'accuracy'
set yrange [0:1.02]
set xrange [-0.6:words(attacks) - 0.4]
set bmargin 8
set xtics rotate by -35
set key outside right top
do for [i = 1:words(attacks)] { set xtics add (word(attacks, i) i - 1) }
plot for [i = 1:words(reformers)] '<tsv-pick -H -w reformer='.word(reformers, i).' accuracy,low,high '.ARG2 \
	using (column(0) + 0.15 * (i - 2.5)):'accuracy':'low':'high' with yerrorbars linetype i title word(reformers, i)

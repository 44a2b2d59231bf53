# The share of images that the oracle misclassifies against the queries in all.  The tables are rounds.tsv, square.tsv
# and attacks.tsv.
call 'pipelines/lib/style.gp' ARG1 760 400
rounds = ARG2
square = ARG3
together = '<tsv-pick -H -w attack=boundary queries,accuracy,low,high '.ARG4
by(oracle, attack) = sprintf('<tsv-pick -H -w oracle=%s,attack=%s queries,accuracy,low,high %s', oracle, attack, rounds)
set rmargin 5
set logscale x
set format x '%.0f'
set xlabel 'queries in all'
set ylabel 'misclassified, %'
set yrange [0:102]
set key outside above center horizontal
plot by('network', 'fgsm') using 'queries':(100 * column('accuracy')):(100 * column('low')):(100 * column('high')) \
		with yerrorlines title 'substitute, one step', \
	by('network', 'pgd') using 'queries':(100 * column('accuracy')):(100 * column('low')):(100 * column('high')) \
		with yerrorlines title 'substitute, many steps', \
	by('median', 'pgd') using 'queries':(100 * column('accuracy')):(100 * column('low')):(100 * column('high')) \
		with yerrorlines title 'the same, behind a median', \
	together using 'queries':(100 * column('accuracy')):(100 * column('low')):(100 * column('high')) \
		with yerrorbars title 'three substitutes, other questions', \
	square using 'queries':(100 * column('accuracy')):(100 * column('low')):(100 * column('high')) \
		with yerrorlines title 'Square, by probabilities'

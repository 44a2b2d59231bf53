# Accuracy on the test sequences against their length: of each kind of network the one that the held-out
# sequences chose, with its 95 % interval, and all seeds as points.  The tables are chosen.tsv and all.tsv.
call 'pipelines/lib/style.gp' ARG1 680 460
chosen = ARG2
runs = ARG3
of(net, table) = sprintf("<awk -F '\t' 'NR == 1 || $1 == \"%s\"' %s", net, table)
nets = 'lstm-memory lstm rnn-edge rnn esn'
# As in flow.gp.
color(i) = int(word('5 4 2 1 3', i))
titles = "'LSTM that remembers' 'LSTM, forget bias 1' 'tanh, radius 1, small input' 'tanh, as PyTorch draws it' 'echo state network'"

set lmargin 10
set bmargin 4
set logscale x
set xrange [8.5:1.2 * system("cut -f 2 ".chosen." | datamash -H max 1 | tail -n 1")]
set xtics (10, 20, 50, 100, 200, 500)
set xlabel 'length of the sequences'
set ylabel 'accuracy on test sequences, %'
set yrange [44:101]
set tmargin 5
set key at screen 0.54,0.98 center top vertical maxrows 3 width -3
# Side by side, where several are equally good.
beside(i) = 1.02 ** (i - 3)
plot 50 with lines linecolor rgb '#888888' dashtype 2 title 'chance', \
	for [i = 1:5] of(word(nets, i), runs) using (beside(i) * column('length')):(100 * column('correct') / column('test')) \
		with points linetype color(i) pointtype 6 pointsize 0.4 notitle, \
	for [i = 1:5] of(word(nets, i), chosen) using (beside(i) * column('length')):(100 * column('accuracy')) \
		with lines linetype color(i) notitle, \
	for [i = 1:5] of(word(nets, i), chosen) using (beside(i) * column('length')):(100 * column('accuracy')): \
		(100 * column('low')):(100 * column('high')) with yerrorbars linetype color(i) linewidth 2 title word(titles, i)

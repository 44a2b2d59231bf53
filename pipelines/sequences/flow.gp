# How long dL/dh_t is against t, for networks that are not trained yet: a line for each, with a band of a
# standard deviation of its logarithm.  Above with an input so small that no tanh bends, and RHO^(T - t) beside
# it; below with PyTorch's.  The table is flow.tsv.
call 'pipelines/lib/style.gp' ARG1 680 840
flow = ARG2
last = int(system("tail -n 1 '".flow."' | cut -f 1"))
set style fill transparent solid 0.2 noborder
radii = '0.8 1 1.3'
at_last(name) = real(system("awk -F '\t' -v name=".name." 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i } END { print $c }' ".flow))

set multiplot layout 2,1 margins 0.13,0.97,0.09,0.99 spacing 0.03
set logscale y
set format y '10^{%T}'
set xrange [1:last]
set format x ''
set ylabel '|dL/dh_t|, next to no input'
set key top right
plot for [i = 1:3] flow using 't':(10 ** column('small-'.word(radii, i))) with lines linetype i linewidth 2 \
		title 'tanh, spectral radius '.word(radii, i), \
	for [i = 1:3] 10 ** at_last('small-'.word(radii, i)) * word(radii, i) ** (last - x) with lines linetype i dashtype 2 \
		title i == 2 ? 'ρ^{T − t}' : ''

set format x
set xlabel 'step t; the loss is that of the last, T'
set ylabel '|dL/dh_t|, input of one letter'
set key bottom right
lines = 'drawn-0.8 drawn-1 drawn-1.3 lstm lstm-memory'
name(i) = i < 4 ? 'tanh, spectral radius '.word(radii, i) : i == 4 ? 'LSTM, forget bias 1' : 'LSTM that remembers'
plot for [i = 1:5] flow using 't':(10 ** (column(word(lines, i)) - column(word(lines, i).'_sd'))): \
		(10 ** (column(word(lines, i)) + column(word(lines, i).'_sd'))) with filledcurves linetype i notitle, \
	for [i = 1:5] flow using 't':(10 ** column(word(lines, i))) with lines linetype i linewidth 2 title name(i)

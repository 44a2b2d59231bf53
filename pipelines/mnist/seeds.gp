# Test accuracy of every run, a point each, and its mean with the 95 % interval, without and with batch
# norm.  The tables are runs.tsv and summary.tsv.
call 'pipelines/lib/style.gp' ARG1 680 220
runs = ARG2
summary = ARG3
height(net) = net eq 'pa2' ? 1 : 0
mean(net) = sprintf("<awk '$1 == \"accuracy\" && $2 == \"%s\"' %s", net, summary)

set lmargin 20
set bmargin 3.5
set border 1
set yrange [-0.5:1.5]
set ytics ('with batch norm' 0, 'without' 1) scale 0
set xlabel 'test accuracy, %'
set key off
plot for [net in 'pa2 pa2-bn'] runs using (strcol('net') eq net ? 100 * column('accuracy') : NaN):(height(net) - 0.15) \
		with points linetype 2 - height(net), \
	for [net in 'pa2 pa2-bn'] mean(net) using (100 * $4):(height(net) + 0.15):(100 * $6):(100 * $7) \
		with xerrorbars linetype 2 - height(net) linewidth 2 pointsize 1

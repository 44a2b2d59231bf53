# How many images are misclassified, and are classified as a given class, against the bound on the change.
call 'pipelines/lib/style.gp' ARG1 680 460
set lmargin 10
set bmargin 4
set logscale x 2
set xlabel 'bound on the change, in gray levels of 255'
set ylabel 'share, %'
set yrange [0:103]
set key outside top center horizontal width 1
plot ARG2 using 'bound':(100 * column('low')):(100 * column('high')) with filledcurves linecolor rgb '#cce3f0' title '95 % interval', \
	'' using 'bound':(100 * column('wrong') / column('images')) with linespoints linetype 1 title 'images misclassified', \
	'' using 'bound':(100 * column('wrong_8bit') / column('images')) with lines linetype 1 dashtype 2 title 'in 8 bits', \
	'' using 'bound':(100 * column('hit') / column('pairs')) with linespoints linetype 2 title 'pairs classified as the target', \
	'' using 'bound':(100 * column('hit_8bit') / column('pairs')) with lines linetype 2 dashtype 2 title 'in 8 bits'

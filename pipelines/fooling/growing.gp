# The cost, and the probability of the target, of images that grow from noise: a line for each class.  The
# tables are the log of an ascent and that of its continuation.
call 'pipelines/lib/style.gp' ARG1 680 640
steps = int(system('tail -n 1 '.ARG2.' | cut -f 1'))
every = steps > 100 ? 10 : 1
course(c) = sprintf("<awk -v c=%d '$3 == c && $1 %% %d == 0' %s; awk -v OFS='\t' '$3 == %d && $1 %% %d == 0 { $1 += %d; print }' %s", \
	c, every, ARG2, c, every, steps, ARG3)
dash(c) = c < 5 ? 1 : 2

set multiplot layout 2,1 margins 0.13,0.86,0.1,0.99 spacing 0.04
set format x ''
set ylabel 'cost: logit of the target'
set key outside right center title 'target'
plot for [c = 0:9] course(c) using 1:7 with lines linetype 1 + c % 5 dashtype dash(c) linewidth 1.5 title ''.c

unset key
set format x
set xlabel 'step'
set ylabel 'probability of the target'
set yrange [0:1.02]
plot for [c = 0:9] course(c) using 1:6 with lines linetype 1 + c % 5 dashtype dash(c) linewidth 1.5

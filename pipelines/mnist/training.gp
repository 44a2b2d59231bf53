# The course of a training: loss, error and accuracy of training and validation against the step.
# The logarithm has no place for an error of 0, where the line has a gap.
call 'pipelines/lib/style.gp' ARG1 680 900
log = ARG2
validations = '<grep -v nan '.ARG2
last = 100 * system("tail -n 1 '".ARG2."' | cut -f 8")

set multiplot layout 3,1 margins 0.13,0.97,0.07,0.99 spacing 0.03
set format x ''
set logscale y
set format y '10^{%T}'
set ylabel 'loss'
plot log using 'step':'loss' with lines title 'training', \
	validations using 'step':'val_loss' with linespoints title 'validation'

set format y
set ylabel 'error, %'
plot log using 'step':(100 * column('error')) with lines title 'training', \
	validations using 'step':(100 * column('val_error')) with linespoints title 'validation'

unset logscale y
set format x
set key bottom right
set xlabel 'step'
set ylabel 'accuracy, %'
# As far below the last accuracy as shows how it got there.
set yrange [last < 10 ? 100 - ceil(10 * last) : 0:100]
plot log using 'step':(100 - 100 * column('error')) with lines title 'training', \
	validations using 'step':(100 - 100 * column('val_error')) with linespoints title 'validation'

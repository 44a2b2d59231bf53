# Without and with batch norm: loss and accuracy on the validation images against the images seen, a line for
# each seed.  The tables are logs NETWORK/SEED.log.tsv, and the networks come by turns.
call 'pipelines/lib/style.gp' ARG1 680 640
logs = ''
do for [i = 2:ARGC] { logs = logs.' '.value('ARG'.i) }
validations(i) = '<grep -v nan '.word(logs, i)
color(i) = i % 2 ? 1 : 2
name(i) = i > 2 ? '' : i == 1 ? 'without batch norm' : 'with batch norm'
last = 100 * system('tail -n 1 '.word(logs, 1).' | cut -f 8')

set multiplot layout 2,1 margins 0.13,0.97,0.1,0.99 spacing 0.04
set format x ''
set logscale y
set ylabel 'validation loss'
plot for [i = 1:words(logs)] validations(i) using (column('images') / 1000):'val_loss' \
	with lines linetype color(i) linewidth 1 title name(i)

unset logscale y
set format x
set key bottom right
set xlabel 'images seen, thousands'
set ylabel 'validation accuracy, %'
set yrange [last < 20 ? 100 - ceil(5 * last) : 0:100]
plot for [i = 1:words(logs)] validations(i) using (column('images') / 1000):(100 - 100 * column('val_error')) \
	with lines linetype color(i) linewidth 1 title name(i)

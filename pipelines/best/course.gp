# Errors on the validation images against the seconds of training, a line for each network; networks of one kind
# have one color.  The tables are logs NETWORK/SEED.log.tsv.
call 'pipelines/lib/style.gp' ARG1 680 400
logs = ''
do for [i = 2:ARGC] { logs = logs.' '.value('ARG'.i) }
network(i) = system("basename $(dirname '".word(logs, i)."')")
names = ''
do for [i = 1:words(logs)] {
	if (strstrt(names.' ', ' '.network(i).' ') == 0) { names = names.' '.network(i) }
}
color(i) = sum [k = 1:words(names)] (word(names, k) eq network(i) ? k : 0)
validations(i) = '<grep -v nan '.word(logs, i)

set lmargin 9
set logscale y
set ytics add (3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 70)
set autoscale yfix
set key outside above center horizontal
set xlabel 'seconds of training'
set ylabel 'validation error, %'
plot for [i = 1:words(logs)] validations(i) using 'seconds':(100 * column('val_error')) \
		with lines linetype color(i) linewidth 1 notitle, \
	for [k = 1:words(names)] NaN with lines linetype k linewidth 3 title word(names, k)

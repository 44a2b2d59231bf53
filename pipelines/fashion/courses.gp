# The courses of trainings: training and validation loss against the step, and against the seconds, a line for each
# training.  The tables are logs NETWORK/SEED.log.tsv; the trainings of a network have one color.
call 'pipelines/lib/style.gp' ARG1 900 640
logs = ''
do for [i = 2:ARGC] { logs = logs.' '.value('ARG'.i) }
network(i) = system("basename $(dirname '".word(logs, i)."')")
names = ''
do for [i = 1:words(logs)] {
	if (strstrt(names.' ', ' '.network(i).' ') == 0) { names = names.' '.network(i) }
}
color(i) = sum [k = 1:words(names)] (word(names, k) eq network(i) ? k : 0)
validations(i) = '<grep -v nan '.word(logs, i)
# A logarithmic axis has no place for the beginning: it starts with the first row after it.
seconds(how) = real(system("awk -F '\t' 'FNR == 1 { for (i = 1; i <= NF; i++) if ($i == \"seconds\") at = i; next } $at > 0 { print $at }' ".logs." | datamash ".how." 1"))

set multiplot layout 2,2 margins 0.08,0.98,0.125,0.985 spacing 0.07,0.03
set logscale y
set format y '%g'
set ytics (0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10)
set autoscale yfix
set key off
do for [row = 1:2] {
	do for [x in 'step seconds'] {
		set format x (row == 1 ? '' : '%g')
		set xlabel (row == 1 ? '' : x eq 'step' ? 'steps' : 'seconds')
		if (x eq 'seconds') { set logscale x; set xrange [seconds('min'):seconds('max')] } else { unset logscale x; set autoscale x }
		set ylabel (x eq 'step' ? (row == 1 ? 'training loss' : 'validation loss') : '')
		if (row == 1 && x eq 'step') { set key on top right maxrows 3 } else { set key off }
		if (row == 1) {
			plot for [i = 1:words(logs)] word(logs, i) using x:'loss' with lines linetype color(i) linewidth 1 notitle, \
				for [k = 1:words(names)] NaN with lines linetype k linewidth 3 title word(names, k)
		} else {
			plot for [i = 1:words(logs)] validations(i) using x:'val_loss' with lines linetype color(i) linewidth 1 notitle
		}
	}
}

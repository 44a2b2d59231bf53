# The courses of trainings: the errors on the images trained on, and on validation images under attack with 10 steps.
# The tables are logs NETWORK/SEED.log.tsv.
call 'pipelines/lib/style.gp' ARG1 1000 400
logs = ''
do for [i = 2:ARGC] { logs = logs.' '.value('ARG'.i) }
network(i) = system("basename $(dirname '".word(logs, i)."')")
attacked = ''
do for [i = 1:words(logs)] {
	if (system("sed -n 1p ".word(logs, i)." | grep -c attacked_error") eq '1') { attacked = attacked.' '.i }
}
set multiplot layout 1,2 margins 0.07,0.87,0.14,0.97 spacing 0.09,0
set yrange [0:1]
set xlabel 'epochs'
set key off
set ylabel 'error on the images trained on'
plot for [i = 1:words(logs)] word(logs, i) using 'epoch':'error' with lines linetype i notitle
set ylabel 'validation error under attack, 10 steps'
set key at graph 1.02, graph 1 left top
plot for [i in attacked] '<grep -v nan '.word(logs, i + 0) using 'epoch':'attacked_error' \
		with lines linetype i + 0 title network(i + 0), \
	for [i = 1:words(logs)] NaN with lines linetype i title (strstrt(attacked.' ', ' '.i.' ') ? '' : network(i))

# Accuracy against the bound, a line for each network: TABLE has net, share, ..., accuracy, low, high.
call 'pipelines/lib/style.gp' ARG1 760 420
nets = system("sed 1d ".ARG2." | cut -f 1 | awk '!seen[$0]++'")
set xlabel 'bound, as a share of the range of a pixel'
set ylabel 'accuracy under attack'
set yrange [0:1]
set key outside right top
plot for [i = 1:words(nets)] '<tsv-pick -H -w net='.word(nets, i).' share,accuracy,low,high '.ARG2 using 'share':'accuracy':'low':'high' \
	with yerrorlines linetype i title word(nets, i)

# The error, and the confidence in the wrong class, against the bound: a row for each network, a line for each attack.
call 'pipelines/lib/style.gp' ARG1 760 900
table = ARG2
nets = system("sed 1d '".ARG2."' | cut -f 1 | awk '!seen[$0]++' | paste -s -d ' '")
attacks = 'fgsm fgsm-predicted bim pgd noise'
names = "'FGSM' 'FGSM, predicted class' 'BIM' 'PGD' 'noise'"
of(net, attack) = sprintf("<awk -F '\\t' 'NR == 1 || $1 == \"%s\" && ($2 == \"%s\" || $2 == \"none\")' %s", net, attack, table)

set multiplot layout words(nets),2 margins 0.1,0.97,0.07,0.99 spacing 0.12,0.03
set yrange [0:104]
set xrange [0:*]
set format x ''
do for [i = 1:words(nets)] {
	net = word(nets, i)
	if (i == words(nets)) {
		set format x
		set xlabel 'bound, share of the range'
	}
	set ylabel net.': error, %'
	if (i == 1) { set key on at graph 0.99,0.78 right top vertical spacing 1 } else { set key off }
	plot for [k = 1:5] of(net, word(attacks, k)) using 'share':(100 * column('wrong') / column('images')) with linespoints linetype k title word(names, k)
	set key off
	set ylabel 'confidence in errors, %'
	plot for [k = 1:5] of(net, word(attacks, k)) using 'share':(100 * column('confidence')) with linespoints linetype k title word(names, k)
}

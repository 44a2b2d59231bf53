# The curves of the detectors: TABLE has knows, detector, fpr, tpr.
call 'pipelines/lib/style.gp' ARG1 900 440
detectors = system("sed 1d ".ARG2." | cut -f 2 | awk '!seen[$0]++'")
set multiplot layout 1,2
set xrange [0:1]
set yrange [0:1.02]
set xlabel 'clean images that raise an alarm'
set ylabel 'images that fool and raise an alarm'
set key bottom right
do for [knows in 'no yes'] {
	set title (knows eq 'no' ? 'PGD, which does not know the detector' : 'the attack that knows the detector')
	plot for [i = 1:words(detectors)] '<tsv-pick -H -w knows='.knows.',detector='.word(detectors, i).' fpr,tpr '.ARG2 using 'fpr':'tpr' \
			with lines linetype i title (knows eq 'no' ? '' : word(detectors, i)), \
		x with lines linecolor rgb '#bbbbbb' dashtype 2 notitle
}

# What all plots share.  A plot, gnuplot -c NAME.gp svg|png TABLE ..., begins with
#	call 'pipelines/lib/style.gp' ARG1 WIDTH HEIGHT
if (ARG1 eq 'svg') {
	set terminal svg size ARG2, ARG3 dynamic background 'white' font 'Helvetica,Arial,sans-serif,15'
} else {
	set terminal pngcairo size ARG2, ARG3 font 'Sans,11'
}
set datafile separator tab
set datafile missing 'nan'
set encoding utf8
set border 3 linecolor rgb '#888888'
set tics nomirror textcolor rgb '#333333'
set grid linecolor rgb '#dddddd' linetype 1
set key top right samplen 2 spacing 1.1
# Colors that are told apart by those who do not see colors alike, too (Okabe and Ito); the first two most easily.
# An eighth line and those after it begin again, dashed and with open points.
colors = '#0072b2 #d55e00 #009e73 #cc79a7 #e69f00 #56b4e9 #222222'
hues = words(colors)
do for [i = 1:2 * hues] {
	set linetype i linecolor rgb word(colors, (i - 1) % hues + 1) linewidth 1.5 \
		dashtype i <= hues ? 1 : 2 pointtype i <= hues ? 7 : 6 pointsize 0.5
}
set linetype cycle 2 * hues

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
# Two colors that are told apart by those who do not see colors alike, too (Okabe and Ito).
set linetype 1 linecolor rgb '#0072b2' linewidth 1.5 pointtype 7 pointsize 0.5
set linetype 2 linecolor rgb '#d55e00' linewidth 1.5 pointtype 7 pointsize 0.5

# A confusion matrix: rows are true classes, columns what they were taken for.  The color of a mistake is
# the logarithm of its count; what is right, on the diagonal, is gray, as it would outshine the rest.
call 'pipelines/lib/style.gp' ARG1 680 640
table = '<sed 1d '.ARG2
set border 0
unset grid
unset colorbox
set key off
set tics scale 0
set xtics 0,1 offset 0,0.3
set ytics 0,1
set xlabel 'predicted'
set ylabel 'true'
set yrange [9.5:-0.5]
set xrange [-0.5:9.5]
set palette defined (0 '#ffffff', 1 '#f6c9a8', 2 '#d55e00')
set cbrange [0:1<*]
set size square
do for [i = 0:9] {
	set object rectangle center i,i size 1,1 behind fillcolor rgb '#e8e8e8' fillstyle solid noborder
}
plot table matrix using 1:2:($1 == $2 ? NaN : log(1 + $3)) with image pixels, \
	'' matrix using 1:2:($3 == 0 ? '' : sprintf('%d', $3)) with labels

# A confusion matrix: rows are true classes, columns what they were taken for.  The colour of a cell is
# the logarithm of its count; what is right, on the diagonal, has none, as it would outshine the rest.
call 'pipelines/plots/style.gp' ARG1 680 640
table = ARG2
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
set size square
shade(row, column, count) = row == column ? 0 : log(1 + count)
plot "<sed 1d ".table matrix using 1:2:(shade($2, $1, $3)) with image pixels, \
	'' matrix using 1:2:($3 == 0 ? '' : sprintf('%d', $3)) with labels

# The share of places where a patch flips a digit: rows are digits, columns what the patch shows.
call 'pipelines/lib/style.gp' ARG1 720 620
table = '<sed "1d; s/black/10/" '.ARG2
set border 0
unset grid
set key off
set tics scale 0
set xlabel 'shown in the patch'
set ylabel 'digit'
set xtics ('black' 10)
set for [i = 0:9] xtics add (sprintf('%d', i) i)
set ytics 0,1
set yrange [9.5:-0.5]
set xrange [-0.5:10.5]
set palette defined (0 '#ffffff', 1 '#f6c9a8', 2 '#d55e00')
set cbrange [0:*]
set cblabel 'flipped, percent'
set size ratio -1
set arrow from 9.5,-0.5 to 9.5,9.5 nohead linecolor rgb '#888888'
plot table using 2:1:(100 * $5 / $4) with image pixels, \
	'' using 2:1:(sprintf('%.1f', 100 * $5 / $4)) with labels

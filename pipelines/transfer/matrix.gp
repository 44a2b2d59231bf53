# The errors in percent, of the network of a column on the images made for that of a row.
call 'pipelines/lib/style.gp' ARG1 620 560
table = '<sed 1d '.ARG2
name(i) = system(sprintf("sed -n 1p '%s' | cut -f %d", ARG2, i + 1))
last = int(system("sed -n 1p '".ARG2."' | awk -F '\t' '{ print NF }'")) - 1
set border 0
unset grid
unset colorbox
set key off
set tics scale 0
set xtics noenhanced offset 0,0.3 ('' -1)
set ytics noenhanced ('' -1)
do for [i = 0:last] {
	set xtics add (name(i) i)
	set ytics add (name(i) i)
}
set xlabel 'asked'
set ylabel 'made for'
set xrange [-0.5:last + 0.5]
set yrange [last + 0.5:-0.5]
set palette defined (0 '#ffffff', 1 '#f6c9a8', 2 '#d55e00')
set cbrange [0:100]
set size square
plot table matrix using 1:2:3 with image pixels, '' matrix using 1:2:(sprintf('%.0f', $3)) with labels

# A confusion matrix: rows are true classes, columns what they were taken for, and the header of the table names
# them.  The color of a mistake is the logarithm of its count; what is right, on the diagonal, is gray, as it would
# outshine the rest.  Another table of classes by classes sets down and across, the names of its axes, and calls this.
call 'pipelines/lib/style.gp' ARG1 680 640
table = '<sed 1d '.ARG2
name(i) = system(sprintf("sed -n 1p '%s' | cut -f %d", ARG2, i + 1))
classes = int(system("sed -n 1p '".ARG2."' | awk -F '\t' '{ print NF }'"))
last = classes - 1
# Names longer than a cell is wide are turned.
longest = int(system("sed -n 1p '".ARG2."' | tr '\t' '\n' | awk 'length > n { n = length } END { print n }'"))
set border 0
unset grid
unset colorbox
set key off
set tics scale 0
set xtics noenhanced offset 0,0.3
set ytics noenhanced
if (longest > 3) { set xtics rotate by 45 right offset 0.5,0 }
do for [i = 0:last] {
	set xtics add (name(i) i)
	set ytics add (name(i) i)
	set object rectangle center i,i size 1,1 behind fillcolor rgb '#e8e8e8' fillstyle solid noborder
}
set xlabel exists('across') ? across : 'predicted'
set ylabel exists('down') ? down : 'true'
set yrange [last + 0.5:-0.5]
set xrange [-0.5:last + 0.5]
set palette defined (0 '#ffffff', 1 '#f6c9a8', 2 '#d55e00')
set cbrange [0:1<*]
set size square
plot table matrix using 1:2:($1 == $2 ? NaN : log(1 + $3)) with image pixels, \
	'' matrix using 1:2:($3 == 0 ? '' : sprintf('%.3g', $3)) with labels

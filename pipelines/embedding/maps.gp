# Maps of points: gnuplot -c maps.gp png PANELS
#
# Each line of PANELS, a table without names, is a panel: two files and a title.  The first file, NAME.tsv, has a line for
# each point: its coordinates and the number of its class; beside it NAME.names.tsv says where the names of the classes
# are written.  The second file has these names, a line each; it is the same for the panels of a row.  At the right of a
# row is its legend, if it is not that of the row above.
panels = int(system("wc -l <'".ARG2."'"))
panel(i, field) = system(sprintf("sed -n %dp '%s' | cut -f %d", i + 1, ARG2, field))
columns = panels > 4 ? 3 : panels > 1 ? 2 : 1
rows = (panels + columns - 1) / columns
side = columns > 2 ? 340 : columns > 1 ? 460 : 760
head = 26
legend = 110
width = columns * side + legend
height = rows * (side + head)
call 'pipelines/lib/style.gp' ARG1 width height

colors = system('cat pipelines/embedding/colors')
hues = words(colors)
# Classes beyond the colors have them again, as other signs.
color(class) = int('0x'.substr(word(colors, int(class) % hues + 1), 2, 7))
sign(class) = int(class) < hues ? 7 : 6
class_name(file, class) = system(sprintf("sed -n %dp '%s'", int(class) + 1, file))

unset border
unset tics
unset grid
unset key
set style textbox opaque noborder fillcolor rgb '#50ffffff' margins 0.3,0.1
set multiplot
above = ''
do for [i = 0:panels - 1] {
	row = i / columns
	column = i % columns
	points = panel(i, 1)
	classes = panel(i, 2)
	names = points[1:strlen(points) - 4].'.names.tsv'
	set lmargin at screen (column * side + 4.0) / width
	set rmargin at screen ((column + 1) * side - 4.0) / width
	set tmargin at screen 1 - (row * (side + head) + head + 0.0) / height
	set bmargin at screen 1 - ((row + 1) * (side + head) - 4.0) / height

	# One scale for both axes.
	set autoscale
	stats points using 1:2 nooutput
	half = 0.53 * (STATS_max_x - STATS_min_x > STATS_max_y - STATS_min_y ? STATS_max_x - STATS_min_x : STATS_max_y - STATS_min_y)
	half = half > 0 ? half : 1
	set xrange [(STATS_min_x + STATS_max_x) / 2 - half:(STATS_min_x + STATS_max_x) / 2 + half]
	set yrange [(STATS_min_y + STATS_max_y) / 2 - half:(STATS_min_y + STATS_max_y) / 2 + half]
	size = STATS_records > 20000 ? 0.1 : STATS_records > 4000 ? 0.18 : 0.35

	set title panel(i, 3) offset 0,-0.6 noenhanced
	if ((column == columns - 1 || i == panels - 1) && classes ne above) {
		above = classes
		n = int(system("wc -l <'".classes."'"))
		do for [k = 0:n - 1] {
			y = 1 - (row * (side + head) + head + 20 + 20.0 * k) / height
			x = 1 - (legend - 14.0) / width
			set label 100 + k class_name(classes, k) at screen x, screen y left offset 0.8,0 noenhanced \
				point pointtype sign(k) pointsize 1.1 linecolor rgb word(colors, k % hues + 1)
		}
	}
	plot points using 1:2:(sign($3)):(color($3)) with points pointtype variable pointsize size linecolor rgb variable, \
		names using 1:2:(class_name(classes, $3)) with labels boxed noenhanced font ',9' textcolor rgb '#222222'
	unset label
}

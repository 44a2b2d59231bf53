# The accuracy after each shift, as a map: right and down are where the image goes.
call 'pipelines/lib/style.gp' ARG1 680 560
set border 0
unset grid
set tics scale 0
set key off
set xlabel 'pixels to the right'
set ylabel 'pixels down'
set yrange [] reverse
set size ratio -1
set cblabel 'accuracy, percent'
# Viridis, as npytopnm has it.
set palette defined (0 '#440154', 1 '#414487', 2 '#2a788e', 3 '#22a884', 4 '#7ad151', 5 '#fde725')
set cbrange [0:100]
set autoscale xfix
set autoscale yfix
plot ARG2 using 1:2:(100 * $3) with image pixels

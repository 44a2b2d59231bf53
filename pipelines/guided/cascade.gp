# How much the maps of a network whose upper layers were drawn anew agree with those of the trained one.
call 'pipelines/lib/style.gp' ARG1 680 460
maps = 'plain deconv guided cam channels'
titles = 'gradient|deconvnet|guided|Grad-CAM|guided, of channels'
title(i) = system(sprintf("echo '%s' | cut -d '|' -f %d", titles, i))
of(map) = sprintf("<sed -n '1s/map layers/map\tlayers/p; s/\t%s /\t%s\t/p' %s", map, map, ARG2)
set lmargin 9
set bmargin 4
set xlabel 'layers drawn anew, from the last one down'
set ylabel 'rank correlation with the trained network'
set xrange [0.7:7.3]
set yrange [-0.4:1.05]
set xtics ('dense3' 1, 'dense2' 2, 'dense1' 3, 'conv4' 4, 'conv3' 5, 'conv2' 6, 'conv1' 7)
set key outside top center horizontal width 1
plot for [i = 1:5] of(word(maps, i)) using (column('layers') + 0.05 * (i - 3)):'mean':'low':'high' with yerrorlines linetype i title title(i)

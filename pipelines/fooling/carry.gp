# How often an image with a noise is classified as the noise's class, against the bound on the noise.
call 'pipelines/lib/style.gp' ARG1 680 380
bounds = '<grep -v ^least '.ARG2
set lmargin 10
set bmargin 4
set logscale x 2
set xtics (8, 16, 32, 64, 128, 255)
set xlabel 'bound on the noise, in gray levels of 255'
set ylabel 'classified as the class of the noise, %'
set yrange [0:102]
set key top left
plot bounds using 'bound':(10 * column('own')) with linespoints title 'the image it was made on', \
	bounds using 'bound':(100 * column('many') / column('many_pairs')) with linespoints title 'other images'

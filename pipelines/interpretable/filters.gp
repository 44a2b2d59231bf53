# The filters of both networks, from the least location instability to the largest.
call 'pipelines/lib/style.gp' ARG1 680 420
sorted(file) = "<tsv-pick instability '".file."' | grep -v nan | sort -g"
set xlabel 'filters, from the most stable on'
set ylabel 'location instability'
set yrange [0:]
set key top left
plot sorted(ARG2) using 0:1 with lines linewidth 2 title 'ordinary', \
	sorted(ARG3) using 0:1 with lines linewidth 2 title 'interpretable'

# Instability and error on the validation images for each weight of the losses, with 95 % intervals where there are any.
call 'pipelines/lib/style.gp' ARG1 680 420
both = "<awk -F '\t' -v OFS='\t' 'NR > 1 { mean[$1, $2] = $4; low[$1, $2] = $6 == \"nan\" ? $4 : $6; high[$1, $2] = $7 == \"nan\" ? $4 : $7; net[$2] } \
	END { for (n in net) print 100 * mean[\"val_error\", n], mean[\"instability\", n], 100 * (low[\"val_error\", n] > 0 ? low[\"val_error\", n] : mean[\"val_error\", n] / 10), 100 * high[\"val_error\", n], \
	low[\"instability\", n], high[\"instability\", n], n }' ".ARG2
set xlabel 'error on the validation images, percent'
set ylabel 'location instability'
set logscale x
set yrange [0:]
set offsets graph 0.15, graph 0.25, graph 0.1, 0
unset key
plot both using 1:2:3:4:5:6 with xyerrorbars, \
	both using 1:2:7 with labels left offset 0.7, 0.6 noenhanced

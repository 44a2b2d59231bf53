# Instability and error on the validation images for each weight of the losses, with 95 % intervals where there are any.
call 'pipelines/lib/style.gp' ARG1 680 420
nets = system("awk -F '\t' '$1 == \"val_error\" { print $2 }' ".ARG2)
row(net) = "<awk -F '\t' -v OFS='\t' -v net=".net." '$2 == net { mean[$1] = $4; low[$1] = $6 == \"nan\" ? $4 : $6; high[$1] = $7 == \"nan\" ? $4 : $7 } \
	END { print 100 * mean[\"val_error\"], mean[\"instability\"], (low[\"val_error\"] > 0 ? 100 * low[\"val_error\"] : 0), \
	100 * high[\"val_error\"], low[\"instability\"], high[\"instability\"] }' ".ARG2
set xlabel 'error on the validation images, percent'
set ylabel 'location instability'
set xrange [0:]
set yrange [0:]
set offsets 0, graph 0.1, graph 0.1, 0
set key above noenhanced
plot for [net in nets] row(net) using 1:2:3:4:5:6 with xyerrorbars title net

# ROC curves of the classes: the share of true alarms against that of false ones, whose axis is logarithmic.  The tables
# are roc.tsv, auc.tsv, which has the classes, and names.
call 'pipelines/lib/style.gp' ARG1 680 560
roc = ARG2
classes = system("sed 1d '".ARG3."' | cut -f 1")
name(class) = system(sprintf("sed -n %dp '%s'", int(class) + 1, ARG4))
of(class) = sprintf("<awk -F '\t' 'NR == 1 || $1 == %s' %s", class, roc)

set lmargin 9
set bmargin 4
set logscale x
set format x '10^{%T}'
set xrange [1e-4:1]
set yrange [0:1]
set xlabel 'false alarms, share of the other classes'
set ylabel 'true alarms, share of the class'
set key bottom right noenhanced
plot for [i = 1:words(classes)] of(word(classes, i)) using 'fpr':'tpr' with steps linetype i title name(word(classes, i))

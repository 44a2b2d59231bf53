# Accuracy under attack against the bound, a line for each defense: accuracy.tsv.
call 'pipelines/lib/style.gp' ARG1 760 400
defenses = system("sed 1d ".ARG2." | cut -f 1 | awk '!seen[$0]++'")
points(defense) = '<awk -F "\t" ''$1 == "'.defense.'" && ($2 == "clean" || sub(/^within-/, "", $2)) { print $2 == "clean" ? 0 : $2, $5, $6, $7 }'' OFS="\t" '.ARG2
set xlabel 'bound, as a share of the range of a pixel'
set ylabel 'accuracy under attack, %'
set yrange [0:102]
set key outside right top
plot for [i = 1:words(defenses)] points(word(defenses, i)) using 1:(100 * $2):(100 * $3):(100 * $4) \
	with yerrorlines linetype i title word(defenses, i)

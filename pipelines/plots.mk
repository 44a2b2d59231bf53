# Plots: $O/figures/NAME.svg and NAME.png by pipelines/plots/NAME.gp, of the tables a story says.

# Their fonts and colours.
STYLE := pipelines/plots/style.gp

$O/figures/%.svg: pipelines/plots/%.gp $(STYLE)
	gnuplot -c $< svg $(filter %.tsv,$^) >$@
$O/figures/%.png: pipelines/plots/%.gp $(STYLE)
	gnuplot -c $< png $(filter %.tsv,$^) >$@

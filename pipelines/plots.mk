# Plots: out/DATASET/figures/NAME.svg and NAME.png by pipelines/plots/NAME.gp, of the tables a story says.

out/%.svg: pipelines/plots/$$(*F).gp pipelines/plots/style.gp
	gnuplot -c $< svg $(filter %.tsv,$^) >$@
out/%.png: pipelines/plots/$$(*F).gp pipelines/plots/style.gp
	gnuplot -c $< png $(filter %.tsv,$^) >$@

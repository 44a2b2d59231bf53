# The errors on images made for another network, against the cosine of the two networks' derivatives, a point for each
# pair of networks.
call 'pipelines/lib/style.gp' ARG1 680 420
set lmargin 9
set bmargin 4
set xlabel 'mean cosine of the derivatives'
set ylabel 'error, %'
set xrange [*<0:*]
set yrange [0:104]
set key outside top center horizontal width 1
of(kind, wanted, share) = kind eq wanted ? 100 * share : NaN
plot ARG2 using 'cosine':(of(strcol('kind'), 'other', column('fgsm'))) with points linetype 1 pointsize 0.8 title 'FGSM, other architecture', \
	'' using 'cosine':(of(strcol('kind'), 'same', column('fgsm'))) with points linetype 1 pointtype 6 pointsize 1.3 title 'another seed', \
	'' using 'cosine':(of(strcol('kind'), 'other', column('pgd'))) with points linetype 2 pointsize 0.8 title 'PGD, other architecture', \
	'' using 'cosine':(of(strcol('kind'), 'same', column('pgd'))) with points linetype 2 pointtype 6 pointsize 1.3 title 'another seed'

# The assignment's first part (document 001, section 1) and its report (000): the network pa2 is trained,
# measured and described, with and without batch norm.
mnist.about   := a convolutional network is trained, with and without batch norm, and measured
mnist.answers := 001.1
mnist.data    := mnist digits all
mnist.cost    := 25 s, 4 min

# How to train, runs.tsv, was chosen by the validation images of MNIST.  Their loss and errors after 8
# epochs of 55,000 images, from seed 11, for pa2 and pa2-bn:
#
#	adamw, lr 0.003, onecycle, weight decay 0.05	0.0289  0.64 %	0.0276  0.58 %
#	adam, lr 0.003, onecycle			0.0363  0.64 %	0.0298  0.64 %
#	adam, lr 0.003, onecycle, label smoothing 0.1	0.1193  0.54 %	0.1188  0.50 %
#	adam, lr 0.001, cosine, average 0.999		0.0315  0.66 %
#
# Label smoothing errs less, by no more than chance does, and its loss cannot be compared with that of
# others: the first has the lowest that can.

# The run that is shown, of the plain network.
mnist.first = $(firstword $(call models,$1,pa2))

# S1-03, S1-08: the means of the runs, and what batch norm changes.
$E/tables/summary.tsv: $E/tables/runs.tsv
	tsv-interval -g net -p pa2:pa2-bn -k seed accuracy,val_loss,val_error,seconds,epoch_seconds $< >$@

# The network of the other parts: of the plain ones that which errs least on the validation images.
$E/tables/best.tsv: $E/tables/runs.tsv
	tsv-pick -H -w net=pa2 net,seed,val_error,val_loss $< | $(least-first) >$@
$E/models/best.safetensors: $E/tables/best.tsv $(call models,safetensors,pa2)
	cat $E/models/$(call line,2,$<).safetensors >$@
# One that learned the same from another beginning: the next of them, or, of one, that with batch norm.
$E/models/second.safetensors: $E/tables/best.tsv $(call models,safetensors)
	run=$(call line,3,$<); cat $E/models/$${run:-pa2-bn/1}.safetensors >$@

# S1-02, S1-08: the course of the training.
$E/figures/training.svg $E/figures/training.png: $(call mnist.first,log.tsv)
$E/figures/batchnorm.svg $E/figures/batchnorm.png: $(call models,log.tsv)
$E/figures/seeds.svg $E/figures/seeds.png: $E/tables/runs.tsv $E/tables/summary.tsv

# S1-04: test images as 'true → predicted', wrong ones in red: forty at random, and all that are wrong.
$E/sheets/tested.npy: $D/data/test.npy $(call mnist.first,predicted.npy)
	cat $^ >$@
$E/sheets/random.npy: $E/sheets/tested.npy
	npy-pick -n 40 $< >$@
$E/sheets/wrong.npy: $E/sheets/tested.npy
	npy-pick -m <(npy-calc 'b != c' $<) $< >$@
$E/figures/random.png $E/figures/wrong.png: $E/figures/%.png: $E/sheets/%.npy
	npy-slice -k 0 $< | npy-montage -c 10 -s 2 -g 6 -f 1 \
		-t <(paste <(npy-slice -k 1 $< | npytotsv) <(npy-slice -k 2 $< | npytotsv) | sed 's/\t/ → /') \
		-m <(npy-calc 'b != c' $<) | $(png) >$@

# Which class is taken for which, as a table and as a picture, and how well each is recognized.
$E/tables/confusion.tsv: $E/sheets/tested.npy
	{ npy-slice -k 1 $<; npy-slice -k 2 $<; } | npy-confusion -c 10 | npytotsv -H 0,1,2,3,4,5,6,7,8,9 >$@
$E/tables/classes.tsv: $(call mnist.first,safetensors) $D/data/test.npy
	nn-eval --per-class $^ >$@
$E/figures/confusion.svg $E/figures/confusion.png: $E/tables/confusion.tsv

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs machine summary confusion classes \
		$(foreach net,pa2 pa2-bn,$(net).layers $(net).totals $(net).parameters)) \
	$(patsubst %,$E/figures/%,random.png wrong.png \
		$(foreach plot,training batchnorm seeds confusion,$(plot).svg $(plot).png))

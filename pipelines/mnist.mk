# The assignment's first part (document 001, section 1): its network, pa2, is trained, measured and
# described, with and without batch norm, from as many SEEDS.

NETS  := pa2 pa2-bn
RUNS  := $(call runs,$(NETS))
FIRST := $(firstword $(RUNS))
$(call in-turn,$(RUNS))

# How to train was chosen by the validation images.  Their loss and errors after 8 epochs of 55,000
# images, from seed 11, for pa2 and pa2-bn:
#
#	adamw, lr 0.003, onecycle, weight decay 0.05	0.0289  0.64 %	0.0276  0.58 %
#	adam, lr 0.003, onecycle			0.0363  0.64 %	0.0298  0.64 %
#	adam, lr 0.003, onecycle, label smoothing 0.1	0.1193  0.54 %	0.1188  0.50 %
#	adam, lr 0.001, cosine, average 0.999		0.0315  0.66 %
#
# Label smoothing errs less, by no more than chance does, and its loss cannot be compared with that of
# others: the first has the lowest that can.
$(NETS:%=$O/models/%/%): private train = -o adamw --lr 0.003 --weight-decay 0.05 --schedule onecycle --validate-every 200
$(NETS:%=$O/models/%/%): private epochs = 8

# S1-03, S1-08: a line a run, and what follows from them.
$O/tables/runs.tsv: pipelines/runs.awk $(foreach suffix,log test,$(RUNS:%=$O/models/%.$(suffix).tsv))
	awk -f $^ >$@
$O/tables/summary.tsv: pipelines/student.awk $O/tables/runs.tsv
	awk -f $< -v a=pa2 -v b=pa2-bn $O/tables/runs.tsv >$@

# The network of the other parts: the plain one that errs least.
$O/tables/best.tsv: pipelines/best.awk $(patsubst %,$O/models/%.log.tsv,$(filter pa2/%,$(RUNS)))
	awk -f $^ >$@
$(BEST) $(SECOND): private OUTPUTS = $@
$(BEST): $O/tables/best.tsv $(patsubst %,$O/models/%.safetensors,$(filter pa2/%,$(RUNS)))
	$(call first-of,$<) >$@
# One that learned the same from another beginning: the next of them, or, of one, that with batch norm.
$(SECOND): $O/tables/best.tsv $(RUNS:%=$O/models/%.safetensors)
	run=$$(sed -n 3p $< | cut -f 1,2 | tr '\t' /); \
	cat $O/models/$${run:-pa2-bn/$(firstword $(SEEDS))}.safetensors >$@

# What the seconds were measured on.  nproc knows OMP_NUM_THREADS; without /sys lscpu knows nothing.
$O/tables/machine.tsv: $O/models/$(lastword $(RUNS)).safetensors
	{ \
		printf 'threads\tprocessor\n'; \
		paste <(nproc) <(lscpu | awk '/^Model name:/ { sub(/^[^:]*: */, ""); name = $$0 } \
			END { print name ? name : "unknown" }'); \
	} >$@

# S1-05 ... S1-07: what the network is made of.
$O/tables/%.layers.tsv: pipelines/nets/%.net $B/bin/nn-info
	nn-info $< >$@
$O/tables/%.totals.tsv: pipelines/nets/%.net $B/bin/nn-info
	nn-info --totals $< >$@
$O/tables/%.parameters.tsv: pipelines/parameters.awk pipelines/nets/%.net $B/bin/nn-init $B/bin/nn-weights
	nn-init pipelines/nets/$*.net | nn-weights - | awk -f $< >$@

# S1-02, S1-08: the course of the training.
$O/figures/training.svg $O/figures/training.png: $O/models/$(FIRST).log.tsv
$O/figures/batchnorm.svg $O/figures/batchnorm.png: $(RUNS:%=$O/models/%.log.tsv)
$O/figures/seeds.svg $O/figures/seeds.png: $O/tables/runs.tsv $O/tables/summary.tsv

# S1-04: test images as 'true → predicted', wrong ones in red: forty at random, and all that are wrong.
$O/sheets/tested.npy: $O/data/test.npy $O/models/$(FIRST).predicted.npy
	cat $^ >$@
$O/sheets/random.npy: $O/sheets/tested.npy $B/bin/npy-pick
	npy-pick -n 40 $< >$@
$O/sheets/wrong.npy: $O/sheets/tested.npy $B/bin/npy-pick $B/bin/npy-calc
	npy-pick -m <(npy-calc 'b != c' $<) $< >$@
$O/figures/random.png $O/figures/wrong.png: $O/figures/%.png: $O/sheets/%.npy $(addprefix $B/bin/,npy-slice npytotsv npy-calc npy-montage npytopnm)
	npy-slice -k 0 $< | npy-montage -c 10 -s 2 -g 6 -f 1 \
		-t <(paste <(npy-slice -k 1 $< | npytotsv) <(npy-slice -k 2 $< | npytotsv) | sed 's/\t/ → /') \
		-m <(npy-calc 'b != c' $<) | npytopnm | pnmtopng >$@

# Which digit is taken for which, as a table and as a picture, and how well each is told.
$O/tables/confusion.tsv: $O/sheets/tested.npy $(addprefix $B/bin/,npy-slice npy-confusion npytotsv)
	{ npy-slice -k 1 $<; npy-slice -k 2 $<; } | npy-confusion -c 10 | \
		npytotsv -H 0,1,2,3,4,5,6,7,8,9 >$@
$O/tables/classes.tsv: $O/models/$(FIRST).safetensors $O/data/test.npy $B/bin/nn-eval
	nn-eval --per-class $< $O/data/test.npy >$@
$O/figures/confusion.svg $O/figures/confusion.png: $O/tables/confusion.tsv

$O/index.html: $(patsubst %,$O/tables/%.tsv,data runs machine summary confusion classes \
		$(foreach net,$(NETS),$(net).layers $(net).totals $(net).parameters)) \
	$(patsubst %,$O/figures/%,random.png wrong.png \
		$(foreach plot,training batchnorm seeds confusion,$(plot).svg $(plot).png))

# Long sequences (document 003, Problem 4): what the report says in words, by experiment.  Nothing here
# is about the DATASET.  The task is seq-motif's: which of two motifs stands in the first ten letters.
#
# Networks are sequences/nets/NET/LENGTH/SEED.npy, and beside each are SEED.log.tsv, the course of its
# training, and SEED.tsv, how often it is right.  How to train was chosen by the sequences held out: the
# errors on 1,000 after six epochs of 5,000, from seeds 1 and 2, the learning rate going as onecycle does:
#
#	tanh, as drawn, lr 0.001			20 letters	 0.1   0.2 %
#		lr 0.0003						 2.7  51.7
#		lr 0.003						 0.1   0.4
#	tanh, radius 1, input 0.1, lr 0.001		100 letters	 2.3   8.8
#		lr 0.0005						 8.2   9.3
#		clipped to 0.1						43.2  12.8
#		input 0.03						50.5   4.7
#		input 0.03, lr 0.0005					 3.5  23.8
#	LSTM, forget bias 1, lr 0.003			50 letters	13.8  48.2
#		lr 0.01							47.6  48.9
#	LSTM that remembers, lr 0.01			100 letters	 0.1   0.0
#		lr 0.003						 0.4   0.4
#		lr 0.03							 0.0   0.3

SEQ_LENGTHS ?= 10 20 50 100 200 500
SEQ_TRAIN   ?= 5000
SEQ_HOLDOUT ?= 1000
SEQ_TEST    ?= 2000
SEQ_EPOCHS  ?= 6
SEQ_SEEDS   ?= 1 2 3
# Where both functions of document 003's equation for C~ are tried.
SEQ_BOTH    ?= 50 500

MOTIFS := QQQ,NNN
S      := $O/sequences
# The parts of a stem NET/LENGTH/SEED.
part   = $(word $1,$(subst /, ,$*))

# Of a length the first are to train on, then come those held out, then the test's.
$S/data/%.train.npy: | $B/bin/seq-motif
	seq-motif -m $(MOTIFS) -t $* -n $$(($(SEQ_TRAIN) + $(SEQ_HOLDOUT))) >$@
$S/data/%.test.npy: | $B/bin/seq-motif
	seq-motif -m $(MOTIFS) -t $* -n $(SEQ_TEST) --skip $$(($(SEQ_TRAIN) + $(SEQ_HOLDOUT))) >$@

# As PyTorch draws them, and so that they remember from the start.
init_rnn          = -n 64
init_rnn-edge     = -n 64 --radius 1 --input-scale 0.1
init_lstm         = -c lstm -n 32 --forget-bias 1
init_lstm-memory  = -c lstm -n 32 --memory $T
init_lstm-sigmoid = $(init_lstm-memory) --candidate sigmoid
rate_rnn          = 0.001
rate_rnn-edge     = 0.001
rate_lstm         = 0.003
rate_lstm-memory  = 0.01
rate_lstm-sigmoid = 0.01

$S/nets/%.npy $S/nets/%.log.tsv: private OUTPUTS = $S/nets/$*.npy $S/nets/$*.log.tsv
$S/nets/%.npy $S/nets/%.log.tsv: private T = $(call part,2)
$S/nets/%.npy $S/nets/%.log.tsv: $S/data/$$(call part,2).train.npy | $B/bin/rnn-init $B/bin/rnn-train
	rnn-init -s $(*F) $(init_$(call part,1)) | \
		rnn-train -s $(*F) -e $(SEQ_EPOCHS) -r $(rate_$(call part,1)) --schedule onecycle \
			--holdout $(SEQ_HOLDOUT) --log $S/nets/$*.log.tsv - $< >$S/nets/$*.npy

# The echo state network: a random one, of which only V and c are learnt, those of the radius and the
# penalty that err least on the sequences held out, the last line of its log.
RADII     := 0.8 0.9 1 1.1 1.2 1.3
PENALTIES := 0.001 0.01 0.1 1 10
reservoir  = rnn-init -n 100 --radius $1
readout    = { npy-slice :$(SEQ_TRAIN) $1; npy-slice -k 1 :$(SEQ_TRAIN) $<; } | npy-ridge -p $2 >$@.readout

$S/echo/%.npy: $S/data/$$(*D).train.npy $(addprefix $B/bin/,rnn-init rnn-run npy-slice)
	$(call reservoir,$(patsubst $(*D)/%,%,$*)) | rnn-run --last - $< | npy-slice -k 0 >$@
$(foreach length,$(SEQ_LENGTHS),$S/nets/esn/$(length)/1.npy $S/nets/esn/$(length)/1.log.tsv): private OUTPUTS = $@
$(SEQ_LENGTHS:%=$S/nets/esn/%/1.log.tsv): $S/nets/esn/%/1.log.tsv: $S/data/%.train.npy $(RADII:%=$S/echo/$$*/%.npy) \
		$(addprefix $B/bin/,npy-calc npy-reduce npy-ridge npy-slice npytotsv)
	trap 'rm -f $@.readout' EXIT; \
	{ \
		printf 'radius\tpenalty\tval_error\n'; \
		for radius in $(RADII); do for penalty in $(PENALTIES); do \
			states=$S/echo/$*/$$radius.npy; \
			$(call readout,$$states,$$penalty); \
			npy-calc 'a * b' <(npy-slice $(SEQ_TRAIN):,None $$states) <(npy-slice -k 0 None $@.readout) | \
				npy-reduce -a 2 sum | npy-calc 'a + b' - <(npy-slice -k 1 None $@.readout) | \
				npy-reduce -a 1 argmax | npy-calc 'a != b' - <(npy-slice -k 1 $(SEQ_TRAIN): $<) | \
				npy-reduce mean | npytotsv | sed "s/^/$$radius\t$$penalty\t/"; \
		done; done | sort -k 3gr -k 2g; \
	} >$@
$(SEQ_LENGTHS:%=$S/nets/esn/%/1.npy): $S/nets/esn/%/1.npy: $S/data/%.train.npy $S/nets/esn/%/1.log.tsv $(RADII:%=$S/echo/$$*/%.npy) \
		$(addprefix $B/bin/,nn-weights npy-ridge npy-slice npytornn rnn-init)
	trap 'rm -f $@.reservoir $@.readout' EXIT; \
	read -r radius penalty _ < <(tail -n 1 $(word 2,$^)); \
	$(call reservoir,$$radius) >$@.reservoir; \
	$(call readout,$S/echo/$*/$$radius.npy,$$penalty); \
	{ \
		nn-weights $@.reservoir rnn1.weight_hh_l0; nn-weights $@.reservoir rnn1.weight_ih_l0; \
		npy-slice -k 0 $@.readout; nn-weights $@.reservoir rnn1.bias_ih_l0; npy-slice -k 1 $@.readout; \
	} | npytornn >$@

# A line a network: what it errs on, of the sequences held out, and how many of the test's it tells.
$S/nets/%.tsv: $S/nets/%.npy $S/nets/%.log.tsv $S/data/$$(call part,2).test.npy pipelines/course.awk \
		$(addprefix $B/bin/,npy-calc npy-reduce npy-slice npytotsv rnn-run)
	{ \
		printf 'net\tlength\tseed\tval_error\tclipped\ttest\tcorrect\n'; \
		paste <(tr / '\t' <<<$*) \
			<(awk -f $(word 4,$^) $(word 2,$^)) \
			<(npy-slice -k 1 $(word 3,$^) | npy-calc 'a >= 0' | npy-reduce sum | npytotsv) \
			<(rnn-run --last $< $(word 3,$^) | npy-slice -k 1 | npy-reduce -a 1 argmax | \
				npy-calc 'a == b' - <(npy-slice -k 1 $(word 3,$^)) | npy-reduce sum | npytotsv); \
	} >$@
SEQ_NETS := $(foreach length,$(SEQ_LENGTHS),esn/$(length)/1 \
	$(foreach net,rnn rnn-edge lstm lstm-memory,$(SEQ_SEEDS:%=$(net)/$(length)/%))) \
	$(foreach length,$(SEQ_BOTH),$(SEQ_SEEDS:%=lstm-sigmoid/$(length)/%))
$O/tables/sequences.runs.tsv: $(SEQ_NETS:%=$S/nets/%.tsv)
	awk 'NR == 1 || FNR > 1' $^ >$@
$O/tables/sequences.tsv: pipelines/sequences.awk $O/tables/sequences.runs.tsv
	awk -f $^ >$@
$O/figures/sequences.svg $O/figures/sequences.png: $O/tables/sequences.tsv $O/tables/sequences.runs.tsv

# S3-10: how long dL/dh_t is at each step of 100, before any training, the loss being that of the last: its
# logarithm for each of 100 sequences, mean and standard deviation.  What comes in is so little that no tanh
# bends, even where it grows by 1.3 a step; or it is as PyTorch draws it.
FLOWS := $(foreach input,small drawn,$(foreach radius,0.8 1 1.3,$(input)-$(radius))) lstm lstm-memory
$S/flow.npy: | $B/bin/seq-motif
	seq-motif -m $(MOTIFS) -t 100 -n 100 >$@
$S/flow/%.npy: private T = 100
$S/flow/%.npy: $S/flow.npy $(addprefix $B/bin/,npy-calc npy-reduce rnn-grad rnn-init)
	rnn-init $(or $(init_$*),-n 64 --radius $(lastword $(subst -, ,$*)) $(if $(filter small-%,$*),--input-scale 1e-14)) | \
		rnn-grad --states - $< | npy-calc 'a * a' | npy-reduce -a 2 sum | npy-calc 'log(a) / log(10) / 2' >$@
$S/flow/%.tsv: $S/flow/%.npy $B/bin/npy-reduce $B/bin/npytotsv
	paste <(npy-reduce -a 0 mean $< | npytotsv -H $*) <(npy-reduce -a 0 std $< | npytotsv -H $*_sd) >$@
$O/tables/flow.tsv: $(FLOWS:%=$S/flow/%.tsv)
	paste <(printf '%s\n' t {1..100}) $^ >$@
# By which factor it changes with a step back, over the first half of the sequence.
$O/tables/flow.rates.tsv: pipelines/flow.awk $O/tables/flow.tsv
	awk -f $^ >$@
$O/figures/flow.svg $O/figures/flow.png: $O/tables/flow.tsv

$O/index.html: $(patsubst %,$O/tables/%.tsv,sequences sequences.runs flow flow.rates) \
	$(foreach plot,sequences flow,$O/figures/$(plot).svg $O/figures/$(plot).png)

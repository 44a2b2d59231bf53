# Long sequences (document 003, problem 4): what the report says in words, by experiment.  The task is
# seq-motif's: which of two motifs stands in the first ten letters.
sequences.about   := how far back recurrent networks remember: tanh networks, echo state networks and LSTMs
sequences.answers := 003.4
sequences.data    := any
sequences.cost    := 20 s, 3 min

# How to train, runs.tsv, was chosen by the sequences held out: the errors on 1,000 after six epochs of 5,000,
# from seeds 1 and 2, the learning rate going as onecycle does:
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

# The lengths are those of the rows; of each length so many sequences to train on, held out, as the rows have
# it, and to test.
sequences.lengths = $(sort $(foreach run,$(call runs),$(word 2,$(subst /, ,$(run)))))
sequences.train   = 5000
sequences.holdout = $(or $(HOLDOUT),1000)
sequences.test    = 2000

sequences.motifs = -m QQQ,NNN
$E/data/%.train.npy: | all
	seq-motif $(sequences.motifs) -t $* -n $$(($(sequences.train) + $(sequences.holdout))) >$@
$E/data/%.test.npy: | all
	seq-motif $(sequences.motifs) -t $* -n $(sequences.test) --skip $$(($(sequences.train) + $(sequences.holdout))) >$@

# The echo state network: a random one, of which only V and c are learned.  Its states after the last letter
# (radius,sequence,unit), and V and c for each radius and penalty, in turn.
sequences.radii     = $(call scale,0.8 0.9 1 1.1 1.2 1.3,0.9 1 1.1)
sequences.penalties = $(call scale,0.001 0.01 0.1 1 10,0.01 0.1 1)
$(foreach length,$(sequences.lengths),$E/echo/$(length).states.npy): $E/echo/%.states.npy: $E/data/%.train.npy
	for radius in $(sequences.radii); do \
		rnn-init -n 100 --radius $$radius | rnn-run --last - $< | npy-slice -k 0; \
	done | npy-cat --stack >$@
$(foreach length,$(sequences.lengths),$E/echo/$(length).readouts.npy): $E/echo/%.readouts.npy: $E/data/%.train.npy $E/echo/%.states.npy
	for k in $$(seq 0 $$(($(words $(sequences.radii)) - 1))); do for penalty in $(sequences.penalties); do \
		{ npy-slice $$k,:$(sequences.train) $(word 2,$^); npy-slice -k 1 :$(sequences.train) $<; } | npy-ridge -p $$penalty; \
	done; done >$@
# The choice: the least error on the sequences held out is the last line.
$E/models/esn/%/1.log.tsv: $E/data/%.train.npy $E/echo/%.states.npy $E/echo/%.readouts.npy
	k=0; readout=0; \
	{ \
		printf 'radius\tpenalty\tval_error\treadout\n'; \
		for radius in $(sequences.radii); do \
			for penalty in $(sequences.penalties); do \
				npy-calc 'a * b' <(npy-slice $$k,$(sequences.train):,None $(word 2,$^)) <(npy-slice -k $$((2 * readout)) None $(word 3,$^)) | \
					npy-reduce -a 2 sum | npy-calc 'a + b' - <(npy-slice -k $$((2 * readout + 1)) None $(word 3,$^)) | \
					npy-reduce -a 1 argmax | npy-calc 'a != b' - <(npy-slice -k 1 $(sequences.train): $<) | \
					npy-reduce mean | npytotsv | sed "s/.*/$$radius\t$$penalty\t&\t$$readout/"; \
				readout=$$((readout + 1)); \
			done; \
			k=$$((k + 1)); \
		done | sort -k 3gr -k 2g; \
	} >$@
$E/models/esn/%/1.safetensors: $E/models/esn/%/1.log.tsv $E/echo/%.readouts.npy
	read -r radius readout < <(tsv-pick --last radius,readout $<); \
	reservoir() { rnn-init -n 100 --radius $$radius; }; \
	{ \
		reservoir | nn-weights - rnn1.weight_hh_l0; reservoir | nn-weights - rnn1.weight_ih_l0; \
		npy-slice -k $$((2 * readout)) $(word 2,$^); \
		reservoir | nn-weights - rnn1.bias_ih_l0; npy-slice -k $$((2 * readout + 1)) $(word 2,$^); \
	} | npytornn >$@

# All networks NET/LENGTH/SEED: the error on the sequences held out, in what share of the steps of its training
# the gradient was clipped, and how many of the test sequences it classifies correctly, with Wilson's interval.
sequences.networks = $(sequences.lengths:%=esn/%/1) \
	$(foreach run,$(call runs),$(if $(filter $(sequences.lengths),$(word 2,$(subst /, ,$(run)))),$(run)))
$E/tables/all.tsv: $(foreach network,$(sequences.networks),$E/models/$(network).safetensors $E/models/$(network).log.tsv) \
		$(foreach length,$(sequences.lengths),$E/data/$(length).test.npy)
	{ \
		printf 'net\tlength\tseed\tval_error\tclipped\ttest\tcorrect\n'; \
		for network in $(sequences.networks); do \
			IFS=/ read -r net length seed <<<$$network; \
			log=$E/models/$$network.log.tsv; \
			test=$E/data/$$length.test.npy; \
			paste <(tr / '\t' <<<$$network) <(tsv-pick --last val_error $$log) \
				<([ $$net = esn ] && echo nan || tsv-pick step,clipped $$log | \
					awk '{ sum += $$2 * ($$1 - step); step = $$1 } END { print step ? sum / step : "nan" }') \
				<(echo $(call size,2,$$test)) \
				<(rnn-run --last $E/models/$$network.safetensors $$test | npy-slice -k 1 | npy-reduce -a 1 argmax | \
					npy-calc 'a == b' - <(npy-slice -k 1 $$test) | npy-reduce sum | npytotsv); \
		done | sort -t $$'\t' -k 1,1 -k 2,2n -k 3,3n; \
	} | tsv-wilson correct test >$@
# Of each kind and length the seed with the least error on the sequences held out; then how many seeds, their
# least and largest accuracy, and the mean share of steps with a clipped gradient.
$E/tables/chosen.tsv: $E/tables/all.tsv
	{ \
		printf 'net\tlength\tseed\tval_error\taccuracy\tlow\thigh\tseeds\tleast\tmost\tclipped\n'; \
		sed 1d $< | sort -s -t $$'\t' -k 1,1 -k 2,2n -k 4,4g | \
			datamash -g 1,2 first 3 first 4 first 8 first 9 first 10 count 3 min 8 max 8 mean 5; \
	} >$@
$E/figures/accuracy.svg $E/figures/accuracy.png: $E/tables/chosen.tsv $E/tables/all.tsv

# S3-10: the length of dL/dh_t at each of 100 steps, before any training, for the loss of the last step: its
# logarithm for each of 100 sequences, mean and standard deviation.  The input is so small that no tanh bends,
# even where it grows by 1.3 a step; or it is as PyTorch draws it.  The LSTMs are those of 100 letters.
sequences.flows = $(foreach input,small drawn,$(foreach radius,0.8 1 1.3,$(input)-$(radius))) lstm lstm-memory
$E/flow/sequences.npy: | all
	seq-motif $(sequences.motifs) -t 100 -n 100 >$@
$(foreach flow,$(sequences.flows),$E/flow/$(flow).npy): $E/flow/%.npy: $E/flow/sequences.npy pipelines/sequences/runs.tsv
	rnn-init $(if $(filter lstm%,$*),$$(tsv-pick --last -k $*/100 init $(word 2,$^)),-n 64 --radius $(lastword $(subst -, ,$*)) $(if $(filter small-%,$*),--input-scale 1e-14)) | \
		rnn-grad --states - $< | npy-calc 'a * a' | npy-reduce -a 2 sum | npy-calc 'log(a) / log(10) / 2' >$@
$E/tables/flow.tsv: $(foreach flow,$(sequences.flows),$E/flow/$(flow).npy)
	paste <(printf '%s\n' t {1..100}) $(foreach flow,$(sequences.flows),<(npy-reduce -a 0 mean $E/flow/$(flow).npy | npytotsv -H $(flow)) \
		<(npy-reduce -a 0 std $E/flow/$(flow).npy | npytotsv -H $(flow)_sd)) >$@
# The factor by which it changes with a step back, over the first half of the sequence.
$E/tables/rates.tsv: pipelines/sequences/flow.awk $E/tables/flow.tsv
	awk -f $^ >$@
$E/figures/flow.svg $E/figures/flow.png: $E/tables/flow.tsv

$E/section.html: $(patsubst %,$E/tables/%.tsv,all chosen flow rates) \
	$(foreach plot,accuracy flow,$E/figures/$(plot).svg $E/figures/$(plot).png)

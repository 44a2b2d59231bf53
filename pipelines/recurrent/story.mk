# A recurrent network of two units by hand: document 003, problem 3 (S3-09).  Its outputs and losses, the
# gradient of the last loss by differences and by backpropagation, a step of descent, and the run after it.
recurrent.about   := a recurrent network of two units: all numbers of a calculation by hand, checked
recurrent.answers := 003.3
recurrent.data    := any
recurrent.cost    := 1 s, 1 s

# An array of lines of numbers, \t between them.
recurrent.floats = printf '%b\n' $1 | tsvtonpy -t f8
# One of a model's arrays, in the order W U V b c: here a model is a stream of these.
recurrent.array  = npy-slice -k $1 $2

$E/arrays/toy.npy: | all
	{ \
		$(call recurrent.floats,'1\t-1' '0\t2'); \
		$(call recurrent.floats,'-1\t0' '1\t-2'); \
		$(call recurrent.floats,'-2\t1' '-1\t0'); \
		$(call recurrent.floats,-1 1); \
		$(call recurrent.floats,0.5 -0.5); \
	} >$@
$E/arrays/x.npy: | all
	$(call recurrent.floats,'1\t0' '0.5\t0.25' '0\t1') >$@
recurrent.toy = $E/arrays/toy.npy $E/arrays/x.npy

$E/arrays/run.npy: $(recurrent.toy)
	rnn-run --loss assignment $^ >$@
$E/arrays/differences.npy: $(recurrent.toy)
	rnn-grad --loss assignment --numeric 1e-4 $^ >$@
$E/arrays/backpropagation.npy: $(recurrent.toy)
	rnn-grad --loss assignment $^ >$@
$E/arrays/states.npy: $(recurrent.toy)
	rnn-grad --loss assignment --states $^ >$@
# The report's a1 and a2 are units 0 and 1.
$E/arrays/a0.npy $E/arrays/a1.npy: $E/arrays/a%.npy: $(recurrent.toy)
	rnn-grad --of a:$* $^ >$@

# The network with another b: after a step along the differences; and with the b that the report prints.
recurrent.with-b = { $(call recurrent.array,0,$<); $(call recurrent.array,1,$<); $(call recurrent.array,2,$<); $1; $(call recurrent.array,4,$<); }
$E/arrays/stepped.npy: $E/arrays/toy.npy $E/arrays/differences.npy
	$(call recurrent.with-b,npy-calc 'a - 0.01 * b' <($(call recurrent.array,3,$<)) <($(call recurrent.array,3,$(word 2,$^)))) >$@
$E/arrays/printed.npy: $E/arrays/toy.npy pipelines/recurrent/reported.tsv
	$(call recurrent.with-b,tsv-pick -w part=step report $(word 2,$^) | tsvtonpy) >$@
$E/arrays/again.npy: $E/arrays/stepped.npy $E/arrays/x.npy
	rnn-run --loss assignment $^ >$@
$E/arrays/again-printed.npy: $E/arrays/printed.npy $E/arrays/x.npy
	rnn-run --loss assignment $^ >$@

# All that the report prints beside the same, in its order.
$E/tables/numbers.tsv: pipelines/recurrent/agrees.awk pipelines/recurrent/reported.tsv \
		$(patsubst %,$E/arrays/%.npy,run differences backpropagation a0 a1 stepped again)
	{ \
		echo here; \
		npy-slice -k 2 $E/arrays/run.npy | npy-reshape 6 | npytotsv; \
		npy-slice -k 3 $E/arrays/run.npy | npytotsv; \
		for array in differences backpropagation a0 a1 stepped; do \
			$(call recurrent.array,3,$E/arrays/$$array.npy) | npytotsv; \
		done; \
		npy-slice -k 2 $E/arrays/again.npy | npy-reshape 6 | npytotsv; \
		npy-slice -k 3 $E/arrays/again.npy | npytotsv; \
	} | paste $(word 2,$^) - | awk -f $< >$@

# The sentences' numbers: h, dL(3)/dh(3), dL(3)/do(3), and the losses with the b that the report prints.
$E/tables/parts.tsv: $(patsubst %,$E/arrays/%.npy,run states backpropagation again-printed)
	{ \
		printf 'quantity\tvalue\n'; \
		paste <(printf '%s\n' 'h'{1,2,3}'_'{1,2}) <(npy-slice -k 0 $< | npy-reshape 6 | npytotsv); \
		paste <(printf '%s\n' dh_{1,2}) <(npy-slice -1 $(word 2,$^) | npytotsv); \
		paste <(printf '%s\n' do_{1,2}) <($(call recurrent.array,4,$(word 3,$^)) | npytotsv); \
		paste <(printf '%s\n' L{1,2,3}) <(npy-slice -k 3 $(word 4,$^) | npytotsv); \
	} >$@

$E/section.html: $E/tables/numbers.tsv $E/tables/parts.tsv

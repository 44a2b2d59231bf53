# A recurrent network of two units by hand: document 003, problem 3 (S3-09).  Its outputs and losses, the
# gradient of the last loss by differences and by backpropagation, a step of descent, and the run after it.

# An array of lines of numbers, \t between them.
floats = printf '%b\n' $1 | tsvtonpy -t f8

# W U V b c
$O/recurrent/toy.npy: $B/bin/tsvtonpy
	{ \
		$(call floats,'1\t-1' '0\t2'); \
		$(call floats,'-1\t0' '1\t-2'); \
		$(call floats,'-2\t1' '-1\t0'); \
		$(call floats,-1 1); \
		$(call floats,0.5 -0.5); \
	} >$@
$O/recurrent/x.npy: $B/bin/tsvtonpy
	$(call floats,'1\t0' '0.5\t0.25' '0\t1') >$@
TOY := $O/recurrent/toy.npy $O/recurrent/x.npy

$O/recurrent/run.npy: $(TOY) $B/bin/rnn-run
	rnn-run --loss assignment $(TOY) >$@
$O/recurrent/differences.npy: $(TOY) $B/bin/rnn-grad
	rnn-grad --loss assignment --numeric 1e-4 $(TOY) >$@
$O/recurrent/backpropagation.npy: $(TOY) $B/bin/rnn-grad
	rnn-grad --loss assignment $(TOY) >$@
$O/recurrent/states.npy: $(TOY) $B/bin/rnn-grad
	rnn-grad --loss assignment --states $(TOY) >$@
# The report's a1 and a2 are units 0 and 1.
$O/recurrent/a0.npy $O/recurrent/a1.npy: $O/recurrent/a%.npy: $(TOY) $B/bin/rnn-grad
	rnn-grad --of a:$* $(TOY) >$@

# The network with another b: after a step along the differences; and with the b that the report prints.
with-b = { npy-slice -k 0 $<; npy-slice -k 1 $<; npy-slice -k 2 $<; $1; npy-slice -k 4 $<; }
$O/recurrent/stepped.npy: $O/recurrent/toy.npy $O/recurrent/differences.npy $B/bin/npy-slice $B/bin/npy-calc
	$(call with-b,npy-calc 'a - 0.01 * b' <(npy-slice -k 3 $<) <(npy-slice -k 3 $(word 2,$^))) >$@
$O/recurrent/printed.npy: $O/recurrent/toy.npy pipelines/page/003-recurrent.tsv $B/bin/npy-slice $B/bin/tsvtonpy
	$(call with-b,grep ^step $(word 2,$^) | cut -f 3 | tsvtonpy) >$@
$O/recurrent/again.npy $O/recurrent/again-printed.npy: $O/recurrent/again%.npy: $O/recurrent/x.npy $O/recurrent/stepped.npy \
		$O/recurrent/printed.npy $B/bin/rnn-run
	rnn-run --loss assignment $O/recurrent/$(if $*,printed,stepped).npy $< >$@

# All that the report prints beside the same, in its order.
$O/tables/recurrent.tsv: pipelines/agrees.awk pipelines/page/003-recurrent.tsv \
		$(patsubst %,$O/recurrent/%.npy,run differences backpropagation a0 a1 stepped again) \
		$(addprefix $B/bin/,npy-slice npy-reshape npytotsv)
	{ \
		echo here; \
		npy-slice -k 2 $O/recurrent/run.npy | npy-reshape 6 | npytotsv; \
		npy-slice -k 3 $O/recurrent/run.npy | npytotsv; \
		for array in differences backpropagation a0 a1 stepped; do \
			npy-slice -k 3 $O/recurrent/$$array.npy | npytotsv; \
		done; \
		npy-slice -k 2 $O/recurrent/again.npy | npy-reshape 6 | npytotsv; \
		npy-slice -k 3 $O/recurrent/again.npy | npytotsv; \
	} | paste pipelines/page/003-recurrent.tsv - | awk -f $< >$@

# What the sentences need: h, dL(3)/dh(3), dL(3)/do(3), and the losses with the b that the report prints.
$O/tables/recurrent.parts.tsv: $(patsubst %,$O/recurrent/%.npy,run states backpropagation again-printed) \
		$(addprefix $B/bin/,npy-slice npy-reshape npytotsv)
	{ \
		printf 'quantity\tvalue\n'; \
		paste <(printf '%s\n' 'h'{1,2,3}'_'{1,2}) <(npy-slice -k 0 $< | npy-reshape 6 | npytotsv); \
		paste <(printf '%s\n' dh_{1,2}) <(npy-slice -1 $(word 2,$^) | npytotsv); \
		paste <(printf '%s\n' do_{1,2}) <(npy-slice -k 4 $(word 3,$^) | npytotsv); \
		paste <(printf '%s\n' L{1,2,3}) <(npy-slice -k 3 $(word 4,$^) | npytotsv); \
	} >$@

$O/index.html: $O/tables/recurrent.tsv $O/tables/recurrent.parts.tsv

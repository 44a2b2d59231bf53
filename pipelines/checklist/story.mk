# Document 004, section 1.5.2: for each defense, whether an attack only fails because the gradient is masked, and for each
# result its command, seed, bound and digest, from the records that lib/record keeps.
#
# The flags are those of Athalye, Carlini and Wagner, "Obfuscated gradients give a false sense of security" (2018), and
# Carlini et al., "On evaluating adversarial robustness" (2019).
checklist.about   := each defense is tested for masked gradients, and each result stands with its command, seed, bound and digest
checklist.answers := 004.7
checklist.data    := mnist digits all
checklist.cost    := 10 s, 20 min

# Networks of the experiment adversarial-training, plain being the undefended one; and filters before the plain one.
checklist.nets    = plain fgsm fgsm-rs pgd trades $(call scale,trades-pa2 trades-smallcnn)
checklist.filters = median squeeze
checklist.median  = img-median
checklist.squeeze = npy-calc -t f4 "255 * (a > 127)" -
checklist.defenses = $(checklist.nets) $(checklist.filters)
checklist.model   = $D/adversarial-training/models/$1/1.$2
checklist.models  = $(foreach net,$(checklist.nets),$(call checklist.model,$(net),safetensors))
# Of a defense: the network, the filter as a part of a pipe, and the filter as an option of nn-attack.
checklist.filtered = $(filter $(checklist.filters),$1)
checklist.network = $(call checklist.model,$(if $(call checklist.filtered,$1),plain,$1),safetensors)
checklist.behind  = $(if $(call checklist.filtered,$1),$(checklist.$1) | )
checklist.through = $(if $(call checklist.filtered,$1), --through '$(checklist.$1)')

checklist.epsilon = 76.5
checklist.images  = $(call scale,1000,100)
# The attacks.  A network that is attacked through a filter is attacked with the filter's derivative taken as 1.
checklist.steps  = -n $(call scale,50,20) --random --seed 1
checklist.one    = --seed 1
checklist.many   = $(checklist.steps)
checklist.margin = $(checklist.steps) --loss margin
checklist.more   = -n $(call scale,100 --restarts 10,40 --restarts 3) --random --seed 1
checklist.noise  = -n 0 --random --seed 1
checklist.white  = one many margin more noise
checklist.queries = $(call scale,5000,60)
# The bounds of the curve, as shares of the range.
checklist.shares = $(call scale,0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1,0.1 0.3 0.6 1)
# A flag is raised where accuracies differ by more than this the wrong way.
checklist.tolerance = 0.02

$E/data/test.npy: $D/data/test.npy
	npy-slice :$(checklist.images) $< >$@

# ---- Attacks: attacks/DEFENSE/ATTACK.npy ----

checklist.of     = $(firstword $(subst /, ,$*))
checklist.within = npy-diff --any-type -a $1 $@ $<
checklist.whites = $(foreach defense,$(checklist.defenses),$(checklist.white:%=$E/attacks/$(defense)/%.npy))
$(checklist.whites): $E/attacks/%.npy: $E/data/test.npy $(checklist.models)
	nn-attack -e $(checklist.epsilon) $(checklist.$(notdir $*))$(call checklist.through,$(checklist.of)) --log $@.tsv $(call checklist.network,$(checklist.of)) $< >$@; \
	$(call checklist.within,$(checklist.epsilon))
checklist.curves = $(foreach defense,$(checklist.defenses),$(checklist.shares:%=$E/attacks/$(defense)/within-%.npy))
$(checklist.curves): $E/attacks/%.npy: $E/data/test.npy $(checklist.models)
	e=$$(awk 'BEGIN { print 255 * $(patsubst within-%,%,$(notdir $*)) }'); \
	nn-attack -e $$e $(checklist.many)$(call checklist.through,$(checklist.of)) $(call checklist.network,$(checklist.of)) $< >$@; \
	$(call checklist.within,$$e)
# Random search sees the probabilities alone.  A filter that reads its input to the end is started for each query.
checklist.squares = $(checklist.defenses:%=$E/attacks/%/square.npy)
$(checklist.squares): $E/attacks/%/square.npy: $E/data/test.npy $(checklist.models)
	img-square -s 1 -e $(checklist.epsilon) -n $(checklist.queries) $(if $(call checklist.filtered,$*),,--keep) \
		-o '$(call checklist.behind,$*)nn-run $(if $(call checklist.filtered,$*),,--each) -p $(call checklist.network,$*)' $< >$@; \
	$(call checklist.within,$(checklist.epsilon))
# The undefended twin is attacked, and the result is given to all.  For a filter it is the attack that ignores the filter.
$E/attacks/twin.npy: $E/data/test.npy $(checklist.models)
	nn-attack -e $(checklist.epsilon) $(checklist.many) --all-steps $(call checklist.network,plain) $< >$@; $(call checklist.within,$(checklist.epsilon))

# ---- Tables ----

# Whether the defended network classifies each image correctly: a line for each image, a column for each attack.
checklist.columns = $(checklist.white) square $(checklist.shares:%=within-%)
checklist.right = <(npy-slice -k 0 $2 | $(call checklist.behind,$1)nn-run $(call checklist.network,$1) | npy-reduce -a 1 argmax | \
	npy-calc 'a == b' - <(npy-slice -k 1 $2) | npytotsv)
$(checklist.defenses:%=$E/tables/right/%.tsv): $E/tables/right/%.tsv: $E/data/test.npy $(checklist.models) $E/attacks/twin.npy \
		$(checklist.whites) $(checklist.curves) $(checklist.squares)
	{ \
		printf '%s\n' clean twin $(checklist.columns) | paste -s; \
		paste $(call checklist.right,$*,$<) $(call checklist.right,$*,$E/attacks/twin.npy) \
			$(foreach column,$(checklist.columns),$(call checklist.right,$*,$E/attacks/$*/$(column).npy)); \
	} >$@
# The accuracy of each defense under each attack; all-attacks: an image counts if no attack within the bound fools the defense.
checklist.rights = $(checklist.defenses:%=$E/tables/right/%.tsv)
$E/tables/accuracy.tsv: pipelines/checklist/accuracy.awk $(checklist.rights)
	awk -f $^ | tsv-wilson correct images >$@
# The flags.
$E/tables/flags.tsv: pipelines/checklist/flags.awk $E/tables/accuracy.tsv $(checklist.whites)
	{ \
		printf 'defense\tstuck\n'; \
		for defense in $(checklist.defenses); do \
			printf '%s\t' $$defense; \
			tsv-pick status,zero $E/attacks/$$defense/one.npy.tsv | \
				awk '$$1 != "wrong" { n++; stuck += $$2 == 1 } END { print n ? stuck / n : 0 }'; \
		done; \
	} | awk -v tolerance=$(checklist.tolerance) -v filters='$(checklist.filters)' -f $< - $(word 2,$^) >$@
$E/figures/bounds.svg $E/figures/bounds.png: $E/tables/accuracy.tsv
# The robust network with the lowest error on attacked validation images.
$E/tables/best.tsv: $(foreach net,$(filter-out plain,$(checklist.nets)),$(call checklist.model,$(net),log.tsv))
	{ \
		printf 'net\tattacked_error\n'; \
		for log in $^; do \
			paste <(basename $$(dirname $$log)) <(tsv-pick attacked_error $$log | grep -v nan | tail -n 1); \
		done | sort -s -k 2,2g; \
	} >$@

# ---- Records ----

# Each result: what it was made by.  A record is the command, an empty line, and digests.
checklist.results = $(checklist.whites) $(checklist.squares) $(checklist.curves) $E/attacks/twin.npy
$E/tables/results.tsv: pipelines/checklist/results.awk $(checklist.models) $(checklist.results)
	for output in $(filter-out $<,$^); do \
		folder=$$(cut -d / -f 1-3 <<<$$output); \
		awk -v output=$$output -f $< $$folder/record/$${output#$$folder/}; \
	done | sed '1i defense\tattack\tepsilon\tseed\tdigest\tcommand' >$@
# Some are made a second time, by the command in the record, into another file.
$E/tables/again.tsv: $E/tables/results.tsv
	{ \
		printf 'output\tdigest\tagain\n'; \
		for output in $(foreach defense,$(checklist.defenses),$(patsubst %,$E/attacks/$(defense)/%.npy,one many)); do \
			record=$E/record/$${output#$E/}; \
			bash -e -o pipefail -c "$$(sed '/^$$/,$$d' $$record | sed "s,$$output,$(@D)/second,g")"; \
			paste <(echo $${output#$E/}) <(grep "  $$output$$" $$record | cut -c 1-64) <(sha256sum <$(@D)/second | cut -c 1-64); \
			rm -f $(@D)/second $(@D)/second.tsv; \
		done; \
	} >$@

$E/section.html: $(patsubst %,$E/tables/%.tsv,accuracy flags best results again) $E/figures/bounds.svg $E/figures/bounds.png

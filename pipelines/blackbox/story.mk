# Document 004, section 1.5.1: a network that answers with labels alone is attacked through a substitute that learned
# from its answers (Papernot et al., "Practical black-box attacks against machine learning", 2017), and by random
# search (img-square).
blackbox.about   := a network behind a command that answers with labels is attacked through a substitute, and by random search
blackbox.answers := 004.3
blackbox.data    := mnist digits all
blackbox.cost    := 15 s, 2 min

blackbox.victim = $D/mnist/models/best.safetensors
# The oracles: commands from images to classes.  An attack sees nothing else of them.
blackbox.oracles = network median
blackbox.network = nn-run $(blackbox.victim) | npy-reduce -a 1 argmax
blackbox.median  = img-median | $(blackbox.network)
# The bound, 0.3 of the range, and how many images are attacked.
blackbox.epsilon = 76.5
blackbox.images  = $(call scale,1000,100)
# How many images the oracle has labeled when the substitute is trained.
blackbox.queries = $(call scale,150 300 600 1200 2400 4800 6400,150 300 600 1200)
blackbox.all     = $(lastword $(blackbox.queries))
# The substitute's training costs no queries: its images are moved a little, anew in each epoch.  Chosen on 1,000 held-out
# training images of MNIST, as the share of them that the oracle, trained at full length, misclassifies after 20 steps on
# the substitute of 6,400 queries:
#
#	fast, 10 epochs in each round, as in the paper		14 %
#	fast, 600 steps						11 %
#	fast, 150 steps, images moved				19 %
#	fast, 800 steps, images moved				28 %
#	cnn3, 800 steps, images moved				31 %
#	cnn1, 400 steps, images moved				18 %
#	pa2, which the victim is, 400 steps, images moved	33 %
#
# cnn3 takes six times as long as fast.  After one step it is 11 to 16 %.
blackbox.train = -o adam --lr 0.003 --schedule onecycle -b 64 --steps $(call scale,800,100) \
	--augment '$(blackbox.moves)'
blackbox.moves = rotate -15:15, zoom 0.9:1.1, shift -2:2 -2:2
# Attacks on a substitute leave the class that it predicts, and go on when it errs: that the oracle errs is what counts.
blackbox.fgsm = --of predicted
blackbox.pgd  = --of predicted -n $(call scale,40,20) --random --all-steps --seed 1
# The better attack: steps of `size` along the sign of the sum of three substitutes' derivatives of the loss.
# In each step the images are shifted by a pixel, and the derivative back.
blackbox.steps  = $(call scale,40,10)
blackbox.size   = $(call scale,4,16)
blackbox.shifts = 0,0 1,0 -1,0 0,1 0,-1
# The better questions: in each round some copies of each seed, moved, after an attack on the substitute so far.  In all 150 and
# 8 x 5 x 150, so 6,150.  A substitute trains for longer.
#
#	questions		networks	attack				misclassified
#	Jacobian		1		one step			15 %
#	Jacobian		1		40 steps, images shifted	31 %
#	after an attack		1		one step			35 %
#	after an attack		1		40 steps, images shifted	71 %
#	after an attack		3		one step			45 %
#	after an attack		3		40 steps			85 %
#	after an attack		3		40 steps, images shifted	89 %
#
# Chosen on 1,000 held-out training images, as above.
blackbox.rounds = $(call scale,8,2)
blackbox.copies = $(call scale,5,2)
blackbox.ask    = nn-attack -e $(blackbox.epsilon) -n 10 -s 12 --random --of predicted --all-steps
blackbox.learn  = -o adam --lr 0.003 --schedule onecycle -b 64 --steps $(call scale,2500,100) --augment '$(blackbox.moves)'
# Square: queries for each image.
blackbox.square = $(call scale,1000,60)
# As many for each image as make the substitute's queries in all; at least two, the image itself and one change.
blackbox.same = $$(($(blackbox.all) > 2 * $(blackbox.images) ? $(blackbox.all) / $(blackbox.images) : 2))

# Images that the victim was not trained on: the last of those that its training holds out.  They are not scored.
$E/data/seeds.npy: $D/data/train.npy
	npy-slice $$(($(call size,1,<(npy-slice -k 1 $<)) - $(firstword $(blackbox.queries)))): $< >$@
# The first test images that an oracle classifies correctly.
$(blackbox.oracles:%=$E/data/%.npy): $E/data/%.npy: $D/data/test.npy $(blackbox.victim)
	npy-pick -m <(npy-slice -k 0 $< | $(blackbox.$*) | npy-calc 'a == b' - <(npy-slice -k 1 $<)) $< | npy-slice :$(blackbox.images) >$@

# ---- The substitute ----

# The oracle labels the images `new`, which join those that it has labeled.
blackbox.add = <$${t}new $1 | npy-cat $${t}labels - >$${t}next; mv $${t}next $${t}labels; npy-cat $${t}images $${t}new >$${t}next; mv $${t}next $${t}images

# In each round a substitute learns the labels so far.  Then each image makes another, a step along the sign of the derivative
# of the substitute's logit for the image's label, three rounds up, three rounds down; and the oracle labels these.
$(foreach n,$(blackbox.queries),$E/substitutes/%/$n.safetensors) $E/substitutes/%/asked.npy: $(blackbox.victim) $E/data/seeds.npy $E/models/fast.net
	t=$(@D)/; \
	npy-slice -k 0 $(word 2,$^) >$${t}images; \
	<$${t}images $(blackbox.$*) >$${t}labels; \
	step=25.5; round=0; \
	for model in $(blackbox.queries:%=$E/substitutes/$*/%.safetensors); do \
		if [ $$round -gt 0 ]; then \
			more=$$(($$(basename $$model .safetensors) - $$asked)); \
			nn-grad -c $${t}labels $$last $${t}images | \
				npy-calc "clip(b + $$step * sign(a), 0, 255)" - $${t}images | npy-slice :$$more >$${t}new; \
			$(call blackbox.add,$(blackbox.$*)); \
			[ $$((round % 3)) != 0 ] || step=$$(awk "BEGIN { print -($$step) }"); \
		fi; \
		nn-init -s 1 $(word 3,$^) | nn-train -s 1 $(blackbox.train) - <(cat $${t}images $${t}labels) >$$model; \
		asked=$$(basename $$model .safetensors); last=$$model; round=$$((round + 1)); \
	done; \
	cat $${t}images $${t}labels >$E/substitutes/$*/asked.npy; \
	rm $${t}images $${t}labels $${t}new

# The better ones: their images stay near those of attacks, where a substitute has to agree with the oracle.
blackbox.seeds   = 1 2 3
blackbox.boundary = $(blackbox.seeds:%=$E/boundary/%.safetensors)
$(blackbox.boundary) $E/boundary/asked.npy &: $(blackbox.victim) $E/data/seeds.npy $E/models/fast.net
	t=$E/boundary/; \
	learn() { nn-init -s $$1 $(word 3,$^) | nn-train -s $$1 $(blackbox.learn) - <(cat $${t}images $${t}labels); }; \
	npy-slice -k 0 $(word 2,$^) | npy-calc -t f4 a >$${t}images; \
	<$${t}images $(blackbox.network) >$${t}labels; \
	for round in $$(seq $(blackbox.rounds)); do \
		learn 1 >$${t}model; \
		img-augment -s $$round -n $(blackbox.copies) '$(blackbox.moves)' $(word 2,$^) | \
			$(blackbox.ask) --seed $$round $${t}model - | npy-slice -k 0 >$${t}new; \
		$(call blackbox.add,$(blackbox.network)); \
	done; \
	for seed in $(blackbox.seeds); do learn $$seed >$${t}$$seed.safetensors; done; \
	cat $${t}images $${t}labels >$${t}asked.npy; \
	rm $${t}images $${t}labels $${t}new $${t}model

# ---- Attacks ----

# Where a pixel is farther than the bound, there is no file.
blackbox.within = npy-diff --any-type -a $(blackbox.epsilon) $@ $1
blackbox.points = $(foreach oracle,$(blackbox.oracles),$(blackbox.queries:%=$(oracle)/%))
blackbox.data-of = $(blackbox.oracles:%=$E/data/%.npy)
$(foreach kind,fgsm pgd,$(blackbox.points:%=$E/attacks/$(kind)/%.npy)): $E/attacks/%.npy: $(blackbox.data-of) \
		$(foreach oracle,$(blackbox.oracles),$E/substitutes/$(oracle)/asked.npy $(blackbox.queries:%=$E/substitutes/$(oracle)/%.safetensors))
	nn-attack -e $(blackbox.epsilon) $(blackbox.$(firstword $(subst /, ,$*))) $E/substitutes/$(patsubst $(firstword $(subst /, ,$*))/%,%,$*).safetensors \
		$E/data/$(word 2,$(subst /, ,$*)).npy >$@; $(call blackbox.within,$E/data/$(word 2,$(subst /, ,$*)).npy)
# Through a network of the substitute's kind that was trained on the training set itself.
$E/attacks/fgsm/trained.npy $E/attacks/pgd/trained.npy: $E/attacks/%/trained.npy: $E/models/fast/1.safetensors $E/data/network.npy
	nn-attack -e $(blackbox.epsilon) $(blackbox.$*) $^ >$@; $(call blackbox.within,$(word 2,$^))
# On the victim itself, whose weights no black box shows.
$E/attacks/fgsm/victim.npy $E/attacks/pgd/victim.npy: $E/attacks/%/victim.npy: $(blackbox.victim) $E/data/network.npy
	nn-attack -e $(blackbox.epsilon) $(subst --of predicted,,$(blackbox.$*)) $^ >$@; $(call blackbox.within,$(word 2,$^))
# On the better substitutes together (Liu et al., "Delving into transferable adversarial examples and black-box attacks",
# 2017), whatever the shift (Dong et al., "Evading defenses to transferable adversarial examples by translation-invariant
# attacks", 2019).
$E/attacks/boundary.npy: $E/data/network.npy $(blackbox.boundary)
	shifts=($(blackbox.shifts)); \
	npy-calc -k -t f4 a $< >$@.now; \
	for step in $$(seq $(blackbox.steps)); do \
		IFS=, read -r x y <<<$${shifts[step % $${#shifts[@]}]}; \
		img-shift -b zero -x $$x -y $$y $@.now >$@.shifted; \
		for net in $(blackbox.boundary); do nn-grad --of loss -c label $$net $@.shifted; done | npy-cat --stack | npy-reduce -a 0 sum | \
			img-shift -b zero -x $$((-x)) -y $$((-y)) >$@.sum; \
		{ npy-slice -k 0 $@.now; npy-slice -k 0 $<; cat $@.sum; npy-slice -k 1 $<; } | \
			npy-calc -k -t f4 'clip(clip(a + $(blackbox.size) * sign(c), b - $(blackbox.epsilon), b + $(blackbox.epsilon)), 0, 255)' >$@.next; \
		mv $@.next $@.now; \
	done; \
	cat $@.now >$@; rm $@.now $@.shifted $@.sum; $(call blackbox.within,$<)
# Noise, each pixel at either end of the bound.
$E/attacks/noise.npy: $E/data/network.npy
	{ npy-random -s 1 -t u1 integers:0:2 $$(npy-info -s $< | sed q); cat $<; } | \
		npy-calc -k 'clip(b + $(blackbox.epsilon) * (2 * a - 1), 0, 255)' >$@; $(call blackbox.within,$<)
# Square: by labels as the substitute, with as many queries in all; then by probabilities, and with many more.
blackbox.search = img-square -s 1 -e $(blackbox.epsilon)
$E/attacks/square/labels.npy: $E/data/network.npy $(blackbox.victim)
	$(blackbox.search) -n $(blackbox.same) -o '$(blackbox.network)' --log $@.tsv $< >$@; $(call blackbox.within,$<)
$E/attacks/square/same.npy: $E/data/network.npy $(blackbox.victim)
	$(blackbox.search) -n $(blackbox.same) -k -o 'nn-run --each -p $(word 2,$^)' --log $@.tsv $< >$@; $(call blackbox.within,$<)
$E/attacks/square/many.npy $E/attacks/square/many.tsv &: $E/data/network.npy $(blackbox.victim)
	$(blackbox.search) -n $(blackbox.square) -k -o 'nn-run --each -p $(word 2,$^)' --log $E/attacks/square/many.tsv $< >$E/attacks/square/many.npy; \
	npy-diff --any-type -a $(blackbox.epsilon) $E/attacks/square/many.npy $<

# ---- Tables ----

# wrong ORACLE FILE: of how many images the oracle errs on how many.
blackbox.wrong = npy-slice -k 0 $2 | $(blackbox.$1) | npy-calc 'a != b' - <(npy-slice -k 1 $2) | npytotsv | awk -v OFS='\t' '{ wrong += $$1 } END { print NR, wrong + 0 }'
# At each number of queries: how many images the substitute classifies as the oracle does, and how many the oracle
# misclassifies after an attack on it.
$E/tables/rounds.tsv: $(foreach kind,fgsm pgd,$(blackbox.points:%=$E/attacks/$(kind)/%.npy)) $(blackbox.data-of)
	{ \
		printf 'oracle\tattack\tqueries\tagree\timages\twrong\n'; \
		$(foreach oracle,$(blackbox.oracles),for kind in fgsm pgd; do for n in $(blackbox.queries); do \
			paste <(printf '%s\t%s\t%s\n' $(oracle) $$kind $$n) \
				<(nn-eval $E/substitutes/$(oracle)/$$n.safetensors $E/data/$(oracle).npy | tsv-pick accuracy) \
				<($(call blackbox.wrong,$(oracle),$E/attacks/$$kind/$(oracle)/$$n.npy)); \
		done; done;) \
	} | tsv-wilson wrong images >$@
# Every attack on the network: queries in all, and for each image that is attacked.
blackbox.files = noise fgsm/network/$(blackbox.all) pgd/network/$(blackbox.all) boundary square/labels square/same square/many fgsm/trained pgd/trained fgsm/victim pgd/victim
$E/tables/attacks.tsv: $(blackbox.files:%=$E/attacks/%.npy) $E/boundary/asked.npy
	n=$(call size,1,<(npy-slice -k 1 $<)); \
	{ \
		printf 'attack\tqueries\tfor_each_image\timages\twrong\n'; \
		for attack in $(blackbox.files); do \
			case $$attack in \
			*/network/*) asked=$(blackbox.all); each=0 ;; \
			boundary) asked=$(call size,1,<(npy-slice -k 1 $(lastword $^))); each=0 ;; \
			square/many) each=$(blackbox.square); asked=$$((each * n)) ;; \
			square/*) each=$(blackbox.same); asked=$$((each * n)) ;; \
			*) asked=0; each=0 ;; \
			esac; \
			paste <(printf '%s\t%s\t%s\n' $$attack $$asked $$each) <($(call blackbox.wrong,network,$E/attacks/$$attack.npy)); \
		done; \
	} | tsv-wilson wrong images >$@
# How many images Square has found after so many queries for each.
$E/tables/square.tsv: $E/attacks/square/many.tsv
	{ \
		printf 'each\tqueries\timages\twrong\n'; \
		for each in 2 5 10 20 50 100 200 500 1000; do \
			[ $$each -gt $(blackbox.square) ] || tsv-pick status,queries $< | \
				awk -v OFS='\t' -v each=$$each '{ wrong += $$1 == "found" && $$2 <= each } END { print each, each * NR, NR, wrong + 0 }'; \
		done; \
	} | tsv-wilson wrong images >$@
$E/figures/queries.svg $E/figures/queries.png: $E/tables/rounds.tsv $E/tables/square.tsv $E/tables/attacks.tsv

# ---- Pictures ----

# The first image of each class, after attacks, with the class that the victim predicts.
blackbox.shown = fgsm/network/$(blackbox.all) boundary square/many
$E/figures/images.png: $E/data/network.npy $(blackbox.shown:%=$E/attacks/%.npy) $(blackbox.victim)
	npy-slice -k 1 $< | npytotsv | awk '!seen[$$1]++ { print NR - 1, $$1 }' | sort -n -k 2 | cut -d ' ' -f 1 | tsvtonpy -t i8 >$@.rows; \
	{ \
		for file in $< $(blackbox.shown:%=$E/attacks/%.npy); do npy-slice -k 0 $$file | npy-calc -t u1 a | npy-pick -I $@.rows; done; \
	} | npy-cat >$@.all; \
	npy-montage -c $(call size,1,$@.rows) -s 2 -g 6 -t <(<$@.all $(blackbox.network) | npytotsv) $@.all | $(png) >$@; \
	rm $@.rows $@.all

$E/section.html: $(patsubst %,$E/tables/%.tsv,rounds attacks square) $E/figures/images.png $E/figures/queries.svg $E/figures/queries.png

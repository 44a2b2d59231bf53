# Models: out/DATASET/models/NETWORK/SEED.safetensors is pipelines/nets/NETWORK.net, trained, and beside
# it are
#
#	SEED.log.tsv		the course of its training
#	SEED.test.tsv		its accuracy on the test set
#	SEED.predicted.npy	its answers to the test images
#	SEED.right.npy		those that it tells right, and the first of each class of which there is none
#
# A story says how its networks are trained, in `train` and `epochs` of $O/models/NETWORK/%; EPOCHS goes
# before all of them.  The HOLDOUT last training images are for validation, and stay out of training; a
# story that trains on other images says `data` and `validation`.  All private: networks wait for others.

HOLDOUT ?= 5000

.SECONDEXPANSION:
set = out/$(firstword $(subst /, ,$*))

out/%.safetensors out/%.log.tsv: private OUTPUTS = out/$*.safetensors out/$*.log.tsv
# Not trained again because a program was built again, only when network or data change.
out/%.safetensors out/%.log.tsv: pipelines/nets/$$(notdir $$(*D)).net $$(set)/data/train.npy | $B/bin/nn-init $B/bin/nn-train
	nn-init -s $(*F) $< | \
	nn-train -s $(*F) --epochs $(or $(EPOCHS),$(epochs)) $(train) $(or $(validation),--holdout $(HOLDOUT)) \
		--log out/$*.log.tsv - $(or $(data),$(set)/data/train.npy) >out/$*.safetensors

out/%.test.tsv: out/%.safetensors $$(set)/data/test.npy $B/bin/nn-eval
	nn-eval $< $(set)/data/test.npy >$@
out/%.predicted.npy: out/%.safetensors $$(set)/data/test.npy $B/bin/nn-run $B/bin/npy-reduce
	nn-run $< $(set)/data/test.npy | npy-reduce -a 1 argmax >$@
out/%.right.npy: pipelines/told.awk $$(set)/data/test.npy out/%.predicted.npy $(addprefix $B/bin/,npy-pick npy-slice npytotsv tsvtonpy)
	npy-pick -I <(paste <(npy-slice -k 1 $(word 2,$^) | npytotsv) <(npytotsv $(word 3,$^)) | awk -f $< | tsvtonpy) $(word 2,$^) >$@

# The runs of some networks with all SEEDS: pa2/1 pa2-bn/1 pa2/2 ...
SEEDS ?= 1 2 3 4 5
runs   = $(foreach seed,$(SEEDS),$(addsuffix /$(seed),$1))

# Under any -j one trains after the other, with the machine to itself, and the networks take turns, so
# that what else the machine does troubles the times of both alike; then all are tested.  Stories wait for
# each other only where all are made.
define in-turn
$(if $(filter figures,$(MAKECMDGOALS)),,$(eval trained :=))\
$(foreach run,$1,$(eval $(call after,$(run),$(trained)))$(eval trained := $(run)))\
$(foreach suffix,test.tsv predicted.npy,$(eval $(1:%=$O/models/%.$(suffix)): | $O/models/$(trained).safetensors))
endef
after   = $(if $2,$(foreach suffix,safetensors log.tsv,$O/models/$1.$(suffix)): | $O/models/$2.safetensors)
trained :=

# The model of the run in a table's first line.
first-of = cat $O/models/$$(sed -n 2p $1 | cut -f 1,2 | tr '\t' /).safetensors

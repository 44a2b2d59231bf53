# Models: $O/models/NETWORK/SEED.safetensors is pipelines/nets/NETWORK.net, trained, and beside it are
#
#	SEED.log.tsv		the course of its training
#	SEED.test.tsv		its accuracy on the test set
#	SEED.predicted.npy	its answers to the test images
#
# The recipe was chosen by the HOLDOUT last training images, which it does not train on, among:
# (see the log of this file for what each reached.)

EPOCHS  ?= 8
HOLDOUT ?= 5000
TRAIN   := --lr 0.003 --schedule onecycle
CURVE   := --validate-every 200

.SECONDEXPANSION:
$O/models/%.safetensors $O/models/%.log.tsv: private OUTPUTS = $O/models/$*.safetensors $O/models/$*.log.tsv
# Not trained again because a program was built again, only when network or data change.
$O/models/%.safetensors $O/models/%.log.tsv: pipelines/nets/$$(*D).net $O/data/train.npy | $B/bin/nn-init $B/bin/nn-train
	nn-init -s $(*F) $< | \
	nn-train -s $(*F) --epochs $(EPOCHS) $(TRAIN) --holdout $(HOLDOUT) $(CURVE) \
		--log $O/models/$*.log.tsv - $O/data/train.npy >$O/models/$*.safetensors

$O/models/%.test.tsv: $O/models/%.safetensors $O/data/test.npy $B/bin/nn-eval
	nn-eval $< $O/data/test.npy >$@
$O/models/%.predicted.npy: $O/models/%.safetensors $O/data/test.npy $B/bin/nn-run $B/bin/npy-reduce
	nn-run $< $O/data/test.npy | npy-reduce -a 1 argmax >$@

# Models: out/DATASET/models/NETWORK/SEED.safetensors is pipelines/nets/NETWORK.net, trained, and beside
# it are
#
#	SEED.log.tsv		the course of its training
#	SEED.test.tsv		its accuracy on the test set
#	SEED.predicted.npy	its answers to the test images
#
# How to train was chosen by the validation images, the HOLDOUT last ones for training, which stay out
# of it.  Their loss and errors after 8 epochs of 55,000 images, from seed 11, for pa2 and pa2-bn:
#
#	adamw, lr 0.003, onecycle, weight decay 0.05	0.0289  0.64 %	0.0276  0.58 %
#	adam, lr 0.003, onecycle			0.0363  0.64 %	0.0298  0.64 %
#	adam, lr 0.003, onecycle, label smoothing 0.1	0.1193  0.54 %	0.1188  0.50 %
#	adam, lr 0.001, cosine, average 0.999		0.0315  0.66 %
#
# Label smoothing errs less, by no more than chance does, and its loss cannot be compared with that of
# others: the first has the lowest that can.

EPOCHS  ?= 8
HOLDOUT ?= 5000
TRAIN   := -o adamw --lr 0.003 --weight-decay 0.05 --schedule onecycle
CURVE   := --validate-every 200

.SECONDEXPANSION:
set = out/$(firstword $(subst /, ,$*))

out/%.safetensors out/%.log.tsv: private OUTPUTS = out/$*.safetensors out/$*.log.tsv
# Not trained again because a program was built again, only when network or data change.
out/%.safetensors out/%.log.tsv: pipelines/nets/$$(notdir $$(*D)).net $$(set)/data/train.npy | $B/bin/nn-init $B/bin/nn-train
	nn-init -s $(*F) $< | \
	nn-train -s $(*F) --epochs $(EPOCHS) $(TRAIN) --holdout $(HOLDOUT) $(CURVE) \
		--log out/$*.log.tsv - $(set)/data/train.npy >out/$*.safetensors

out/%.test.tsv: out/%.safetensors $$(set)/data/test.npy $B/bin/nn-eval
	nn-eval $< $(set)/data/test.npy >$@
out/%.predicted.npy: out/%.safetensors $$(set)/data/test.npy $B/bin/nn-run $B/bin/npy-reduce
	nn-run $< $(set)/data/test.npy | npy-reduce -a 1 argmax >$@

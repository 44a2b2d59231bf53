# Data sets: out/NAME/data/train.npy and test.npy, streams of images and labels, and shape, as 1x28x28.
#
# NAME is a folder of $(DATASETS) that holds four gzipped IDX files, as MNIST has them, or train.npy and
# test.npy; or digits, which img-digits draws.  about_NAME says what it is.

DATASETS ?= data

at-hand = $(foreach name,$1,$(if $(filter digits,$(name))$(wildcard $(patsubst %,$(DATASETS)/$(name)/%,train.npy \
	train-images-idx3-ubyte.gz)),$(name)))

# Without DATASET each experiment runs on the data set that it is about, or where that is not at hand on digits.
ifndef DATASET
OWN     := yes
DATASET := $(firstword $(call at-hand,mnist digits))
DATASET += $(filter-out $(DATASET),$(firstword $(call at-hand,fashion-mnist digits)))
endif

$(foreach name,$(DATASET),$(if $(filter .%,$(name)),$(error DATASET=$(name): expected a name))$(if \
	$(call at-hand,$(name)),,$(error $(name): neither $(DATASETS)/$(name)/train-images-idx3-ubyte.gz nor train.npy is there)))

about_mnist         := MNIST, digits that people wrote
about_fashion-mnist := Fashion-MNIST, photographs of clothes
about_digits        := digits drawn by img-digits, not by people
about_any           := experiments without a data set, on numbers and letters that they make themselves

# A quick run takes the first images; all are taken at full length, and as many are drawn.
TRAIN_IMAGES ?= $(call scale,,12000)
TEST_IMAGES  ?= $(call scale,,2000)

head     = $(if $1, | npy-slice :$1)
idx-pair = { gzip -dc $< | idxtonpy; gzip -dc $(word 2,$^) | idxtonpy; }

out/%/data/train.npy: $(DATASETS)/%/train-images-idx3-ubyte.gz $(DATASETS)/%/train-labels-idx1-ubyte.gz | all
	$(idx-pair) >$@
out/%/data/test.npy: $(DATASETS)/%/t10k-images-idx3-ubyte.gz $(DATASETS)/%/t10k-labels-idx1-ubyte.gz | all
	$(idx-pair) >$@
out/%.quick/data/train.npy: $(DATASETS)/%/train-images-idx3-ubyte.gz $(DATASETS)/%/train-labels-idx1-ubyte.gz | all
	$(idx-pair)$(call head,$(TRAIN_IMAGES)) >$@
out/%.quick/data/test.npy: $(DATASETS)/%/t10k-images-idx3-ubyte.gz $(DATASETS)/%/t10k-labels-idx1-ubyte.gz | all
	$(idx-pair)$(call head,$(TEST_IMAGES)) >$@

out/%/data/train.npy: $(DATASETS)/%/train.npy | all
	cat $< >$@
out/%/data/test.npy: $(DATASETS)/%/test.npy | all
	cat $< >$@
out/%.quick/data/train.npy: $(DATASETS)/%/train.npy | all
	cat $<$(call head,$(TRAIN_IMAGES)) >$@
out/%.quick/data/test.npy: $(DATASETS)/%/test.npy | all
	cat $<$(call head,$(TEST_IMAGES)) >$@

drawn = out/digits/data/$1.npy out/digits.quick/data/$1.npy
$(call drawn,train): | all
	img-digits -n $(or $(TRAIN_IMAGES),60000) >$@
# Others than any run trains on.
$(call drawn,test): | all
	img-digits -n $(or $(TEST_IMAGES),10000) --skip 60000 >$@

out/%/data/shape: out/%/data/train.npy
	npy-slice -k 0 :1 $< | npy-info --shape | awk -F , '{ print (NF < 4 ? 1 : $$2) "x" $$(NF - 1) "x" $$NF }' >$@

# The names of the classes, a line for each label: DATASETS/NAME/classes, or the words of classes_NAME, or the
# labels themselves.
classes_fashion-mnist := T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot
named = $(or $(wildcard $(DATASETS)/$1/classes),$(if $(classes_$1),<(printf '%s\n' $(classes_$1))))
out/%/data/classes: out/%/data/test.npy
	cat $(or $(call named,$(*:.quick=)),<(npy-slice -k 1 $< | npytotsv | datamash max 1 | xargs seq 0)) >$@

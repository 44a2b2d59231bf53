# The experiments: every folder pipelines/EXPERIMENT that has a story.mk.  ../README.md says how to add one.
#
#	make figures		all of them, quickly; FULL=1 at full length
#	make EXPERIMENT ...	only these, and what they need of others
#	make list		which there are, what they cost, and whether they are up to date
#	make stale		the outputs that other programs, scripts or rows made than there are now
#
# A story is read once for each data set: $D is the folder of the data set, $E that of the experiment in
# it.  A recipe is expanded long after the story was read, so what a recipe uses is set with =, not :=.
# What belongs to no data set is in out/any.  A quick run has folders of its own, NAME.quick.

# The pipes are in the records, and too long to be read as they pass; V=1 shows them.
MAKEFLAGS += $(if $V,,--silent)
SAY        = $(if $V,,@echo '[build] $@')

# How long things take: $(call scale,FULL,QUICK).
scale = $(if $(FULL),$1,$2)

# A name that holds a blank, a quote or a backtick would be a command to a shell.
odd    = $(shell case '$(subst ','\'',$(value $1))' in (*[!,$2]*) echo odd ;; esac)
refuse = $(if $(call odd,$1,$2),$(error $1='$(value $1)': $3))
$(foreach name,DATASET SEEDS EPOCHS STEPS HOLDOUT SAVE_AT TRAIN_IMAGES TEST_IMAGES FULL,$(call refuse,$(name),A-Za-z0-9._\ -,expected letters and digits))
$(foreach name,DATASETS,$(call refuse,$(name),A-Za-z0-9/._+@=-,expected a path without blanks and quotes))
# The other variables of the command line go to a shell when the steps are counted.
$(foreach sign,` $$$$ ; & | < > ( ) " ',$(if $(findstring $(sign),$(MAKEOVERRIDES)),$(error $(sign) may not stand in a variable of the command line)))

include $(addprefix pipelines/lib/,data.mk pieces.mk)

SETS        := $(DATASET:%=%$(call scale,,.quick))
ANY         := any$(call scale,,.quick)

# The trainings: a rule for each row of each runs.tsv and each seed, written anew each time.
TABLES := $(wildcard pipelines/*/runs.tsv)
$(shell mkdir -p out && pipelines/lib/runs '$(SETS)' '$(ANY)' '$(call scale,full,quick)' '$(SEEDS)' \
	'$(strip $(foreach knob,EPOCHS STEPS HOLDOUT SAVE_AT,$(if $($(knob)),$(knob)=$($(knob)))))' $(TABLES) \
	>out/runs.$$$$ && mv out/runs.$$$$ out/runs.mk)
$(if $(filter-out 0,$(.SHELLSTATUS)),$(error pipelines/lib/runs failed))
include out/runs.mk
# The trained networks NAME/SEED of an experiment, all or those of some NAMEs, and their files.
runs   = $(if $1,$(foreach run,$(runs.$E),$(if $(filter $1,$(patsubst %/,%,$(dir $(run)))),$(run))),$(runs.$E))
models = $(patsubst %,$E/models/%.$1,$(call runs,$2))
# The steps after which a run is saved too.
saved  = $(saved.$E/$1)

# A story, read for the data set in out/$2, and what all stories have in common.
define read
D := out/$2
E := out/$2/$1
out/$2/$1/%: private D := out/$2
out/$2/$1/%: private E := out/$2/$1
include pipelines/$1/story.mk
include pipelines/lib/common.mk
endef
$(foreach e,$(EXPERIMENTS),$(foreach set,$(SETS) $(ANY),$(eval $(call read,$e,$(set)))))

# EXPERIMENT.data is any; or names of data sets, the one that it is about first, then all if it runs on every other too.
on       = $(foreach name,$($1.data),$(filter $(name) $(name).quick,$(SETS)))
of       = $(if $(filter any,$($1.data)),$(ANY),$(if $(OWN),$(firstword $(call on,$1)),$(if $(filter all,$($1.data)),$(SETS),$(call on,$1))))
sections = $(foreach set,$(call of,$1),out/$(set)/$1/section.html)
# In the order of the documents that they answer.
ORDER   := $(foreach e,$(sort $(foreach e,$(EXPERIMENTS),$($e.answers):$e)),$(lastword $(subst :, ,$e)))
WANTED  := $(or $(filter $(EXPERIMENTS),$(MAKECMDGOALS)),$(ORDER))

# A page is of the sections there are.
about = $(or $(about_$(1:.quick=)),$(1:.quick=))
define page
out/$1/index.html: $(filter out/$1/%,$(foreach e,$(WANTED),$(call sections,$e))) pipelines/lib/index pipelines/lib/page.css pipelines/lib/page.js
	pipelines/lib/index out/$1 '$(call about,$1)' $(ORDER) >$$@
endef
$(foreach set,$(SETS) $(ANY),$(eval $(call page,$(set))))
pages = $(foreach set,$(sort $(foreach e,$1,$(call of,$e))),out/$(set)/index.html)
out/index.html: $(call pages,$(WANTED)) pipelines/lib/contents
	pipelines/lib/contents out >$@

figures $(EXPERIMENTS): out/index.html
	@echo 'The results: $(patsubst %,file://$(CURDIR)/%,$(if $(word 2,$(call pages,$(WANTED))),out/index.html,$(call pages,$(WANTED))))'

# The pictures of README.md, in few colors; photographs in fewer, since they take most bytes.
readme.set = $(firstword $(call of,$1))
readme: out/$(call readme.set,mnist)/mnist/figures/random.png out/$(call readme.set,mnist)/mnist/figures/batchnorm.png \
		out/$(call readme.set,embedding)/embedding/figures/sheet-$(patsubst %.quick,%,$(call readme.set,embedding)).png
	mkdir -p man/readme
	small() { pngtopnm $$1 | pnmquant -quiet $$2 | pnmtopng -quiet -compression 9 >man/readme/$$3.png; }; \
	small $< 32 random; small $(word 2,$^) 32 batchnorm; small $(word 3,$^) 8 map

# Each step says which it is of how many, and is recorded.
out/%: private SHELL = pipelines/lib/record $B/bin '$(count)' $@ : $(filter-out again,$^) --
count = $(if $(filter $@,$(begun)),,$(eval begun += $@))$(if $(COUNT),$(info step $@))$(words $(begun))/$(TOTAL)
ifneq ($(filter figures readme $(EXPERIMENTS) out/%,$(MAKECMDGOALS)),)
$(if $(COUNT),,$(shell pipelines/lib/unfinished))
TOTAL := $(if $(COUNT),,$(shell $(MAKE) -n --no-print-directory $(MAKEOVERRIDES) COUNT=yes $(MAKECMDGOALS) | tee out/steps | grep -c '^step '))
endif

.PHONY: $(EXPERIMENTS) list stale readme

list: all
	@{ \
		$(foreach e,$(ORDER),printf '%s\t%s\t%s\t%s\t%s\n' $e '$($e.data)' '$(foreach set,$(call of,$e),out/$(set)/$e)' '$($e.cost)' '$(subst ','\'',$($e.about))';) \
		$(MAKE) -n --no-print-directory COUNT=yes figures | grep '^step ' || true; \
	} | pipelines/lib/list
stale:
	@pipelines/lib/stale $B/bin

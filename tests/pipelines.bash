# shellcheck disable=SC2034 # the variables are for those who load this
# What the tests of an experiment load, pipelines/EXPERIMENT/test.bats: a run on a few drawn digits, in a tree
# that shares the programs, one tree for all experiments of a run of bats.
load "$(dirname "${BASH_SOURCE[0]}")/helper"

experiment=$(basename "$BATS_TEST_DIRNAME")
tree=$BATS_RUN_TMPDIR/tree
E=out/digits.quick/$experiment
D=out/digits.quick
A=out/any.quick/$experiment

# So few images are computed quickest so.
export OMP_NUM_THREADS=1

# made GOAL ...: run Make in the tree; two at once would disturb each other.
made() {
	flock "$tree/lock" env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory "B=${B:-build}" DATASETS=none DATASET=digits \
		TRAIN_IMAGES=500 TEST_IMAGES=200 HOLDOUT=100 EPOCHS=1 STEPS=5 SAVE_AT=0,1,2 'SEEDS=1 2' "$@" 9>&-
}

# small KNOB=VALUE ...: make the experiment of this file, with its own knobs.  For setup_file().
small() {
	mkdir -p "$tree"
	cd "$tree" || return
	ln -sfn "$root"/{Makefile,build,common,man,pipelines,tests,tools} .
	made -j2 "$experiment" "$@" >"$experiment.log" 2>&1 || { cat "$experiment.log"; false; }
}

# pictures NAME SHAPE CLASSES: a data set of noise, 300 images to train on and 100 to test, for DATASETS=sets.  The
# experiments share a tree: each takes a NAME of its own.
pictures() {
	local part n seed

	mkdir -p "sets/$1"
	for part in train:300:1 test:100:2; do
		IFS=: read -r part n seed <<<"$part"
		{
			npy-random -s "$seed" -t u1 integers:0:256 "$n,$2"
			npy-random -s "$seed" -t u1 "integers:0:$3" "$n"
		} >"sets/$1/$part.npy"
	done
}

setup() {
	cd "$tree" || return
	scratch=$BATS_TEST_TMPDIR
}

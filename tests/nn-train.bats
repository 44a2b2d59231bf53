load helper
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network >model
	dataset 500 >data.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "nn-train: what it is shown it learns" {
	nn-train -e 10 -b 25 -r 0.003 model data.npy >trained
	[ "$(nn-eval trained data.npy | awk 'NR == 2 { print ($4 > 0.9) }')" = 1 ]
}

@test "nn-train: the same seed gives the same bytes, another seed others" {
	nn-train -e 1 -b 25 model data.npy >one
	cmp one <(nn-train -e 1 -b 25 -s 1 model <data.npy)
	run -1 cmp -s one <(nn-train -e 1 -b 25 -s 2 model data.npy)
}

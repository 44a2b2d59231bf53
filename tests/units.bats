# The tests in C. Their own lines, one a test, stand among those of Bats.
load helper

# On as many threads as fit everywhere; tests/engine.bats has others.
export OMP_NUM_THREADS=2

# The program that the test is named after.
unit() {
	"$root/${B:-build}/tests/${BATS_TEST_DESCRIPTION%%:*}" >&3 2>&3
}

@test "attack: its unit" {
	unit
}

@test "base: its unit" {
	unit
}

@test "command: its unit" {
	unit
}

@test "embed: its unit" {
	unit
}

@test "engine: its unit" {
	unit
}

@test "linear: its unit" {
	unit
}

@test "minimal: its unit" {
	unit
}

@test "naive: its unit" {
	unit
}

@test "npy: its unit" {
	unit
}

@test "num: its unit" {
	unit
}

@test "optim: its unit" {
	unit
}

@test "rng: its unit" {
	unit
}

@test "rnn: its unit" {
	unit
}

@test "spec: its unit" {
	unit
}

@test "train: its unit" {
	unit
}

@test "vector: its unit" {
	unit
	for isa in AVX2 SSE41; do
		ONEDNN_MAX_CPU_ISA=$isa unit
	done
}

@test "units: each is here" {
	for source in "$root"/tests/*.c; do
		grep -qF "@test \"$(basename "$source" .c): " "$BATS_TEST_FILENAME" || { echo "$source"; false; }
	done
}

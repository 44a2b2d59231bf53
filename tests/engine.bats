# tests/units.bats runs tests/engine.c with the layouts of this processor; here they are those of others.
load helper

engine() {
	env "$@" "$root/${B:-build}/tests/engine"
}

@test "engine: computes the same in blocks of 8 channels, on one thread" {
	engine ONEDNN_MAX_CPU_ISA=AVX2 OMP_NUM_THREADS=1
}

@test "engine: computes the same without blocks of 16 or of AVX, on three threads" {
	engine ONEDNN_MAX_CPU_ISA=SSE41 OMP_NUM_THREADS=3
}

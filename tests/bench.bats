load helper

programs=$root/${B:-build}/bench

has() { # INSTRUCTION-SETS, as the kernel names them
	for set; do
		grep -qwm1 "$set" /proc/cpuinfo || skip "the processor has no $set"
	done
}

# The best of peak and the best of the loop of intrinsics, in turn: each is some hundred milliseconds, and
# beside other programs it may take a while until both had a moment to themselves.
agree() { # SET ONEDNN_MAX_CPU_ISA
	local peak=0 loop=0
	for ((i = 1; i <= 60; i++)); do
		read -r now set < <(OMP_NUM_THREADS=1 ONEDNN_MAX_CPU_ISA=$2 "$programs/peak")
		[ "$set" = "$1" ]
		peak=$(printf '%s\n' "$peak" "$now" | sort -g | tail -n 1)
		loop=$(printf '%s\n' "$loop" "$("$programs/intrinsics" "$1")" | sort -g | tail -n 1)
		echo "$1: peak $peak, loop of intrinsics $loop"
		if [ "$i" -ge 5 ] && awk "BEGIN { exit !($peak >= 0.95 * $loop && $peak <= 1.05 * $loop) }"; then
			return 0
		fi
	done
	return 1
}

@test "peak: with AVX2 it is what a loop of intrinsics does" {
	has avx2 fma
	agree avx2 AVX2
}

@test "peak: with AVX-512 it is what a loop of intrinsics does" {
	has avx512f avx512vl
	agree avx512 ALL
}

@test "peak: takes the set that oneDNN is allowed" {
	has avx2 fma
	for limit in AVX2 avx2 AVX2_VNNI; do
		[[ $(ONEDNN_MAX_CPU_ISA=$limit "$programs/peak") == *" avx2" ]]
	done
	[[ $(ONEDNN_MAX_CPU_ISA=SSE41 "$programs/peak") == *" plain" ]]
	[ "$(env -u ONEDNN_MAX_CPU_ISA "$programs/peak" | cut -d ' ' -f 2)" = "$(ONEDNN_MAX_CPU_ISA=ALL "$programs/peak" | cut -d ' ' -f 2)" ]
}

# A row that needs little data, without PyTorch.
bench() {
	img-digits -n 10 >digits.npy
	PATH=$programs:$PATH WORK=. TRAIN=digits.npy TEST=digits.npy PYTHON=false "$root/tests/bench/bench" "$@"
}

@test "bench: says what it measured with, and a row for each instruction set" {
	has avx2 fma
	ISA=avx2 bench one >table
	cat table
	grep -x '# .*, [0-9]* threads' table
	grep -x '# oneDNN [0-9.]*' table
	grep -x '# PyTorch none' table
	diff <(grep -v '^#' table | cut -f 1,2,4-) - <<-'E'
		what	instruction set	PyTorch	ratio	of peak	goal
		multiply-adds in registers, GFLOP/s	avx2	-	-	-	-
		nn-run pa2, one image, ms	avx2	-	-	-	<= 20
	E
}

@test "bench: refuses rows and instruction sets that are not there, before it measures" {
	run -2 bench one two
	[[ $output == *"bench: no row two"* ]]
	ISA=mmx run -2 bench one
	[[ $output == *"bench: mmx: not of this machine"* ]]
}

# A substitution is over when none has its standard output any more.
@test "bench: its busy programs end with their row" {
	has avx2 fma
	table=$(ISA=avx2 PAIRS=1 bench busy2)
	grep -P '^nn-train pa2 beside busy programs: 2, images/s\tavx2\t[0-9.]+\t-\t[0-9.]+ % of alone\t-\t>= 30 %$' <<<"$table"
}

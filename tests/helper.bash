# What every .bats file loads.
bats_require_minimum_version 1.5.0

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$root/${B:-build}/bin:$PATH
export PATH LC_ALL=C

# Other tests have the other processors.
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

# A relative DATASETS is meant from where make was called, not from where the test will be.
if [ -d "${DATASETS:-}" ]; then
	DATASETS=$(cd "$DATASETS" && pwd)
	export DATASETS
fi

cd "$BATS_TEST_TMPDIR" 2>/dev/null || true

# Run a whole pipeline in a shell of its own, failing if any part fails.
pipe() {
	bash -e -o pipefail -c "$1"
}

# The command must refuse: status 2, nothing on stdout, one line on stderr, which starts with the
# program's name and contains the given words.
#	refuses 'truncated' 'npy-info <short.npy'
refuses() {
	run -2 --separate-stderr pipe "$2"
	# shellcheck disable=SC2154 # bats sets them
	if [ -n "$output" ] || [ "${#stderr_lines[@]}" -ne 1 ] || [[ ${stderr_lines[0]} != *"$1"* ]]; then
		printf 'stdout: %s\nstderr: %s\n' "$output" "$stderr"
		return 1
	fi
}

# npy DESCR SHAPE: an NPY header, version 1.0, on stdout; its data is the caller's to append.
#	{ npy '|u1' '(2, 3)'; printf abcdef; } >six.npy
npy() {
	local text="{'descr': '$1', 'fortran_order': ${3:-False}, 'shape': $2, }"
	local length=$((${#text} + 1))
	printf '\x93NUMPY\x01\x00%b%s\n' \
		"$(printf '\\x%02x\\x%02x' $((length & 255)) $((length >> 8)))" "$text"
}

# numpy SCRIPT: arrays from an independent hand. In the script, np is NumPy, put(array, ...) writes
# to stdout as NPY, and get(file) is the list of a stream's arrays.
#	numpy 'put(np.arange(6).reshape(2, 3))' >six.npy
numpy() {
	/usr/bin/python3 -c '
import io, sys, numpy as np
def put(*arrays):
    # By way of memory: a buffered pipe, which tells no position, is refused.
    for a in arrays:
        array = io.BytesIO()
        np.lib.format.write_array(array, np.asarray(a))
        sys.stdout.buffer.write(array.getvalue())
def get(file):
    arrays = []
    with open(file, "rb") as f:
        while f.peek(1):
            arrays.append(np.load(f))
    return arrays
'"$1"
}

# array TYPE LIST: one array of NumPy's.
#	array f4 '[[0.5, np.nan]]' >x.npy
array() {
	numpy "put(np.array($2, '$1'))"
}

# expect SCRIPT EXPRESSION ...: what NumPy says that each of them is, after the script, in files expected.0,
# expected.1 ...; a tuple is a stream. NumPy is started once for all, which takes longer than most programs.
expect() {
	printf '%s\n' "${@:2}" >expressions
	numpy "$1
for i, expression in enumerate(open('expressions')):
    found = eval(expression)
    with open(f'expected.{i}', 'wb') as f:
        for a in found if isinstance(found, tuple) else (found,):
            np.lib.format.write_array(f, np.asarray(a))"
}

# What NumPy finds in the one array on stdin: type, shape and elements, on a line.
elements() {
	/usr/bin/python3 -c '
import io, sys, numpy as np
a = np.load(io.BytesIO(sys.stdin.buffer.read()))
print(a.dtype.str, a.shape, *a.ravel())'
}

# documented PROGRAM: the options that its manual lists, sorted
documented() {
	sed -n 's/ Ar .*//; s/^\.It Fl //p' "$root/man/$1.1" | tr ' ' '\n' | sed -n '
		s/^-\([a-z0-9-]*\)$/--\1/p
		s/^\([[:alnum:]]\),*$/-\1/p' | sort
}

# The pipeline must do with 100 MB of memory, programs and libraries included.
small() {
	[[ ${B:-} != *san ]] || skip "the sanitizers reserve terabytes"
	pipe "ulimit -v 100000; $1"
}

# zeros N: an array of N zero bytes, cheap to make however large
zeros() {
	npy '|u1' "($1,)"
	head -c "$1" /dev/zero
}
export -f npy numpy array zeros

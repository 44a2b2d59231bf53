load helper

# The N-th example of npy(5), as text.
example() {
	awk -v n="$1" '/^\.Sh EXAMPLES/ { on = 1 }
		/^\.Ed/ { inside = 0 }
		on && inside && k == n
		/^\.Bd/ && on { inside = 1; k++ }' "$root/man/npy.5" | sed 's/\\e/\\/g'
}

stream() {
	numpy 'put(np.arange(6, dtype="f4").reshape(2, 3), np.float32(7), np.full(5, -1, "f4"))'
}

@test "npy(5): the C program compiles without warnings and reads a pipe" {
	example 1 >mean.c
	gcc -std=c11 -Wall -Wextra -Wpedantic -Werror -o mean mean.c
	diff <(stream | ./mean) <(printf '%s\n' 2.5 7 -1)
	stream | npy-slice -k 0 : | ./mean | diff - <(echo 2.5)
	run -2 ./mean < <(npy '|u1' '(1,)'; printf 1)
	run -2 ./mean < <(stream | head -c 140)
}

@test "npy(5): the Python program reads a pipe" {
	example 3 >shapes.py
	diff <(stream | /usr/bin/python3 shapes.py) <(printf '%s\n' '(2, 3)' '()' '(5,)')
}

@test "npy(5): every type of the table is read and written as it says" {
	sed -n 's/^\.It \([buif][1248][buif1248 ]*\) Ta \([^ ]*\).*/\1 \2/p' "$root/man/npy.5" |
		while read -r -a row; do
			for type in "${row[@]::${#row[@]}-1}"; do
				echo "$type ${row[-1]}"
			done
		done >table
	[ "$(wc -l <table)" -eq 12 ]
	for order in '<' '>'; do
		numpy "for line in open('table'):
		    put(np.ones(3, '$order' + line[:2]))" >x.npy
		diff <(npy-info x.npy | sed 1d | cut -f 1) <(cut -d ' ' -f 2 table)
	done
}

# Every type that is read, with its extremes, and the type it becomes.
cases='
types = {"b1": "u1", "u1": "u1", "i1": "i8", "u2": "i8", "i2": "i8", "u4": "i8", "i4": "i8",
         "u8": "i8", "i8": "i8", "f2": "f4", "f4": "f4", "f8": "f8"}
def values(t):
    if t == "b1": return np.array([0, 1, 1, 0, 1, 0], t)
    if t[0] == "f":
        f = np.finfo(t)
        return np.array([f.min, f.max, f.tiny, f.smallest_subnormal, -0.0, np.inf], t)
    i = np.iinfo(t)
    return np.array([i.min, min(i.max, 2**63 - 1), 0, 1, 2, i.max // 3], t)
'

@test "npy: every type, in both byte orders, versions 1 to 3, C and Fortran order, is read as NumPy reads it" {
	numpy "$cases"'
for t, to in types.items():
    for order in "<>":
        for version in (1, 0), (2, 0), (3, 0):
            for fortran in 0, 1:
                a = values(t).reshape(2, 3).astype(order + t, order="CF"[fortran])
                np.lib.format.write_array(sys.stdout.buffer, a, version)
                with open("expected.npy", "ab") as f: np.save(f, a.astype(to, order="C"))
' >x.npy
	[ "$(npy-info x.npy | wc -l)" -eq $((1 + 12 * 2 * 3 * 2)) ]
	npy-slice ... x.npy | cmp - expected.npy
}

@test "npy: what is written is what NumPy writes, byte for byte" {
	numpy '
shapes = [(), (1,), (7,), (0,), (2, 3), (3, 0, 2), (1,) * 8, (2, 1, 2, 1, 2, 1, 2, 1), (1, 100000)]
put(*(np.ones(s, t) for s in shapes for t in ("u1", "i8", "f4", "f8")))' >x.npy
	npy-slice ... x.npy | cmp - x.npy
}

@test "npy: every half-precision number is read exactly" {
	numpy 'put(np.arange(65536, dtype="u2").view("f2"))' >x.npy
	npy-slice : x.npy | npy-diff --equal-nan - <(numpy 'put(np.arange(65536, dtype="u2").view("f2").astype("f4"))')
}

@test "npy: Fortran order of every rank" {
	numpy '
for n in range(9):
    a = np.arange(2**n * 3, dtype="f4").reshape((3,) + (2,) * n if n < 8 else (3, 1, 1, 2, 2, 4, 2, 8))
    np.lib.format.write_array(sys.stdout.buffer, np.asfortranarray(a))
    with open("expected.npy", "ab") as f: np.save(f, a)' >x.npy
	npy-slice ... x.npy | cmp - expected.npy
}

@test "npy: headers that other programs write" {
	# no blanks, other order of keys, double quotes, Python 2's long integers, no padding, native order
	for header in "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}" \
		'{"descr": "<f4", "fortran_order": False, "shape": (2, 3)}' \
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }" \
		"{'descr':'=f4','fortran_order':False,'shape':(2,3,)}   "$'\n' \
		"  { 'descr' : 'f4' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , }"; do
		{
			# shellcheck disable=SC2059 # the format is the byte
			printf "\x93NUMPY\1\0\x$(printf %02x "${#header}")\0"
			printf %s "$header"
			head -c 24 /dev/zero
		} >x.npy
		npy-diff x.npy <(numpy 'put(np.zeros((2, 3), "f4"))') || { echo "$header"; false; }
	done
}

@test "npy: headers that are none" {
	while IFS='|' read -r message header; do
		{
			# shellcheck disable=SC2059
			printf "\x93NUMPY\1\0\x$(printf %02x "${#header}")\0"
			printf '%s' "$header"
			head -c 24 /dev/zero
		} >x.npy
		refuses "$message" 'npy-info x.npy' || { echo "$header"; false; }
	done <<-'E'
		not a dictionary|
		not a dictionary|[1]
		lacks|{}
		lacks|{'descr': '<f4', 'shape': (2,)}
		not a dictionary|{'descr': '<f4', 'fortran_order': False, 'shape': (2,3)
		not a dictionary|{'descr': '<f4', 'fortran_order': False, 'shape': 6}
		not a dictionary|{'descr': '<f4' 'fortran_order': False, 'shape': (6,)}
		goes on after|{'descr': '<f4', 'fortran_order': False, 'shape': (2,3)}}
		neither True nor False|{'descr': '<f4', 'fortran_order': 0, 'shape': (2,3)}
		not a list of sizes|{'descr': '<f4', 'fortran_order': False, 'shape': (2,-3)}
		not a dictionary|{'descr': '<f4', 'fortran_order': False, 'shape': (2.5,)}
		unknown key|{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'order': 1}
		unusable word|{'descr': '<f4
		records are not supported|{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}
		not supported|{'descr': '', 'fortran_order': False, 'shape': (6,)}
		not supported|{'descr': '<f44', 'fortran_order': False, 'shape': (6,)}
		not supported|{'descr': '<<f4', 'fortran_order': False, 'shape': (6,)}
	E
}

@test "npy: versions and lengths that do not exist" {
	refuses "only NPY versions 1, 2 and 3" "printf '\x93NUMPY\4\0\1\0\0\0' | npy-info"
	refuses "only NPY versions 1, 2 and 3" "printf '\x93NUMPY\0\0\1\0\0\0' | npy-info"
	refuses "header is too long" "printf '\x93NUMPY\2\0\0\0\0\x7f' | npy-info"
	refuses "null byte" "{ printf '\x93NUMPY\1\0\3\0'; printf '{\0}'; } | npy-info"
}

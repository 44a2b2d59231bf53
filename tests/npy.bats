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
	example 2 >shapes.py
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

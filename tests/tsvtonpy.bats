load helper

@test "tsvtonpy: one column, and several" {
	[ "$(printf '7\n-2\n' | tsvtonpy | elements)" = "<i8 (2,) 7 -2" ]
	[ "$(printf '1\t2\t3\n4\t5\t6\n' | tsvtonpy | elements)" = "<i8 (2, 3) 1 2 3 4 5 6" ]
	[ "$(printf '7\n-2\n' | tsvtonpy -m | elements)" = "<i8 (2, 1) 7 -2" ]
}

@test "tsvtonpy: whole numbers are integers, all become floats with one that is not" {
	[ "$(printf '9223372036854775807\n' | tsvtonpy | elements)" = "<i8 (1,) 9223372036854775807" ]
	[ "$(printf '1\t2\n3\t.5\n' | tsvtonpy | elements)" = "<f8 (2, 2) 1.0 2.0 3.0 0.5" ]
	[ "$(printf 'nan\ninf\n-1e3\n' | tsvtonpy | elements)" = "<f8 (3,) nan inf -1000.0" ]
}

@test "tsvtonpy: the type asked for" {
	[ "$(printf '0\n255\n' | tsvtonpy -t u1 | elements)" = "|u1 (2,) 0 255" ]
	[ "$(printf '1\n0.5\n' | tsvtonpy -t f4 | elements)" = "<f4 (2,) 1.0 0.5" ]
	[ "$(printf '1\n' | tsvtonpy -t f8 | elements)" = "<f8 (1,) 1.0" ]
	refuses "line 2, column 1: 256 is not between 0 and 255" 'printf "1\n256\n" | tsvtonpy -t u1'
	refuses "line 1, column 2: -1 is not between" 'printf "1\t-1\n" | tsvtonpy -t u1'
	refuses "line 1, column 1: 0.5 is not a whole number" 'echo 0.5 | tsvtonpy -t i8'
	refuses "is not a whole number of 64 bits" 'echo 9223372036854775808 | tsvtonpy -t i8'
	refuses "2.5 is not a whole number of 8 bits" 'echo 2.5 | tsvtonpy -t u1'
	refuses "1e39 is too large for f4" 'echo 1e39 | tsvtonpy -t f4'
	refuses "-1e400 is too large for f8" 'echo -1e400 | tsvtonpy'
	[ "$(printf -- '-inf\n' | tsvtonpy -t f4 | elements)" = "<f4 (1,) -inf" ]
}

@test "tsvtonpy: a header is skipped when asked, and named when not" {
	[ "$(printf 'label\n3\n' | tsvtonpy -H | elements)" = "<i8 (1,) 3" ]
	refuses "line 1, column 1: 'label' is not a number (--header skips" 'printf "label\n3\n" | tsvtonpy'
}

@test "tsvtonpy: a last line without its end, and lines that end as in DOS" {
	[ "$(printf '1\t2\r\n3\t4' | tsvtonpy | elements)" = "<i8 (2, 2) 1 2 3 4" ]
}

@test "tsvtonpy: many lines" {
	seq 100000 | tsvtonpy | npytotsv | cmp - <(seq 100000)
}

@test "tsvtonpy: what is no table of numbers is refused, with line and column" {
	refuses "empty" 'tsvtonpy </dev/null'
	refuses "empty" 'echo label | tsvtonpy -H'
	refuses "line 2: expected 2 columns, as before, found 1" 'printf "1\t2\n3\n" | tsvtonpy'
	refuses "line 3: expected 1 columns, as before, found 2" 'printf "1\n2\n3\t4\n" | tsvtonpy'
	refuses "line 2, column 2: 'x' is not a number" 'printf "1\t2\n3\tx\n" | tsvtonpy'
	refuses "line 1, column 2: '' is not a number" 'printf "1\t\n" | tsvtonpy'
	refuses "line 2, column 1: '' is not a number" 'printf "1\n\n" | tsvtonpy'
	for separator in ' ' ', ' ';'; do
		refuses "line 1, column 1: '1${separator}2' is not a number (columns are separated by tabs)" \
			"echo '1${separator}2' | tsvtonpy"
	done
	refuses "line 2 holds a null byte" 'printf "1\n\0002\n" | tsvtonpy'
}

@test "tsvtonpy: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'echo 1 | tsvtonpy >/dev/full'
}

@test "tsvtonpy: a reader that went away is none" {
	pipe 'seq 100000 | tsvtonpy | head -c 1 >first'
}

load helper

# Three runs of two networks: a seed written in two ways, an empty cell.
setup() {
	printf '%s\t%s\t%s\t%s\n' \
		net seed val_error note \
		pa2 1 0.02 a=b \
		pa2-bn 1 0.01 '' \
		pa2 1.0 0.03 last >runs.tsv
}

@test "tsv-pick: columns by name, in the order asked for" {
	diff <(tsv-pick val_error,net runs.tsv) <(printf '%s\t%s\n' 0.02 pa2 0.01 pa2-bn 0.03 pa2)
	diff <(tsv-pick seed,seed <runs.tsv) <(printf '%s\t%s\n' 1 1 1 1 1.0 1.0)
}

@test "tsv-pick: all columns with --header are the table" {
	tsv-pick -H net,seed,val_error,note runs.tsv | cmp - runs.tsv
	cp runs.tsv again.tsv
	tsv-pick --header net,seed,val_error,note - <again.tsv | cmp - runs.tsv
}

@test "tsv-pick: --where compares texts, all of them" {
	[ "$(tsv-pick -w net=pa2 seed runs.tsv | paste -sd ' ')" = "1 1.0" ]
	[ "$(tsv-pick -w net=pa2,seed=1 val_error runs.tsv)" = 0.02 ]
	[ "$(tsv-pick --where seed=1 net runs.tsv | paste -sd ' ')" = "pa2 pa2-bn" ]
	[ "$(tsv-pick -w note=a=b val_error runs.tsv)" = 0.02 ]
	[ "$(tsv-pick -w note= net runs.tsv)" = pa2-bn ]
}

@test "tsv-pick: --key compares the first columns" {
	[ "$(tsv-pick -k pa2 val_error runs.tsv | paste -sd ' ')" = "0.02 0.03" ]
	[ "$(tsv-pick --key pa2,1.0 val_error runs.tsv)" = 0.03 ]
	[ "$(tsv-pick -k pa2 -w seed=1 val_error runs.tsv)" = 0.02 ]
	refuses "--key: expected at most 4 values, one for each column of runs.tsv, found 5" \
		'tsv-pick -k pa2,1,0.02,a,b net runs.tsv'
}

@test "tsv-pick: --last is one row, of those that match" {
	[ "$(tsv-pick --last val_error runs.tsv)" = 0.03 ]
	[ "$(tsv-pick -l -w seed=1 net runs.tsv)" = pa2-bn ]
	diff <(tsv-pick -H -l net runs.tsv) <(printf 'net\npa2\n')
}

@test "tsv-pick: no row is no error, except for --last" {
	[ -z "$(tsv-pick -w net=pa3 seed runs.tsv)" ]
	[ "$(tsv-pick -H -w net=pa3 seed runs.tsv)" = seed ]
	[ -z "$(printf 'a\tb\n' | tsv-pick a)" ]
	refuses "runs.tsv: --last: none of the 3 rows matches" 'tsv-pick -H -l -k pa3 seed runs.tsv'
	refuses "standard input: --last: none of the 0 rows matches" 'printf "a\n" | tsv-pick -l a'
}

@test "tsv-pick: a column that is missing or there twice is refused" {
	refuses "runs.tsv: line 1: no column is named 'error'" 'tsv-pick net,error runs.tsv'
	refuses "runs.tsv: line 1: no column is named ''" 'tsv-pick net, runs.tsv'
	refuses "runs.tsv: line 1: no column is named 'kind'" 'tsv-pick -w kind=1 net runs.tsv'
	refuses "--where: 'pa2' is not COLUMN=VALUE" 'tsv-pick -w net=pa2,pa2 net runs.tsv'
	refuses "line 1: columns 1 and 3 are both named 'a'" 'printf "a\tb\ta\n" | tsv-pick b,a'
	printf 'a\tb\ta\n1\t2\t3\n' | tsv-pick b | diff - <(echo 2)
}

@test "tsv-pick: what is no table is refused, with file and line" {
	refuses "standard input: empty: expected a line with the names of the columns" 'tsv-pick a </dev/null'
	refuses "standard input: line 1: empty: expected the names" 'echo | tsv-pick a'
	refuses "line 3: expected 2 fields, as in line 1, found 1" 'printf "a\tb\n1\t2\n3\n" | tsv-pick a'
	refuses "line 2: expected 1 fields, as in line 1, found 2" 'printf "a\n1\t2\n" | tsv-pick a'
	refuses "line 3: expected 2 fields, as in line 1, found 1" 'printf "a\tb\n1\t2\n\n" | tsv-pick -H a'
	refuses "line 2 holds a null byte" 'printf "a\n\0002\n" | tsv-pick a'
	refuses "no-such-file: No such file" 'tsv-pick net no-such-file'
	refuses "too few operands" 'tsv-pick <runs.tsv'
}

@test "tsv-pick: a last line without its end, and lines that end as in DOS" {
	diff <(printf 'a\tb\r\n1\t2\r\n3\t4' | tsv-pick -H b) <(printf 'b\n2\n4\n')
}

@test "tsv-pick: fields may be in any script, and empty" {
	[ "$(printf 'Größe\t\n7 µm\t\n' | tsv-pick -k '7 µm' Größe)" = '7 µm' ]
	diff <(printf 'a\tb\n\t1\n' | tsv-pick a,b) <(printf '\t1\n')
}

@test "tsv-pick: many rows" {
	paste <(seq 0 100000) <(seq 100000 -1 0) | sed '1s/.*/up\tdown/' >long.tsv
	tsv-pick down long.tsv | cmp - <(seq 99999 -1 0)
	[ "$(tsv-pick -w down=60000 up long.tsv)" = 40000 ]
}

@test "tsv-pick: a full disk is an error, a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'tsv-pick net runs.tsv >/dev/full'
	seq 100000 | pipe 'tsv-pick 1 | head -1 >first'
	[ "$(cat first)" = 2 ]
}

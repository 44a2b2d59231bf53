load helper

# The letters of a data set's sequences, as words.
words() {
	npy-slice -k 0 | npytotsv | awk '{
		for (i = 1; i <= NF; i++)
			printf "%s", substr("ACDEFGHIKLMNPQRSTVWY", $i + 1, 1)
		print ""
	}'
}

@test "seq-motif: a data set: letters of 20, then a label for each sequence" {
	seq-motif -n 200 -t 30 >x.npy
	run -0 npy-info x.npy
	[[ ${lines[1]} == "$(printf '|u1\t(200,30)\t0\t19\t')"* ]]
	[[ ${lines[2]} == "$(printf '|u1\t(200,)\t0\t1\t')"* ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "seq-motif: none is a data set too" {
	seq-motif -n 0 >x.npy
	numpy 'X, Y = get("x.npy"); assert X.shape == (0, 50) and Y.shape == (0,)'
}

@test "seq-motif: the motif of the class stands in the first letters, at every place" {
	seq-motif -n 2000 -t 40 -w 12 -m RGD,KDEL,WW >x.npy
	paste <(npy-slice -k 1 x.npy | npytotsv) <(words <x.npy) | awk '
		{
			place = index($2, $1 == 0 ? "RGD" : $1 == 1 ? "KDEL" : "WW")
			length_ = $1 == 0 ? 3 : $1 == 1 ? 4 : 2
			if (!place || place + length_ - 1 > 12)
				exit 1
			places[$1] = places[$1] < place ? place : places[$1]
			seen += !(($1, place) in found)
			found[$1, place]
		}
		END { exit !(places[0] == 10 && places[1] == 9 && places[2] == 11 && seen == 30) }'
}

# The deviations that are let pass are five times the standard error.
@test "seq-motif: the letters after the motif's are uniform, and alike for each class" {
	seq-motif -n 4000 -t 50 >x.npy
	numpy '
X, Y = get("x.npy")
rest = X[:, 10:]
n = np.bincount(rest.ravel(), minlength=20)
mean = rest.size / 20
assert len(n) == 20 and (abs(n - mean) < 5 * np.sqrt(mean * .95)).all(), n
for letter in range(20):
	share = (rest == letter).mean(0)
	assert (abs(share - .05) < 5 * np.sqrt(.05 * .95 / 4000)).all(), share
	classes = [(rest[Y == c] == letter).mean() for c in (0, 1)]
	assert abs(classes[0] - classes[1]) < 5 * np.sqrt(.05 * .95 / 40000), classes
	follows = rest[:, 1:][rest[:, :-1] == letter]
	assert (abs(np.bincount(follows, minlength=20) / len(follows) - .05) < 5 * np.sqrt(.05 * .95 / len(follows))).all()'
}

@test "seq-motif: every label comes as often as the others" {
	seq-motif -n 10000 -t 10 >x.npy
	numpy 'X, Y = get("x.npy"); assert abs(Y.mean() - .5) < 5 * .005, Y.mean()'
}

@test "seq-motif: the same seed gives the same bytes, another seed others" {
	seq-motif -s 3 >a.npy
	seq-motif -s 3 >b.npy
	seq-motif -s 4 >c.npy
	cmp a.npy b.npy
	run -1 cmp -s a.npy c.npy
}

@test "seq-motif: a sequence depends neither on how many there are nor on where they begin" {
	seq-motif -n 3000 >x.npy
	seq-motif -n 40 --skip 1913 >part.npy
	npy-slice 1913:1953 x.npy | cmp - part.npy
}

@test "seq-motif: a longer sequence begins as the shorter one does" {
	seq-motif -n 30 -t 300 >long.npy
	cmp <(seq-motif -n 30 -t 20 | npy-slice -k 0) <(npy-slice -k 0 ':,:20' long.npy)
	cmp <(seq-motif -n 30 -t 20 | npy-slice -k 1) <(npy-slice -k 1 long.npy)
}

@test "seq-motif: its page shows five sequences of each motif" {
	sed -n '/^seq-motif -t 30/,/^\.Ed/p' "$root/man/seq-motif.1" | sed '$d' >example
	pipe "$(cat example)" >words
	[ "$(wc -l <words)" -eq 10 ]
	for motif in RGD DGR; do [ "$(cut -c -10 words | grep -c $motif)" -ge 5 ]; done
}

@test "seq-motif: letters become numbers again as its page says" {
	seq-motif -n 20 -t 15 >x.npy
	words <x.npy >letters
	sed 's/./&\t/g; s/\t$//' letters |
		awk '{ for (i = 1; i <= NF; i++) $i = index("ACDEFGHIKLMNPQRSTVWY", $i) - 1 } 1' |
		tr ' ' '\t' | tsvtonpy -t u1 | cmp - <(npy-slice -k 0 x.npy)
}

@test "seq-motif: what cannot be a motif is refused" {
	refuses "'b' is not one of the letters" 'seq-motif -m Cb,HCH'
	refuses "'X' is not one of the letters" 'seq-motif -m CX,HCH'
	refuses "found an empty one" 'seq-motif -m ""'
	refuses "found an empty one" 'seq-motif -m CHC,'
	refuses "'RGD' is one class" 'seq-motif -m RGD'
	refuses "word 2 of 'CHC,CHC' is in word 1" 'seq-motif -m CHC,CHC'
	refuses "word 1 of 'HC,CHC' is in word 2" 'seq-motif -m HC,CHC'
	refuses "'ACDEFGHIKLM' does not fit into the first 10 letters" 'seq-motif -m ACDEFGHIKLM,C'
	refuses "more than 255 words" "seq-motif -m '$(printf 'C,%.0s' {1..256})C'"
}

@test "seq-motif: what is no number is refused" {
	refuses "--count: -1 is not between" 'seq-motif -n -1'
	refuses "--count: 'many' is not a whole number" 'seq-motif -n many'
	refuses "--count: 1000000000000 is not between" 'seq-motif -n 1000000000000'
	refuses "--length: 0 is not between" 'seq-motif -t 0'
	refuses "--within: 10 letters, but sequences have 9" 'seq-motif -t 9'
	refuses "--seed: '1.5' is not" 'seq-motif -s 1.5'
	refuses "operand" 'seq-motif 7'
}

@test "seq-motif: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'seq-motif -n 1 >/dev/full'
}

# Nor would five terabytes fit into memory.
@test "seq-motif: a reader that went away is none" {
	pipe 'seq-motif -n 100000000000 | head -c 1000 >/dev/null'
}

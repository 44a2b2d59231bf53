load ../../tests/pipelines

setup_file() {
	small sliding.sixes=3 sliding.digits=1
}

scripts=$BATS_TEST_DIRNAME

# Probabilities of ten classes in 5 x 5 places of three images, class 6 before others in most; and the columns
# that the scripts read: the probability of a 6, the predicted class, its probability.
field() {
	numpy 'r = np.random.default_rng(7)
p = r.random((3, 25, 10)); p[..., 6] += 0.6 * r.random((3, 25)); p[2, :, 6] += 2
put(p / p.sum(2, keepdims=True))' >field.npy
}
columns() {
	paste <(npy-slice "${1:-:},...,6" field.npy | npy-reshape -1 | npytotsv) \
		<(npy-slice "${1:-:}" field.npy | npy-reduce -a -1 argmax | npy-reshape -1 | npytotsv) \
		<(npy-slice "${1:-:}" field.npy | npy-reduce -a -1 max | npy-reshape -1 | npytotsv)
}

@test "sliding: fractions, flips and ways of a patch are those of a search in NumPy" {
	field
	columns | cut -f 1,2 | awk -v class=6 -v side=5 -v patch=24 -f "$scripts/sliding.awk" | sed 1d |
		awk -v OFS='\t' '{ $6 = sprintf("%g", $6); print }' | cut -f 1-7,11-13 >found
	numpy 'p = get("field.npy")[0].reshape(3, 5, 5, 10)
t = p.argmax(3)
places = [(r, c) for r in range(5) for c in range(5)]
for i in range(3):
    wrong = [a for a in places if t[i][a] != 6]
    ways = [min(np.hypot(a[0] - b[0], a[1] - b[1]) for b in places if t[i][b] == 6) for a in wrong]
    steps = max(abs(np.diff(p[i, ..., 6], axis=k)).max() for k in (0, 1))
    # From beyond an edge a patch of 24 has gone 24 pixels when it is in the first row.
    into = [min(a[0], a[1], 4 - a[0], 4 - a[1]) + 24 for a in wrong]
    print(i, 25, 25 - len(wrong), "%g" % (1 - len(wrong) / 25), len(wrong), "%g" % p[i, ..., 6].min(), "%g" % steps,
        *(("%.2f" % min(ways), "%.2f" % max(ways), min(into)) if wrong else ["none"] * 3), sep="\t")' | diff - found
	[ "$(cut -f 5 found | sort -n | sed -n '1p')" = 0 ]
	[ "$(cut -f 5 found | sort -n | sed -n '$p')" -gt 3 ]
	rm field.npy found
}

@test "sliding: flips are counted by the quarter of the image" {
	field
	columns | cut -f 2 | awk '{ print $1 != 6 }' | awk -v cover=black -v side=5 -f "$scripts/quarters.awk" |
		datamash -s -g 1,2,3 count 4 sum 4 >found
	numpy 'w = get("field.npy")[0].reshape(3, 5, 5, 10).argmax(3) != 6
for name, r, c in ("lower-left", [3, 4], [0, 1]), ("lower-right", [3, 4], [3, 4]), ("middle", 0, 0), ("upper-left", [0, 1], [0, 1]), ("upper-right", [0, 1], [3, 4]):
    for i in range(3):
        part = np.append(w[i, 2], w[i, [0, 1, 3, 4], 2]) if name == "middle" else w[i, r][:, c]
        print("black", name, i, part.size, part.sum(), sep="\t")' | diff - found
	# Of an even side there is no middle.
	yes 0 | head -n 16 | awk -v side=4 -f "$scripts/quarters.awk" | datamash -s -g 2 count 4 | diff - <(printf '%s\t4\n' lower-left lower-right upper-left upper-right)
	rm field.npy found
	cut -f 1,2,4 "$E/tables/quarter-runs.tsv" | sed 1d | datamash -g 1,2 sum 3 | diff - <(sed 1d "$E/tables/quarters.tsv" | cut -f 1-3)
}

@test "sliding: the cases of a patch and of a window are those that their rules say" {
	field
	npy-random -s 5 uniform 25 >ink.npy
	paste <(columns 0) <(npytotsv ink.npy) | awk -v class=6 -v side=5 -f "$scripts/cases.awk" | sed 1d | cut -f 2-4,7 >found
	numpy 'p, ink = get("field.npy")[0][0], get("ink.npy")[0]
t = p.argmax(1)
place = lambda i: print(i, i // 5, i % 5, t[i], sep="\t")
place(max((i for i in range(25) if t[i] == 6), key=lambda i: ink[i]))
falls = [(p[i, 6] - p[j, 6], i, j) for i in range(25) for j in range(25) if t[i] == 6 != t[j] and abs(i // 5 - j // 5) + abs(i % 5 - j % 5) == 1]
_, before, over = max(falls)
place(before)
place(max((i for i in range(25) if t[i] not in (6, t[over])), key=lambda i: p[i].max()))
place(over)' | diff - found
	# With black as sure of 3 everywhere.  Of the flipped the surest is first, the rest are five where there are as many.
	columns 0 | cut -f 2,3 | sed 's/$/\t3\t1/' | awk -v class=6 -v side=5 -v most=5 -f "$scripts/examples.awk" | sed 1d >found
	[ "$(cut -f 4-5 found | sort -u)" = $'3\t1' ]
	[ "$(cut -f 1-3 found | sort -u | wc -l)" = 5 ]
	run ! grep -q $'\t6\t[^\t]*$' found
	numpy 'p = get("field.npy")[0][0]
t = p.argmax(1)
i = max((i for i in range(25) if t[i] != 6), key=lambda i: p[i].max())
print(i, i // 5, i % 5, t[i], sep="\t")' | diff - <(sed -n 1p found | cut -f 1-3,6)
	# Where nothing is flipped, the least sure stand in.
	columns 2 | cut -f 2,3 | sed 's/.*/&\t&/' | awk -v class=6 -v side=5 -v most=5 -f "$scripts/examples.awk" | sed 1d >found
	[ "$(cut -f 6 found)" = "$(printf '6\n%.0s' 1 2 3 4 5)" ]
	numpy 'i = get("field.npy")[0][2].max(1).argmin()
print(i, i // 5, i % 5, sep="\t")' | diff - <(sed -n 1p found | cut -f 1-3)
	rm field.npy ink.npy found
}

@test "sliding: patches and windows go to every place, and are what NumPy makes" {
	sixes=$(npy-slice -k 1 "$E/sheets/sixes.npy" | npytotsv | wc -l)
	[ "$(npy-slice -k 1 "$E/sheets/sixes.npy" | npytotsv | sort -u)" = 6 ]
	for cover in patch:21:8 black:19:10 window:19:10; do
		IFS=: read -r name side patch <<<"$cover"
		numpy "x, five = get('$E/sheets/sixes.npy')[0], get('$E/sheets/five.npy')[0][0]
copies = []
for image in x:
    for top in range($side):
        for left in range($side):
            y = image.copy()
            there = slice(top, top + $patch), slice(left, left + $patch)
            y[there] = five[there] if '$name' == 'window' else 0
            copies.append(y)
put(np.array(copies))" >covered.npy
		[ "$(npy-info -s "$E/sheets/$name.probabilities.npy")" = "$sixes,$side,$side,10" ]
		nn-run -p "$D/patches/models/best.safetensors" covered.npy |
			npy-diff -n 1e-6 <(npy-reshape -1,10 "$E/sheets/$name.probabilities.npy") -
		# The share of these that are classified as a 6.
		npy-reduce -a 3 argmax "$E/sheets/$name.probabilities.npy" | npy-reshape -1 | npytotsv | awk -v places=$((side * side)) '
			{ right += $1 == 6 } NR % places == 0 { printf "%d\t%d\t%.5g\n", places, right, right / places; right = 0 }' |
			diff - <(tsv-pick places,right,accuracy "$E/tables/$name.tsv" | awk -v OFS='\t' '{ print $1, $2, sprintf("%.5g", $3) }')
		[ "$(sed 1d "$E/tables/$name.tsv" | wc -l)" = "$sixes" ]
	done
	rm covered.npy
}

# windows FOLDER: the tables of windows are those of the predictions.  There is no window onto an image itself.
windows() {
	npy-slice -k 1 "$1/sheets/digits.npy" | npytotsv >labels
	numpy "E = '$1'"'
labels = [int(l) for l in open("labels")]
pairs = [tuple(map(int, l.split())) for l in open(E + "/tables/pairs.tsv").readlines()[1:]]
assert all(i != j for i, j in pairs)
predicted = get(E + "/sheets/windows.predicted.npy")[0]
black = get(E + "/sheets/blacks.predicted.npy")[0]
assert predicted.shape == (len(pairs), 361) and black.shape == (len(labels), 361)
rows = []
for a in sorted(set(labels)):
    for b in range(10):
        t = predicted[[labels[i] == a and labels[j] == b for i, j in pairs]]
        if len(t): rows.append((a, b, len(t), t.size, (t != a).sum(), (t == b).sum() if a != b else 0))
    t = black[[l == a for l in labels]]
    rows.append((a, "black", len(t), t.size, (t != a).sum(), 0))
for row in rows: print(*row, sep="\t")' |
		diff - <(sed 1d "$1/tables/windows.tsv")
	rm labels
	# The last pair, in the last place.
	read -r image other < <(sed -n '$p' "$1/tables/pairs.tsv")
	numpy "x = get('$1/sheets/digits.npy')[0]
y = x[$image].copy()
y[18:, 18:] = x[$other][18:, 18:]
put(y)" | nn-run "$D/patches/models/best.safetensors" | npy-reduce argmax | npytotsv |
		diff - <(npy-slice -1,360 "$1/sheets/windows.predicted.npy" | npytotsv)
}

@test "sliding: each digit is seen behind windows onto each" {
	cut -f 1,2 "$E/tables/windows.tsv" | sed 1d | grep -v black |
		diff - <(for a in {0..9}; do for b in {0..9}; do [ "$a" = "$b" ] || printf '%s\t%s\n' "$a" "$b"; done; done)
	windows "$E"
}

@test "sliding: where there are several of a digit, it is seen behind windows onto its like too" {
	mkdir -p likes/sheets likes/tables
	test=$D/data/test.npy
	npy-pick -i "$(npy-pick -l 3 -c 3 --indices "$test" | npytotsv | paste -s -d ,),$(
		npy-pick -l 8 -c 2 --indices "$test" | npytotsv | paste -s -d ,)" "$test" >likes/sheets/digits.npy
	# The recorded commands, on these digits.
	for output in tables/pairs.tsv sheets/windows.predicted.npy sheets/blacks.predicted.npy tables/window-runs.tsv tables/windows.tsv; do
		sed "/^$/,\$d; s,$E/,likes/,g" "$E/record/$output" >recorded
		bash -e -o pipefail recorded
	done
	# Each with the next of its own, and with one of the others, from the first of them again.
	sed 1d likes/tables/pairs.tsv | diff - <(printf '%s\t%s\n' 0 1 1 2 2 0  0 3 1 4 2 3  3 0 4 1  3 4 4 3)
	windows likes
	rm -r likes recorded
}

@test "sliding: every six is paired with itself where covers are compared" {
	for pair in patch-black black-window patch-window; do
		for end in A:${pair%-*} B:${pair#*-}; do
			tsv-pick accuracy "$E/tables/${end#*:}.tsv" | tsvtonpy >"${end%:*}.npy"
		done
		npy-calc 'b - a' A.npy B.npy | npy-reduce mean | npy-reshape 1 |
			npy-diff --any-type -a 1e-5 - <(tsv-pick -w cover=difference mean "$E/tables/$pair.tsv" | tsvtonpy)
	done
	rm A.npy B.npy
}

@test "sliding: the section has its claims, and no number of MNIST is judged on drawn digits" {
	[ "$(grep -c '<p class="claim"' "$E/section.html")" = 8 ]
	for claim in patch window; do
		grep -q "id=\"sliding-claim-$claim\".*<span>undecided</span>" "$E/section.html"
	done
}

load ../../tests/pipelines

setup_file() {
	small shifts.images=20 shifts.reach=3 shifts.borders=3
}

# again OUTPUT INPUT=FILE ...: what the recorded command of an output writes with FILEs in place of inputs.
again() {
	local command input

	command=$(sed '/^$/,$d' "$E/record/$1")
	for input in "${@:2}"; do
		[[ $command == *"$E/${input%=*}"* ]]
		command=${command//"$E/${input%=*}"/"${input#*=}"}
	done
	bash -e -o pipefail -c "${command%">$E/$1"}"
}

@test "shifts: the classes are those of images that NumPy shifts" {
	numpy "x = get('$E/sheets/images.npy')[0]
put(np.concatenate([np.pad(x, [(0, 0), (3, 3), (3, 3)], mode='edge')[:, 3 - dy:31 - dy, 3 - dx:31 - dx]
    for dx, dy in [(-3, 0), (1, 2), (3, -3), (0, 0)]]))" | nn-run "$D/patches/models/best.safetensors" |
		npy-reduce -a 1 argmax | npy-reshape 4,20 >expected.npy
	# Of seven times seven, as row and column.
	for shift in 0:3,0 1:5,4 2:0,6 3:3,3; do
		npy-slice ":,${shift#*:}" "$E/sheets/predicted.npy" | npy-diff --any-type <(npy-slice "${shift%:*}" expected.npy) -
	done
	rm expected.npy
	npy-calc 'a == b' "$E/sheets/predicted.npy" <(npy-slice -k 1 "$E/sheets/images.npy") | npy-diff - "$E/sheets/right.npy"
}

@test "shifts: the tables follow from which images are classified correctly after which shifts" {
	# At random, so that nothing depends on what so small a network has learned; some images stay as they are.
	numpy 'r = np.random.default_rng(3)
right = r.integers(0, 2, (20, 7, 7)); right[:3] = 1; right[3:9, 3, 3] = 1
put(right.astype("u1"))' >random.npy
	again tables/accuracy.tsv sheets/right.npy=random.npy >random.tsv
	numpy 'r = get("random.npy")[0]
print("x", "y", "accuracy", "distance", sep="\t")
for y in range(-3, 4):
    for x in range(-3, 4): print(x, y, "%g" % r[:, y + 3, x + 3].mean(), max(abs(x), abs(y)), sep="\t")' | diff - random.tsv
	again tables/rings.tsv tables/accuracy.tsv=random.tsv | cut -f 1-4,7 |
		awk -F '\t' -v OFS='\t' 'NR > 1 { $3 = sprintf("%.6f", $3); print }' >found
	numpy 'a = get("random.npy")[0].mean(0)
far = np.maximum(abs(np.arange(-3, 4))[:, None], abs(np.arange(-3, 4)))
for d in range(4):
    ring = a[far == d]
    print(d, ring.size, "%.6f" % ring.mean(), "%g" % ring.min(), "%g" % ring.max(), sep="\t")' | diff - found
	# The table's numbers are single precision, with seven digits.
	again tables/images.tsv sheets/right.npy=random.npy | sed 1d | cut -f 1,3 | tsvtonpy >found.npy
	numpy 'r = get("random.npy")[0]
far = np.maximum(abs(np.arange(-3, 4))[:, None], abs(np.arange(-3, 4)))
put(np.concatenate([np.stack([np.full(20, d), r[:, far == d].mean(1)], 1) for d in (0, 3)]))' | npy-diff --any-type -a 1e-7 - found.npy
	again sheets/least.npy sheets/right.npy=random.npy >least.npy
	again tables/digits.tsv sheets/right.npy=random.npy sheets/least.npy=least.npy | sed '1d; s/nan/-1/g; s/inf/99/g' | tsvtonpy >found.npy
	numpy "t, l = get('random.npy')[0] != 0, get('$E/sheets/images.npy')[1]"'
far = np.hypot(np.arange(-3, 4)[:, None], np.arange(-3, 4))
least = np.array([far[~i].min() if not i.all() else np.inf for i in t])
rows = []
for c in sorted(set(l)):
    mine = l == c
    right = mine & t[:, 3, 3]
    rows.append([c, mine.sum(), right.sum(), (mine & t[:, 3, 0]).sum(), (mine & t[:, 3, 6]).sum(),
        *((least[right].min(), np.median(least[right])) if right.any() else (-1, -1)), (least[right] == np.inf).sum()])
put(np.nan_to_num(np.array(rows), posinf=99))' | npy-diff --any-type -n 1e-9 - found.npy
	[ "$(datamash -H sum images <"$E/tables/digits.tsv" | sed 1d)" = 20 ]
	rm random.npy random.tsv found found.npy least.npy
}

@test "shifts: what comes in at the border is judged as nn-eval judges it" {
	[ "$(sed 1d "$E/tables/borders.tsv" | wc -l)" = 4 ]
	while read -r x y accuracies; do
		for border in nearest zero wrap; do
			img-shift -x "$x" -y "$y" -b $border "$E/sheets/images.npy" | nn-eval "$D/patches/models/best.safetensors" |
				tsv-pick accuracy | awk '{ print $1 + 0 }'
		done | paste -s | diff - <(echo "$accuracies")
	done < <(sed 1d "$E/tables/borders.tsv")
}

@test "shifts: of all ones the shares and the mean probabilities" {
	npy-pick -l 1 "$E/sheets/images.npy" >ones.npy
	ones=$(npy-slice -k 1 ones.npy | npytotsv | wc -l)
	[ "$ones" -gt 1 ]
	for side in still:0 left:-3 right:3; do
		img-shift -x "${side#*:}" ones.npy | npy-slice -k 0 | nn-run -p "$D/patches/models/best.safetensors" >p.npy
		right=$(npy-reduce -a 1 argmax p.npy | npy-calc 'a == 1' | npy-reduce sum | npytotsv)
		[ "$(tsv-pick -k "${side%:*}" ones,right "$E/tables/moved.tsv")" = "$ones	$right" ]
		[ "${side%:*}" = still ] || tsv-pick -w side="${side%:*}" mean "$E/tables/sides.tsv" | tsvtonpy |
			npy-diff --any-type -r 1e-4 - <(npy-slice :,1 p.npy | npy-reduce mean | npy-reshape 1)
	done
	rm ones.npy p.npy
}

@test "shifts: the section says how far images were moved, and judges three claims" {
	grep -q 'after each shift of up to 3 pixels' "$E/section.html"
	[ "$(grep -c '<p class="claim"' "$E/section.html")" = 3 ]
}

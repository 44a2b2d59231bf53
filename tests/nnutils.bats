load helper

page=$root/man/nnutils.7

# The commands that the page's tutorial tells to type.
tutorial() {
	sed -n '/^\.Sh TUTORIAL/,/^\.Sh SEE/p' "$page" |
		sed -n '/^\.Bd -literal/,/^\.Ed/{ /^\.[BE]d/d; s/\\e/\\/g; p }'
}

@test "nnutils: every program is listed, with the line of its own page" {
	for t in $(basename -s .c "$root"/tools/*.c); do
		[ "$(sed -n "/^\.It Xr $t 1\$/{ n; p; }" "$page")" = "$(sed -n 's/^\.Nd //p' "$root/man/$t.1")" ] ||
			{ echo "$t"; false; }
	done
}

@test "nnutils: no program is listed that is not there" {
	for t in $(sed -n 's/^\.It Xr \(.*\) 1$/\1/p' "$page"); do
		[ -e "$root/tools/$t.c" ]
	done
}

@test "nnutils: every room of common/ is listed, once, and no other" {
	diff <(find "$root"/common -mindepth 1 -type d -printf '%f\n' | sort) \
		<(sed -n '/^\.Sh SOURCE/,/^\.El/p' "$page" | sed -n '/^\.Bl/,$s/^[a-z].*/&/p' | tr -s ', ' '\n' | sort)
}

@test "nnutils: the tutorial's commands train a network on a folder of PGM files" {
	tutorial >commands
	[ "$(wc -l <commands)" -gt 30 ]
	pipe "$(cat commands)" >output
	[ "$(find digits -name '*.pgm' | wc -l)" -eq 1000 ]
	[ "$(nn-eval small.model test.npy | awk 'NR == 2 { print ($1 == 200 && $4 > 0.8) }')" = 1 ]
	for picture in some changed wrong map; do
		pngtopnm $picture.png | pnmtonpy -s | npy-info >/dev/null
	done
	[ "$(nn-eval branch.model test.npy | awk 'NR == 2 { print ($1 == 200 && $4 > 0.8) }')" = 1 ]
	# Last are two lines about the map, and before them the predictions for the first ten pictures.
	[ "$(tail -n 12 output | head -n 10 | paste - <(head -n 10 labels.tsv) | awk '$1 == $2' | wc -l)" -ge 8 ]
}

@test "nnutils: the pages that are referred to are there" {
	for reference in $(sed -n 's/^\.Xr \([a-z0-9-]*\) \([57]\).*/\1.\2/p' "$root"/man/* | sort -u); do
		case $reference in pnm.5 | pgm.5 | ppm.5) continue ;; esac
		[ -e "$root/man/$reference" ] || { echo "$reference"; false; }
	done
}

@test "nnutils: on bad input the status is 2, and what was written is the beginning of the output" {
	img-digits -n 300 | npy-slice -k 0 >whole.npy
	head -c -1 whole.npy >short.npy
	printf 'input 1x28x28 scale 255\ndense 10\n' | nn-init >m.model
	while read -r command; do
		pipe "$command <whole.npy" >whole
		run -2 --separate-stderr pipe "$command <short.npy >written"
		[ "${#stderr_lines[@]}" -eq 1 ]
		head -c "$(wc -c <written)" whole | cmp - written || { echo "$command"; false; }
	done <<-'E'
		npy-calc a+1
		npy-slice :
		npy-reshape -1
		npy-cat
		npy-pick -c 5
		npy-reduce -a 1 mean
		npytotsv -l
		npytoidx
		img-shift -x 1
		img-augment rotate\ 7
		img-occlude -p 20
		nn-run m.model
		nn-grad m.model
	E
}

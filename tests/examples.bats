# The examples of the manual, as they are printed there, with the programs, networks and pages that
# `make install` leaves.
load helper

# On stdout, the commands of a page's examples as one script; what is Python, C or a network's text goes
# to the program that reads it.
script() {
	awk -v quote="'" '
		/^\.Sh/ { on = /EXAMPLES|TUTORIAL/ || (FILENAME ~ /nnutils\.7/ && /DESCRIPTION/) }
		!on { next }
		sub(/^\.Dl /, "") { print }
		/^\.Ed/ { if (ends) print "END"; inside = ends = 0; print "" }
		inside {
			if (inside++ == 1) {
				ends = 1
				if (/^(import|from) /) print "python <<" quote "END" quote
				else if (/^#include/) print "gcc -std=c11 -Wall -Wextra -Werror -x c -o example - <<" quote "END" quote
				else if (/^input /) print "nn-init <<" quote "END" quote " | nn-info >/dev/null"
				else ends = 0
			}
			print
		}
		/^\.Bd -literal/ { inside = 1 }' "$1" | sed 's/\\e/\\/g; s/\\-/-/g; s/\\&//g'
}

# Python's examples read a file of arrays, or nothing; those of packages that are not there are only parsed.
python() {
	cat >example.py
	/usr/bin/python3 -m py_compile example.py
	sed -n 's/^\(import\|from\) \([a-z]*\).*/import \2/p' example.py >imports.py
	if /usr/bin/python3 imports.py 2>/dev/null; then
		/usr/bin/python3 example.py <"$BATS_FILE_TMPDIR/files/test.npy"
	fi
}
export -f python

# The pictures that examples draw show something: without white, which may be paper, their values spread over a
# good part of 0 ... 255, and they are more than a few.
look() {
	find . -maxdepth 1 -name '*.p[gp]m' -o -name '*.png' | while read -r picture; do
		case $picture in *.png) pngtopnm "$picture" ;; *) cat "$picture" ;; esac |
			pnmtonpy -s >"${picture##*/}.look"
	done
	numpy 'import glob
for name in glob.glob("*.look"):
    a = np.load(name).ravel()
    levels, ink = len(np.unique(a)), a[a < 255]
    low, high = np.percentile(ink, [1, 99]) if ink.size else (0, 0)
    if levels < 8 or high - low < 32:
        sys.exit(f"{name} is blank: {levels} levels, {low} to {high}")'
}

# The examples of a page in this folder, with those of the files that it names and does not make.
run_page() {
	script "$1" >commands
	for file in "$BATS_FILE_TMPDIR"/files/*; do
		if grep -qF "${file##*/}" commands && ! grep -qF "mkdir ${file##*/}" commands; then
			cp -r "$file" . || return
		fi
	done
	bash -e -o pipefail commands >output 2>messages
	status=$?
	if [ $status -ne 0 ] || [ -s messages ]; then
		echo "status $status, after:"
		tail -n 3 output
		cat messages
		return 1
	fi
	look
}

# Installed once, with the files that the pages speak of: those of the first example of nnutils(7), and
# what a reader has of his own.
setup_file() {
	prefix=$BATS_FILE_TMPDIR/prefix
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" install B="${B:-build}" PREFIX="$prefix" >/dev/null
	mkdir "$BATS_FILE_TMPDIR/files"
	cd "$BATS_FILE_TMPDIR/files" || return
	export PATH=$prefix/bin:/usr/bin:/bin
	pipe "$(script "$prefix/share/man/man7/nnutils.7" | sed '/^$/q')" >evaluation
	mkdir digits photos cats dogs
	img-digits -n 20 >drawn.npy
	npy-slice -k 0 drawn.npy | npytopnm -e | pamsplit -quiet -padname=2 - digits/%d.pgm
	npy-slice -k 1 drawn.npy | npytotsv >labels.tsv
	# Of many sizes, gray and in color.
	for i in $(seq 20); do
		pgmramp -lr $((30 + i)) $((50 - i)) | if ((i % 2)); then cat; else pgmtoppm black-orange; fi | pnmtojpeg >"cats/$i.jpg"
		pgmramp -tb $((50 - i)) $((40 + i)) | if ((i % 2)); then cat; else pgmtoppm navy-white; fi | pnmtopng -quiet >"dogs/$i.png"
	done
	pnmtopng -quiet digits/00.pgm >photos/gray.png
	npy-slice -k 0 :3 drawn.npy | npytopnm | pnmtopng -quiet >photos/color.png
	for kind in gray color; do
		pngtopnm photos/$kind.png | pnmtojpeg >photos/$kind.jpg
	done
	npy-slice -k 0 drawn.npy | npytoidx | gzip >train-images-idx3-ubyte.gz
	npy-slice -k 1 drawn.npy | npytoidx -t u1 | gzip >train-labels-idx1-ubyte.gz
	printf '%s\n' RGDA DGRC >letters
	printf '%s\n' 0 1 >classes
}

# A command that fails ends the script; one within <( ), whose status is lost, shows by its message.
@test "examples: those of every page run, and their pictures show something" {
	prefix=$BATS_FILE_TMPDIR/prefix
	PATH=$prefix/bin:/usr/bin:/bin
	for page in "$prefix"/share/man/man?/*; do
		# shellcheck disable=SC2053 # a pattern: PAGE='npy-*' runs some
		[[ ${page##*/} == ${PAGE:-*} ]] || continue
		mkdir folder
		(cd folder && run_page "$page") || { echo "in ${page##*/}"; false; }
		rm -r folder
	done
}

@test "examples: the page that mandoc prints has them, letter by letter" {
	for page in "$BATS_FILE_TMPDIR"/prefix/share/man/man?/*; do
		script "$page" | grep -vE "<<'END'|^END$|^$" | sed 's/^[[:space:]]*//; s/[[:space:]]\{1,\}/ /g' >typed
		mandoc -T utf8 -O width=500 "$page" | LC_ALL=C.UTF-8 col -b | sed 's/^[[:space:]]*//; s/[[:space:]]\{1,\}/ /g' >printed
		[ -s typed ] || { echo "$page has no examples"; false; }
		! grep -vxFf printed typed || { echo "$page"; false; }
	done
}

@test "examples: no page names a file of the source that is not installed" {
	run ! grep -nE 'pipelines/|tests/|\.\./' "$root"/man/*.[1-9]
}

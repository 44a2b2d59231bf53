# What every program promises, checked for every program there is.
load helper

tools=$(basename -s .c "$root"/tools/*.c)

@test "every program has a man page that names it" {
	for t in $tools; do
		grep -q "^\.Nm $t\$" "$root/man/$t.1" || { echo "$t"; false; }
	done
}

@test "every program begins with the NAME line of its page" {
	for t in $tools; do
		[ "$(head -n 1 "$root/tools/$t.c")" = "/* $t - $(sed -n 's/^\.Nd //p' "$root/man/$t.1") */" ] ||
			{ echo "$t"; false; }
	done
}

@test "every program has tests" {
	for t in $tools; do
		grep -q '^@test' "$root/tests/$t.bats" || { echo "$t"; false; }
	done
}

@test "-h prints the usage on stdout and exits 0" {
	for t in $tools; do
		run -0 --separate-stderr "$t" -h
		[ -z "$stderr" ]
		[[ $output == "usage: $t"* ]]
	done
}

@test "every option in -h is in the man page, and the other way round" {
	for t in $tools; do
		diff <("$t" -h | grep -oE '^  +(-[[:alnum:]]|--[a-z0-9-]+)(, --[a-z0-9-]+)?' |
			grep -oE -- '-(-[a-z0-9-]+|[[:alnum:]])' | grep -vE '^(-h|--help|--version)$' | sort) \
			<(documented "$t") ||
			{ echo "$t: -h (<) and the man page (>) differ"; false; }
	done
}

@test "an unknown option exits 2, with one line and nothing on stdout" {
	for t in $tools; do
		refuses "unknown option" "$t --no-such-option"
	done
}

@test "an option behind an operand exits 2, with a line that says so" {
	for t in $tools; do
		for operands in 'x -q' 'x y --log z' '-1 x -t'; do
			refuses "comes after an operand: options come first" "$t $operands"
		done
	done
}

@test "a missing file exits 2, with one line that names it" {
	for t in $tools; do
		case $("$t" -h | head -1) in
		*' [FILE]') refuses "no-such-file" "$t no-such-file" ;;
		esac
	done
}

@test "a message on what does not fit a file names the file" {
	array i8 '[2 ** 62, 2 ** 62]' >large.npy
	npy-random normal 3,4 >rows.npy
	npy-random normal 5,4 >more.npy
	cat more.npy <(array i8 '[0, 1, 0, 1, 0]') >set.npy
	cat rows.npy <(array i8 '[0, 1, 0]') >wide.npy
	while read -r file command; do
		refuses "${command%% *}: $file.npy: " "$command"
	done <<-'E'
		more npy-calc a+b rows.npy more.npy
		rows npy-calc a+c rows.npy
		more npy-cat --stack rows.npy more.npy
		set npy-cat -n 2 rows.npy set.npy
		more npy-confusion more.npy
		rows npy-knn -k 3 rows.npy
		rows npy-pca -k 4 rows.npy
		set npy-pick -i 0,5 set.npy
		large npy-reduce sum large.npy
		large npy-reduce -a 1 sum large.npy
		large npy-reshape 3 large.npy
		wide npy-ridge -p 1e-300 wide.npy
		large npy-slice 2 large.npy
		rows npy-softmax -a 2 rows.npy
		rows npy-trust -k 3 rows.npy rows.npy
	E
}

# quotes FOUND COMMAND: the message shows FOUND, and nothing that a terminal obeys.
quotes() {
	refuses "$1" "$2"
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr != *[[:cntrl:]]* ]] || { declare -p stderr; return 1; }
}

@test "messages quote hostile options, names and files without their control characters" {
	name=$'evil\e[2J\nnn-eval: fine'
	for t in $tools; do
		quotes 'evil\x1b[2J\nnn-eval: fine' "$t '--$name'"
		case $("$t" -h | head -1) in
		*' [FILE]' | *nn-eval* | *nn-run* | *nn-weights*) quotes 'evil\x1b[2J\nnn-eval: fine' "$t '$name'" ;;
		esac
	done
	printf 'input 1x8x8\nconv \e[2J' >network
	quotes 'unexpected byte 0x1b' 'nn-init network'
	printf 'P7\nWIDTH \e[2J\nENDHDR\n' >picture
	quotes '\x1b[2J' "pnmtonpy picture"
	npy $'\e[2J' '(2, 3)' >array
	quotes '\x1b[2J' "npy-info array"
	printf '1\t\e[2J\n' >table
	quotes "'\x1b[2J'" "tsvtonpy table"
	printf 'n\n\e[2J\n' >table
	quotes "'\x1b[2J'" "tsv-interval n table"
}

@test "every example in a man page's EXAMPLES has a prompt-free, complete command" {
	for page in "$root"/man/*.1; do
		grep -q '^\.Sh EXAMPLES' "$page" || { echo "$page"; false; }
	done
}

# Debian's man formats with groff, which takes a word such as An or Li in a title or name for a macro.
@test "groff finds every man page whole" {
	command -v groff >/dev/null || skip "no groff"
	for page in "$root"/man/*.[1-8]; do
		groff -K utf8 -T utf8 -mandoc -w mac -Z "$page" 2>messages >/dev/null
		[ ! -s messages ] || { cat messages; false; }
	done
}

@test "manuals, options and messages are spelled the American way" {
	british='colour|grey|centre|neighbour|behaviour|normalis|optimis|initialis|recognis|regularis|labelled|learnt|whilst|towards'
	# But the titles of papers are as they were published.
	run ! grep -nEi "$british" <(grep -v '^\.%T' "$root"/man/*.[1-9])
	run ! grep -rnEi "${british%|towards}" "$root"/{tools,common,pipelines,Makefile,README.md}
}

@test "only the engine knows oneDNN" {
	run ! grep -rlE 'dnnl' "$root"/tools "$root"/common --include=*.c --include=*.h \
		--exclude-dir=engine
}

@test "only the room of linear algebra knows LAPACK" {
	run ! grep -rlE 'lapacke|cblas' "$root"/tools "$root"/common --include=*.c --include=*.h \
		--exclude-dir=linear
}

# clang before 17 gives a MULTIVERSION function that others see a name that they do not know; two static ones of one
# name it refuses to link.
@test "every MULTIVERSION function is static, its name its own" {
	functions=$(grep -rhE '^(MULTIVERSION|TARGET) ' "$root"/{tools,common} --include=*.c --include=*.h)
	[ -n "$functions" ]
	run ! grep -v ' static ' <<<"$functions"
	names=$(grep -oE '[a-zA-Z_]+\(' <<<"$functions" | grep -v NAME)
	[ "$(sort <<<"$names" | uniq -d)" = "" ]
}

# The rooms, lowest first: a room includes its own header and those before it.
rooms="base text vector protobuf digest rng slice npy pnm idx tsv expr num command linear neighbors embed image spec dataset augment model onnx rnn engine nn optim attack minimal train digits"

@test "rooms include only what is below them" {
	for dir in "$root"/common/*/; do
		room=$(basename "$dir")
		[[ " $rooms " == *" $room "* ]] || { echo "$room is not in the list of rooms"; false; }
		before=" $rooms "
		below="${before%% "$room" *} $room "
		for other in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$dir"*.[ch] | sort -u); do
			[[ $below == *" $other "* ]] || { echo "$room includes $other"; false; }
		done
	done
}

# Completion for bash: the programs' own refusals and manuals say what it must find in -h.
load helper

programs=$(basename -s .c "$root"/tools/*.c)

# As `make install` leaves it, and as bash-completion reads it: by the name of the program.
setup() {
	for program in $programs; do
		ln -s "$root/completion/nnutils.bash" "$program"
		# shellcheck disable=SC1090
		. "./$program"
	done
}

# complete_last WORD ...: what the last word of the command line is completed to, one a line, sorted.
# The words are those that readline makes of the line. An option of the completion is told to stderr.
complete_last() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	# shellcheck disable=SC2317 # the completion calls it
	compopt() { echo "$*" >&2; }
	_nnutils "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || true
	[ "${#COMPREPLY[@]}" -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort
}

@test "completion: every program has one, which leaves file names to readline" {
	for program in $programs; do
		[ "$(complete -p "$program")" = "complete -o default -F _nnutils $program" ]
		[ -z "$(complete_last "$program" '')" ]
		[ -z "$(complete_last "$program" no-option-begins-so)" ]
	done
}

@test "completion: of a hyphen, every program's options as its manual lists them" {
	for program in $programs; do
		diff <(complete_last "$program" -) <({ documented "$program"; printf '%s\n' -h --help --version; } | sort) ||
			{ echo "$program: completion (<) and manual (>) differ"; false; }
	done
}

@test "completion: of an option, the choices that its program names when it refuses another" {
	found=0
	for program in $programs; do
		for option in $(complete_last "$program" --); do
			# The letters of seq-motif are no list of words, and npy-calc accepts NumPy's names of types, too.
			choices=$("$program" "$option=@" 2>&1 </dev/null | sed -n 's/.* is not one of \(.*, .*\)/\1/p')
			[ -n "$choices" ] || continue
			found=$((found + 1))
			diff <(complete_last "$program" "$option" '') \
				<(tr -s ', ' '\n' <<<"$choices" | grep -v '[|<]' | sed 's/[A-Z].*//' | sort) ||
				{ echo "$program $option: completion (<) and program (>) differ"; false; }
		done
	done
	[ $found -ge 20 ]
}

@test "completion: by letter, by name, and after a sign of equality; no more than begins so" {
	words() { complete_last "$@" | paste -s -d ' '; }
	[ "$(words nn-train -o ad)" = 'adagrad adam adamw' ]
	[ "$(words nn-train --optimizer ad)" = 'adagrad adam adamw' ]
	[ "$(words nn-train --optimizer = ad)" = 'adagrad adam adamw' ]
	[ "$(words nn-train --optimizer =)" = "$(words nn-train -o '')" ]
	[ "$(words nn-train --check)" = '--checkpoint --checkpoint-every' ]
	[ "$(words nn-run --steps)" = '' ]
	# The second word is what a program reads, whatever a user calls it.
	[ "$(words "$root/${B:-build}/bin/nn-train" -o ad)" = 'adagrad adam adamw' ]
	[ "$(words ./no-such-program -)" = '' ]
}

@test "completion: of a list in a sentence nothing, and of capitals what stands before them" {
	[ -z "$(complete_last nn-eval --per-class '')" ]
	[ -z "$(complete_last nn-ascend --class '')" ]
	[ -z "$(complete_last img-digits --label '')" ]
	[ -z "$(complete_last nn-train --lr '')" ]
	run -0 --separate-stderr complete_last nn-train --schedule s
	[ "$output" = 'step:' ]
	[ "$stderr" = '-o nospace' ]
}

@test "completion: bash-completion finds and loads it" {
	[ -r /usr/share/bash-completion/bash_completion ] || skip "no bash-completion"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" install B="${B:-build}" PREFIX="$PWD/prefix" >/dev/null
	# bash-completion 2.12 renamed its loader.
	# shellcheck disable=SC2016,SC2086 # for the other shell; words
	XDG_DATA_DIRS=$PWD/prefix/share run -0 bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		for program; do
			_comp_load "$program" || __load_completion "$program"
			complete -p "$program"
		done 2>/dev/null' bash $programs
	# shellcheck disable=SC2086 # words
	[ "$output" = "$(printf 'complete -o default -F _nnutils %s\n' $programs)" ]
}

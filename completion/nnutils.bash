# shellcheck shell=bash
# Completion for bash, of every program, derived from its -h. `make install` links this file to the name of each
# program; bash-completion reads the link when that program's arguments are first completed.

# The choices that end a description such as "loss of labels: ce or mse [ce]", one a line. They are all of the
# description, or stand behind a colon, or have the default among them. Capitals are the user's to replace: of
# step:EPOCHS:FACTOR it is step: that can be completed.
_nnutils_choices() {
	local text=$1 default='' list before word
	local with_default='^(.*) \[([^]]*)\]$' words='([^ ,]+, )+[^ ,]+$'

	if [[ $text =~ $with_default ]]; then
		text=${BASH_REMATCH[1]} default=${BASH_REMATCH[2]}
	fi
	text=${text//, or /, }
	text=${text// or /, }
	[[ $text =~ $words ]] || return
	list=${BASH_REMATCH[0]} before=${text%"${BASH_REMATCH[0]}"}
	[[ -z $before || $before == *': ' || ", $list, " == *", $default, "* ]] || return
	for word in ${list//, / }; do
		word=${word%%[[:upper:]]*}
		[[ -z $word ]] || echo "$word"
	done
}

# Options, and the choices of the option before the cursor. Of everything else readline completes file names.
_nnutils() {
	local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} line words='' choices='' candidate
	local pattern='^  (-[[:alnum:]])?(, |    )?(--[[:alnum:]-]+)?( [[:upper:]][^ ]*)? +([^ ].*)$'

	# In --loss=m the sign is a word of its own.
	if [[ $word == = ]]; then
		word=''
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	while IFS= read -r line; do
		[[ $line =~ $pattern ]] || continue
		words+=" ${BASH_REMATCH[1]} ${BASH_REMATCH[3]}"
		if [[ $option == -* && -n ${BASH_REMATCH[4]} && " ${BASH_REMATCH[1]} ${BASH_REMATCH[3]} " == *" $option "* ]]; then
			choices=$(_nnutils_choices "${BASH_REMATCH[5]}")
		fi
	done < <("$1" -h </dev/null 2>/dev/null)

	COMPREPLY=()
	[[ -n $choices || $word == -* ]] || return
	for candidate in ${choices:-$words}; do
		[[ $candidate != "$word"* ]] || COMPREPLY+=("$candidate")
	done
	# More follows a colon.
	if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then
		compopt -o nospace
	fi
}

complete -o default -F _nnutils "${BASH_SOURCE[0]##*/}"

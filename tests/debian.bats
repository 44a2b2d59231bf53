# The package repeats facts that stand elsewhere.
load helper

debian=$root/debian

# The words of a variable of the Makefile, one a line.
variable() {
	env -u MAKEFLAGS -u MAKELEVEL make -s --no-print-directory -C "$root" --eval "show:; @printf '%s\n' \$($1)" show
}

@test "debian: the version is the Makefile's" {
	[ "$(sed -n '1s/^nnutils (\(.*\)) .*/\1/p' "$debian/changelog")" = "$(variable VERSION)" ]
}

@test "debian: it is built and tested with the packages that make deps installs" {
	# gcc and libc6-dev come with every building of packages.
	diff <(sed -n '/^Build-Depends:/,/^[^ ]*:/{ s/ <!nocheck>//; s/^ \(.*\),$/\1/p }' "$debian/control" | grep -v ^debhelper | sort) \
		<(variable DEPS | grep -vxE 'gcc|libc6-dev' | sort)
}

@test "debian: the license is LICENSE" {
	sed -n 's/^Copyright: \(.*\)/Copyright (c) \1/p; s/^ \.$//p; s/^ //p' "$debian/copyright" | sed 1G | diff - "$root/LICENSE"
}

@test "debian: the examples are experiments that run with installed programs" {
	# shellcheck disable=SC2046 # names
	tar -C "$root" --anchored --exclude='data/*/*' -c $(cat "$debian/examples") | tar -x
	env -u MAKEFLAGS -u MAKELEVEL make B="$root/${B:-build}" recurrent
	[ -s out/any.quick/recurrent/section.html ]
	# The records name the programs.
	grep -rq " $root/${B:-build}/bin/rnn-grad\$" out/any.quick/recurrent/record
	[ ! -e build ]
}

load helper

# The Makefile on a tree of two rooms and two programs, which is built in a second.
setup() {
	mkdir -p common tools man tests
	cp -r "$root/common/base" "$root/common/npy" common
	cp "$root/tools/npy-info.c" tools
	cp "$root/man/npy-info.1" man
	cp "$root/Makefile" .
	sed s/npy-info/npy-other/ tools/npy-info.c >tools/npy-other.c
}

build() {
	env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory CFLAGS=-O0 "$@"
}

@test "make: install and uninstall, below DESTDIR and PREFIX" {
	build -s -j2 install DESTDIR="$PWD/dest" PREFIX=/usr
	diff <(cd dest && find . -type f -printf '%m %p\n' | sort) - <<-'E'
		644 ./usr/share/man/man1/npy-info.1
		755 ./usr/bin/npy-info
		755 ./usr/bin/npy-other
	E
	dest/usr/bin/npy-other --version
	build -s uninstall DESTDIR="$PWD/dest" PREFIX=/usr
	[ -z "$(find dest -type f)" ]
}

@test "make: a change of a header builds what includes it, and no change nothing" {
	build -s -j2
	[ "$(build)" = "make: Nothing to be done for 'all'." ]
	touch common/npy/npy.h
	run -0 build -n
	[[ $output == *"-c -o build/tools/npy-info.o"* ]]
	[[ $output == *"-c -o build/common/npy/read.o"* ]]
	[[ $output != *"-c -o build/common/base/"* ]]
}

@test "make: a header that is gone stops nothing" {
	touch common/base/extra.h
	sed -i '1i #include "base/extra.h"' tools/npy-other.c
	build -s -j2
	rm common/base/extra.h
	sed -i 1d tools/npy-other.c
	build -s
}

@test "make: SAN=1 builds beside, and what it builds sees a byte too many" {
	# shellcheck disable=SC2016 # C
	sed -i 's/cli_parse(argc, argv, &cli);/&\n\tputchar(((char *)xcalloc(argc, 1))[argc]);/' \
		tools/npy-other.c
	build -s -j2 SAN=1
	run ! build/san/bin/npy-other </dev/null
	[[ $output == *heap-buffer-overflow* ]]
	[ ! -e build/bin ]
}

@test "make: deps asks for nothing when everything is there" {
	# A machine on which all of them are installed, and whose apt-get is a failure.
	mkdir fake
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\nfor p in %s; do echo installed $p; done\n' \
		"$(sed -n '/^DEPS /,/[^\\]$/p' Makefile | tr -d '\\\n' | sed 's/.*:=//')" >fake/dpkg-query
	printf '#!/bin/sh\necho "apt-get $*"; exit 1\n' >fake/apt-get
	chmod +x fake/*
	PATH=$PWD/fake:$PATH build -s deps
	sed -i 's/ gcc / /' fake/dpkg-query
	PATH=$PWD/fake:$PATH run ! build -s deps SUDO=
	[[ $output == *"apt-get update"* ]]
}

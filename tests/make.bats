load helper

# The Makefile on a tree of its own: a room, another that includes it, and two programs.
setup() {
	unset CI_MINUTES
	mkdir -p common/low common/high tools man
	cp "$root/Makefile" .
	for part in $(sed -n 's/^include \([^$]*\)$/\1/p; s/^GROUND *:= //p' Makefile); do
		install -D "$root/$part" "$part"
	done
	install -D -t completion "$root/completion/nnutils.bash"
	echo 'int low(void);' >common/low/low.h
	printf '#include "low/low.h"\nint low(void) { return 0; }\n' >common/low/low.c
	printf '#include "low/low.h"\nint high(void);\n' >common/high/high.h
	printf '#include "high/high.h"\nint high(void) { return low(); }\n' >common/high/high.c
	printf '#include "low/low.h"\nint main(void) { return low(); }\n' >tools/npy-low.c
	printf '#include "high/high.h"\nint main(void) { return high(); }\n' >tools/npy-high.c
	echo '.Dd November 20, 2026' >man/npy-low.1
	echo '.Dl nn-info /usr/local/share/nnutils/nets/a.net' >>man/npy-low.1
	mkdir -p pipelines/nets
	echo 'input 1x8x8' >pipelines/nets/a.net
	echo '.Dd November 20, 2026' >man/npy.5
}

build() {
	env -u MAKEFLAGS -u MAKELEVEL -u SAN make --no-print-directory CFLAGS=-O0 "$@"
}

@test "make: install and uninstall, below DESTDIR and PREFIX" {
	build -s -j2 install DESTDIR="$PWD/dest" PREFIX=/usr
	diff <(cd dest && find . -type f -printf '%m %p\n' | sort) - <<-'E'
		644 ./usr/share/bash-completion/completions/nnutils
		644 ./usr/share/man/man1/npy-low.1
		644 ./usr/share/man/man5/npy.5
		644 ./usr/share/nnutils/nets/a.net
		755 ./usr/bin/npy-high
		755 ./usr/bin/npy-low
	E
	dest/usr/bin/npy-high
	cmp completion/nnutils.bash dest/usr/share/bash-completion/completions/npy-high
	cmp completion/nnutils.bash dest/usr/share/bash-completion/completions/npy-low
	# The page names the network where it is.
	grep -qF ' /usr/share/nnutils/nets/a.net' dest/usr/share/man/man1/npy-low.1
	build -s uninstall DESTDIR="$PWD/dest" PREFIX=/usr
	[ -z "$(find dest ! -type d)" ]
}

@test "make: install and uninstall where a path holds what a shell would take for more" {
	# shellcheck disable=SC2016 # nobody is to expand this
	for odd in 'a b' "it's" 'a"b' '`touch oops`' '$(touch oops)' 'a;touch oops' 'a&b|c'; do
		# For Make itself a dollar is two.
		name=${odd//\$/\$\$}
		build -s -j2 install DESTDIR="$PWD/dest/$name" PREFIX="/opt/$name"
		to="dest/$odd/opt/$odd"
		"$to/bin/npy-high"
		cmp completion/nnutils.bash "$to/share/bash-completion/completions/npy-low"
		grep -qF " /opt/$odd/share/nnutils/nets/a.net" "$to/share/man/man1/npy-low.1"
		build -s uninstall DESTDIR="$PWD/dest/$name" PREFIX="/opt/$name"
		[ -z "$(find dest ! -type d)" ] && [ ! -e oops ]
		rm -r dest
	done
}

@test "make: a change of a header builds what includes it, and no change nothing" {
	build -s -j2
	[ "$(build)" = "make: Nothing to be done for 'all'." ]
	touch common/high/high.h
	run -0 build -n
	[[ $output == *"-c -o build/tools/npy-high.o"* ]]
	[[ $output == *"-c -o build/common/high/high.o"* ]]
	[[ $output != *"-c -o build/common/low/"* ]]
	[[ $output != *"-c -o build/tools/npy-low.o"* ]]
}

@test "make: a header that is gone stops nothing" {
	touch common/low/extra.h
	sed -i '1i #include "low/extra.h"' tools/npy-low.c
	build -s -j2
	rm common/low/extra.h
	sed -i 1d tools/npy-low.c
	build -s
}

@test "make: SAN=1 builds beside, and what it builds sees a byte too many" {
	printf '#include <stdlib.h>\nint main(int n, char *v[]) { return (v + 1, ((char *)malloc(n))[n]); }\n' \
		>tools/npy-high.c
	build -s -j2 SAN=1
	build/san/bin/npy-low
	run ! build/san/bin/npy-high
	[[ $output == *heap-buffer-overflow* ]]
	[ ! -e build/bin ]
}

@test "make: dist packs what is committed, the same bytes in any clone, and its tree builds without git" {
	command -v git >/dev/null || skip "no git"
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
	identity=(-c user.name=nobody -c user.email=nobody@example.org)
	git init -q .
	git add Makefile common tools man pipelines completion
	git "${identity[@]}" commit -q -m first
	git clone -q . other
	build dist
	cp build/nnutils-*.tar.gz first.tar.gz
	# Elsewhere: another user's habits, another time, and work in progress.
	(
		cd other || exit
		umask 077
		git config tar.umask user
		git config core.autocrlf true
		touch -d 2001-01-01 Makefile tools/*
		echo 'int work;' >>common/low/low.c
		echo new >new
		TZ=Asia/Tokyo build dist
	)
	cmp first.tar.gz other/build/nnutils-*.tar.gz
	[ "$(tar -tvzf first.tar.gz | awk '{ print $2 }' | sort -u)" = root/root ]
	diff <(tar -tzf first.tar.gz | grep -v '/$') <(git ls-files | sed 's|^|nnutils-'"$(sed -n 's/^VERSION *:= *//p' Makefile)"'/|')

	mkdir -p fake apart
	printf '#!/bin/sh\nexit 1\n' >fake/git
	chmod +x fake/git
	tar -xzf first.tar.gz -C apart
	cd apart/nnutils-*
	PATH=$BATS_TEST_TMPDIR/fake:$PATH build -s -j2
	build/bin/npy-high
	PATH=$BATS_TEST_TMPDIR/fake:$PATH run ! build -s dist
	[ -z "$(find build -name 'nnutils-*')" ]
}

@test "make: deb packs the tree as it is, without what was made or downloaded in it, and asks lintian" {
	mkdir -p build fake data/mnist .git
	touch build/object config.mk data/mnist/t10k.gz data/fetch .git/config work-in-progress
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\n[ -z "$MAKEFLAGS" ] && find . -type f >../packed && echo "$DEB_BUILD_OPTIONS" && touch ../nnutils_%s_any.changes\n' \
		"$(sed -n 's/^VERSION *:= *//p' Makefile)" >fake/dpkg-buildpackage
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\necho "lintian $*"; exit 1\n' >fake/lintian
	chmod +x fake/*
	DEB_BUILD_OPTIONS=parallel=3 PATH=$PWD/fake:$PATH run ! build -s deb CC=no-such-compiler
	[[ $output == *"nocheck parallel=3"*"lintian --fail-on error,warning "*.changes* ]]
	grep -qx '.*/work-in-progress' build/deb/packed
	diff <(sort build/deb/packed) <(find . -type f ! -path './build/*' ! -path './.git/*' ! -path './data/mnist/*' ! -name config.mk | sort)
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

# The output of make deps check on stdin, its status as argument. Of the five parts that follow it, PARTS is the command.
ci() {
	mkdir -p clone/.ci fake shared/data/mnist
	cp "$root/.ci/run" clone/.ci
	cat >output
	printf '#!/bin/sh\nif [ "$*" = "deps check" ]; then cat %s; exit %s; fi\n%s\n' "$PWD/output" "$1" "${PARTS:-}" >fake/make
	chmod +x fake/make
	PATH=$PWD/fake:$PATH bash clone/.ci/run
}

@test "ci: the closing line counts the tests of Bats and cmocka" {
	run -0 ci 0 <<-'E'
		[ RUN      ] test_a
		[       OK ] test_a
		[  PASSED  ] 1 test(s).
		1..2
		ok 1 tool: this
		ok 2 tool: that # skip no python3-torch
	E
	[ "${lines[-1]}" = '7 passed, 0 failed, 1 skipped' ]
}

@test "ci: a failed test is a failure" {
	run -1 ci 2 <<-'E'
		ok 1 tool: this
		not ok 2 tool: that
		# expected 1
		ok 3 tool: others
		# a remark
	E
	[ "${lines[-1]}" = '7 passed, 1 failed, 0 skipped' ]
	# It is repeated near the end, with its remarks.
	[ "$(grep -nx 'not ok 2 tool: that' <<<"$output" | tail -1)" = "$((${#lines[@]} - 7)):not ok 2 tool: that" ]
	[ "${lines[-7]}" = '# expected 1' ]
	[[ "${lines[-6]}" = 'ok packages: '* ]]
	run -1 ci 2 <<-'E'
		[  FAILED  ] test_a
		[  FAILED  ] 1 test(s), listed below:
		[  FAILED  ] test_a
	E
	[ "${lines[-1]}" = '5 passed, 1 failed, 0 skipped' ]
}

@test "ci: a build that fails, no test at all, and real data left unused are failures" {
	run -1 ci 2 <<<'ok 1 tool: this'
	[ "${lines[-1]}" = '6 passed, 1 failed, 0 skipped' ]
	run -1 ci 0 <<<'nothing to be done'
	run -1 ci 0 <<-'E'
		ok 1 tool: this
		ok 2 tool: on MNIST # skip no DATASETS
	E
	[ "${lines[-1]}" = '6 passed, 1 failed, 1 skipped' ]
}

@test "ci: lint, fuzzing, sanitizers and clang are tests of their own, in what is left of the time" {
	ok='ok 1 tool: this'
	PARTS='case "$*" in *lint*) exit 2 ;; esac' run -1 ci 0 <<<"$ok"
	[[ $output == *"not ok lint: make lint, "*" seconds, status 2"* ]]
	[ "${lines[-1]}" = '5 passed, 1 failed, 0 skipped' ]
	# The sanitizers take too long for what a minute leaves.
	# shellcheck disable=SC2016 # for the script
	export PARTS='case "$*" in *SAN=1*) sleep 100 ;; esac'
	CI_MINUTES=2/60 run -0 ci 0 <<<"$ok"
	[[ $output == *"ok fuzz: "*"ok sanitizers: "*" # skip not done"*"ok clang: "*" # skip not done"* ]]
	[ "${lines[-1]}" = '4 passed, 0 failed, 2 skipped' ]
	CI_MINUTES=0 run -0 ci 0 <<<"$ok"
	[ "${lines[-1]}" = '1 passed, 0 failed, 5 skipped' ]
}

load helper

chroot="$root/tests/chroot"

@test "chroot: -h says what it does" {
	run -0 --separate-stderr "$chroot" -h
	[[ $output == "usage: tests/chroot "* ]]
	[ -z "$stderr" ]
}

@test "chroot: what it does not understand is refused, before anything is fetched" {
	export XDG_CACHE_HOME=$PWD/cache
	refuses "unknown option -x" "$chroot -x trixie true"
	refuses "-a needs an argument" "$chroot -a"
	refuses "expected a suite and a command" "$chroot trixie"
	refuses "tests/chroot: " "$chroot no-such-suite true"
	[ ! -e cache ]
}

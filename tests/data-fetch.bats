load helper

# A mirror of two small sets, and a copy of the program that knows their checksums.
setup() {
	mkdir -p bin from/mnist from/fashion-mnist
	cp "$root/data/fetch" bin
	seq 20000 | gzip >from/mnist/images.gz
	seq 7 | gzip >from/fashion-mnist/labels.gz
	(
		cd from || exit
		for f in */*.gz; do
			printf '%s  %s\n' "$(gzip -dc "$f" | sha256sum | cut -d ' ' -f 1)" "${f%.gz}"
		done
	) >bin/SHA256SUMS
	export MIRRORS="file://$PWD/from"
	part=to/mnist/images.gz.part-${MIRRORS//[^[:alnum:]]/-}-mnist
	mkdir -p to/mnist
}

@test "data/fetch: every file arrives, and nothing else" {
	bin/fetch to
	diff -r from to
}

@test "data/fetch: whole files are left alone, without the network" {
	cp -r from/. to
	MIRRORS=file:///nowhere bin/fetch to
}

@test "data/fetch: a download that was interrupted goes on" {
	head -c 9000 from/mnist/images.gz >"$part"
	run -0 bin/fetch to
	[[ $output != *SHA256SUMS* ]]
	diff -r from to
}

@test "data/fetch: a download that goes on from something else begins again" {
	head -c 9000 /dev/zero >"$part"
	run -0 bin/fetch to
	[[ $output == *"mnist/images.gz from $MIRRORS/mnist is not what SHA256SUMS says"* ]]
	diff -r from to
}

@test "data/fetch: a download that is longer than the file begins again" {
	head -c 1000000 /dev/zero >"$part"
	bin/fetch to
	diff -r from to
}

@test "data/fetch: the next mirror is tried when one is corrupt or gone" {
	cp -r from bad
	seq 20001 | gzip >bad/mnist/images.gz
	echo damaged >to/mnist/images.gz
	MIRRORS="file:///nowhere file://$PWD/bad $MIRRORS" bin/fetch to
	diff -r from to
}

@test "data/fetch: without a good mirror nothing takes the file's name" {
	seq 20001 | gzip >from/mnist/images.gz
	run -1 bin/fetch to
	[[ ${lines[-1]} == *"no mirror has mnist/images.gz"* ]]
	[ ! -e to/mnist/images.gz ]
}

@test "data/fetch: the table of checksums is the one of the real files" {
	[ -n "${DATASETS:-}" ] || skip "no DATASETS"
	MIRRORS=file:///nowhere "$root/data/fetch" "$DATASETS"
}

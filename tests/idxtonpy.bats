load helper

# idx TYPE DIM...: an IDX header, TYPE in two hexadecimal digits, each DIM in eight; its data is the
# caller's to append.
idx() {
	local type=$1 dim
	shift
	printf '%b' "\x00\x00\x$type\x$(printf %02x $#)"
	for dim; do
		printf '%b' "\x${dim:0:2}\x${dim:2:2}\x${dim:4:2}\x${dim:6:2}"
	done
}

# 1 ... 6 as bytes of shape (2,3)
six() {
	idx 08 00000002 00000003
	printf '\1\2\3\4\5\6'
}

@test "idxtonpy: NumPy reads what it writes" {
	six | idxtonpy >six.npy
	[ "$(elements <six.npy)" = "|u1 (2, 3) 1 2 3 4 5 6" ]
}

@test "idxtonpy: every type, with its sign and its byte order" {
	{ idx 08 00000001; printf '\xfe'; } | idxtonpy >u1.npy
	{ idx 09 00000001; printf '\xfe'; } | idxtonpy >i1.npy
	{ idx 0b 00000001; printf '\xff\xfe'; } | idxtonpy >i2.npy
	{ idx 0c 00000002; printf '\xff\xff\xff\xfe''\x01\0\0\0'; } | idxtonpy >i4.npy
	{ idx 0d 00000001; printf '\xc0\x20\0\0'; } | idxtonpy >f4.npy
	{ idx 0e 00000001; printf '\xc0\x04\0\0\0\0\0\0'; } | idxtonpy >f8.npy
	diff - <(for t in u1 i1 i2 i4 f4 f8; do elements <$t.npy; done) <<-'E'
		|u1 (1,) 254
		<i8 (1,) -2
		<i8 (1,) -2
		<i8 (2,) -2 16777216
		<f4 (1,) -2.5
		<f8 (1,) -2.5
	E
}

@test "idxtonpy: eight dimensions, and an empty array" {
	one=00000001
	{ idx 08 $one $one $one $one $one $one $one 00000002; printf 'ab'; } | idxtonpy >8.npy
	[ "$(elements <8.npy)" = "|u1 (1, 1, 1, 1, 1, 1, 1, 2) 97 98" ]
	idx 0c 00000000 00000005 | idxtonpy >0.npy
	[ "$(elements <0.npy)" = "<i8 (0, 5)" ]
}

@test "idxtonpy: an operand and standard input give the same bytes" {
	six >six.idx
	cmp <(idxtonpy six.idx) <(idxtonpy <six.idx)
}

@test "idxtonpy: more than a buffer of any type comes through" {
	/usr/bin/python3 - <<-'E'
		import numpy as np
		codes = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
		bits = np.random.default_rng(1).integers(0, 256, 8 * 100003, dtype=np.uint8)
		for t, code in codes.items():
		    a = bits[:100003 * np.dtype(t).itemsize].view(">" + t)
		    if t[0] == "f":
		        a = np.nan_to_num(a)
		    with open(t + ".idx", "wb") as f:
		        f.write(bytes([0, 0, code, 1]) + (100003).to_bytes(4, "big") + a.tobytes())
		    np.save(t + ".npy", a)
	E
	for t in u1 i1 i2 i4 f4 f8; do
		cmp <(idxtonpy $t.idx) <(npy-slice : $t.npy)
	done
}

@test "idxtonpy: what is not IDX is refused" {
	refuses "empty" 'idxtonpy </dev/null'
	refuses "expected an IDX file" 'idxtonpy <<<"P5 28 28 255"'
	refuses "expected an IDX file" 'printf "\0\1\10\1" | idxtonpy'
	idx 0a 00000001 >x.idx
	refuses "0x0a is not a type" 'idxtonpy x.idx'
	idx 08 >x.idx
	refuses "0 dimensions" 'idxtonpy x.idx'
	printf '\0\0\10\11' >x.idx
	refuses "9 dimensions" 'idxtonpy x.idx'
}

@test "idxtonpy: a gzipped file is refused with the cure" {
	six | gzip >six.gz
	refuses "found a gzip file (gzip -dc unpacks it)" 'idxtonpy six.gz'
	refuses "found an NPY array" 'zeros 9 | idxtonpy'
}

@test "idxtonpy: what is truncated is refused, and says by how much" {
	six >six.idx
	refuses "lacks its last 1 bytes" "head -c 17 six.idx | idxtonpy"
	refuses "lacks its last 6 bytes" "head -c 12 six.idx | idxtonpy"
	for bytes in 1 3 4 5 11; do
		refuses "truncated in the IDX header" "head -c $bytes six.idx | idxtonpy"
	done
}

@test "idxtonpy: what goes on is refused" {
	refuses "goes on after its array of shape (0,)" "printf '\0\0\10\1\0\0\0\0more' | idxtonpy"
	six >six.idx
	refuses "goes on after its array of shape (2,3)" "cat six.idx six.idx | idxtonpy"
}

@test "idxtonpy: a product of sizes that overflows is refused" {
	idx 08 ffffffff ffffffff ffffffff >x.idx
	refuses "too large" 'idxtonpy x.idx'
	idx 08 00000000 ffffffff ffffffff ffffffff >x.idx
	refuses "too large" 'idxtonpy x.idx'
}

@test "idxtonpy: an array larger than memory passes through little" {
	[[ ${B:-} != *san* ]] || skip "the sanitizers need more address space"
	huge() {
		idx 08 40000000 00000010
		head -c 100M /dev/zero
	}
	size=$({
		huge | { ulimit -v 400000; idxtonpy 2>error || true; }
	} | wc -c)
	[ "$size" -gt 100000000 ]
	grep -q 'lacks its last 17075011584 bytes' error
}

@test "idxtonpy: a full disk is an error" {
	six >six.idx
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'idxtonpy six.idx >/dev/full'
}

@test "idxtonpy: a reader that went away is none" {
	pipe '{ printf "\0\0\10\1\0\20\0\0"; head -c 1M /dev/zero; } >zero.idx
	      idxtonpy zero.idx | head -c 10 >ten'
	[ "$(wc -c <ten)" -eq 10 ]
}

@test "idxtonpy: MNIST's test set is a data set" {
	[ -n "${DATASETS:-}" ] || skip "no DATASETS"
	cd "$DATASETS/mnist"
	{
		gzip -dc t10k-images-idx3-ubyte.gz | idxtonpy
		gzip -dc t10k-labels-idx1-ubyte.gz | idxtonpy
	} | npy-info | cut -f 1-5 | diff - <(
		printf 'type\tshape\tmin\tmax\tmean\n'
		# Their mean is known to be 0.1325 of 255.
		printf '|u1\t(10000,28,28)\t0\t255\t33.79122449\n'
		printf '|u1\t(10000,)\t0\t9\t4.4434\n'
	)
}

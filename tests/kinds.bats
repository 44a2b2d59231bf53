# A file given where another one is expected is named by what it is.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	mkdir kinds
	img-digits -n 20 >kinds/array
	printf '%s\n' 'input 1x28x28 scale 255' 'conv 2 3x3' 'dense 10' >kinds/network
	nn-init kinds/network >kinds/model
	nntoonnx kinds/model >kinds/onnx
	npy-slice -k 0 kinds/array | npytoidx >kinds/idx
	npy-slice -k 0 0 kinds/array | npytopnm >kinds/pgm
	pnmtopng -quiet kinds/pgm >kinds/png
	pnmtojpeg kinds/pgm >kinds/jpeg
	ppmtogif -quiet kinds/pgm >kinds/gif
	pamtotiff -quiet kinds/pgm >kinds/tiff
	ppmtobmp -quiet kinds/pgm >kinds/bmp
	printf '%b' 'RIFF\x1c\0\0\0WEBPVP8L\0' >kinds/webp
	gzip -c kinds/array >kinds/gzip
	# Without a name and a time the first eight bytes are the length of a header, too.
	gzip -nc kinds/array >kinds/gzip-n
	printf '%b' '\xfd7zXZ\0\0\x04\xe6\xd6\xb4F\x02\0!\x01' >kinds/xz
	printf '%b' 'BZh91AY&SY\x02\x93\x0f\x1b\0\0' >kinds/bzip2
	printf '%b' '\x28\xb5/\xfd\x64\x60\x3e\x5d\x03\0\x44\x04\x93NU' >kinds/zstd
	printf '%b' '\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0' >kinds/hdf5
	printf '%b' 'PK\x03\x04\x14\0\0\0\0\0\0\0!\0\x82\xa3' >kinds/zip
	printf '%b' '\x80\x04\x95\n\0\0\0\0\0\0\0}q\0' >kinds/pickle
	printf 'a\tb\n1\t2\n' >kinds/table
	printf 'seven\n' >kinds/word
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# What messages call each of them.
names() {
	cat <<-'E'
		array	an NPY array
		network	text
		model	a safetensors file, as a model is
		onnx	an ONNX file (onnxtonn converts it)
		idx	an IDX file (idxtonpy converts it)
		pgm	a PBM, PGM, PPM or PAM picture (pnmtonpy converts it)
		png	a PNG picture (pngtopnm | pnmtonpy converts it)
		jpeg	a JPEG picture (jpegtopnm | pnmtonpy converts it)
		gif	a GIF picture (giftopnm | pnmtonpy converts it)
		tiff	a TIFF picture (tifftopnm | pnmtonpy converts it)
		bmp	a BMP picture (bmptopnm | pnmtonpy converts it)
		webp	a WebP picture (dwebp converts it)
		gzip	a gzip file (gzip -dc unpacks it)
		gzip-n	a gzip file (gzip -dc unpacks it)
		xz	an xz file (xz -dc unpacks it)
		bzip2	a bzip2 file (bzip2 -dc unpacks it)
		zstd	a Zstandard file (zstd -dc unpacks it)
		hdf5	an HDF5 file, as Keras's .h5 is
		zip	a ZIP archive, as .npz (unzip -p unpacks its arrays) and PyTorch's .pt are
		pickle	a Python pickle, as PyTorch's older .pt are
		table	text
		word	text
	E
}

# others EXPECTED TAKEN COMMAND: the command, a printf format, takes files of the kinds TAKEN alone, and of each
# other one says what it is in place of what was EXPECTED.
others() {
	while IFS=$'\t' read -r kind name; do
		# shellcheck disable=SC2059 # a format
		[[ " $2 " == *" $kind "* ]] || refuses "kinds/$kind: expected $1, found $name" "$(printf "$3" "kinds/$kind")"
	done < <(names)
}

@test "kinds: every other file where a model is expected" {
	for command in 'nn-eval %s kinds/array' 'nn-train %s kinds/array' 'nn-run %s kinds/array' 'nn-weights %s' nntoonnx\ %s; do
		others "a model" model "$command"
	done
}

@test "kinds: every other file where an array is expected" {
	for command in 'nn-eval kinds/model %s' 'nn-train kinds/model %s' 'npy-info %s' 'npy-slice : %s' 'img-shift -x 1 %s'; do
		others "an NPY array" array "$command"
	done
	refuses "kinds/png: expected an NPY array, found a PNG" 'nn-train --validation kinds/png kinds/model kinds/array'
	refuses "expected an NPY array or the end, found a PNG" 'cat kinds/array kinds/png | npy-info >out'
}

@test "kinds: every other file where a network's text is expected" {
	others "a network's text" 'network table word' 'nn-init %s'
	refuses "kinds/table:1:1: expected the input first" 'nn-init kinds/table'
	# Without a NUL byte, which a text does not have either.
	pnmtoplainpnm kinds/pgm >plain
	refuses "plain: expected a network's text, found a PBM, PGM" 'nn-init plain'
}

@test "kinds: every other file where a network or a model is expected" {
	for command in 'nn-info %s' 'nn-kernels %s'; do
		others "a model" 'network model table word' "$command"
		pnmtoplainpnm kinds/pgm >plain
		# shellcheck disable=SC2059 # a format
		refuses "plain: expected a network or a model, found a PBM, PGM" "$(printf "$command" plain)"
	done
}

@test "kinds: every other file where one of another format is expected" {
	others "an ONNX file" onnx 'onnxtonn %s'
	others "an IDX file" idx 'idxtonpy %s'
	others "a PBM, PGM, PPM or PAM picture" pgm 'pnmtonpy %s'
	for command in 'tsvtonpy %s' 'tsv-interval a %s'; do
		others "a table" 'network table word' "$command"
	done
}

@test "kinds: a model and its data in the wrong order" {
	refuses "(MODEL comes before DATA)" 'nn-eval kinds/array kinds/model'
	refuses "(nn-init makes a model of a network's text)" 'nn-train kinds/network kinds/array'
}

@test "kinds: a recurrent model where a network of layers is expected" {
	rnn-init >recurrent
	for command in 'nn-run recurrent kinds/array' 'nn-eval recurrent kinds/array' 'nn-info recurrent' 'nntoonnx recurrent'; do
		refuses "recurrent: expected the model of a network of layers, found a recurrent model (rnn-run and others read it)" "$command"
	done
}

@test "kinds: a file that is only similar to one of them is not taken for it" {
	# A table of pictures, two columns; the number is missing further down.
	printf 'P1\tP2\n1\t2\n3\tx\n' >table
	refuses "table: line 3, column 2: 'x' is not a number" 'tsvtonpy --header table'
	printf 'BM is a band\n' >text
	refuses "text: expected an NPY array, found text" 'npy-info text'
	printf 'P9 1 1 255\n' >text
	refuses "bad magic number" 'pnmtonpy text'
}

@test "kinds: an empty file is called empty" {
	: >nothing
	for command in 'nn-eval nothing kinds/array' 'nn-eval kinds/model nothing' 'idxtonpy nothing' 'pnmtonpy nothing' \
		'tsvtonpy nothing' 'nn-init nothing' 'nn-init --from nothing kinds/network' 'nn-info nothing' 'nn-info --history nothing' \
		'nn-info --verify nothing' 'nn-kernels nothing' 'nn-weights nothing' 'nntoonnx nothing' 'onnxtonn nothing'; do
		refuses "nothing: empty: expected a" "$command"
	done
}

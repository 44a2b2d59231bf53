load helper
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network batchnorm >model
	dataset 100 >data.npy
	npy-slice -k 0 data.npy >images.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "nn-run: logits, a row an image, of a data set as of its images" {
	nn-run model images.npy >logits.npy
	run -0 npy-info logits.npy
	[[ ${lines[1]} == $'<f4\t(100,10)\t'* ]]
	cmp logits.npy <(nn-run model <data.npy)
}

load helper
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network >model
	dataset 300 >data.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

@test "nn-eval: the accuracy is that of the logits' argmax" {
	nn-eval model data.npy >table
	nn-run model data.npy >logits.npy
	correct=$(numpy 'print((get("logits.npy")[0].argmax(1) == get("data.npy")[1]).sum())')
	awk -F '\t' -v correct="$correct" '
		NR == 2 && ($1 != 300 || $3 != correct || $4 != sprintf("%.6f", correct / 300)) { exit 1 }
		END { exit NR != 2 }' table
}

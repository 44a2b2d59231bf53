load ../../tests/pipelines

setup_file() {
	small
}

@test "patches: networks train as their rows say" {
	for seed in 1 2; do
		grep -q -e '--epochs 1 --holdout 100 -o momentum --lr 0.01 --batch 64 ' "$E/record/models/patches/$seed.safetensors"
		grep -q -e " - $D/data/train.npy >" "$E/record/models/patches/$seed.safetensors"
		grep -q -e "--steps 5 .*--holdout 100 .*--augment 'shift -2:2 -2:2' " "$E/record/models/patches-bn/$seed.safetensors"
		grep -q -e " - $D/data/train.npy >" "$E/record/models/patches-bn/$seed.safetensors"
	done
}

@test "patches: the better network is trained on moved images, and validated on those that are not" {
	nn-info --history "$E/models/patches-bn/1.safetensors" | grep -e "--holdout 100 --augment 'shift -2:2 -2:2' images:400 "
	npy-slice 400: "$D/data/train.npy" | nn-eval "$E/models/patches-bn/1.safetensors" | sed -n 2p >judged
	tail -n 1 "$E/models/patches-bn/1.log.tsv" | cut -f 7,8 >logged
	awk -F '\t' 'NR == FNR { loss = $2; error = 1 - $4; next } { exit $1 - loss > 1e-5 || loss - $1 > 1e-5 || $2 - error > 1e-6 || error - $2 > 1e-6 }' judged logged
	rm judged logged
}

@test "patches: the network of the next experiments is the one with the fewest validation errors" {
	made "$E/models/best.safetensors"
	best=$(for log in "$E"/models/patches/[12].log.tsv; do echo "$(tail -n 1 "$log" | cut -f 8) $log"; done | sort -g | head -n 1)
	read -r net seed error _ < <(sed -n 2p "$E/tables/best.tsv")
	[ "$net" = patches ]
	[ "$error" = "${best% *}" ]
	cmp "$E/models/patches/$seed.safetensors" "$E/models/best.safetensors"
}

@test "patches: the network has the layers of the report" {
	grep -q 'id="patches-claim-layers".*<span>140,598</span><span>140,598</span><span>holds</span>' "$E/section.html"
}

@test "patches: a quick run on drawn digits does not judge an accuracy on MNIST" {
	grep -q 'id="patches-claim-accuracy".*<span>undecided</span>' "$E/section.html"
}

@test "patches: color pictures" {
	pictures rgb 3,32,32 10
	made DATASETS=sets DATASET=rgb TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 patches >rgb.log 2>&1 || { cat rgb.log; false; }
	grep -q '^input *3x32x32 ' out/rgb.quick/patches/models/patches.net
	[ "$(tsv-pick -k maxpool1 output out/rgb.quick/patches/tables/patches.layers.tsv)" = '(32,12,12)' ]
}

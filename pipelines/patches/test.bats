load ../../tests/pipelines

setup_file() {
	small
}

@test "patches: networks train as their rows say" {
	for seed in 1 2; do
		grep -q -e '--epochs 1 --holdout 100 -o momentum --lr 0.01 --batch 64 ' "$E/record/models/patches/$seed.safetensors"
		grep -q -e " - $D/data/train.npy >" "$E/record/models/patches/$seed.safetensors"
		grep -q -e "--steps 5 .* -o adamw .*--validation $E/data/held.npy " "$E/record/models/patches-bn/$seed.safetensors"
		grep -q -e " - $E/data/moved.npy >" "$E/record/models/patches-bn/$seed.safetensors"
	done
}

@test "patches: moved images are what NumPy makes, and none of the held ones is among them" {
	numpy "
f = open('$D/data/train.npy', 'rb'); images, labels = np.load(f), np.load(f)
f = open('$E/data/moved.npy', 'rb'); moved, classes = np.load(f), np.load(f)
f = open('$E/data/held.npy', 'rb'); held, kept = np.load(f), np.load(f)
assert (held == images[400:]).all() and (kept == labels[400:]).all()
wide = np.pad(images[:400], ((0, 0), (2, 2), (2, 2)))
want = [wide[:, 2 - y:30 - y, 2 - x:30 - x] for y in (-2, 0, 2) for x in (-2, 0, 2)]
assert (moved == np.concatenate(want)).all()
assert (classes == np.tile(labels[:400], 9)).all()"
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

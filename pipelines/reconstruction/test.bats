load ../../tests/pipelines

few="reconstruction.images=12 reconstruction.slow=2 reconstruction.holdout=60 reconstruction.steps=3"

setup_file() {
	# shellcheck disable=SC2086 # several words
	small $few
}

V=$D/mnist/models/best.safetensors
A=$E/models/autoencoder.safetensors

@test "reconstruction: what is attacked is classified correctly before, and changes are within their bounds" {
	[ "$(nn-eval "$V" "$E/data/originals.npy" | tsv-pick images,correct)" = "12	12" ]
	for attack in fgsm-0.15:38.25 pgd-0.15:38.25 fgsm-0.3:76.5 pgd-0.3:76.5 pgd-0.3-all:76.5 joined:76.5 through-autoencoder:76.5 \
		through-median:76.5 through-bit:76.5 through-bit-0.6:153; do
		numpy "
a, b = get('$E/attacks/${attack%:*}.npy')
x, y = get('$E/data/originals.npy')
# Pixels are 32-bit floats.
assert abs(a.astype(float) - x).max() <= ${attack#*:} + 1e-4 and a.min() >= 0 and a.max() <= 255
assert (b == y).all()"
	done
}

@test "reconstruction: the autoencoder is MagNet's, and sees no held-out image" {
	nn-info "$A" | cut -f 2,4 | sed 1d | tr '\n' ' ' | grep -F '(3,28,28)'
	nn-info --history "$A" | grep -e '--loss mse .*images:440 '
	[ "$(nn-info --totals "$A" | awk -F '\t' '$1 == "total" { print $3 }')" = $((30 + 84 + 84 + 84 + 28)) ]
}

@test "reconstruction: the reformers, by another hand" {
	for attack in clean pgd-0.3; do
		npy-slice -k 0 "$E/attacks/$attack.npy" | nn-run --pixels "$A" >rebuilt.npy
		numpy "
x, y = get('$E/attacks/$attack.npy')
of = lambda name: get(f'$E/reformed/{name}/$attack.npy')
assert (of('none')[0] == x).all() and (of('autoencoder')[0] == get('rebuilt.npy')[0]).all()
assert (of('bit')[0] == 255 * (x > 127.5)).all()
# The window of a pixel is itself, the pixels above and on the left; the third of four.
padded = np.pad(x, ((0, 0), (1, 0), (1, 0)), 'symmetric')
assert (of('median')[0] == np.sort([padded[:, 1:, 1:], padded[:, :-1, 1:], padded[:, 1:, :-1], padded[:, :-1, :-1]], 0)[2]).all()
assert all((of(name)[1] == y).all() for name in ('none', 'autoencoder', 'median', 'bit'))"
	done
	rm rebuilt.npy
}

@test "reconstruction: accuracies, and the share that is restored, are what nn-run says of the files" {
	for attack in fgsm-0.3 cw; do
		nn-run "$V" "$E/reformed/none/$attack.npy" >before.npy
		nn-run "$V" "$E/reformed/autoencoder/$attack.npy" >after.npy
		numpy "
import csv
y = get('$E/attacks/$attack.npy')[1]
before, after = (get(name)[0].argmax(1) == y for name in ('before.npy', 'after.npy'))
def row(table):
    rows = csv.DictReader(open(f'$E/tables/{table}.tsv'), delimiter='\t')
    return next(r for r in rows if (r['attack'], r['reformer']) == ('$attack', 'autoencoder'))
assert int(row('accuracy')['correct']) == after.sum() and int(row('accuracy')['images']) == len(y)
assert int(row('restored')['fooling']) == (~before).sum() and int(row('restored')['restored']) == (after & ~before).sum()"
	done
	rm before.npy after.npy
}

@test "reconstruction: the joined network is attacked, and errs as the two do" {
	nn-eval "$E/models/joined.safetensors" "$E/attacks/joined.npy" | tsv-pick correct >joined
	tsv-pick -k joined,autoencoder correct "$E/tables/accuracy.tsv" | diff joined -
	rm joined
}

@test "reconstruction: all attacks together" {
	for reformer in autoencoder median bit; do
		awk -F '\t' -v reformer=$reformer '
			$2 != reformer { next }
			$1 != "all" { n += $3; k += $4; next }
			{ exit n != $3 || k != $4 }' "$E/tables/restored.tsv"
	done
	grep -q 'id="reconstruction-claim-clean".*<span>undecided</span>' "$E/section.html"
}

@test "reconstruction: color pictures" {
	pictures reconstruction-rgb 3,32,32 10
	# shellcheck disable=SC2086 # several words
	made DATASETS=sets DATASET=reconstruction-rgb TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 $few reconstruction >color.log 2>&1 || { cat color.log; false; }
	[ "$(nn-info out/reconstruction-rgb.quick/reconstruction/models/autoencoder.safetensors | tail -n 1 | cut -f 4)" = '(3,32,32)' ]
}

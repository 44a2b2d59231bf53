load ../../tests/pipelines

few="detection.clean=40 detection.attacked=12 detection.slow=2 detection.fit=60 detection.validate=60"

setup_file() {
	# shellcheck disable=SC2086 # several words
	small $few detection.epsilon=76.5 'detection.pgd=-n 3 --random' 'detection.steps=-n 3 --random --all-steps'
}

V=$D/mnist/models/best.safetensors

@test "detection: what is attacked is classified correctly before, and not among the clean images" {
	[ "$(nn-eval "$V" "$E/data/originals.npy" | tsv-pick images,correct)" = "12	12" ]
	numpy "
clean, x = get('$E/data/clean.npy')[0], get('$E/data/originals.npy')[0]
all = get('$D/data/test.npy')[0]
at = lambda image: [i for i in range(len(all)) if (all[i] == image).all()]
assert max(min(at(i)) for i in clean) < 100 <= min(max(at(i)) for i in x)
fit, held = get('$E/data/fit.npy')[0], get('$E/data/validate.npy')[0]
assert (held == get('$D/data/train.npy')[0][-60:]).all() and len(fit) <= 60"
}

@test "detection: changes are within their bounds, and pixels within theirs" {
	for attack in fgsm-0.3:76.5 fgsm-0.15:38.25 pgd-0.3:76.5 pgd-0.15:38.25 to-fgsm:76.5 to-pgd:76.5 to-squeezing:76.5 to-squeezing-0.6:153 to-reconstruction:76.5 to-divergence:76.5; do
		numpy "
a, b = get('$E/attacks/${attack%:*}.npy')
x, y = get('$E/data/originals.npy')
# Pixels are 32-bit floats.
assert abs(a.astype(float) - x).max() <= ${attack#*:} + 1e-4 and a.min() >= 0 and a.max() <= 255 and abs(a - x).max() > 0
assert (b == y).all()"
	done
}

@test "detection: only images that fool the victim count" {
	for attack in fgsm-0.3 deepfool to-divergence; do
		nn-run "$V" "$E/attacks/$attack.npy" >logits.npy
		numpy "
wrong = get('logits.npy')[0].argmax(1) != get('$E/attacks/$attack.npy')[1]
assert (get('$E/fooling/$attack.npy')[0] == get('$E/attacks/$attack.npy')[0][wrong]).all() and wrong.any()"
	done
	rm logits.npy
}

@test "detection: a network learns from images as 0, and from those that fool the victim as 1" {
	numpy "
x, y = get('$E/data/pgd.npy')
clean, fooling = get('$E/data/fit.npy')[0], get('$E/fooling/fit-pgd.npy')[0]
assert (x[y == 0] == clean).all() and (x[y == 1] == fooling).all() and len(x) == len(clean) + len(fooling)"
	grep -q -e "--label-smoothing 0.1 .* - $E/data/pgd.npy >" "$E/record/models/pgd/1.safetensors"
}

@test "detection: scores, by another hand" {
	attack=fgsm-0.3
	nn-run -p "$V" "$E/fooling/$attack.npy" >p.npy
	nn-run "$V" "$E/fooling/$attack.npy" >logits.npy
	nn-run --pixels "$E/models/autoencoder.safetensors" "$E/fooling/$attack.npy" >rebuilt.npy
	nn-run "$V" rebuilt.npy >after.npy
	nn-run "$E/models/fgsm/1.safetensors" "$E/fooling/$attack.npy" >two.npy
	numpy "
x = get('$E/fooling/$attack.npy')[0]
save = lambda a, name: np.save(name, a.astype('f4'))
save(255 * (x > 127.5), 'bit.npy')
# The window of a pixel is itself, the pixels above and on the left; the third of four.
padded = np.pad(x, ((0, 0), (1, 0), (1, 0)), 'symmetric')
save(np.sort([padded[:, 1:, 1:], padded[:, :-1, 1:], padded[:, 1:, :-1], padded[:, :-1, :-1]], 0)[2], 'median.npy')"
	nn-run -p "$V" bit.npy >p-bit.npy
	nn-run -p "$V" median.npy >p-median.npy
	numpy "
p, bit, median = (get(f'{n}.npy')[0].astype(float) for n in ('p', 'p-bit', 'p-median'))
score = lambda detector: get(f'$E/scores/{detector}/$attack.npy')[0]
near = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6) # of 32-bit floats
near(score('squeezing'), np.maximum(abs(p - bit).sum(1), abs(p - median).sum(1)))
x, rebuilt = get('$E/fooling/$attack.npy')[0].astype(float), get('rebuilt.npy')[0]
near(score('reconstruction'), abs(x - rebuilt).mean((1, 2)) / 255)
def soft(l):
    e = np.exp(l.astype(float) / 10)
    return e / e.sum(1, keepdims=True)
p, q = soft(get('logits.npy')[0]), soft(get('after.npy')[0])
entropy = lambda p: -(p * np.log(p)).sum(1)
near(score('divergence'), entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2)
two = get('two.npy')[0]
near(score('fgsm'), two[:, 1] - two[:, 0])"
	rm p.npy logits.npy rebuilt.npy after.npy two.npy bit.npy median.npy p-bit.npy p-median.npy
}

@test "detection: thresholds, alarms and areas, by another hand" {
	numpy "
import csv
rows = lambda name: list(csv.DictReader(open(f'$E/tables/{name}.tsv'), delimiter='\t'))
score = lambda detector, name: get(f'$E/scores/{detector}/{name}.npy')[0].astype(float)
above = {}
for row in rows('thresholds'):
    s = np.sort(score(row['detector'], 'validate'))
    t = above[row['detector']] = float(row['threshold'])
    # Nine digits are printed, which tell 32-bit floats apart.
    assert abs(t - s[57 - 1]) <= 1e-7 * abs(t) and len(s) == 60
count = 0
for row in rows('detected'):
    s = score(row['detector'], row['attack'])
    assert int(row['fooling']) == len(s)
    assert int(row['detected']) == (s.astype('f4') > np.float32(above[row['detector']])).sum()
for row in rows('evaded'):
    assert int(row['evading']) == int(row['fooling']) - int(row['detected'])
for row in rows('auc'):
    clean, fooling = score(row['detector'], 'clean'), score(row['detector'], row['attack'])
    if len(fooling):
        d = fooling[:, None] - clean
        assert abs(float(row['auc']) - ((d > 0) + (d == 0) / 2).mean()) < 1e-5 # six digits
        count += 1
    else:
        assert row['auc'] == 'nan'
assert count > 40
for row in rows('unaware'):
    of = [r for r in rows('detected') if r['detector'] == row['detector'] and not r['attack'].startswith('to-')]
    assert int(row['detected']) == sum(int(r['detected']) for r in of) and int(row['fooling']) == sum(int(r['fooling']) for r in of)"
}

@test "detection: the attack on squeezing has for each image its own target" {
	nn-run "$V" "$E/data/originals.npy" >logits.npy
	numpy "
l, y = get('logits.npy')[0], get('$E/data/originals.npy')[1]
l[range(len(y)), y] = -np.inf
assert (get('$E/data/next.npy')[0] == l.argmax(1)).all()"
	rm logits.npy
}

@test "detection: the network that is attacked predicts an alarm where the score exceeds the threshold" {
	for detector in fgsm pgd; do
		nn-run "$E/models/alarm/$detector.safetensors" "$E/fooling/validate.npy" >answers.npy
		numpy "
answers, score = get('answers.npy')[0].astype(float), get('$E/scores/$detector/validate.npy')[0].astype(float)
t = $(tsv-pick -k "$detector" threshold "$E/tables/thresholds.tsv")
# Of 32-bit logits.
np.testing.assert_allclose(answers[:, 1] - answers[:, 0], score - t, atol=1e-5)
assert (score > t).any() and (score <= t).any()"
	done
	# Found is what fools both.
	[ "$(tsv-pick status "$E/attacks/to-pgd.npy.tsv" | grep -c found)" = "$(tsv-pick -w attack=to-pgd,detector=pgd evading "$E/tables/evaded.tsv")" ]
	rm answers.npy
}

# measures FOLDER DATA: the network that attackers put beside the victim answers as the scores of reconstruction.
measures() {
	nn-run "$1/models/reconstruction.safetensors" "$2" >answers.npy
	numpy "
answers, score = get('answers.npy')[0], get('$1/scores/reconstruction/clean.npy')[0]
# Of 32-bit floats: a mean of some thousand pixels, times 10 over the threshold.
np.testing.assert_allclose(answers[:, 0] - answers[:, 1], 10 - 10 / $(tsv-pick -k reconstruction threshold "$1/tables/thresholds.tsv") * score, atol=1e-3)"
	rm answers.npy
}

@test "detection: the mean change by the autoencoder is a network" {
	measures "$E" "$E/fooling/clean.npy"
}

# apart FOLDER DATA: the other one answers as the logits of the image and of its reconstruction are apart.
apart() {
	nn-run "$1/models/divergence.safetensors" "$2" >answers.npy
	nn-run "$V" "$2" >before.npy
	nn-run --pixels "$1/models/autoencoder.safetensors" "$2" | nn-run "$V" >after.npy
	numpy "
answers, before, after = (get(f'{n}.npy')[0].astype(float) for n in ('answers', 'before', 'after'))
# Of 32-bit logits, times 10 / 2.
np.testing.assert_allclose(answers[:, 0] - answers[:, 1], 10 - 5 * abs(before - after).sum(1), atol=1e-3)"
	rm answers.npy before.npy after.npy
}

@test "detection: how far the reconstruction moves the logits is a network" {
	apart "$E" "$E/fooling/clean.npy"
}

@test "detection: a quick run on drawn digits does not judge numbers of MNIST" {
	grep -q 'id="detection-claim-gong".*<span>undecided</span>' "$E/section.html"
	grep -q 'id="detection-claim-squeezing".*<span>undecided</span>' "$E/section.html"
}

@test "detection: color pictures" {
	pictures detection-rgb 3,32,32 10
	# shellcheck disable=SC2086 # several words
	made DATASETS=sets DATASET=detection-rgb TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 $few detection.clean=50 'detection.pgd=-n 3 --random' \
		'detection.steps=-n 3 --random --all-steps' detection >color.log 2>&1 || { cat color.log; false; }
	[ "$(nn-info out/detection-rgb.quick/detection/models/autoencoder.safetensors | tail -n 1 | cut -f 4)" = '(3,32,32)' ]
	numpy "
x = get('out/detection-rgb.quick/detection/scores/reconstruction/clean.npy')[0]
assert x.shape == (50,)"
	measures out/detection-rgb.quick/detection out/detection-rgb.quick/detection/fooling/clean.npy
}

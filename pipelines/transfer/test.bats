load ../../tests/pipelines

setup_file() {
	small transfer.images=40 transfer.steps='-n 3 --random --all-steps'
}

# predicted MODEL FILE: the classes, one a line.
predicted() {
	nn-run "$1" "$2" | npy-reduce -a 1 argmax | npytotsv
}

@test "transfer: eight networks, two seeds of three architectures" {
	[ "$(head -n 1 "$E/tables/fgsm.tsv" | tr '\t' ' ')" = 'softmax/1 mlp/1 fast/1 fast/2 pa2/1 pa2/2 cnn3/1 cnn3/2' ]
	[ "$(tsv-pick -w attack=pgd on "$E/tables/matrix.tsv" | wc -l)" = 64 ]
	[ "$(tsv-pick -w kind=same on "$E/tables/cosines.tsv" | wc -l)" = 6 ]
}

@test "transfer: the matrix counts the errors on images that both networks classify correctly" {
	seen=0
	for pair in fgsm:fast/2:pa2/1 pgd:pa2/1:softmax/1 targeted:softmax/1:fast/1; do
		IFS=: read -r attack on asked <<<"$pair"
		file=$E/images/$attack/attacks/models/$on.npy
		paste <(npy-slice -k 1 "$D/data/test.npy" | npy-slice :40 | npytotsv) <(predicted "$D/attacks/models/$on.safetensors" "$E/data/test.npy") \
			<(predicted "$D/attacks/models/$asked.safetensors" "$E/data/test.npy") <(predicted "$D/attacks/models/$asked.safetensors" "$file") |
			awk '$1 == $2 && $1 == $3 { n++; wrong += $4 != $1; hits += $4 == ($1 + 1) % 10 } END { print n + 0, wrong + 0, hits + 0 }' >counted
		tsv-pick -w "attack=$attack,on=$on,asked=$asked" images,wrong,hits "$E/tables/matrix.tsv" | tr '\t' ' ' | diff counted -
		read -r n _ <counted
		seen=$((seen + n))
	done
	[ $seen -gt 0 ]
	rm counted
}

@test "transfer: the figure has the shares of the matrix, rows made for, columns asked" {
	tsv-pick -w attack=fgsm,on=fast/1,asked=mlp/1 images,wrong "$E/tables/matrix.tsv" | awk '{ print $1 ? 100 * $2 / $1 : 0 }' |
		diff - <(sed -n 4p "$E/tables/fgsm.tsv" | cut -f 2)
	tsv-pick -w attack=targeted,on=softmax/1,asked=pa2/2 images,hits "$E/tables/matrix.tsv" | awk '{ print $1 ? 100 * $2 / $1 : 0 }' |
		diff - <(sed -n 2p "$E/tables/targeted.tsv" | cut -f 6)
}

@test "transfer: the images are within the bound, noise is at its ends, and the ensemble leaves one network out" {
	for network in "$D"/attacks/models/{softmax/1,fast/1,fast/2,pa2/1,pa2/2,cnn3/1,cnn3/2}.safetensors "$E/models/mlp/1.safetensors"; do
		nn-grad --of loss "$network" "$E/data/test.npy"
	done >gradients.npy
	numpy "
x, y = get('$E/data/test.npy')
for kind in ('pgd', 'targeted', 'fgsm'):
    assert 0 < abs(get('$E/images/' + kind + '/attacks/models/fast/2.npy')[0].astype(float) - x).max() <= 76.5
n = get('$E/images/noise.npy')[0].astype(float)
assert np.isin(n, np.concatenate([np.clip(np.arange(256) + 76.5, 0, 255), np.clip(np.arange(256) - 76.5, 0, 255)])).all()
assert abs((n > x).mean() / ((n > x) | (x > n)).mean() - (x < 255).mean() / ((x < 255).mean() + (x > 0).mean())) < 0.02 # of 31,360 pixels
g = [a.astype(float).reshape(len(y), -1) for a in get('gradients.npy')]
g = [a / np.maximum((a ** 2).sum(1, keepdims=True) ** .5, 1e-300) for a in g]
total = sum(g) - g[1] # without fast/1
made = get('$E/images/ensemble/attacks/models/fast/1.npy')[0].reshape(len(y), -1)
wanted = np.clip(x.reshape(len(y), -1) + 76.5 * np.sign(total), 0, 255)
assert (made != wanted).mean() < 1e-3 # a sum that is 0 but for rounding has any sign"
	rm gradients.npy
}

@test "transfer: cosines and rank correlations, by NumPy" {
	numpy "
import csv
rows = list(csv.DictReader(open('$E/tables/cosines.tsv'), delimiter='\t'))
assert len(rows) == 56
def gradient(name):
    g = get('$E/gradients/' + ('transfer' if name == 'mlp/1' else 'attacks') + '/models/' + name + '.npy')[0].astype(float)
    length = (g ** 2).sum(1)
    assert (abs(length - 1) * length < 1e-5).all()
    return g
for r in rows[::11]:
    assert abs((gradient(r['on']) * gradient(r['asked'])).sum(1).mean() - float(r['cosine'])) < 1e-5 # 32-bit directions
    assert (r['kind'] == 'same') == (r['on'][:-1] == r['asked'][:-1])
def ranks(v):
    v = np.array(v)
    return np.array([((v < a).sum() + (v <= a).sum() + 1) / 2 for a in v])
for c in csv.DictReader(open('$E/tables/correlations.tsv'), delimiter='\t'):
    known = [r for r in rows if r[c['attack']] != 'nan']
    assert int(c['pairs']) == len(known) > 20
    a, b = ranks([float(r['cosine']) for r in known]), ranks([float(r[c['attack']]) for r in known])
    if b.std():
        assert abs(np.corrcoef(a, b)[0, 1] - float(c['correlation'])) < 1e-5 # six digits"
}

@test "transfer: the shares of an image are over pairs of other architectures, by NumPy" {
	numpy "
import csv
rows = list(csv.DictReader(open('$E/tables/answers.tsv'), delimiter='\t'))
right = {(r['asked'], r['image']) for r in rows if r['before'] == r['label']}
n = 0
for i in list(csv.DictReader(open('$E/tables/images.tsv'), delimiter='\t'))[::7]:
    of = [r for r in rows if r['attack'] == i['attack'] and r['image'] == i['image'] and r['on'] != r['asked'] and (r['asked'], r['image']) in right
          and (r['on'] in ('-', 'others') or (r['on'], r['image']) in right)]
    for kind, same in (('other', False), ('same', True)):
        v = [r['after'] != r['label'] for r in of if (r['on'][:-1] == r['asked'][:-1]) == same]
        assert i[kind] == 'nan' if not v else abs(float(i[kind]) - np.mean(v)) < 1e-6
        n += len(v)
assert n > 50"
}

@test "transfer: pictures in color, neither square nor of an even side, of three classes" {
	pictures tinted 3,19,16 3
	made DATASETS=sets DATASET=tinted TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 transfer.images=20 transfer.steps='-n 2 --all-steps' \
		transfer >tinted.log 2>&1 || { cat tinted.log; false; }
	[ "$(npy-info -s out/tinted.quick/transfer/images/ensemble/attacks/models/pa2/1.npy | sed -n 1p)" = 20,3,19,16 ]
	grep -q 'id="transfer-claim-transfer".*<span>[a-z ]*</span></p>$' out/tinted.quick/transfer/section.html
}

load ../../tests/pipelines

setup_file() {
	small attacks.images=40 attacks.some=20 attacks.each=2 attacks.shares='0.1 0.25 0.3' attacks.rungs='0.02 0.1 0.3' \
		attacks.cw='-n 20 --searches 2 --constant 1 --rate 0.1' attacks.lbfgs='-n 20 --searches 2'
}

# table FILE: a statement that reads the rows of a table.
table() {
	cat <<-E
		import csv
		rows = list(csv.DictReader(open('$1'), delimiter='\t'))
	E
}

@test "attacks: networks train as their rows say" {
	for net in softmax pa2 cnn3 fast; do
		for seed in 1 2; do
			grep -q -e "--steps 5 --holdout 100 .*-o adamw .* - $D/data/train.npy >" "$E/record/models/$net/$seed.safetensors"
		done
	done
}

@test "attacks: the error of FGSM is that of the formula, and of noise and many steps that of the files" {
	net=$E/models/pa2/1.safetensors
	nn-grad --of loss "$net" "$E/data/test.npy" >gradient.npy
	nn-run "$net" "$E/data/test.npy" >before.npy
	for share in 0.1 0.3; do
		numpy "
x, y = get('$E/data/test.npy')
g, z = get('gradient.npy')[0], get('before.npy')[0]
a = np.clip(x + 255 * $share * np.sign(g), 0, 255).astype('f4')
a[z.argmax(1) != y] = x[z.argmax(1) != y] # what is wrong already is left alone
np.save('after.npy', a)"
		nn-run -p "$net" after.npy >p.npy
		numpy "$(table "$E/tables/curves.tsv")
p, y = get('p.npy')[0].astype(float), get('$E/data/test.npy')[1]
r, = [r for r in rows if (r['net'], r['attack'], r['share']) == ('pa2', 'fgsm', '$share')]
wrong = p.argmax(1) != y
assert (int(r['images']), int(r['wrong'])) == (len(y), wrong.sum()), r
assert abs(float(r['confidence']) - p.max(1)[wrong].mean()) < 2e-6 and abs(float(r['confidence_all']) - p.max(1).mean()) < 2e-6 # six decimals"
	done
	nn-attack -e 25.5 -n 10 --random --all-steps "$net" "$E/data/some.npy" | nn-eval "$net" | tsv-pick images,correct |
		awk '{ print $1, $1 - $2 }' | diff - <(tsv-pick -w net=pa2,attack=pgd,share=0.1 images,wrong "$E/tables/curves.tsv" | tr '\t' ' ')
	rm gradient.npy before.npy after.npy p.npy
}

@test "attacks: answers and distances are those of the files" {
	for run in softmax cnn3; do
		nn-run "$E/models/$run/1.safetensors" "$E/data/each.npy" >before.npy
		for method in fgsm ladder deepfool cw lbfgs; do
			nn-run "$E/models/$run/1.safetensors" "$E/nearest/$method/$run/1.npy" >after.npy
			npy-slice -k 0 "$E/nearest/$method/$run/1.npy" | npytopnm -e -r 0:255 | pnmtonpy | nn-run "$E/models/$run/1.safetensors" >picture.npy
			numpy "$(table "$E/tables/tries.tsv")
rows = [r for r in rows if (r['net'], r['method']) == ('$run', '$method')]
x, y = get('$E/data/each.npy')
d = abs(get('$E/nearest/$method/$run/1.npy')[0].astype(float) - x).reshape(len(y), -1)
column = lambda name: np.array([float(r[name]) for r in rows])
assert (column('label') == y).all() and (column('image') == range(len(y))).all()
for name, file in (('before', 'before'), ('after', 'after'), ('after_8bit', 'picture')):
    assert (column(name) == get(file + '.npy')[0].argmax(1)).all(), name
np.testing.assert_allclose(column('linf'), d.max(1), rtol=1e-6, atol=1e-4) # 32-bit pixels
np.testing.assert_allclose(column('l2'), (d ** 2).sum(1) ** .5, rtol=1e-6, atol=1e-4)
assert '$method' != 'fgsm' or d.max() <= 76.5"
		done
	done
	rm before.npy after.npy picture.npy
}

@test "attacks: the ladder takes the first rung that is found, by hand and from the files" {
	log() {
		printf 'image\tstatus\tgradients\n'
		printf '%s\t%s\t%s\n' "$@"
	}
	awk -f pipelines/attacks/ladder.awk <(log 0 failed 10 1 wrong 0 2 found 1) <(log 0 found 4 1 wrong 0 2 found 7) | sed 1d |
		diff - <(printf '0\t6\t14\n1\t1\t0\n2\t5\t1\n')
	for rung in 0.02 0.1 0.3; do
		nn-attack -e "$(awk "BEGIN { print 255 * $rung }")" -n 10 --random "$E/models/pa2/1.safetensors" "$E/data/each.npy" |
			nn-run "$E/models/pa2/1.safetensors" | npy-reduce -a 1 argmax | npytotsv >"$rung.after"
	done
	paste 0.02.after 0.1.after 0.3.after >rungs
	numpy "$(table "$E/tables/tries.tsv")
rows = [r for r in rows if (r['net'], r['method']) == ('pa2', 'ladder')]
rungs = np.loadtxt('rungs')
for r, after in zip(rows, rungs):
    least = [255 * e for e, a in zip((.02, .1, .3), after) if a != float(r['label'])]
    if r['before'] != r['label']:
        assert float(r['linf']) == 0
    else:
        assert (r['after'] != r['label']) == bool(least) and float(r['linf']) <= (min(least) if least else 0) + 1e-4"
	rm ./*.after rungs
}

@test "attacks: the tables of methods and classes are medians and means of the tries" {
	numpy "$(table "$E/tables/tries.tsv")
methods = list(csv.DictReader(open('$E/tables/methods.tsv'), delimiter='\t'))
assert len(methods) == 4 * 8
same = lambda a, b: np.testing.assert_allclose(float(a), b, rtol=2e-5) # six digits
for m in methods:
    of = [r for r in rows if r['net'] == m['net'] and m['method'] in (r['method'], 'any') and r['before'] == r['label']]
    assert int(m['images']) == len({r['image'] for r in of})
    found = [r for r in of if r['after'] != r['label']]
    images = {r['image'] for r in found}
    assert int(m['found']) == len(images)
    near = lambda name: [min(float(r[name]) for r in found if r['image'] == i) for i in images]
    if m['method'] != 'any':
        assert int(m['survive']) == sum(r['after_8bit'] != r['label'] for r in found)
        same(m['gradients'], np.mean([float(r['gradients']) for r in rows if (r['net'], r['method']) == (m['net'], m['method'])]))
    if images:
        for name in ('linf', 'l2'):
            same(m[name], np.median(near(name)))
            same(m[name + '_mean'], np.mean(near(name)))
        assert abs(float(m['distortion']) - np.median(near('l2')) / 255 / 28) < 1e-5
assert sum(int(m['found']) for m in methods) > 20
for c in csv.DictReader(open('$E/tables/classes.tsv'), delimiter='\t'):
    of = [r for r in rows if r['net'] == 'cnn3' and r['label'] == c['class'] == r['before']]
    assert int(c['images']) == len({r['image'] for r in of})
    found = [r for r in of if r['after'] != r['label']]
    for name in ('linf', 'l2'):
        near = [min(float(r[name]) for r in found if r['image'] == i) for i in {r['image'] for r in found}]
        assert c[name] == 'nan' if not near else abs(float(c[name]) / np.median(near) - 1) < 2e-5"
}

@test "attacks: the demonstration says what the network predicts for the files, and the rates count it" {
	[ "$(sed 1d "$E/tables/pair.tsv")" = "$(printf '7\t2')" ]
	[ "$(npy-slice -k 1 "$E/demonstration/image.npy" | npytotsv)" = 7 ]
	net=$E/models/cnn3/1.safetensors
	for method in fgsm pgd cw lbfgs; do
		echo "The normal digit is predicted to be a [$(nn-run "$net" "$E/demonstration/image.npy" | npy-reduce -a 1 argmax | npytotsv)]"
		echo "The adversarial example digit is predicted to be an [$(nn-run "$net" "$E/demonstration/$method.npy" | npy-reduce -a 1 argmax | npytotsv)]"
	done | diff - <(grep -oE 'The (normal|adversarial example) digit is predicted to be an? \[[^]]*\]' <(sed '/<blockquote>/d' "$E/section.html"))
	nn-run "$net" "$E/data/test.npy" >before.npy
	for attack in to-fgsm to-pgd away-fgsm; do
		nn-run "$net" "$E/demonstration/$attack.npy" >after.npy
		numpy "$(table "$E/tables/rates.tsv")
y, b, a = get('$E/data/test.npy')[1], get('before.npy')[0].argmax(1), get('after.npy')[0].argmax(1)
for of, mask in (('from', y == 7), ('any', y != 2)):
    mask = mask & (y == b)
    r, = [r for r in rows if r['attack'] == '$attack' and r['of'] == of]
    assert (int(r['images']), int(r['hits'])) == (mask.sum(), (a[mask] == 2).sum()), r"
	done
	rm before.npy after.npy
}

# claims FILE: the names of the claims.
claims() {
	sed -nE 's,^<p class="claim" id="attacks-claim-([^"]*)">.*,\1,p' "$1" | paste -s -d ' '
}

@test "attacks: each statement has a verdict, and drawn digits do not judge a number on MNIST" {
	[ "$(claims "$E/section.html")" = 'fool imperceptible expensive seven softmax' ]
	grep -q 'id="attacks-claim-softmax".*<span>undecided</span>' "$E/section.html"
}

@test "attacks: pictures in color, neither square nor of an even side, of three classes" {
	pictures hued 3,19,16 3
	made DATASETS=sets DATASET=hued TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 attacks.shares='0.25 0.3' attacks.images=20 attacks.some=10 \
		attacks.rungs='0.1 0.3' attacks.cw='-n 5 --searches 2' attacks.lbfgs='-n 5 --searches 2' attacks >hued.log 2>&1 || { cat hued.log; false; }
	color=out/hued.quick/attacks
	[ "$(npy-info -s $color/nearest/cw/fast/1.npy | sed -n 1p)" = 3,3,19,16 ]
	[ "$(sed 1d $color/tables/pair.tsv)" = "$(printf '2\t0')" ]
	[ "$(claims $color/section.html)" = 'fool imperceptible expensive seven softmax' ]
}

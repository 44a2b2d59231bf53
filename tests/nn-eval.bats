load helper
load training

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	network batchnorm 'dropout 0.5' >model
	dataset 300 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	nn-run model images.npy >logits.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# guesses LIST N: a model that is sure of what it is shown, one-hot pixels of three classes, and N
# images of which those in the list are labeled as they are, the others as the class after.
guesses() {
	nn-init -i zeros <<<$'input 3x1x1 scale 255\ndense 3' >zero
	/usr/bin/python3 - 'zero' >sure <<-'E'
		import struct, sys
		b = open(sys.argv[1], "rb").read()
		w = struct.pack("<9f", 9, 0, 0, 0, 9, 0, 0, 0, 9)
		n = 8 + struct.unpack("<Q", b[:8])[0]
		sys.stdout.buffer.write(b[:n] + w + b[n + len(w):])
	E
	numpy "
y = np.arange($2) % 3
right = np.isin(np.arange($2), $1)
put(np.eye(3, dtype='u1')[y] * 255, np.where(right, y, (y + 1) % 3))" >shown.npy
}

@test "nn-eval: loss and accuracy are those of nn-run's logits" {
	nn-eval model data.npy >table
	numpy '
z, y = get("logits.npy")[0].astype("f8"), get("labels.npy")[0]
loss = np.log(np.exp(z).sum(1)) - z[np.arange(300), y]
correct = (z.argmax(1) == y).sum()
rows = [line.rstrip("\n").split("\t") for line in open("table")]
assert rows[0] == ["images", "loss", "correct", "accuracy", "low", "high"], rows
n, found, k, accuracy = map(float, rows[1][:4])
assert (len(rows), n, k) == (2, 300, correct) and abs(accuracy - correct / 300) < 1e-6
assert abs(found - loss.mean()) < 2e-6, (found, loss.mean())'
}

@test "nn-eval: a file and standard input give the same" {
	diff <(nn-eval model data.npy) <(nn-eval model <data.npy)
	diff <(nn-eval model data.npy) <(nn-eval - data.npy <model)
}

@test "nn-eval: one hundred images or one, a whole batch or not" {
	for n in 1 127 128 129; do
		run -0 nn-eval model <(npy-pick -c $n data.npy)
		[[ ${lines[1]} == "$n"$'\t'* ]]
	done
}

@test "nn-eval: the interval is Wilson's" {
	# Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven
	# methods", Statistics in Medicine 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29
	while read -r k n low high; do
		guesses "range($k)" "$n"
		run -0 nn-eval sure shown.npy
		# shellcheck disable=SC2154 # bats sets it
		awk -v row="${lines[1]}" -v k="$k" -v n="$n" -v low="$low" -v high="$high" 'BEGIN {
			split(row, f, "\t")
			exit f[1] != n || f[3] != k || sprintf("%.4f", f[5]) != low || sprintf("%.4f", f[6]) != high
		}'
	done <<-'E'
		81 263 0.2553 0.3662
		15 148 0.0624 0.1605
		0 20 0.0000 0.1611
		1 29 0.0061 0.1718
		29 29 0.8830 1.0000
	E
}

@test "nn-eval: a row a class, whose counts are the confusion matrix's" {
	nn-eval --per-class model data.npy >table
	npy-reduce -a 1 argmax logits.npy | cat labels.npy - >pairs.npy
	npy-confusion -c 10 pairs.npy >matrix.npy
	numpy '
m = get("matrix.npy")[0]
rows = [line.rstrip("\n").split("\t") for line in open("table")]
assert rows[0] == "class images predicted correct precision recall low high f1".split()
assert len(rows) == 11
for c, row in enumerate(rows[1:]):
    r = [float(x) for x in row]
    images, predicted, correct = m[c].sum(), m[:, c].sum(), m[c, c]
    assert r[:4] == [c, images, predicted, correct], row
    assert np.isnan(r[4]) if predicted == 0 else abs(r[4] - correct / predicted) < 1e-6
    assert abs(r[5] - correct / images) < 1e-6 and r[6] <= r[5] <= r[7]
    assert abs(r[8] - 2 * correct / (images + predicted)) < 1e-6'
}

@test "nn-eval: soft labels: the cross-entropy of distributions, and the most probable class as the label" {
	numpy '
r = np.random.default_rng(4)
p = r.dirichlet(np.full(10, 0.3), 300)
p[:10] = np.eye(10)
p[10, :] = [0.5, 0, 0, 0, 0.5, 0, 0, 0, 0, 0] # of equals the first
put(get("images.npy")[0], p)' >soft.npy
	numpy 'x, p = get("soft.npy"); put(x, p.argmax(1))' >classes.npy
	nn-eval model soft.npy >table
	numpy '
z, p = get("logits.npy")[0].astype("f8"), get("soft.npy")[1]
loss = (p * (np.log(np.exp(z).sum(1, keepdims=True)) - z)).sum(1).mean()
found = float(open("table").readlines()[1].split("\t")[1])
assert abs(found - loss) < 2e-6, (found, loss)'
	cmp <(cut -f 1,3- table) <(nn-eval model classes.npy | cut -f 1,3-)
	cmp <(nn-eval -c model soft.npy) <(nn-eval -c model classes.npy)
	# Classes as rows of zeros and a one.
	numpy 'x, y = get("data.npy"); put(x, np.eye(10, dtype="u1")[y])' >rows.npy
	cmp <(nn-eval model rows.npy) <(nn-eval model data.npy)
	refuses "label of image 299: expected probabilities whose sum is 1, found 2" \
		'numpy "x, p = get(\"soft.npy\"); p[299] *= 2; put(x, p)" | nn-eval model'
}

@test "nn-eval: --classes: the names of the classes in place of their numbers" {
	printf '%s\n' zero 'the one' c d e f g h i nine >names
	nn-eval -c model data.npy >table
	paste <(echo class; cat names) <(cut -f 2- table) >named
	nn-eval -c --classes names model data.npy | diff - named
	nn-eval -c --classes - model data.npy <names | diff - named
	refuses "--classes needs --per-class" 'nn-eval --classes names model data.npy'
	refuses "names: expected the names of 10 classes, a line each, found 9 lines" 'sed -i 1d names; nn-eval -c --classes names model data.npy'
	refuses "line 3: a name with a tab" "printf 'a\nb\nc\td\ne\nf\ng\nh\ni\nj\nk\n' | nn-eval -c --classes - model data.npy"
	refuses "two lines are the same name, c" "printf '%s\n' a b c d e f g h c i | nn-eval -c --classes - model data.npy"
	refuses "can come from standard input" 'nn-eval -c --classes - model <names'
}

@test "nn-eval: of a class that never occurs nothing is known" {
	guesses 'range(9)' 9
	run -0 nn-eval -c sure <(npy-pick -l 0,1 shown.npy)
	[ "${lines[3]}" = $'2\t0\t0\t0\tnan\tnan\t0.000000\t1.000000\tnan' ]
	[ "${lines[1]%$'\t'*}" = "$(printf '0\t3\t3\t3\t1.000000\t1.000000\t0.438503\t1.000000')" ]
}

@test "nn-eval: --loss mse: the errors of images, in the input space and in pixels" {
	nn-init <<<$'input 1x12x12 mean 100 scale 50\nconv 2 3x3 pad 1\nupsample 2' >pictures
	numpy 'put(np.random.default_rng(2).integers(0, 256, (300, 2, 24, 24), "u1"))' >targets.npy
	cat images.npy targets.npy >pairs.npy
	nn-run pictures images.npy >outputs.npy
	nn-eval --loss mse pictures pairs.npy >table
	# Printed with nine digits and six decimals; the targets are mapped in floats.
	numpy '
t = get("targets.npy")[0].astype("f8")
off = get("outputs.npy")[0].astype("f8") - (t - 100) / 50
names, row = (line.rstrip("\n").split("\t") for line in open("table"))
assert names == ["images", "loss", "rmse", "mae"]
n, loss, rmse, mae = map(float, row)
assert n == 300 and abs(loss / (off ** 2).mean() - 1) < 1e-6
assert abs(rmse - 50 * (off ** 2).mean() ** 0.5) < 1e-4 and abs(mae - 50 * abs(off).mean()) < 1e-4'
	refuses "--per-class needs --loss ce" 'nn-eval -c --loss mse pictures pairs.npy'
	refuses "expected images (N,2,24,24) as the network's output, found (300,)" 'nn-eval --loss mse pictures data.npy'
	refuses "expected target images after the images, found the end" 'nn-eval --loss mse pictures images.npy'
	refuses "expected 300 target images, one for each image, found 10" \
		'npy-slice :10 targets.npy | cat images.npy - | nn-eval --loss mse pictures'
}

@test "nn-eval: --loss mse: pixels of channels with scales of their own" {
	nn-init <<<$'input 3x5x4 mean 100 90 80 scale 50 20 80\nconv 3 3x3 pad 1' >pictures
	numpy 'r = np.random.default_rng(2); put(r.integers(0, 256, (9, 3, 5, 4), "u1"), r.integers(0, 256, (9, 3, 5, 4), "u1"))' >pairs.npy
	npy-slice -k 0 pairs.npy | nn-run pictures >outputs.npy
	nn-eval --loss mse pictures pairs.npy >table
	# Printed with nine digits and six decimals; the targets are mapped in floats.
	numpy '
mean, scale = np.array([100, 90, 80.0]).reshape(3, 1, 1), np.array([50, 20, 80.0]).reshape(3, 1, 1)
off = get("outputs.npy")[0].astype("f8") - (get("pairs.npy")[1] - mean) / scale
n, loss, rmse, mae = map(float, list(open("table"))[1].split("\t"))
assert n == 9 and abs(loss / (off ** 2).mean() - 1) < 1e-6
off *= scale
assert abs(rmse - (off ** 2).mean() ** 0.5) < 1e-4 and abs(mae - abs(off).mean()) < 1e-4'
	nn-init <<<$'input 3x5x4 mean 1 2 3\nconv 2 1x1' >two
	refuses "the input has a mean and a scale for each of 3 channels, the output of conv1 is (2,5,4): it has no pixels" \
		'nn-eval --loss mse two pairs.npy'
}

@test "nn-eval: labels that do not fit are refused" {
	refuses "expected labels after the images, found the end" 'nn-eval model images.npy'
	refuses "expected a label for each image, found 300 images and 299 labels" \
		'npy-slice 1: labels.npy | cat images.npy - | nn-eval model'
	refuses "label 10 of image 7 is not among the network's 10 classes" \
		"numpy 'y = get(\"labels.npy\")[0]; y[7] = 10; put(y)' | cat images.npy - | nn-eval model"
	refuses "label -1 of image 299 " \
		"numpy 'y = get(\"labels.npy\")[0]; y[299] = -1; put(y)' | cat images.npy - | nn-eval model"
	refuses "expected labels of an integer type, found <f4" \
		"numpy 'put(get(\"labels.npy\")[0].astype(\"f4\"))' | cat images.npy - | nn-eval model"
	refuses "found more" 'cat data.npy labels.npy | nn-eval model'
	refuses "found (300,12,12)" 'cat images.npy images.npy | nn-eval model'
}

@test "nn-eval: images that do not fit are refused" {
	refuses "expected images (N,12,12) as the network's input, found (300,)" 'nn-eval model labels.npy'
	refuses "no images" 'npy-pick -c 0 data.npy | nn-eval model'
	refuses "a pixel is NaN" \
		"numpy 'x = get(\"images.npy\")[0] * 1.0; x[299, 11, 11] = np.nan; put(x)' | cat - labels.npy | nn-eval model"
	refuses "lacks its last" 'head -c 20000 data.npy | nn-eval model'
	npy '|u1' '(800000000000, 12, 12)' >endless.npy
	refuses "lacks its last" 'nn-eval model endless.npy'
}

@test "nn-eval: a network without classes is refused" {
	nn-init <<<$'input 1x12x12\nconv 4 3x3' >pictures
	refuses "conv1" 'nn-eval pictures data.npy'
}

@test "nn-eval: model and data cannot both be standard input" {
	refuses "can come from standard input" 'nn-eval - <model'
}

@test "nn-eval: a full disk is an error, a reader that went away none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'nn-eval model data.npy >/dev/full'
	pipe 'nn-eval -c model data.npy | true'
}

load ../../tests/pipelines

setup_file() {
	small
}

six='mlp cnn1 cnn3 cnn4 vgg ourconvnet'

@test "fashion: networks train as their rows say" {
	for seed in 1 2; do
		for net in $six; do
			grep -q -e "nn-init -s $seed -i xavier .*$net.net | nn-train -s $seed --epochs 1 --holdout 100 .* -o adam --lr 0.001 --batch 100 " \
				"$E/record/models/$net/$seed.safetensors"
		done
		grep -q -e "--save-at 0,1,2 -o adamw .*--augment 'flip chance 0.5, erase 0.02:0.25 chance 0.5' --save-prefix $E/models/better/$seed.step " \
			"$E/record/models/better/$seed.safetensors"
	done
}

@test "fashion: at full length the settings are the report's" {
	for net in $six; do
		tsv-pick -w "run=$net,network=$net" init,train pipelines/fashion/runs.tsv | diff - <(printf '%s\t%s\n' '-i xavier' '-o adam --lr 0.0001 --batch 1000')
	done
}

@test "fashion: the network of the other experiments is the ourconvnet with the fewest validation errors" {
	best=$(for log in "$E"/models/{ourconvnet,better}/[12].log.tsv; do echo "$(tsv-pick --last val_error,val_loss "$log") $log"; done | sort -g -k 1,1 -k 2,2 | head -n 1)
	read -r net seed _ < <(sed -n 2p "$E/tables/best.tsv")
	[ "${best##* }" = "$E/models/$net/$seed.log.tsv" ]
	cmp "$E/models/$net/$seed.safetensors" "$E/models/best.safetensors"
}

@test "fashion: the network has the report's parameters without its misprint" {
	grep -q 'id="fashion-claim-parameters".*<span>6,212,160</span><span>holds</span>' "$E/section.html"
	grep -q 'id="fashion-claim-inputs".*<span>4,096 x 1024 = 4,194,304</span><span>does not hold</span>' "$E/section.html"
	# Without biases nn-info counts the same in another way.
	[ "$(datamash -H sum 5 <"$E/tables/weights.layers.tsv" | tail -n 1)" = 6212160 ]
}

@test "fashion: a quick run on drawn digits says so, and judges nothing but sizes" {
	grep -q "<b>The report's data are Fashion-MNIST; this run is on digits.</b>" "$E/section.html"
	grep -o '<p class="claim".*' "$E/section.html" | grep -vE 'claim-(parameters|inputs)"' >claims
	[ "$(wc -l <claims)" -ge 7 ]
	run ! grep -v '<span>undecided</span></p>$' claims
	rm claims
}

@test "fashion: the mean of a course weighs losses by their steps" {
	printf '%s\n' $'step\tloss\tval_loss' $'0\t9\t9' $'10\t4\tnan' $'20\t2\t3' $'25\t1\tnan' $'40\t1\t1' >log
	# (10 x 4 + 10 x 2 + 5 x 1 + 15 x 1) / 40 and (3 + 1) / 2
	awk -f pipelines/fashion/course.awk log | diff - <(printf '2\t2\n')
	rm log
}

@test "fashion: the five nearest neighbors are NumPy's" {
	numpy "
train, labels = get('$D/data/train.npy')
test, classes = get('$D/data/test.npy')
a, b = (x.reshape(len(x), -1).astype(float) for x in (test, train))
square = (a ** 2).sum(1)[:, None] + (b ** 2).sum(1) - 2 * a @ b.T
votes = labels[np.argsort(square, axis=1, kind='stable')[:, :5]]
right = sum(np.bincount(v, minlength=10).argmax() == c for v, c in zip(votes, classes))
print(len(test), right, sep='\t')" | diff - <(tsv-pick images,correct "$E/models/small/digits.quick.nearest.tsv")
}

@test "fashion: the shares of zeros, the spread and the smoothness of maps, and the dead filters are NumPy's" {
	for layer in relu1 relu4; do
		for step in 0 end; do
			nn-run -l $layer "$E/models/better/1.step$step.safetensors" "$E/sheets/some.npy" >maps.npy
			tsv-pick -w "layer=$layer,step=$step" zeros,spread,smooth "$E/tables/activity.tsv" | tsvtonpy -t f8 >found.npy
			# The table has been through 32-bit floats.
			numpy '
a = get("maps.npy")[0].astype(float)
mean, square = a.mean((2, 3)), (a ** 2).mean((2, 3))
spread = np.where(square > 0, mean ** 2 / np.where(square > 0, square, 1), np.nan)
step = ((a[..., 1:] - a[..., :-1]) ** 2).mean((2, 3))
put(np.stack([(a == 0).mean((1, 2, 3)), np.nanmean(spread, 1), 1 - step.sum(1) / (2 * a.var((2, 3)).sum(1))], 1))' | npy-diff -r 1e-5 found.npy -
			numpy 'a = get("maps.npy")[0]; print(a.shape[1], (a == 0).all((0, 2, 3)).sum(), sep="\t")' |
				diff - <(tsv-pick -k "$layer,$step" filters,dead "$E/tables/dead.tsv")
		done
	done
	rm maps.npy found.npy
}

@test "fashion: the images shown as misclassified are, by the network of that step" {
	for step in 1 2 end; do
		sheet=$E/sheets/wrong/$step.npy
		npy-slice -k 0 "$sheet" | nn-run "$E/models/better/1.step$step.safetensors" | npy-reduce -a 1 argmax | npy-diff - <(npy-slice -k 2 "$sheet")
		[ "$(npy-calc 'b != c' "$sheet" | npy-reduce all | npytotsv)" = 1 ]
		nn-run "$E/models/better/1.step$step.safetensors" "$D/data/test.npy" | npy-reduce -a 1 argmax |
			npy-calc 'a != b' - <(npy-slice -k 1 "$D/data/test.npy") | npy-reduce sum | npytotsv |
			diff - <(tsv-pick -k "$step" wrong "$E/tables/wrong.tsv")
	done
}

@test "fashion: what all six networks misclassify alike" {
	for net in $six; do nn-run -p "$E/models/$net/1.safetensors" "$D/data/test.npy"; done | npy-cat --stack >six.npy
	nn-run "$E/models/best.safetensors" "$D/data/test.npy" | npy-reduce -a 1 argmax >best.npy
	numpy "
p = get('six.npy')[0]; label = get('$D/data/test.npy')[1]; best = get('best.npy')[0]
c = p.argmax(2)
alike = (c == c[0]).all(0) & (c[0] != label)
print(len(label), (c != label).all(0).sum(), alike.sum(), (alike & (best == c[0])).sum(), sep='\t')
sure = p.max(2).mean(0)
np.save('order.npy', np.array(sorted(np.flatnonzero(alike), key=lambda i: (-sure[i], i))[:40], int))
pairs = {}
for i in np.flatnonzero(alike): pairs[label[i], c[0, i]] = pairs.get((label[i], c[0, i]), 0) + 1
open('pairs', 'w').writelines(f'{a} → {b}\t{n}\n' for (a, b), n in sorted(pairs.items()))" | diff - <(sed 1d "$E/tables/agree.tsv")
	sed 1d "$E/tables/alike.tsv" | sort | diff - <(sort pairs)
	npy-pick -I order.npy "$D/data/test.npy" | npy-diff - <(npy-slice -k 0 "$E/sheets/certain.npy"; npy-slice -k 1 "$E/sheets/certain.npy")
	rm six.npy best.npy order.npy pairs
}

@test "fashion: each of the report's seven operations is shown, and a flip flips" {
	cut -f 1 pipelines/fashion/operations.tsv | sed 1d | diff - <(seq 2 8)
	npy-pick -f 1 "$D/data/train.npy" | npy-slice -k 0 1::2 | npy-diff - "$E/sheets/before.npy"
	img-augment "$(tsv-pick -w name=flipping operations pipelines/fashion/operations.tsv)" "$E/sheets/before.npy" |
		npy-diff - <(npy-slice :,:,::-1 "$E/sheets/before.npy")
}

@test "fashion: the command of a record makes the same again" {
	for output in tables/sparse.tsv tables/alike.tsv tables/auc.tsv tables/confusion.tsv figures/operations.png figures/wrong-end.png sheets/certain.npy; do
		cp -p "$E/$output" "$scratch/before"
		PATH=$root/${B:-build}/bin:$PATH bash -e -o pipefail -c "$(sed '/^$/,$d' "$E/record/$output")"
		cmp "$scratch/before" "$E/$output"
		cp -p "$scratch/before" "$E/$output"
	done
}

@test "fashion: a class is the hardest or the easiest if its interval lies apart" {
	extreme() { printf '%s\t%s\t%s\t%s\n' "${@:3}" | awk -f pipelines/fashion/extreme.awk -v name="$1" -v end="$2"; }
	three=(Shirt 0.7 0.6 0.8 Bag 0.9 0.85 0.95 Trouser 0.97 0.96 0.98)
	[ "$(extreme Shirt lowest "${three[@]}")" = holds ]
	[ "$(extreme Trouser highest "${three[@]}")" = holds ]
	[ "$(extreme Bag lowest "${three[@]}")" = "does not hold" ]
	[ "$(extreme Bag highest "${three[@]}")" = "does not hold" ]
	[ "$(extreme Bag highest "${three[@]}" Sandal 0.91 0.84 0.955 | uniq)" = "does not hold" ]
	[ "$(extreme Trouser highest "${three[@]}" Sandal 0.98 0.97 0.99)" = undecided ]
	[ "$(extreme Coat lowest "${three[@]}")" = undecided ]
}

@test "fashion: color pictures whose classes have names" {
	pictures clothes 3,32,32 10
	printf '%s\n' hat 'long coat' sock a_b c d e f g h >sets/clothes/classes
	made DATASETS=sets DATASET=clothes TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 fashion >clothes.log 2>&1 || { cat clothes.log; false; }
	grep -q '^input *3x32x32 ' out/clothes.quick/fashion/models/vgg.net
	sed -n 1p out/clothes.quick/fashion/tables/confusion.tsv | grep -q $'^hat\tlong coat\tsock\ta_b\t'
	grep -q 'this run is on clothes\.' out/clothes.quick/fashion/section.html
}

@test "fashion: few images, of few classes" {
	pictures few 28,28 3
	made DATASETS=sets DATASET=few TRAIN_IMAGES=60 TEST_IMAGES=12 HOLDOUT=10 EPOCHS=3 SEEDS=1 fashion >few.log 2>&1 || { cat few.log; false; }
	[ "$(wc -l <out/few.quick/fashion/data/names)" = 10 ]
	[ "$(npy-info -s out/few.quick/fashion/sheets/before.npy)" = 1,28,28 ]
}

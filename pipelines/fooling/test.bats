load ../../tests/pipelines

setup_file() {
	small fooling.grow-steps=30 fooling.pull-steps=20 fooling.noise-steps=20 fooling.many=40
}

best=$D/mnist/models/best.safetensors
second=$D/mnist/models/second.safetensors

@test "fooling: the network is the best, and every attack used it as it was trained" {
	read -r net seed _ < <(sed -n 2p "$D/mnist/tables/best.tsv")
	digest=$(sha256sum <"$D/mnist/models/$net/$seed.safetensors" | cut -d ' ' -f 1)
	grep -h "  $best$" "$E"/record/attacks/{grown,grown-on,smooth,like-*,noise-*}.npy | sort -u | diff - <(echo "$digest  $best")
	[ "$(sha256sum <"$best" | cut -d ' ' -f 1)" = "$digest" ]
	run ! cmp -s "$best" "$second"
}

@test "fooling: twice the steps are the same as all at once" {
	npy-slice :10 "$E/attacks/start.npy" | nn-ascend -c : -n 60 -s 100 "$best" | npy-diff -n 1e-6 "$E/attacks/grown-on.npy" -
}

@test "fooling: the answers in a table are the networks' predictions, and those of 8-bit pictures" {
	for attack in grown like-0.01 noisy-32 fixed-128; do
		answers=$E/tables/$attack.answers.tsv
		nn-run "$best" "$E/attacks/$attack.npy" | npy-reduce -a 1 argmax | npytotsv | diff - <(tsv-pick predicted "$answers")
		npytopnm -e -r 0:255 "$E/attacks/$attack.npy" | pnmtonpy | nn-run "$best" |
			npy-reduce -a 1 argmax | npytotsv | diff - <(tsv-pick predicted_8bit "$answers")
		nn-run "$second" "$E/attacks/$attack.npy" | npy-reduce -a 1 argmax | npytotsv | diff - <(tsv-pick predicted_second "$answers")
		nn-run -p "$best" "$E/attacks/$attack.npy" >probabilities.npy
		numpy '
p = get("probabilities.npy")[0]
for i in range(len(p)): print(i % 10, repr(float(p[i, i % 10])), sep="\t")' >expected
		tsv-pick target,probability "$answers" | tsvtonpy -t f8 | npy-diff -r 1e-6 - <(tsvtonpy -t f8 expected)
	done
	rm probabilities.npy expected
}

@test "fooling: an image towards a target image has the distance from it that the log says" {
	for shown in 0 7; do
		npy-slice "$((10 * shown)):$((10 * shown + 10))" "$E/attacks/like-0.1.npy" |
			npy-calc -l '(a - b) ** 2' - <(npy-slice $shown "$E/attacks/digits.npy") |
			npy-reshape 10,-1 | npy-reduce -a 1 mean >mse.npy
		tail -n 100 "$E/attacks/like-0.1.log.tsv" | sed -n "$((10 * shown + 1)),$((10 * shown + 10))p" | cut -f 8 | tsvtonpy |
			npy-diff --any-type -r 1e-5 - mse.npy
		rm mse.npy
	done
}

@test "fooling: the table of betas counts the pairs of two classes" {
	for beta in 0.0001 0.01; do
		paste <(sed 1d "$E/tables/like-$beta.answers.tsv") <(tail -n 100 "$E/attacks/like-$beta.log.tsv" | cut -f 8) >answers
		numpy '
a = np.loadtxt("answers")
a = a[[i for i in range(100) if i // 10 != i % 10]]
target, shown = np.array([(i % 10, i // 10) for i in range(100) if i // 10 != i % 10]).T
print(90, (a[:, 1] == target).sum(), "%.6f" % a[:, 2].mean(), "%.4f" % a[:, 7].mean(),
    (a[:, 3] == target).sum(), (a[:, 5] == target).sum(), (a[:, 5] == shown).sum())' >expected
		tsv-pick -k "$beta" images,fooled,probability,mse,fooled_8bit,second_fooled,second_sees "$E/tables/betas.tsv" |
			awk '{ print $1, $2, sprintf("%.6f %.4f", $3, $4), $5, $6, $7 }' | diff - expected
	done
	rm answers expected
}

@test "fooling: noises are within their bounds, and each is added to each test image" {
	for bound in 8 32 255; do
		[ "$(npy-calc 'abs(a)' "$E/attacks/noise-$bound.npy" | npy-reduce max | npy-calc "a <= $bound" | npytotsv)" = 1 ]
	done
	for pair in 0:0 3:7 9:9; do
		image=${pair%:*} noise=${pair#*:}
		npy-calc 'a + b' <(npy-slice -k 0 "$image" "$E/attacks/fixed.npy") <(npy-slice "$noise" "$E/attacks/noise-32.npy") |
			npy-diff <(npy-slice "$((10 * image + noise))" "$E/attacks/fixed-32.npy") -
	done
	npy-slice -k 1 "$E/attacks/fixed.npy" | npytotsv | diff - <(tsv-pick true "$E/tables/fixed-32.tsv")
	sed 1d "$E/tables/fixed-32.tsv" | cut -f 2- | tr '\t' '\n' | diff - <(tsv-pick predicted "$E/tables/fixed-32.answers.tsv")
}

@test "fooling: an image of the noise's own class is not turned by it" {
	for noise in least 128; do
		npy-calc 'a + b' <(npy-slice -k 0 "$E/attacks/many.npy" | npy-reshape 40,1,28,28) <(npy-reshape 1,10,28,28 "$E/attacks/noise-$noise.npy") |
			npy-reshape 400,28,28 | nn-run "$best" | npy-reduce -a 1 argmax >many.npy
		tsv-pick predicted,predicted_8bit,predicted_second "$E/tables/fixed-$noise.answers.tsv" | tsvtonpy >fixed.npy
		tsv-pick predicted,predicted_8bit,predicted_second "$E/tables/noisy-$noise.answers.tsv" | tsvtonpy >own.npy
		numpy "
def turned(name, label):
    p = get(name)[0].reshape(len(label), 10, -1)
    return (p == np.arange(10)[:, None]) & (label[:, None, None] != np.arange(10)[:, None])
own = (get('own.npy')[0] == np.arange(10)[:, None]).sum(0)
fixed = turned('fixed.npy', get('$E/attacks/fixed.npy')[1]).sum((0, 1))
many = turned('many.npy', get('$E/attacks/many.npy')[1]).sum((1, 2))
print('$noise', *own, 90, *fixed, 360, many.sum(), sep='\t')
print('%.5f' % (many / 9).mean(), '%.5f' % (many / 9).std(ddof=1), sep='\t')" >expected
		grep "^$noise	" "$E/tables/carry.tsv" | diff - <(sed -n 1p expected)
		tsv-pick -k "share,$noise" mean,sd "$E/tables/many.summary.tsv" | awk '{ printf "%.5f\t%.5f\n", $1, $2 }' | diff - <(sed -n 2p expected)
	done
	rm many.npy fixed.npy own.npy expected
}

@test "fooling: steps at which a cost falls are counted, across a continuation too" {
	header='step image target predicted logit probability cost mse'
	# Costs -5 -4 -6 -3 and, continued, -3 -2 -4: the third and the last step go down.
	{
		echo "$header"
		printf '%s\t0\t7\t7\t0\t%s\t%s\t0\n' 0 0.1 -5 1 0.2 -4 2 0.3 -6 3 0.4 -3
	} >first.tsv
	{
		echo "$header"
		printf '%s\t0\t7\t7\t0\t%s\t%s\t0\n' 0 0.4 -3 1 0.99 -2 2 0.995 -4
	} >second.tsv
	awk -f pipelines/fooling/growing.awk first.tsv second.tsv | sed 1d >found
	printf '7\t4\t2\t5\t-5\t-3\t-4\n' | diff - found
	rm first.tsv second.tsv found
}

@test "fooling: the claims say what the tables do" {
	claims=$(grep -o '<p class="claim".*' "$E/section.html")
	[ "$(wc -l <<<"$claims")" = 7 ]
	right=$(tsv-pick target,predicted "$E/tables/grown.answers.tsv" | awk '$1 == $2' | wc -l)
	grep -q "fooling-claim-confidence.*<span>$right of 10, probability " <<<"$claims"
	down=$(tsv-pick decreasing "$E/tables/growing.tsv" | datamash sum 1)
	grep -q "fooling-claim-cost.*<span>at $(awk "BEGIN { printf \"%.1f\", 100 - $down / 6 }") % of the steps</span>" <<<"$claims"
	share=$(tsv-pick -k share,128 mean "$E/tables/many.summary.tsv" | awk '{ printf "%.1f", 100 * $1 }')
	grep -q "fooling-claim-carry.*within ± 128: $share % (" <<<"$claims"
}

@test "fooling: the command of a record makes the same again" {
	for output in attacks/grown-on.npy attacks/like-0.01.log.tsv tables/carry.tsv figures/noise-32.png figures/betas.png; do
		cp "$E/$output" "$scratch/before"
		PATH=$root/${B:-build}/bin:$PATH bash -e -o pipefail -c "$(sed '/^$/,$d' "$E/record/$output")"
		cmp "$scratch/before" "$E/$output"
	done
}

@test "fooling: color pictures" {
	pictures color 3,32,32 10
	made DATASETS=sets DATASET=color TRAIN_IMAGES=300 TEST_IMAGES=100 HOLDOUT=50 SEEDS=1 \
		fooling.grow-steps=3 fooling.pull-steps=2 fooling.noise-steps=2 fooling.many=10 fooling >color.log 2>&1 || { cat color.log; false; }
	npy-info -s out/color.quick/fooling/attacks/fixed-32.npy | diff - <(echo 100,3,32,32)
	grep -q 'Gray is zero' out/color.quick/fooling/section.html
	run ! grep -q nan out/color.quick/fooling/tables/carry.tsv
}

load ../../tests/pipelines

setup_file() {
	small SEEDS=1 STEPS=2
}

# columns NAME,... TABLE: with their names.
columns() {
	tsv-pick -H "$@"
}

@test "sweeps: a row is trained at each of its rates, and at no other" {
	for rate in 0.0001 0.001; do
		grep -q -e "nn-init -s 1 -i he .*nn-train -s 1 --steps 2 --holdout 100 .*-o adam --lr $rate --log " "$E/record/models/he/$rate/1.safetensors"
	done
	[ "$(find "$E/models/he" -name '*.safetensors' | wc -l)" = 2 ]
	# All rates share a network.
	[ -s "$E/models/he.net" ]
	[ "$(sed 1d "$E/tables/trained.tsv" | wc -l)" = "$(find "$E/models" -name '*.safetensors' | wc -l)" ]
}

@test "sweeps: another rate is one training more" {
	cp -rp "$root/pipelines" "$scratch/pipelines"
	sed -i '/^tanh\t/s,/0.0001 0.001$,/0.0001 0.001 0.002,' "$scratch/pipelines/sweeps/runs.tsv"
	ln -sfn "$scratch/pipelines" pipelines
	would=$(made -n SEEDS=1 STEPS=2 sweeps) || true
	ln -sfn "$root/pipelines" pipelines
	grep -o 'nn-train.*>.*safetensors' <<<"$would" | sed 's/.*>//' | diff - <(echo "$E/models/tanh/0.002/1.safetensors")
	grep -q "tanh/0.002/1.*>$E/tables/trained.tsv" <(tr -d '\n' <<<"$would")
}

@test "sweeps: the validation images choose the rate, by the mean over the seeds" {
	printf '%s\t%s\t%s\n' sweep run name s a first s b second s c/0.1 third s d fourth s missing fifth >"$scratch/sweeps.tsv"
	# a: 0.01 has the least error of one seed, 0.1 the least mean.  b: equal errors, unequal losses.  d: diverged.
	printf '%s\t%s\t%s\t%s\n' net seed val_loss val_error \
		a/1 1 1 0.30 a/1 2 1 0.30 a/0.01 1 1 0.10 a/0.01 2 1 0.40 a/0.1 1 1 0.20 a/0.1 2 1 0.20 \
		b/0.0001 1 0.5 0.25 b/0.01 1 0.4 0.25 c/0.1 1 1 0.5 c/0.2 1 1 0.1 d/0.5 1 nan nan d/0.05 1 3 0.9 >"$scratch/trained.tsv"
	awk -v reported=0.0001 -f "$root/pipelines/sweeps/arms.awk" "$scratch"/{sweeps,trained}.tsv | diff - <(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
		sweep name run net rate where tried reported \
		s first a a/0.1 0.1 inside '0.01 0.1 1' - \
		s second b b/0.01 0.01 highest '0.0001 0.01' b/0.0001 \
		s third c c/0.1 0.1 given 0.1 - \
		s fourth d d/0.05 0.05 lowest '0.05 0.5' -)
}

@test "sweeps: the arms of this run have the least errors" {
	while IFS=$'\t' read -r run net; do
		grep -P "^$run/[0-9.]+\t" "$E/tables/trained.tsv" | sort -t $'\t' -s -k 4,4g -k 3,3g | sed -n 1p | cut -f 1 | diff - <(echo "$net")
	done < <(awk -F '\t' '$6 != "given"' "$E/tables/arms.tsv" | columns run,net | sed 1d)
}

@test "sweeps: the course of a training, by hand" {
	printf 'sweep\tname\tnet\treported\ns\tone\ta/1\ta/0.0001\ns\ttwo\tb/1\t-\n' >"$scratch/arms.tsv"
	printf 'net\tseed\tval_error\na/1\t1\t0.1\nb/1\t1\t0.2\na/0.0001\t1\t0.7\n' >"$scratch/trained.tsv"
	printf 'net\tseed\terror\na/1\t1\t0.11\nb/1\t1\t0.22\n' >"$scratch/tested.tsv"
	# Of one: (0.9 + 0.5) / 2 over a step, (0.5 + 0.1) / 2 over three: 0.4 over four; over seconds 0.7 and 0.3.  The loss
	# of two rises by 0.5 and 0.25; its first three of four seconds are two of 0.6 and one from 0.3 to 0.25.
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' name seed step seconds val_loss val_error \
		one 1 0 0 2 0.9 one 1 1 1 1 0.5 one 1 4 3 0.5 0.1 \
		two 1 0 0 2 0.9 two 1 1 2 2.5 0.3 two 1 2 4 2 0.2 two 1 4 4 2.25 0.2 >"$scratch/curves.tsv"
	awk -v sweep=s -f "$root/pipelines/sweeps/scores.awk" "$scratch"/{arms,trained,tested,curves}.tsv >"$scratch/scores.tsv"
	columns name,error,val_error,val_loss,reported_rate,rises,seconds "$scratch/scores.tsv" | diff - <(printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
		name error val_error val_loss reported_rate rises seconds one 0.11 0.1 0.5 0.7 0 3 two 0.22 0.2 2.25 nan 0.75 4)
	# Two over steps: 0.6, 0.25 and 2 x 0.2 over four.
	columns course,course_seconds "$scratch/scores.tsv" | diff - <(printf '%s\t%s\n' course course_seconds \
		0.4 "$(awk 'BEGIN { print (0.7 + 2 * 0.3) / 3 }')" 0.3125 "$(awk 'BEGIN { print (2 * 0.6 + 0.275) / 3 }')")
}

@test "sweeps: only the arms have classified the test images" {
	diff <(tsv-pick net "$E/tables/tested.tsv" | sort -u) <(tsv-pick net "$E/tables/arms.tsv" | sort -u)
	net=$(tsv-pick -w sweep=kernel,name=5x5 net "$E/tables/arms.tsv")
	nn-eval "$E/models/$net/1.safetensors" "$D/data/test.npy" | tsv-pick accuracy | awk '{ print 1 - $1 }' |
		diff - <(tsv-pick -w "net=$net" error "$E/tables/tested.tsv")
}

@test "sweeps: augmented trainings have few images, and the validation images of all" {
	npy-slice -100: "$E/data/train.npy" | cmp - <(npy-slice -100: "$E/data/few.npy")
	npy-slice :-100 "$E/data/train.npy" | cmp - <(npy-slice :-100 "$E/data/few.npy")
	grep -q -e "--augment 'rotate 90 chance 0.5, rotate 180 chance 0.5' --lr 0.001 .* - $E/data/few.npy >" "$E/record/models/vgg-quarters/0.001/1.safetensors"
}

@test "sweeps: a comparison is of pairs of the same seed, and wider where there are more of them" {
	printf '%s\t%s\t%s\n' name seed error a 1 0.1 a 2 0.2 a 3 0.4 b 1 0.2 b 2 0.3 b 3 0.6 c 1 0.1 c 2 0.1 c 3 0.1 |
		awk -F '\t' -v OFS='\t' '{ for (i = 0; i < 7; i++) $(NF + 1) = $3 } NR == 1 { $0 = "name\tseed\terror\tval_error\tval_loss\treported_rate\tcourse\tcourse_seconds\trises\tseconds" } 1' >"$scratch/scores.tsv"
	sed '/^$/,$d' "$E/record/tables/activation.pairs.tsv" |
		sed "s,$E/scores/activation.tsv,$scratch/scores.tsv,g; s,>$E/.*,," >"$scratch/compare"
	bash "$scratch/compare" >"$scratch/pairs.tsv"
	# The differences 0.1, 0.1 and 0.2 have the mean 0.13333 and the deviation 0.057735; t of 2 degrees of freedom is
	# 4.30265 for 95 % and 6.20535 for 97.5 %.
	tsv-pick -k a,b,error runs,mean,low,high,low_all,high_all "$scratch/pairs.tsv" |
		awk '{ m = 0.4 / 3; s = 0.0577350 / sqrt(3); n = split(m " " m - 4.30265 * s " " m + 4.30265 * s " " m - 6.20535 * s " " m + 6.20535 * s, want, " ")
			if ($1 != 3) exit 1; for (i = 1; i <= n; i++) if (($(i + 1) - want[i]) ^ 2 > 1e-10) { print i, $(i + 1), want[i]; exit 1 } }'
	[ "$(tsv-pick -k b,a,error mean "$scratch/pairs.tsv")" = "-$(tsv-pick -k a,b,error mean "$scratch/pairs.tsv")" ]
}

# verdict CLAIM SWEEP A B QUANTITY LOW HIGH ...: the verdict of a page whose intervals of B - A are these.
verdict() {
	local claim=$1

	rm -rf "$scratch/out"
	mkdir -p "$scratch/out/digits.quick"
	cp -r "$E" "$scratch/$E"
	ln -s "$PWD/$D/data" "$scratch/$D/data"
	ln -sfn "$root/pipelines" "$scratch/pipelines"
	shift
	while [ $# -gt 0 ]; do
		awk -F '\t' -v OFS='\t' -v a="$2" -v b="$3" -v quantity="$4" -v low="$5" -v high="$6" '
			$1 == a && $2 == b && $3 == quantity { $6 = $8 = low; $7 = $9 = high } 1' "$scratch/$E/tables/$1.pairs.tsv" >"$scratch/changed.tsv"
		cp "$scratch/changed.tsv" "$scratch/$E/tables/$1.pairs.tsv"
		shift 6
	done
	(cd "$scratch" && pipelines/lib/page pipelines/sweeps/section "$E") |
		sed -nE "s,^<p class=\"claim\" id=\"sweeps-claim-$claim\">.*<span>(.*)</span></p>\$,\1,p"
}

@test "sweeps: verdicts follow from intervals" {
	[ "$(verdict activation activation ReLU tanh error 0.01 0.02 activation ReLU sigmoid error 0.1 0.2)" = holds ]
	[ "$(verdict activation activation ReLU tanh error -0.01 0.02 activation ReLU sigmoid error 0.1 0.2)" = undecided ]
	[ "$(verdict activation activation ReLU tanh error -0.02 -0.01)" = 'does not hold' ]
	[ "$(verdict optimizer optimizer Adam RMSProp error -0.004 0.003)" = holds ]
	[ "$(verdict optimizer optimizer Adam RMSProp error -0.006 0.003)" = undecided ]
	[ "$(verdict optimizer optimizer Adam RMSProp error 0.006 0.01)" = 'does not hold' ]
	[ "$(verdict batchnorm-steps batchnorm without with course -0.2 -0.1 batchnorm-cnn3 without with course -0.2 -0.1 \
		batchnorm-vgg without with course -0.2 -0.1)" = holds ]
	[ "$(verdict batchnorm-steps batchnorm without with course -0.2 -0.1 batchnorm-vgg without with course 0.1 0.2)" = 'does not hold' ]
}

@test "sweeps: one seed decides nothing, but symmetry" {
	grep '^<p class="claim"' "$E/section.html" | grep -v 'claim-init-zeros' >"$scratch/claims"
	[ "$(wc -l <"$scratch/claims")" -ge 13 ]
	[ "$(grep -vc '<span>undecided</span></p>$' "$scratch/claims")" = 0 ]
	grep -q 'id="sweeps-claim-init-zeros".*<span>holds</span>' "$E/section.html"
	grep -q 'trained from one seed' "$E/section.html"
}

@test "sweeps: color pictures" {
	pictures rgb-sweeps 3,32,32 10
	E=out/rgb-sweeps.quick/sweeps
	made DATASETS=sets DATASET=rgb-sweeps TRAIN_IMAGES=300 HOLDOUT=50 SEEDS=1 STEPS=1 "$E"/models/{kernel-7,vgg-batchnorm,sigmoid}/0.0001/1.safetensors
	grep -q '^input *3x32x32 ' "$E/models/kernel-7.net"
	[ "$(nn-info "$E/models/kernel-7/0.0001/1.safetensors" | tsv-pick -k conv1 parameters)" = $((16 * 3 * 49 + 16)) ]
}

load helper

# So few images are quickest so, and all that is compared is computed alike.
export OMP_NUM_THREADS=1

# make figures on a few drawn digits, in a tree that shares the programs: once for all tests.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	ln -s "$root"/{Makefile,build,common,man,pipelines,tests,tools} .
	"${figures[@]}" -j2 figures >log 2>&1 || { cat log; false; }
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

figures=(env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory "B=${B:-build}" DATASETS=none DATASET=digits
	TRAIN_DIGITS=500 TEST_DIGITS=200 HOLDOUT=100 EPOCHS=1 MOVED_STEPS=5 'SEEDS=1 2'
	ASCENT_STEPS=30 PULL_STEPS=20 NOISE_STEPS=20 'BETAS=0.0001 0.01 0.1'
	SHIFT_IMAGES=20 SHIFT_REACH=3 SHIFT_BORDERS=3 SIXES=3 WINDOW_DIGITS=1
	'SEQ_LENGTHS=10 20' SEQ_BOTH=10 SEQ_TRAIN=200 SEQ_HOLDOUT=50 SEQ_TEST=100 SEQ_EPOCHS=1 'SEQ_SEEDS=1 2'
	'RADII=0.9 1.1' 'PENALTIES=0.01 1')

@test "figures: the page says first which data it is about" {
	grep -A1 '<body>' out/digits/index.html |
		grep -q 'Data: digits drawn by img-digits.*; 500 training images, 200 test images'
}

@test "figures: what the page refers to is there, and is a picture" {
	links=$(grep -oE '(href|src)="[^"]*"' out/digits/index.html | cut -d '"' -f 2 | sort -u)
	[ "$(wc -l <<<"$links")" -ge 6 ]
	for link in $links; do
		case $link in
		*.png)
			read -r _ width height < <(pngtopnm "out/digits/$link" | sed -n '1d; 2{p; q}' | sed 's/^/x /')
			[ "$width" -gt 100 ] && [ "$width" -lt 2000 ] && [ "$height" -gt 50 ] ;;
		*.svg)
			grep -q '<path' "out/digits/$link"
			tail -n 1 "out/digits/$link" | grep -q '</svg>' || tail -n 2 "out/digits/$link" | grep -q '</svg>' ;;
		*) echo "$link"; false ;;
		esac
	done
}

@test "figures: in a browser no picture is broken or wider than the page, on a desk or a phone" {
	command -v chromium || skip "no chromium"
	# shellcheck disable=SC2016 # these are the script's
	local check='<script>addEventListener("load", () => {
		const edge = document.documentElement.clientWidth + 1, all = [...document.images];
		const bad = all.filter(i => !i.naturalWidth || i.getBoundingClientRect().right > edge);
		document.title = `${all.length} pictures, bad: ${bad.map(i => i.src)}.`;
	})</script>'
	{
		echo '<base href="out/digits/">'
		cat out/digits/index.html
		echo "$check"
	} >checked.html
	[ "$(grep -c '<img' out/digits/index.html)" -gt 20 ]
	for width in 1000 500; do
		chromium --headless --no-sandbox --disable-gpu --user-data-dir="$PWD/browser" \
			--window-size=$width,2000 --dump-dom "file://$PWD/checked.html" >dom 2>/dev/null
		grep -oE '<title>[1-9][0-9]* pictures, bad: .*' dom
		grep -qE '<title>[1-9][0-9]* pictures, bad: \.</title>' dom
	done
}

@test "figures: every image has a text in its place" {
	run ! grep -E '<img ([^a]|a[^l])*>' out/digits/index.html
	run ! grep 'alt=""' out/digits/index.html
}

@test "figures: a second run does nothing" {
	[ "$("${figures[@]}" figures)" = "make: Nothing to be done for 'figures'." ]
}

@test "figures: every output says which command made it, and of what" {
	find out -type f -not -path '*/record/*' >outputs
	[ "$(wc -l <outputs)" -gt 30 ]
	mapfile -t records < <(sed 's,digits/,&record/,' outputs)
	# The command, up to an empty line, names the output, and so does a checksum.
	awk '
		FNR == 1 { made = 0; output = FILENAME; sub("record/", "", output); name = output; sub(/.*\//, "", name) }
		$0 == "" { made = 1 }
		!made && index($0, name) { said[FILENAME] }
		made && $2 == output { summed[FILENAME] }
		END {
			for (i = 1; i < ARGC; i++)
				if (!(ARGV[i] in said && ARGV[i] in summed)) { print ARGV[i]; bad = 1 }
			exit bad
		}' "${records[@]}"
	# Most are of the same few programs.
	sed -s '1,/^$/d' "${records[@]}" | sort -u | sha256sum --quiet --strict -c
}

@test "figures: every program in a command is among what the output was made of" {
	# What the page is made of is spoken of in its command, not run.
	mapfile -t records < <(find out -type f -path '*/record/*' ! -name index.html)
	awk -v tools="$(basename -s .c "$root"/tools/*.c | paste -s -d ' ')" '
		function judge() {
			gsub(/[^[:alnum:]_-]+/, " ", command)
			n = split(command, word, " ")
			for (i = 1; i <= n; i++)
				if (word[i] in tool && !(word[i] in made)) print record ": " word[i]
			seen += n
		}
		BEGIN { for (i = split(tools, name, " "); i; i--) tool[name[i]] }
		FNR == 1 { judge(); record = FILENAME; command = ""; inputs = 0; split("", made) }
		$0 == "" { inputs = 1 }
		inputs && sub(/.*\/bin\//, "") { made[$0] }
		!inputs { command = command " " $0 }
		END { judge(); if (seen < 1000) print seen " words of commands" }' "${records[@]}" >lacking
	diff lacking /dev/null
}

@test "figures: the command of a record makes the same again" {
	for output in tables/confusion.tsv figures/random.png models/pa2/1.test.tsv \
		sheets/twenty.npy tables/occlusion-15.tsv figures/occlusion-15.png \
		sheets/shifts/told.npy tables/sliding.patch.tsv figures/sliding/maps.png figures/sliding/examples.png \
		attacks/grown-on.npy attacks/like-0.01.log.tsv tables/carry.tsv figures/noise-32.png figures/betas.png; do
		cp "out/digits/$output" before
		PATH=$root/${B:-build}/bin:$PATH bash -e -o pipefail -c "$(sed '/^$/,$d' "out/digits/record/$output")"
		cmp before "out/digits/$output"
	done
}

@test "figures: every network is trained as its story says, whatever waits for it" {
	cd out/digits/record/models
	for seed in 1 2; do
		for net in pa2 pa2-bn patches; do
			grep -q -e '--holdout 100 ' $net/$seed.safetensors
			grep -q -e ' - out/digits/data/train.npy >' $net/$seed.safetensors
		done
		grep -q -e '--lr 0.01 ' patches/$seed.safetensors
		grep -q -e '--validation out/digits/data/held.npy ' patches-bn/$seed.safetensors
		grep -q -e ' - out/digits/data/moved.npy >' patches-bn/$seed.safetensors
	done
}

@test "figures: the best network is one with the fewest validation errors, and is not changed" {
	best=$(for log in out/digits/models/pa2/*.log.tsv; do echo "$(tail -n 1 "$log" | cut -f 8) $log"; done | sort -g | head -n 1)
	read -r net seed error _ < <(sed -n 2p out/digits/tables/best.tsv)
	[ "$error" = "${best% *}" ]
	cmp "out/digits/models/$net/$seed.safetensors" out/digits/models/best.safetensors
	[ "$(sed 1d out/digits/tables/unchanged.tsv | cut -f 2 | sort | uniq -c | awk '{ print $1 }')" = 2 ]
}

@test "figures: the middle of an occlusion map is what a patch inside the image gives" {
	cd out/digits
	for patch in 15 5; do
		places=$((29 - patch))
		img-occlude -p $patch sheets/twenty.npy | nn-run models/best.safetensors | npy-reduce -a 1 argmax |
			npy-reshape -1,$places,$places >inside.npy
		npy-slice ":,$((patch / 2)):$((patch / 2 + places)),$((patch / 2)):$((patch / 2 + places))" \
			sheets/occlusion/$patch.classes.npy | npy-diff inside.npy -
		[ "$(sed -n 2p tables/occlusion-$patch.tsv | cut -f 5)" = $((places * places)) ]
	done
}

@test "figures: the parts of a kernel" {
	{
		printf 'flat\t1\t1\t1\t1\t1\t1\t1\t1\t1\n'
		printf 'edge\t-1\t0\t1\t-1\t0\t1\t-1\t0\t1\n'
		printf 'edge\t-1\t-1\t-1\t0\t0\t0\t1\t1\t1\n'
		printf 'spot\t-1\t-1\t-1\t-1\t8\t-1\t-1\t-1\t-1\n'
		printf 'other\t1\t0\t-1\t0\t0\t0\t-1\t0\t1\n'
	} | awk -f pipelines/kernels.awk | cut -f 3-8 >found
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' mean edge centre rest mostly_edge mostly_centre \
		1 0 0 0 0 0  0 1 0 0 2 0  0 0 1 0 0 1  0 0 0 1 0 0 | diff - found
}

@test "figures: integrated gradients add up to what the logit gains" {
	sed 1d out/digits/tables/completeness.tsv | awk -F '\t' '
		{ n++; bad += ($4 < 0 ? -$4 : $4) > 0.05 + 0.02 * ($3 < 0 ? -$3 : $3) } END { exit n != 10 || bad }'
}

@test "figures: rank correlations are those of ranks, over all pixels and over those with ink" {
	cd out/digits
	npy-slice -k 0 sheets/ten.npy >ten.npy
	/usr/bin/python3 - <<-'END'
		import csv, numpy
		def ranks(v): return ((v[:, None] > v).sum(1) + (v[:, None] >= v).sum(1)) / 2
		def load(model, name): return abs(numpy.load(f"sheets/maps/{model}.{name}.npy"))
		images = numpy.load("ten.npy")
		numbers = 0
		for row in csv.DictReader(open("tables/sanity.tsv"), delimiter="\t"):
		    best, other = load("best", row["map"]), load(row["model"], row["map"])
		    i, side = int(row["image"]), best.shape[1]
		    chosen = images[i].reshape(side, 28 // side, side, 28 // side).max((1, 3)) >= (row["pixels"] == "ink")
		    a, b = ranks(best[i][chosen]), ranks(other[i][chosen])
		    if a.std() * b.std() > 0:
		        numpy.testing.assert_allclose(float(row["correlation"]), numpy.corrcoef(a, b)[0, 1], atol=1e-9)
		        numbers += 1
		    else:
		        assert row["correlation"] == "nan"
		assert numbers > 200
	END
	rm ten.npy
}

@test "figures: a training that fails leaves no model" {
	run -2 "${figures[@]}" out/digits/models/pa2/7.safetensors HOLDOUT=500
	[ ! -e out/digits/models/pa2/7.safetensors ]
}

@test "figures: a training that is stopped leaves no model, and goes on as if it had not been" {
	model=out/digits/models/pa2/1
	mv $model.safetensors before
	rm $model.log.tsv
	# Whatever it starts holds the lock until it ends.
	exec 9>lock
	flock 9
	"${figures[@]}" EPOCHS=100000 $model.safetensors >/dev/null 2>&1 3>&- &
	make=$!
	exec 9>&-
	# The log's row 0 is written as the first step begins.
	until [ -s $model.safetensors ] || grep -qs '^0' $model.log.tsv; do sleep 0.1; done
	kill -TERM $make
	if wait $make; then false; fi
	flock -n lock true
	[ ! -e $model.safetensors ]
	"${figures[@]}" $model.safetensors
	cmp before $model.safetensors
}

@test "figures: the steps are counted, and all are taken" {
	count=$(sed -n 's/^\[[0-9]*\/\([0-9]*\)\] .*/\1/p' log | sort -u)
	sed -n 's/^\[\([0-9]*\/[0-9]*\)\] out\/.*/\1/p' log | sort -n | diff - <(seq -f "%g/$count" "$count")
	grep -q "^\[$count/$count\] out/digits/index.html" log
}

@test "figures: a page whose numbers are missing is none" {
	cp -r out/digits copy
	cut -f 1-3 out/digits/tables/summary.tsv >copy/tables/summary.tsv
	run -1 --separate-stderr pipelines/page/page x copy pipelines/page/*.section
	[[ ${stderr_lines[0]} == "page: no such cell: tables/summary.tsv "* ]]
}

@test "figures: a data set is a folder of IDX files" {
	mkdir -p sets/letters
	for part in train t10k; do
		img-digits -n 20 | npy-slice -k 0 | npytoidx | gzip >sets/letters/$part-images-idx3-ubyte.gz
		img-digits -n 20 | npy-slice -k 1 | npytoidx | gzip >sets/letters/$part-labels-idx1-ubyte.gz
	done
	"${figures[@]}" DATASETS=sets out/letters/data/train.npy out/letters/data/test.npy
	img-digits -n 20 | cmp - out/letters/data/train.npy
	img-digits -n 20 | cmp - out/letters/data/test.npy
}

@test "figures: Student's interval" {
	# The quantiles t(0.975) are from any table: 12.706, 4.303, 2.776, 2.262 for 1, 2, 4, 9 degrees.
	for case in 2:12.706 3:4.303 5:2.776 10:2.262; do
		awk -v n="${case%:*}" 'BEGIN { OFS = "\t"; print "net", "seed", "x"
			for (i = 1; i <= n; i++) { print "p", i, i; print "q", i, 2 * i } }' >runs
		awk -f pipelines/student.awk -v a=p -v b=q runs | awk -v n="${case%:*}" -v t="${case#*:}" '
			function near(x, y) { return x - y < 1e-3 * y && y - x < 1e-3 * y }
			$2 == "p" { good = $3 == n && near($4, (n + 1) / 2) && near($7 - $4, t * $5 / sqrt(n)) }
			$2 == "ratio" { good = good && $4 == 2 && $6 == 2 && $7 == 2 }
			END { exit !good }'
	done
}

@test "figures: the network that is fooled is the best, as it was trained, and the second is another" {
	cd out/digits
	read -r net seed _ < <(sed -n 2p tables/best.tsv)
	[ "$(sed 1d tables/unchanged.tsv | cut -f 2 | sort -u)" = "$(sha256sum <"models/$net/$seed.safetensors" | cut -d ' ' -f 1)" ]
	run ! cmp -s models/best.safetensors models/second.safetensors
}

@test "figures: twice the steps are the same as all at once" {
	cd out/digits
	npy-slice :10 attacks/start.npy | nn-ascend -c : -n 60 -s 100 models/best.safetensors | npy-diff -n 1e-6 attacks/grown-on.npy -
}

@test "figures: the answers of a table are what the network says of the images, and of 8-bit pictures of them" {
	cd out/digits
	for attack in grown like-0.01 noisy-32 fixed-128; do
		answers=tables/$attack.answers.tsv
		nn-run models/best.safetensors attacks/$attack.npy | npy-reduce -a 1 argmax | npytotsv |
			diff - <(sed 1d $answers | cut -f 2)
		npytopnm -e -r 0:255 attacks/$attack.npy | pnmtonpy | nn-run models/best.safetensors |
			npy-reduce -a 1 argmax | npytotsv | diff - <(sed 1d $answers | cut -f 4)
		nn-run models/second.safetensors attacks/$attack.npy | npy-reduce -a 1 argmax | npytotsv |
			diff - <(sed 1d $answers | cut -f 6)
	done
}

@test "figures: an image towards a digit has the distance from it that the table says" {
	cd out/digits
	for shown in 0 7; do
		npy-slice "$((10 * shown)):$((10 * shown + 10))" attacks/like-0.1.npy |
			npy-calc -l '(a - b) ** 2' - <(npy-slice $shown attacks/digits.npy) |
			npy-reshape 10,784 | npy-reduce -a 1 mean >mse.npy
		tail -n 100 attacks/like-0.1.log.tsv | sed -n "$((10 * shown + 1)),$((10 * shown + 10))p" | cut -f 8 | tsvtonpy |
			npy-diff --any-type -r 1e-5 - mse.npy
		rm mse.npy
	done
}

@test "figures: noises are within their bounds, and each is added to each test image" {
	cd out/digits
	for bound in 8 32 255; do
		[ "$(npy-calc 'abs(a)' attacks/noise-$bound.npy | npy-reduce max | npy-calc "a <= $bound" | npytotsv)" = 1 ]
	done
	for pair in 0:0 3:7 9:9; do
		image=${pair%:*} noise=${pair#*:}
		npy-calc 'a + b' <(npy-slice -k 0 "$image" attacks/fixed.npy) <(npy-slice "$noise" attacks/noise-32.npy) |
			npy-diff <(npy-slice "$((10 * image + noise))" attacks/fixed-32.npy) -
	done
	[ "$(npy-slice -k 1 attacks/fixed.npy | npytotsv)" = "$(sed 1d tables/fixed-32.tsv | cut -f 1)" ]
	[ "$(sed 1d tables/fixed-32.tsv | cut -f 2- | tr '\t' '\n')" = "$(sed 1d tables/fixed-32.answers.tsv | cut -f 2)" ]
}

@test "figures: steps at which a cost falls are counted, across a continuation too" {
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
	awk -f pipelines/growing.awk first.tsv second.tsv | sed 1d >found
	printf '7\t4\t2\t5\t-5\t-3\t-4\n' | diff - found
}

@test "figures: what a noise carries to does not count images of its class" {
	answers='target predicted probability predicted_8bit probability_8bit predicted_second probability_second'
	{ echo "$answers"; for c in {0..9}; do printf '%s\t0\t1\t%s\t1\t5\t1\n' "$c" "$c"; done; } >own
	{ echo "$answers"; for c in {0..9}; do printf '%s\t3\t1\t%s\t1\t4\t1\n' "$c" "$c"; done; } >fixed
	{ printf 'true\t0\t1\t2\t3\t4\t5\t6\t7\t8\t9\n'; printf '4\t3\t3\t3\t3\t3\t3\t3\t3\t3\t3\n'; } >table
	awk -v bound=8 -f pipelines/carry.awk own fixed table table | sed 1d >found
	printf '8\t1\t10\t1\t9\t1\t9\t0\t9\t1\n' | diff - found
}

@test "figures: a map's share of pairs, its mean and its place are those of a definition" {
	cd out/digits
	for seed in best 1 2; do
		[ $seed = best ] && model=models/patches.safetensors || model=models/patches/$seed.safetensors
		nn-run -l relu3 $model data/test.npy >$seed.npy
	done
	nn-run -l relu3 models/patches.safetensors data/train.npy >train.npy
	/usr/bin/python3 - <<-'END'
		import csv, numpy
		def table(name): return list(csv.DictReader(open(f"tables/patches.{name}.tsv"), delimiter="\t"))
		def read(name, data):
		    with open(f"data/{data}.npy", "rb") as f: numpy.load(f); labels = numpy.load(f)
		    x = numpy.load(name + ".npy").astype(float)
		    return x[labels == 0], x[labels == 8]
		def share(a, b):
		    a, b = (v.mean((2, 3)).astype("f4")[:, None] for v in (a, b))
		    b = b.swapaxes(0, 1)
		    return (a > b).mean((0, 1)) + (a == b).mean((0, 1)) / 2
		near = lambda a, b: numpy.testing.assert_allclose(numpy.array(a, float), b, rtol=1e-5, atol=1e-9)
		def column(rows, key): return [float(row[key]) for row in rows]
		def places(rows): return [8 * int(row["row"]) + int(row["column"]) for row in rows]

		test, train = read("best", "test"), read("train", "train")
		maps = table("maps")
		k = places(maps)
		assert sorted(k) == list(range(64))
		near(column(maps, "train"), share(*train)[k])
		near(column(maps, "test"), share(*test)[k])
		assert (numpy.diff(column(maps, "train")) <= 0).all()
		near(column(maps, "mean_0"), test[0].mean((0, 2, 3))[k])
		near(column(maps, "mean_8"), test[1].mean((0, 2, 3))[k])

		middle = table("middle")
		k = places(middle)
		near(column(middle, "train"), share(*(x[:, :, 2:6, 2:6] for x in train))[k])
		near(column(middle, "middle"), share(*(x[:, :, 2:6, 2:6] for x in test))[k])
		d = (test[0].mean(0) - test[1].mean(0)) / numpy.maximum(numpy.sqrt((test[0].var(0) + test[1].var(0)) / 2), 1e-30)
		near(float(table("share")[0]["share"]), (d[:, 2:6, 2:6] ** 2).sum() / (d ** 2).sum())

		for row in table("seeds"):
		    s = share(*read(row["seed"], "test"))
		    near([row["most"], row["least"], row["6,0"], row["5,0"], row["1,1"], row["5,2"]],
		         [s.max(), s.min(), s[48], s[40], s[9], s[42]])
	END
	rm best.npy 1.npy 2.npy train.npy
}

@test "figures: one pair of images is held against all by Spearman's correlation and by the best maps" {
	cd out/digits
	/usr/bin/python3 - <<-'END'
		import csv, numpy
		def table(name): return list(csv.DictReader(open(f"tables/patches.{name}.tsv"), delimiter="\t"))
		def ranks(v): return ((v[:, None] > v).sum(1) + (v[:, None] >= v).sum(1)) / 2
		maps, pairs = table("maps"), table("pairs")
		k = [8 * int(row["row"]) + int(row["column"]) for row in maps]
		test = numpy.empty(64)
		test[k] = [float(row["test"]) for row in maps]
		differences = numpy.load("sheets/patches/apart/differences.npy")
		assert len(pairs) == len(differences) > 10
		numpy.testing.assert_allclose(differences[0][k], [float(row["pair_0"]) - float(row["pair_8"]) for row in maps], atol=1e-6)
		for row, d in zip(pairs, differences):
		    numpy.testing.assert_allclose(float(row["correlation"]), numpy.corrcoef(ranks(d), ranks(test))[0, 1], rtol=1e-9)
		    order = numpy.argsort(d)
		    assert int(row["for_0"]) == len(set(order[-5:]) & set(k[:5]))
		    assert int(row["for_8"]) == len(set(order[:5]) & set(k[-5:]))
	END
}

@test "figures: how much of a filter its mean keeps" {
	cd out/digits
	for layer in conv2 conv3; do nn-weights models/patches.safetensors $layer.weight >$layer.npy; done
	/usr/bin/python3 - <<-'END'
		import numpy
		for layer, n in ("conv2", 32), ("conv3", 64):
		    w = numpy.load(layer + ".npy").astype(float)
		    flat = numpy.repeat(w.mean(1, keepdims=True), w.shape[1], 1)
		    kept = [float(line.split("\t")[2]) for line in open("tables/patches.kept.tsv") if line.startswith(layer)]
		    assert len(kept) == n
		    numpy.testing.assert_allclose(kept, (flat ** 2).sum((1, 2, 3)) / (w ** 2).sum((1, 2, 3)), rtol=1e-5)
	END
	rm conv2.npy conv3.npy
}

@test "figures: all kernels of a layer are drawn, a row a filter, red where they are positive" {
	cd out/digits
	for layer in conv2:32:5:4 conv3:64:3:6; do
		IFS=: read -r name filters side pixel <<<$layer
		nn-weights models/patches.safetensors "$name.weight" >weights.npy
		pngtopnm "figures/patches/$name-slices.png" | pnmtonpy >drawn.npy
		/usr/bin/python3 - "$filters" "$side" "$pixel" <<-'END'
			import sys, numpy
			filters, side, pixel = map(int, sys.argv[1:])
			w, drawn, gap = numpy.load("weights.npy"), numpy.load("drawn.npy")[0].astype(int), 3
			step = side * pixel + gap
			assert drawn.shape == (3, gap + filters * step, gap + 32 * step)
			centre = lambda cells: numpy.add.outer(gap + step * numpy.arange(cells), pixel * numpy.arange(side) + pixel // 2)
			rows, columns = centre(filters), centre(32)
			red = (drawn[0] - drawn[2])[rows[:, None, :, None], columns[None, :, None, :]]
			clear = abs(w) > 0.02 * abs(w).max()
			assert (numpy.sign(red) == numpy.sign(w))[clear].all()
		END
	done
	rm weights.npy drawn.npy
}

@test "figures: each of the two grids has 64 maps, and the best are framed in the digit's colour" {
	cd out/digits
	[ "$(npytotsv sheets/patches/apart/marks.npy | sort | uniq -c | awk '{ print $2 ":" $1 }' | paste -sd ' ')" = "0:54 3:5 4:5" ]
	pngtopnm figures/patches/relu3.png | pnmtonpy >drawn.npy
	/usr/bin/python3 - <<-'END'
		import numpy
		drawn = numpy.load("drawn.npy")[0].astype(int)
		maps = numpy.load("sheets/patches/pair/relu3.npy")
		marks = numpy.load("sheets/patches/apart/marks.npy")
		best = [tuple(map(int, line.split()[:2])) for line in list(open("tables/patches.maps.tsv"))[1:]]
		brightness = []
		for image, left in enumerate((12, 344)):
		    for k in range(64):
		        y, x = 12 + 56 * (k // 8), left + 40 * (k % 8)
		        frame, cell = drawn[:, y, x], drawn[:, y + 4:y + 34:4, x + 4:x + 34:4]
		        at = best.index((k // 8, k % 8))
		        assert marks[k] == (3 if at < 5 else 4 if at > 58 else 0)
		        assert {3: frame[2] > frame[0] + 50, 4: frame[0] > frame[2] + 50, 0: frame.min() == 255}[marks[k]]
		        brightness.append((cell.sum(0), maps[image, k]))
		drawn, true = (numpy.concatenate([cell.ravel() for cell in cells]) for cells in zip(*brightness))
		# Brighter is more.
		order = numpy.argsort(true, kind="stable")
		assert (numpy.diff(drawn[order]) >= -2).all() and drawn[order[0]] < 10 and drawn[order[-1]] > 500
	END
	rm drawn.npy
}

@test "figures: a window shows the other digit, and what is told of it is counted" {
	cd out/digits/sheets/patches/apart
	for pair in 0:8 8:0; do
		digit=${pair%:*} other=${pair#*:}
		for place in 0:0,0 4:9,9 8:18,18; do
			IFS=:, read -r k row column <<<$place
			npy-slice -k 0 "$k::9" "$digit-window.npy" >window.npy
			inside=":,$row:$((row + 10)),$column:$((column + 10))"
			npy-slice "$inside" window.npy | npy-diff - <(npy-slice -k 0 "$inside" "$other.npy")
			npy-slice ":,$(((row + 10) % 28)),:" window.npy | npy-diff - <(npy-slice -k 0 ":,$(((row + 10) % 28)),:" "$digit.npy")
			nn-run ../../../models/patches.safetensors window.npy | npy-reduce -a 1 argmax | npy-calc "a == $other" | npy-reduce sum |
				npytotsv | diff - <(awk -F '\t' -v row="$row" -v column="$column" -v name="${digit}_told_$other" '
					NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i }
					$1 == row && $2 == column { print $c }' ../../../tables/patches.window.tsv)
		done
	done
	rm window.npy
}

@test "figures: all numbers of the recurrent network are those of document 003, but for its mistakes" {
	cd out/digits
	[ "$(wc -l <tables/recurrent.tsv)" = 29 ]
	awk -F '\t' '$5 == "no" { print $1, $2 }' tables/recurrent.tsv |
		diff <(printf '%s\n' 'backpropagation da1(3)/db1' 'step b1' 'step b2') -
	grep -q '<b>25 of 28 agree</b>' index.html
	# The page's own chain for da1(3)/db1 gives what the program does, and the step is along the gradient, but for the
	# square of the 1e-4 of its differences.
	grep -qx '1 + 0.004203151 (1 + 0.070650825) = 1.0045001. Times dL/da<sub>1</sub>(3) =' index.html
	grep -q 'is <b>1.0045001</b>' index.html
	npy-calc '(a - b) / 0.01' <(npy-slice -k 3 recurrent/toy.npy) <(npy-slice -k 3 recurrent/stepped.npy) |
		npy-diff -a 1e-8 - <(npy-slice -k 3 recurrent/backpropagation.npy)
}

@test "figures: numbers agree to the last printed place, rounded or cut off" {
	{
		printf 'part\tquantity\treport\there\n'
		printf 'p\tq\t%s\t%s\n' 0.434009 0.4340099 0.43401 0.4340099 0.434009 0.4340101 0.434009 0.4340079 \
			-0.01329 -0.0132897 0.01329 -0.0132897 1 1.5 1 2 3.1234567890123456 3.12345678901232 3.1234567890123456 3.1234567890125
	} | awk -f pipelines/agrees.awk | cut -f 3-5 >found
	{
		printf 'here\treport\tagrees\n'
		printf '%s\t%s\t%s\n' 0.4340099 0.434009 yes 0.4340099 0.43401 yes 0.4340101 0.434009 no 0.4340079 0.434009 no \
			-0.0132897 -0.01329 yes -0.0132897 0.01329 no 1.5 1 yes 2 1 no 3.12345678901232 3.1234567890123456 yes 3.1234567890125 3.1234567890123456 no
	} | diff - found
}

@test "figures: what is told of shifted images is told of images that NumPy shifts" {
	cd out/digits
	numpy 'x = get("sheets/shifts/images.npy")[0]
put(np.concatenate([np.pad(x, [(0, 0), (3, 3), (3, 3)], mode="edge")[:, 3 - dy:31 - dy, 3 - dx:31 - dx]
    for dx, dy in [(-3, 0), (1, 2), (3, -3), (0, 0)]]))' | nn-run models/patches.safetensors |
		npy-reduce -a 1 argmax | npy-reshape 4,20 >expected.npy
	# Of seven times seven, row by row.
	for shift in 0:$((3 * 7)) 1:$((5 * 7 + 4)) 2:6 3:24; do
		npy-slice ":,${shift#*:}" sheets/shifts/told.npy | npy-diff --any-type <(npy-slice "${shift%:*}" expected.npy) -
	done
	rm expected.npy
}

@test "figures: what the tables of shifts say follows from what is told" {
	cd out/digits/tables
	# Told are classes at random, so that nothing depends on what so small a network has learned.
	npy-random -s 3 integers:0:3 49,20 >told.npy
	npy-random -s 4 integers:0:3 20 >labels.npy
	npy-calc 'a == b' ../sheets/shifts/told.npy <(npy-slice -k 1 ../sheets/shifts/images.npy) | npy-reduce -a 0 mean | npytotsv |
		diff <(sed 1d shifts.tsv | cut -f 3) -
	{
		printf 'x\ty\taccuracy\n'
		numpy 't, l = get("told.npy")[0].reshape(7, 7, 20), get("labels.npy")[0]
for y in range(-3, 4):
    for x in range(-3, 4): print(x, y, (t[y + 3, x + 3] == l).mean(), sep="\t")'
	} >random.tsv
	awk -f "$root/pipelines/rings.awk" random.tsv | sed 1d | cut -f 1-4,7 >found
	numpy 't, l = get("told.npy")[0].reshape(7, 7, 20), get("labels.npy")[0]
a = (t == l).mean(2)
far = np.maximum(abs(np.arange(-3, 4))[:, None], abs(np.arange(-3, 4)))
for d in range(4):
    ring = a[far == d]
    print(d, ring.size, "%.4f" % ring.mean(), "%g" % ring.min(), "%g" % ring.max(), sep="\t")' | diff - found
	numpy 't, l = get("told.npy")[0].reshape(7, 7, 20), get("labels.npy")[0]
far = np.hypot(np.arange(-3, 4)[:, None], np.arange(-3, 4))[..., None]
least = np.where(t != t[3, 3], far, np.inf).min((0, 1))
for i in np.argsort(least): print(l[i], t[3, 3, i], t[3, 0, i], t[3, 6, i], least[i], sep="\t")' |
		awk -f "$root/pipelines/shifts.awk" | sed '1d; 5,$d' >found
	numpy 't, l = get("told.npy")[0].reshape(7, 7, 20), get("labels.npy")[0]
for c in range(3):
    mine = l == c
    right = mine & (t[3, 3] == c)
    least = [min(np.hypot(x, y) for y in range(-3, 4) for x in range(-3, 4) if t[y + 3, x + 3, i] != c) for i in np.flatnonzero(right)]
    print(c, mine.sum(), right.sum(), (mine & (t[3, 0] == c)).sum(), (mine & (t[3, 6] == c)).sum(),
        *("%.2f" % v for v in (min(least), np.median(least))), 0, sep="\t")' | diff - found
	rm told.npy labels.npy random.tsv found
	[ "$(sed 1d shifts.digits.tsv | awk '{ n += $2 } END { print n }')" = 20 ]
}

# A field of probabilities of ten classes over 5 x 5 places of three images, class 6 before others in most.
field() {
	numpy 'r = np.random.default_rng(7)
p = r.random((3, 25, 10)); p[..., 6] += 0.6 * r.random((3, 25)); p[2, :, 6] += 2
put(p / p.sum(2, keepdims=True))' >field.npy
}

@test "figures: fractions, flips and ways of a sliding patch are those of a search in NumPy" {
	field
	npy-reshape -1,10 field.npy | npytotsv | awk -v class=6 -v side=5 -f pipelines/sliding.awk | sed 1d |
		awk -v OFS='\t' '{ $7 = sprintf("%g", $7); print }' | cut -f 1-8,12-14 >found
	numpy 'p = get("field.npy")[0].reshape(3, 5, 5, 10)
t = p.argmax(3)
places = [(r, c) for r in range(5) for c in range(5)]
for i in range(3):
    wrong = [a for a in places if t[i][a] != 6]
    ways = [min(np.hypot(a[0] - b[0], a[1] - b[1]) for b in places if t[i][b] == 6) for a in wrong]
    taken = np.bincount([t[i][a] for a in wrong], minlength=10)
    steps = max(abs(np.diff(p[i, ..., 6], axis=k)).max() for k in (0, 1))
    # From beyond an edge a patch of 24 has gone 24 pixels when it is in the first row.
    into = [min(a[0], a[1], 4 - a[0], 4 - a[1]) + 24 for a in wrong]
    print(i, 25, 25 - len(wrong), "%g" % (1 - len(wrong) / 25), len(wrong), taken.argmax() if wrong else "none", "%g" % p[i, ..., 6].min(), "%g" % steps,
        *(("%.2f" % min(ways), "%.2f" % max(ways), min(into)) if wrong else ["none"] * 3), sep="\t")' | diff - found
	[ "$(cut -f 5 found | sort -n | sed -n '1p')" = 0 ]
	[ "$(cut -f 5 found | sort -n | sed -n '$p')" -gt 3 ]
	npy-reshape -1,10 field.npy | npy-reduce -a 1 argmax | npytotsv | awk -v class=6 -v side=5 -f pipelines/quadrants.awk | sed 1d | cut -f 1-3 >found
	numpy 'w = get("field.npy")[0].reshape(3, 5, 5, 10).argmax(3) != 6
for name, r, c in ("upper left", [0, 1], [0, 1]), ("upper right", [0, 1], [3, 4]), ("lower left", [3, 4], [0, 1]), ("lower right", [3, 4], [3, 4]):
    print(name, 12, w[:, r][:, :, c].sum(), sep="\t")
print("middle lines", 27, w[:, 2].sum() + w[:, :, 2].sum() - w[:, 2, 2].sum(), sep="\t")' | diff - found
}

@test "figures: the cases of a patch and of a window are those that their rules say" {
	field
	npy-random -s 5 uniform 25 >ink.npy
	paste <(npy-slice 0 field.npy | npytotsv) <(npytotsv ink.npy) | awk -v class=6 -v side=5 -f pipelines/cases.awk | sed 1d | cut -f 2-3,6 >found
	numpy 'p, ink = get("field.npy")[0][0], get("ink.npy")[0]
t = p.argmax(1)
place = lambda i: print(i // 5, i % 5, t[i], sep="\t")
place(max((i for i in range(25) if t[i] == 6), key=lambda i: ink[i]))
falls = [(p[i, 6] - p[j, 6], i, j) for i in range(25) for j in range(25) if t[i] == 6 != t[j] and abs(i // 5 - j // 5) + abs(i % 5 - j % 5) == 1]
_, before, over = max(falls)
place(before)
place(max((i for i in range(25) if t[i] not in (6, t[over])), key=lambda i: p[i].max()))
place(over)' | diff - found
	# With black as sure of 3 everywhere.  Of the flipped the surest is first, the rest are five where there are as many.
	paste <(npy-slice 0 field.npy | npytotsv) <(npy-random -s 1 bernoulli:0 25,10 | npy-calc -l 'a + (b == 3)' - <(seq 0 9 | tsvtonpy) | npytotsv) |
		awk -v class=6 -v side=5 -v most=5 -f pipelines/examples.awk | sed 1d >found
	[ "$(cut -f 3-4 found | sort -u)" = $'3\t1' ]
	[ "$(cut -f 1-2 found | sort -u | wc -l)" = 5 ]
	run ! grep -q $'\t6\t[^\t]*$' found
	numpy 'p = get("field.npy")[0][0]
t = p.argmax(1)
i = max((i for i in range(25) if t[i] != 6), key=lambda i: p[i].max())
print(i // 5, i % 5, t[i], sep="\t")' | diff - <(sed -n 1p found | cut -f 1-2,5)
	# Where nothing is flipped, the least sure stand in.
	paste <(npy-slice 2 field.npy | npytotsv) <(npy-slice 2 field.npy | npytotsv) |
		awk -v class=6 -v side=5 -v most=5 -f pipelines/examples.awk | sed 1d >found
	[ "$(cut -f 5 found)" = "$(printf '6\n%.0s' 1 2 3 4 5)" ]
	numpy 'i = get("field.npy")[0][2].max(1).argmin()
print(i // 5, i % 5, sep="\t")' | diff - <(sed -n 1p found | cut -f 1-2)
}

@test "figures: patches and windows go to every place, and are what NumPy makes" {
	cd out/digits/sheets/sliding
	sixes=$(npy-slice -k 1 sixes.npy | npytotsv | wc -l)
	[ "$(npy-slice -k 1 sixes.npy | npytotsv | sort -u)" = 6 ]
	for cover in patch:21:8 black:19:10 window:19:10; do
		IFS=: read -r name side patch <<<"$cover"
		numpy "x, five = get('sixes.npy')[0], get('five.npy')[0][0]
copies = []
for image in x:
    for top in range($side):
        for left in range($side):
            y = image.copy()
            there = slice(top, top + $patch), slice(left, left + $patch)
            y[there] = five[there] if '$name' == 'window' else 0
            copies.append(y)
put(np.array(copies))" >covered.npy
		nn-run -p ../../models/patches.safetensors covered.npy | npy-diff -n 1e-6 "$name.probabilities.npy" -
		# The share of these that are told to be a 6.
		npy-reduce -a 1 argmax "$name.probabilities.npy" | npytotsv | awk -v places=$((side * side)) '
			{ right += $1 == 6 } NR % places == 0 { printf "%d\t%d\t%.5g\n", places, right, right / places; right = 0 }' |
			diff - <(sed 1d "../../tables/sliding.$name.tsv" | awk -v OFS='\t' '{ print $2, $3, sprintf("%.5g", $4) }')
		[ "$(sed 1d "../../tables/sliding.$name.tsv" | wc -l)" = "$sixes" ]
	done
	rm covered.npy
}

# windows: the table of what windows show is that of what is told.  There is none onto an image itself.
windows() {
	npy-slice -k 1 sheets/sliding/digits.npy | npytotsv >labels
	numpy 'labels = [int(l) for l in open("labels")]
pairs = [tuple(map(int, l.split())) for l in open("tables/sliding.pairs.tsv").readlines()[1:]]
assert all(i != j for i, j in pairs)
told = get("sheets/sliding/windows.told.npy")[0]
black = get("sheets/sliding/blacks.told.npy")[0]
assert told.shape == (len(pairs), 361) and black.shape == (len(labels), 361)
rows = []
for a in sorted(set(labels)):
    for b in range(10):
        t = told[[labels[i] == a and labels[j] == b for i, j in pairs]]
        if len(t): rows.append((a, b, len(t), t.size, (t != a).sum(), "%.6g" % (t != a).mean(), (t == b).sum() if a != b else 0))
    t = black[[l == a for l in labels]]
    rows.append((a, "black", len(t), t.size, (t != a).sum(), "%.6g" % (t != a).mean(), 0))
for row in rows: print(*row, sep="\t")' |
		diff - <(sed 1d tables/sliding.windows.tsv)
	rm labels
	# The last pair, in the last place.
	read -r image other < <(sed -n '$p' tables/sliding.pairs.tsv)
	numpy "x = get('sheets/sliding/digits.npy')[0]
y = x[$image].copy()
y[18:, 18:] = x[$other][18:, 18:]
put(y)" | nn-run models/patches.safetensors | npy-reduce argmax | npytotsv |
		diff - <(npy-slice -1,360 sheets/sliding/windows.told.npy | npytotsv)
}

@test "figures: each digit is seen behind windows onto each" {
	cd out/digits
	cut -f 1,2 tables/sliding.windows.tsv | sed 1d | grep -v black |
		diff - <(for a in {0..9}; do for b in {0..9}; do [ "$a" = "$b" ] || printf '%s\t%s\n' "$a" "$b"; done; done)
	windows
}

@test "figures: where there are several of a digit, it is seen behind windows onto its like too" {
	mkdir -p out/likes/sheets/sliding
	ln -s ../digits/{data,models} out/likes
	npy-pick -i "$(npy-pick -l 3 -c 3 --indices out/digits/data/test.npy | npytotsv | paste -s -d ,),$(
		npy-pick -l 8 -c 2 --indices out/digits/data/test.npy | npytotsv | paste -s -d ,)" \
		out/digits/data/test.npy >out/likes/sheets/sliding/digits.npy
	"${figures[@]}" O=out/likes out/likes/tables/sliding.windows.tsv
	cd out/likes
	# Each with the next of its own, and with one of the others, from the first of them again.
	sed 1d tables/sliding.pairs.tsv | diff - <(printf '%s\t%s\n' 0 1 1 2 2 0  0 3 1 4 2 3  3 0 4 1  3 4 4 3)
	windows
	rm -r ../likes
}

@test "figures: while no tanh bends, a gradient changes by the spectral radius with each step back" {
	awk -F '\t' '
		/^small-/ { n++; radius = substr($1, 7); bad += $4 / radius < 0.97 || $4 / radius > 1.03 }
		END { exit n != 3 || bad }' out/digits/tables/flow.rates.tsv
}

@test "figures: the gradient at the last step is what V makes of the probabilities less the labels" {
	cd out/digits
	for net in drawn-1.3:"-n 64 --radius 1.3" lstm:"-c lstm -n 32 --forget-bias 1"; do
		# shellcheck disable=SC2086 # several words
		rnn-init ${net#*:} >model.npy
		nn-weights model.npy dense1.weight >V.npy
		rnn-run --last model.npy sequences/flow.npy >run.npy
		numpy "
V, y = get('V.npy')[0], get('run.npy')[2]
labels = get('sequences/flow.npy')[1]
norms = np.log10(np.linalg.norm((y - np.eye(2)[labels]) @ V, axis=1))
table = np.genfromtxt('tables/flow.tsv', names=True, delimiter='\t', deletechars='')
last = [table[-1]['${net%:*}' + end] for end in ('', '_sd')]
assert table['t'][-1] == 100 and abs(np.array(last) - [norms.mean(), norms.std()]).max() < 1e-4, last"
	done
	rm model.npy V.npy run.npy
}

@test "figures: of several seeds the one that errs least on what was held out is chosen, with Wilson's interval" {
	{
		printf 'net\tlength\tseed\tval_error\tclipped\ttest\tcorrect\n'
		printf '%s\t10\t%s\t%s\t%s\t100\t%s\n' a 1 0.2 0.5 99 a 2 0.1 0.25 95 a 3 0.1 0 96 b 1 0 nan 100
	} | awk -f pipelines/sequences.awk | sed 1d >found
	# 0.8882 to 0.9785 for 95 of 100 and 0.9630 to 1 for 100 are those of any Wilson calculator.
	{
		printf 'a\t10\t2\t0.1\t0.9500\t0.8882\t0.9785\t3\t0.9500\t0.9900\t0.250\n'
		printf 'b\t10\t1\t0\t1.0000\t0.9630\t1.0000\t1\t1.0000\t1.0000\tnan\n'
	} | diff - found
}

@test "figures: every kind of network has a line for every length, and is right as often as it says" {
	cd out/digits
	[ "$(sed 1d tables/sequences.tsv | cut -f 1 | sort | uniq -c | awk '{ printf "%s:%s ", $2, $1 }')" = \
		'esn:2 lstm:2 lstm-memory:2 lstm-sigmoid:1 rnn:2 rnn-edge:2 ' ]
	for net in rnn-edge/20/2 esn/10/1 lstm-memory/20/1; do
		IFS=/ read -r kind length seed <<<"$net"
		rnn-run --last "sequences/nets/$net.npy" "sequences/data/$length.test.npy" >run.npy
		numpy "
o, labels = get('run.npy')[1], get('sequences/data/$length.test.npy')[1]
print(len(labels), (o.argmax(1) == labels).sum(), sep='\t')" |
			diff - <(awk -F '\t' -v OFS='\t' -v k="$kind" -v l="$length" -v s="$seed" \
				'$1 == k && $2 == l && $3 == s { print $6, $7 }' tables/sequences.runs.tsv)
	done
	rm run.npy
}

@test "figures: no test sequence is one that was trained on or chosen by" {
	cd out/digits
	for length in 10 20; do
		cat sequences/data/$length.train.npy sequences/data/$length.test.npy >both.npy
		numpy '
X, _, Y, _ = get("both.npy")
assert len(X) == 250 and len(Y) == 100 and not set(map(bytes, X)) & set(map(bytes, Y))'
	done
	rm both.npy
}

@test "figures: an echo state network learns V and c only, by the penalty that the held-out sequences choose" {
	cd out/digits
	read -r radius penalty error < <(tail -n 1 sequences/nets/esn/20/1.log.tsv)
	[ "$error" = "$(sed 1d sequences/nets/esn/20/1.log.tsv | cut -f 3 | sort -g | head -n 1)" ]
	rnn-init -n 100 --radius "$radius" >reservoir.npy
	for tensor in rnn1.weight_hh_l0 rnn1.weight_ih_l0 rnn1.bias_ih_l0; do
		cmp <(nn-weights reservoir.npy $tensor) <(nn-weights sequences/nets/esn/20/1.npy $tensor)
	done
	npy-slice :200 sequences/data/20.train.npy >fitted.npy
	npy-slice 200: sequences/data/20.train.npy >held.npy
	{ rnn-run --last reservoir.npy fitted.npy | npy-slice -k 0; npy-slice -k 1 fitted.npy; } |
		npy-ridge -p "$penalty" >readout.npy
	npy-diff -a 1e-9 <(npy-slice -k 0 readout.npy) <(nn-weights sequences/nets/esn/20/1.npy dense1.weight)
	npy-diff -a 1e-9 <(npy-slice -k 1 readout.npy) <(nn-weights sequences/nets/esn/20/1.npy dense1.bias)
	rnn-run --last sequences/nets/esn/20/1.npy held.npy | npy-slice -k 1 | npy-reduce -a 1 argmax |
		npy-calc 'a != b' - <(npy-slice -k 1 held.npy) | npy-reduce mean | npytotsv | diff - <(echo "$error")
	rm reservoir.npy fitted.npy held.npy readout.npy
}

load ../../tests/pipelines

# A tree of its own: other tests change theirs.
# shellcheck disable=SC2034 # small() uses it
tree=$BATS_RUN_TMPDIR/lib

# The experiment whose run is looked at.
setup_file() {
	# shellcheck disable=SC2034 # small() uses it
	experiment=mnist
	small
}

E=out/digits.quick/mnist

@test "pipelines: every experiment has a section, tests, a sentence, a part of a document and a cost" {
	for story in "$root"/pipelines/*/story.mk; do
		folder=$(dirname "$story")
		name=$(basename "$folder")
		[ -s "$folder/section" ]
		[ -s "$folder/test.bats" ]
		grep -qE "^$name\.about +:= .{20}" "$story"
		grep -qE "^$name\.answers +:= [0-9]{3}\.[0-9]" "$story"
		grep -qE "^$name\.data +:= [a-z]" "$story"
		grep -qE "^$name\.cost +:= .*, " "$story"
	done
}

@test "pipelines: the variables of a story begin with its name" {
	for story in "$root"/pipelines/*/story.mk; do
		name=$(basename "$(dirname "$story")")
		run ! grep -nE '^[A-Za-z_][A-Za-z0-9_.-]* *(=|:=|\?=)' <(sed "/^$name\./d" "$story")
	done
}

@test "pipelines: the page says first which data it is about, and that this is the quick run" {
	grep -A3 '<h1>' "$D/index.html" | tr '\n' ' ' |
		grep -q 'Data: digits drawn by img-digits.*; 500 training images, 200 test images.*This is the quick run'
	[ "$(grep -c '<figcaption><span class="quick">' "$D/index.html")" = "$(grep -c '<figcaption>' "$D/index.html")" ]
}

@test "pipelines: the page that leads to all pages" {
	grep -q 'href="digits.quick/index.html"' out/index.html
	tail -n 1 mnist.log | grep -q "^The results: file://.*/out/digits.quick/index.html$"
}

@test "pipelines: every claim leads to its place" {
	claims=$(grep -oE '<tr class="(holds|fails|undecided)"><th><a href="#[^"]*"' "$D/index.html" | sed 's/.*#//; s/"//')
	[ "$(wc -l <<<"$claims")" -ge 6 ]
	for claim in $claims; do
		[ "$(grep -c "id=\"$claim\"" "$D/index.html")" = 1 ]
	done
}

@test "pipelines: a second run does nothing but name the page" {
	run -0 made mnist
	[ "${#lines[@]}" -eq 1 ]
	[[ ${lines[0]} == "The results: "* ]]
}

@test "pipelines: a removed output is made again, though nothing else is older than it" {
	cp $E/tables/summary.tsv "$scratch/summary.tsv"
	rm $E/tables/summary.tsv $E/figures/random.png "$D/index.html"
	made mnist >again.log
	[ -s $E/figures/random.png ] && [ -s "$D/index.html" ]
	cmp "$scratch/summary.tsv" $E/tables/summary.tsv
}

@test "pipelines: every output says which command made it, of what and by which programs" {
	# Other experiments of this tree make outputs meanwhile, and would change them under the reader.
	exec 8>"$tree/lock"
	flock 8
	find out -type f -not -path '*/record/*' -path 'out/*/*' >outputs
	[ "$(wc -l <outputs)" -gt 30 ]
	while read -r output; do
		IFS=/ read -r out set name rest <<<"$output"
		record=$out/$set/${rest:+$name/}record/${rest:-$name}
		sed '/^$/,$d' "$record" | grep -qF -- "${output##*/}" || grep -qF "${output##*/}" <(sed '/^$/,$d' "$record" | tr '{}' '\n')
		sed '1,/^$/d' "$record" | grep -q "  $output$"
		sed '1,/^$/d' "$record" | sha256sum --quiet --strict -c
	done <outputs
	grep -q '/bin/npy-confusion$' $E/record/tables/confusion.tsv
	grep -q '/bin/npytotsv$' $E/record/tables/confusion.tsv
}

@test "pipelines: the command of a record makes the same again" {
	for output in tables/confusion.tsv figures/random.png models/pa2/1.test.tsv tables/runs.tsv tables/summary.tsv; do
		cp -p "$E/$output" "$scratch/before"
		PATH=$root/${B:-build}/bin:$PATH bash -e -o pipefail -c "$(sed '/^$/,$d' "$E/record/$output")"
		cmp "$scratch/before" "$E/$output"
		cp -p "$scratch/before" "$E/$output"
	done
}

@test "pipelines: the steps are counted, and all are taken" {
	count=$(sed -n 's/^\[[0-9]*\/\([0-9]*\)\] .*/\1/p' mnist.log | sort -u)
	sed -n 's/^\[\([0-9]*\/[0-9]*\)\] .*/\1/p' mnist.log | sort -n | diff - <(seq -f "%g/$count" "$count")
}

@test "pipelines: a changed row trains its model again, and no other" {
	cp -rp "$root/pipelines" "$scratch/pipelines"
	sed -i '/^pa2-bn\t/s/--lr 0.003/--lr 0.002/' "$scratch/pipelines/mnist/runs.tsv"
	ln -sfn "$scratch/pipelines" pipelines
	would=$(made -n mnist | grep -o 'nn-train.*>.*safetensors' | sed 's/.*>//') || true
	ln -sfn "$root/pipelines" pipelines
	diff <(sort <<<"$would") <(printf '%s\n' $E/models/pa2-bn/{1,2}.safetensors)
}

@test "pipelines: a row with another network makes the network again, and trains" {
	cp -rp "$root/pipelines" "$scratch/pipelines"
	sed -i '/^pa2-bn\t/s/\tpa2-bn\t/\tpa2-bn s,dense   500,dense   50,\t/' "$scratch/pipelines/mnist/runs.tsv"
	ln -sfn "$scratch/pipelines" pipelines
	made -n mnist >"$scratch/would" || true
	ln -sfn "$root/pipelines" pipelines
	grep -c '>.*\.net$' "$scratch/would" | diff - <(echo 1)
	grep -o 'nn-train.*>.*safetensors' "$scratch/would" | sed 's/.*>//' | sort | diff - <(printf '%s\n' $E/models/pa2-bn/{1,2}.safetensors)
}

@test "pipelines: other EPOCHS train again" {
	made -n EPOCHS=2 mnist | grep -c 'nn-train.*--epochs 2' | diff - <(echo 4)
}

@test "pipelines: a row saves models on the way, and each says which command made it" {
	cp -rp "$root/pipelines" "$scratch/pipelines"
	sed -i 's/--epochs 2 --holdout 2000/& --save-at 0,100/' "$scratch/pipelines/mnist/runs.tsv"
	ln -sfn "$scratch/pipelines" pipelines
	made SEEDS=9 "$E/models/pa2/9.step0.safetensors"
	ln -sfn "$root/pipelines" pipelines
	# The knob SAVE_AT of these tests takes the place of the row's steps.
	printf '%s\n' "$E"/models/pa2/9.* | diff - <(printf '%s\n' "$E"/models/pa2/9.{log.tsv,safetensors,step{0,1,2}.safetensors})
	nn-init -s 9 "$E/models/pa2.net" | nn-weights - >"$scratch/new"
	nn-weights "$E/models/pa2/9.step0.safetensors" | diff "$scratch/new" -
	for step in 1 2; do
		nn-info --history "$E/models/pa2/9.step$step.safetensors" | grep -q "step:$step\b"
		sed '1,/^$/d' "$E/record/models/pa2/9.step$step.safetensors" | sha256sum --quiet --strict -c
	done
	rm "$E"/models/pa2/9.*
}

@test "pipelines: outputs that another program made are listed" {
	[ -z "$(made stale)" ]
	cp $E/record/tables/classes.tsv "$scratch/record"
	sed -i '/bin\/nn-eval$/s/^......../00000000/' $E/record/tables/classes.tsv
	run -0 made stale
	cp "$scratch/record" $E/record/tables/classes.tsv
	[ "$output" = "$E/tables/classes.tsv	${B:-build}/bin/nn-eval" ]
}

@test "pipelines: the rows of a measurement are not those of trainings" {
	made -n bench ROWS=train-a | grep -q 'tests/bench/bench train-a$'
}

@test "pipelines: the list says what there is, and what is to be made" {
	run -0 made list
	[ "$(grep -c '' <<<"$output")" = $(($(grep -l '' "$root"/pipelines/*/story.mk | wc -l) + 1)) ]
	# Other experiments may lack files of this one.
	lacking() { sed -nE 's/^mnist +mnist digits all .* (nothing|([0-9]+) steps) +a convolutional network.*/0\2/p'; }
	before=$(lacking <<<"$output")
	[ -n "$before" ]
	rm $E/figures/confusion.svg
	# The figure and the section.
	[ "$(made list | lacking)" -eq $((10#$before + 2)) ]
	made mnist >/dev/null
}

@test "pipelines: a training that fails leaves no model" {
	run -2 made SEEDS=7 HOLDOUT=500 $E/models/pa2/7.safetensors
	[ ! -e $E/models/pa2/7.safetensors ]
}

@test "pipelines: a training that is stopped leaves no model, and goes on as if it had not been" {
	model=$E/models/pa2/8
	made SEEDS=8 $model.safetensors
	mv $model.safetensors "$scratch/before"
	rm $model.log.tsv
	# Whatever it starts holds the lock until it ends.
	exec 9>"$scratch/lock"
	flock 9
	env -u MAKEFLAGS -u MAKELEVEL make --no-print-directory "B=${B:-build}" DATASETS=none DATASET=digits TRAIN_IMAGES=500 \
		TEST_IMAGES=200 HOLDOUT=100 SEEDS=8 EPOCHS=100000 $model.safetensors >/dev/null 2>&1 3>&- &
	make=$!
	exec 9>&-
	# The log's row 0 is written as the first step begins.
	until [ -s $model.safetensors ] || grep -qs '^0' $model.log.tsv; do sleep 0.1; done
	kill -TERM $make
	if wait $make; then false; fi
	flock -n "$scratch/lock" true
	[ ! -e $model.safetensors ]
	made SEEDS=8 $model.safetensors
	cmp "$scratch/before" $model.safetensors
}

@test "pipelines: half an output of a run that was killed is made again" {
	output=$E/tables/killed.tsv
	rm -f $output
	# All at once, as when the power fails: Make and the shell that keeps the record cannot tidy up.
	pipelines/lib/record "${B:-build}/bin" 1/1 $output : -- -c "echo \$\$ >$output; exec sleep 1000" 3>&- &
	until [ -s $output ]; do sleep 0.1; done
	# As long as the step runs, its output is left alone.
	pipelines/lib/unfinished out
	[ -s $output ]
	kill -KILL $!
	pipelines/lib/unfinished out
	[ -s $output ]
	kill -KILL "$(cat $output)"
	wait $! || true
	# It may take a moment to die.
	until [ -s "$scratch/said" ]; do
		sleep 0.1
		pipelines/lib/unfinished out 2>"$scratch/said"
	done
	[ "$(<"$scratch/said")" = "$output: unfinished, is made again" ]
	[ ! -e $output ]
	[ -z "$(find $E/record -name 'began.*')" ]
}

@test "pipelines: a page whose numbers are missing is none" {
	cp $E/tables/summary.tsv "$scratch/summary.tsv"
	cut -f 1-3 "$scratch/summary.tsv" >$E/tables/summary.tsv
	run -1 --separate-stderr pipelines/lib/page pipelines/mnist/section $E
	cp -p "$scratch/summary.tsv" $E/tables/summary.tsv
	[[ ${stderr_lines[0]} == "page: no such cell: tables/summary.tsv "* ]]
}

@test "pipelines: a data set is a folder of IDX files" {
	mkdir -p sets/letters
	for part in train t10k; do
		img-digits -n 20 | npy-slice -k 0 | npytoidx | gzip >sets/letters/$part-images-idx3-ubyte.gz
		img-digits -n 20 | npy-slice -k 1 | npytoidx | gzip >sets/letters/$part-labels-idx1-ubyte.gz
	done
	made DATASETS=sets DATASET=letters TRAIN_IMAGES=10 out/letters/data/train.npy out/letters.quick/data/train.npy out/letters/data/test.npy
	img-digits -n 20 | cmp - out/letters/data/train.npy
	img-digits -n 20 | cmp - out/letters/data/test.npy
	img-digits -n 10 | cmp - out/letters.quick/data/train.npy
}

@test "pipelines: without DATASET an experiment runs on the data set that it is about, and else on digits" {
	# where SETS GOAL ...: the folders below out/ in which Make would make sections.
	where() {
		flock "$tree/lock" env -u MAKEFLAGS -u MAKELEVEL make -n --no-print-directory "B=${B:-build}" DATASETS="$1" COUNT=yes "${@:2}" |
			sed -n 's,^step out/\(.*\)/section.html$,\1,p' | sort | paste -s -d ' '
	}
	pictures mnist 28,28 10
	[ "$(where sets mnist fashion)" = 'digits.quick/fashion mnist.quick/mnist' ]
	pictures fashion-mnist 28,28 10
	[ "$(where sets mnist fashion)" = 'fashion-mnist.quick/fashion mnist.quick/mnist' ]
	[ "$(where none mnist fashion)" = 'digits.quick/fashion digits.quick/mnist' ]
	[ "$(where sets DATASET=fashion-mnist mnist fashion)" = 'fashion-mnist.quick/fashion fashion-mnist.quick/mnist' ]
	# The next run is on the tests' own digits again.
	made -n mnist >"$scratch/log"
}

@test "pipelines: the names of classes are the data set's own, known, or the labels" {
	pictures fashion-mnist 28,28 10
	pictures three 28,28 3
	for set in fashion-mnist three; do
		made DATASETS=sets "DATASET=$set" "out/$set.quick/data/classes"
	done
	paste -s -d ' ' out/fashion-mnist.quick/data/classes | diff - <(echo T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot)
	diff out/three.quick/data/classes <(seq 0 2)
	printf '%s\n' red 'dark green' blue >sets/three/classes
	rm out/three.quick/data/classes
	made DATASETS=sets DATASET=three out/three.quick/data/classes
	cmp sets/three/classes out/three.quick/data/classes
}

@test "pipelines: names that a shell would take for more than a name are refused" {
	# shellcheck disable=SC2016 # nobody is to expand this
	for name in 'DATASET=a`touch oops`' 'DATASET=$(touch oops)' "DATASET=it's" 'DATASET=a"b' 'DATASET=../up' 'DATASETS=a b' 'SEEDS=1;2'; do
		run -2 made "$name" list
		[[ $output == *"expected"* ]]
		[ ! -e oops ]
	done
	run -2 made DATASET=typo figures
	[[ $output == *"typo: neither"* ]]
}

@test "pipelines: the same tables under a locale with a decimal comma" {
	localedef -i de_DE -f UTF-8 "$scratch/de_DE.UTF-8" 2>/dev/null || skip "no German locale"
	export LOCPATH=$scratch
	[ "$(LC_ALL=de_DE.UTF-8 /usr/bin/printf %.1f 0,5)" = 0,5 ] || skip "no German locale"
	made $E/tables/best.tsv
	cp $E/tables/{summary,best,runs}.tsv "$scratch"
	rm $E/tables/{summary,best,runs}.tsv
	LC_ALL=de_DE.UTF-8 made $E/tables/summary.tsv $E/tables/best.tsv
	for table in summary best runs; do
		cmp "$scratch/$table.tsv" $E/tables/$table.tsv
	done
}

@test "pipelines: what the pages refer to is there, and is a picture" {
	links=$(grep -oE '(href|src)="[^"#][^"]*"' "$D/index.html" | cut -d '"' -f 2 | sort -u)
	[ "$(wc -l <<<"$links")" -ge 6 ]
	for link in $links; do
		case $link in
		*.png)
			read -r _ width height < <(pngtopnm "$D/$link" | sed -n '1d; 2{p; q}' | sed 's/^/x /')
			[ "$width" -gt 100 ] && [ "$width" -lt 2000 ] && [ "$height" -gt 50 ] ;;
		*.svg)
			grep -q '<path' "$D/$link"
			tail -n 2 "$D/$link" | grep -q '</svg>' ;;
		../index.html) [ -s out/index.html ] ;;
		*) echo "$link"; false ;;
		esac
	done
}

@test "pipelines: every image has a text in its place" {
	run ! grep -E '<img ([^a]|a[^l])*>' "$D/index.html"
	run ! grep 'alt=""' "$D/index.html"
}

@test "pipelines: in a browser no picture is broken or wider than the page, on a desk or a phone" {
	command -v chromium || skip "no chromium"
	# shellcheck disable=SC2016 # these are the script's
	local check='<script>
	// Before the load event, which then waits for the lazy ones too.
	document.querySelectorAll("img").forEach(i => i.loading = "eager");
	addEventListener("load", () => {
		const edge = document.documentElement.clientWidth + 1, all = [...document.images];
		const bad = all.filter(i => !i.naturalWidth || i.getBoundingClientRect().right > edge);
		document.title = `${all.length} pictures, bad: ${bad.map(i => i.src)}.`;
	})</script>'
	{
		echo "<base href=\"$D/\">"
		cat "$D/index.html"
		echo "$check"
	} >checked.html
	[ "$(grep -c '<img' "$D/index.html")" -ge 6 ]
	for width in 1000 500; do
		chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/browser" --virtual-time-budget=10000 \
			--window-size=$width,2000 --dump-dom "file://$PWD/checked.html" >dom 2>/dev/null
		grep -qE '<title>[1-9][0-9]* pictures, bad: \.</title>' dom
	done
}

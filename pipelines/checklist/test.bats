load ../../tests/pipelines

small_run=(checklist.images=20 checklist.queries=5 checklist.steps='-n 3 --random --seed 1' checklist.more='-n 4 --restarts 2 --random --seed 1')

setup_file() {
	small "${small_run[@]}"
}

# network DEFENSE: its model; filter DEFENSE: its filter as a command.
network() {
	case $1 in
	median | squeeze) echo "$D/adversarial-training/models/plain/1.safetensors" ;;
	*) echo "$D/adversarial-training/models/$1/1.safetensors" ;;
	esac
}
filter() {
	case $1 in
	median) img-median ;;
	squeeze) npy-calc -k '255 * (a >= 128 || a > 127)' - ;;
	*) cat ;;
	esac
}

@test "checklist: accuracies are what nn-eval says of the files behind the filter" {
	for defense in plain pgd median squeeze; do
		for attack in one more square within-0.3; do
			[ "$(filter $defense <"$E/attacks/$defense/$attack.npy" | nn-eval "$(network $defense)" | tsv-pick correct)" = \
				"$(tsv-pick -w defense=$defense,attack=$attack correct "$E/tables/accuracy.tsv")" ]
		done
		[ "$(filter $defense <"$E/attacks/twin.npy" | nn-eval "$(network $defense)" | tsv-pick correct)" = \
			"$(tsv-pick -w defense=$defense,attack=twin correct "$E/tables/accuracy.tsv")" ]
	done
}

@test "checklist: no pixel is farther than the bound" {
	for file in "$E"/attacks/twin.npy "$E"/attacks/*/*.npy; do
		case $file in
		*/within-*) e=$(basename "${file#*/within-}" .npy) ;;
		*) e=0.3 ;;
		esac
		npy-diff --any-type -a "$(awk "BEGIN { print 255 * $e }")" "$file" "$E/data/test.npy"
	done
}

@test "checklist: an image withstands all attacks if it withstands each within the bound" {
	for defense in plain trades squeeze; do
		tail -n +2 "$E/tables/right/$defense.tsv" >right.tsv
		[ "$(wc -l <right.tsv)" = 20 ]
		all=$(sed -n 1p "$E/tables/right/$defense.tsv" | tr '\t' '\n' | grep -cv within)
		[ "$(cut -f "1-$all" right.tsv | grep -cv 0)" = "$(tsv-pick -w defense=$defense,attack=all-attacks correct "$E/tables/accuracy.tsv")" ]
	done
	rm right.tsv
}

# A table of accuracies, of one defense, from pairs attack=accuracy; and the flags raised of it.
accuracies() {
	local pair

	printf 'defense\tattack\timages\tcorrect\n'
	printf 'plain\tclean\t100\t99\nplain\tmany\t100\t0\n'
	for pair; do
		printf 'x\t%s\t100\t%s\n' "${pair%=*}" "${pair#*=}"
	done
}
raised() {
	awk -v tolerance=0.02 -v filters=x -f pipelines/checklist/flags.awk <(printf 'defense\tstuck\nx\t%s\n' "$1") <(accuracies "${@:2}") |
		awk -F '\t' '$5 == "yes" { print $2 }' | paste -s -d ' '
}

@test "checklist: each flag is raised by what it is about, and by nothing else" {
	fine=(clean=99 twin=80 one=70 many=50 margin=50 more=49 noise=98 square=60 within-0.1=90 within-0.3=50 within-1=0)
	[ "$(raised 0 "${fine[@]}")" = 'ignored' ]
	[ "$(raised 0.5 "${fine[@]}")" = 'zero ignored' ]
	[ "$(raised 0 "${fine[@]/one=70/one=40}")" = 'one-step ignored' ]
	[ "$(raised 0 "${fine[@]/more=49/more=40}")" = 'more ignored' ]
	[ "$(raised 0 "${fine[@]/square=60/square=40}")" = 'black-box ignored' ]
	[ "$(raised 0 "${fine[@]/margin=50/margin=56}")" = 'losses ignored' ]
	[ "$(raised 0 "${fine[@]/within-1=0/within-1=30}")" = 'whole-range ignored' ]
	[ "$(raised 0 "${fine[@]/within-1=0/within-1=60}")" = 'rises whole-range ignored' ]
	[ "$(raised 0 "${fine[@]/twin=80/twin=50}")" = '' ]
	[ "$(raised 0 "${fine[@]/twin=80/twin=40}")" = 'black-box' ]
}

@test "checklist: the flags on the page are those of the accuracies" {
	awk -F '\t' 'NR > 1 && $2 == "one-step" { print $1, $3, $4 }' "$E/tables/flags.tsv" | while read -r defense many one; do
		[ "$(awk "BEGIN { print 20 * $many, 20 * $one }")" = "$(tsv-pick -w defense="$defense",attack=many correct "$E/tables/accuracy.tsv") $(
			tsv-pick -w defense="$defense",attack=one correct "$E/tables/accuracy.tsv")" ]
	done
	[ "$(cut -f 1 "$E/tables/flags.tsv" | sed 1d | sort | uniq -c | awk '{ print $1 }' | sort -u)" = 9 ]
}

@test "checklist: each result has its command, seed, bound and digest" {
	while IFS=$'\t' read -r defense attack epsilon seed digest command; do
		case $attack in
		training) file=$D/adversarial-training/models/$defense/1.safetensors ;;
		twin) file=$E/attacks/twin.npy ;;
		*) file=$E/attacks/$defense/$attack.npy ;;
		esac
		[ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$digest" ]
		[ "$seed" = 1 ]
		case $defense:$attack in
		plain:training) [ "$epsilon" = - ] ;;
		*:within-*) [ "$epsilon" = "$(awk "BEGIN { print 255 * ${attack#within-} }")" ] ;;
		*) [ "$epsilon" = 76.5 ] ;;
		esac
		[[ $command == *"$file"* ]]
	done < <(sed 1d "$E/tables/results.tsv")
	[ "$(cut -f 1,2 "$E/tables/results.tsv" | sort -u | wc -l)" = "$(wc -l <"$E/tables/results.tsv")" ]
	[ "$(find "$E/attacks" -name '*.npy' | wc -l)" = "$(($(wc -l <"$E/tables/results.tsv") - 6))" ] # five trainings and the head
}

@test "checklist: what is removed and made again is equal in every byte" {
	for file in attacks/fgsm/many.npy attacks/median/one.npy attacks/trades/square.npy; do
		mv "$E/$file" "$scratch/before"
		made "${small_run[@]}" "$E/$file" >again.log
		cmp "$scratch/before" "$E/$file"
	done
	[ "$(awk -F '\t' 'NR > 1 && $2 == $3' "$E/tables/again.tsv" | wc -l)" = 14 ]
	[ "$(wc -l <"$E/tables/again.tsv")" = 15 ]
}

@test "checklist: each statement has a verdict" {
	[ "$(grep -c '<p class="claim" id="checklist-claim-.*<span>[a-z ]*</span></p>' "$E/section.html")" = 3 ]
}

@test "checklist: pictures in color, neither square nor of an even side, of three classes" {
	pictures check 3,19,16 3
	made DATASETS=sets DATASET=check TRAIN_IMAGES=300 TEST_IMAGES=50 HOLDOUT=20 SEEDS=1 "${small_run[@]}" checklist.images=5 checklist.queries=3 \
		checklist.shares='0.3 1' checklist >color.log 2>&1 || { cat color.log; false; }
	[ "$(npy-info -s out/check.quick/checklist/attacks/squeeze/many.npy | cut -d , -f 2- | sed q)" = 3,19,16 ]
}

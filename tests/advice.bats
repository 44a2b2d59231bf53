# What is probably a mistake is said in a line on stderr, and changes neither the result nor the exit status.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	img-digits -n 200 >digits.npy
	npy-calc -t f4 -k 'a / 255' digits.npy >unit.npy
	model none ''
	model one 'scale 1'
	model full 'scale 255'
	model centered 'mean 127.5 scale 127.5'
	nn-init <<<$'input 1x28x28\nbatchnorm\ndense 10' >norm.model
	img-digits -n 600 | npy-pick -f 20 >sorted.npy
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# model NAME INPUT: a model whose input has these words behind its shape
model() {
	nn-init <<<"input 1x28x28 $2"$'\ndense 10' >"$1.model"
}

# advises WORDS COMMAND: it succeeds, with one line on stderr that has these words.
advises() {
	run -0 --separate-stderr pipe "$2 >out"
	# shellcheck disable=SC2154 # bats sets them
	if [ "${#stderr_lines[@]}" -ne 1 ] || [[ ${stderr_lines[0]} != *": warning: "* || ${stderr_lines[0]} != *"$1"* ]]; then
		printf 'stderr: %s\n' "$stderr"
		return 1
	fi
}

# silent COMMAND: it succeeds, and says nothing.
silent() {
	run -0 --separate-stderr pipe "$1 >out"
	[ -z "$stderr" ] || { printf 'stderr: %s\n' "$stderr"; return 1; }
}

@test "advice: pixels of 0 ... 1 where the network divides pixels of 0 ... 255" {
	for tool in nn-train\ --steps\ 1 nn-eval nn-run nn-grad nn-attack\ -e\ 9; do
		for model in full centered; do
			advises "all pixels are within -1 ... 1" "$tool $model.model unit.npy"
			silent "$tool $model.model digits.npy"
		done
		silent "$tool one.model unit.npy"
	done
	advises "unit.npy: warning: all pixels" "nn-train --steps 1 --validation unit.npy full.model digits.npy"
	advises "standard input: warning: all pixels" 'nn-run full.model <unit.npy'
	advises "divides pixels of 0 ... 255 by 127.5" 'nn-run centered.model <unit.npy'
	# As other programs normalize them, too, and in bytes.
	advises "within -1 ... 1" "npy-calc -k -t f4 '2 * a - 1' unit.npy | nn-eval full.model"
	advises "within -1 ... 1" "npy-calc -k -t u1 'a > 0.5' unit.npy | nn-eval full.model"
}

@test "advice: what it says to do about pixels of 0 ... 1 does it" {
	npy-calc -k '255 * a' unit.npy >cured.npy
	silent 'nn-eval full.model cured.npy'
	diff <(nn-eval full.model cured.npy) <(nn-eval full.model digits.npy)
}

@test "advice: none where one pixel of all is brighter, or all are black" {
	# The brightest one in the last batch of many, and in an image of its own.
	silent "numpy 'x = np.zeros((300, 28, 28), \"f4\") + .5; x[299, 27, 27] = 1.01; put(x)' | nn-run full.model"
	advises "all pixels" "numpy 'x = np.zeros((300, 28, 28), \"f4\") + .5; x[299, 27, 27] = -1; put(x)' | nn-run full.model"
	silent "numpy 'x = np.zeros((300, 28, 28)); put(x)' | nn-run full.model"
}

@test "advice: target images of 0 ... 1, and images behind others" {
	nn-init <<<$'input 1x28x28 scale 255\nconv 1 3x3 pad 1' >filter.model
	cat <(npy-slice -k 0 digits.npy) <(npy-slice -k 0 unit.npy) >pairs.npy
	advises "all pixels" 'nn-train --steps 1 --loss mse filter.model pairs.npy'
	advises "all pixels" 'nn-eval --loss mse filter.model pairs.npy'
	advises "all pixels" 'nn-run --each filter.model pairs.npy'
}

@test "advice: pixels of up to 255 in a network whose input has no scale, when it is trained" {
	advises "none.model: warning: the network takes pixels as they are, up to 255: its input has no scale" \
		'nn-train --steps 1 none.model digits.npy'
	for model in one full centered norm; do
		silent "nn-train --steps 1 $model.model digits.npy"
	done
	silent 'nn-train --steps 1 none.model unit.npy'
	silent 'nn-eval none.model digits.npy'
	# Vectors need not be pixels.
	nn-init <<<$'input 784x1x1\ndense 10' >vector.model
	silent '{ npy-slice -k 0 digits.npy | npy-reshape 200,784; npy-slice -k 1 digits.npy; } | nn-train --steps 1 vector.model'
}

@test "advice: sorted labels of which --holdout takes the last" {
	advises "sorted.npy: warning: the labels are sorted: the last 20 examples, held out, have 1 of the 10 classes (npy-pick -n 200 shuffles the examples)" \
		'nn-train --steps 1 --holdout 20 full.model sorted.npy'
	advises "the last 50 examples, held out, have 3 of the 10 classes" 'nn-train --steps 1 --holdout 50 full.model sorted.npy'
	# Blocks in any order, each class more than once.
	advises "have 2 of the 10 classes" \
		'npy-pick -i 100:200,:100 sorted.npy | npy-pick -i 0:200:2,1:200:2 | nn-train --steps 1 --holdout 20 full.model'
	silent 'npy-pick -n 200 sorted.npy | nn-train --steps 1 --holdout 20 full.model'
	silent 'nn-train --steps 1 full.model sorted.npy'
	# The class of a soft label is the one that an error is told by.
	seq 0 9 | tsvtonpy | npy-reshape 1,10 >classes.npy
	{ npy-slice -k 0 sorted.npy; npy-slice -k 1 sorted.npy | npy-calc '0.02 + 0.8 * (a == b)' - classes.npy; } >soft.npy
	advises "soft.npy: warning: the labels are sorted: the last 50 examples, held out, have 3 of the 10 classes" \
		'nn-train --steps 1 --holdout 50 full.model soft.npy'
	silent 'npy-pick -n 200 soft.npy | nn-train --steps 1 --holdout 20 full.model'
	# All classes are held out, or the few that are there are there by chance.
	silent 'npy-pick -l 8,9 sorted.npy | nn-train --steps 1 --holdout 25 full.model'
	silent 'npy-pick -n 200 sorted.npy | nn-train --steps 1 --holdout 2 full.model'
	advises "the labels are sorted: the last 20 examples, held out, have 1 of the 2 classes" \
		'rnn-train -e 1 --holdout 20 <(rnn-init -n 3) <(seq-motif -n 100 | npy-pick -f 100)'
	silent 'rnn-train -e 1 --holdout 20 <(rnn-init -n 3) <(seq-motif -n 100)'
}

@test "advice: batches of one image before a batch norm of one value a channel" {
	nn-init <<<$'input 1x8x8 scale 255\ndense 8\nbatchnorm\nrelu\ndense 10' >vector.model
	nn-init <<<$'input 1x8x8 scale 255\nconv 4 3x3\nbatchnorm\nrelu\ndense 10' >maps.model
	npy-random -t u1 integers:0:256 30,8,8 >set.npy
	npy-random -t i8 integers:0:10 30 >>set.npy
	warning='vector.model: warning: batches have one image, so that layer bn1 makes each channel 0, and no layer before it learns (-b 2 or more)'
	advises "$warning" 'nn-train --steps 1 -b 1 vector.model set.npy'
	advises "$warning" 'nn-train --steps 1 --holdout 29 vector.model set.npy'
	silent 'nn-train --steps 1 -b 1 --freeze bn1 vector.model set.npy'
	silent 'nn-train --steps 1 -b 2 vector.model set.npy'
	silent 'nn-train --steps 1 -b 1 maps.model set.npy'
}

@test "advice: a model is the same bytes with a warning as without" {
	# Scale 1 is what no scale means; the texts are of the same layers.
	for name in none one; do
		nn-train --steps 3 $name.model digits.npy 2>said >trained
		nn-weights trained dense1.weight >$name.npy
	done
	cmp none.npy one.npy
}

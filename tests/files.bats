# What programs write beside standard output, where the name is taken by something else than a file, and what
# a closed descriptor does.
load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	nn-init >model <<<$'input 1x28x28 scale 255\ndense 10'
	img-digits -n 200 >data.npy
}

# In a folder of its own, with the model and the data.
setup() {
	cd "$BATS_TEST_TMPDIR" || exit
	cp "$BATS_FILE_TMPDIR"/* .
}

train='nn-train --steps 2 -b 100'

@test "files: a checkpoint replaces files only" {
	mkfifo pipe
	mkdir folder
	for name in pipe folder /dev/null; do
		refuses "$name: is not a regular file" "$train --checkpoint $name model data.npy"
	done
	[ -p pipe ] && [ -c /dev/null ]
	refuses "no-such-folder/state: No such file" "$train --checkpoint no-such-folder/state model data.npy"
}

@test "files: a checkpoint leaves the mode and symbolic links" {
	mkdir elsewhere
	echo old >elsewhere/state
	chmod 600 elsewhere/state
	ln -s elsewhere/state link
	$train --checkpoint link model data.npy >trained
	[ "$(readlink link)" = elsewhere/state ] && [ "$(stat -c %a elsewhere/state)" = 600 ]
	cmp trained <($train --resume elsewhere/state model data.npy)
	[ "$(ls elsewhere)" = state ]
	(umask 027; $train --checkpoint new model data.npy >trained)
	[ "$(stat -c %a new)" = 640 ]
	ln -s nowhere dangling
	refuses "dangling: No such file" "$train --checkpoint dangling model data.npy"
}

@test "files: of a training that is killed while it writes checkpoints nothing is left beside them" {
	[ -e /proc/self/fd ] || skip "no files without names here"
	for wait in 0.05 0.1 0.15 0.2 0.25 0.3; do
		timeout -s KILL "$wait" nn-train -q -e 100000 -b 10 --checkpoint-every 1 --checkpoint state model data.npy >trained 2>message || true
	done
	# A kill that comes between two system calls leaves one file, which the next checkpoint removes.
	nn-train -q --steps 1 --checkpoint state model data.npy >trained
	rm message
	[ "$(ls)" = $'data.npy\nmodel\nstate\ntrained' ]
}

@test "files: a log may be a pipe or a device, also of a training that is resumed" {
	$train --log plain --checkpoint state model data.npy >trained
	$train --log /dev/null model data.npy | cmp - trained
	$train --log >(cat >through) model data.npy | cmp - trained
	timeout 20 nn-train --steps 4 -b 100 --resume state --log >(cat >through) model data.npy >longer
	timeout 20 nn-train --steps 4 -b 100 --resume state --log /dev/null model data.npy | cmp - longer
	nn-train --steps 4 -b 100 --resume state --log plain model data.npy | cmp - longer
	[ "$(cut -f 1 plain | paste -s -d ' ')" = 'step 0 2 4' ] || { cat plain; false; }
}

@test "files: a log is not written over what is read, nor to standard output" {
	cp data.npy before
	ln data.npy other
	for log in data.npy ./data.npy other; do
		refuses "$log: is read, too" "$train --log $log model data.npy"
	done
	refuses "data.npy: is read, too" "$train --log data.npy model <data.npy"
	refuses "model: is read, too" "$train --log model model data.npy"
	refuses "data.npy: is read, too" "nn-attack -e 9 --log data.npy model data.npy"
	refuses "-: not possible" "$train --log - model data.npy"
	cmp data.npy before
	[ ! -e - ]
}

@test "files: no file that is read, or written as lines, is replaced, but the checkpoint that is resumed" {
	cp data.npy before
	cp data.npy 2.safetensors
	ln data.npy other
	ln -s data.npy link
	for file in data.npy ./data.npy other link; do
		refuses "$file: is read, too" "$train --checkpoint $file model data.npy"
	done
	refuses "data.npy: is read, too" "$train --checkpoint data.npy model <data.npy"
	refuses "model: is read, too" "$train --checkpoint model model data.npy"
	refuses "2.safetensors: is read, too" "$train --checkpoint 2.safetensors --validation 2.safetensors model data.npy"
	refuses "2.safetensors: is read, too" "$train --save-at 2 --save-prefix '' model 2.safetensors"
	refuses "both: is written, too" "$train --log both --checkpoint both model data.npy"
	refuses "-: not possible" "$train --checkpoint - model data.npy"
	cmp data.npy before
	cmp 2.safetensors before
	[ -L link ] && [ ! -e - ]
	$train --checkpoint state model data.npy >/dev/null
	nn-train --steps 4 -b 100 --checkpoint state --resume state model data.npy | cmp - <(nn-train --steps 4 -b 100 model data.npy)
}

@test "files: other programs do not write over what they read either" {
	npy-random normal 40,3 | npy-knn -k 9 >5.npy
	mkdir class
	npy-slice -k 0 0 data.npy | npytopnm >class/gray
	echo class >names
	sha256sum 5.npy class/gray names >before
	refuses "5.npy: is read, too" 'npy-tsne -n 9 --save-at 5 --save-prefix "" 5.npy'
	refuses "class/gray: is read, too" "img-folder -s 8 -t class/gray class/gray"
	refuses "names: is read, too" "img-folder -s 8 -c names -t names class/gray"
	sha256sum -c --quiet before
}

@test "files: a closed descriptor is not given to the first file that is opened" {
	$train -v --log log model data.npy 2>&- | cmp - <($train --log plain model data.npy)
	cut -f 1,5 log | cmp - <(cut -f 1,5 plain)
	refuses "standard input" "nn-eval model <&-"
	refuses "standard output" "nn-eval model data.npy >&-"
}

load helper

# Pictures of every format, of many sizes, gray and in color.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	mkdir -p pets/cats pets/dogs
	pgmnoise -randomseed 1 50 70 >noise.pgm
	ppmpat -tartan -randomseed 1 60 40 >plaid.ppm
	pnmtojpeg noise.pgm >pets/cats/gray.jpg
	pnmtojpeg plaid.ppm >pets/cats/color.jpg
	pnmtopng -quiet plaid.ppm >pets/cats/color.png
	pnmtopng -quiet noise.pgm >pets/dogs/gray.png
	ppmtogif -quiet noise.pgm >pets/dogs/picture.gif
	pamtotiff -quiet -truecolor plaid.ppm >pets/dogs/picture.tif
	ppmtobmp -quiet plaid.ppm >pets/dogs/picture.bmp
	cp noise.pgm plaid.ppm pets/dogs
	pnmtoplainpnm noise.pgm >pets/dogs/plain.pgm
	pamditherbw -threshold noise.pgm | pamtopnm >pets/dogs/bits.pbm
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# type and shape of the arrays on stdin
heads() {
	npy-info | sed 1d | cut -f 1,2 | paste -s -d ' ' | tr '\t' ' '
}

@test "img-folder: pictures of every format, size and color are images of one size and their labels" {
	[ "$(img-folder -s 20x24 pets/*/* | heads)" = "|u1 (11,3,20,24) <i8 (11,)" ]
	[ "$(img-folder -g -s 20x24 pets/*/* | heads)" = "|u1 (11,20,24) <i8 (11,)" ]
	[ "$(img-folder -s 28 pets/*/* | heads)" = "|u1 (11,3,28,28) <i8 (11,)" ]
	[ "$(img-folder -s 8 pets/*/* | npy-slice -k 1 | npytotsv | paste -s -d ' ')" = "0 0 0 1 1 1 1 1 1 1 1" ]
}

# pixels SIZE OPTIONS FILE CONVERTER FILTER: the image is the picture after Netpbm's filters, but for the rounding of
# sums that are added in another order.
pixels() {
	pipe "img-folder -s $1 $2 pets/$3 | npy-slice -k 0 0" >found.npy
	pipe "$4 pets/$3 2>/dev/null | $5 | pnmtonpy -s" >expected.npy
	npy-diff -a 1 found.npy expected.npy
}

@test "img-folder: the pixels are those of pamscale, which mixes those that a pixel covers" {
	for size in 17x23 90x80 7x100; do
		to="pamscale -linear -xsize ${size#*x} -ysize ${size%x*}"
		pixels $size --stretch cats/gray.jpg jpegtopnm "ppmtoppm | $to"
		pixels $size --stretch cats/color.jpg jpegtopnm "$to"
		pixels $size --stretch cats/color.png pngtopnm "$to"
		pixels $size --stretch dogs/picture.bmp bmptopnm "$to"
		pixels $size --stretch dogs/picture.tif tifftopnm "$to"
		pixels $size '-g --stretch' dogs/picture.gif giftopnm "ppmtopgm | $to"
		pixels $size '-g --stretch' dogs/plain.pgm cat "$to"
		pixels $size '-g --stretch' dogs/bits.pbm cat "pgmtopgm | pamdepth 255 | $to"
	done
}

@test "img-folder: the gray of a color is ppmtopgm's" {
	# A picture of its own size: no pixel is mixed.
	pixels 40x60 -g dogs/plaid.ppm cat ppmtopgm
	pixels 40x60 -g cats/color.png pngtopnm ppmtopgm
}

@test "img-folder: the largest part in the middle that has the image's shape" {
	pixels 20 '' dogs/plaid.ppm cat 'pamcut -left 10 -top 0 -width 40 -height 40 | pamscale -linear -xsize 20 -ysize 20'
	pixels 20 -g dogs/noise.pgm cat 'pamcut -left 0 -top 10 -width 50 -height 50 | pamscale -linear -xsize 20 -ysize 20'
	pixels 70x34 -g dogs/noise.pgm cat 'pamcut -left 8 -top 0 -width 34 -height 70'
	# A part that is narrower than a pixel, of a picture that is one.
	mkdir -p thin/one
	ppmmake red 1 500 >thin/one/red
	[ "$(img-folder -s 2 thin/one/red | npy-slice -k 0 | elements)" = "|u1 (1, 3, 2, 2) 255 255 255 255 0 0 0 0 0 0 0 0" ]
}

@test "img-folder: transparent parts are white" {
	mkdir -p clear/glass
	printf 'P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\1\2\3\0\1\2\3\377' | pamtopng >clear/glass/png
	[ "$(img-folder -s 1x2 clear/glass/png | npy-slice -k 0 | elements)" = "|u1 (1, 3, 1, 2) 255 1 255 2 255 3" ]
}

@test "img-folder: the names of pictures may come from standard input" {
	ls pets/*/* >names
	img-folder -s 8 <names | cmp - <(img-folder -s 8 pets/*/*)
	mkdir -p 'a class/x y'
	cp pets/cats/gray.jpg $'a class/x y/it\'s; $HOME "*"'
	[ "$(img-folder -s 8 -t table <<<$'a class/x y//it\'s; $HOME "*"' | heads)" = "|u1 (1,3,8,8) <i8 (1,)" ]
	[ "$(tail -n 1 table)" = $'a class/x y//it\'s; $HOME "*"\t0\tx y' ]
}

@test "img-folder: classes are numbered by name, or as a file has them" {
	[ "$(img-folder -s 1 -t table pets/dogs/picture.gif pets/cats/gray.jpg | npy-slice -k 1 | elements)" = "<i8 (2,) 1 0" ]
	diff table - <<<$'file\tlabel\tclass\npets/dogs/picture.gif\t1\tdogs\npets/cats/gray.jpg\t0\tcats'
	printf '%s\n' ants dogs bees cats >classes
	[ "$(img-folder -s 1 -c classes pets/dogs/picture.gif pets/cats/gray.jpg | npy-slice -k 1 | elements)" = "<i8 (2,) 1 3" ]
	printf '%s\n' cats >classes
	printf '%s\n' cats ants dogs ants >twice
	refuses "twice: two lines are the same name, ants" 'img-folder -s 1 -c twice pets/cats/gray.jpg'
	refuses "pets/dogs/picture.gif: classes has no class dogs" 'img-folder -s 1 -c classes pets/cats/gray.jpg pets/dogs/picture.gif'
	for name in x ./x pets/../x /x; do
		refuses "$name: expected FOLDER/FILE: the folder's name is the class" "img-folder -s 1 $name"
	done
}

@test "img-folder: a bad picture is named, and refused or left out" {
	mkdir -p bad/folder/folder
	: >bad/folder/empty
	echo text >bad/folder/text
	head -c 1500 pets/cats/gray.jpg >bad/folder/jpeg
	head -c 900 pets/dogs/gray.png >bad/folder/png
	head -c 300 noise.pgm >bad/folder/pgm
	head -c 300 pets/dogs/picture.tif >bad/folder/tiff
	head -c 20 pets/dogs/picture.bmp >bad/folder/bmp
	head -c 20 pets/dogs/picture.gif >bad/folder/gif
	cp "$root/LICENSE" bad/folder/picture.jpg
	while IFS=$'\t' read -r name why; do
		refuses "img-folder: bad/folder/$name: $why" "img-folder -s 8 -t none pets/cats/gray.jpg bad/folder/$name pets/cats/color.jpg"
		[ ! -e none ]
		run -0 --separate-stderr pipe "img-folder -k -s 8 -t table pets/cats/gray.jpg bad/folder/$name pets/cats/color.jpg >kept.npy"
		# shellcheck disable=SC2154 # bats sets it
		[[ $stderr = "img-folder: bad/folder/$name: left out: $why"* ]] && [ "${#stderr_lines[@]}" = 1 ]
		cmp kept.npy <(img-folder -s 8 pets/cats/gray.jpg pets/cats/color.jpg)
		[ "$(cut -f 1 table | paste -s -d ' ')" = "file pets/cats/gray.jpg pets/cats/color.jpg" ]
	done <<-'E'
		none	No such file
		folder	not a regular file
		empty	expected a picture, found an empty file
		text	expected a picture, found text
		picture.jpg	expected a picture, found text
		jpeg	jpegtopnm: 
		png	pngtopnm: 
		pgm	pamtopam: 
		tiff	
		bmp	bmptopnm: 
		gif	
	E
	run -2 --separate-stderr img-folder -k -s 8 bad/folder/text
	[ -z "$output" ] && [ "${stderr_lines[1]}" = "img-folder: none of the pictures is left" ]
}

@test "img-folder: what it is not told it does not guess" {
	refuses "--size is missing" 'img-folder pets/cats/gray.jpg'
	refuses "no pictures" 'img-folder -s 8 </dev/null'
	refuses "can come from standard input" 'img-folder -s 8 -c - </dev/null'
	refuses "--size" 'img-folder -s 0 pets/cats/gray.jpg'
	refuses "--size: 16385 is not between 1 and 16384" 'img-folder -s 16384x16385 pets/cats/gray.jpg'
	cp noise.pgm $'pets/a\tb'
	refuses 'pets/a\tb: a name with a tab' $'img-folder -s 8 -t table "pets/a\tb"'
	refuses "jpegtopnm: cannot be started: No such file" "PATH=$(dirname "$(command -v img-folder)") img-folder -s 8 pets/cats/gray.jpg"
}

@test "img-folder: a parent that ignores the end of its children changes nothing" {
	/usr/bin/python3 - >out.npy <<-'E'
		import os, signal
		signal.signal(signal.SIGCHLD, signal.SIG_IGN)
		os.execvp("img-folder", ["img-folder", "-s", "8", "pets/cats/gray.jpg"])
	E
	img-folder -s 8 pets/cats/gray.jpg | cmp - out.npy
}

@test "img-folder: a control character in a name does not reach the terminal as progress" {
	cp noise.pgm $'pets/\x1b[31m'
	img-folder -v -s 8 $'pets/\x1b[31m' 2>&1 >out.npy | cat -v >shown
	grep -F 'pets/\x1b[31m' shown
}

@test "img-folder: from folders to a trained network, and the names of the pictures on which it errs" {
	mkdir -p shapes/left shapes/top
	for i in $(seq 20); do
		pgmramp -lr $((30 + i)) $((50 - i)) | pnmtojpeg >"shapes/left/$i.jpg"
		pgmramp -tb $((50 - i)) $((40 + i)) | pgmtoppm navy-white | pnmtopng -quiet >"shapes/top/$i.png"
	done
	# One lies in the wrong folder.
	mv shapes/top/7.png shapes/left
	ls shapes/*/* >names
	printf '%s\n' left top >classes
	grep -v /7 names | img-folder -g -s 12 -c classes >train.npy
	grep /7 names | img-folder -g -s 12 -c classes -t test.tsv >test.npy
	nn-init <<<$'input 1x12x12 scale 255\ndense 2' | nn-train -b 8 -e 20 - train.npy >model
	nn-run model test.npy | npy-reduce -a 1 argmax >predicted.npy
	npy-calc 'a != b' <(npy-slice -k 1 test.npy) predicted.npy | npytotsv -H wrong | paste test.tsv - | tsv-pick -w wrong=1 file,class |
		diff - <(printf '%s\t%s\n' shapes/left/7.png left)
	[ "$(nn-eval -c --classes classes model test.npy | tsv-pick class,images,correct | paste -s -d ' ' | tr '\t' ' ')" = "left 2 1 top 0 0" ]
}

@test "img-folder: a full disk is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" 'img-folder -s 8 pets/cats/gray.jpg >/dev/full'
	refuses "No space left on device" 'img-folder -s 8 -t /dev/full pets/cats/gray.jpg'
}

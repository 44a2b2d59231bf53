load helper

# The README's first pipe, on as few digits as show that it works.
@test "README: its first pipe trains a network" {
	sed -n '/^## A first pipe/,/^These lines/s/^    //p' "$root/README.md" | sed '/^PATH=/d; s/000\>/00/' >commands
	[ "$(wc -l <commands)" -eq 4 ]
	ln -s "$root/pipelines" .
	pipe "$(cat commands)" >output
	[ "$(sed -n '2{s/\t.*//p}' output)" = 100 ]
}

@test "README: its pictures and files are there" {
	for file in $(grep -oE '\]\([^)]*\)' "$root/README.md" | tr -d '])('); do
		[ -s "$root/$file" ]
	done
}

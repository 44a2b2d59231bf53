# results.awk - defense, attack, bound, seed, digest and command of the file output, from its record
#
# A record is the command, an empty line, and lines of a digest and a path.
function after(pattern) {
	return match(command, pattern) ? substr(command, RSTART + RLENGTH) + 0 : "-"
}
!done && $0 == "" { done = 1; next }
!done {
	gsub(/\\$/, "")
	gsub(/[ \t]+/, " ")
	command = command $0
	next
}
substr($0, 67) == output { digest = substr($0, 1, 64) }
END {
	n = split(output, part, "/")
	name = part[n]
	sub(/\.[^.]*$/, "", name)
	training = output ~ /\/models\//
	bound = after(training ? "--adversary '[a-z-]+ " : " -e ")
	if (command ~ /e=\$\(awk/) {
		match(command, /255 \* [0-9.]+/)
		bound = 255 * substr(command, RSTART + 6, RLENGTH - 6)
	}
	seed = command ~ / --seed / ? after(" --seed ") : after(" -s ")
	printf "%s\t%s\t%s\t%s\t%s\t%s\n", training || part[n - 1] != "attacks" ? part[n - 1] : "plain", \
		training ? "training" : name, bound, seed, digest, command
}

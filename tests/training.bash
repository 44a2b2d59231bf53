# What the tests of training and of trained models share: a data set that a network learns in seconds,
# small networks, logs, and trainings that are interrupted.

# dataset N [SEED]: N images of 12x12 pixels in ten classes, a bright square at the class's place in
# noise, and their labels.
dataset() {
	numpy "
r = np.random.default_rng(${2:-1})
y = r.integers(0, 10, $1)
x = r.integers(0, 180, ($1, 12, 12))
for i, c in enumerate(y):
    x[i, 1 + c // 4 * 3:4 + c // 4 * 3, c % 4 * 3:3 + c % 4 * 3] += 75
put(x.astype('u1'), y)"
}

# network [LAYER ...]: a model for it, with further layers behind the first.
network() {
	{
		printf 'input 1x12x12 scale 255\nconv 4 3x3 pad 1\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
		printf 'relu\nmaxpool 2x2\ndense 10\n'
	} | nn-init
}

# values MODEL: its parameters, without the history
values() {
	for name in $(nn-weights "$1" | awk 'NR > 1 { print $1 }'); do
		nn-weights "$1" "$name"
	done
}

# columns LOG NAME...: these columns of a log
columns() {
	awk -F '\t' -v names="${*:2}" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(names, name, " ") }
		{ for (i = 1; i <= n; i++) printf "%s%s", $at[name[i]], i < n ? "\t" : "\n" }' "$1"
}

# interrupt_at STEP PID [SIGNAL]: copy the log that arrives in the pipe `rows`, and at the row of this step
# send SIGINT, or another.
# The pipe is made so small that the program cannot be more than 70 rows ahead.
interrupt_at() {
	/usr/bin/python3 -c '
import fcntl, os, signal, sys
with open("rows", "rb", 0) as rows:
    fcntl.fcntl(rows, fcntl.F_SETPIPE_SZ, 4096)
    for row in rows:
        sys.stdout.buffer.write(row)
        if row.startswith(sys.argv[1].encode() + b"\t"):
            os.kill(int(sys.argv[2]), signal.Signals["SIG" + sys.argv[3]])' "$1" "$2" "${3:-INT}"
}

# ended STATUS PID: the program in the background ends with this status.
ended() {
	local status=0
	wait "$2" || status=$?
	[ "$status" -eq "$1" ]
}

export -f dataset network values

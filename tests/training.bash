# What the tests of training and of trained models share: a data set that a network learns in seconds,
# and small networks.

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

export -f dataset network

# Recurrent networks in NumPy, forward only, written from the definitions; and document 003's.

# recurrent SCRIPT: numpy's, with
#	model(cell, seed, H, I, O)	five arrays, 'rnn' or 'lstm'
#	vectors(seed, N, T, I), letters(seed, N, T, I)
#	forward(model, x, candidate, bump)	h and o of every step; bump (t, k, e) adds e to unit k of h_t
#	softmax(o)
#	losses(o, loss, labels)		of every step; labels (N,), (N,T) or None
#	slopes(f, a)		central differences of f() with respect to the elements of a, in place
recurrent() {
	numpy '
def model(cell, seed, H, I, O):
    r, R = np.random.default_rng(seed), H if cell == "rnn" else 4 * H
    return [r.normal(0, 0.5, s) for s in ((R, H), (R, I), (O, H), R, O)]
def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)
def letters(seed, N, T, I):
    return np.random.default_rng(seed).integers(0, I, (N, T))
def forward(m, x, candidate="tanh", bump=None):
    W, U, V, b, c = (a.astype(float) for a in m)
    logistic = lambda a: 1 / (1 + np.exp(-a))
    squash = np.tanh if candidate == "tanh" else logistic
    if x.dtype.kind in "ui" and x.ndim < 3: x = np.eye(U.shape[1])[x]
    x = x if x.ndim == 3 else x[None]
    h = C = np.zeros((len(x), W.shape[1]))
    states = []
    for t in range(x.shape[1]):
        a = h @ W.T + x[:, t] @ U.T + b
        if len(W) == W.shape[1]: h = np.tanh(a)
        else:
            i, f, g, o = np.split(a, 4, 1)
            C = logistic(f) * C + logistic(i) * squash(g)
            h = logistic(o) * np.tanh(C)
        if bump and bump[0] == t: h = h + bump[2] * np.eye(h.shape[1])[bump[1]]
        states.append(h)
    h = np.stack(states, 1)
    return h, h @ V.T + c
def softmax(o):
    e = np.exp(o - o.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
def losses(o, loss, labels=None):
    y = softmax(o)
    if loss == "assignment": return (y[..., 0] - 0.5) ** 2 - np.log(y[..., 1])
    labels = np.broadcast_to(labels if labels.ndim == 2 else labels[:, None], y.shape[:2])
    return -np.log(np.take_along_axis(y, labels[..., None], 2))[..., 0]
def slopes(f, a, h=1e-5):
    g = np.zeros(a.shape)
    for i in np.ndindex(*a.shape):
        was = a[i]
        a[i] = was + h; more = f()
        a[i] = was - h; less = f()
        a[i] = was
        g[i] = (more - less) / (2 * h)
    return g
'"$1"
}

# The five arrays W U V b c of the model on stdin.
arrays() {
	local model
	model=$(mktemp)
	cat >"$model"
	for tensor in rnn1.weight_hh_l0 rnn1.weight_ih_l0 dense1.weight rnn1.bias_ih_l0 dense1.bias; do
		nn-weights "$model" $tensor
	done
	rm "$model"
}

# Lines of numbers, tabs between them as \t.
floats() {
	printf '%b\n' "$@" | tsvtonpy -t f8
}

toy_model() {
	floats '1\t-1' '0\t2'
	floats '-1\t0' '1\t-2'
	floats '-2\t1' '-1\t0'
	floats -1 1
	floats 0.5 -0.5
}

toy_sequence() {
	floats '1\t0' '0.5\t0.25' '0\t1'
}
export -f recurrent arrays floats toy_model toy_sequence

# A network in NumPy, in double precision, forward and backward, written from the definitions of the
# layers; what the gradients of the programs are measured against.

# network_py SCRIPT: where net = Net(file) reads a model, and
#	y = net.forward(pixels)		y["input"], y["conv1"] ... y[net.last]: what each layer gives
#	net.backward(y, name, d, at, rule)	from the gradient d at the output of layer `name` down to
#			that of layer `at`, or of the pixels ("input"), for a ReLU rule
#	run(command)	the array that a command line writes
#	near(a, b)	dies if they are farther apart than floats may be
network_py() {
	numpy '
import json, struct, subprocess
def numbers(words, name, default):
    # Behind an option, one for all channels or one for each; they go with (N,C,H,W).
    found = []
    for w in words[words.index(name) + 1:] if name in words else []:
        if w.isalpha(): break
        found.append(float(w))
    return np.array(found or [default]).reshape(-1, 1, 1)
class Net:
    def __init__(self, file):
        raw = open(file, "rb").read()
        end = 8 + struct.unpack("<Q", raw[:8])[0]
        head = json.loads(raw[8:end])
        text = head.pop("__metadata__")["network"]
        self.w = {k: np.frombuffer(raw[end:], "<f4", np.prod(v["shape"], dtype=int), v["data_offsets"][0])
                  .reshape(v["shape"]).astype(float) for k, v in head.items()}
        self.layers, count = [], {}
        for line in text.splitlines():
            words = line.split("#")[0].split()
            if not words: continue
            option = lambda name, default: words[words.index(name) + 1] if name in words else default
            if words[0] == "input":
                self.mean, self.scale = numbers(words, "mean", 0), numbers(words, "scale", 1)
                continue
            count[words[0]] = count.get(words[0], 0) + 1
            size = [tuple(map(int, w.split("x"))) for w in words[1:] if "x" in w and w[0].isdigit()]
            stride = int(option("stride", size[0][0] if "pool" in words[0] else 1))
            if words[0] == "upsample": size = [(int(words[1]), int(words[1]))]
            self.layers.append((words[0] + str(count[words[0]]), words[0], size[0] if size else None,
                                stride, int(option("pad", 0))))
        self.last = self.layers[-1][0]
    def windows(self, x, k, s):
        n, c, h, w = x.shape
        oh, ow = (h - k[0]) // s + 1, (w - k[1]) // s + 1
        return [(slice(None), slice(None), slice(i, i + s * oh - s + 1, s), slice(j, j + s * ow - s + 1, s))
                for i in range(k[0]) for j in range(k[1])]
    def forward(self, pixels):
        x = pixels.astype(float)
        y = {"input": x}
        x = (x - self.mean) / self.scale
        for name, kind, k, s, p in self.layers:
            y["before " + name] = x
            w = {n.split(".")[1]: a for n, a in self.w.items() if n.startswith(name + ".")}
            if kind == "conv":
                x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
                taps = w["weight"].reshape(*w["weight"].shape[:2], -1)
                x = sum(np.einsum("nchw,oc->nohw", x[at], taps[:, :, i])
                        for i, at in enumerate(self.windows(x, k, s))) + w["bias"][:, None, None]
            elif kind == "maxpool": x = np.stack([x[at] for at in self.windows(x, k, s)]).max(0)
            elif kind == "avgpool": x = np.stack([x[at] for at in self.windows(x, k, s)]).mean(0)
            elif kind == "upsample": x = x.repeat(k[0], 2).repeat(k[1], 3)
            elif kind == "dense": x = x.reshape(len(x), -1) @ w["weight"].T + w["bias"]
            elif kind == "relu": x = np.maximum(x, 0)
            elif kind == "tanh": x = np.tanh(x)
            elif kind == "sigmoid": x = 1 / (1 + np.exp(-x))
            y[name] = x
        return y
    def backward(self, y, name, d, at="input", rule="plain"):
        names = [l[0] for l in self.layers]
        for name, kind, k, s, p in self.layers[names.index(name)::-1]:
            if name == at: return d
            x, w = y["before " + name], self.w.get(name + ".weight")
            if kind == "conv":
                to = np.zeros((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p))
                taps = w.reshape(*w.shape[:2], -1)
                for i, window in enumerate(self.windows(to, k, s)):
                    to[window] += np.einsum("nohw,oc->nchw", d, taps[:, :, i])
                d = to[:, :, p:p + x.shape[2], p:p + x.shape[3]]
            elif kind == "maxpool":
                to, windows = np.zeros(x.shape), self.windows(x, k, s)
                which = np.stack([x[at_] for at_ in windows]).argmax(0)
                for i, window in enumerate(windows): to[window] += d * (which == i)
                d = to
            elif kind == "avgpool":
                to = np.zeros(x.shape)
                for window in self.windows(x, k, s): to[window] += d / (k[0] * k[1])
                d = to
            elif kind == "upsample":
                d = d.reshape(*x.shape[:3], k[0], x.shape[3], k[1]).sum((3, 5))
            elif kind == "dense": d = (d @ w).reshape(x.shape)
            elif kind == "relu":
                d = d * {"plain": x > 0, "deconv": d > 0, "guided": (x > 0) & (d > 0)}[rule]
            elif kind == "tanh": d = d * (1 - y[name] ** 2)
            elif kind == "sigmoid": d = d * y[name] * (1 - y[name])
        return d / self.scale
def run(command):
    done = subprocess.run(command.split(), stdout=subprocess.PIPE, check=True)
    return np.load(io.BytesIO(done.stdout))
def near(a, b, tolerance=1e-5):
    b = b.reshape(a.shape)
    assert np.linalg.norm(a - b) <= tolerance * np.linalg.norm(b), (np.linalg.norm(a - b), np.linalg.norm(b))
'"$1"
}
export -f network_py

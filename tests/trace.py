"""trace.py [OPTION ...] LOG MODEL DATA VALIDATION: redo a training in numpy, in double precision, and compare.

The options are nn-train's, which wrote LOG with --no-shuffle --log-every 1 --validation VALIDATION from
MODEL and DATA.  The network is input, conv with pad 1, [batchnorm], relu or sigmoid, maxpool 2x2, dense.
The definitions are PyTorch's, written down from its manual.  Each row's loss and learning rate and the last
row's val_loss must agree to --tolerance, relative; prints the largest difference.
"""
import argparse, json, math, struct, sys
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", default="adam")
parser.add_argument("--schedule", default="constant")
parser.add_argument("--lr", type=float)
for name, value in [("momentum", 0.9), ("beta1", 0.9), ("beta2", 0.999), ("rho", 0.99), ("epsilon", None),
                    ("weight-decay", None), ("warmup", 0), ("label-smoothing", 0), ("clip", 0), ("average", 0),
                    ("tolerance", 1e-4)]:
    parser.add_argument("--" + name, type=float, default=value)
parser.add_argument("--freeze", default="")
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--steps", type=int, default=100)
parser.add_argument("files", nargs=4)
o = parser.parse_args()
frozen = o.freeze.split(",")
if o.lr is None:
    o.lr = 0.001 if o.optimizer in ("adam", "adamw") else 0.01
if o.epsilon is None:
    o.epsilon = 1e-10 if o.optimizer == "adagrad" else 1e-8
if o.weight_decay is None:
    o.weight_decay = 0.01 if o.optimizer == "adamw" else 0


def read_model(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    texts = header.pop("__metadata__")
    return texts["network"], {
        name: np.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).astype("f8")
        for name, t in header.items()}


def read_data(path):
    with open(path, "rb") as f:
        images, labels = np.load(f), np.load(f)
    return images[:, None] / 255.0, labels


def windows(x):
    return np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))


class Network:
    def __init__(self, text):
        self.norm, self.relu = "batchnorm" in text, "relu" in text

    def forward(self, p, x, train):
        """The logits; what backward() needs stays in self."""
        self.windows = windows(x)
        a = np.einsum("nchwij,kcij->nkhw", self.windows, p["conv1.weight"]) + p.get("conv1.bias", np.zeros(1))[:, None, None]
        if self.norm:
            a = self.normalize(p, a, train)
        self.active = np.maximum(a, 0) if self.relu else 1 / (1 + np.exp(-a))
        n, k, h, w = a.shape
        cells = self.active.reshape(n, k, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5)
        self.cells = cells.reshape(n, k, h // 2, w // 2, 4)
        self.flat = self.cells.max(-1).reshape(n, -1)
        return self.flat @ p["dense1.weight"].T + p["dense1.bias"]

    def normalize(self, p, a, train):
        mean, variance = p["bn1.running_mean"], p["bn1.running_var"]
        if train and "bn1" not in frozen:
            mean, variance = a.mean((0, 2, 3)), a.var((0, 2, 3))
            n = a.size / a.shape[1]
            p["bn1.running_mean"] = 0.9 * p["bn1.running_mean"] + 0.1 * mean
            p["bn1.running_var"] = 0.9 * p["bn1.running_var"] + 0.1 * variance * n / (n - 1)
        self.deviation = np.sqrt(variance + 1e-5)[:, None, None]
        self.normal = (a - mean[:, None, None]) / self.deviation
        return p["bn1.weight"][:, None, None] * self.normal + p["bn1.bias"][:, None, None]

    def backward(self, p, d):
        """From the logits' gradient to the parameters'."""
        g = {"dense1.weight": d.T @ self.flat, "dense1.bias": d.sum(0)}
        d = (d @ p["dense1.weight"]).reshape(self.cells.shape[:-1])
        spread = np.zeros_like(self.cells)
        np.put_along_axis(spread, self.cells.argmax(-1)[..., None], d[..., None], -1)
        n, k, h, w, _ = spread.shape
        d = spread.reshape(n, k, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, k, 2 * h, 2 * w)
        d = d * (self.active > 0) if self.relu else d * self.active * (1 - self.active)
        if self.norm:
            g["bn1.weight"], g["bn1.bias"] = (d * self.normal).sum((0, 2, 3)), d.sum((0, 2, 3))
            d = d * p["bn1.weight"][:, None, None]
            if "bn1" not in frozen:
                d = (d - d.mean((0, 2, 3), keepdims=True) -
                     self.normal * (d * self.normal).mean((0, 2, 3), keepdims=True))
            d = d / self.deviation
        g["conv1.weight"], g["conv1.bias"] = np.einsum("nkhw,nchwij->kcij", d, self.windows), d.sum((0, 2, 3))
        return {name: g[name] for name in p if name in g and name.split(".")[0] not in frozen}


def cross_entropy(logits, labels, smoothing):
    """The mean over the rows, and its gradient."""
    n, classes = logits.shape
    logs = logits - logits.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    target = np.full(logits.shape, smoothing / classes)
    target[np.arange(n), labels] += 1 - smoothing
    return -(target * logs).sum() / n, (np.exp(logs) - target) / n


def rate(t, epoch):
    kind, *numbers = o.schedule.split(":")
    lr, last = o.lr, o.steps - 1
    if kind == "step":
        lr *= float(numbers[1]) ** math.floor(epoch / float(numbers[0]))
    elif kind == "cosine":
        lr *= (1 + math.cos(math.pi * t / o.steps)) / 2
    elif kind == "onecycle":
        def between(a, b, share):
            return b + (a - b) / 2 * (1 + math.cos(math.pi * share))
        top = 0.3 * o.steps - 1
        lr = (between(o.lr / 25, o.lr, t / top) if t <= top else
              between(o.lr, o.lr / 25 / 1e4, (t - top) / (last - top)))
    return lr * min(1, (t + 1) / (o.warmup + 1))


def update(p, g, s, lr, t):
    """One parameter's step t, from 1; s is what the optimizer keeps for it."""
    if o.optimizer == "adamw":
        p = p - lr * o.weight_decay * p
    else:
        g = g + o.weight_decay * p
    if o.optimizer == "sgd":
        return p - lr * g
    if o.optimizer in ("momentum", "nesterov"):
        s["b"] = o.momentum * s.get("b", 0) + g
        return p - lr * (s["b"] if o.optimizer == "momentum" else g + o.momentum * s["b"])
    if o.optimizer == "adagrad":
        s["v"] = s.get("v", 0) + g * g
        return p - lr * g / (np.sqrt(s["v"]) + o.epsilon)
    if o.optimizer == "rmsprop":
        s["v"] = o.rho * s.get("v", 0) + (1 - o.rho) * g * g
        return p - lr * g / (np.sqrt(s["v"]) + o.epsilon)
    s["m"] = o.beta1 * s.get("m", 0) + (1 - o.beta1) * g
    s["v"] = o.beta2 * s.get("v", 0) + (1 - o.beta2) * g * g
    m, v = s["m"] / (1 - o.beta1 ** t), s["v"] / (1 - o.beta2 ** t)
    return p - lr * m / (np.sqrt(v) + o.epsilon)


def main():
    log, model, data, validation = o.files
    (text, p), (images, labels) = read_model(model), read_data(data)
    network, state, average = Network(text), {name: {} for name in p}, dict(p)
    per_epoch = -(-len(images) // o.batch)
    with open(log) as f:
        head, *rows = [line.rstrip("\n").split("\t") for line in f]
    rows = [dict(zip(head, map(float, row))) for row in rows]
    assert [row["step"] for row in rows] == list(range(o.steps + 1)), "the log lacks steps"
    worst = (0, 0, 0, 0, 0)

    def compare(step, what, want):
        nonlocal worst
        worst = max(worst, (abs(rows[step][what] - want) / abs(want), step, what, rows[step][what], want))

    for t in range(o.steps):
        part = slice(t % per_epoch * o.batch, (t % per_epoch + 1) * o.batch)
        loss, d = cross_entropy(network.forward(p, images[part], True), labels[part], o.label_smoothing)
        g = network.backward(p, d)
        norm = math.sqrt(sum((x ** 2).sum() for x in g.values()))
        scale = min(1, o.clip / (norm + 1e-6)) if o.clip else 1
        lr = rate(t, t / per_epoch)
        compare(t + 1, "loss", loss)
        compare(t + 1, "lr", lr)
        for name in g:
            p[name] = update(p[name], scale * g[name], state[name], lr, t + 1)
        for name in p:
            average[name] = o.average * average[name] + (1 - o.average) * p[name]
    images, labels = read_data(validation)
    compare(o.steps, "val_loss", cross_entropy(network.forward(average, images, False), labels, 0)[0])
    print("%.2g at step %d: %s %.9g, in double precision %.9g" % worst)
    return int(worst[0] > o.tolerance)


sys.exit(main())

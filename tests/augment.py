#!/usr/bin/python3
# augment.py [--seed S] [--epoch E] [--first N] OPERATIONS <IMAGES >CHANGED - what img-augment does, in NumPy and
# double precision, from the manual and the draws that common/augment/augment.h describes: pixels before they are
# rounded.  Maps are made forward and inverted, corners by solving equations, places by a loop over pixels.
import argparse, io, math, sys
import numpy as np

MASK = (1 << 64) - 1


def block(seed, stream, index):
    """Philox4x32-10 (Salmon et al. 2011)."""
    k = [seed & 0xFFFFFFFF, seed >> 32]
    c = [index & 0xFFFFFFFF, index >> 32, stream & 0xFFFFFFFF, stream >> 32]
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [q >> 32 ^ c[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ c[3] ^ k[1], p & 0xFFFFFFFF]
        k = [k[0] + 0x9E3779B9 & 0xFFFFFFFF, k[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return c


def u64(seed, stream, index):
    b = block(seed, stream, index)
    return b[0] | b[1] << 32


def stream_of(name):
    h = 0xCBF29CE484222325
    for c in name.encode():
        h = (h ^ c) * 0x100000001B3 & MASK
    return h


class Draws:
    def __init__(self, key, k):
        self.key, self.k = key, k

    def uniform(self, index):
        return (u64(self.key, self.k, index) >> 11) * 2.0**-53

    def within(self, index, low, high):
        return low + (high - low) * self.uniform(index) if low != high else low

    def below(self, index, n):
        return u64(self.key, self.k, index) * n >> 64

    def words(self, n, skip=0):
        first = 1024 + skip // 4
        return np.array([w for i in range(-(-n // 4)) for w in block(self.key, self.k, first + i)][:n], dtype=np.uint64)


def parse(text):
    operations, border = [], "0"
    lines = [line.split("#")[0] for line in text.split("\n")]
    for words in filter(None, (part.split() for line in lines for part in line.split(","))):
        if words[0] == "border":
            border = words[1]
            continue
        o = {"kind": words.pop(0), "values": [], "chance": 1.0, "fill": "random", "subpixel": False}
        while words:
            word = words.pop(0)
            if word == "subpixel":
                o[word] = True
            elif word in ("chance", "fill"):
                o[word] = words.pop(0)
            else:
                ends = [float(x) for x in word.split(":")]
                o["values"].append((ends[0], ends[-1]))
        operations.append(o)
    return operations, border


def up(n):
    return -(-n // 4) * 4


def forward(o, d, value, h, w):
    """Where a place of the image goes; y is down."""
    kind = o["kind"]
    if kind == "flip":
        return np.diag([-1.0, 1, 1])
    if kind == "vflip":
        return np.diag([1.0, -1, 1])
    if kind in ("shift", "crop"):
        ranges = o["values"] if kind == "shift" else [(-o["values"][0][0], o["values"][0][0])] * 2
        m = np.eye(3)
        for i, (low, high) in enumerate(ranges):
            m[i, 2] = value(i) if o["subpixel"] else low + d.below(1 + i, int(high - low) + 1)
        return m
    if kind == "rotate":
        a = math.radians(value(0))
        return np.array([[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1]])
    if kind == "zoom":
        return np.diag([value(0), value(1) if len(o["values"]) > 1 else value(0), 1])
    if kind == "shear":
        rows, columns = np.eye(3), np.eye(3)
        rows[0, 1] = math.tan(math.radians(value(0)))
        if len(o["values"]) > 1:
            columns[1, 0] = math.tan(math.radians(value(1)))
        return columns @ rows
    # perspective: corners of the result show places near those of the image
    share, equations, right = value(0), [], []
    for i, (u, v) in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)]):
        x, y = (u - 0.5) * w, (v - 0.5) * h
        X = (u - 0.5 + d.within(4 + 2 * i, -share, share)) * w
        Y = (v - 0.5 + d.within(5 + 2 * i, -share, share)) * h
        equations += [[x, y, 1, 0, 0, 0, -X * x, -X * y], [0, 0, 0, x, y, 1, -Y * x, -Y * y]]
        right += [X, Y]
    return np.linalg.inv(np.append(np.linalg.solve(equations, right), 1).reshape(3, 3))


def blurred(field, sigma):
    reach = math.ceil(3 * sigma)
    weights = np.exp(-np.arange(-reach, reach + 1) ** 2 / (2 * sigma**2))
    weights /= weights.sum()
    for axis in (0, 1):
        field = np.apply_along_axis(lambda x: np.convolve(np.pad(x, reach, mode="wrap"), weights, "valid"), axis, field)
    return field


def resampled(image, m, field, border):
    """The image under the forward map m; a pixel beyond the border is the border."""
    c, h, w = image.shape
    if border == "nearest":
        around = np.pad(image, ((0, 0), (1, 1), (1, 1)), mode="edge")
    else:
        around = np.pad(image, ((0, 0), (1, 1), (1, 1)), constant_values=float(border))
    back, out = np.linalg.inv(m), np.empty_like(image)
    for y in range(h):
        for x in range(w):
            p = np.array([x - (w - 1) / 2 + field[0][y, x], y - (h - 1) / 2 + field[1][y, x], 1])
            X, Y, Z = back @ p
            X, Y = X / Z + (w - 1) / 2, Y / Z + (h - 1) / 2
            X, Y = min(max(X, -1), w), min(max(Y, -1), h)
            x0, y0 = min(int(math.floor(X)), w - 1), min(int(math.floor(Y)), h - 1)
            s, t = X - x0, Y - y0
            out[:, y, x] = (
                (1 - t) * ((1 - s) * around[:, y0 + 1, x0 + 1] + s * around[:, y0 + 1, x0 + 2])
                + t * ((1 - s) * around[:, y0 + 2, x0 + 1] + s * around[:, y0 + 2, x0 + 2]))
    return out


def changed(image, o, d, value):
    kind, (c, h, w) = o["kind"], image.shape
    if kind == "brightness":
        return np.clip(image + value(0), 0, 255)
    if kind == "contrast":
        return np.clip((image - image.mean()) * value(0) + image.mean(), 0, 255)
    image = image.copy()
    if kind == "noise":
        for channel in range(c):
            words = d.words(up(h * w), channel * up(h * w)) >> np.uint64(8)
            radius = np.sqrt(-2 * np.log((words[0::2] + np.uint64(1)) * 2.0**-24))
            angle = 2 * np.pi * words[1::2] * 2.0**-24
            both = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).ravel()[:h * w]
            image[channel] = np.clip(image[channel] + value(0) * both.reshape(h, w), 0, 255)
    if kind == "saltpepper":
        words, either = d.words(h * w).reshape(h, w), int(value(0) * 2.0**32)
        image[:, words < either] = 255
        image[:, words < either // 2] = 0
    if kind == "erase":
        ratios = o["values"][1] if len(o["values"]) > 1 else (0.3, 1 / 0.3)
        for i in range(4, 404, 4):
            area, ratio = d.within(i, *o["values"][0]) * h * w, d.within(i + 1, *ratios)
            height, width = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if height <= h and width <= w:
                break
        else:
            return image
        y, x = d.below(i + 2, h - height + 1), d.below(i + 3, w - width + 1)
        for channel in range(c):
            box = image[channel, y:y + height, x:x + width]
            if o["fill"] == "random":
                n = up(-(-height * width // 4))
                box[:] = d.words(n, channel * n).astype("<u4").view("u1")[:height * width].reshape(height, width)
            else:
                box[:] = image[channel].mean() if o["fill"] == "mean" else float(o["fill"])
    return image


def augmented(image, operations, border, key):
    c, h, w = image.shape
    still = np.zeros((2, h, w))
    m = None
    for k, o in enumerate(operations):
        d = Draws(key, k)
        value = lambda i: d.within(1 + i, *o["values"][i])
        happens = float(o["chance"]) == 1 or d.uniform(0) < float(o["chance"])
        moves = o["kind"] in "flip vflip shift crop rotate zoom shear perspective elastic".split()
        if not happens and o["kind"] != "elastic":
            continue
        if moves and o["kind"] != "elastic":
            m = forward(o, d, value, h, w) @ (np.eye(3) if m is None else m)
            continue
        field = still
        if o["kind"] == "elastic" and happens:
            words = [d.words(h * w, f * up(h * w)) >> np.uint64(8) for f in (0, 1)]
            field = [value(0) * blurred(x.reshape(h, w) * 2.0**-23 - 1, o["values"][1][0]) for x in words]
        if m is not None or (o["kind"] == "elastic" and happens):
            image = resampled(image, np.eye(3) if m is None else m, field, border)
            m = None
        if not moves:
            image = changed(image, o, d, value)
    return image if m is None else resampled(image, m, still, border)


parser = argparse.ArgumentParser()
for option, usual in (("--seed", 1), ("--epoch", 1), ("--first", 0)):
    parser.add_argument(option, type=int, default=usual)
parser.add_argument("operations")
a = parser.parse_args()
images = np.load(io.BytesIO(sys.stdin.buffer.read()))
operations, border = parse(a.operations)
stream = stream_of("augment") + a.epoch - 1 & MASK
planes = images.astype(float).reshape(len(images), -1, *images.shape[-2:])
out = [augmented(x, operations, border, u64(a.seed, stream, a.first + i)) for i, x in enumerate(planes)]
array = io.BytesIO()
np.save(array, np.reshape(out, images.shape))
sys.stdout.buffer.write(array.getvalue())

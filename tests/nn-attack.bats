load helper
load training
load gradients

setup_file() {
	cd "$BATS_FILE_TMPDIR" || exit
	dataset 600 1 >training.npy
	dataset 60 2 >data.npy
	npy-slice -k 0 data.npy >images.npy
	npy-slice -k 1 data.npy >labels.npy
	# Two networks, which learn enough to be fooled, and one without kinks.
	network | nn-train -q -e 12 -b 20 -r 0.01 - training.npy >model
	network 'tanh' | nn-train -q -e 12 -b 20 -r 0.01 -s 2 - training.npy >other
	printf 'input 1x12x12 mean 40 scale 90\nconv 4 3x3 pad 1\ntanh\ndense 10\n' | nn-init |
		nn-train -q -e 6 -b 20 -r 0.01 - training.npy >smooth
	linear
}

setup() {
	cd "$BATS_FILE_TMPDIR" || exit
}

# dense SCRIPT: where model(file, shape, w, b) writes a network of one dense layer.
dense() {
	numpy '
import json
def model(file, shape, w, b):
    w, b = np.asarray(w, "<f4"), np.asarray(b, "<f4")
    head = {"__metadata__": {"format": "pt", "network": f"input {shape} scale 255\ndense {len(b)}\n"},
            "dense1.weight": {"dtype": "F32", "shape": w.shape, "data_offsets": [0, w.nbytes]},
            "dense1.bias": {"dtype": "F32", "shape": b.shape, "data_offsets": [w.nbytes, w.nbytes + b.nbytes]}}
    head = json.dumps(head).encode()
    open(file, "wb").write(len(head).to_bytes(8, "little") + head + w.tobytes() + b.tobytes())
'"$1"
}

# A linear network of two classes, and images far from 0 and 255, whose labels are what it predicts.  The pixels
# are eighths, so that sums with a bound that is one too are exact.
linear() {
	dense '
r = np.random.default_rng(3)
w, b = r.normal(0, 1, (2, 30)).astype("f4"), np.array([.2, -.1], "f4")
model("linear", "1x5x6", w, b)
np.save("w.npy", w)
x = r.integers(8 * 60, 8 * 200, (40, 5, 6)) / 8
z = x.reshape(40, 30) @ w.T / 255 + b
put(x.astype("f4"), z.argmax(1).astype("u1"))' >linear.npy
}

# attack_py SCRIPT: where x are the images of result.npy, x0 those before, y their labels, and log its columns.
attack_py() {
	network_py '
def table(file):
    rows = [l.rstrip("\n").split("\t") for l in open(file)]
    return {n: np.array([r[i] if n == "status" else float(r[i]) for r in rows[1:]]) for i, n in enumerate(rows[0])}
def softmax(z):
    p = np.exp(z - z.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)
x, y = get("result.npy")
x0 = get("'"${2:-images.npy}"'")[0].astype(float)
x = x.astype(float)
log = table("log")
'"$1"
}

# attack OPTIONS [MODEL [DATA]]: into result.npy and log
attack() {
	# shellcheck disable=SC2086 # options are words
	nn-attack $1 --log log "${2:-model}" "${3:-data.npy}" >result.npy
}

# attack_through OPTIONS COMMAND [OPTION ...]
attack_through() {
	# shellcheck disable=SC2086 # options are words
	nn-attack $1 "${@:3}" --log log --through "$2" model data.npy >result.npy
}

# ---- what a linear network gives ----

@test "nn-attack: FGSM takes e |w|_1 off a linear network's margin, exactly" {
	for options in '' '--loss margin' '--norm linf -n 5 -s 2'; do
		attack "-e 7.25 --all-steps $options" linear linear.npy
		attack_py '
w = get("w.npy")[0].astype(float)
w, flat = (w[1] - w[0]) / 255, lambda a: a.reshape(len(a), -1)
sign = np.where(y == 0, 1, -1)
drop = sign * (flat(x) @ w - flat(x0) @ w)
# Sums of 30 products in double.
assert np.allclose(drop, 7.25 * abs(w).sum(), rtol=1e-12), drop
assert (log["linf"] == 7.25).all() and (log["zero"] == 0).all()
assert (flat(x - x0) == 7.25 * np.sign(w) * sign[:, None]).all()' linear.npy
	done
}

@test "nn-attack: with Euclid's norm it takes e |w|_2 off" {
	for options in '' '--loss margin' '-n 7 -s 3' '-n 60 -s 2 --random'; do
		attack "-e 11.3 --norm l2 --all-steps $options" linear linear.npy
		attack_py '
w = get("w.npy")[0].astype(float)
w, flat = (w[1] - w[0]) / 255, lambda a: a.reshape(len(a), -1)
drop = np.where(y == 0, 1, -1) * (flat(x) @ w - flat(x0) @ w)
# Pixels are rounded to floats, 30 times 8e-6; steps after a random start come near the best.
near = 2e-2 if "random" in "'"$options"'" else 2e-5
assert np.allclose(drop, 11.3 * np.linalg.norm(w), rtol=near), drop
assert (log["l2"] <= 11.3).all() and np.allclose(log["l2"], 11.3, rtol=near)' linear.npy
	done
}

@test "nn-attack: an image is found where the bound reaches the linear network's border" {
	for norm in linf l2; do
		# The bounds that a fifth, a half and nine tenths of the images need.
		numpy '
w, x = get("w.npy")[0].astype(float), get("linear.npy")[0].astype(float)
d = (w[1] - w[0]) / 255
need = abs(x.reshape(40, -1) @ d - .3) / np.linalg.norm(d, 1 if "'$norm'" == "linf" else 2)
print(*np.quantile(need, [.2, .5, .9]))' >needs
		for e in $(cat needs); do
			attack "-e $e --norm $norm" linear linear.npy
			attack_py '
w = get("w.npy")[0].astype(float)
d = (w[1] - w[0]) / 255
need = abs(x0.reshape(40, -1) @ d - .3) / np.linalg.norm(d, 1 if "'$norm'" == "linf" else 2)
clear = abs(need / '"$e"' - 1) > 1e-5
assert clear.sum() > 36 and 5 < (need < '"$e"').sum() < 38
assert (log["status"] == np.where(need < '"$e"', "found", "failed"))[clear].all()' linear.npy
		done
	done
}

# ---- what a loop in NumPy gives ----

# against OPTIONS [NAME=VALUE ...]: the result is that of a plain loop in double, on the network without kinks.
against() {
	attack "--all-steps $1" smooth
	attack_py '
net = Net("smooth")
o = dict(e=9.0, n=1, step=None, norm="linf", loss="ce", target=None)
o.update('"$2"')
step = o["step"] or (o["e"] if o["n"] == 1 else 2.5 * o["e"] / o["n"])
c = y if o["target"] is None else np.full(len(y), o["target"])
x0, x = x0[:, None], x[:, None]
v = x0.copy()
eye = np.eye(10)
for _ in range(o["n"]):
    z = net.forward(v)
    logits = z[net.last]
    d = softmax(logits) - eye[c] if o["loss"] == "ce" else eye[np.where(eye[c], -np.inf, logits).argmax(1)] - eye[c]
    g = net.backward(z, net.last, d if o["target"] is None else -d)
    length = np.sqrt((g ** 2).sum((1, 2, 3), keepdims=True))
    v = v + step * (np.sign(g) if o["norm"] == "linf" else g / length)
    far = np.sqrt(((v - x0) ** 2).sum((1, 2, 3), keepdims=True))
    v = np.clip(v, x0 - o["e"], x0 + o["e"]) if o["norm"] == "linf" else x0 + (v - x0) * np.minimum(1, o["e"] / far)
    v = np.clip(v, 0, 255)
right = (log["status"] == "found") | (log["status"] == "failed")
assert right.sum() > 40 and (x[~right] == x0[~right]).all()
differ = abs(x - v)[right]
if o["norm"] == "linf":
    # The sign of a derivative that is nearly 0 is a matter of rounding.
    assert (differ > 1e-4).mean() < 1e-3, (differ > 1e-4).mean()
else:
    assert np.linalg.norm(differ) < 1e-4 * np.linalg.norm((v - x0)[right]), differ.max()'
}

@test "nn-attack: one step and many are those of a loop in NumPy" {
	against '-e 9'
	against '-e 60' 'e=60.0'
	against '-e 9 -n 6' 'n=6'
	against '-e 9 -n 4 -s 1.7' 'n=4, step=1.7'
	against '-e 60 --norm l2' 'e=60.0, norm="l2"'
	against '-e 90 --norm l2 -n 6' 'e=90.0, norm="l2", n=6'
}

@test "nn-attack: the margin and targets are those of a loop in NumPy" {
	against '-e 9 -n 3 --loss margin' 'n=3, loss="margin"'
	against '-e 90 --norm l2 -n 6 --loss margin' 'e=90.0, norm="l2", n=6, loss="margin"'
	against '-e 9 -n 3 -t 7' 'n=3, target=7'
	against '-e 90 --norm l2 -n 6 -t 2 --loss margin' 'e=90.0, norm="l2", n=6, loss="margin", target=2'
}

@test "nn-attack: PyTorch's loop raises the loss as much" {
	python=/opt/torch-venv/bin/python3
	[ -x $python ] || python=/usr/bin/python3
	$python -c 'import numpy, torch' 2>/dev/null || skip "no torch"
	attack '-e 20 -n 20 -s 2 --all-steps --of predicted'
	cat >pgd.py <<'PY'
import json, struct, numpy as np, torch
from torch.nn import functional as F
raw = open("model", "rb").read()
end = 8 + struct.unpack("<Q", raw[:8])[0]
head = json.loads(raw[8:end])
w = {k: torch.tensor(np.frombuffer(raw[end:], "<f4", int(np.prod(v["shape"])), v["data_offsets"][0]).reshape(v["shape"]))
     for k, v in head.items() if k != "__metadata__"}
def net(x):
    h = F.max_pool2d(F.relu(F.conv2d(x / 255, w["conv1.weight"], w["conv1.bias"], padding=1)), 2)
    return h.flatten(1) @ w["dense1.weight"].T + w["dense1.bias"]
with open("result.npy", "rb") as f:
    ours = torch.tensor(np.load(f))[:, None]
x0 = torch.tensor(np.load("images.npy").astype("f4"))[:, None]
y = net(x0).argmax(1)
x = x0.clone()
for _ in range(20):
    x.requires_grad_()
    g, = torch.autograd.grad(F.cross_entropy(net(x), y, reduction="sum"), x)
    x = (x.detach() + 2 * g.sign()).clamp(min=x0 - 20, max=x0 + 20).clamp(0, 255)
before, theirs, found = (F.cross_entropy(net(a), y).item() for a in (x0, x, ours))
print(before, theirs, found)
# The kinks of a ReLU and a max pool let paths part where a pixel rounds otherwise.
assert theirs > before + 1 and abs(found - theirs) < 1e-2 * (theirs - before)
PY
	$python pgd.py
}

# ---- the bound ----

@test "nn-attack: the bound and the box hold to the last bit" {
	for e in 0 0.1 0.3 7 33.3 76.5 300; do
		for options in '' '-n 5' '-n 3 --random --restarts 2' '-n 0 --random'; do
			attack "-e $e --all-steps $options"
			npy-diff --any-type -a $e <(npy-slice -k 0 result.npy) images.npy
			numpy "
x, x0 = get('result.npy')[0], get('images.npy')[0].astype(float)
assert abs(x.astype(float) - x0).max() <= $e and x.min() >= 0 and x.max() <= 255 and x.dtype == 'f4'"
			attack "-e $e --norm l2 --all-steps $options"
			numpy "
x, x0 = get('result.npy')[0], get('images.npy')[0].astype(float)
assert np.sqrt(((x.astype(float) - x0) ** 2).sum((1, 2))).max() <= $e and x.min() >= 0 and x.max() <= 255"
		done
	done
}

@test "nn-attack: pixels that are no whole numbers, and those outside 0 to 255" {
	{ npy-calc -t f4 'a / 3 + 1e-3' images.npy; cat labels.npy; } >thirds.npy
	attack '-e 0.1 --of predicted' model thirds.npy
	numpy '
x, x0 = get("result.npy")[0].astype(float), get("thirds.npy")[0].astype(float)
assert 0.0999 < abs(x - x0).max() <= .1'
	refuses "image 0 has a pixel 300, outside 0 ... 255" \
		'{ npy-calc -t f4 "a * 0 + 300" images.npy; cat labels.npy; } | nn-attack -e 3 model'
	refuses "outside 0 ... 255" '{ npy-calc -t f4 "a - 255" images.npy; cat labels.npy; } | nn-attack -e 3 model'
}

# ---- the result and its log ----

@test "nn-attack: found is what nn-run says of the written images" {
	for options in '-e 12 -n 10' '-e 12' '-e 120 --norm l2 -n 10 --loss margin' '-e 30 -n 10 -t 4' \
		'-e 12 -n 10 --all-steps' '-e 15 -n 5 --random --restarts 3' '-e 12 -n 5 --of predicted' \
		'-e 25 -n 10 -t 3 --of predicted'; do
		attack "$options"
		nn-run -p model result.npy >p.npy
		nn-run -p model images.npy >p0.npy
		attack_py '
options = "'"$options"'"
p, clean = get("p.npy")[0], get("p0.npy")[0].argmax(1)
of = clean if "predicted" in options and "-t" not in options else y
target = float(options.split("-t ")[1].split()[0]) if "-t" in options else np.nan
assert (log["predicted"] == p.argmax(1)).all()
assert np.allclose(log["probability"], p.max(1), rtol=1e-5)
assert (log["image"] == np.arange(60)).all() and (log["label"] == y).all()
assert np.array_equal(log["target"], np.full(60, target), equal_nan=True)
fools = p.argmax(1) == target if "-t" in options else p.argmax(1) != of
wrong = (clean != y) & ("predicted" not in options)
same = ~wrong & (clean == target)
status = np.select([wrong, same, fools], ["wrong", "same", "found"], "failed")
assert (log["status"] == status).all(), (log["status"], status)
assert (x[wrong] == x0[wrong]).all()
d = (x - x0).reshape(60, -1)
assert (log["linf"] == np.float64(["%.9g" % v for v in abs(d).max(1)])).all()
assert np.allclose(log["l2"], np.linalg.norm(d, axis=1), rtol=1e-8)
assert 3 < (status == "found").sum() and (status == "failed").sum() + ("-t" in options) > 3, status
assert wrong.any() or "predicted" in options
assert (np.isnan(log["zero"]) == (log["gradients"] == 0)).all()'
	done
	nn-eval model result.npy
}

@test "nn-attack: an image stops at the first step that fools the network" {
	attack '-e 14 -n 12 -s 2 -b 7'
	cp log whole
	cp result.npy whole.npy
	for n in 1 2 3 5; do
		attack "-e 14 -n $n -s 2"
		attack_py "
whole, end = table('whole'), get('whole.npy')[0]
stopped = (whole['status'] == 'found') & (whole['steps'] <= $n)
assert (log['status'] == 'found').sum() == stopped.sum()
assert (x[stopped] == end[stopped]).all() and (log['steps'][stopped] == whole['steps'][stopped]).all()
going = whole['status'] != 'wrong'
assert (log['steps'][going & ~stopped] == $n).all()
assert (log['gradients'] == log['steps']).all() and (log['restart'] == 0).all()"
	done
	[ "$(cut -f 7 whole | sort -u | wc -l)" -gt 4 ]
}

@test "nn-attack: --all-steps takes them all and leads to a larger loss" {
	attack '-e 14 -n 12'
	loss=$(nn-eval model result.npy | columns - loss | tail -n 1)
	attack '-e 14 -n 12 --all-steps'
	nn-eval model result.npy | columns - loss | tail -n 1 | awk -v l="$loss" '!($1 > 1.2 * l) { exit 1 }'
	attack_py '
assert (log["steps"][log["status"] != "wrong"] == 12).all()'
}

@test "nn-attack: restarts keep what is found, or the highest loss" {
	attack '-e 10 -n 3 -s 2 --random --restarts 4'
	cp log four
	cp result.npy four.npy
	nn-run model four.npy >z4.npy
	# The first restarts of four are those of one, two and three.
	for r in 1 2 3; do
		attack "-e 10 -n 3 -s 2 --random --restarts $r"
		nn-run model result.npy >z.npy
		attack_py '
four, z4, z = table("four"), get("z4.npy")[0].astype(float), get("z.npy")[0].astype(float)
loss = lambda z: -np.log(softmax(z)[range(60), y])
failed = four["status"] == "failed"
assert (log["status"][failed] == "failed").all()
assert (loss(z4) >= loss(z) - 1e-6)[failed].all()
kept = (four["restart"] < '$r') & (four["status"] != "wrong")
assert (x[kept] == get("four.npy")[0][kept]).all() and kept.any()
assert (log["gradients"] <= 3 * '$r').all()
assert (log["gradients"][log["status"] == "failed"] == 3 * '$r').all()'
	done
	[ "$(awk -F '\t' '$4 == "failed" { print $10 }' four | sort -u | wc -l)" -gt 2 ]
	[ "$(awk -F '\t' '$4 == "found" { print $10 }' four | sort -u | wc -l)" -gt 1 ]
	# Without --random the first starts at the image.
	attack '-e 10 -n 3 -s 2 --restarts 2'
	cp result.npy two.npy
	attack '-e 10 -n 3 -s 2'
	attack_py '
found = log["status"] != "failed"
assert (x[found] == get("two.npy")[0][found]).all() and (x != get("two.npy")[0]).any()'
}

@test "nn-attack: the same bytes for any batch and any number of threads" {
	for options in '-e 12 -n 6' '-e 12 -n 4 --random --restarts 3 --seed 5' '-e 90 --norm l2 -n 6 --loss margin' \
		'-e 20 -n 5 -t : --all-steps --restarts 2' '-e 20 -n 4 --and other:3:0.5'; do
		attack "$options"
		mv log log.1
		mv result.npy result.1
		for batch in 1 7 59; do
			attack "$options -b $batch"
			cmp log log.1
			cmp result.npy result.1
		done
		OMP_NUM_THREADS=2 attack "$options"
		cmp log log.1
		cmp result.npy result.1
	done
}

@test "nn-attack: seeds, and the key is the image's place" {
	attack '-e 20 -n 0 --random --of predicted'
	cp result.npy first.npy
	attack '-e 20 -n 0 --random --of predicted --seed 0'
	cmp result.npy first.npy
	{ npy-slice 0:9 images.npy; npy-slice 0:9 labels.npy; } >nine.npy
	attack '-e 20 -n 0 --random --of predicted' model nine.npy
	cmp <(npy-slice -k 0 result.npy) <(npy-slice -k 0 0:9 first.npy)
	attack '-e 20 -n 0 --random --of predicted --seed 1'
	numpy '
a, b = get("first.npy")[0] - get("images.npy")[0], get("result.npy")[0] - get("images.npy")[0]
assert (a == b).mean() < .05 and abs(a).max() > 19
# Uniform where the box does not cut: a mean within five standard errors, 20 / sqrt(3 n).
free = a[(get("images.npy")[0] >= 20) & (get("images.npy")[0] <= 235)]
assert abs(free.mean()) < 5 * 20 / (3 * free.size) ** .5 and abs((free ** 2).mean() - 400 / 3) < 9'
}

# ---- whom it is about ----

@test "nn-attack: targets in turn, one each, and an image's own class" {
	attack '-e 60 -n 20 -t 0,4,7'
	attack_py '
assert (log["target"] == np.tile([0, 4, 7], 20)).all()
own = (log["target"] == y) & (log["status"] != "wrong")
assert own.any() and ((log["status"] == "same") == own).all()
assert (x[own] == x0[own]).all() and (log["steps"][own] == 0).all() and (log["linf"][own] == 0).all()
found = log["status"] == "found"
assert (log["predicted"] == log["target"])[found].all() and found.sum() > 40'
	numpy 'put((get("labels.npy")[0] + 1) % 10)' >next.npy
	cp result.npy turn.npy
	attack '-e 60 -n 20 -t next.npy'
	attack_py 'assert (log["target"] == (y + 1) % 10).all()'
	attack '-e 60 -n 20 --target 0,4,7'
	cmp result.npy turn.npy
	attack '-e 60 -n 2 --target 0,4,7 --all-steps --restarts 2'
	attack_py '
own = (log["target"] == y) & (log["status"] != "wrong")
assert ((log["status"] == "same") == own).all() and (x[own] == x0[own]).all()'
}

@test "nn-attack: of the predicted class it attacks what is wrong, too" {
	nn-run model images.npy >z.npy
	attack '-e 12 -n 5 --of predicted'
	attack_py '
clean = get("z.npy")[0].argmax(1)
wrong = clean != y
assert wrong.any() and (x != x0).any((1, 2))[wrong].all()'
	cp result.npy mine.npy
	{ cat images.npy; npy-reduce -a 1 argmax z.npy; } >predicted.npy
	attack '-e 12 -n 5' model predicted.npy
	cmp <(npy-slice -k 0 result.npy) <(npy-slice -k 0 mine.npy)
}

@test "nn-attack: --and fools a second network, too" {
	attack '-e 40 -n 15'
	nn-run other result.npy | npy-reduce -a 1 argmax >before.npy
	attack '-e 40 -n 15 --and other:6:1'
	nn-run other result.npy | npy-reduce -a 1 argmax >after.npy
	nn-run model result.npy | npy-reduce -a 1 argmax >victim.npy
	attack_py '
before, after, victim = (get(f + ".npy")[0] for f in ("before", "after", "victim"))
right = log["status"] != "wrong"
assert (log["status"][right] == np.where((after == 6) & (victim != y), "found", "failed")[right]).all()
assert (after == 6)[right].sum() > (before == 6)[right].sum() + 20'
	# Twice the same is once with the weights added.
	attack '-e 20 -n 1 --norm l2 --all-steps --and other:6:1,other:6:0.5'
	cp result.npy twice.npy
	attack '-e 20 -n 1 --norm l2 --all-steps --and other:6:1.5'
	npy-diff -n 1e-6 <(npy-slice -k 0 result.npy) <(npy-slice -k 0 twice.npy)
	# With a weight of 0 a step is that without it.
	attack '-e 20 --all-steps --and other:6:0'
	cp result.npy zero.npy
	attack '-e 20 --all-steps'
	cmp result.npy zero.npy
}

@test "nn-attack: a detector's derivative is nn-grad's" {
	attack '-e 20 --norm l2 --all-steps --of predicted --and other:6:0.7'
	nn-run model images.npy | npy-reduce -a 1 argmax >clean.npy
	nn-grad --of loss -c clean.npy model images.npy >g1.npy
	nn-grad --of loss -c 6 other images.npy >g2.npy
	attack_py '
g = get("g1.npy")[0].astype(float) - .7 * get("g2.npy")[0]
want = np.clip(x0 + 20 * g / np.sqrt((g ** 2).sum((1, 2), keepdims=True)), 0, 255)
assert np.linalg.norm(x - want) < 1e-5 * np.linalg.norm(want - x0)'
}

# With all steps, n steps lead to where step n + 1 of more begins.
@test "nn-attack: a detector without a weight has its turn while the network is fooled" {
	turns='-e 400 --norm l2 -s 150 --all-steps --and other:6'
	: >fooled
	for n in 0 1 2 3 4 5; do
		attack "-n $n $turns"
		npy-slice -k 0 result.npy >at.npy
		nn-grad --of loss -c labels.npy model at.npy >g1.npy
		nn-grad --of loss -c 6 other at.npy >g2.npy
		nn-run model at.npy | npy-reduce -a 1 argmax >predicted.npy
		attack "-n $((n + 1)) $turns"
		attack_py '
at, g1, g2 = (get(f + ".npy")[0].astype(float) for f in ("at", "g1", "g2"))
fooled, right = get("predicted.npy")[0] != y, log["status"] != "wrong"
g = np.where(fooled[:, None, None], -g2, g1)
want = at + 150 * g / np.sqrt((g ** 2).sum((1, 2), keepdims=True)) - x0
want *= np.minimum(1, 400 / np.sqrt((want ** 2).sum((1, 2), keepdims=True)))
want = np.clip(x0 + want, 0, 255)
# The floats of a step.
assert abs(x - want)[right].max() < 1e-2, abs(x - want)[right].max()
print((fooled & right).sum(), (~fooled & right).sum())' >>fooled
	done
	# Both had turns.
	awk '{ a += $1; b += $2 } END { exit !(a > 50 && b > 50) }' fooled
	# It is found where both are fooled; a weight makes it slower or misses it.
	attack '-e 40 -n 60 -s 2 --and other:6'
	nn-run model result.npy | npy-reduce -a 1 argmax >victim.npy
	nn-run other result.npy | npy-reduce -a 1 argmax >after.npy
	attack_py '
right, both = log["status"] != "wrong", (get("victim.npy")[0] != y) & (get("after.npy")[0] == 6)
assert (log["status"][right] == np.where(both, "found", "failed")[right]).all()
print((log["status"] == "found").sum())' >turns
	attack '-e 40 -n 60 -s 2 --and other:6:1'
	[ "$(cat turns)" -ge "$(field status log | grep -cx found)" ]
	# The name of a file may have colons.
	cp other a:b
	attack '-e 40 -n 60 -s 2 --and a:b:6'
	attack_py 'assert (log["status"] == "found").sum() == '"$(cat turns)"
}

@test "nn-attack: --through is forward through a command, backward as if it were not there" {
	attack '-e 20 -n 3'
	cp result.npy plain.npy
	cp log plain
	attack_through '-e 20 -n 3' cat
	cmp result.npy plain.npy
	cmp log plain
	# A step is made of the derivative at the filtered images.
	attack_through '-e 90 --norm l2 --all-steps --of predicted' 'npy-calc "a * 0.5 + 20" -'
	npy-calc -t f4 'a * 0.5 + 20' images.npy >filtered.npy
	nn-run model filtered.npy | npy-reduce -a 1 argmax >clean.npy
	nn-grad --of loss -c clean.npy model filtered.npy >g.npy
	attack_py '
g = get("g.npy")[0].astype(float)
want = np.clip(x0 + 90 * g / np.sqrt((g ** 2).sum((1, 2), keepdims=True)), 0, 255)
assert np.linalg.norm(x - want) < 1e-5 * np.linalg.norm(want - x0)'
	# Gray levels that hide small changes: found is what the command and the network say of the result.
	squeeze='npy-calc "floor(a / 32) * 32" -'
	attack_through '-e 30 -n 10' "$squeeze" -b 7
	cp result.npy seven.npy
	attack_through '-e 30 -n 10' "$squeeze"
	cmp result.npy seven.npy
	npy-slice -k 0 result.npy | sh -c "$squeeze" | nn-run model >z.npy
	nn-run model <(sh -c "$squeeze" <images.npy) | npy-reduce -a 1 argmax >clean.npy
	attack_py '
z, clean = get("z.npy")[0], get("clean.npy")[0]
status = np.where(clean != y, "wrong", np.where(z.argmax(1) != y, "found", "failed"))
assert (log["status"] == status).all() and (status == "found").sum() > 10
assert abs(x - x0).max() <= 30'
	{ npy-slice 3 images.npy; npy-slice 3:4 labels.npy; } >one.npy
	nn-attack -e 30 -n 10 --through "$squeeze" model one.npy | npy-slice -k 0 |
		npy-diff - <(npy-slice -k 0 3 result.npy)
}

@test "nn-attack: --draws averages over runs of a random command" {
	# shellcheck disable=SC2016 # it is the command that has them
	noise='npy-random -s "$((DRAW + 1))" normal:0:20 60,12,12 | npy-calc "a + b" "$TMP" -'
	noise="TMP=\$(mktemp) && cat >\"\$TMP\" && $noise && rm \"\$TMP\""
	attack_through '-e 90 --norm l2 --all-steps --of predicted --draws 3' "$noise" -b 60
	for draw in 0 1 2; do
		DRAW=$draw sh -c "$noise" <images.npy >noisy.$draw
		nn-run -p model noisy.$draw >p.$draw
	done
	npy-calc 'a + b + c' p.0 p.1 p.2 | npy-reduce -a 1 argmax >clean.npy
	for draw in 0 1 2; do
		nn-grad --of loss -c clean.npy model noisy.$draw >g.$draw
	done
	npy-slice -k 0 result.npy >changed.npy
	for draw in 0 1 2; do
		DRAW=$draw sh -c "$noise" <changed.npy | nn-run -p model >after.$draw
	done
	attack_py '
g = sum(get(f"g.{d}")[0].astype(float) for d in range(3))
want = np.clip(x0 + 90 * g / np.sqrt((g ** 2).sum((1, 2), keepdims=True)), 0, 255)
assert np.linalg.norm(x - want) < 1e-5 * np.linalg.norm(want - x0)
p = sum(get(f"after.{d}")[0].astype(float) for d in range(3)) / 3
assert (log["predicted"] == p.argmax(1)).all() and np.allclose(log["probability"], p.max(1), rtol=1e-5)
assert (log["gradients"] == 3).all() and (log["steps"] == 1).all()'
	# With no more than one draw, that is number 0.
	# shellcheck disable=SC2016
	attack_through '-e 9' '[ "$DRAW" = 0 ] && cat'
}

@test "nn-attack: a derivative of zero is counted, and moves nothing" {
	# Class 3 is made of five pixels, and of two others each is made of none.
	dense '
w = np.zeros((10, 144))
w[3, :5] = 1
model("five", "1x12x12", w, np.zeros(10))
put(np.full((4, 12, 12), 100, "u1"), np.full(4, 3))' >hundred.npy
	attack '-e 5 --all-steps' five hundred.npy
	attack_py '
assert np.allclose(log["zero"], 139 / 144, rtol=1e-8)
assert (x.reshape(4, 144)[:, :5] == 95).all() and (x.reshape(4, 144)[:, 5:] == 100).all()' hundred.npy
	numpy 'put(get("hundred.npy")[0] * 0, np.zeros(4, int))' >zeros.npy
	for norm in linf l2; do
		attack "-e 5 -n 3 --norm $norm --loss margin -t 1" five zeros.npy
		attack_py '
assert (log["zero"] == 1).all() and (x == x0).all() and (log["status"] == "failed").all()' zeros.npy
	done
}

@test "nn-attack: logits decide where probabilities are equal" {
	dense '
w = np.zeros((3, 144))
w[0], w[1], w[2, :9] = 1e-22, 2e-22, 1e-21
model("faint", "1x12x12", w, np.zeros(3))
put(np.full((5, 12, 12), 100, "u1"), np.full(5, 1))' >faint.npy
	attack '-e 100 -n 4' faint faint.npy
	nn-run faint result.npy >z.npy
	attack_py '
z = get("z.npy")[0]
assert (log["predicted"] == z.argmax(1)).all() and (log["status"] == "found").all() and (log["steps"] > 0).all()
assert np.allclose(log["probability"], 1 / 3)' faint.npy
}

# ---- shapes ----

@test "nn-attack: shapes and labels stay as they are" {
	attack '-e 9'
	run -0 npy-info result.npy
	[[ ${lines[1]} == $'<f4\t(60,12,12)'* && ${lines[2]} == $'<i8\t(60,)'* ]]
	cmp labels.npy <(npy-slice -k 1 result.npy)
	{ npy-calc -t f8 'a + 0.0' images.npy; npy-calc -t u1 'a' labels.npy; } >types.npy
	nn-attack -e 9 model types.npy >typed.npy
	cmp <(npy-slice -k 0 result.npy) <(npy-slice -k 0 typed.npy)
	npy-info typed.npy | grep -F $'|u1\t(60,)'
	cmp result.npy <(nn-attack -e 9 model <data.npy)
	cmp result.npy <(nn-attack -e 9 - data.npy <model)
	{ npy-slice 0:0 images.npy; npy-slice 0:0 labels.npy; } | nn-attack -e 9 model >none.npy
	npy-info none.npy | grep -F '(0,12,12)'
	{ npy-slice 3 images.npy; npy-slice 3:4 labels.npy; } | nn-attack -e 9 model >one.npy
	npy-info one.npy | grep -F $'<f4\t(12,12)'
	npy-diff <(npy-slice -k 0 one.npy) <(npy-slice -k 0 3 result.npy)
	{ npy-slice 3 images.npy; npy-slice 3 labels.npy; } | nn-attack -e 9 model | npy-info --shape >shapes
	diff shapes <(printf '12,12\n\n')
	nn-init -s 5 <<<$'input 3x4x5 scale 255\nconv 8 3x3 pad 1\ntanh\ndense 6' >color
	numpy 'put(np.random.default_rng(1).uniform(0, 255, (7, 3, 4, 5)).astype("f4"), np.arange(7) % 6)' >color.npy
	nn-attack -e 20 -n 4 color color.npy | npy-info | grep -F $'<f4\t(7,3,4,5)'
}

# Of two classes and a linear network the loss rises along w1 - w0, divided by the scales of the channels.
@test "nn-attack: lengths are in pixels where the channels have scales of their own" {
	nn-init -s 5 -i normal:1 <<<$'input 3x4x5 mean 100 120 90.5 scale 255 40 90\ndense 2' >scaled
	numpy 'put(np.random.default_rng(1).uniform(60, 190, (9, 3, 4, 5)).astype("f4"))' >images3.npy
	nn-run scaled images3.npy | npy-reduce -a 1 argmax >labels3.npy
	cat images3.npy labels3.npy | nn-attack -e 20 -n 1 --norm l2 --all-steps scaled >l2.npy
	cat images3.npy labels3.npy | nn-attack -e 20 -n 1 --all-steps scaled >linf.npy
	nn-weights scaled dense1.weight >w.npy
	# 20 pixels, rounded as floats of up to 255 are.
	numpy '
x, y, w = get("images3.npy")[0].astype(float), get("labels3.npy")[0], get("w.npy")[0].astype(float)
d = (w[1] - w[0]).reshape(1, 3, 4, 5) / np.array([255, 40, 90.0]).reshape(3, 1, 1) * np.where(y, -1, 1).reshape(-1, 1, 1, 1)
assert {*y} == {0, 1}
assert abs(get("l2.npy")[0] - (x + 20 * d / np.sqrt((d[:1] ** 2).sum()))).max() < 1e-4
assert abs(get("linf.npy")[0] - (x + 20 * np.sign(d))).max() < 1e-4'
}

# ---- refusals ----

@test "nn-attack: what it cannot do is refused" {
	refuses "--epsilon is missing" 'nn-attack model data.npy'
	refuses "--epsilon" 'nn-attack -e -1 model data.npy'
	refuses "--restarts" 'nn-attack -e 1 --restarts 0 model data.npy'
	refuses "--norm" 'nn-attack -e 1 --norm l1 model data.npy'
	refuses "--loss" 'nn-attack -e 1 --loss mse model data.npy'
	refuses "expected labels after the images" 'nn-attack -e 1 model images.npy'
	refuses "'predicted' is no class to be changed to" 'nn-attack -e 1 -t predicted model data.npy'
	refuses "10 is not among the network's 10 classes" 'nn-attack -e 1 -t 10 model data.npy'
	refuses "7 classes do not go with 60 images" 'nn-attack -e 1 -t 0:7 model data.npy'
	refuses "is not MODEL:CLASS or MODEL:CLASS:WEIGHT" 'nn-attack -e 1 --and other model data.npy'
	refuses ":3" 'nn-attack -e 1 --and :3:1 model data.npy'
	refuses "is not MODEL:CLASS or MODEL:CLASS:WEIGHT" 'nn-attack -e 1 --and :3 model data.npy'
	refuses "10 is not between 0 and 9" 'nn-attack -e 1 --and other:10:1 model data.npy'
	refuses "expected a network of images (1,12,12), found one of (1,5,6)" 'nn-attack -e 1 --and linear:1:1 model data.npy'
	refuses "no-such-file" 'nn-attack -e 1 --and no-such-file:1:1 model data.npy'
	refuses "from standard input is not possible" 'nn-attack -e 1 --and -:1:1 model data.npy'
	refuses "--draws is about a command" 'nn-attack -e 1 --draws 2 model data.npy'
	refuses "exit" 'nn-attack -e 1 --through false model data.npy'
	refuses "the shape of the images" 'nn-attack -e 1 --through "npy-slice 0:3" model data.npy'
	refuses "NaN or infinite" 'nn-attack -e 1 --through "npy-calc -t f4 a/0" model data.npy'
	refuses "only one of the model and the images" 'nn-attack -e 1 - <data.npy'
	refuses "expected images (N,12,12)" 'nn-attack -e 1 model linear.npy'
	refuses "no-such-dir/log: No such file" 'nn-attack -e 1 --log no-such-dir/log model data.npy'
	nn-init <<<$'input 1x12x12\nconv 2 2x2' >headless
	refuses "a classifier ends in a vector" 'nn-attack -e 1 headless data.npy'
	nn-init <<<$'input 1x12x12\ndense 1' >lone
	refuses "--loss: a margin is between two classes" 'nn-attack -e 1 --loss margin lone data.npy'
	dense 'model("huge", "1x12x12", np.full((10, 144), 3e38), np.zeros(10))'
	refuses "image 0: the network's output is not finite" 'nn-attack -e 1 huge data.npy'
}

@test "nn-attack: a full disk is an error, for the log too; a reader that went away is none" {
	[ -w /dev/full ] || skip "no /dev/full"
	refuses "No space left on device" '{ npy-slice 0 images.npy; npy-slice 0:1 labels.npy; } | nn-attack -e 1 model >/dev/full'
	refuses "/dev/full: No space left on device" 'nn-attack -e 1 --log /dev/full model data.npy'
	pipe 'nn-attack -e 1 model data.npy | head -c 1 >/dev/null'
}

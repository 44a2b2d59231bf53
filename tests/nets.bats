# The networks that come along, against the numbers worked out from the documents they are from.
load helper

# parameters NET [SED]: the number of the network's parameters, its text changed by sed.
parameters() {
	sed "${2:-}" "$root/pipelines/nets/$1.net" | nn-info --totals | sed -n 's/^total\t[0-9]*\t\([0-9]*\)\t.*/\1/p'
}

@test "nets: every one can be made into a model" {
	for net in "$root"/pipelines/nets/*.net; do
		nn-info "$net" >/dev/null
		[[ $(head -1 "$net") == "# "* ]] || { echo "$net does not say where it is from"; false; }
	done
}

@test "nets: the assignment's parameters and neurons, by hand" {
	diff <(nn-info --totals "$root/pipelines/nets/pa2.net" | cut -f 1-4) - <<-'E'
		part	layers	parameters	neurons
		conv	2	9568	31360
		dense	2	789510	510
		other	5	0	0
		total	9	799078	31870
	E
	diff <(nn-info "$root/pipelines/nets/pa2.net" | cut -f 1,3-5 | grep -E 'conv|dense') - <<-'E'
		conv1	(1,28,28)	(32,28,28)	320
		conv2	(32,14,14)	(32,14,14)	9248
		dense1	(32,7,7)	(500)	784500
		dense2	(500)	(10)	5010
	E
	[ "$(parameters pa2-bn)" = $((799078 + 128)) ]
	[ "$(parameters pa2-bn-after)" = $((799078 + 128)) ]
}

@test "nets: parameters of the others" {
	[ "$(parameters softmax)" = 7850 ]
	[ "$(parameters patches)" = 140598 ]
	[ "$(parameters ourconvnet)" = 6214922 ]
	[ "$(parameters ourconvnet-plain)" = 6214922 ]
	[ "$(parameters mlp)" = 468874 ]
	[ "$(parameters cnn1)" = 804554 ]
	[ "$(parameters cnn3)" = 356234 ]
	[ "$(parameters cnn4)" = 13014442 ]
	[ "$(parameters vgg)" = 2554346 ]
	[ "$(parameters ourconvnet-quarter)" = 390986 ]
	[ "$(parameters cnn3-quarter)" = 22634 ]
	[ "$(parameters vgg-quarter)" = 161090 ]
	[ "$(parameters madry)" = 3274634 ]
	[ "$(parameters fast)" = 166406 ]
	[ "$(parameters smallcnn)" = $((10 * 32 + 289 * 32 + 289 * 64 + 577 * 64 + 1025 * 200 + 201 * 200 + 201 * 10)) ]
	# 272,474 on color images (torchvision's way), less two of three channels of 16 3x3 filters.
	[ "$(parameters resnet20)" = $((272474 - 2 * 16 * 9)) ]
	[ "$(parameters resnet9)" = $((9 * (32 + 32 * 64 + 2 * 64 * 64 + 64 * 128 + 128 * 256 + 2 * 256 * 256) +
		2 * (32 + 3 * 64 + 128 + 3 * 256) + 2570)) ]
	[ "$(parameters vgg-like-bn)" = $((2554346 + 4 * (32 + 64 + 128) + 6 * 256)) ]
}

@test "nets: the other readings of the documents, by the sed lines of the comments" {
	[ "$(parameters ourconvnet '/^conv\|^dense/s/$/ nobias/')" = 6212160 ]
	[ "$(parameters cnn1 's/ pad same//')" = 693962 ]
	[ "$(parameters cnn3 's/ pad same//;s/ ceil//')" = 110474 ]
	[ "$(parameters cnn4 's/ pad same//')" = 5477802 ]
	[ "$(parameters vgg 's/ ceil//')" = 2161130 ]
}

@test "nets: multiply-adds of one image, in millions" {
	while read -r net millions; do
		nn-info --totals "$root/pipelines/nets/$net.net" |
			awk -v net="$net" -v want="$millions" '$1 == "total" { got = $5 / 1e6 }
				END { if (sprintf("%." (want < 10 ? 2 : 1) "f", got) != want) { print net, got; exit 1 } }'
	done <<-'E'
		pa2 2.82
		patches 13.3
		ourconvnet 63.5
		mlp 0.47
		vgg 53.5
		madry 13.9
		resnet20 31.0
		resnet9 68.6
		vgg-like-bn 53.5
		fast 0.61
		smallcnn 9.95
	E
}

# Written from the paper, not from the text: only the parameters' names are the text's.
@test "nets: ResNet-20 and its gradient are PyTorch's, where it is installed" {
	python=${PYTHON:-/usr/bin/python3}
	"$python" -c 'import torch' 2>/dev/null || skip "no python3-torch"
	nn-init "$root/pipelines/nets/resnet20.net" >new
	img-digits -n 200 >digits.npy
	nn-train -q --steps 20 -b 20 new digits.npy >model
	npy-slice -k 0 :5 digits.npy >x.npy
	nn-run model x.npy >z.npy
	nn-grad -c 3 model x.npy >g.npy
	"$python" - <<-'E'
		import json
		import numpy as np
		import torch
		from torch.nn import functional as F

		raw = open("model", "rb").read()
		n = int.from_bytes(raw[:8], "little")
		w = {}
		for name, t in json.loads(raw[8:8 + n]).items():
		    if name != "__metadata__":
		        values = np.frombuffer(raw[8 + n:][slice(*t["data_offsets"])], "<f4")
		        w[name] = torch.tensor(values.astype("f8")).reshape(t["shape"])

		def conv(x, name, stride=1):
		    k = w[name + ".weight"]
		    return F.conv2d(x, k, stride=stride, padding=k.shape[-1] // 2)

		def norm(x, name):
		    p = [w[f"{name}.{of}"] for of in ("running_mean", "running_var", "weight", "bias")]
		    return F.batch_norm(x, *p)

		x = torch.tensor(np.load("x.npy").astype("f8"))[:, None].requires_grad_()
		y = F.relu(norm(conv((x - 72.94) / 90.02, "conv1"), "bn1"))
		layer, normed = 2, 2
		for stage in range(3):
		    for block in range(3):
		        first = stage > 0 and block == 0
		        a = F.relu(norm(conv(y, f"conv{layer}", 1 + first), f"bn{normed}"))
		        if first:
		            a = norm(conv(a, f"conv{layer + 1}"), f"main{stage + 1}")
		            b = norm(conv(y, f"conv{layer + 2}", 2), f"bn{normed + 2}")
		        else:
		            a, b = norm(conv(a, f"conv{layer + 1}"), f"bn{normed + 1}"), y
		        y = F.relu(a + b)
		        layer, normed = layer + 2 + first, normed + 2 + first
		z = F.linear(y.mean((2, 3)), w["dense1.weight"], w["dense1.bias"])
		z[:, 3].sum().backward()
		# Floats through 21 layers of sums of up to 576 products.
		for name, want in ("z.npy", z.detach()), ("g.npy", x.grad[:, 0]):
		    want = want.numpy()
		    error = abs(np.load(name) - want).max() / abs(want).max()
		    assert error < 1e-4, (name, error)
	E
}

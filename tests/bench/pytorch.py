"""The same work as a plain PyTorch script: images a second of its inner loop.

    pytorch.py train NETWORK BATCH IMAGES
    pytorch.py forward NETWORK BATCH[,BATCH...] IMAGES
    pytorch.py ascend NETWORK BATCH IMAGES	(steps x batch)
    pytorch.py attack NETWORK BATCH IMAGES
    pytorch.py sequences tanh|lstm BATCH SEQUENCES	(32 units, 100 of 20 letters; sequences a second)

The work is done as it is written, with torch.compile, and with tensors that have their channels last;
the fastest counts, and stderr tells what each of them did.

The clock runs over shuffling, conversion of bytes to floats, forward, loss, backward and update (Adam)
of whole epochs, and not over the interpreter's start, the import, the making of the network or its
compilation.
"""
import copy
import logging
import os
import sys
import time

import torch
from torch import nn


class Network(nn.Module):
    """The layers of a network's text, each with the places of what it reads; 0 is the input."""

    def __init__(self, path):
        super().__init__()
        self.layers, self.reads = nn.ModuleList(), []
        place, count, outputs = {}, {}, []
        for line in open(path):
            words = line.split("#")[0].split()
            if not words:
                continue
            kind = words[0]
            option = {w: words[i + 1] for i, w in enumerate(words[:-1])}
            if kind == "input":
                self.shape = [int(n) for n in words[1].split("x")]
                self.mean, self.scale = float(option.get("mean", 0)), float(option.get("scale", 1))
                outputs.append(torch.zeros(1, *self.shape))
                continue
            reads = [place[option["from"]] if "from" in option else len(outputs) - 1]
            if kind == "add":
                reads.append(place[words[1]])
            layer = self.layer(kind, words, option, outputs[reads[0]])
            count[kind] = count.get(kind, 0) + 1
            place[option.get("as", f"{kind.replace('batchnorm', 'bn')}{count[kind]}")] = len(outputs)
            self.layers.append(layer)
            self.reads.append(reads)
            outputs.append(layer.eval()(*(outputs[i] for i in reads)))
        self.straight = all(reads == [i] for i, reads in enumerate(self.reads))

    @staticmethod
    def layer(kind, words, option, x):
        def side():
            return x.shape[-1] if words[1] == "global" else int(words[1].split("x")[0])

        def flattened(layer):
            return layer if x.ndim == 2 else nn.Sequential(nn.Flatten(), layer)

        if kind == "conv":
            pad = option.get("pad", "0")
            return nn.Conv2d(x.shape[1], int(words[1]), int(words[2].split("x")[0]), int(option.get("stride", 1)),
                             pad if pad == "same" else int(pad), bias="nobias" not in words)
        if kind in ("maxpool", "avgpool"):
            pool = nn.MaxPool2d if kind == "maxpool" else nn.AvgPool2d
            pool = pool(side(), ceil_mode="ceil" in words)
            return nn.Sequential(pool, nn.Flatten()) if words[1] == "global" else pool
        if kind == "dense":
            return flattened(nn.Linear(x[0].numel(), int(words[1])))
        if kind == "batchnorm":
            return (nn.BatchNorm1d if x.ndim == 2 else nn.BatchNorm2d)(x.shape[1])
        if kind == "dropout":
            return nn.Dropout(float(words[1]))
        if kind == "relu":
            return nn.ReLU()
        if kind == "add":
            return Add()
        sys.exit(f"pytorch.py: {kind}")

    def forward(self, x):
        outputs = [x]
        for layer, reads in zip(self.layers, self.reads):
            outputs.append(layer(*(outputs[i] for i in reads)))
        return outputs[-1]


class Add(nn.Module):
    def forward(self, x, y):
        return x + y


def network(path):
    net = Network(path)
    # A straight one needs no outputs kept by their places.
    return (nn.Sequential(*net.layers) if net.straight else net), net.shape


def train(net, images, labels, batch, layout):
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    for index in torch.randperm(len(images)).split(batch):
        optimizer.zero_grad()
        x = (images[index].float() / 255).contiguous(memory_format=layout)
        loss(net(x), labels[index]).backward()
        optimizer.step()


def forward(net, images, labels, batch, layout):
    with torch.no_grad():
        for part in images.split(batch):
            net((part.float() / 255).contiguous(memory_format=layout))


def ascend(net, images, labels, batch, layout):
    net.requires_grad_(False)
    x, which = images[:batch].float().contiguous(memory_format=layout), labels[:batch, None]
    for _ in range(len(images) // batch):
        x.requires_grad_()
        logits = net(x / 255).gather(1, which).sum()
        x = (x + 100 * torch.autograd.grad(logits, x)[0]).detach()


def attack(net, images, labels, batch, layout):
    """PGD (Madry et al. 2018): 40 steps of 0.01 within 0.3, from a place drawn within it."""
    net.requires_grad_(False)
    loss = nn.CrossEntropyLoss(reduction="sum")
    for part, which in zip(images.split(batch), labels.split(batch)):
        clean = (part.float() / 255).contiguous(memory_format=layout)
        x = (clean + torch.empty_like(clean).uniform_(-0.3, 0.3)).clamp(0, 1)
        for _ in range(40):
            x.requires_grad_()
            gradient = torch.autograd.grad(loss(net(x), which), x)[0]
            x = x.detach() + 0.01 * gradient.sign()
            x = torch.minimum(torch.maximum(x, clean - 0.3), clean + 0.3).clamp(0, 1)


class Reader(nn.Module):
    """A recurrent network that tells two classes of sequences by its last state."""

    def __init__(self, cell, letters=20, units=32):
        super().__init__()
        self.letters = letters
        self.cell = {"tanh": nn.RNN, "lstm": nn.LSTM}[cell](letters, units, batch_first=True)
        self.out = nn.Linear(units, 2)

    def forward(self, x):
        return self.out(self.cell(nn.functional.one_hot(x, self.letters).float())[0][:, -1])


def sequences(net, letters, labels, batch, layout):
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    for index in torch.randperm(len(letters)).split(batch):
        optimizer.zero_grad()
        loss(net(letters[index]), labels[index]).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()


def rate(work, net, images, labels, batch, layout=torch.contiguous_format):
    """Once to warm up, which compiles what is to be compiled, and once on the clock."""
    work(net, images[: 4 * batch], labels[: 4 * batch], batch, layout)
    begun = time.perf_counter()
    work(net, images, labels, batch, layout)
    return len(images) / (time.perf_counter() - begun)


def eager(work, net, *data):
    return rate(work, net, *data)


def compiled(work, net, *data):
    torch._dynamo.reset()  # a second batch size is compiled as the first was
    return rate(work, torch.compile(net), *data)


def channels_last(work, net, *data):
    return rate(work, net.to(memory_format=torch.channels_last), *data, torch.channels_last)


def fastest(work, net, images, labels, batches):
    """Of all ways and batch sizes; each begins with the same network."""
    ways = {"eager": eager, "compile": compiled}
    if work is not sequences:
        ways["channels last"] = channels_last
    rates = {}
    for name, way in ways.items():
        for batch in batches:
            whole = len(images) // batch * batch  # a smaller last batch would be compiled on the clock
            data = images[:whole], labels[:whole], batch
            try:
                rates[f"{name} ({batch})"] = way(work, copy.deepcopy(net), *data)
            except Exception as problem:  # no compiler, or a PyTorch or a Python too old for it
                if way is not compiled:
                    raise
                print(f"pytorch.py: torch.compile: {str(problem).splitlines()[0]}", file=sys.stderr)
                break
    return rates


def main():
    logging.disable(logging.WARNING)  # a compilation misses CUDA
    what, network_of, batches, n = sys.argv[1:]
    batches, n = [int(batch) for batch in batches.split(",")], int(n)
    if what == "sequences":
        data = torch.randint(0, 20, (n, 100)), torch.randint(0, 2, (n,))
        rates = fastest(sequences, Reader(network_of), *data, batches)
    else:
        work = {"train": train, "forward": forward, "ascend": ascend, "attack": attack}[what]
        net, shape = network(network_of)
        net.train(work is train)
        data = torch.randint(0, 256, (n, *shape), dtype=torch.uint8), torch.randint(0, 10, (n,))
        rates = fastest(work, net, *data, batches)
    best = max(rates, key=rates.get)
    told = ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
    print(f"pytorch.py: {what} {os.path.basename(network_of)}: {told}: {best}", file=sys.stderr)
    print(f"{rates[best]:.1f}")


main()

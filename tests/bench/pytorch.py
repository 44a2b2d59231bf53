"""The same work as a plain PyTorch script: images a second of its inner loop.

    pytorch.py train NETWORK BATCH IMAGES
    pytorch.py forward NETWORK BATCH[,BATCH...] IMAGES
    pytorch.py ascend NETWORK BATCH IMAGES	(steps x batch)
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


def network(path):
    """The layers of a network's text."""
    layers, flat, shape = [], False, None
    for line in open(path):
        words = line.split("#")[0].split()
        if not words:
            continue
        kind = words[0]
        option = {w: words[i + 1] for i, w in enumerate(words[:-1]) if w in ("pad", "stride", "scale")}
        if kind == "input":
            shape = [int(n) for n in words[1].split("x")]
            x = torch.zeros(1, *shape)
            continue
        if kind == "conv":
            pad = option.get("pad", "0")
            layer = nn.Conv2d(x.shape[1], int(words[1]), int(words[2].split("x")[0]),
                              padding=pad if pad == "same" else int(pad))
        elif kind == "maxpool":
            layer = nn.MaxPool2d(int(words[1].split("x")[0]), ceil_mode="ceil" in words)
        elif kind == "dense":
            if not flat:
                layers.append(nn.Flatten())
                x, flat = layers[-1](x), True
            layer = nn.Linear(x.shape[1], int(words[1]))
        elif kind == "batchnorm":
            layer = nn.BatchNorm1d(x.shape[1]) if flat else nn.BatchNorm2d(x.shape[1])
        elif kind == "dropout":
            layer = nn.Dropout(float(words[1]))
        elif kind == "relu":
            layer = nn.ReLU()
        else:
            sys.exit(f"pytorch.py: {path}: {kind}")
        layers.append(layer)
        x = layer.eval()(x)
    return nn.Sequential(*layers), shape


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
        work = {"train": train, "forward": forward, "ascend": ascend}[what]
        net, shape = network(network_of)
        net.train(work is train)
        data = torch.randint(0, 256, (n, *shape), dtype=torch.uint8), torch.randint(0, 10, (n,))
        rates = fastest(work, net, *data, batches)
    best = max(rates, key=rates.get)
    told = ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
    print(f"pytorch.py: {what} {os.path.basename(network_of)}: {told}: {best}", file=sys.stderr)
    print(f"{rates[best]:.1f}")


main()

"""The same work as a plain PyTorch script: images a second of its inner loop.

    pytorch.py train NETWORK BATCH IMAGES
    pytorch.py forward NETWORK BATCH IMAGES
    pytorch.py ascend NETWORK BATCH IMAGES	(steps x batch)
    pytorch.py sequences tanh|lstm BATCH SEQUENCES	(32 units, 100 of 20 letters; sequences a second)

The clock runs over shuffling, conversion of bytes to floats, forward, loss, backward and update (Adam)
of whole epochs, and not over the interpreter's start, the import or the making of the network.
"""
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


def train(net, images, labels, batch):
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    for index in torch.randperm(len(images)).split(batch):
        optimizer.zero_grad()
        loss(net(images[index].float() / 255), labels[index]).backward()
        optimizer.step()


def forward(net, images, labels, batch):
    with torch.no_grad():
        for part in images.split(batch):
            net(part.float() / 255)


def ascend(net, images, labels, batch):
    net.requires_grad_(False)
    x, which = images[:batch].float(), labels[:batch, None]
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


def sequences(net, letters, labels, batch):
    optimizer, loss = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    for index in torch.randperm(len(letters)).split(batch):
        optimizer.zero_grad()
        loss(net(letters[index]), labels[index]).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()


def timed(work, net, images, labels, batch):
    """Once to warm up, and once on the clock."""
    work(net, images[: 4 * batch], labels[: 4 * batch], batch)
    begun = time.perf_counter()
    work(net, images, labels, batch)
    print(f"{len(images) / (time.perf_counter() - begun):.1f}")


def main():
    batch, n = int(sys.argv[3]), int(sys.argv[4])
    if sys.argv[1] == "sequences":
        timed(sequences, Reader(sys.argv[2]), torch.randint(0, 20, (n, 100)), torch.randint(0, 2, (n,)), batch)
        return
    work = {"train": train, "forward": forward, "ascend": ascend}[sys.argv[1]]
    net, shape = network(sys.argv[2])
    images = torch.randint(0, 256, (n, *shape), dtype=torch.uint8)
    labels = torch.randint(0, 10, (n,))
    net.train(work is train)
    timed(work, net, images, labels, batch)


main()

"""What tests/bench/bench measures npy-tsne with.

opentsne.py neighbors N K       a stream of indices and distances: rings of 1,000 points, in random order
opentsne.py steps FILE START FIRST N
                                openTSNE's steps a second from a map on, FIRST with exaggeration, and its KL
"""
import io
import sys
import time

import numpy as np


def neighbors(n, k):
    ring, order = 1000, np.random.default_rng(1).permutation(n)
    offsets = np.array([s * d for d in range(1, k // 2 + 1) for s in (-1, 1)])
    at = np.arange(n)[:, None]
    indices = np.empty((n, k), np.int64)
    indices[order] = order[at // ring * ring + (at % ring + offsets) % ring]
    distances = np.broadcast_to(2 * np.sin(np.pi * abs(offsets) / ring), (n, k)).astype("f4")
    for array in indices, distances:
        file = io.BytesIO()
        np.save(file, array)
        sys.stdout.buffer.write(file.getvalue())


def steps(path, start, first, n):
    import openTSNE
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    with open(path, "rb") as file:
        indices, distances = np.load(file), np.load(file).astype(float)
    p = openTSNE.affinity.PerplexityBasedNN(
        knn_index=PrecomputedNeighbors(indices, distances), perplexity=indices.shape[1] / 3, n_jobs=-1)
    y = openTSNE.TSNEEmbedding(np.load(start).astype(float), p, n_jobs=-1, negative_gradient_method="fft")
    begun = time.time()
    y = y.optimize(first, exaggeration=12, momentum=0.8).optimize(n - first, momentum=0.8)
    print(n / (time.time() - begun), y.kl_divergence)


if sys.argv[1] == "neighbors":
    neighbors(int(sys.argv[2]), int(sys.argv[3]))
else:
    steps(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

"""neighbors.py K FILE: seconds that scikit-learn's brute force takes to find K neighbors of each row."""
import sys
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

rows = np.load(sys.argv[2])
rows = rows.reshape(len(rows), -1).astype(np.float32)
begun = time.perf_counter()
NearestNeighbors(n_neighbors=int(sys.argv[1]), algorithm="brute").fit(rows).kneighbors()
print(time.perf_counter() - begun)

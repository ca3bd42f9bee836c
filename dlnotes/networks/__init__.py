"""Networks that learn: training, prediction, tables of their layers, and files of their weights.

>>> import numpy as np
>>> from dlnotes import networks, optim
>>> from dlnotes.layers import Linear, Sequential, Tanh
>>> rng = np.random.default_rng(0)
>>> x = rng.uniform(-1, 1, (200, 2))
>>> y = (x[:, 0] * x[:, 1] > 0).astype(int)
>>> network = Sequential(Linear(2, 16, rng=rng), Tanh(), Linear(16, 2, rng=rng))
>>> optimizer = optim.Adam(network.parameters(), lr=0.03)
>>> history = networks.fit(network, x, y, optimizer=optimizer, rng=rng, epochs=60)
>>> networks.accuracy(networks.predict(network, x), y) > 0.95
True
"""

from dlnotes.networks.build import build, build_part
from dlnotes.networks.history import Epoch, History
from dlnotes.networks.losses import LOSSES, accuracy
from dlnotes.networks.running import predict
from dlnotes.networks.storage import load, save
from dlnotes.networks.table import Row, Summary, summary
from dlnotes.networks.training import fit

__all__ = [
    "LOSSES",
    "Epoch",
    "History",
    "Row",
    "Summary",
    "accuracy",
    "build",
    "build_part",
    "fit",
    "load",
    "predict",
    "save",
    "summary",
]

"""Weights to and from PyTorch and Keras: the same numbers in another order.

Everything here is in PyTorch's layout, with PyTorch's names. PyTorch's own weights need no more
than `from_pytorch` and `to_pytorch`. Keras puts the channels last, calls things otherwise, and
orders the gates of its GRU differently:

============== ============================ ====================================
layer          Keras                        here and in PyTorch
============== ============================ ====================================
dense          (D, units)                   (units, D)
conv           (R, S, C/groups, K)          (K, C/groups, R, S)
conv_transpose (R, S, K, C)                 (C, K, R, S)
depthwise      (R, S, C, M)                 (C*M, 1, R, S)
lstm           (D, 4H): i, f, c, o          (4H, D): i, f, g, o, the same gates
gru            (D, 3H): z, r, h             (3H, D): r, z, n
============== ============================ ====================================
"""

from dlnotes.weights.keras import from_keras, to_keras
from dlnotes.weights.pytorch import from_pytorch, to_pytorch

__all__ = ["from_keras", "from_pytorch", "to_keras", "to_pytorch"]

"""The network that chapters look into: one of the ladder's fifth rung, with its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlnotes._files import book_file


def trained_cnn() -> dict[str, NDArray[Any]]:
    """Return the weights of a trained convolutional network of the ladder's fifth rung.

    It learned MNIST's training images and their copies moved by a pixel, and was the best of
    five on validation. Its layers: conv1, pool of 2, ReLU, conv2, pool of 2, ReLU, flattened,
    linear1, ReLU, linear2. The test images of `mnist_sample` were not learned from.

    Returns
    -------
    dict of ndarray of float32
        ``"conv1.weight"`` (20, 1, 5, 5), ``"conv2.weight"`` (40, 20, 5, 5), ``"linear1.weight"``
        (100, 640), ``"linear2.weight"`` (10, 100), in PyTorch's layout, each with its
        ``"….bias"``: 85,670 parameters.

    References
    ----------
    ``dlnotes ladder export rung5.npz --rung 5`` wrote them from the recorded run.

    Examples
    --------
    >>> sum(weight.size for weight in trained_cnn().values())
    85670
    """
    with np.load(book_file("results", "rung5.npz")) as file:
        return {name: file[name] for name in file.files if "." in name}

"""A hundred digits of MNIST that come with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlnotes.data.digits import Images, Labels, as_ink

FILE = Path(__file__).with_name("mnist_sample.npz")


def mnist_sample() -> tuple[Images, Labels]:
    """Return 100 of MNIST's test images, ten of each digit, and their labels: no download.

    They are pictures to look at and to try things on. To learn from, or to measure on, they are
    far too few: `load` has all of MNIST. Source and licence stand beside the file, in
    ``mnist_sample.txt``.

    Returns
    -------
    images : ndarray of float32, shape (100, 1, 28, 28)
        Ink from 0 (none) to 1; ten zeros come first, then ten ones, and so on.
    labels : ndarray of int64, shape (100,)
        The digits.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, 1998.

    Examples
    --------
    >>> images, labels = mnist_sample()
    >>> images.shape
    (100, 1, 28, 28)
    """
    with np.load(FILE) as file:
        return as_ink(file["images"]), file["labels"].astype(np.int64)  # (N, 1, H, W), (N,)

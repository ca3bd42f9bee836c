"""Scikit-learn's digits in MNIST's dress: they need no network."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from dlnotes._extras import require
from dlnotes.data.digits import Digits, Labels

TRAIN, VALIDATION, TEST = 1197, 300, 300
"""How scikit-learn's 1,797 digits are parted, in their order: different hands, as in MNIST."""

_SCALE, _MARGIN, _LEVELS = 3, 2, 16


def load_digits() -> Digits:
    """Return scikit-learn's digits, 8×8 pixels of 17 grey levels, as images of 28×28.

    Each pixel becomes a block of 3×3, and an empty margin of 2 surrounds the 24×24 pixels: nothing
    is interpolated, so that no value appears that was not measured. The parts are the first 1,197
    images, the next 300 and the last 300.

    Returns
    -------
    Digits
        Images (1197, 1, 28, 28), (300, 1, 28, 28), (300, 1, 28, 28); labels of the first two.

    References
    ----------
    E. Alpaydin and C. Kaynak, *Optical recognition of handwritten digits*, UCI Machine Learning
    Repository, 1998.

    Examples
    --------
    >>> load_digits().train_images.shape
    (1197, 1, 28, 28)
    """
    pixels, labels = _pixels_and_labels()
    large = pixels.repeat(_SCALE, axis=1).repeat(_SCALE, axis=2)  # (N, 24, 24)
    margin = (_MARGIN, _MARGIN)
    images = np.pad(large, ((0, 0), margin, margin))[:, np.newaxis]  # (N, 1, 28, 28)
    ink = images.astype(np.float32) / np.float32(_LEVELS)
    first, second = TRAIN, TRAIN + VALIDATION
    return Digits(
        name="digits",
        train_images=ink[:first],
        train_labels=labels[:first],
        validation_images=ink[first:second],
        validation_labels=labels[first:second],
        test_images=ink[second:],
        sha256=hashlib.sha256(pixels.tobytes() + labels.astype(np.uint8).tobytes()).hexdigest(),
    )


def load_digits_test_labels() -> Labels:
    """Return the labels of the test images of `load_digits`, shape (300,).

    Examples
    --------
    >>> load_digits_test_labels().shape
    (300,)
    """
    return _pixels_and_labels()[1][TRAIN + VALIDATION :]


def _pixels_and_labels() -> tuple[NDArray[np.uint8], Labels]:
    """Return scikit-learn's images (1797, 8, 8), levels 0 to 16, and labels (1797,)."""
    datasets = require("sklearn.datasets", extra="data", feature="dlnotes.data.load_digits")
    bunch = datasets.load_digits()
    return bunch.images.astype(np.uint8), bunch.target.astype(np.int64)

"""What all sets of digits have in common: images, labels and three parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits in three parts; the labels of the test images are kept elsewhere.

    They are loaded by `load_test_labels` alone, so that nothing can be chosen by them in passing.

    Parameters
    ----------
    name : str
        ``"mnist"`` or ``"digits"``.
    train_images, validation_images, test_images : ndarray of float32, shape (N, 1, 28, 28)
        Ink from 0 (none) to 1.
    train_labels, validation_labels : ndarray of int64, shape (N,)
        The digits, 0 to 9.
    sha256 : str
        By which the data are known again: the digest of what `sha256sum` prints for the files, or
        of the arrays where there are no files.
    """

    name: str
    train_images: Images
    train_labels: Labels
    validation_images: Images
    validation_labels: Labels
    test_images: Images
    sha256: str


def as_ink(images: NDArray[np.uint8]) -> Images:
    """Return grey levels 0 to 255 as float32 from 0 to 1, with an axis for the channel.

    Examples
    --------
    >>> as_ink(np.full((5, 28, 28), 255, np.uint8)).shape
    (5, 1, 28, 28)
    """
    ink = images[:, np.newaxis].astype(np.float32)  # (N, 1, H, W)
    ink /= np.float32(255)
    return ink

"""MNIST: 70,000 handwritten digits, from mirrors, the cache or a folder of one's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dlnotes.data.digits import Digits, Labels, as_ink
from dlnotes.data.fetching import PublishedFile, fetch
from dlnotes.data.idx import read_idx


@dataclass(frozen=True)
class Release:
    """Four idx files as they are published, with the sizes of the parts.

    Parameters
    ----------
    name : str
        Name of the data, and of their folder in the cache.
    mirrors : tuple of str
        Addresses before the files' names, tried in turn.
    test_images, test_labels, train_images, train_labels : PublishedFile
        The files.
    train, validation, test : int
        Images in each part; training and validation images share a file, training first.
    side : int
        Height and width of an image.
    """

    name: str
    mirrors: tuple[str, ...]
    test_images: PublishedFile
    test_labels: PublishedFile
    train_images: PublishedFile
    train_labels: PublishedFile
    train: int
    validation: int
    test: int
    side: int = 28


MNIST = Release(
    name="mnist",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    test_images=PublishedFile(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "9fb629c4189551a2d022fa330f9573f3",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    test_labels=PublishedFile(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "ec29112dd5afa0611ce80d1b7f02629c",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    train_images=PublishedFile(
        "train-images-idx3-ubyte.gz",
        9_912_422,
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    train_labels=PublishedFile(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "d53e105ee54ea40749a09fcbcd1e9432",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    train=50_000,
    validation=10_000,
    test=10_000,
)
"""The files of LeCun, Cortes and Burges; their own page refuses programs (403) since 2024."""


def load_mnist(release: Release = MNIST) -> Digits:
    """Return MNIST in the parts that the notes use: 50,000, 10,000 and 10,000 images.

    The published files hold 60,000 images to learn from and 10,000 for the test. The last 10,000
    of the 60,000 are the validation part, as in the file ``mnist.pkl.gz`` with which the origin of
    the notes' experiments worked.

    Parameters
    ----------
    release : Release
        The files and their sizes.

    Returns
    -------
    Digits
        Images (50000, 1, 28, 28), (10000, 1, 28, 28), (10000, 1, 28, 28); labels of the first two.

    Raises
    ------
    DataError
        If a file cannot be had or is damaged.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document
    recognition*, 1998. M. Nielsen, *Neural networks and deep learning*, 2015, chapter 6.
    Concept ladder-1.

    Examples
    --------
    >>> MNIST.train, MNIST.validation, MNIST.test
    (50000, 10000, 10000)
    """
    count = release.train + release.validation
    images = as_ink(_read(release, release.train_images, count, release.side, release.side))
    labels = _labels(release, release.train_labels, count)
    tests = as_ink(_read(release, release.test_images, release.test, release.side, release.side))
    split = release.train
    return Digits(
        name=release.name,
        train_images=images[:split],  # (50000, 1, H, W)
        train_labels=labels[:split],
        validation_images=images[split:],  # (10000, 1, H, W)
        validation_labels=labels[split:],
        test_images=tests,
        sha256=release_sha256(release),
    )


def load_mnist_test_labels(release: Release = MNIST) -> Labels:
    """Return the labels of the test images, shape (10000,): for the last step of a run alone.

    Raises
    ------
    DataError
        If the file cannot be had or is damaged.
    """
    return _labels(release, release.test_labels, release.test)


def release_sha256(release: Release = MNIST) -> str:
    """Return the digest by which a release is known: that of ``sha256sum *.gz | sha256sum``.

    Examples
    --------
    >>> release_sha256()[:12]
    'abca1685336e'
    """
    files = release.test_images, release.test_labels, release.train_images, release.train_labels
    listed = "".join(f"{file.sha256}  {file.name}\n" for file in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def _labels(release: Release, file: PublishedFile, count: int) -> Labels:
    """Return the labels of a file."""
    return _read(release, file, count).astype(np.int64)  # (N,)


def _read(release: Release, file: PublishedFile, *shape: int) -> NDArray[np.uint8]:
    """Return the array of a file of the release."""
    return read_idx(file.name, fetch(file, release.mirrors, folder=release.name), shape)

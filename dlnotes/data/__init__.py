"""Data that the book draws on: handwritten digits, a picture made by rule, recorded numbers.

``load("mnist")`` fetches MNIST once and keeps it; ``load("digits")`` needs no network and has the
same form, so that everything can be tried on it. The labels of the test images come from
`load_test_labels` alone. Environment variables: ``DLNOTES_DATA`` names a folder that has MNIST's
four files, ``DLNOTES_CACHE`` the cache. `mnist_sample` has a hundred of MNIST's pictures and needs
neither; `record` reads what was measured for a chapter, `trained_cnn` the weights of a network.
"""

from dlnotes.data.digits import Digits
from dlnotes.data.fetching import cache_folder
from dlnotes.data.idx import DataError, read_idx
from dlnotes.data.loading import NAMES, load, load_test_labels
from dlnotes.data.mnist import load_mnist, load_mnist_test_labels
from dlnotes.data.records import record
from dlnotes.data.sample import mnist_sample
from dlnotes.data.scene import street_scene
from dlnotes.data.small import load_digits, load_digits_test_labels
from dlnotes.data.trained import trained_cnn

__all__ = [
    "NAMES",
    "DataError",
    "Digits",
    "cache_folder",
    "load",
    "load_digits",
    "load_digits_test_labels",
    "load_mnist",
    "load_mnist_test_labels",
    "load_test_labels",
    "mnist_sample",
    "read_idx",
    "record",
    "street_scene",
    "trained_cnn",
]

"""Sets of digits by name."""

from __future__ import annotations

from dlnotes.data.digits import Digits, Labels
from dlnotes.data.mnist import load_mnist, load_mnist_test_labels
from dlnotes.data.small import load_digits, load_digits_test_labels

_LOADERS = {
    "mnist": (load_mnist, load_mnist_test_labels),
    "digits": (load_digits, load_digits_test_labels),
}
NAMES = tuple(_LOADERS)
"""The names that `load` knows."""


def load(name: str = "mnist") -> Digits:
    """Return the images of ``name``, and the labels of all but the test images.

    Parameters
    ----------
    name : str
        ``"mnist"``, which needs the network once, or ``"digits"``, which needs none.

    Returns
    -------
    Digits
        Images (N, 1, 28, 28), float32 from 0 to 1, in three parts.

    Raises
    ------
    ValueError
        If there are no digits of this name.
    DataError
        If a file cannot be had or is damaged.

    Examples
    --------
    >>> load("digits").validation_images.shape
    (300, 1, 28, 28)
    """
    _require_name("load", name)
    return _LOADERS[name][0]()


def load_test_labels(name: str = "mnist") -> Labels:
    """Return the labels of the test images of ``name``, shape (N,): for a run's last step alone.

    Parameters
    ----------
    name : str
        As in `load`.

    Returns
    -------
    ndarray of int64, shape (N,)

    Raises
    ------
    ValueError, DataError
        As `load`.

    Examples
    --------
    >>> load_test_labels("digits").shape
    (300,)
    """
    _require_name("load_test_labels", name)
    return _LOADERS[name][1]()


def _require_name(function: str, name: str) -> None:
    """Refuse a name that stands for no data."""
    if name not in _LOADERS:
        names = ", ".join(NAMES)
        raise ValueError(
            f"{function}: no digits are called so; got {name!r}; choose one of {names}"
        )

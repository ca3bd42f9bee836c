"""Cutting out the middle of pictures: three oracles and refusals."""

import numpy as np
import pytest

import dlnotes.functional as F
from oracles import agrees, normal, refuses


def torch_crop(x, size):
    top, left = ((n - m) // 2 for n, m in zip(x.shape[2:], size, strict=True))
    return x[:, :, top : top + size[0], left : left + size[1]]


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.mark.parametrize("size", [(3, 2), (7, 6), (4, 5)])
def test_crop(rng, size):
    x, options = normal(rng, (2, 3, 7, 6)), {"size": size}
    agrees(F.center_crop, F.center_crop_backward, torch_crop, x, options=options)


@pytest.mark.parametrize(
    ("shape", "size", "parts"),
    [
        ((2, 3, 7, 6), 8, ["center_crop: cannot cut 8 rows out of 7"]),
        ((2, 3), 1, ["center_crop: x has 2 axes"]),
    ],
)
def test_refused(shape, size, parts):
    with refuses(ValueError, *parts):
        F.center_crop(np.ones(shape), size)

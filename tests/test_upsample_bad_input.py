"""Bad input at random: up-sampling gives what PyTorch gives, or refuses in the house's words."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import anything, mostly, tame
from conv_inputs import RIGHT, WRONG, forth_and_back, per_axis, shapes

DIMS = pytest.mark.parametrize("dims", [1, 2, 3])
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def finite(shapes):
    """What `anything` draws, without infinity and NaN, which a product with zero spreads."""
    return anything(shapes).map(tame)


@DIMS
@settings(max_examples=100)
@given(data=st.data())
def test_interpolate(data, dims):
    draw = data.draw
    x = draw(finite(shapes(draw(st.integers(0, 2)), draw(RIGHT), *[draw(RIGHT)] * dims)))
    target = draw(st.sampled_from(["size", "scale_factor"]))
    options = {target: draw(per_axis(dims, st.integers(1, 5)))}
    if draw(st.integers(0, 9)) == 0:
        options |= {"size": draw(per_axis(dims)), "scale_factor": draw(st.none() | RIGHT)}
    words = st.sampled_from([LINEAR[dims], "nearest"])
    mode = draw(mostly(words, st.sampled_from([*LINEAR.values(), "area", None, 1])))
    align = draw(mostly(st.booleans(), st.sampled_from([None, 0, "yes"])))
    options |= {"mode": mode, "align_corners": align}
    theirs = options | {"align_corners": None if mode == "nearest" else align}
    forth_and_back(
        data,
        "interpolate",
        torch.nn.functional.interpolate,
        (x,),
        drawn=finite,
        options=options,
        torch_options=theirs,
    )


def torch_pixel_shuffle(x, r):
    """PyTorch's own leaves an empty batch as it is, and its gradient then has the wrong shape."""
    n, c, h, w = x.shape
    split = x.reshape(n, c // r**2, r, r, h, w)
    return split.permute(0, 1, 4, 2, 5, 3).reshape(n, c // r**2, h * r, w * r)


@settings(max_examples=100)
@given(data=st.data())
def test_shuffle(data):
    draw = data.draw
    r = draw(RIGHT)
    x = draw(anything(shapes(draw(st.integers(0, 2)), draw(RIGHT) * r**2, 2 * r, r)))
    factor = draw(mostly(st.just(r), WRONG))
    forth_and_back(data, "pixel_shuffle", torch_pixel_shuffle, (x, factor), options={})


@settings(max_examples=100)
@given(data=st.data())
def test_kronecker(data):
    draw = data.draw
    x = draw(finite(shapes(draw(st.integers(0, 2)), draw(RIGHT), draw(RIGHT), 2)))
    block = draw(finite(shapes(draw(RIGHT), draw(RIGHT))))
    forth_and_back(data, "kronecker", torch.kron, (x, block), drawn=finite, options={})

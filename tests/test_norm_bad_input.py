"""Bad input at random: batch norm gives what PyTorch gives, or refuses in the house's words."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import SHAPES, anything, floats, gradients_or_refusal, nearly, pytorch_or_refusal

CHANNELS = ("gamma", "beta", "running_mean", "running_var")
WRONG = {
    "training": st.sampled_from([None, 0, 1, "yes"]),
    "eps": st.sampled_from([0, -1e-5, np.nan, np.inf, "1", 1j, True, [1e-5]]),
    "momentum": st.sampled_from([-0.1, 1.5, np.nan, np.inf, "1", 1j, True, [0.1]]),
}


def finite(strategy):
    """Leave out arrays that hold NaN or infinity."""
    return strategy.filter(
        lambda a: getattr(a, "dtype", None) not in ("f4", "f8") or np.isfinite(a).all()
    )


@st.composite
def calls(draw):
    """Draw (fault, x, gamma, beta, options): nothing wrong, mostly, or one thing."""
    kinds = ["none"] * 4 + ["x", "dy", *CHANNELS, *WRONG]
    fault = draw(st.sampled_from(kinds))
    spatial = draw(st.lists(st.integers(1, 3), max_size=3))
    shape = (draw(st.integers(0, 3)), draw(st.integers(1, 3)), *spatial)
    x = draw(anything(SHAPES) if fault == "x" else floats(shape))
    given = {name: draw(floats(shape[1:2])) for name in CHANNELS}
    for name in ("gamma", "beta"):
        # PyTorch multiplies γ·(x − μ) out and makes NaN of an infinite γ; the equation gives ±∞
        given[name][~np.isfinite(given[name])] = 0.0
    if fault in given:
        given[fault] = draw(finite(anything(nearly(given[fault]))))
    if fault not in ("gamma", "beta"):
        given |= {name: None for name in ("gamma", "beta") if draw(st.booleans())}
    options = {"training": draw(st.booleans()), "eps": draw(st.sampled_from([1e-5, 0.1, 2]))}
    options["momentum"] = draw(st.sampled_from([0.0, 0.1, 0.5, 1]))
    if fault in WRONG:
        options[fault] = draw(WRONG[fault])
    averages = {name: given.pop(name) for name in ("running_mean", "running_var")}
    return fault, x, given["gamma"], given["beta"], averages | options


def batch_norm(*args, **options):
    """The output alone."""
    return F.batch_norm(*args, **options).y


def batch_norm_backward(dy, x, gamma, beta, *, momentum, **options):
    """The backward pass, which has no use for the momentum."""
    return F.batch_norm_backward(dy, x, gamma, beta, **options)


def torchs(x, gamma, beta, running_mean, running_var, **options):
    """PyTorch's function, which changes the averages that it is given."""
    averages = [a if a is None else a.clone() for a in (running_mean, running_var)]
    return tF.batch_norm(x, *averages, gamma, beta, **options)


@settings(max_examples=600)
@given(data=st.data())
def test_batch_norm(data):
    fault, x, gamma, beta, options = data.draw(calls())
    right = pytorch_or_refusal(batch_norm, torchs, x, gamma, beta, options=options)
    good = fault in ("none", "dy") and (x.size != x.shape[1] or not options["training"])
    assert right or not good, "a good call was refused"
    dy = data.draw(anything(nearly(x)) if fault == "dy" or not right else floats(x.shape, x.dtype))
    wanted = [0, *(place for place, a in ((1, gamma), (2, beta)) if a is not None)]
    if fault == "momentum":
        return
    gradients_or_refusal(
        batch_norm_backward, torchs, dy, x, gamma, beta, options=options, wanted=tuple(wanted)
    )


@settings(max_examples=200)
@given(data=st.data())
def test_running_averages(data):
    fault, x, gamma, beta, options = data.draw(calls())
    if fault != "none" or not options["training"] or x.size == x.shape[1]:
        return
    names = ("running_mean", "running_var")
    want = [torch.from_numpy(options[name].copy()) for name in names]
    tF.batch_norm(torch.from_numpy(x), *want, training=True, momentum=options["momentum"])
    got = F.batch_norm(x, gamma, beta, **options)[1:]
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("name", ["running_mean", "running_var"])
def test_one_average_alone(name):
    with pytest.raises(ValueError, match="comes without the other"):
        F.batch_norm(np.zeros((2, 3)), training=True, **{name: np.ones(3)})

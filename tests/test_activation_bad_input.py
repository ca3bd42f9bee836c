"""Activations under random input: PyTorch's result, or a refusal in the house's words."""

import numpy as np
import pytest
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import SHAPES, anything, gradients_or_refusal, nearly, pytorch_or_refusal, tame
from test_activation import ELEMENTWISE, named, torch_elu, torch_log_softmax, torch_softmax

MANY = settings(max_examples=120, deadline=None)


@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), ELEMENTWISE, ids=named)
@MANY
@given(data=st.data())
def test_elementwise(forward, backward, pytorch, options, data):
    x = data.draw(anything(SHAPES))
    dy = data.draw(anything(nearly(x)))
    pytorch_or_refusal(forward, pytorch, x, options=options)
    if forward is F.relu:  # dy [x > 0] is 0 at NaN and NaN at dy = infinity, where PyTorch chooses
        x, dy = tame(x), tame(dy)
    gradients_or_refusal(backward, pytorch, dy, x, options=options)


@pytest.mark.parametrize(
    ("forward", "backward", "pytorch"),
    [
        (F.softmax, F.softmax_backward, torch_softmax),
        (F.log_softmax, F.log_softmax_backward, torch_log_softmax),
    ],
)
@settings(MANY, max_examples=120)
@given(data=st.data())
def test_softmax(forward, backward, pytorch, data):
    x = data.draw(anything(SHAPES))
    dy = data.draw(anything(nearly(x)))
    axis = data.draw(st.one_of(st.integers(-5, 5), st.sampled_from([None, 1.0, True, "1", 10**30])))
    pytorch_or_refusal(forward, pytorch, x, options={"axis": axis})
    gradients_or_refusal(backward, pytorch, dy, x, options={"axis": axis})


@settings(MANY, max_examples=120)
@given(st.data())
def test_prelu(data):
    x = data.draw(anything(SHAPES))
    channels = x.shape[1] if isinstance(x, np.ndarray) and x.ndim > 1 else 1
    w = data.draw(anything(st.one_of(st.just((channels,)), st.just((1,)), SHAPES)))
    dy = data.draw(anything(nearly(x)))
    pytorch_or_refusal(F.prelu, TF.prelu, x, w)
    gradients_or_refusal(F.prelu_backward, TF.prelu, dy, x, w, wanted=(0, 1))


@MANY
@given(
    st.one_of(
        st.floats(-1e6, 1e6),
        st.integers(-100, 100),
        st.sampled_from([np.nan, np.inf, -np.inf, None, "x", True, 1j, [0.5], np.ones(2)]),
    )
)
def test_numbers(value):
    x = np.array([-2.0, 0.0, 3.0])
    pytorch_or_refusal(F.leaky_relu, TF.leaky_relu, x, options={"negative_slope": value})
    pytorch_or_refusal(F.elu, torch_elu, x, options={"alpha": value})
    pytorch_or_refusal(F.rrelu, TF.rrelu, x, options={"lower": value})
    gradients_or_refusal(F.elu_backward, torch_elu, x, x, options={"alpha": value})

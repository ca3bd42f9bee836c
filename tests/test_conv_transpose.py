"""Transposed convolution against PyTorch, differences, the adjoint, and TensorFlow's numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from dlnotes import check, reference, shapes
from oracles import agrees, normal, refuses

FORWARD = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}
BACKWARD = {
    1: F.conv_transpose1d_backward,
    2: F.conv_transpose2d_backward,
    3: F.conv_transpose3d_backward,
}
TORCH = {
    1: torch.nn.functional.conv_transpose1d,
    2: torch.nn.functional.conv_transpose2d,
    3: torch.nn.functional.conv_transpose3d,
}


def torch_stamp(x, w, b=None, *, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """PyTorch's function, with sides cut off afterwards, which it cannot do unequally."""
    dims = x.ndim - 2
    pads = shapes.as_pads(padding, tuple(w.shape[2:]), stride, dilation, dims)
    whole = TORCH[dims](x, w, None, stride, 0, 0, groups, dilation)
    extras = shapes.as_tuple(output_padding, dims, "output_padding", least=0)
    flat = [n for (p, q), e in zip(pads[::-1], extras[::-1], strict=True) for n in (-p, e - q)]
    y = torch.nn.functional.pad(whole, flat)
    return y if b is None else y + b.reshape(-1, *(1,) * dims)


def torch_tf(x, w, b=None, *, stride=1, padding="SAME", output_shape=None, dilation=1):
    """TensorFlow's, from its definition: stamp everything, then cut to the size asked for.

    SAME cuts what its convolution of that size would have padded, the larger half at the end.
    """
    strides, dilations = (shapes.as_tuple(v, 2, "v") for v in (stride, dilation))
    same, reach = (
        padding.upper() == "SAME",
        [d * (k - 1) + 1 for k, d in zip(w.shape[2:], dilations, strict=True)],
    )
    rows = list(zip(x.shape[2:], strides, reach, strict=True))
    if output_shape is None:
        output_shape = [s * n if same else s * (n - 1) + max(r, s) for n, s, r in rows]
    flat = []
    for (n, s, r), out in zip(rows, shapes.as_tuple(output_shape, 2, "v"), strict=True):
        whole = s * (n - 1) + r
        before = max(whole - out, 0) // 2 if same else 0
        flat = [-before, out - (whole - before), *flat]
    whole = TORCH[2](x, w, None, strides, 0, 0, 1, dilations)
    y = torch.nn.functional.pad(whole, flat)
    return y if b is None else y + b.reshape(-1, 1, 1)


CASES = {
    # name: x, w, options; sizes are distinct primes, so that swapped axes show
    "1d": ((2, 5, 7), (5, 3, 4), {}),
    "1d-stride": ((2, 5, 7), (5, 3, 4), {"stride": 3, "padding": 2, "output_padding": 1}),
    "1d-groups": ((2, 6, 5), (6, 2, 3), {"groups": 3, "stride": 2}),
    "2d": ((2, 5, 3, 7), (5, 4, 3, 2), {}),
    "2d-one-image": ((1, 5, 3, 7), (5, 4, 3, 2), {"padding": 1}),
    "2d-stride": ((2, 5, 3, 7), (5, 4, 3, 2), {"stride": (2, 3)}),
    "2d-output-padding": (
        (2, 5, 3, 7),
        (5, 4, 3, 2),
        {"stride": (2, 3), "output_padding": (1, 2)},
    ),
    "2d-sides": ((2, 5, 3, 7), (5, 4, 3, 2), {"stride": 2, "padding": ((0, 2), (1, 0))}),
    "2d-dilation": ((2, 5, 3, 7), (5, 4, 3, 2), {"dilation": (2, 3), "output_padding": (1, 2)}),
    "2d-kernel-below-stride": ((2, 5, 3, 7), (5, 4, 2, 1), {"stride": 3, "output_padding": 2}),
    "2d-groups": ((2, 6, 3, 5), (6, 3, 2, 3), {"groups": 2, "padding": 1, "stride": 2}),
    "2d-depthwise": ((2, 5, 3, 7), (5, 1, 3, 2), {"groups": 5, "stride": 2}),
    "2d-full": ((2, 5, 7, 6), (5, 4, 3, 2), {"padding": "full"}),
    "2d-pointwise": ((2, 5, 13, 11), (5, 4, 1, 1), {}),
    "2d-many-channels": ((2, 31, 5, 7), (31, 37, 3, 3), {"padding": 1}),
    "3d": ((2, 5, 2, 3, 4), (5, 3, 3, 2, 1), {}),
    "3d-all": (
        (2, 4, 2, 3, 4),
        (4, 3, 2, 3, 2),
        {"stride": (2, 1, 3), "padding": (1, 0, 1), "output_padding": (1, 0, 2), "groups": 2},
    ),
}


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "plain"])
@pytest.mark.parametrize("name", CASES)
def test_three_oracles(name, bias):
    rng = np.random.default_rng(5)
    x_shape, w_shape, options = CASES[name]
    dims = len(x_shape) - 2
    filters = w_shape[1] * options.get("groups", 1)
    b = normal(rng, (filters,)) if bias else None
    arrays = (normal(rng, x_shape), normal(rng, w_shape), b)
    agrees(FORWARD[dims], BACKWARD[dims], torch_stamp, *arrays, options=options, rng=rng)


def test_an_empty_batch_stays_empty():
    x, w = np.ones((0, 5, 3, 7)), np.ones((5, 4, 3, 2))
    y = F.conv_transpose2d(x, w, np.ones(4), stride=2)
    assert y.shape == (0, 4, 7, 14)
    dx, dw, db = F.conv_transpose2d_backward(y, x, w, np.ones(4), stride=2)
    assert dx.shape == x.shape
    assert not dw.any()
    assert not db.any()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_configuration_is_the_gradient_of_a_convolution(data):
    draw = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    k, s, d = draw(1, 4), draw(1, 3), draw(1, 3)
    n, reach = draw(1, 5), d * (k - 1) + 1
    extra = draw(0, max(s, d) - 1)
    whole = s * (n - 1) + reach + extra
    pad = draw(0, min((whole - 1) // 2, 3))
    rng = np.random.default_rng(draw(0, 99))
    x, w = normal(rng, (2, 3, n)), normal(rng, (3, 2, k))
    options = {"stride": s, "padding": pad, "output_padding": extra, "dilation": d}
    ours = F.conv_transpose1d(x, w, **options)
    theirs = torch_stamp(torch.tensor(x), torch.tensor(w), **options)
    check.close(ours, theirs)
    assert ours.shape[2] == shapes.conv_transpose_out(
        n, k, stride=s, padding=pad, output_padding=extra, dilation=d
    )


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("2d")])
def test_the_loop_version_stamps_the_same(name):
    rng = np.random.default_rng(6)
    x_shape, w_shape, options = CASES[name]
    x, w = normal(rng, x_shape), normal(rng, w_shape)
    b = normal(rng, (w_shape[1] * options.get("groups", 1),))
    ours = F.conv_transpose2d(x, w, b, **options)
    check.close(reference.conv_transpose2d(x, w, b, **options), ours)


def test_the_notes_example_under_tensorflow_and_pytorch():
    x = np.array([[1.0, 1.0], [2.0, 2.0]])[None, None]
    ones = np.ones((1, 1, 3, 3))
    same = F.conv_transpose2d_tf(x, ones, stride=2, output_shape=(4, 4))
    assert same[0, 0].tolist() == [[1, 1, 2, 1], [1, 1, 2, 1], [3, 3, 6, 3], [2, 2, 4, 2]]
    pytorch = F.conv_transpose2d(x, ones, stride=2, padding=1, output_padding=1)
    assert pytorch.shape == same.shape
    assert not np.array_equal(pytorch, same)
    assert np.array_equal(F.conv_transpose2d_tf(x, ones, stride=2), same)  # the default


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("k", "s", "d"), [(3, 2, 1), (2, 3, 1), (4, 2, 1), (3, 1, 2), (5, 3, 1)])
def test_tensorflow_is_the_adjoint_of_its_convolution(padding, k, s, d):
    rng = np.random.default_rng(7)
    x, w = normal(rng, (2, 3, 4, 4)), normal(rng, (3, 2, k, k))
    for out in shapes.tf_conv_transpose_legal(4, k, stride=s, padding=padding, dilation=d):
        pads = shapes.same_pads_tf((out, out), k, stride=s, dilation=d)
        pads = pads if padding == "SAME" else 0
        v = normal(rng, (2, 2, out, out))
        forward = F.conv2d(v, w, stride=s, padding=pads, dilation=d)
        back = F.conv_transpose2d_tf(
            x, w, stride=s, padding=padding, output_shape=(out, out), dilation=d
        )
        check.close((forward * x).sum(), (v * back).sum())


TF_CASES = [
    {},
    {"stride": (2, 3), "padding": "same"},
    {"stride": (2, 3), "output_shape": (5, 19)},
    {"stride": 3, "padding": "VALID"},
    {"stride": (2, 3), "padding": "VALID", "output_shape": (8, 20)},
    {"dilation": (2, 3), "padding": "VALID"},
    {"dilation": (2, 3)},
]


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "plain"])
@pytest.mark.parametrize("options", TF_CASES)
def test_tensorflow_three_oracles(options, bias):
    rng = np.random.default_rng(8)
    b = normal(rng, (4,)) if bias else None
    pair = F.conv_transpose2d_tf, F.conv_transpose2d_tf_backward
    arrays = normal(rng, (2, 5, 3, 7)), normal(rng, (5, 4, 3, 2)), b
    agrees(*pair, torch_tf, *arrays, options=options, rng=rng)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("k", "s"), [(3, 2), (2, 3), (4, 2), (5, 1)])
def test_the_default_size_is_that_of_keras(padding, k, s):
    y = F.conv_transpose2d_tf(
        np.ones((1, 1, 5, 5)), np.ones((1, 1, k, k)), stride=s, padding=padding
    )
    wanted = shapes.keras_conv_transpose_out(5, k, stride=s, padding=padding)
    assert y.shape[2:] == (wanted, wanted)


def test_refusals_carry_the_numbers():
    x, w = np.ones((2, 5, 3, 7)), np.ones((5, 4, 3, 2))
    with refuses(ValueError, "conv_transpose2d", "C=4", "expects 5", "x.shape[1] == w.shape[0]"):
        F.conv_transpose2d(x[:, :4], w)
    with refuses(ValueError, "C=5", "3 groups"):
        F.conv_transpose2d(x, w, groups=3)
    with refuses(ValueError, "b has shape (5,)", "K=4"):
        F.conv_transpose2d(x, w, np.ones(5))
    with refuses(ValueError, "3 axes but needs 4"):
        F.conv_transpose2d(x[0], w)
    with refuses(ValueError, "empty axis"):
        F.conv_transpose2d(x, w[:, :0])
    with refuses(ValueError, "output_padding"):
        F.conv_transpose2d(x, w, output_padding=1)
    with refuses(TypeError, "float32"):
        F.conv_transpose2d(x.astype(np.float32), w)
    with refuses(TypeError, "int64"):
        F.conv_transpose2d(x.astype(int), w.astype(int))
    with refuses(ValueError, "conv_transpose2d_backward", "(2, 4, 5, 8)"):
        F.conv_transpose2d_backward(np.ones((2, 4, 5, 7)), x, w)
    with refuses(ValueError, "conv_transpose2d_tf", "does not give 3", "(5, 6)"):
        F.conv_transpose2d_tf(x, w, stride=2, output_shape=(7, 13))
    with refuses(ValueError, "conv_transpose2d_tf_backward", "(2, 4, 6, 14)"):
        F.conv_transpose2d_tf_backward(np.ones((2, 4, 7, 13)), x, w, stride=2)

"""Convolution over one, two and three axes against PyTorch, differences and the adjoint."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings

import dlnotes.functional as F
from conv_cases import BACKWARD, CASES, FORWARD, arrays, configurations, torch_conv
from dlnotes import check
from dlnotes.shapes import conv_out_nd
from oracles import agrees, normal, refuses, scatter_in_memory


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("case", CASES)
def test_conv_agrees_with_the_three_oracles(rng, case):
    x_shape, w_shape, options = CASES[case]
    dims = len(x_shape) - 2
    inputs = arrays(rng, x_shape, w_shape)
    agrees(FORWARD[dims], BACKWARD[dims], torch_conv, *inputs, options=options)


# ---- any configuration


@pytest.mark.parametrize(("dims", "examples"), [(1, 60), (2, 150), (3, 60)])
def test_any_configuration_agrees_with_pytorch(dims, examples, capsys):
    @settings(max_examples=examples)
    @given(configurations(dims))
    def agree(configuration):
        x_shape, w_shape, options, bias, seed = configuration
        rng = np.random.default_rng(seed)
        inputs = arrays(rng, x_shape, w_shape, bias)
        pair = FORWARD[dims], BACKWARD[dims]
        check.against_torch(*pair, torch_conv, *inputs, options=options, rng=rng)
        y = FORWARD[dims](*inputs, **options)
        sizes = {key: options[key] for key in ("stride", "padding", "dilation")}
        assert y.shape[2:] == conv_out_nd(x_shape[2:], w_shape[2:], **sizes)

    agree()


# ---- laws and edges


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_an_empty_batch_keeps_every_shape(rng, dims):
    sizes, kernel = (7, 5, 6)[-dims:], (3, 2, 2)[-dims:]
    x, w, b = arrays(rng, (0, 3, *sizes), (4, 3, *kernel))
    y = FORWARD[dims](x, w, b)
    assert y.shape == (0, 4, *(n - k + 1 for n, k in zip(sizes, kernel, strict=True)))
    dx, dw, db = BACKWARD[dims](y, x, w, b)
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)
    assert not dw.any()
    assert not db.any()


def test_an_empty_batch_through_a_pointwise_kernel(rng):
    x, w, b = arrays(rng, (0, 3, 13, 17), (4, 3, 1, 1))
    y = F.conv2d(x, w, b)
    dx, dw, db = F.conv2d_backward(y, x, w, b)
    assert (y.shape, dx.shape) == ((0, 4, 13, 17), x.shape)
    assert (dw.tolist(), db.tolist()) == (np.zeros(w.shape).tolist(), [0] * 4)


def test_ints_tuples_and_lists_mean_the_same(rng):
    x, w, b = arrays(rng, (2, 3, 9, 11), (4, 3, 3, 3))
    want = F.conv2d(x, w, b, stride=2, padding=1, dilation=2)
    for two, one in [((2, 2), (1, 1)), ([2, 2], [1, 1]), (np.int64(2), np.int32(1))]:
        check.close(F.conv2d(x, w, b, stride=two, padding=one, dilation=two), want)
    check.close(F.conv2d(x, w, b, stride=2, padding=((1, 1), [1, 1]), dilation=2), want)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_results_are_new_arrays(rng, dtype):
    x, w, b = (a.astype(dtype) for a in arrays(rng, (2, 3, 13, 11), (3, 3, 1, 1)))
    y = F.conv2d(x, w, b)
    results = [y, *F.conv2d_backward(y, x, w, b)]
    assert {a.dtype for a in results} == {np.dtype(dtype)}
    for a in results:
        assert a.flags.writeable
        assert a.flags.c_contiguous
        assert not any(np.shares_memory(a, other) for other in (x, w, b))


def test_memory_order_changes_nothing(rng):
    inputs = arrays(rng, (2, 3, 7, 11), (5, 3, 3, 2))
    dy = normal(rng, (2, 5, 3, 10))
    want = F.conv2d_backward(dy, *inputs, stride=(2, 1))
    views = [scatter_in_memory(a) for a in (dy, *inputs)]
    for got, gradient in zip(F.conv2d_backward(*views, stride=(2, 1)), want, strict=True):
        check.close(got, gradient)
    broadcast = np.broadcast_to(np.ones((1, 1, 1, 1)), dy.shape)  # strides of zero, read-only
    for got, gradient in zip(
        F.conv2d_backward(broadcast, *inputs, stride=(2, 1)),
        F.conv2d_backward(np.ones(dy.shape), *inputs, stride=(2, 1)),
        strict=True,
    ):
        check.close(got, gradient)


def test_nan_stays_where_it_is_read(rng):
    x, w, _ = arrays(rng, (1, 2, 7, 7), (3, 2, 3, 3))
    x[0, 1, 0, 0] = np.nan
    y = F.conv2d(x, w)
    assert np.isnan(y[0, :, 0, 0]).all()
    assert np.isnan(y).sum() == 3


def test_long_float32_sums_stay_close_to_float64(rng):
    x, w, b = arrays(rng, (8, 64, 28, 28), (64, 64, 3, 3))
    dy = normal(rng, x.shape)
    want = F.conv2d_backward(dy, x, w, b, padding=1)
    got = F.conv2d_backward(*(a.astype(np.float32) for a in (dy, x, w, b)), padding=1)
    for single, double in zip(got, want, strict=True):
        scale = float(np.abs(double).max())
        check.close(single, double, rtol=0, atol=2e-6 * scale)


def test_a_call_passes_through_few_functions_and_files(rng):
    x, w, b = arrays(rng, (2, 3, 28, 28), (4, 3, 5, 5))
    package, seen = Path(F.__file__).parents[1], set()

    def note(frame, event, _):
        code, path = frame.f_code, Path(frame.f_code.co_filename)
        if event == "call" and package in path.parents and not code.co_name.startswith("<"):
            seen.add((path, code.co_qualname))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        F.conv2d(x, w, b)
    finally:
        sys.setprofile(before)
    assert "convolve" in {name for _, name in seen}
    assert len(seen) < 12, sorted(name for _, name in seen)
    assert len({path for path, _ in seen}) <= 3


# ---- refusals


def refused(function, error, *parts, dims=2, **changes):
    """Call with one thing changed, and expect the message's parts."""
    sizes, kernel = (5, 7, 6)[-dims:], (2, 3, 2)[-dims:]
    given = {"x": np.zeros((2, 3, *sizes)), "w": np.zeros((4, 3, *kernel)), "b": np.zeros(4)}
    given |= changes
    with refuses(error, *parts):
        function(**given)


def test_the_house_message():
    with pytest.raises(ValueError, match="x has C=3") as caught:
        F.conv2d(np.zeros((2, 3, 7, 6)), np.zeros((4, 1, 3, 2)))
    assert str(caught.value) == (
        "conv2d: x has C=3 channels but w expects 1; got x (N,C,H,W)=(2,3,7,6), "
        "w (K,C,R,S)=(4,1,3,2); make x.shape[1] == w.shape[1]*groups"
    )


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"groups": 2}, ("C=3 channels but w expects 6", "groups=2")),
        (
            {"groups": 3, "w": np.zeros((4, 1, 3, 2))},
            ("K=4 kernels cannot be shared out to 3 groups", "multiple of groups"),
        ),
        ({"groups": 0}, ("groups is 0", "groups >= 1")),
        ({"b": np.zeros(3)}, ("b has shape (3,) but w has K=4", "(4,) or leave it out")),
        ({"b": np.zeros((4, 1))}, ("b has shape (4,1) but w has K=4",)),
        ({"x": np.zeros((3, 7, 6))}, ("x has 3 axes but needs 4", "(3,7,6)", "x[None]")),
        ({"w": np.zeros((3, 2))}, ("w has 2 axes but needs 4", "(3,2)", "(K,C,R,S)")),
        ({"x": np.zeros((2, 0, 7, 6))}, ("x has C=0", "(2,0,7,6)", "N may be empty")),
        ({"w": np.zeros((0, 3, 3, 2))}, ("w has K=0", "(0,3,3,2)")),
        ({"w": np.zeros((4, 3, 0, 2))}, ("w has R=0", "(4,3,0,2)")),
        ({"w": np.zeros((4, 3, 9, 2))}, ("axis H", "covers 9 rows", "input has 7")),
        ({"dilation": (1, 6)}, ("axis W", "covers 7 rows", "input has 6", "dilation=6")),
        ({"stride": 0}, ("stride is 0", "stride >= 1")),
        ({"stride": (1, 2, 3)}, ("stride has 3 entries but there are 2",)),
        ({"dilation": -1}, ("dilation is -1",)),
        ({"padding": -1}, ("padding is -1",)),
        ({"padding": "SAME"}, ("padding='SAME' is none of",)),
        ({"padding": "same", "stride": 2}, ("padding='same' keeps the size", "stride=(2, 2)")),
        ({"padding": ((1, 1),)}, ("padding has 1 pairs but there are 2",)),
    ],
)
def test_values_that_do_not_fit_are_refused(changes, parts):
    refused(F.conv2d, ValueError, "conv2d", *parts, **changes)
    dy = np.zeros((2, 4, 5, 5))
    refused(F.conv2d_backward, ValueError, "conv2d_backward", *parts, dy=dy, **changes)


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"x": [[1.0]]}, ("x is no NumPy array", "np.asarray(x, dtype=np.float64)")),
        ({"x": torch.zeros(2, 3, 7, 6)}, ("x is no NumPy array", "Tensor")),
        ({"x": np.zeros((2, 3, 7, 6), int)}, ("x is int64", "x.astype(np.float64)")),
        ({"x": np.zeros((2, 3, 7, 6), np.float16)}, ("x is float16",)),
        ({"w": np.zeros((4, 3, 3, 2), np.float32)}, ("w is float32 but x is float64",)),
        ({"b": np.zeros(4, np.float32)}, ("b is float32 but x is float64", "b.astype(x.dtype)")),
        ({"stride": 1.0}, ("stride is no int", "1.0 (float)")),
        ({"groups": True}, ("groups is no int",)),
        ({"dilation": (1, None)}, ("dilation[1] is no int",)),
    ],
)
def test_types_that_do_not_fit_are_refused(changes, parts):
    refused(F.conv2d, TypeError, "conv2d", *parts, **changes)
    dy = np.zeros((2, 4, 5, 5))
    refused(F.conv2d_backward, TypeError, "conv2d_backward", *parts, dy=dy, **changes)


def test_a_wrong_upstream_gradient_is_refused():
    parts = ("dy must have the output's shape (N,K,P,Q)=(2,4,5,5)", "dy (2,4,5,4)", "x (2,3,7,6)")
    refused(F.conv2d_backward, ValueError, *parts, dy=np.zeros((2, 4, 5, 4)))
    parts = ("conv2d_backward: dy is float32 but x is float64",)
    refused(F.conv2d_backward, TypeError, *parts, dy=np.zeros((2, 4, 5, 5), np.float32))


def test_other_dimensions_name_their_own_axes():
    refused(F.conv1d, ValueError, "conv1d: x has C=3", "(N,C,T)=(2,3,6)", "(K,C,S)=(4,1,2)",
            dims=1, w=np.zeros((4, 1, 2)))  # fmt: skip
    refused(F.conv1d, ValueError, "conv1d, axis T", "covers 9", "has 6", dims=1,
            w=np.zeros((4, 3, 9)))  # fmt: skip
    refused(F.conv3d, ValueError, "conv3d, axis H", "covers 9", "has 7", dims=3,
            w=np.zeros((4, 3, 2, 9, 2)))  # fmt: skip
    refused(F.conv3d, ValueError, "w has 4 axes but needs 5", "(K,C,U,R,S)", dims=3,
            w=np.zeros((4, 3, 3, 2)))  # fmt: skip
    dy = np.zeros((2, 4, 4, 5, 4))
    refused(F.conv3d_backward, ValueError, "shape (N,K,O,P,Q)=(2,4,4,5,5)", dims=3, dy=dy)

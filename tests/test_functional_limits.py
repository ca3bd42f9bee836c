"""Calls at the limits: sizes that no memory holds, arguments of another kind, mapped files."""

import warnings

import numpy as np
import pytest

import dlnotes.functional as F
from bad_input import assert_in_house_style
from dlnotes.functional._arrays import MOST, require_room, require_small
from oracles import refuses

SEQUENCE, IMAGE, VOLUME = (np.ones((2, 3, *sizes)) for sizes in ((7,), (7, 5), (7, 5, 6)))
KERNEL, INDICES = np.ones((4, 3, 3, 2)), np.zeros((2, 3, 7, 5), np.int64)
BINS = np.ones((2, 3))
HUGE = 10**9
NOT_IN_MEMORY = [
    ("dropout_mask", lambda f: f(np.random.default_rng(0), (HUGE, HUGE))),
    ("rrelu_slopes", lambda f: f(np.random.default_rng(0), 2**63)),
    ("conv2d", lambda f: f(IMAGE, KERNEL, padding=HUGE)),
    ("conv2d", lambda f: f(IMAGE, KERNEL, stride=2**70)),
    ("conv2d_backward", lambda f: f(IMAGE, IMAGE, KERNEL, padding=2**63)),
    ("conv1d_matrix", lambda f: f(np.ones((4, 3, 2)), (3, HUGE))),
    ("local_conv2d", lambda f: f(IMAGE, np.ones((2, 3, 3, 3, 2, 2)), padding=HUGE)),
    ("im2col", lambda f: f(SEQUENCE, 10**5, padding=10**5)),
    ("col2im", lambda f: f(np.ones((1, 1, 1)), (2**62,), (1,))),
    ("conv_transpose2d", lambda f: f(IMAGE, np.ones((3, 4, 2, 2)), stride=HUGE)),
    ("conv_transpose2d_tf", lambda f: f(IMAGE, np.ones((3, 4, 2, 2)), stride=2**64)),
    ("interpolate", lambda f: f(IMAGE, size=2**31 - 1)),
    ("interpolate", lambda f: f(IMAGE[:0], size=2**31 - 1)),
    ("interpolate_backward", lambda f: f(IMAGE, IMAGE, scale_factor=2**63)),
    ("pixel_shuffle", lambda f: f(IMAGE[:, :0], HUGE)),
    ("max_pool1d", lambda f: f(SEQUENCE, 3, stride=2**63)),
    ("avg_pool2d", lambda f: f(IMAGE, 2**64, padding=2**63)),
    ("max_pool3d", lambda f: f(VOLUME, 1, dilation=2**40)),
    ("adaptive_avg_pool1d", lambda f: f(SEQUENCE, HUGE)),
    ("adaptive_max_pool2d", lambda f: f(IMAGE, 2**16)),
    ("adaptive_max_pool2d_backward", lambda f: f(IMAGE, IMAGE, 2**70)),
    ("spatial_pyramid_pool", lambda f: f(IMAGE, (HUGE,))),
    ("max_unpool2d", lambda f: f(IMAGE, INDICES, 2, stride=HUGE)),
    ("local_response_norm", lambda f: f(IMAGE, 2**64)),
]
OF_ANOTHER_KIND = [
    ("batch_norm", TypeError, lambda f: f(BINS, 3.5, training=True)),
    ("batch_norm", TypeError, lambda f: f(BINS, training=np.ones(2))),
    ("rrelu", TypeError, lambda f: f(BINS, BINS, training=np.ones(2))),
    ("dropout", TypeError, lambda f: f(BINS, training="yes")),
    ("table_conv2d", TypeError, lambda f: f(IMAGE, KERNEL[0], table=3)),
    ("table_conv2d_backward", TypeError, lambda f: f(IMAGE, IMAGE, KERNEL[0], table=(0, 2))),
    ("conv2d_matrix", TypeError, lambda f: f(KERNEL, 7)),
    ("conv1d_matrix", TypeError, lambda f: f(np.ones((4, 3, 2)), np.array(7))),
    ("spatial_pyramid_pool", TypeError, lambda f: f(IMAGE, np.array(2))),
    ("cross_entropy", TypeError, lambda f: f(BINS, np.ma.array([0, 1], mask=[1, 0]))),
    ("dropout", TypeError, lambda f: f(BINS, np.ma.array(BINS > 0, mask=BINS > 0))),
    ("dropout_backward", ValueError, lambda f: f(BINS, BINS, BINS > 0, p=1)),
    ("max_unpool2d", TypeError, lambda f: f(IMAGE, np.ma.array(INDICES), 2)),
    ("sigmoid_backward", TypeError, lambda f: f(1.0, BINS.astype("m8[s]"))),
    ("leaky_relu", ValueError, lambda f: f(BINS.astype("f4"), negative_slope=1e300)),
    ("elu_backward", ValueError, lambda f: f(*[BINS.astype("f4")] * 2, alpha=-1e39)),
    ("step", ValueError, lambda f: f(BINS.astype("f4"), at_zero=1e300)),
]


@pytest.mark.parametrize(("name", "call"), NOT_IN_MEMORY)
def test_a_size_that_no_memory_holds_is_told(name, call):
    with pytest.raises(ValueError, match=name) as caught:
        call(getattr(F, name))
    assert_in_house_style(caught.value, name)


@pytest.mark.parametrize(("name", "kind", "call"), OF_ANOTHER_KIND)
def test_an_argument_of_another_kind_is_told(name, kind, call):
    with pytest.raises(kind, match=name) as caught:
        call(getattr(F, name))
    assert_in_house_style(caught.value, name)


def test_the_bounds_in_numbers():
    require_room("f", (2, MOST // 2 - 1), size=3)
    with refuses(
        ValueError, "f: an array of shape (2,", str(MOST), "got size=3; use a smaller size"
    ):
        require_room("f", (2, MOST // 2), size=3)
    require_small("f", stride=(1, MOST - 1))
    with refuses(ValueError, f"f: stride is {MOST}", "got stride=(1,", "use a smaller stride"):
        require_small("f", stride=(1, MOST))


@pytest.mark.parametrize("size", [13, 14, 15, 10**6])
def test_a_window_wider_than_all_channels_sums_them_all(size):
    x = np.random.default_rng(60).standard_normal((2, 7, 3))
    d = 2 + 0.5 / size * (x**2).sum(1, keepdims=True)
    y = F.local_response_norm(x, size, alpha=0.5, beta=1.0, k=2.0)
    np.testing.assert_allclose(y, x / d, rtol=1e-12)


def test_numbers_of_numpys_kinds_cost_no_digits():
    x, dy = np.random.default_rng(61).standard_normal((2, 2, 300, 1))
    plain = F.local_response_norm_backward(dy, x, 3, alpha=float(np.float32(0.1)), beta=2.0)
    small = {"alpha": np.float32(0.1), "beta": np.float32(2.0)}
    np.testing.assert_array_equal(
        F.local_response_norm_backward(dy, x, np.uint8(3), **small), plain
    )


def test_infinity_is_carried_along_without_a_word():
    x = np.array([[np.inf, -np.inf], [np.nan, 1.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        F.convolve2d(x, np.zeros((2, 2)))
        F.col2im(np.array([[[np.inf, 1.0], [1.0, -np.inf]]]), (3,), (2,))
        F.conv1d_matrix(np.zeros((1, 1, 2)), (1, 2)) @ x
        F.conv1d_matrix(np.ones((1, 1, 2)), (1, 2)) @ x


def test_the_gradient_of_a_large_error_is_finite():
    x = np.full(4, 3e38, np.float32)
    dx = F.mse_loss_backward(1.0, x, 0 * x)
    np.testing.assert_allclose(dx, x / 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("dropout", {"training": False}),
        ("pixel_shuffle", {"upscale_factor": 1}),
        ("center_crop", {"size": 1}),
    ],
)
def test_a_mapped_file_gives_a_plain_array(tmp_path, name, args):
    x = np.memmap(tmp_path / "x", np.float64, "w+", shape=(2, 3, 4, 5))
    y = getattr(F, name)(x, **args)
    assert type(y) is np.ndarray
    assert not np.shares_memory(x, y)


def test_gradients_of_mapped_files_are_plain_arrays(tmp_path):
    x = np.memmap(tmp_path / "x", np.float64, "w+", shape=(2, 3))
    found = [F.step_backward(x, x), *F.sample_normal_backward(x, x, x, x)]
    found += [F.cross_entropy_backward(1.0, x, np.zeros(2, int))]
    assert all(type(a) is np.ndarray and not np.shares_memory(a, x) for a in found)

"""Convolutions to test with: named ones, drawn ones, and PyTorch's, with every padding."""

import torch
from hypothesis import strategies as st

import dlnotes.functional as F
from dlnotes.shapes import as_pads
from oracles import normal

FORWARD = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
BACKWARD = {1: F.conv1d_backward, 2: F.conv2d_backward, 3: F.conv3d_backward}
TORCH = {
    1: torch.nn.functional.conv1d,
    2: torch.nn.functional.conv2d,
    3: torch.nn.functional.conv3d,
}


def torch_conv(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """PyTorch's convolution, with the paddings that it lacks done beforehand."""
    dims = x.ndim - 2
    pads = as_pads(padding, tuple(w.shape[2:]), stride, dilation, dims)
    flat = [zeros for pair in reversed(pads) for zeros in pair]
    x = torch.nn.functional.pad(x, flat)
    return TORCH[dims](x, w, b, stride, 0, dilation, groups)


def arrays(rng, x_shape, w_shape, bias=True):
    b = normal(rng, w_shape[:1]) if bias else None
    return normal(rng, x_shape), normal(rng, w_shape), b


CASES = {
    # name: x, w, options; sizes are distinct primes, so that swapped axes show
    "1d": ((2, 3, 13), (5, 3, 4), {}),
    "1d-stride-remainder": ((2, 3, 13), (5, 3, 4), {"stride": 2}),
    "1d-dilation-sides": ((2, 3, 13), (5, 3, 2), {"dilation": 3, "padding": ((2, 1),)}),
    "1d-small": ((11, 3, 13), (5, 3, 4), {"stride": 2}),
    "1d-groups": ((2, 6, 11), (4, 3, 3), {"groups": 2, "padding": "same"}),
    "2d": ((2, 3, 7, 11), (5, 3, 3, 2), {}),
    "2d-one-image": ((1, 3, 7, 11), (5, 3, 3, 2), {"padding": (1, 2)}),
    "2d-stride-remainder": ((2, 3, 7, 11), (5, 3, 2, 3), {"stride": (3, 2)}),
    "2d-dilation": ((2, 3, 11, 13), (5, 3, 3, 2), {"dilation": (2, 3)}),
    "2d-sides": ((2, 3, 7, 5), (5, 3, 3, 2), {"padding": ((0, 2), (1, 0)), "stride": 2}),
    "2d-same-even": ((2, 3, 7, 11), (5, 3, 4, 2), {"padding": "same"}),
    "2d-valid": ((2, 3, 7, 11), (5, 3, 4, 2), {"padding": "valid"}),
    "2d-full": ((2, 3, 5, 3), (5, 3, 4, 2), {"padding": "full"}),
    "2d-beyond-full": ((2, 3, 5, 3), (5, 3, 2, 3), {"padding": 4}),
    "2d-groups": ((2, 6, 7, 5), (9, 2, 3, 2), {"groups": 3, "padding": 1}),
    "2d-groups-stride": ((2, 6, 7, 5), (4, 3, 2, 3), {"groups": 2, "stride": 2, "dilation": 2}),
    "2d-depthwise": ((2, 5, 7, 11), (5, 1, 3, 2), {"groups": 5, "padding": 1}),
    "2d-multiplier": ((2, 3, 7, 11), (6, 1, 3, 2), {"groups": 3}),
    "2d-pointwise": ((2, 7, 11, 13), (5, 7, 1, 1), {}),
    "2d-pointwise-small": ((2, 7, 5, 3), (5, 7, 1, 1), {}),
    "2d-pointwise-stride": ((2, 7, 11, 13), (5, 7, 1, 1), {"stride": 2}),
    "2d-pointwise-pad": ((2, 7, 11, 13), (5, 7, 1, 1), {"padding": 1}),
    "2d-whole-image": ((2, 3, 5, 7), (5, 3, 5, 7), {}),
    "2d-small-images": ((19, 3, 7, 5), (5, 3, 3, 2), {"padding": 1}),
    "2d-small-images-stride": ((11, 4, 7, 5), (6, 2, 3, 2), {"stride": (2, 3), "groups": 2}),
    "2d-flat-kernel": ((2, 3, 5, 7), (5, 3, 1, 3), {}),
    "2d-tall-kernel": ((2, 3, 5, 7), (5, 3, 3, 1), {}),
    "2d-stride-above-kernel": ((2, 3, 11, 13), (5, 3, 2, 2), {"stride": 5}),
    "2d-many-channels": ((2, 37, 7, 11), (31, 37, 3, 2), {"padding": (1, 1)}),
    "2d-many-channels-stride": ((3, 37, 11, 13), (37, 37, 3, 2), {"stride": 2, "padding": 1}),
    "2d-many-channels-dilated": ((2, 37, 11, 7), (5, 37, 3, 2), {"dilation": (2, 1)}),
    "2d-many-groups": ((2, 74, 7, 5), (6, 37, 3, 2), {"groups": 2, "padding": 1}),
    "3d": ((2, 3, 5, 7, 6), (4, 3, 3, 2, 5), {}),
    "3d-all": (
        (2, 4, 7, 5, 6),
        (6, 2, 2, 3, 2),
        {
            "stride": (2, 1, 2),
            "dilation": (1, 2, 1),
            "padding": ((1, 0), (2, 1), (1, 1)),
            "groups": 2,
        },
    ),
    "3d-many-channels": ((1, 17, 5, 7, 3), (5, 17, 3, 2, 2), {"padding": 1}),
}


@st.composite
def configurations(draw, dims, *, dense=False):
    """Draw shapes and options of a convolution; dense: no dilation, pads below the kernel."""
    kernel = [draw(st.integers(1, 4)) for _ in range(dims)]
    dilation = [1 if dense else draw(st.integers(1, 3)) for _ in range(dims)]
    most = [k - 1 if dense else 3 for k in kernel]
    pads = [tuple(draw(st.integers(0, top)) for _ in "ab") for top in most]
    stride = [draw(st.integers(1, 4)) for _ in range(dims)]
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    sizes = [
        draw(st.integers(max(1, need - sum(pad)), need + 6))
        for need, pad in zip(reach, pads, strict=True)
    ]
    groups, depth, share = (draw(st.integers(1, top)) for top in (3, 4, 3))
    batch = draw(st.sampled_from([0, 1, 2, 3, 11]))
    x_shape = (batch, groups * depth, *sizes)
    w_shape = (groups * share, depth, *kernel)
    options = {"stride": stride, "padding": pads, "dilation": dilation, "groups": groups}
    return x_shape, w_shape, options, draw(st.booleans()), draw(st.integers(0, 2**16))

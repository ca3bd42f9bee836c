"""Sizes that the catalogue gives, worked out layer by layer; the numbers are typed from the notes.

Numbers that test one function each (TensorFlow's SAME, the pyramid, the relationships …) stand
beside the tests of that function.
"""

import pytest

from dlnotes import shapes

POOL = (2, 2)


def through(n, layers):
    """The size after each layer: kernel, stride 1, padding 0, unless it says otherwise."""
    sizes = [n]
    for layer in layers:
        k, stride, padding = (*layer, *(1, 0)[len(layer) - 1 :])
        sizes.append(shapes.conv_out(sizes[-1], k, stride=stride, padding=padding))
    return sizes


@pytest.mark.parametrize(
    ("concept", "n", "layers", "sizes"),
    [
        ("conv-output-size", 227, [(11, 4)], [55]),
        ("edge-detection", 6, [(3,)], [4]),
        ("conv-by-hand", 5, [(3,)], [3]),
        ("conv-by-hand, stride 2", 5, [(3, 2)], [2]),
        ("true-convolution", 3, [(3, 1, "same")], [3]),
        ("patch-features", 96, [(8,)], [89]),
        ("conv-vs-pool", 20, [(10, 10)], [2]),
        ("pool1d", 4, [(2, 1)], [3]),
        ("multi-channel", 5, [(3,)], [3]),
        ("conv-layers", 32, [(3, 1, "same"), POOL], [32, 16]),
        ("param-count", 28, [(5,), POOL, (3,), POOL], [24, 12, 10, 5]),
        ("lenet5", 28, [(5, 1, 2), POOL, (5,), POOL, (5,)], [28, 14, 10, 5, 1]),
        ("ladder-3", 28, [(5,), POOL, (5,), POOL], [24, 12, 8, 4]),
        ("vae-shapes", 64, [(4, 2)] * 4, [31, 14, 6, 2]),
    ],
)
def test_sizes_through_a_stack(concept, n, layers, sizes):
    assert through(n, layers) == [n, *sizes], concept


def test_deepface():
    """Its pooling rounds up: 142 rows leave 71 windows, where floor would leave 70."""
    pooled = shapes.pool_out(shapes.conv_out(152, 11), 3, stride=2, ceil_mode=True)
    assert (shapes.conv_out(152, 11), pooled) == (142, 71)
    assert shapes.pool_out(142, 3, stride=2) == 70
    assert through(pooled, [(9,), (9,), (7, 2), (5,)]) == [71, 63, 55, 25, 21]


def test_dilated():
    assert shapes.effective_kernel(3, 2) == 5
    assert shapes.receptive_field([(3, 1, 0, 2)]).size == 5


def test_full_conv_upsampling():
    """3 rows stretched and padded to 7, then a valid kernel of 3, leave 5."""
    view = shapes.conv_transpose_as_conv(3, 3, stride=2, padding=1)
    assert view.before + view.stretched + view.after == 7
    assert (view.out, shapes.conv_out(7, 3)) == (5, 5)


def test_two_sizes_can_give_one_output():
    assert [shapes.conv_out(n, 3, stride=2, padding=1) for n in (5, 6)] == [3, 3]
    assert shapes.conv_inputs(3, 3, stride=2, padding=1) == (5, 6)
    assert shapes.unused_rows(6, 3, stride=2) == (5,)  # without padding the last row is lost

"""Receptive fields of the table against gradients of PyTorch."""

import pytest
import torch

from dlnotes import counting, specs, torch_models
from dlnotes.specs import Chain, Parallel
from dlnotes.specs import layers as L

SIZE = 41


def seen(body, axis):
    """Rows from the first to the last that the middle output depends on, by gradient."""
    torch.manual_seed(0)
    model = torch_models.build_part(body, (2, SIZE, SIZE)).double()
    for p in model.parameters():
        torch.nn.init.uniform_(p, 0.5, 1.0)  # nothing cancels
    x = torch.rand(1, 2, SIZE, SIZE, dtype=torch.float64, requires_grad=True)
    y = model(x)
    y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    rows = x.grad[0].abs().sum((0, 2 - axis)).nonzero().flatten()
    return int(rows[-1] - rows[0]) + 1


SAME = {"padding": "same"}
CASES = [
    Chain(L.Conv(3, 3), L.Conv(3, 3)),
    Chain(L.Conv(3, (5, 3), stride=(2, 1)), L.AvgPool(2), L.Conv(2, 3, dilation=2)),
    Chain(L.DepthwiseConv(3, stride=2, **SAME), L.AvgPool(3, 2, 1), L.Conv(2, 3, **SAME)),
    Chain(L.LocalConv(2, 3), L.ScaledAvgPool(2), L.TableConv(((0, 1), (1,)), 3)),
    Chain(L.Conv(2, 3), L.Crop((11, 13)), L.Conv(2, 3)),
    Chain(L.Conv(4, 2, stride=1), L.AdaptiveAvgPool(8), L.Conv(4, 3)),
    Parallel(L.Conv(2, 1), L.Conv(2, 5, padding=2), join="concat"),
    Parallel(Chain(L.Conv(2, 3, padding=1), L.Conv(2, 3, padding=1)), Chain(), join="add"),
    # windows that do not share a middle: the field holds both
    Parallel(
        L.Conv(2, 3, padding=((2, 0), (1, 1))), L.Conv(2, 3, padding=((0, 2), (1, 1))), join="add"
    ),
]


@pytest.mark.parametrize("body", CASES, ids=lambda body: body.kind)
def test_against_gradients(body):
    last = counting.table(body, (2, SIZE, SIZE)).rows[-1]
    assert last.receptive == (seen(body, 0), seen(body, 1))


def test_where_there_is_no_single_field():
    body = Chain(L.Conv(2, 3), L.Flatten(), L.Linear(4), L.Activation("relu"))
    assert [row.receptive for row in counting.table(body, (1, 8, 9)).rows] == [
        (3, 3), None, None, None,
    ]  # fmt: skip
    for layer in (L.Upsample(2), L.ConvTranspose(2, 2, stride=2), L.AdaptiveAvgPool(3)):
        rows = counting.table(Chain(layer, L.Conv(2, 2)), (2, 8, 10)).rows
        assert [row.receptive for row in rows] == [None, None]
    strided = Parallel(L.Conv(2, 3, stride=2), Chain(L.Conv(2, 3), L.Crop((3, 4))), join="add")
    rows = counting.table(strided, (2, 8, 10)).rows
    assert [row.receptive for row in rows] == [(3, 3), (3, 3), (3, 3), None]
    assert counting.table(L.Linear(3), (5,)).rows[0].receptive is None


def test_a_mean_over_everything_sees_everything():
    body = Chain(L.Conv(2, 3), L.GlobalAvgPool(), L.Linear(4))
    sizes = [row.receptive for row in counting.table(body, (1, 8, 9)).rows]
    assert sizes == [(3, 3), (8, 9), (8, 9)]


def test_vgg_by_the_rule_of_small_kernels():
    """Two 3×3 see 5, three see 7 (concept no-bigger-kernels)."""
    body = specs.Chain(*(L.Conv(2, 3, padding=1) for _ in range(3)))
    assert [row.receptive for row in counting.table(body, (2, 8, 8)).rows] == [
        (3, 3), (5, 5), (7, 7),
    ]  # fmt: skip

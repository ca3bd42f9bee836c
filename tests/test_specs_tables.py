"""One description, many uses: the tables that say what a kind of layer is know the same kinds."""

import itertools

import numpy as np
import pytest
import torch

from dlnotes import counting, networks, torch_models
from dlnotes.counting.operations import RULES as OPERATIONS
from dlnotes.counting.parameters import RULES as PARAMETERS
from dlnotes.counting.rules import RULES as OUTPUTS
from dlnotes.networks.build import ACTIVATIONS as OURS
from dlnotes.networks.build import MAKERS as LAYERS
from dlnotes.specs import layers as L
from dlnotes.specs.checks import ACTIVATIONS
from dlnotes.torch_models.makers import ACTIVATIONS as THEIRS
from dlnotes.torch_models.makers import MAKERS as MODULES
from oracles import refuses

KINDS = {
    kind
    for kind in vars(L).values()
    if isinstance(kind, type) and issubclass(kind, L.Layer) and kind is not L.Layer
}
SHAPES = ((6,), (2, 6), (2, 6, 7), (2, 6, 5, 7), (2, 4, 4, 3, 4))
EACH = (
    *(L.Conv(4, 3), L.DepthwiseConv(3), L.ConvTranspose(4, 3), L.LocalConv(4, 3)),
    *(L.TableConv(((0, 1), (1,)), 3), L.MaxPool(2), L.AvgPool(3, 2, "same"), L.ScaledAvgPool(2)),
    *(L.AdaptiveAvgPool(2), L.GlobalAvgPool(), L.SpatialPyramid((2, 1)), L.Upsample(2)),
    *(L.Upsample(2, "bilinear"), L.Crop(3), L.Linear(5), L.RadialBasis(5), L.BatchNorm()),
    *(L.LocalResponseNorm(3), L.Activation("tanh"), L.Dropout(), L.Flatten(), L.Transpose()),
    L.Recurrent("gru", 4),
)


def test_every_kind_has_a_shape_a_module_and_a_layer():
    assert set(OUTPUTS) == set(MODULES) == set(LAYERS) == KINDS
    assert set(PARAMETERS) | set(OPERATIONS) <= KINDS


def test_the_activations_are_the_same():
    assert set(ACTIVATIONS) == set(OURS) == set(THEIRS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_one_function(name):
    x = np.random.default_rng(0).normal(0, 4, (2, 5, 3))
    ours, theirs = OURS[name]()(x), THEIRS[name]()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize("layer", EACH, ids=lambda layer: layer.kind)
def test_what_can_be_counted_runs(layer):
    """On every number of axes: a shape, and modules that keep it; or a refusal before."""
    fits = 0
    for shape in SHAPES:
        try:
            want = counting.output_shape(layer, shape)
        except ValueError:
            continue
        fits += 1
        x = np.random.default_rng(0).standard_normal((2, *shape))
        module = torch_models.build_part(layer, shape).double().eval()
        assert module(torch.from_numpy(x)).shape[1:] == want
        own = networks.build_part(layer, shape, rng=np.random.default_rng(0)).eval()
        assert own(x).shape[1:] == want
    assert fits


PLANE = (L.LocalConv(4, 3), L.TableConv(((0,),), 3), L.ScaledAvgPool(2), L.SpatialPyramid((1,)))


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        *((a, s, "2 axes of space") for a, s in itertools.product(PLANE, ((2, 6), (2, 6, 6, 6)))),
        (L.Upsample(2, "bilinear"), (2, 6), "2 axes of space"),
        (L.AdaptiveAvgPool(2), (2, 6, 6, 6), "1 or 2 axes of space"),
        (L.Conv(4, 3), (2, 6, 6, 6, 6), "1 or 2 or 3 axes of space"),
        (L.BatchNorm(), (2, 6, 6, 6, 6), "axes of space"),
        (L.LocalResponseNorm(3), (6,), "axes of space"),
        (L.RadialBasis(5), (2, 6), "one axis (D,)"),
    ],
    ids=str,
)
def test_what_runs_nowhere_is_not_counted(layer, shape, words):
    with refuses(ValueError, layer.kind, words):
        counting.output_shape(layer, shape)

"""Sizes that the papers and the concepts name, layer by layer."""

import re

import pytest

from dlnotes import counting, specs
from dlnotes.specs.classic import C3_TABLE
from dlnotes.specs.dense_prediction import fcn
from dlnotes.specs.inception import ROWS
from dlnotes.specs.residual import resnet
from dlnotes.specs.vgg import vgg


def outputs(name, input_shape=None):
    network = specs.get(name)
    steps = counting.trace(network.body, input_shape or network.input_shape)
    return {step.path: step.output for step in steps}


def of_kinds(name, *kinds):
    network = specs.get(name)
    steps = counting.trace(network.body, network.input_shape)
    return [step.output for step in steps if step.layer.kind in kinds]


def after(name, part):
    """Return the shape after the last layer of a named part."""
    found = [shape for path, shape in outputs(name).items() if path.startswith(f"{part}.")]
    return found[-1]


LENET = {"c1": (6, 28, 28), "s2": (6, 14, 14), "c3": (16, 10, 10), "s4": (16, 5, 5)}


@pytest.mark.parametrize("name", ["lenet5", "lenet5-1998"])
def test_lenet(name):
    found = outputs(name)
    want = {**LENET, "c5": (120, 1, 1), "f6": (84,), "output": (10,)}
    assert {path: found[path] for path in want} == want


def test_lenet_table():
    # LeCun et al. 1998, table I: the columns of the maps 0, 5, 9, 12, 14, 15
    want = {
        0: (0, 1, 2),
        5: (0, 1, 5),
        9: (0, 3, 4, 5),
        12: (0, 1, 3, 4),
        14: (0, 2, 3, 5),
        15: (0, 1, 2, 3, 4, 5),
    }
    assert {k: C3_TABLE[k] for k in want} == want
    assert [len(row) for row in C3_TABLE] == [3] * 6 + [4] * 9 + [6]
    assert len(set(C3_TABLE)) == 16


@pytest.mark.parametrize("name", ["alexnet", "alexnet-one-tower"])
def test_alexnet(name):
    want = [(96, 55), (256, 27), (384, 13), (384, 13), (256, 13)]
    assert of_kinds(name, "Conv") == [(k, n, n) for k, n in want]
    assert of_kinds(name, "MaxPool") == [(96, 27, 27), (256, 13, 13), (256, 6, 6)]


@pytest.mark.parametrize("name", ["vgg11", "vgg13", "vgg16", "vgg19"])
def test_vgg(name):
    want = [(64, 112), (128, 56), (256, 28), (512, 14), (512, 7)]
    assert of_kinds(name, "MaxPool") == [(k, n, n) for k, n in want]
    assert len(of_kinds(name, "Conv", "Linear")) == int(name.removeprefix("vgg"))


def test_nin_has_a_map_a_class():
    assert of_kinds("nin", "Conv")[-1] == (10, 8, 8)
    assert of_kinds("nin", "Linear") == []


def test_googlenet():
    depths = {"3a": 256, "3b": 480, "4a": 512, "4b": 512, "4c": 512, "4d": 528, "4e": 832}
    sizes = {**depths, "5a": 832, "5b": 1024}
    network = specs.get("googlenet")
    shape = network.input_shape
    found = {}
    for name, part in specs.children(network.body):
        shape = counting.output_shape(part, shape)
        found[name.removeprefix("inception_")] = shape
    side = {"3": 28, "4": 14, "5": 7}
    assert {m: found[m] for m in sizes} == {
        m: (depth, side[m[0]], side[m[0]]) for m, depth in sizes.items()
    }


def test_googlenet_without_reductions_grows():
    depths = [row[0] + row[2] + row[4] for row in ROWS.values()]
    assert of_kinds("googlenet-naive", "GlobalAvgPool") == [(192 + sum(depths),)]


def weights(name):
    """Return the weights of a network of convolutions, biases left out."""
    network = specs.get(name)
    steps = counting.trace(network.body, network.input_shape)
    held = [(counting.parameters(s.layer, s.input).trainable, s.layer) for s in steps]
    return sum(n - layer.channels for n, layer in held if isinstance(layer, specs.Conv))


def test_inception_3a():
    # concept inception-3a: 387,072 to 157,184, with the pool projection 163,328
    body = specs.get("inception-3a")
    assert counting.output_shape(body.body, body.input_shape) == (256, 28, 28)
    naive = specs.get("inception-3a-naive")
    assert counting.output_shape(naive.body, naive.input_shape) == (416, 28, 28)
    assert weights("inception-3a-naive") == 387_072
    assert weights("inception-3a") == 163_328
    assert weights("inception-3a") - 192 * ROWS["3a"][5] == 157_184


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_resnet(depth):
    name, deep = f"resnet{depth}", 4 if depth >= 50 else 1
    want = {"stage1": (64, 56), "stage2": (128, 28), "stage3": (256, 14), "stage4": (512, 7)}
    assert {s: after(name, s) for s in want} == {s: (deep * k, n, n) for s, (k, n) in want.items()}
    paths = [path for path, layer in specs.walk(specs.get(name).body) if layer.kind == "Conv"]
    assert len([path for path in paths if "shortcut" not in path]) + 1 == depth


@pytest.mark.parametrize(("name", "first"), [("resnet50", 56), ("resnet50-keras", 28)])
def test_where_the_bottleneck_has_its_stride(name, first):
    assert outputs(name)["stage2.block1.residual.body.conv1"][1] == first


def test_xception():
    found = {name: after("xception", name) for name in ("block2", "block3", "block4", "block12")}
    want = {"block2": (128, 74), "block3": (256, 37), "block4": (728, 19), "block12": (728, 19)}
    assert found == {block: (k, n, n) for block, (k, n) in want.items()}
    assert after("xception", "block13") == (1024, 10, 10)
    assert of_kinds("xception", "Conv")[:2] == [(32, 149, 149), (64, 147, 147)]


def test_mobilenet():
    sizes = [shape[1] for shape in of_kinds("mobilenet", "DepthwiseConv")]
    assert sizes == [112, 56, 56, 28, 28, *(14,) * 6, 7, 7]


def test_dqn():
    assert of_kinds("dqn", "Conv", "MaxPool", "Flatten", "Linear") == [
        *((32, 20, 20), (32, 10, 10), (64, 5, 5), (64, 5, 5), (1600,), (512,), (2,)),
    ]


def test_vae():
    sizes = [shape[1] for shape in of_kinds("vae", "Conv", "Reshape", "ConvTranspose")]
    assert sizes == [31, 14, 6, 2, 1, 5, 13, 30, 64]
    assert of_kinds("vae-encoder", "Linear") == [(32,), (32,)]
    assert of_kinds("vae-decoder", "ConvTranspose")[-1] == (3, 64, 64)


def test_deepface():
    found = of_kinds("deepface", "Conv", "MaxPool", "LocalConv")
    assert [shape[1] for shape in found] == [142, 71, 63, 55, 25, 21]


@pytest.mark.parametrize("name", ["fcn-32s", "fcn-16s", "fcn-8s"])
@pytest.mark.parametrize("size", [(224, 224), (64, 160)])
def test_fcn_labels_every_pixel(name, size):
    body = specs.get(name).body
    assert counting.output_shape(body, (3, *size)) == (21, *size)


def test_fcn_skips():
    found = [shape for path, shape in outputs("fcn-8s").items() if path.endswith("score")]
    assert found == [(21, 28, 28), (21, 14, 14), (21, 7, 7)]


@pytest.mark.parametrize("size", [(13, 13), (14, 14), (7, 20)])
def test_pyramid_takes_any_size(size):
    assert next(iter(outputs("spp-head", (256, *size)).values())) == (21 * 256,)


def test_text_cnn():
    assert of_kinds("text-cnn", "Conv") == [(100, 62), (100, 61), (100, 60)]
    assert of_kinds("text-cnn", "Dropout") == [(300,)]


@pytest.mark.parametrize(
    ("make", "wrong", "words"),
    [
        (vgg, 12, "vgg: there is no depth 12; the paper has 11, 13, 16, 19; take one"),
        (resnet, 51, "resnet: there is no depth 51; the paper has 18, 34, 50, 101, 152; take one"),
        (fcn, 3, "fcn: there are forms with 0, 1 and 2 skips; got 3; take one"),
    ],
)
def test_families_say_what_they_have(make, wrong, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        make(wrong)

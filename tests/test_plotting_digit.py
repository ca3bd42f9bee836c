"""The figure in which a digit is drawn: its still, what a page gets, mistakes that are told."""

import base64
import json
import re

import numpy as np
import pytest

from dlnotes import data, plotting
from dlnotes.plotting.computing.digit import SHAPES, layers, network_script
from explored import facts

WEIGHTS, (IMAGES, LABELS) = data.trained_cnn(), data.mnist_sample()


def html(**options):
    return plotting.digit_reader(WEIGHTS, IMAGES, LABELS, **options).html()


def test_the_still_says_what_the_network_says():
    shown = html(start=44)
    (high,) = re.findall(r'data-share="4">\s*<rect [^>]*height="([\d.]+)"', shown)
    assert float(high) == pytest.approx(62, abs=0.1)
    assert "Read as 4 with over 99.9 %." in shown
    doubtful = int(layers(WEIGHTS, IMAGES.astype(float))["scores"].max(axis=1).argmin())
    assert "over" not in re.search(r"Read as \d with [^<]*", html(start=doubtful))[0]


@pytest.mark.parametrize("inside", [False, True])
def test_the_page_gets_samples_of_all_digits_and_the_start_among_them(inside):
    given = facts(html(start=77, inside=inside))
    assert sorted(set(given["digits"])) == list(range(10))
    pixels = np.frombuffer(base64.b64decode(given["pixels"]), np.uint8).reshape(-1, 28, 28)
    assert len(pixels) == len(given["digits"]) == (30 if inside else 10)
    np.testing.assert_array_equal(pixels[given["start"]], np.round(255 * IMAGES[77, 0]))
    assert given["digits"][given["start"]] == LABELS[77]


def test_weights_come_in_one_file_of_less_than_400_kilobytes():
    script = network_script(WEIGHTS, IMAGES)
    assert len(script.encode()) < 400_000
    packed = json.loads(re.search(r"decode\((\{.*?\]*?\}\})\)", script)[1])
    assert list(packed) == list(SHAPES)
    for name, layer in packed.items():
        codes = np.frombuffer(base64.b64decode(layer["codes"]), "<i2").reshape(SHAPES[name])
        steps = np.reshape(layer["steps"], (-1, *[1] * (codes.ndim - 1)))
        assert (abs(codes * steps - WEIGHTS[f"{name}.weight"]) <= 0.51 * steps).all()
        np.testing.assert_allclose(layer["bias"], WEIGHTS[f"{name}.bias"], rtol=1e-7)


def test_mistakes_are_told():
    small = WEIGHTS | {"conv2.weight": WEIGHTS["conv2.weight"][:, :10]}
    with pytest.raises(ValueError, match=r"\(40, 20, 5, 5\) .* got \(40, 10, 5, 5\); give data"):
        plotting.digit_reader(small, IMAGES, LABELS)
    with pytest.raises(ValueError, match=r"conv1\.bias .* got \(0,\)"):
        network_script({"conv1.weight": WEIGHTS["conv1.weight"]}, IMAGES)
    with pytest.raises(ValueError, match=r"labels \(N,\); got \(100, 28, 28\) and \(100,\)"):
        plotting.digit_reader(WEIGHTS, IMAGES[:, 0], LABELS)
    with pytest.raises(ValueError, match=r"missing: \[8, 9\], ink from 0 to 1"):
        plotting.digit_reader(WEIGHTS, IMAGES[:80], LABELS[:80])
    with pytest.raises(ValueError, match="ink from 0 to 255"):
        plotting.digit_reader(WEIGHTS, 255 * IMAGES, LABELS)
    with pytest.raises(ValueError, match="from 0 to 99; got 100"):
        html(start=100)

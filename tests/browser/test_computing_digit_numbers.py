"""A drawn digit in numbers: the network's layers, and from strokes to pixels, against NumPy."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from conftest import ROOT
from dlnotes import data
from dlnotes.plotting.computing.digit import layers, network_script
from strokes import DIGITS

WEIGHTS, (IMAGES, LABELS) = data.trained_cnn(), data.mnist_sample()
PEN, RUBBER, SIDE = 1.2, 2.2, 28


@pytest.fixture(scope="module")
def network(browser):
    """A page with the arithmetic alone."""
    page = browser.new_page()
    page.add_script_tag(content=network_script(WEIGHTS, IMAGES))
    yield page
    page.close()


def asked(page, code, given):
    """Call a function in the page; numbers travel fast as text, and come back with 6 decimals."""
    short = "(key, v) => ArrayBuffer.isView(v) ? [...v].map(x => Math.round(x * 1e6) / 1e6) : v"
    text = json.dumps(given)
    return json.loads(page.evaluate(f"t => JSON.stringify(({code})(JSON.parse(t)), {short})", text))


def answers(page, pixels, name):
    """Return a layer of many pictures by the page's arithmetic."""
    code = f"all => all.map(one => dlnDigit.read(dlnDigit.net, one.map(v => v / 255)).{name})"
    return np.array(asked(page, code, pixels.reshape(len(pixels), -1).tolist()))


def test_all_layers_of_the_sample_digits_are_those_of_dlnotes(network):
    pixels = np.round(255 * IMAGES).astype(int)
    wanted = layers(WEIGHTS, IMAGES.astype(float))
    np.testing.assert_allclose(answers(network, pixels, "scores"), wanted["scores"], atol=1e-3)
    for name, layer in wanted.items():
        some = layer[::9].reshape(12, -1)
        np.testing.assert_allclose(
            answers(network, pixels[::9], name), some, atol=1e-3, err_msg=name
        )


def test_scores_of_a_thousand_digits_are_those_that_pytorch_gave(network):
    if "DLNOTES_DATA" not in os.environ:
        pytest.skip(
            "DLNOTES_DATA names no folder with MNIST: the scores of its first 1,000 test digits "
            "are not compared, only those of the sample's 100"
        )
    pixels = np.round(255 * data.load("mnist").test_images[:1000]).astype(int)
    with np.load(ROOT / "book" / "results" / "rung5.npz") as file:
        wanted = file["logits"]
    np.testing.assert_allclose(answers(network, pixels, "scores"), wanted, atol=1e-3)


def test_covered_squares_are_blank_and_no_others(network):
    one = IMAGES[91, 0].astype(float)
    trials = np.repeat(one[None, None], 64, axis=0)
    for place in range(64):
        i, j = 3 * (place // 8), 3 * (place % 8)
        trials[place, 0, i : i + 7, j : j + 7] = 0
    code = """one => [...Array(64).keys()].map(place =>
      dlnDigit.covered(dlnDigit.net, one, place).scores)"""
    found = asked(network, code, one.ravel().tolist())
    np.testing.assert_allclose(found, layers(WEIGHTS, trials)["scores"], atol=1e-3)


def test_the_untrained_network_is_normal_by_he_and_the_same_each_time(network):
    code = """() => { const [a, b] = [1, 1].map(seed => dlnDigit.random(dlnDigit.net, seed));
      return [a.linear1.w, a.linear1.w.every((w, i) => w === b.linear1.w[i]),
        Math.max(...a.linear1.b)]; }"""
    weights, same, bias = asked(network, code, 0)
    assert same
    assert bias == 0
    assert np.mean(weights) == pytest.approx(0, abs=1e-3)
    assert np.std(weights) == pytest.approx((2 / 640) ** 0.5, rel=0.01)


def ink(points, radius):
    """How much of each pixel a line covers, in NumPy."""
    grid = np.stack(np.meshgrid(*2 * [np.arange(SIDE) + 0.5]), axis=-1)  # x, y
    distance = np.full((SIDE, SIDE), np.inf)
    for a, b in zip(points, points[1:] or points, strict=False):
        u, v = np.subtract(b, a), grid - a
        t = np.clip((v @ u) / max(u @ u, 1e-30), 0, 1)
        distance = np.minimum(distance, np.linalg.norm(v - t[..., None] * u, axis=-1))
    return np.clip(radius + 0.5 - distance, 0, 1)


def onto(strokes, scale, shift):
    """Strokes of pen and rubber in their order, in NumPy."""
    found = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        points = scale * np.array(stroke["points"]) + shift
        if stroke["rubber"]:
            found = np.minimum(found, 1 - ink(list(points), RUBBER * scale))
        else:
            found = np.maximum(found, ink(list(points), PEN))
    return found


def fitted(strokes):
    """A drawing without rubber as MNIST's digits are, in NumPy."""
    points = np.concatenate([stroke["points"] for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(6, (20 - 2 * PEN) / max(*(high - low), 1e-9))
    shift = SIDE / 2 - scale * (low + high) / 2
    found = onto(strokes, scale, shift)
    rows, columns = np.indices(found.shape)
    mass = np.array([(columns * found).sum(), (rows * found).sum()]) / found.sum()
    return onto(strokes, scale, shift + np.clip(14 - mass, -4, 4))


def test_two_thousand_random_drawings_become_the_same_pixels_as_in_numpy(network):
    rng = np.random.default_rng(0)
    drawings = []
    for n in range(2000):
        low, high = np.sort(rng.uniform(1, 27, 2))
        drawings.append([
            {
                "points": rng.uniform(low, high, (rng.integers(1, 5), 2)).tolist(),
                "rubber": bool(k and n % 2 and rng.random() < 0.5),
                "radius": PEN,
            }
            for k in range(rng.integers(1, 4))
        ])  # fmt: skip
        for stroke in drawings[-1]:
            stroke["radius"] = RUBBER if stroke["rubber"] else PEN
    code = "all => all.map((one, n) => dlnDigit.seen(null, one, n % 2 === 0))"
    found = asked(network, code, drawings)
    wanted = [onto(d, 1, 0) if n % 2 else fitted(d) for n, d in enumerate(drawings)]
    np.testing.assert_allclose(found, np.reshape(wanted, (2000, -1)), atol=2e-6)


def test_size_and_place_of_a_drawing_do_not_matter_once_it_is_fitted(network):
    code = """all => all.map(([points, more]) => dlnDigit.seen(null, [
      { points, radius: 1.2, rubber: false }, ...more], true))"""
    eight = np.array(DIGITS[8][0][0])
    away = {"points": [[26, 26]], "radius": PEN, "rubber": False}
    wiped = {"points": [[26, 26]], "radius": RUBBER, "rubber": True}
    given = [[(24 * eight + 2).tolist(), []], [(6 * eight + (20, 3)).tolist(), []]]
    given.append([(6 * eight + (3, 9)).tolist(), [away, wiped]])  # what was rubbed out has no size
    large, small, cleaned = (np.reshape(x, (SIDE, SIDE)) for x in asked(network, code, given))
    np.testing.assert_allclose(small, large, atol=2e-6)
    np.testing.assert_allclose(cleaned, large, atol=2e-6)
    assert np.ptp(np.nonzero(large.max(axis=1) > 0.5)[0]) + 1 == 20


def test_sample_digits_are_doubted_as_often_as_the_measure_says(network):
    code = """all => all.map(one => dlnDigit.alike(dlnDigit.read(dlnDigit.net, one).relu3))"""
    pixels = IMAGES.reshape(100, -1).astype(float).tolist()
    units = layers(WEIGHTS, IMAGES.astype(float))["relu3"]
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    others = (units @ units.T - 2 * np.eye(100)).max(axis=1)
    assert (others < network.evaluate("dlnDigit.least")).sum() == 10
    np.testing.assert_allclose(asked(network, code, pixels), 1, atol=1e-3)

"""Digits of every kind: one form, one range of values, parts that do not overlap."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits as sklearn_digits

from dlnotes import data
from dlnotes.data.mnist import MNIST, load_mnist
from dlnotes.data.sample import FILE
from small_mnist import contents, release

OWN = os.environ.get("DLNOTES_DATA", "")
needs_files = pytest.mark.skipif(not OWN, reason="DLNOTES_DATA names no folder with MNIST")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """MNIST's form with a few small images, from a folder of one's own."""
    for name, content in contents().items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("DLNOTES_DATA", str(tmp_path))
    return load_mnist(release())


def assert_form(digits):
    for part in (digits.train_images, digits.validation_images, digits.test_images):
        assert part.dtype == np.float32
        assert part.shape[1:] == (1, 28, 28)
        assert part.flags.c_contiguous
        assert part.min() >= 0
        assert part.max() == 1
    for labels in (digits.train_labels, digits.validation_labels):
        assert labels.dtype == np.int64
        assert set(np.unique(labels)) <= set(range(10))
    assert len(digits.train_images) == len(digits.train_labels)
    assert len(digits.validation_images) == len(digits.validation_labels)
    assert len(digits.sha256) == 64


def test_all_digits_have_the_same_form(small):
    assert_form(small)
    assert_form(data.load("digits"))


def test_digits_are_scikit_learns_pixels_made_larger_and_nothing_else():
    digits, bunch = data.load("digits"), sklearn_digits()
    images = np.concatenate([digits.train_images, digits.validation_images, digits.test_images])
    labels = [digits.train_labels, digits.validation_labels, data.load_test_labels("digits")]
    assert np.array_equal(np.concatenate(labels), bunch.target)
    inner = images[:, 0, 2:-2, 2:-2]
    assert inner.sum() == images.sum()  # nothing in the margin
    blocks = inner.reshape(-1, 8, 3, 8, 3)
    assert np.array_equal(blocks.min(axis=(2, 4)), blocks.max(axis=(2, 4)))
    assert np.array_equal(blocks[:, :, 0, :, 0] * 16, bunch.images)
    assert [len(part) for part in labels] == [1197, 300, 300]


def test_every_part_of_the_digits_has_every_digit_about_equally_often():
    digits = data.load("digits")
    for labels in (digits.train_labels, digits.validation_labels, data.load_test_labels("digits")):
        counts = np.bincount(labels, minlength=10)
        assert counts.min() >= 0.85 * len(labels) / 10


def test_the_digest_of_the_digits_is_that_of_their_pixels_and_labels():
    bunch = sklearn_digits()
    bytes_ = bunch.images.astype(np.uint8).tobytes() + bunch.target.astype(np.uint8).tobytes()
    assert data.load("digits").sha256 == hashlib.sha256(bytes_).hexdigest()


def test_the_digest_of_a_release_is_that_of_its_listing(small):
    listed = [f"{hashlib.sha256(c).hexdigest()}  {name}\n" for name, c in contents().items()]
    assert (
        small.sha256
        == hashlib.sha256("".join(sorted(listed, key=lambda x: x[66:])).encode()).hexdigest()
    )


def test_the_sample_has_ten_pictures_of_each_digit():
    images, labels = data.mnist_sample()
    assert (images.shape, images.dtype, labels.dtype) == ((100, 1, 28, 28), np.float32, np.int64)
    assert (images.min(), images.max()) == (0, 1)
    assert labels.tolist() == [digit for digit in range(10) for _ in range(10)]
    assert len({image.tobytes() for image in images}) == 100
    assert FILE.stat().st_size < 40_000
    beside = FILE.with_suffix(".txt").read_text(encoding="utf-8")
    assert "LeCun" in beside
    assert "CC BY-SA 3.0" in beside


@needs_files
def test_the_sample_is_of_the_published_test_images():
    images, labels = data.mnist_sample()
    with np.load(FILE) as file:
        places = file["places"]
    assert np.array_equal(data.load("mnist").test_images[places], images)
    assert np.array_equal(data.load_test_labels("mnist")[places], labels)


@pytest.mark.parametrize("function", [data.load, data.load_test_labels])
def test_an_unknown_name_is_refused(function):
    wanted = f"^{function.__name__}: no digits are called so; got 'minst'; choose one of mnist, di"
    with pytest.raises(ValueError, match=wanted):
        function("minst")


def test_a_reader_without_pooch_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "pooch", None)
    monkeypatch.delenv("DLNOTES_DATA", raising=False)
    monkeypatch.delenv("DLNOTES_CACHE", raising=False)
    with pytest.raises(ImportError, match=r'pip install "dlnotes\[data\]"'):
        data.load("mnist")


@needs_files
def test_mnist_is_parted_as_in_the_notes():
    mnist, test_labels = data.load("mnist"), data.load_test_labels("mnist")
    assert_form(mnist)
    parts = mnist.train_images, mnist.validation_images, mnist.test_images
    assert [len(part) for part in parts] == [50_000, 10_000, 10_000]
    # how often each digit occurs in the 60,000 and the 10,000, as LeCun's page lists them
    both = np.bincount(np.concatenate([mnist.train_labels, mnist.validation_labels]))
    assert both.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(test_labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    mean = np.concatenate(parts[:2]).mean(dtype=np.float64)
    assert round(mean, 4) == 0.1307  # with which PyTorch's example of MNIST normalizes


@needs_files
def test_the_published_files_are_the_ones_known():
    listed = ""
    for file in (MNIST.test_images, MNIST.test_labels, MNIST.train_images, MNIST.train_labels):
        digest = hashlib.sha256((Path(OWN) / file.name).read_bytes()).hexdigest()
        listed += f"{digest}  {file.name}\n"
    assert data.load("mnist").sha256 == hashlib.sha256(listed.encode()).hexdigest()

"""Networks in files: round trips, damage, files of others, and nothing half-loaded."""

import io
import json
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import assert_in_house_style
from dlnotes import layers as L
from dlnotes import networks
from oracles import refuses


def small(seed=0, *, channels=3, p=0.5, dtype=np.float64):
    options = {"rng": np.random.default_rng(seed), "dtype": dtype}
    body = L.Sequential(L.Conv2d(1, channels, 3, **options), L.BatchNorm2d(channels, dtype=dtype))
    return L.Sequential(
        {
            "body": body,
            "flat": L.Flatten(),
            "drop": L.Dropout(p, rng=options["rng"]),
            "head": L.Linear(4 * channels, 2, **options),
        }
    )


def trained(**options):
    """A network whose running averages have moved."""
    network = small(1, **options)
    x = np.random.default_rng(0).standard_normal((5, 1, 4, 4))
    network(x.astype(options.get("dtype", np.float64)))
    return network


@pytest.fixture
def path(tmp_path):
    target = tmp_path / "network.npz"
    networks.save(trained(), target)
    return target


def same(network, other):
    pairs = zip(network.state_dict().items(), other.state_dict().items(), strict=True)
    return all(a == b and np.array_equal(p, q) for (a, p), (b, q) in pairs)


def unchanged_by(network, path, error, *parts):
    """Hold a failed `load` to leaving the network as it was."""
    before = small(7)
    before.load_state_dict(network.state_dict())
    with refuses(error, "load: ", *parts):
        networks.load(network, path)
    assert same(network, before)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_round_trip_keeps_every_bit(tmp_path, dtype):
    network, other = trained(dtype=dtype), small(2, dtype=dtype)
    networks.save(network, str(tmp_path / "network.npz"))
    arrays = dict(other.named_parameters())
    assert networks.load(other, tmp_path / "network.npz") is other
    assert same(network, other)
    assert all(array is arrays[name] for name, array in other.named_parameters()), "in place"
    x = np.random.default_rng(1).standard_normal((3, 1, 4, 4)).astype(dtype)
    np.testing.assert_array_equal(networks.predict(network, x), networks.predict(other, x))


def test_the_same_network_gives_the_same_bytes(path, tmp_path):
    networks.save(trained(), tmp_path / "again.npz")
    assert path.read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_the_file_needs_no_pickle_and_says_what_it_is(path):
    with np.load(path, allow_pickle=False) as archive:
        head = json.loads(archive["dlnotes"].tobytes())
        assert set(archive.files) == {"dlnotes", *(f"state/{n}" for n in small().state_dict())}
    assert head["format"] == networks.storage.FORMAT
    assert head["structure"] == networks.storage.structure(small())


@pytest.mark.parametrize(
    ("network", "error", "parts"),
    [
        (
            small(channels=4),
            ValueError,
            [
                "the file belongs to another network: it has body.0: Conv2d(1, 3, 3) where this "
                "one has body.0: Conv2d(1, 4, 3); got "
            ],
        ),
        (small(p=0.4), ValueError, ["drop: Dropout() where", "drop: Dropout(p=0.4)"]),
        (L.Linear(3, 2, rng=np.random.default_rng(0)), ValueError, ["Linear(3, 2)"]),
        (
            L.Sequential({**small().children(), "end": L.ReLU()}),
            ValueError,
            ["it has nothing where this one has end: ReLU()"],
        ),
        (small(dtype=np.float32), TypeError, ["body.0.weight has dtype float32", "got float64"]),
    ],
)
def test_a_file_of_another_network(path, network, error, parts):
    with refuses(error, "load: ", *parts):
        networks.load(network, path)


def test_a_file_that_was_cut(path):
    network, whole = small(), path.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        unchanged_by(network, path, ValueError, "damaged", f"network.npz, {length} bytes")


@settings(max_examples=150)
@given(place=st.integers(0, 10**6), bits=st.integers(1, 255))
def test_a_byte_that_changed(tmp_path_factory, place, bits):
    """Either the file is refused, or the byte was one that means nothing."""
    path = tmp_path_factory.mktemp("damage") / "network.npz"
    original, network = trained(), small()
    networks.save(original, path)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= bits
    path.write_bytes(content)
    try:
        networks.load(network, path)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, "load")
        assert same(network, small())
    else:
        assert same(network, original)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"no archive", b"\x80\x04N."],  # the last is a pickle
)
def test_a_file_that_is_something_else(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    unchanged_by(small(), path, ValueError, "damaged, cut short or none that save wrote")


def rewritten(path, change):
    """Write a file anew after a change of its description."""
    with np.load(path) as archive:
        arrays = dict(archive)
    head = json.loads(arrays["dlnotes"].tobytes())
    change(head, arrays)
    arrays["dlnotes"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    np.savez(path, **arrays)


def test_an_archive_of_arrays_without_a_description(tmp_path):
    np.savez(tmp_path / "plain.npz", weight=np.ones(3))
    unchanged_by(small(), tmp_path / "plain.npz", ValueError, "none that save wrote", "KeyError")


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (
            lambda head, _: head.update(format=99),
            ["format has version 99, and this", "reads 1"],
        ),
        (lambda head, _: head.pop("structure"), ["its description lacks a part"]),
        (lambda _, a: a.pop("state/head.bias"), ["missing head.bias"]),
        (lambda _, a: a.update({"state/x": np.ones(1)}), ["unknown x"]),
        (lambda _, a: a.update({"state/head.bias": np.ones(3)}), ["head.bias has shape (2,)"]),
    ],
)
def test_a_description_that_does_not_fit(path, change, parts):
    rewritten(path, change)
    unchanged_by(small(), path, ValueError, *parts)


def test_objects_are_not_loaded(path):
    """An array of objects would be a pickle, and a pickle can do anything."""
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        evil = io.BytesIO()
        np.save(evil, np.array([{}], object), allow_pickle=True)
        archive.writestr("state/evil.npy", evil.getvalue())
    path.write_bytes(content.getvalue())
    unchanged_by(small(), path, ValueError, "damaged", "allow_pickle=False")


def test_a_failed_save_leaves_the_old_file(path, monkeypatch):
    before = path.read_bytes()

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        networks.save(small(5), path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        networks.load(small(), tmp_path / "missing.npz")
    with pytest.raises(FileNotFoundError):
        networks.save(small(), tmp_path / "missing" / "network.npz")


def test_refused():
    with refuses(TypeError, "save: the network is a layer", "got dict"):
        networks.save({}, "x.npz")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^save: there is no folder '.*nowhere'"):
        networks.save(small(), tmp_path / "nowhere" / "network.npz")
    assert list(tmp_path.iterdir()) == []

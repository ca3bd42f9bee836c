"""The idx reader against NumPy, and against every kind of damage."""

import gzip
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes.data import DataError, read_idx
from small_mnist import idx

SHAPE = (5, 3, 2)
VALUES = np.arange(30).reshape(SHAPE)
PACKED = idx(VALUES)
PLAIN = gzip.decompress(PACKED)


@given(shape=st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple))
def test_what_was_written_is_read(shape):
    values = np.arange(np.prod(shape)).reshape(shape) % 256
    read = read_idx("x", idx(values), shape)
    assert read.dtype == np.uint8
    assert np.array_equal(read, values)


def test_what_was_read_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        read_idx("x", PACKED, SHAPE)[0] = 0


DAMAGED = {
    "no gzip": (PLAIN, "one whole gzip stream; got 46 bytes, "),
    "nothing": (b"", "must not be cut; got 0 bytes, which end after 0 of the 46 they hold"),
    "cut in the checksum": (PACKED[:-3], "must not be cut; got .* end after 46 of the 46 they"),
    "cut in the header of gzip": (PACKED[:5], "must not be cut; got 5 bytes"),
    "wrong checksum": (PACKED[:-8] + bytes(8), "one whole gzip stream; got .*incorrect"),
    "followed by bytes": (PACKED + b"\0\0", "nothing may follow the gzip stream; got 2 bytes more"),
    "a second stream": (PACKED + PACKED, f"may follow the gzip stream; got {len(PACKED)} bytes"),
    "one value too many": (gzip.compress(PLAIN + b"\0"), "must hold 46 bytes; got at least 47"),
    "a bomb": (gzip.compress(bytes(10**7)), "must hold 46 bytes; got at least 47"),
    "one value missing": (gzip.compress(PLAIN[:-1]), "30 values must follow 16 bytes .*; got 29"),
    "no values": (gzip.compress(PLAIN[:16]), "30 values must follow 16 bytes of header; got 0"),
    "no sizes": (gzip.compress(PLAIN[:6]), r"its axes must be \(5, 3, 2\); got \(\)"),
    "empty within": (gzip.compress(b""), r"magic number must be 00000803 \(.*\); got nothing"),
    "signed bytes": (
        gzip.compress(b"\0\0\x09\x03" + PLAIN[4:]),
        r"must be 00000803 \(unsigned bytes, 3 axes\); got 00000903",
    ),
    "other axes": (idx(VALUES.reshape(3, 5, 2)), r"must be \(5, 3, 2\); got \(3, 5, 2\)"),
    "fewer axes": (idx(VALUES[:, 0]), "must be 00000803 .*; got 00000802"),
    "little-endian": (
        gzip.compress(PLAIN[:4] + np.array(SHAPE, "<u4").tobytes() + PLAIN[16:]),
        r"must be \(5, 3, 2\); got \(83886080, 50331648, 33554432\)",
    ),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damage_is_refused_with_its_reason(kind):
    packed, reason = DAMAGED[kind]
    with pytest.raises(DataError, match=f"^read_idx: images.gz is damaged: .*{reason}") as caught:
        read_idx("images.gz", packed, SHAPE)
    assert str(caught.value).endswith("; fetch the file anew")


@settings(max_examples=300)
@given(end=st.integers(0, len(PACKED) - 1))
def test_every_cut_is_refused(end):
    with pytest.raises(DataError, match="cut"):
        read_idx("x", PACKED[:end], SHAPE)


@settings(max_examples=300)
@given(place=st.integers(0, len(PACKED) - 1), mask=st.integers(1, 255))
def test_no_changed_byte_changes_the_values_unseen(place, mask):
    changed = bytearray(PACKED)
    changed[place] ^= mask
    with suppress(DataError):  # gzip's date and the bits that fill its last byte mean nothing
        assert np.array_equal(read_idx("x", bytes(changed), SHAPE), VALUES)


def test_most_changed_bytes_are_refused():
    refused = sum(is_refused(place) for place in range(10, len(PACKED)))
    assert refused >= len(PACKED) - 11


def is_refused(place):
    changed = bytearray(PACKED)
    changed[place] ^= 0x55
    try:
        read_idx("x", bytes(changed), SHAPE)
    except DataError:
        return True
    return False

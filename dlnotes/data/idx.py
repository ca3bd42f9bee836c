"""The idx format, in which MNIST is published, read strictly."""

from __future__ import annotations

import struct
import zlib
from math import prod
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

_UNSIGNED_BYTE = 0x08


class DataError(ValueError):
    """Data that cannot be had or are not what they should be; the message says what to do."""


def read_idx(name: str, packed: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    r"""Return the array of a gzip-compressed idx file, which must have exactly ``shape``.

    The format: two zero bytes, a byte for the type (0x08, unsigned byte), one for the number of
    axes, each axis as a big-endian 32-bit integer, then the values in C order.

    Parameters
    ----------
    name : str
        Name of the file, for messages.
    packed : bytes
        The whole file.
    shape : tuple of int
        The axes that the file must have, (60000, 28, 28) for MNIST's training images.

    Returns
    -------
    ndarray of uint8, shape ``shape``
        Read-only.

    Raises
    ------
    DataError
        If the gzip stream is damaged, cut or followed by other bytes, if the header is not that
        of unsigned bytes of this shape, or if values are missing or too many.

    Examples
    --------
    >>> import gzip
    >>> header = b"\0\0\x08\x02\0\0\0\2\0\0\0\3"
    >>> read_idx("small", gzip.compress(header + bytes(6)), (2, 3)).shape
    (2, 3)
    """
    header = bytes([0, 0, _UNSIGNED_BYTE, len(shape)])
    header += b"".join(axis.to_bytes(4, "big") for axis in shape)
    content = _unpack(name, packed, len(header) + prod(shape))
    if content[:4] != header[:4]:
        rule = f"{header[:4].hex()} (unsigned bytes, {len(shape)} axes)"
        _refuse(name, f"its magic number must be {rule}", content[:4].hex() or "nothing")
    if content[4 : len(header)] != header[4:]:
        found = content[4 : len(header)]
        axes = tuple(axis for (axis,) in struct.iter_unpack(">I", found[: len(found) // 4 * 4]))
        _refuse(name, f"its axes must be {shape}", str(axes))
    if len(content) != len(header) + prod(shape):
        rule = f"{prod(shape)} values must follow {len(header)} bytes of header"
        _refuse(name, rule, str(len(content) - len(header)))
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)


def _unpack(name: str, packed: bytes, expected: int) -> bytes:
    """Return what a gzip file holds, which must be ``expected`` bytes, whatever it claims."""
    stream = zlib.decompressobj(wbits=31)  # 31: a gzip header, and its checksum and length after
    try:
        content = stream.decompress(packed, expected + 1)
    except zlib.error as error:
        _refuse(name, "it must be one whole gzip stream", f"{len(packed)} bytes, {error}")
    if len(content) > expected:
        _refuse(name, f"it must hold {expected} bytes", f"at least {len(content)}")
    if not stream.eof:
        got = f"{len(packed)} bytes, which end after {len(content)} of the {expected} they hold"
        _refuse(name, "its gzip stream must not be cut", got)
    if stream.unused_data:
        _refuse(name, "nothing may follow the gzip stream", f"{len(stream.unused_data)} bytes more")
    return content


def _refuse(name: str, rule: str, got: str) -> NoReturn:
    """Raise the error of a file that breaks ``rule``."""
    raise DataError(f"read_idx: {name} is damaged: {rule}; got {got}; fetch the file anew")

"""What a run answers on the validation and the test images, in a file of its own."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Answers:
    """One class an image, in the order of the data: what a run answers, or what is right.

    Attributes
    ----------
    validation, test : ndarray of uint8, shape (N,)
        Of the validation and of the test images.

    Examples
    --------
    >>> one = Answers(np.zeros(4, np.uint8), np.ones(3, np.uint8))
    >>> Answers.unpack(one.pack()).test
    array([1, 1, 1], dtype=uint8)
    """

    validation: NDArray[np.uint8]
    test: NDArray[np.uint8]

    def pack(self) -> bytes:
        """Return the bytes of a file ``.npz``; the same answers give the same bytes."""
        file = io.BytesIO()
        np.savez_compressed(file, validation=self.validation, test=self.test)
        return file.getvalue()

    @classmethod
    def unpack(cls, content: bytes) -> Answers:
        """Return what `pack` made a file of.

        Raises
        ------
        ValueError
            If it is no such file.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return cls(file["validation"], file["test"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"it is no file of answers ({error})") from None


def sha256(content: bytes) -> str:
    """Return the digest of a file.

    Examples
    --------
    >>> sha256(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(content).hexdigest()


def right(answers: NDArray[np.integer], labels: NDArray[np.integer]) -> float:
    """Return the share of right answers, as a record has it.

    Examples
    --------
    >>> right(np.array([1, 2], np.uint8), np.array([1, 3], np.uint8))
    0.5
    """
    return int((answers == labels).sum()) / len(labels)

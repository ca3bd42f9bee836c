"""What one run of the ladder leaves behind, as a line of JSON."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

Key = tuple[str, str, int]
"""Rung, recipe and seed: what makes a run itself and no other."""

_WORDS = ("rung", "recipe", "data", "device", "date", "command")
_COUNTS = {"seed": 0, "epoch": 1, "epochs": 1, "parameters": 1, "test_images": 1, "threads": 1}
_SHARES = ("validation", "test")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{7,64}(\+changes)?|unknown")


class RecordsError(ValueError):
    """Records that cannot be read or written; the message says where and what to do."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One finished run: what was trained, how well it did, and where it came from.

    Parameters
    ----------
    rung : str
        Name of the rung, ``"0a"`` to ``"8"``.
    recipe : str
        ``"faithful"`` or ``"modern"``.
    seed : int
        Seed of weights, order and dropout.
    validation, test : float
        Accuracy, between 0 and 1, of the chosen epoch.
    test_images : int
        How many test images the accuracy is of.
    epoch, epochs : int
        The epoch chosen on the validation images, counted from 1, and how many were trained.
    parameters : int
        Weights and biases of the network.
    seconds : float
        Time of the training, evaluations included: the processor's, or the clock's on an
        accelerator; runs that were trained at once share it equally.
    data : str
        Name of the data, ``"mnist"`` or ``"digits"``.
    data_sha256 : str
        `dlnotes.data.Digits.sha256`, by which the data are known again.
    device : str
        Processor or accelerator, in words.
    threads : int
        Threads of the processor that were used.
    versions : dict of str to str
        Versions of ``python``, ``numpy`` and ``torch``.
    commit : str
        Commit of the code, with ``+changes`` where files differed from it.
    command : str
        What was typed.
    date : str
        Day of the recording, ``YYYY-MM-DD``, in UTC.

    Raises
    ------
    RecordsError
        If a field has the wrong type or a value out of its range.

    Examples
    --------
    >>> len(fields(Record))
    18
    """

    rung: str
    recipe: str
    seed: int
    validation: float
    test: float
    test_images: int
    epoch: int
    epochs: int
    parameters: int
    seconds: float
    data: str
    data_sha256: str
    device: str
    threads: int
    versions: dict[str, str]
    commit: str
    command: str
    date: str

    def __post_init__(self) -> None:
        """Refuse what no run can have left behind."""
        broken = next(_broken_fields(self), None)
        if broken:
            name, rule = broken
            raise RecordsError(
                f"Record: {name} must be {rule}; got {name}={getattr(self, name)!r}; "
                f"pass {name} as {rule}"
            )

    @property
    def key(self) -> Key:
        """Rung, recipe and seed."""
        return self.rung, self.recipe, self.seed


def _broken_fields(record: Record) -> Any:
    """Yield each field that breaks its rule, with the rule."""
    for name in _WORDS:
        if not isinstance(getattr(record, name), str) or not getattr(record, name):
            yield name, "a text that is not empty"
    for name, least in _COUNTS.items():
        value = getattr(record, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            yield name, f"an integer of at least {least}"
    for name in (*_SHARES, "seconds"):
        value, most = getattr(record, name), math.inf if name == "seconds" else 1
        if not isinstance(value, float) or not math.isfinite(value) or not 0 <= value <= most:
            yield name, "a float from 0 to 1" if most == 1 else "a finite float, not negative"
    if record.epoch > record.epochs:
        yield "epoch", f"at most epochs={record.epochs}"
    if not _SHA256.fullmatch(str(record.data_sha256)):
        yield "data_sha256", "64 hexadecimal digits"
    if not _COMMIT.fullmatch(str(record.commit)):
        yield "commit", 'a commit in hexadecimal, "+changes" behind it if there were any'
    if not _is_text_to_text(record.versions):
        yield "versions", "a dict from names to versions, with python, numpy and torch"


def _is_text_to_text(value: object) -> bool:
    """Say whether ``value`` maps texts to texts and names the three versions."""
    return (
        isinstance(value, dict)
        and all(isinstance(word, str) for pair in value.items() for word in pair)
        and {"python", "numpy", "torch"} <= value.keys()
    )


def to_line(record: Record) -> bytes:
    r"""Return ``record`` as one line of JSON in UTF-8, its newline included."""
    return (json.dumps(asdict(record), ensure_ascii=False, allow_nan=False) + "\n").encode()


def from_line(line: bytes) -> Record:
    """Return the record that stands in a line of JSON.

    Raises
    ------
    RecordsError
        If the line is no JSON object, or its fields are not exactly those of `Record`.
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:  # cut JSON, broken UTF-8, a heap of brackets
        raise RecordsError(f"it is no whole JSON object ({error})") from None
    if not isinstance(values, dict):
        raise RecordsError(f"it is no JSON object but {type(values).__name__}")
    names = {field.name for field in fields(Record)}
    if values.keys() != names:
        missing = ", ".join(sorted(names - values.keys())) or "none"
        unknown = ", ".join(sorted(values.keys() - names)) or "none"
        raise RecordsError(f"its fields are not a record's: missing {missing}; unknown {unknown}")
    return Record(**values)

"""What one run of the ladder leaves behind, as a line of JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

Key = tuple[str, str, int]
"""Rung, recipe and seed: what makes a run itself and no other."""

FORM = 2
"""Number of the form of a line; the form before had no number, digest or answers."""

_WORDS = ("rung", "recipe", "data", "date", "command")
_COUNTS = {"seed": 0, "epoch": 1, "epochs": 1, "parameters": 1, "threads": 1}
_COUNTS |= {"validation_images": 1, "test_images": 1}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGESTS = ("digest", "answers", "data_sha256")
_COMMIT = re.compile(r"[0-9a-f]{7,64}(\+changes)?|unknown")
_LISTS = ("group", "history", "losses", "commits", "devices")


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
        Such as ``"faithful"`` or ``"modern"``.
    seed : int
        Seed of weights, order and dropout; the number of a committee.
    digest : str
        `rungs.digest`, by which a recipe that was changed since is noticed.
    group : tuple of int
        Seeds that were trained at once, this one among them; those of a committee's networks.
    validation, test : float
        Accuracy, between 0 and 1, of the chosen epoch.
    validation_images, test_images : int
        How many images they are of.
    epoch, epochs : int
        The epoch chosen on the validation images, counted from 1, and how many were trained.
    history, losses : tuple of float
        Validation accuracy after each epoch, and the mean loss of its steps.
    answers : str
        SHA-256 of the file with the chosen epoch's answers, see `records.answers`.
    parameters : int
        Weights and biases of the network.
    seconds : float
        Time of the training, evaluations included: the processor's, or the clock's on an
        accelerator; runs that were trained at once share it equally.
    data : str
        Name of the data, ``"mnist"`` or ``"digits"``.
    data_sha256 : str
        `dlnotes.data.Digits.sha256`, by which the data are known again.
    devices : tuple of str
        Processors and accelerators that had a part in it, in words.
    threads : int
        Threads of the processor that were used.
    versions : dict of str to str
        Versions of ``python``, ``numpy`` and ``torch``.
    commits : tuple of str
        Commits of the code that had a part in it, with ``+changes`` where files differed.
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
    24
    """

    rung: str
    recipe: str
    seed: int
    digest: str
    group: tuple[int, ...]
    validation: float
    test: float
    validation_images: int
    test_images: int
    epoch: int
    epochs: int
    history: tuple[float, ...]
    losses: tuple[float, ...]
    answers: str
    parameters: int
    seconds: float
    data: str
    data_sha256: str
    devices: tuple[str, ...]
    threads: int
    versions: dict[str, str]
    commits: tuple[str, ...]
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

    def __str__(self) -> str:
        """Name the run."""
        return f"rung {self.rung}, {self.recipe}, seed {self.seed}"


def _broken_fields(record: Record) -> Iterator[tuple[str, str]]:
    """Yield each field that breaks its rule, with the rule."""
    for name in _WORDS:
        if not _is_word(getattr(record, name)):
            yield name, "a text that is not empty"
    for name, least in _COUNTS.items():
        if not _is_count(getattr(record, name), least):
            yield name, f"an integer of at least {least}"
    for name in _DIGESTS:
        if not _SHA256.fullmatch(str(getattr(record, name))):
            yield name, "64 hexadecimal digits"
    if not _is_number(record.seconds, math.inf):
        yield "seconds", "a finite float, not negative"
    yield from _broken_figures(record)
    for name, rule, fits in (
        ("group", "integers of at least 0", lambda one: _is_count(one, 0)),
        ("devices", "texts that are not empty", _is_word),
        ("commits", 'commits in hexadecimal, "+changes" behind them', _is_commit),
    ):
        values = getattr(record, name)
        if not isinstance(values, tuple) or not values or not all(map(fits, values)):
            yield name, f"a tuple of {rule}"
    if not _is_text_to_text(record.versions):
        yield "versions", "a dict from names to versions, with python, numpy and torch"


def _broken_figures(record: Record) -> Iterator[tuple[str, str]]:
    """Yield what does not fit among the accuracies and the epochs."""
    for name in ("validation", "test"):
        if not _is_number(getattr(record, name), 1):
            yield name, "a float from 0 to 1"
    if record.epoch > record.epochs:
        yield "epoch", f"at most epochs={record.epochs}"
    for name, most in (("history", 1.0), ("losses", math.inf)):
        values = getattr(record, name)
        many = isinstance(values, tuple) and len(values) == record.epochs
        if not many or not all(_is_number(one, most) for one in values):
            yield name, f"a tuple of epochs={record.epochs} floats from 0 to {most:g}"
    best = max(record.history)
    last = len(record.history) - record.history[::-1].index(best)
    if (record.validation, record.epoch) != (best, last):
        yield (
            "history",
            (
                f"what validation={record.validation} of epoch={record.epoch} was chosen from, the "
                f"last of the best"
            ),
        )


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_number(value: object, most: float) -> bool:
    return isinstance(value, float) and math.isfinite(value) and 0 <= value <= most


def _is_commit(value: object) -> bool:
    return bool(_COMMIT.fullmatch(str(value)))


def _is_text_to_text(value: object) -> bool:
    """Say whether ``value`` maps texts to texts and names the three versions."""
    return (
        isinstance(value, dict)
        and all(isinstance(word, str) for pair in value.items() for word in pair)
        and {"python", "numpy", "torch"} <= value.keys()
    )


def to_line(record: Record) -> bytes:
    r"""Return ``record`` as one line of JSON in UTF-8, its newline included."""
    values = {"form": FORM, **asdict(record)}
    return (json.dumps(values, ensure_ascii=False, allow_nan=False) + "\n").encode()


def from_line(line: bytes) -> Record:
    """Return the record that stands in a line of JSON.

    Raises
    ------
    RecordsError
        If the line is no JSON object, is of another form, or its fields are not exactly those of
        `Record`.
    """
    try:
        values: Any = json.loads(line)
    except (ValueError, RecursionError) as error:  # cut JSON, broken UTF-8, a heap of brackets
        raise RecordsError(f"it is no whole JSON object ({error})") from None
    if not isinstance(values, dict):
        raise RecordsError(f"it is no JSON object but {type(values).__name__}")
    form = values.pop("form", None)
    if form != FORM:
        raise RecordsError(
            f"it is of {'an early form' if form is None else f'form {form}'}, written by another "
            f"version of dlnotes; this one has form {FORM}"
        )
    names = {field.name for field in fields(Record)}
    if values.keys() != names:
        missing = ", ".join(sorted(names - values.keys())) or "none"
        unknown = ", ".join(sorted(values.keys() - names)) or "none"
        raise RecordsError(f"its fields are not a record's: missing {missing}; unknown {unknown}")
    lists = {name: tuple(values[name]) for name in _LISTS if isinstance(values[name], list)}
    return Record(**values | lists)

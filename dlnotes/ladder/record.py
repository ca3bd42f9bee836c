"""What one run of the ladder leaves behind, as a line of JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, cast

Key = tuple[str, str, int]
"""Rung, recipe and seed: what makes a run itself and no other."""

FORM = 2
"""Number of the form of a line; the form before had no number, digest or answers."""


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
        for name, (fits, rule) in _RULES.items():
            if not fits(getattr(self, name)):
                raise RecordsError(_broken(name, rule, getattr(self, name)))
        for name in ("history", "losses"):
            if len(getattr(self, name)) != self.epochs:
                rule = f"a tuple of epochs={self.epochs} numbers"
                raise RecordsError(_broken(name, rule, getattr(self, name)))
        best = max(range(self.epochs), key=lambda one: (self.history[one], one))
        if (self.epoch, self.validation) != (best + 1, self.history[best]):
            rule = f"of accuracies whose last best is {self.validation} of epoch={self.epoch}"
            raise RecordsError(_broken("history", rule, self.history))

    @property
    def key(self) -> Key:
        """Rung, recipe and seed."""
        return self.rung, self.recipe, self.seed

    def __str__(self) -> str:
        """Name the run."""
        return f"rung {self.rung}, {self.recipe}, seed {self.seed}"


def _broken(name: str, rule: str, value: object) -> str:
    return f"Record: {name} must be {rule}; got {name}={value!r}; pass {name} as {rule}"


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_positive(value: object) -> bool:
    return type(value) is int and value > 0


def _is_number(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value) and value >= 0


def _is_share(value: object) -> bool:
    return _is_number(value) and cast(float, value) <= 1


def _matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: bool(re.fullmatch(pattern, str(value)))


def _tuple_of(fits: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, tuple) and bool(value) and all(map(fits, value))


_WORD = _is_word, "a text that is not empty"
_POSITIVE = _is_positive, "a positive integer"
_SHARE = _is_share, "a float from 0 to 1"
_SHA256 = _matches("[0-9a-f]{64}"), "64 hexadecimal digits"
_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(("rung", "recipe", "data", "date", "command"), _WORD),
    **dict.fromkeys(("epoch", "epochs", "parameters", "threads"), _POSITIVE),
    **dict.fromkeys(("validation_images", "test_images"), _POSITIVE),
    **dict.fromkeys(("validation", "test"), _SHARE),
    **dict.fromkeys(("digest", "answers", "data_sha256"), _SHA256),
    "seed": (_is_count, "an integer of at least 0"),
    "group": (_tuple_of(_is_count), "a tuple of integers of at least 0"),
    "history": (_tuple_of(_is_share), "a tuple of floats from 0 to 1"),
    "losses": (_tuple_of(_is_number), "a tuple of finite floats, not negative"),
    "seconds": (_is_number, "a finite float, not negative"),
    "devices": (_tuple_of(_is_word), "a tuple of texts that are not empty"),
    "versions": (lambda value: isinstance(value, dict) and bool(value), "a dict of versions"),
    "commits": (
        _tuple_of(_matches(r"[0-9a-f]{7,64}(\+changes)?|unknown")),
        'a tuple of commits in hexadecimal, "+changes" behind them',
    ),
}


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
    lists = {name: tuple(one) for name, one in values.items() if isinstance(one, list)}
    return Record(**values | lists)

"""The committed records of the ladder: complete, of MNIST, and with what they came from."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from dlnotes import counting
from dlnotes.data.mnist import release_sha256
from dlnotes.ladder import rungs
from dlnotes.ladder.records import read

RECORDS = read(Path(__file__).resolve().parents[1] / "book" / "results" / "ladder.jsonl")
PROMISED = ("0a", "0b", "1", "2", "3", "4", "5")
"""Recorded with five seeds each; further rungs may be there or be on their way."""


def modern():
    found = defaultdict(list)
    for record in RECORDS:
        if record.recipe == "modern":
            found[record.rung].append(record)
    return found


@pytest.mark.parametrize("rung", PROMISED)
def test_five_seeds_of_each_promised_rung(rung):
    assert [record.seed for record in modern()[rung]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: f"{r.rung}-{r.recipe}-{r.seed}")
def test_a_record_says_what_was_trained_and_where_it_came_from(record):
    rung = rungs.get(record.rung)
    recipe = rung.recipe(record.recipe)
    assert record.parameters == rung.voters * counting.count(rung.spec).trainable
    assert 1 <= record.epoch <= record.epochs == recipe.epochs
    assert (record.data, record.data_sha256) == ("mnist", release_sha256())
    assert record.test_images == 10_000
    assert re.fullmatch("[0-9a-f]{40}", record.commit), "from a clean checkout"
    assert record.device
    assert {"python", "numpy", "torch"} <= set(record.versions)
    assert record.command.startswith("dlnotes ladder run ")
    assert record.rung in record.command
    # no run fell apart: the test accuracy lies where validation said, within its sampling error
    assert abs(record.test - record.validation) < 0.005


def test_each_rung_gains_on_the_one_below():
    means = [sum(r.test for r in modern()[rung]) / 5 for rung in ("1", "2", "3", "4", "5")]
    assert means == sorted(means)

"""The committed records of the ladder: complete, of MNIST, and with what they came from."""

import re
from collections import defaultdict
from pathlib import Path

from dlnotes import counting
from dlnotes.data.mnist import release_sha256
from dlnotes.ladder import rungs
from dlnotes.ladder.records import is_current, read

RECORDS = read(Path(__file__).resolve().parents[1] / "book" / "results" / "ladder.jsonl")


BY_RUNG = defaultdict(list)
for one in RECORDS:
    BY_RUNG[one.rung, one.recipe].append(one)


def test_what_is_recorded_is_whole_and_of_today():
    """Runs are added as they come; what is there has seeds 0, 1, … and counts."""
    for records in BY_RUNG.values():
        assert sorted(one.seed for one in records) == list(range(len(records)))
    assert all(map(is_current, RECORDS))


def test_a_record_says_what_was_trained_and_where_it_came_from():
    for record in RECORDS:
        rung = rungs.get(record.rung)
        recipe = rung.recipe(record.recipe)
        assert record.parameters == rung.voters * counting.count(rung.spec).trainable
        assert record.epochs == recipe.epochs
        assert (record.data, record.data_sha256) == ("mnist", release_sha256())
        assert record.validation_images == record.test_images == 10_000
        clean = all(re.fullmatch("[0-9a-f]{40}", one) for one in record.commits)
        assert clean, "from a clean checkout"
        assert {"python", "numpy", "torch"} <= set(record.versions)
        assert record.command.startswith("dlnotes ladder run ")
        # no run fell apart: the test accuracy lies where validation said, within sampling error
        assert abs(record.test - record.validation) < 0.005


def test_each_rung_gains_on_the_one_below():
    """Of those that have their five seeds."""
    means = [
        sum(one.test for one in BY_RUNG[rung, "modern"]) / 5
        for rung in ("1", "2", "3", "4", "5")
        if len(BY_RUNG[rung, "modern"]) == 5
    ]
    assert means == sorted(means)


def test_a_committee_has_the_votes_of_the_recorded_networks():
    for record in RECORDS:
        rung = rungs.get(record.rung)
        if rung.voters_of:
            voters = BY_RUNG[rung.voters_of, record.recipe]
            assert set(record.group) == set(rung.voter_seeds(record.seed))
            assert set(record.group) <= {one.seed for one in voters}

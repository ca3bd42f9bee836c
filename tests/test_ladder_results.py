"""The committed records of the ladder: complete, of MNIST, and with what they came from."""

import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from dlnotes import counting, torch_models
from dlnotes.data import mnist_sample, trained_cnn
from dlnotes.data.mnist import release_sha256
from dlnotes.ladder import export, rungs
from dlnotes.ladder.records import answers, is_current, read

FOLDER = Path(__file__).resolve().parents[1] / "book" / "results"
RECORDS = read(FOLDER / "ladder.jsonl")


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


def test_each_rung_has_five_seeds_and_gains_on_the_one_below():
    """As far up as the modern recipe is recorded; between 5 and 6b nothing can be told apart."""
    for rung in ("0a", "0b", "1", "2", "3", "4", "5", "6a", "6b", "6c"):
        assert len(BY_RUNG[rung, "modern"]) == 5
    climb = ("1", "2", "3", "4", "5")
    means = [sum(one.test for one in BY_RUNG[rung, "modern"]) / 5 for rung in climb]
    assert means == sorted(means)


def test_a_committee_has_the_votes_of_the_recorded_networks():
    for record in RECORDS:
        rung = rungs.get(record.rung)
        if rung.voters_of:
            voters = BY_RUNG[rung.voters_of, record.recipe]
            assert set(record.group) == set(rung.voter_seeds(record.seed))
            assert set(record.group) <= {one.seed for one in voters}


def test_the_exported_network_is_a_recorded_one_and_the_best_on_validation():
    with np.load(FOLDER / "rung5.npz") as file:
        record = export.best(FOLDER / "ladder.jsonl", "5", "modern")
        assert (str(file["run"]), str(file["answers"])) == (str(record), record.answers)
        parameters = trained_cnn()
        assert sum(map(np.size, parameters.values())) == record.parameters
        said = answers(FOLDER / "ladder.jsonl", record).test[: export.LOGITS]
        np.testing.assert_array_equal(file["logits"].argmax(1), said)
    module = torch_models.build(rungs.get("5").spec).eval()
    module.load_state_dict({name: torch.from_numpy(one) for name, one in parameters.items()})
    images, digits = mnist_sample()
    with torch.inference_mode():
        assert (module(torch.from_numpy(images)).argmax(1).numpy() == digits).mean() >= 0.97
    assert (FOLDER / "rung5.npz").stat().st_size < 400_000

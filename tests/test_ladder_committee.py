"""Committees: their networks are those of another rung, trained once and kept with the states."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlnotes.data import load, load_test_labels
from dlnotes.ladder import records, rungs, running
from dlnotes.ladder._engine.checkpoint import Checkpoint
from dlnotes.ladder.running import Job, do_all, kept_of, plan
from ladder_cases import small_data, small_rung

ASKED = small_rung(asked=True, epochs=2)
RUNGS = (
    replace(ASKED, name="s"),
    replace(ASKED, name="v", asked=False, voters=3, voters_of="s"),
)
LABELS = load_test_labels("digits")


@pytest.fixture(autouse=True)
def small_ladder(monkeypatch):
    monkeypatch.setattr(rungs, "RUNGS", RUNGS)
    monkeypatch.setattr(running, "_loaded", lambda name: small_data())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ladder.jsonl"


def climb(path, names, seeds, **more):
    """Do what is not done; return the failures."""
    jobs = plan(names, "modern", seeds, records.done(path), data="digits", **more)
    return do_all(jobs, path, states=path.parent / "states")


def test_a_committee_brings_its_networks_with_it_and_none_is_trained_twice():
    done = frozenset({("s", "modern", 0), ("s", "modern", 4)})
    jobs = plan(["v"], "modern", [0, 1], done, together=5)
    assert [str(job) for job in jobs] == [
        "rung s, modern, seeds 1, 2, 3, 5",
        "rung v, modern, seed 0",
        "rung v, modern, seed 1",
    ]
    assert len(plan(["s", "v"], "modern", [0, 1], frozenset())) == 6 + 2
    assert plan(["v"], "modern", [0], frozenset({("v", "modern", 0)})) == []


def test_a_committee_is_recorded_with_what_its_networks_say_together(path):
    assert climb(path, ["v"], [1], together=2) == ()
    *voters, one = records.read(path)
    assert [(record.rung, record.seed) for record in voters] == [("s", 3), ("s", 4), ("s", 5)]
    assert (one.rung, one.seed, one.group) == ("v", 1, (3, 4, 5))
    assert one.parameters == 3 * voters[0].parameters
    assert one.seconds == pytest.approx(sum(record.seconds for record in voters))
    assert one.history[one.epoch - 1] == one.validation == max(one.history)
    kept = [kept_of(record, path.parent / "states").read() for record in voters]
    classes = np.stack([state["classes"][one.epoch - 1] for state in kept])
    chances = np.stack([state["probabilities"][one.epoch - 1].float() for state in kept])
    found = records.answers(path, one)
    both = np.concatenate([found.validation, found.test])
    for image in range(classes.shape[1]):
        counts = np.bincount(classes[:, image], minlength=10)
        tied = np.flatnonzero(counts == counts.max())
        mean = chances[:, image].mean(0)
        assert both[image] == tied[mean[tied].argmax()]
    assert one.test == (found.test == LABELS).mean()


def test_the_networks_of_a_committee_are_not_trained_again(path):
    assert climb(path, ["s"], range(3)) == ()
    before = path.read_bytes()
    assert climb(path, ["v"], [0]) == ()
    assert path.read_bytes().startswith(before)
    assert [one.rung for one in records.read(path)] == ["s", "s", "s", "v"]


def test_the_network_of_the_chosen_epoch_is_kept(path):
    climb(path, ["s"], [0])
    (one,) = records.read(path)
    states = path.parent / "states"
    assert {file.suffix for file in states.iterdir()} == {".pt", ".lock"}
    from dlnotes import torch_models

    module = torch_models.build(ASKED.spec).eval()
    module.load_state_dict(kept_of(one, states).read()["network"])
    with torch.no_grad():
        classes = module(torch.from_numpy(load("digits").test_images)).argmax(1).numpy()
    assert np.array_equal(classes, records.answers(path, one).test)


def test_votes_that_are_gone_are_told_and_all_else_stands(path):
    climb(path, ["s"], range(4))
    before = path.read_bytes()
    lost = kept_of(records.read(path)[1], path.parent / "states")
    lost.remove()
    (failure,) = climb(path, ["v"], [0])
    assert str(failure.task) == "rung v, modern, seed 0"
    assert (
        f"the votes of rung s, modern, seed 1 must be where the states are; got no file {lost.path}"
        in (failure.reason)
    )
    assert "name their folder with --states" in failure.reason
    assert path.read_bytes() == before


def test_a_damaged_file_of_votes_is_told(path):
    climb(path, ["s"], range(3))
    kept_of(records.read(path)[2], path.parent / "states").path.write_bytes(b"rubbish")
    (failure,) = climb(path, ["v"], [0])
    assert "cannot be read as a state of a run" in failure.reason


def test_networks_that_failed_are_told_by_their_committee(path, monkeypatch):
    def fails(job, **options):
        raise OSError("no space left on device")

    monkeypatch.setattr(running, "do", fails)
    *_, failure = climb(path, ["v"], [0])
    assert (
        "the networks of rung v, modern, seed 0 must be recorded; got none of rung s with seed"
        in (failure.reason)
    )
    assert Job("v", "modern", (0,), data="digits") == failure.task


def test_no_state_is_left_of_what_is_recorded(path):
    climb(path, ["s"], [0])
    whole = [file for file in path.parent.rglob("*.pt") if ".kept" not in file.name]
    assert whole == []
    assert Checkpoint(path.parent / "none.pt").read() is None

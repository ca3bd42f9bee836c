"""What is asked for, what is still to do, and where it came from."""

import os
import platform
import subprocess

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlnotes.ladder import rungs
from dlnotes.ladder._engine import provenance
from dlnotes.ladder.rungs import select
from dlnotes.ladder.running import BOOK_RECORDS, Job, plan, records_file

NAMES = rungs.names()

# ---- rungs by name -------------------------------------------------------------------------------


@given(st.lists(st.sampled_from(NAMES), min_size=1))
def test_names_with_commas_are_those_rungs_in_the_ladders_order(chosen):
    assert select(",".join(chosen)) == tuple(name for name in NAMES if name in chosen)
    assert select(" , ".join(chosen)) == select(",".join(chosen))


@given(st.integers(0, len(NAMES) - 1), st.integers(0, len(NAMES) - 1))
def test_a_range_has_both_ends(first, last):
    text = f"{NAMES[first]}-{NAMES[last]}"
    if first <= last:
        assert select(text) == NAMES[first : last + 1]
    else:
        with pytest.raises(ValueError, match=f"backwards; got '{text}'; write {NAMES[last]}-"):
            select(text)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("all", NAMES),
        ("6", ("6a", "6b", "6c")),
        ("0", ("0a", "0b")),
        ("5-6", ("5", "6a", "6b", "6c")),
        ("6-7", ("6a", "6b", "6c", "7")),
        ("7,1,1", ("1", "7")),
    ],
)
def test_numbers_stand_for_all_their_letters(text, chosen):
    assert select(text) == chosen


@pytest.mark.parametrize("text", ["", ",", "1,", "1-", "-1", "9", "1-9", "six", "1--2", "a"])
def test_what_is_no_rung_is_refused(text):
    with pytest.raises(ValueError, match=r"ladder: there is no rung .*; .*the rungs are 0a, 0b, 1"):
        select(text)


# ---- what is still to do -------------------------------------------------------------------------


@given(
    done=st.frozensets(
        st.tuples(st.sampled_from(["1", "2"]), st.just("modern"), st.integers(0, 9))
    ),
    seeds=st.integers(0, 8),
    together=st.integers(1, 9),
)
def test_every_run_is_planned_once_unless_it_is_done(done, seeds, together):
    jobs = plan(["1", "2"], "modern", range(seeds), done, together=together, device="cuda")
    runs = [(job.rung, job.recipe, seed) for job in jobs for seed in job.seeds]
    wanted = {(rung, "modern", seed) for rung in ("1", "2") for seed in range(seeds)}
    assert sorted(runs) == sorted(wanted - done)
    assert all(1 <= len(job.seeds) <= together for job in jobs)
    assert {job.device for job in jobs} <= {"cuda"}


def test_other_recipes_are_other_runs():
    done = frozenset({("1", "modern", 0)})
    assert plan(["1"], "faithful", [0], done) == [Job("1", "faithful", (0,))]


def test_mnist_is_recorded_in_the_book_and_other_data_in_the_cache(monkeypatch, tmp_path, root):
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path))
    assert records_file("mnist") == BOOK_RECORDS == root / "book" / "results" / "ladder.jsonl"
    assert records_file("digits") == tmp_path / "ladder" / "digits.jsonl"
    installed = tmp_path / "site-packages" / "dlnotes" / "_book" / "results" / "ladder.jsonl"
    installed.parent.mkdir(parents=True)
    monkeypatch.setattr("dlnotes.ladder.running.BOOK_RECORDS", installed)
    assert records_file("mnist") == tmp_path / "ladder" / "mnist.jsonl"


# ---- where it came from --------------------------------------------------------------------------


def test_versions_and_device_are_those_of_this_process(monkeypatch):
    assert provenance.versions() == {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
    }
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert provenance.device_words("cpu").endswith(", 1 core")
    assert provenance.device_words("mps") == provenance.device_words("cpu") + ", its mps"
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"accelerator at {device}")
    assert provenance.device_words("cuda:1") == "accelerator at cuda:1"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder in a repository of its own, in place of the package."""
    monkeypatch.setattr(provenance, "_PACKAGE", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    provenance.commit.cache_clear()
    yield tmp_path
    provenance.commit.cache_clear()


def test_a_commit_is_told_and_that_files_differ_from_it(package):
    assert provenance.commit() == "unknown"
    (package / "a.py").write_text("1")
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-qm", "a"]):
        subprocess.run(["git", *words], cwd=package, check=True)
    head = ["git", "rev-parse", "HEAD"]
    wanted = subprocess.run(head, cwd=package, check=True, capture_output=True, text=True).stdout
    provenance.commit.cache_clear()
    assert provenance.commit() == wanted.strip()
    (package / "a.py").write_text("2")
    assert provenance.commit() == wanted.strip()  # what was loaded does not change any more
    provenance.commit.cache_clear()
    assert provenance.commit() == wanted.strip() + "+changes"


def test_without_git_a_commit_is_unknown(package, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance.commit() == "unknown"

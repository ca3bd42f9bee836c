"""What records are counted from: the answers beside them, the labels, the digest of a recipe."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlnotes.ladder import rungs
from dlnotes.ladder.record import to_line
from dlnotes.ladder.records import RecordsError, append, done, is_current, read, repair
from dlnotes.ladder.records import answers as answers_of
from dlnotes.ladder.records import labels as labels_of
from ladder_records import IMAGES, add, answers, labels, record

GOOD = to_line(record()) + to_line(record(seed=1))


def test_the_answers_are_read_as_they_were_given(tmp_path):
    path = tmp_path / "ladder.jsonl"
    add(path, one := record())
    given, found = answers(one.validation, one.test), answers_of(path, one)
    assert np.array_equal(found.validation, given.validation)
    assert np.array_equal(found.test, given.test)
    assert np.array_equal(labels_of(path).test, labels().test)
    assert (found.test == labels_of(path).test).sum() == one.test * IMAGES
    assert max(file.stat().st_size for file in (tmp_path / "ladder").iterdir()) < 10_000


@pytest.mark.parametrize("spoil", [lambda file: file.write_bytes(b"x"), Path.unlink])
@pytest.mark.parametrize("which", ["1-modern-1-*.npz", "labels.npz"])
def test_answers_that_are_gone_or_damaged_are_told_and_their_lines_moved_away(
    tmp_path, spoil, which
):
    path = tmp_path / "ladder.jsonl"
    add(path, record(), record(seed=1))
    (file,) = (tmp_path / "ladder").glob(which)
    spoil(file)
    number = 1 if which == "labels.npz" else 2
    with pytest.raises(RecordsError, match=f"line {number} of .* the file of .*{file.name} is"):
        read(path)
    assert repair(path).read_bytes() == (GOOD if number == 1 else to_line(record(seed=1)))
    assert len(read(path)) == number - 1


def test_answers_that_do_not_fit_their_record_do_not_enter(tmp_path):
    path = tmp_path / "ladder.jsonl"
    with pytest.raises(RecordsError, match=r"its test is 0\.9771, and .* right answers is 0\.9"):
        append(path, [(record(), answers(0.978, 0.9))], labels())
    assert not path.exists()


def test_a_run_whose_recipe_has_changed_counts_no_more_and_is_replaced(tmp_path):
    path = tmp_path / "ladder.jsonl"
    old = record(digest="ef" * 32, test=0.5)
    add(path, old, record(seed=1))
    assert [is_current(one) for one in read(path)] == [False, True]
    assert done(path) == {("1", "modern", 1)}
    assert add(path, record()) == (record(),)
    assert read(path) == (record(seed=1), record())
    assert sorted(file.name[:10] for file in (tmp_path / "ladder").iterdir()) == [
        "1-modern-0",
        "1-modern-1",
        "labels.npz",
    ]


@pytest.mark.parametrize("which", [("9", "modern"), ("1", "quick")])
def test_a_run_of_what_is_no_more_does_not_count(which):
    assert not is_current(record(*which))


def test_a_digest_tells_recipes_networks_and_images_apart_and_no_words():
    digests = {rungs.digest(one, name) for one in rungs.RUNGS for name in rungs.RECIPES}
    assert len(digests) == len(rungs.RECIPES) * len(rungs.RUNGS)
    rung = rungs.get("4")
    assert rungs.digest(replace(rung, title="x", published=0.5, concept="y"), "modern") == (
        rungs.digest(rung, "modern")
    )
    for name, value in (("rate", 0.3), ("start", "origin"), ("epochs", 13), ("order", "file")):
        other = replace(rung, modern=replace(rung.modern, **{name: value}))
        assert rungs.digest(other, "modern") != rungs.digest(rung, "modern")
        assert rungs.digest(other, "faithful") == rungs.digest(rung, "faithful")

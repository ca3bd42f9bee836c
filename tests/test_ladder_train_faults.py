"""What a training says where it cannot go on, and what it leaves as it was."""

import errno
import re
from dataclasses import replace
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch

from dlnotes.ladder._engine import checkpoint
from dlnotes.ladder._engine.checkpoint import Checkpoint, CheckpointError
from dlnotes.ladder._engine.outcome import Progress
from dlnotes.ladder._engine.progress import describe, logged
from dlnotes.ladder._engine.train import Run, TrainingError, checkpoint_of
from ladder_cases import small_data, small_rung

DATA = small_data()


@pytest.fixture
def make(tmp_path):
    """Return a small run that keeps its states in the test's folder."""

    def made(seeds=(0,), data=DATA, **changes):
        return Run(small_rung(**changes), "modern", seeds, data, folder=tmp_path, every=0)

    return made


# ---- losses


def test_a_loss_that_is_no_number_stops_the_training(make, tmp_path):
    run = make(rate=1e20)
    with pytest.raises(
        TrainingError, match=r"rung small \(modern\).*at step 10 of 30.*seed 0 with"
    ):
        run.train()
    assert not list(tmp_path.glob("*.pt")), "a state with broken numbers was kept"


def test_the_seed_whose_loss_is_no_number_is_named(make):
    run = make((3, 8, 9))
    with torch.no_grad():
        run.net.linear2_bias[1] = torch.nan
    with pytest.raises(TrainingError, match=r"for seed 8 with rate=0\.05; lower the rate, and"):
        run.train()


def test_images_that_are_not_finite_are_noticed(make):
    images = DATA.train_images.copy()
    images[:, 0, 3, 4] = np.inf
    with pytest.raises(TrainingError, match="images whose values are not finite"):
        make(data=replace(DATA, train_images=images)).train()


# ---- states


def test_a_full_disk_stops_with_a_message_and_the_earlier_state_stands(make, monkeypatch, tmp_path):
    run, saves = make(), []

    def save(state, file, torch_save=torch.save):
        saves.append(state["step"])
        if len(saves) == 2:
            file.write(bytes(100))
            raise OSError(errno.ENOSPC, "No space left on device")
        torch_save(state, file)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint.torch, "save", save)
        with pytest.raises(
            CheckpointError, match=r"No space left.*free space there, or name another"
        ):
            run.train()
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".lock", ".pt"]
    again = make()
    again.train()
    whole = make()
    whole.checkpoint = Checkpoint(tmp_path / "whole.pt")
    whole.train()
    assert saves == [10, 20]
    assert again.finish()[0].history == whole.finish()[0].history


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to stand for a full disk")
def test_the_writer_of_torch_on_a_full_disk_is_told_in_the_same_words(tmp_path, monkeypatch):
    (tmp_path / "state.pt.new").symlink_to("/dev/full")
    said = r"cannot be written to .*; got OSError: \[Errno 28\] No space left on device; free space"
    with pytest.raises(CheckpointError, match=said):
        Checkpoint(tmp_path / "state.pt").write({"net": torch.zeros(10**6)})
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("no folder")
    run = Run(small_rung(), "modern", [0], DATA, folder=tmp_path / "file" / "states")
    with pytest.raises(CheckpointError, match="name another folder with --states"):
        run.train()


@pytest.mark.parametrize("content", [b"", b"no state", bytes(2000)])
def test_a_damaged_state_is_told_and_not_trained_over(make, content):
    run = make()
    run.checkpoint.path.write_bytes(content)
    with pytest.raises(
        CheckpointError, match=r"cannot be read as a state of a run.*remove the file"
    ):
        run.train()
    assert run.checkpoint.path.read_bytes() == content


def test_a_state_serves_its_own_run_alone():
    def name(rung=None, recipe="modern", seeds=(0,), data=DATA, device="cpu"):
        return checkpoint_of(rung or small_rung(), recipe, seeds, data, Path(), device).path.name

    others = [
        name(small_rung(rate=0.04)),
        name(small_rung(expanded=True)),
        name(small_rung(dropout=False)),
        name(small_rung(start="origin")),
        name(recipe="faithful"),
        name(seeds=(1,)),
        name(seeds=(0, 1)),
        name(data=replace(DATA, sha256="0" * 64)),
        name(device="cuda"),
    ]
    assert len({name(), *others}) == 1 + len(others)
    assert name() == name(small_rung(epochs=3))


def test_the_state_of_many_seeds_has_a_name_that_files_can_have():
    run, other = (checkpoint_of(small_rung(), "modern", range(n), DATA, Path()) for n in (300, 301))
    assert len(f"{run.path.name}.lock") < 255
    assert run.path.name != other.path.name


def test_a_run_that_another_process_has_is_waited_for_and_said_so(make):
    first, second, told = make(), make(), []

    def begin_too(progress):
        if progress.step == 10:
            other.start()
            while not told:
                other.join(0.01)

    other = Thread(target=second.train, kwargs={"waiting": lambda: told.append(first.step)})
    first.train(begin_too)
    other.join()
    assert told == [10]
    assert second.finish()[0].history == first.finish()[0].history
    assert second.step == 30


def test_a_run_that_has_ended_trains_no_more(make):
    first = make()
    first.train()
    again, steps = make(), []
    again.train(steps.append)
    assert steps == []
    assert (again.finish()[0].history, again.step) == (first.finish()[0].history, 30)


def test_without_a_folder_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path))
    Run(small_rung(), "modern", [0], DATA, every=0).train()
    assert list(tmp_path.rglob("*")) == []


# ---- progress


def test_progress_is_told_after_every_look(make):
    told = []
    make().train(told.append)
    assert [(one.step, one.epoch) for one in told] == [(10, 1), (20, 2), (30, 3)]
    assert all(one.steps == 30 and one.rate > 0 for one in told)
    assert [one.validation for one in told] == sorted(one.validation for one in told)


def test_a_line_is_logged_after_each_epoch(make, capsys):
    with logged("rung small") as report:
        make().train(report)
        report(Progress(30, 30, 3, 3, 1.0, 0.5))
    said = re.findall(
        r"^\d\d:\d\d:\d\d rung small: epoch (\d) of 3, best validation \d\d\.\d\d%, 0:\d\d left$",
        capsys.readouterr().err,
        re.MULTILINE,
    )
    assert said == ["1", "2", "3"]


def test_the_time_left_is_written_as_a_clock():
    assert describe(Progress(0, 100, 0, 2, 0.0, 0.0)) == "epoch 0 of 2, ? left"
    assert describe(Progress(50, 100, 1, 2, 0.01, 0.5)).endswith("50.00%, 1:23:20 left")

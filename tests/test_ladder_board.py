"""Progress of several processes in one line, on a terminal alone."""

import io
import sys

import pytest

from dlnotes.ladder import board, running
from dlnotes.ladder.board import Note, painted, read
from dlnotes.ladder.outcome import Progress
from dlnotes.ladder.progress import describe


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress(step, epoch):
    return Progress(step, 12_000, epoch, 12, 100.0, 0.0)


def test_notes_are_read_as_they_were_left_and_too_many_are_not_written(tmp_path, monkeypatch):
    note = Note("rung 4", tmp_path)
    note(progress(600, 0))
    note(progress(601, 0))
    assert read(tmp_path) == [describe("rung 4", progress(600, 0))]
    monkeypatch.setattr(board, "_EVERY", 0.0)
    note(progress(6000, 6))
    (tmp_path / "0.json").write_text("cut")
    assert read(tmp_path) == [describe("rung 4", progress(6000, 6))]
    Note("rung 4", tmp_path / "gone")(progress(600, 0))


def test_all_notes_are_painted_and_what_is_printed_has_a_line_of_its_own(monkeypatch):
    monkeypatch.setattr(board, "_EVERY", 0.01)
    monkeypatch.setenv("COLUMNS", "70")
    stream = Terminal()
    with painted(stream) as one:
        for name in ("1", "2"):
            note = Note(f"rung {name}", one.folder)
            note.path = one.folder / f"{name}.json"
            note(progress(600, 0))
        while "|" not in stream.getvalue():
            pass
        with one.cleared():
            assert stream.getvalue().endswith("\r\x1b[K")
            stream.write("said\n")
    lines = stream.getvalue().split("\r\x1b[K")
    assert max(map(len, lines)) <= 70
    assert lines[-1] == ""
    assert "said\n" in lines
    assert any(line.startswith("rung 1    5%  epoch 1/12  1:54 left  |  rung 2") for line in lines)
    assert not one.folder.exists()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_nothing_is_painted_without_a_terminal_or_where_it_is_not_wanted(stream):
    with painted(stream, active=not stream.isatty()) as one, one.cleared():
        assert one.folder is None
    assert stream.getvalue() == ""


def test_trainings_in_processes_leave_notes_and_those_of_a_cluster_none(monkeypatch, tmp_path):
    """Done in this process; the tests of the cluster begin real ones."""
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path))
    monkeypatch.setattr(board, "_EVERY", 0.01)
    folders = []

    def perform(asked, work, keep, **_):
        folders.append(getattr(work, "keywords", {}).get("notes"))
        for one in asked:
            keep(one, work(one))
        return ()

    monkeypatch.setattr(running.cluster, "perform", perform)
    for more, path in (({"processes": 2}, "a"), ({"processes": 2, "scheduler": "x"}, "b")):
        monkeypatch.setattr(sys, "stderr", stream := Terminal())
        job = running.Job("1", "modern", (0,), data="digits")
        running.do_all([job], tmp_path / path, told=lambda _: print("told", file=stream), **more)
        shown = stream.getvalue()
        assert ("rung 1, modern, seed 0" in shown) is (path == "a")
        assert "told\n" in shown.split("\r\x1b[K")
    assert folders[0].name.startswith("dlnotes-")
    assert folders[1] is None

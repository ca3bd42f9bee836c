"""`dlnotes ladder` when something is wrong: a clear message, an exit code, records untouched."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest
from typer.testing import CliRunner

from cluster_tasks import cluster
from dlnotes.cli import make_app
from dlnotes.data import DataError, load
from dlnotes.ladder import running
from dlnotes.ladder._engine import cluster as cluster_module
from dlnotes.ladder.record import to_line
from dlnotes.ladder.records import read
from ladder_records import add, answers, labels, record
from small_mnist import contents


def finished(*some):
    """Records as a job returns them."""
    return tuple(running.Finished(one, answers(one.validation, one.test), {}) for one in some)


DIGITS = {"data": "digits", "data_sha256": load("digits").sha256}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("DLNOTES_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DLNOTES_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def invented(monkeypatch):
    """Labels that fit records that nothing was trained for."""
    monkeypatch.setattr(running, "_labels", lambda digits: labels())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ladder.jsonl"


def ends(code, *words):
    """What the command says on its error output in the end; boxes and line breaks taken out."""
    done = CliRunner().invoke(make_app(), ["ladder", *map(str, words)], prog_name="dlnotes")
    assert done.exit_code == code, (done.output, done.exception)
    return re.sub(r"[\s│]+", " ", done.stderr)


def run(path, *words):
    usual = ("--seeds", "2", "--data", "digits", "--recipe", "modern")
    return ("run", "--rungs", "1", *usual, "--records", path, *words)


# ---- asked for wrongly: exit code 2 --------------------------------------------------------------

MISUSES = {
    "a rung that is none": (
        ("run", "--rungs", "6d"),
        "Invalid value for --rungs: ladder: there is no rung '6d'; did you mean 6",
    ),
    "a range that is none": (("run", "--rungs", "5-2"), "not run backwards; got '5-2'; write 2-5"),
    "no rung": (("run", "--rungs", ""), "there is no rung ''; "),
    "no rungs": (("run",), "Missing option '--rungs'"),
    "a recipe that is none": (("run", "--rungs", "1", "--recipe", "old"), "'old' is not one of"),
    "no seeds": (("run", "--rungs", "1", "--seeds", "0"), "for '--seeds': "),
    "no jobs": (("run", "--rungs", "1", "--jobs", "0"), "for '--jobs': "),
    "a device that is none": (
        ("run", "--rungs", "1", "--device", "abacus"),
        "no such device here; got 'abacus'; here are: cpu",
    ),
    "data that are none": (("show", "--data", "letters"), "'letters' is not one of"),
    "a form that is none": (("show", "--format", "xml"), "'xml' is not one of"),
    "a picture of another kind": (("plot", "ladder.png"), "got ladder.png; name a file that ends"),
    "an export of another kind": (("export", "net.pt"), "got net.pt; name a file that ends in"),
    "no command": (("walk",), "No such command 'walk'"),
}


@pytest.mark.parametrize("kind", MISUSES)
def test_what_is_asked_for_wrongly_is_told(kind):
    words, message = MISUSES[kind]
    assert message in ends(2, *words)


def test_digits_do_not_enter_the_books_records():
    book = running.BOOK_RECORDS
    before = book.read_bytes() if book.exists() else None
    for file in (book, book.parent / "new.jsonl"):
        message = ends(2, "run", "--rungs", "1", "--data", "digits", "--records", file)
        assert "the book's records are of MNIST alone; got --data digits; name another" in message
    assert not (book.parent / "new.jsonl").exists()
    assert (book.read_bytes() if book.exists() else None) == before


# ---- it did not work: exit code 1 ----------------------------------------------------------------


def test_a_damaged_file_of_records_is_told_and_repaired(path):
    good = to_line(record(**DIGITS))
    add(path, record(**DIGITS))
    path.write_bytes(good + good[:50])
    for words in (run(path), ("show", "--records", path), ("plot", "x.svg", "--records", path)):
        message = ends(1, *words)
        assert f"dlnotes: read: line 2 of {path} is no record" in message
        assert "`dlnotes ladder repair` moves such lines" in message
        assert path.read_bytes() == good + good[:50]
    ends(0, "repair", "--records", path)
    assert path.read_bytes() == good
    (aside,) = path.parent.glob("*.broken")
    assert aside.read_bytes() == good[:50]
    ends(0, "show", "--records", path)


def test_runs_that_do_not_count_are_named_and_left_out(path):
    add(path, record("9"), record(digest="ef" * 32), record(seed=1), record("2", "quick"))
    done = CliRunner().invoke(
        make_app(), ["ladder", "show", "--format", "json", "--records", str(path)]
    )
    assert [(row["rung"], row["seeds"]) for row in json.loads(done.stdout)] == [("1", [1])]
    said = done.stderr.splitlines()
    assert said[0].startswith("dlnotes: rung 9, modern, seed 0 does not count: ladder: there is no")
    assert said[1] == (
        "dlnotes: rung 1, modern, seed 0 does not count: its recipe has changed since; "
        "dlnotes ladder run trains it again"
    )
    assert "rung 2, quick, seed 0 does not count: ladder: there is no recipe" in said[2]
    assert len(said) == 3


def test_a_run_whose_recipe_has_changed_is_trained_again_and_replaced(path, monkeypatch, invented):
    add(path, old := record(digest="ef" * 32, **DIGITS), record(seed=1, **DIGITS))
    monkeypatch.setattr(running, "do", quick)
    ends(0, *run(path))
    assert [one.digest for one in read(path)] == [record().digest] * 2
    assert old.digest not in path.read_text(encoding="utf-8")


def test_records_of_other_data_stay_alone_and_nothing_is_trained_for_them(path, monkeypatch):
    monkeypatch.setattr(running, "do", None)
    add(path, record())
    before = path.read_bytes()
    assert "append: " in ends(1, *run(path))
    assert path.read_bytes() == before


def test_what_another_process_has_recorded_meanwhile_is_not_trained_again(path, monkeypatch):
    plan = running.plan

    def planned(*words, **more):
        jobs = plan(*words, **more)
        monkeypatch.setattr(running, "plan", plan)
        ends(0, *run(path, "--seeds", "1"))
        return jobs

    monkeypatch.setattr(running, "plan", planned)
    said = ends(0, *run(path))
    assert [one.seed for one in read(path)] == [0, 1]
    assert "rung 1, modern, seed 1: epoch 20 of 20" in said
    assert "seed 0" not in said


def test_test_labels_that_cannot_be_had_are_told_before_anything_is_trained(path, monkeypatch):
    def wrong(name):
        raise DataError("load: the labels are not the published file")

    monkeypatch.setattr(running, "load_test_labels", wrong)
    running._loaded.cache_clear()
    said = ends(1, *run(path))
    assert said.strip() == "dlnotes: load: the labels are not the published file"
    running._loaded.cache_clear()


def test_an_accelerator_that_is_not_there_is_told(path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    message = ends(2, *run(path, "--device", "cuda:2"))
    assert "no such device here; got 'cuda:2'; here are: cpu, cuda:0, cuda:1" in message


def test_wrong_data_are_told(path, tmp_path, monkeypatch):
    monkeypatch.setenv("DLNOTES_DATA", str(tmp_path))
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(contents()["train_images.gz"])
    message = ends(1, "run", "--rungs", "1", "--records", path)
    assert "train-images-idx3-ubyte.gz in the folder of DLNOTES_DATA is not the publish" in message
    assert "its size must be 9912422 bytes" in message
    assert not path.exists()


@pytest.fixture
def nobody():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{taken.getsockname()[1]}"


def test_a_scheduler_that_is_not_there_is_told(path, nobody, monkeypatch):
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 0.5)
    add(path, record("2", **DIGITS))
    before = path.read_bytes()
    message = ends(1, *run(path, "--scheduler", nobody))
    assert f"no Dask scheduler answers within 0.5 s; got scheduler='{nobody}'" in message
    assert path.read_bytes() == before


def test_a_run_that_fails_leaves_the_others_recorded(path, monkeypatch, invented):
    def fails(job, **options):
        if job.seeds == (0,):
            raise OSError("no space left on device")
        return finished(record(seed=job.seeds[0], **DIGITS))

    monkeypatch.setattr(running, "do", fails)
    message = ends(1, *run(path))
    assert "dlnotes: rung 1, modern, seed 0: OSError: no space left on device" in message
    assert "1 of 2 runs are not done; all others stand" in message
    assert [one.seed for one in read(path)] == [1]


def test_nothing_to_draw_is_told(path, tmp_path):
    message = ends(1, "plot", tmp_path / "x.svg", "--records", path)
    assert "no runs with the recipe modern are recorded; dlnotes ladder run makes some" in message


def test_nothing_to_export_is_told(path, tmp_path):
    add(path, record("5"), record("8"))
    some = ("export", tmp_path / "x.npz", "--records", path, "--states", tmp_path)
    said = ends(1, *some, "--rung", "4")
    assert "got none of rung 4, modern; dlnotes ladder run --rungs 4" in said
    assert "got none of rung 8, modern" in ends(1, *some, "--rung", "8")


def test_an_error_of_the_program_itself_is_not_hidden(path, monkeypatch):
    def broken(path):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr("dlnotes.ladder.records.read", broken)
    done = CliRunner().invoke(make_app(), ["ladder", "show", "--records", str(path)])
    assert isinstance(done.exception, ValueError)


def test_a_full_disk_is_told(path):
    resource = pytest.importorskip("resource")
    add(path, record("2", **DIGITS))
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # a state does not fit
    try:
        message = ends(1, *run(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the state of the run cannot be written" in message
    assert "2 of 2 runs are not done; all others stand" in message
    assert path.read_bytes() == before


# ---- killed, stopped, sent: real processes -------------------------------------------------------


def start(path, *words, before=""):
    """The command as a process of a session of its own, as a terminal starts it."""
    code = f"{before}\nfrom dlnotes.cli import main\nmain()"
    command = [sys.executable, "-c", code, "ladder", *map(str, run(path, *words))]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, start_new_session=True, **pipes)


def first_line(process, word):
    """Wait for the first line that holds a word."""
    for line in process.stdout:
        if word in line:
            return line
    raise AssertionError(process.stderr.read())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What three seeds come to when nothing happens."""
    path = tmp_path_factory.mktemp("undisturbed") / "ladder.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLNOTES_CACHE", str(path.parent / "cache"))
        ends(0, *run(path, "--seeds", "3"))
    return numbers(path)


def numbers(path):
    assert max(Counter(one.key for one in read(path)).values()) == 1
    return {one.seed: (one.validation, one.test, one.epoch) for one in read(path)}


def test_what_is_killed_goes_on(path, undisturbed):
    process = start(path, "--seeds", "3")
    first_line(process, "seed")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    some = numbers(path)
    assert 1 <= len(some) <= 3
    assert some.items() <= undisturbed.items()
    ends(0, *run(path, "--seeds", "3"))
    assert numbers(path) == undisturbed


def test_a_cluster_gives_the_same_numbers(path, tmp_path, undisturbed):
    folder = tmp_path / "cluster"
    folder.mkdir()
    with cluster(folder, workers=1) as one:
        ends(0, *run(path, "--seeds", "3", "--scheduler", one.address))
    assert numbers(path) == undisturbed


QUICK = """
import os, sys, time
from pathlib import Path
sys.path[:0] = ["tests"]
from dlnotes.ladder import running
from test_cli_ladder_faults import quick
from ladder_records import labels
def slow(job, **options):
    if job.seeds[0] > 3:
        Path(os.environ["BEGUN"], str(job.seeds[0])).touch()
        time.sleep(60)  # on no machine it has ended when it is stopped
    return quick(job)
running.do, running._labels = slow, lambda digits: labels()
"""


def quick(job, **options):
    return finished(*(record(job.rung, seed=seed, **DIGITS) for seed in job.seeds))


STOPPED = "stopped; what is recorded stands, and the same command goes on where this one was"


def test_what_is_stopped_says_how_to_go_on(path, root, monkeypatch, invented):
    monkeypatch.chdir(root)
    begun = path.parent / "begun"
    begun.mkdir()
    monkeypatch.setenv("BEGUN", str(begun))
    process = start(path, "--seeds", "20", "--jobs", "2", before=QUICK)
    first_line(process, "seed 3")
    while len(list(begun.iterdir())) < 2:  # both processes are up, and at work
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert error.strip() == f"dlnotes: {STOPPED}"
    assert process.returncode == 130
    some = len(numbers(path))
    assert 1 <= some < 20
    monkeypatch.setattr(running, "do", quick)
    ends(0, *run(path, "--seeds", "20"))
    assert set(numbers(path)) == set(range(20))


def test_a_single_process_is_stopped_alike(path, monkeypatch, invented):
    def stopped_at_two(job, **options):
        if job.seeds == (2,):
            raise KeyboardInterrupt
        return quick(job)

    monkeypatch.setattr(running, "do", stopped_at_two)
    assert ends(130, *run(path, "--seeds", "4")).strip() == f"dlnotes: {STOPPED}"
    assert set(numbers(path)) == {0, 1}

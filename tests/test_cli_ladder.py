"""`dlnotes ladder` from end to end, on scikit-learn's digits."""

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml
from scipy import stats
from typer.testing import CliRunner

from dlnotes.cli import make_app
from dlnotes.ladder import rungs
from dlnotes.ladder.records import answers, done, read
from ladder_records import add, record


@pytest.fixture(scope="module")
def runner():
    return CliRunner()


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """An empty cache; no test reads or writes the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("DLNOTES_CACHE", str(folder))
    return folder


def dlnotes(runner, *words, code=0):
    """What the command prints; it must end with `code`."""
    done = runner.invoke(make_app(), ["ladder", *map(str, words)], prog_name="dlnotes")
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def digits(path):
    return "--data", "digits", "--recipe", "modern", "--records", path


@pytest.fixture
def recorded(tmp_path):
    """A file with runs of three rungs, one of them run once."""
    path = tmp_path / "ladder.jsonl"
    for seed, test in enumerate([0.9780, 0.9791, 0.9772]):
        add(path, record("1", seed=seed, test=test, validation=test + 0.001))
    add(path, record("6a", test=0.9944, parameters=4))
    add(path, record("2", "faithful", test=0.9871))
    add(path, record("2", test=0.9880))
    return path


# ---- list, run -----------------------------------------------------------------------------------


def test_the_list_has_the_figures_of_the_catalogue(runner, root):
    concepts = yaml.safe_load((root / "book" / "concepts.yml").read_text(encoding="utf-8"))
    shown = {concept["id"]: concept["show"] for concept in concepts}
    lines = dlnotes(runner, "list").splitlines()
    listed = {line.split()[0]: line.split()[-1] for line in lines if line.split()[1:]}
    assert [name for name in listed if name != "rung" and len(name) < 3] == list(rungs.names())
    for name in "123457":
        assert float(listed[name]) == shown[f"ladder-{name}"]["origin_accuracy"]
    six = [float(listed[name]) for name in ("6a", "6b", "6c")]
    assert six == shown["ladder-6"]["origin_accuracies"]
    assert float(listed["8"]) == shown["ladder-8"]["origin_accuracy"]
    claims = shown["depth-efficiency"]
    assert float(listed["0a"]) == claims["claimed_one_layer"]
    assert float(listed["0b"]) == claims["claimed_two_layers"]


def test_runs_are_done_once(runner, tmp_path, cache):
    path = tmp_path / "x.jsonl"
    told = dlnotes(runner, "run", "--rungs", "1", "--seeds", "2", *digits(path))
    assert "0 of 2 runs are recorded, 2 to do" in told
    assert done(path) == {("1", "modern", 0), ("1", "modern", 1)}
    for one in read(path):
        shown = f"validation {one.validation:.2%}, test {one.test:.2%}, epoch {one.epoch} of 20, "
        assert f"rung 1, modern, seed {one.seed}: {shown}" in told
    kept = sorted(file.name[:10] for file in cache.rglob("*.pt"))
    assert kept == ["1-modern-0", "1-modern-1"]  # the networks; a recorded run needs no state
    before = path.read_bytes()
    told = dlnotes(runner, "run", "--rungs", "1", "--seeds", "2", *digits(path))
    assert "2 of 2 runs are recorded, 0 to do" in told
    assert path.read_bytes() == before


def test_a_record_tells_where_it_came_from(runner, tmp_path):
    path = tmp_path / "x.jsonl"
    dlnotes(runner, "run", "--rungs", "1", "--seeds", "2", "--together", "2", *digits(path))
    first, second = read(path)
    assert (first.seed, second.seed) == (0, 1)
    assert first.data == "digits"
    assert first.test_images == first.validation_images == 300
    assert first.group == second.group == (0, 1)
    assert len(first.history) == len(first.losses) == 20
    assert first.parameters == 784 * 100 + 100 + 100 * 10 + 10
    assert first.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert first.command == (
        "dlnotes ladder run --rungs 1 --recipe modern --seeds 2 --together 2 --device cpu"
        " --data digits"
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", first.date)
    assert first.validation > 0.9


def test_digits_are_recorded_in_the_cache_with_their_own_recipe(runner, cache):
    told = dlnotes(runner, "run", "--rungs", "1", "--seeds", "1", "--data", "digits")
    assert told.startswith(str(cache / "ladder" / "digits.jsonl"))
    assert [one.recipe for one in read(cache / "ladder" / "digits.jsonl")] == ["digits"]


def test_states_lie_where_they_are_asked_for(runner, tmp_path, cache):
    folder = tmp_path / "states"
    run = ("run", "--rungs", "1", "--seeds", "1", "--states", folder)
    dlnotes(runner, *run, *digits(tmp_path / "x.jsonl"))
    assert any("kept" in file.name for file in folder.iterdir())
    assert not list(cache.rglob("*.pt"))


# ---- show ----------------------------------------------------------------------------------------


def test_a_table_has_means_and_both_intervals(runner, recorded):
    found = json.loads(dlnotes(runner, "show", "--format", "json", "--records", recorded))
    assert [(row["rung"], row["recipe"]) for row in found] == [
        ("1", "modern"),
        ("2", "faithful"),
        ("2", "modern"),
        ("6a", "modern"),
    ]
    first, tests = found[0], [0.9780, 0.9791, 0.9772]
    low, high = stats.t.interval(0.95, 2, sum(tests) / 3, stats.sem(tests))
    assert first["test_mean"] == pytest.approx(sum(tests) / 3)
    assert (first["test_low"], first["test_high"]) == pytest.approx((low, high))
    assert first["validation_mean"] - first["test_mean"] == pytest.approx(0.001)
    wilson = stats.binomtest(round(1e4 * first["test_mean"]), 10_000).proportion_ci(method="wilson")
    assert first["sampling_low"] == pytest.approx(wilson.low, abs=1e-5)
    assert first["sampling_high"] == pytest.approx(wilson.high, abs=1e-5)
    assert first["seeds"] == [0, 1, 2]
    assert first["published"] == 0.978
    assert found[1]["test_low"] is None


def test_every_format_shows_the_same(runner, recorded):
    show = ("show", "--records", recorded, "--format")
    rows = json.loads(dlnotes(runner, *show, "json"))
    table = list(csv.DictReader(io.StringIO(dlnotes(runner, *show, "csv"))))
    assert [row["test_mean"] for row in table] == [str(row["test_mean"]) for row in rows]
    assert table[0]["seeds"] == "0 1 2"
    assert table[3]["test_low"] == ""
    markdown = dlnotes(runner, *show, "markdown").splitlines()
    text = dlnotes(runner, *show, "table")
    assert len(markdown) == len(rows) + 2
    assert {line.count("|") for line in markdown} == {markdown[0].count("|")}
    for row, line in zip(rows, markdown[2:], strict=True):
        shown = [cell.strip() for cell in line.strip("|").split("|")]
        assert shown[:2] == [row["rung"], row["title"]]
        assert shown[5] == f"{100 * row['test_mean']:.2f}"
        _, title, recipe, notes, picked, test, seeds, images, validation, spread, *_ = shown
        line = (title, notes, picked, test, f"±{seeds}", f"±{images}", validation, f"±{spread}")
        part = text.partition(f"{recipe}, 0.0 hours on ")[2]
        assert re.search(r"\s+".join(re.escape(cell) for cell in line), part)
    assert "t interval" in text
    assert "Wilson" in text


def test_the_table_fits_a_terminal(recorded):
    width = {"FORCE_COLOR": "1", "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, "-m", "dlnotes.cli", "ladder", "show", "--records", str(recorded)]
    text = subprocess.run(
        command, env={**os.environ, **width}, capture_output=True, text=True, check=True
    ).stdout
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert max(map(len, plain.splitlines())) <= 80
    assert "…" not in plain
    assert "97.81 ±0.24 ±0.29" in plain


def test_one_recipe_can_be_shown(runner, recorded):
    shown = json.loads(
        dlnotes(runner, "show", "--recipe", "faithful", "--records", recorded, "--format", "json")
    )
    assert [row["rung"] for row in shown] == ["2"]


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_nothing_recorded_is_shown_as_nothing(runner, tmp_path, form):
    dlnotes(runner, "show", "--records", tmp_path / "none.jsonl", "--format", form)
    assert list(tmp_path.iterdir()) == []


def test_the_figure_of_the_notes_has_its_own_decimals_and_ours_is_picked_as_theirs(
    runner, tmp_path
):
    path = tmp_path / "ladder.jsonl"
    for seed, (validation, test) in enumerate([(0.97, 0.99), (0.98, 0.96), (0.98, 0.97)]):
        add(path, record("0a", seed=seed, validation=validation, test=test, seconds=3600.0))
    text = dlnotes(runner, "show", "--records", path)
    assert re.search(r"0a +one hidden layer of 300 +97 +96\.00 +97\.33 ", text)
    assert "modern, 3.0 hours on a processor, 2 cores" in text
    (row,) = json.loads(dlnotes(runner, "show", "--records", path, "--format", "json"))
    assert row["picked"] == 0.96


def test_the_hours_of_a_committee_are_those_of_its_networks(runner, tmp_path):
    path = tmp_path / "ladder.jsonl"
    for rung in "78":
        add(path, record(rung, seconds=7200.0))
    assert "modern, 2.0 hours on" in dlnotes(runner, "show", "--records", path)


# ---- plot ----------------------------------------------------------------------------------------


def test_the_ladder_is_drawn(runner, recorded, tmp_path):
    file = tmp_path / "ladder.svg"
    assert "3 rungs" in dlnotes(runner, "plot", file, "--records", recorded)
    text = file.read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    dlnotes(runner, "plot", file, "--records", recorded)
    assert file.read_text(encoding="utf-8") == text


def test_the_chart_has_the_accuracies_where_they_belong():
    from dlnotes.plotting.ladder import LadderPoint, accuracy_ladder

    nan = math.nan
    points = [
        LadderPoint("1", 0.978, 0.98, 0.979, 0.981, 0.977, 0.983),
        LadderPoint("8", 0.9967, 1.0, nan, nan, 0.9996, 1.0),
    ]
    ax = accuracy_ladder(points)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["1", "8"]
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]
    dots = {(round(1 - x[0], 4), y[0]) for x, y in lines if len(x) == 1}
    assert dots == {(0.978, 0), (0.98, 0), (0.9967, 1), (1.0, 1)}
    spans = {tuple(round(1 - end, 4) for end in x) for x, _ in lines if len(x) == 2}
    assert spans == {(0.977, 0.983), (0.979, 0.981), (0.9996, 1.0)}
    left, right = ax.get_xlim()
    assert left > 0.023 > right  # errors fall to the right
    with pytest.raises(ValueError, match="accuracy_ladder: no points; got 0 of them; record"):
        accuracy_ladder([])


# ---- export --------------------------------------------------------------------------------------


def test_the_network_that_is_best_on_validation_is_written(runner, tmp_path):
    path, states, file = tmp_path / "x.jsonl", tmp_path / "states", tmp_path / "net.npz"
    run = ("run", "--rungs", "1", "--seeds", "3", "--states", states, "--records", path)
    dlnotes(runner, *run, "--data", "digits")
    some = ("--rung", "1", "--data", "digits", "--states", states, "--records", path)
    told = dlnotes(runner, "export", file, *some)
    runs = read(path)
    best = max(runs, key=lambda one: (one.validation, -one.seed))
    assert f"rung 1, digits, seed {best.seed}, validation {best.validation:.2%}" in told
    with np.load(file) as found:
        assert str(found["run"]) == f"rung 1, digits, seed {best.seed}"
        assert str(found["answers"]) == best.answers
        classes = found["logits"].argmax(1)
        names = set(found) - {"run", "answers", "logits"}
        assert sum(found[name].size for name in names) == best.parameters
    assert np.array_equal(classes, answers(path, best).test)
    before = file.read_bytes()
    dlnotes(runner, "export", file, *some)
    assert file.read_bytes() == before


# ---- the command ---------------------------------------------------------------------------------


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from dlnotes.cli import make_app; make_app(); "
        "print(*{'torch', 'matplotlib', 'sklearn', 'scipy', 'joblib', 'numpy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_program_is_the_command(root):
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"dlnotes": "dlnotes.cli:main"}
    done = subprocess.run(
        [sys.executable, "-m", "dlnotes.cli", "ladder", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(word in done.stdout for word in ("list", "run", "show", "plot", "export", "repair"))

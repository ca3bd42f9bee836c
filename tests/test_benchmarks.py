"""The committed record of the benchmark has its form and keeps what is promised; no live timing."""

import json
import re

import numpy as np
import pytest

from benchmarks import conv, timing
from benchmarks.conv import LISTED, NEARBY, Row, Shape


@pytest.fixture(scope="module")
def record():
    return json.loads(conv.RECORD.read_text(encoding="utf-8"))


def test_the_record_says_what_how_when_and_where(record):
    assert set(record) == {"what", "how", "date", "machine", "versions", "listed", "nearby"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert set(record["machine"]) == {"processor", "instruction sets", "cores", "system"}
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    words = [*record["machine"].values(), *record["versions"].values(), record["how"]]
    assert all(isinstance(word, str) and word for word in words)


def test_the_record_holds_every_shape(record):
    listed, nearby = conv.read_record()
    assert [row.shape for row in listed] == LISTED
    assert [row.shape for row in nearby] == NEARBY
    assert all(row.dlnotes_ms > 0 and row.torch_ms > 0 for row in listed + nearby)


def test_the_recorded_speed_keeps_the_promise():
    listed, nearby = conv.read_record()
    assert conv.geometric_mean(listed) <= conv.LISTED_MEAN_AT_MOST == 1.25
    assert conv.geometric_mean(nearby) <= conv.NEARBY_MEAN_AT_MOST == 1.6
    assert max(row.ratio for row in listed + nearby) <= conv.NONE_ABOVE == 2.5


def test_the_summary_tells_a_missed_promise():
    def rows(*ratios):
        return [Row(LISTED[0], ratio, 1.0) for ratio in ratios]

    assert conv.geometric_mean(rows(2.0, 0.5)) == pytest.approx(1.0)
    bounds = {"mean": 1.25, "worst": 1.8}
    kept = "geometric mean 1.22 (at most 1.25: kept), worst 1.50 (at most 1.8: kept)"
    assert conv.summary(rows(1.0, 1.5), **bounds) == kept
    assert conv.summary(rows(1.0, 1.0, 1.9), **bounds).count("MISSED") == 1
    assert conv.summary(rows(1.3, 1.9), **bounds).count("MISSED") == 2
    assert conv.summary(rows(1.7, 1.7), worst=1.8).startswith("geometric mean 1.70, worst")


def test_a_measurement_runs_both_and_is_written_and_read_back(tmp_path):
    row = conv.measure(Shape(2, 3, 8, 4, 3, 1), seconds=0.0)
    assert min(row.dlnotes_ms, row.torch_ms) > 0
    path = tmp_path / "results" / "speed.json"
    conv.write_record(path, [row], [], seconds=0.0)
    assert conv.read_record(path) == ([row], [])
    assert f"{row.ratio:.2f}" in conv.table("title", [row])


def test_functions_take_turns_and_the_shortest_time_counts(monkeypatch):
    now, calls = [0.0], []

    def takes(name, *times):
        left = list(times)

        def run():
            calls.append(name)
            now[0] += left.pop(0)

        return run

    monkeypatch.setattr(timing, "clock", lambda: now[0])
    slow, fast = takes("slow", 9, 9, 5, 3, 4), takes("fast", 9, 9, 2, 1, 6)
    assert timing.best_times([slow, fast], seconds=0, least=3) == [3, 1]
    assert "".join(name[0] for name in calls[4:]) == "sffssf"


def test_threads_are_held_to_one_before_numpy_loads():
    import os

    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    assert {os.environ[name] for name in names} == {"1"}
    assert np.__version__ in conv.describe_versions()["numpy"]


def test_contributing_names_every_benchmark_and_its_record(root):
    told = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `benchmarks\.(\w+)", told, re.MULTILINE))
    programs = {
        path.stem
        for path in (root / "benchmarks").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    assert rows == programs
    records = {path.name for path in (root / "book" / "results").glob("*.json")}
    assert set(re.findall(r"\| `(\w+\.json)` \|", told)) == records

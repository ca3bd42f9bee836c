"""The committed record of a LeNet's training step has its form and keeps the promise."""

import json
import re

from benchmarks import lenet
from benchmarks.lenet import BATCH, CASES, DIGITS, LISTED, Case, Row


def test_the_record_holds_every_case_and_keeps_the_promise():
    record = json.loads(lenet.RECORD.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    rows = lenet.read_record()
    assert {kind: [row.case for row in part] for kind, part in rows.items()} == CASES
    assert max(row.ratio for row in rows["listed"]) <= lenet.RATIO_AT_MOST
    assert max(row.ratio for row in rows["nearby"]) <= lenet.CLIFF_ABOVE


def test_the_promise_is_the_issues():
    assert (BATCH, lenet.RATIO_AT_MOST) == (64, 1.6)
    assert LISTED == [DIGITS] == [Case(8, 2)]


def test_the_dense_layers_get_what_the_pools_leave():
    assert Case(8, 2).features == 16 * 2 * 2
    assert Case(32, 0).features == 16 * 5 * 5, "LeNet-5"


def test_a_missed_promise_is_told():
    rows = [Row(DIGITS, 90.0, 100.0), Row(DIGITS, 300.0, 100.0)]
    assert lenet.summary(rows[:1], 1.5) == "0.90 (at most 1.5: kept)"
    assert lenet.summary(rows, 1.5) == "3.00 (at most 1.5: MISSED)"


def test_a_measurement_is_written_and_read_back(tmp_path):
    row = lenet.measure(DIGITS, seconds=0.0)
    assert min(row.dlnotes_ms, row.torch_ms) > 0
    rows = {"listed": [row], "nearby": []}
    lenet.write_record(tmp_path / "speed.json", rows, seconds=0.0)
    assert lenet.read_record(tmp_path / "speed.json") == rows
    assert f"{row.ratio:.2f}" in lenet.table("title", [row])

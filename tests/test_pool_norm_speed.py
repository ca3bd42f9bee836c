"""The committed record of pooling and batch norm has its form and keeps the promise."""

import json
import re

import pytest

from benchmarks import pool_norm
from benchmarks.pool_norm import CASES, LISTED, Case, Row


def test_the_record_holds_every_case_and_keeps_the_promise():
    record = json.loads(pool_norm.RECORD.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    rows = pool_norm.read_record()
    assert {kind: [row.case for row in part] for kind, part in rows.items()} == CASES
    for op, bound in pool_norm.RATIO_AT_MOST.items():
        assert max(row.ratio for row in rows["listed"] if row.case.op == op) <= bound
        near = [row.ratio for row in rows["nearby"] if row.case.op == op]
        assert max(near) <= pool_norm.CLIFF_ABOVE[op]
        grown = pool_norm.growth(rows["listed"] + rows["nearby"], op)
        assert grown <= pool_norm.GROWTH_AT_MOST


def test_the_issue_names_two_of_the_cases():
    assert Case("max_pool2d", (32, 20, 24, 24)) in LISTED
    assert set(pool_norm.RATIO_AT_MOST.values()) == {2.0}


def test_a_missed_promise_is_told():
    rows = [Row(LISTED[0], 90.0, 100.0), Row(LISTED[2], 300.0, 100.0)]
    bounds = {"max_pool2d": 1.0, "batch_norm": 2.0}
    text = pool_norm.summary(rows, bounds)
    assert text == "max_pool2d 0.90 (at most 1: kept), batch_norm 3.00 (at most 2: MISSED)"


def test_growth_is_time_for_an_image():
    rows = [Row(LISTED[0], 2.0, 1.0), Row(Case("max_pool2d", (128, 20, 24, 24)), 12.0, 1.0)]
    assert pool_norm.growth(rows, "max_pool2d") == pytest.approx(1.5)


@pytest.mark.parametrize("op", ["max_pool2d", "avg_pool2d", "batch_norm"])
def test_a_measurement_is_written_and_read_back(tmp_path, op):
    row = pool_norm.measure(Case(op, (2, 3, 8, 8)), seconds=0.0)
    assert min(row.dlnotes_ms, row.torch_ms) > 0
    rows = {"listed": [row], "nearby": [], "small": []}
    pool_norm.write_record(tmp_path / "speed.json", rows, seconds=0.0)
    assert pool_norm.read_record(tmp_path / "speed.json") == rows
    assert f"{row.ratio:.2f}" in pool_norm.table("title", [row])

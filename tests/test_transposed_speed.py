"""The committed record of transposed convolution has its form and keeps the promise."""

import json
import re
from dataclasses import replace

import pytest

from benchmarks import transposed
from benchmarks.transposed import LISTED, NEARBY, Row, Shape


def test_the_record_holds_every_shape_and_keeps_the_promise():
    record = json.loads(transposed.RECORD.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    listed, nearby = transposed.read_record()
    assert [row.shape for row in listed] == LISTED
    assert [row.shape for row in nearby] == NEARBY
    for rows in (listed, nearby):
        assert transposed.geometric_mean(rows) <= transposed.MEAN_AT_MOST == 1.6
        assert max(row.ratio for row in rows) <= transposed.NONE_ABOVE == 2.5
    grown = transposed.growths(listed + nearby)
    assert len(grown) >= 3
    assert max(grown) <= transposed.GROWTH_AT_MOST


def test_a_missed_promise_is_told():
    rows = [Row(LISTED[0], 80.0, 100.0), Row(LISTED[1], 180.0, 100.0)]
    kept = "geometric mean 1.20 (at most 1.6: kept), worst 1.80 (at most 2.5: kept)"
    assert transposed.summary(rows) == kept
    assert transposed.summary([*rows, Row(LISTED[2], 990.0, 100.0)]).count("MISSED") == 2


def test_growth_is_time_for_an_image_in_four_times_the_batch():
    large = replace(LISTED[0], N=4 * LISTED[0].N)
    rows = [Row(LISTED[0], 2.0, 1.0), Row(large, 12.0, 1.0), Row(LISTED[1], 9.0, 1.0)]
    assert transposed.growths(rows) == [pytest.approx(1.5)]


def test_a_measurement_is_written_and_read_back(tmp_path):
    row = transposed.measure(Shape(2, 3, 5, 4, 4, 2, 1), seconds=0.0)
    assert min(row.dlnotes_ms, row.torch_ms) > 0
    transposed.write_record(tmp_path / "speed.json", [row], [], seconds=0.0)
    assert transposed.read_record(tmp_path / "speed.json") == ([row], [])
    assert f"{row.ratio:.2f}" in transposed.table("title", [row])

"""The committed record of the losses' speed has its form and keeps the promise; no live timing."""

import json
import re

from benchmarks import losses
from benchmarks.losses import LISTED, SMALL, Case, Row


def test_the_record_holds_every_case_and_keeps_the_promise():
    record = json.loads(losses.RECORD.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    listed, small = losses.read_record()
    assert [row.case for row in listed] == LISTED
    assert [row.case for row in small] == SMALL
    assert all(row.ratio <= losses.RATIO_AT_MOST for row in listed)


def test_time_grows_with_the_batch_and_no_faster():
    times = {row.case: row.dlnotes_us for row in losses.read_record()[0]}
    assert times[Case((1024, 1000))] / times[Case((256, 1000))] / 4 <= 1.5


def test_a_missed_promise_is_told():
    assert losses.verdict([Row(LISTED[0], 90.0, 100.0)]) == "worst 0.90 (at most 2.0: kept)"
    assert losses.verdict([Row(LISTED[0], 220.0, 100.0)]).endswith("MISSED)")


def test_a_measurement_is_written_and_read_back(tmp_path):
    row = losses.measure(Case((4, 3), 2.0), seconds=0.0)
    assert min(row.dlnotes_us, row.torch_us) > 0
    losses.write_record(tmp_path / "speed.json", [row], [], seconds=0.0)
    assert losses.read_record(tmp_path / "speed.json") == ([row], [])
    assert f"{row.ratio:.2f}" in losses.table([row])

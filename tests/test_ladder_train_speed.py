"""The engine beside the plain loop: the same results; and how both benchmarks record."""

import json
import re

import pytest
import torch

from benchmarks import ladder, ladder_device, ladder_sprint
from benchmarks.ladder import LISTED, Case, Row
from benchmarks.ladder_plain import Plain
from benchmarks.ladder_sprint import Sprint
from dlnotes.ladder.train import Run
from ladder_cases import small_data

DATA = small_data()


@pytest.mark.parametrize("case", [*LISTED, Case("1", "modern")])
def test_the_plain_loop_has_the_results_of_the_engine(case, tmp_path):
    # no two pixels are equal: where pooling finds equal values, rounding decides
    data = ladder.noise(210)
    plain = Plain(case.rung, case.recipe, 3, data)
    run = Run(case.rung, case.recipe, [3], data, folder=tmp_path)
    steps = run.epoch_steps + 2  # into the second epoch
    plain.advance(steps)
    while run.step < steps:
        run.advance(steps - run.step)
    found = plain.model.state_dict()
    for name, value in run.net.member(0).items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-5)


def test_a_row_says_how_many_times_faster_the_engine_is():
    row = Row(LISTED[1], 300.0, 120.0, 200.0, 160.0)
    assert (row.ratio, row.thread_ratio) == (2.5, 1.25)
    form = r"4 +faithful +5 +300\.0 us +120\.0 us +2\.50 +200\.0 us +160\.0 us +1\.25"
    assert re.search(form, ladder.table("x", [row]))


def test_a_measurement_is_written_and_read_back(tmp_path):
    rows = {"listed": [Row(LISTED[0], 4.0, 3.0, 2.0, 1.0)], "nearby": []}
    ladder.write_record(tmp_path / "speed.json", rows, seconds=1)
    assert ladder.read_record(tmp_path / "speed.json") == rows
    runs = [Sprint(0, 5.0, 0.99, 0.991), Sprint(1, 9.0, 0.99, 0.989), Sprint(2, 7.0, 0.99, 0.99)]
    ladder_sprint.write_record(tmp_path / "sprint.json", runs)
    assert ladder_sprint.read_record(tmp_path / "sprint.json") == runs
    text = ladder_sprint.summary(runs)
    assert text.startswith("2 of 3 runs reached 99% on the test images; median 7.0 s, from 5.0")


def test_a_sprint_takes_its_time_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(ladder_sprint, "THREADS", 1)
    found = ladder_sprint.sprint(0, DATA)
    assert found.seconds > 0
    assert 0 < found.test < 1


def record_of(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    return record


def test_many_seeds_on_one_device(tmp_path, monkeypatch):
    monkeypatch.setattr(ladder_device, "noise", lambda: ladder.noise(210))
    speed = ladder_device.measure("cpu", 3, seconds=0.0)
    assert min(speed.plain_us, speed.engine_us) > 0
    assert f"3 seeds at once on cpu: plain loop {speed.plain_us:.1f} us" in ladder_device.line(
        speed
    )
    ladder_device.write_record(tmp_path / "speed.json", speed)
    assert record_of(tmp_path / "speed.json")["speed"]["members"] == 3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_batches_of_ten_are_not_bound_by_launches():
    assert ladder_device.measure("cuda", 20, seconds=5.0).ratio >= ladder_device.RATIO_AT_LEAST

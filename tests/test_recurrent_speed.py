"""The committed record of the recurrent layers has its form and keeps the promise."""

import json
import re

import pytest

from benchmarks import recurrent
from benchmarks.recurrent import CASES, LISTED, Case, Row


def test_the_record_holds_every_case_and_keeps_the_promise():
    record = json.loads(recurrent.RECORD.read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record["date"])
    assert record["machine"]["processor"]
    assert record["kernels"] == recurrent.OWN_CHOICE
    assert set(record["versions"]) == {"python", "numpy", "torch"}
    rows = recurrent.read_record()
    assert {kind: [row.case for row in part] for kind, part in rows.items()} == CASES
    for op, bound in recurrent.RATIO_AT_MOST.items():
        assert max(row.ratio for row in rows["listed"] if row.case.op == op) <= bound
        assert recurrent.growth(rows["listed"] + rows["nearby"], op) <= recurrent.GROWTH_AT_MOST
    for op, bound in recurrent.CLIFF_ABOVE.items():
        assert max(row.ratio for row in rows["nearby"] if row.case.op == op) <= bound


@pytest.mark.parametrize("asked", ["", "Haswell"])
def test_who_chose_the_kernels_is_told(monkeypatch, asked):
    monkeypatch.setenv("OPENBLAS_CORETYPE", asked)
    wanted = f"OPENBLAS_CORETYPE={asked}" if asked else recurrent.OWN_CHOICE
    assert recurrent.chosen_by() == wanted


def test_the_issue_names_the_cases_and_the_bound():
    assert [Case("lstm", 50, 32, 64, 128), Case("gru", 50, 32, 64, 128)] == LISTED
    assert recurrent.RATIO_AT_MOST == {"lstm": 2.0, "gru": 2.0}


def test_a_missed_promise_is_told():
    rows = [Row(LISTED[0], 140.0, 100.0), Row(LISTED[1], 300.0, 100.0)]
    text = recurrent.summary(rows, recurrent.RATIO_AT_MOST)
    assert text == "lstm 1.40 (at most 2: kept), gru 3.00 (at most 2: MISSED)"


def test_growth_is_time_for_a_step():
    rows = [Row(LISTED[0], 2.0, 1.0), Row(Case("lstm", steps=200), 12.0, 1.0)]
    assert recurrent.growth(rows, "lstm") == pytest.approx(1.5)


@pytest.mark.parametrize("op", ["lstm", "gru", "rnn"])
def test_a_measurement_is_written_and_read_back(tmp_path, op):
    row = recurrent.measure(Case(op, 3, 2, 5, 7), seconds=0.0)
    assert min(row.dlnotes_ms, row.torch_ms) > 0
    path, rows = tmp_path / "speed.json", {"listed": [row], "nearby": []}
    recurrent.write_record(path, rows, seconds=0.0)
    assert recurrent.read_record(path) == rows
    assert f"{row.ratio:.2f}" in recurrent.table("title", [row])


def test_both_sides_of_a_measurement_compute_the_same(monkeypatch):
    """The time counts only if the work is the same."""
    seen = {}
    case = Case("lstm", 3, 2, 5, 7)
    module = recurrent.torch.nn.LSTM(5, 7)
    real = recurrent.torch.autograd.grad
    backward = recurrent.F.lstm_backward
    monkeypatch.setattr(recurrent.torch.autograd, "grad", lambda *a: seen.update(t=real(*a)))
    monkeypatch.setattr(
        recurrent.F, "lstm_backward", lambda *a, **k: seen.update(d=backward(*a, **k))
    )
    for call in recurrent._pair(case, module):
        call()
    for got, want in zip(seen["d"][:5], seen["t"], strict=True):
        assert got == pytest.approx(want.numpy(), rel=1e-4, abs=1e-5)

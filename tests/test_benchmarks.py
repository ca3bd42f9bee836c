"""How the benchmarks measure: in turns, one thread, the same work on both sides."""

import json
import os
import re

import numpy as np
import pytest

from benchmarks import conv, lenet, recurrent, site, size, timing
from benchmarks.recurrent import Case


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
    found = {path.name for path in (root / "book" / "results").glob("*.json")}
    records = {name for name in found if not name[0].isdigit()}  # those are of chapters
    assert set(re.findall(r"\| `(\w+\.json)` \|", told)) == records


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


@pytest.mark.parametrize("asked", ["", "Haswell"])
def test_who_chose_the_kernels_is_told(monkeypatch, asked):
    monkeypatch.setenv("OPENBLAS_CORETYPE", asked)
    wanted = f"OPENBLAS_CORETYPE={asked}" if asked else recurrent.OWN_CHOICE
    assert recurrent.chosen_by() == wanted


def test_the_dense_layers_get_what_the_pools_leave():
    assert lenet.Case(8, 2).features == 16 * 2 * 2
    assert lenet.Case(32, 0).features == 16 * 5 * 5, "LeNet-5"


def test_the_size_of_a_package_by_hand(tmp_path):
    home = tmp_path / "dlnotes"
    (home / "part").mkdir(parents=True)
    (home / "__init__.py").write_text('"""The whole."""\n')
    (home / "part" / "__init__.py").write_text('"""A part.\n\nMore.\n"""\n')
    (home / "part" / "one.py").write_text(
        'import sys\n\n\ndef f():\n    "Do it."\n    return sys\n\n\ndef _g():\n    pass\n'
    )
    (home / "_own.py").write_text("def h():\n    pass\n")
    found = size.measure(tmp_path)
    assert found["part"] == {"files": 2, "code": 5, "docstrings": 5, "public": 1}
    assert (found["_own"]["code"], found["_own"]["public"]) == (2, 0)


def test_a_call_of_conv2d_is_followed(root):
    functions, files = size.conv2d_call(root)
    assert functions >= files >= 1


def test_the_ten_recorded_pages_keep_their_bounds():
    pages = json.loads(site.RECORD.read_text("utf-8"))["pages"]
    assert list(pages) == list(site.PAGES)
    assert [fault for page, row in pages.items() for fault in site.faults(page, row)] == []
    slow = {**pages["index.html"], "desktop performance": 97}
    assert site.faults("index.html", slow) == ["desktop performance 97 < 98"]

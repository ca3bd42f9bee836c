"""The table of the three oracles holds every operation, and every number is small enough."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import dlnotes.functional as F
from oracle_cases import CASES
from oracle_table import MAKERS, TOLERANCES, gap, largest, measure, measured, table


def over(row):
    """The columns of a row that are not within the house's tolerance."""
    return [name for name, limit in TOLERANCES.items() if not getattr(row, name) <= limit]


def test_every_public_operation_has_its_case():
    backwards = {name for name in F.__all__ if name.endswith("_backward")}
    paired = {f"{name}_backward" for name in measured()} & set(F.__all__)
    assert paired == backwards
    assert set(MAKERS) <= set(F.__all__)
    differ = set(CASES) ^ set(measured())
    assert not differ, f"tests/oracle_cases.py has a case for each operation; look at {differ}"


@pytest.mark.parametrize("name", CASES)
def test_the_differences_are_below_the_tolerances(name):
    row = measure(CASES[name])
    assert row.gradients == len(CASES[name].arrays)
    assert not over(row), row


@pytest.mark.parametrize("wrong", [-1.0, 1 + 1e-5, np.nan])
def test_a_wrong_backward_pass_is_over_all_three(monkeypatch, wrong):
    right = F.tanh_backward
    monkeypatch.setattr(F, "tanh_backward", lambda dy, x: right(dy, x) * wrong)
    assert over(measure(CASES["tanh"])) == ["backward", "differences", "adjoint"]


def test_a_wrong_forward_pass_is_seen():
    shifted = replace(CASES["linear"], torch_function=lambda x, w, b: x @ w.T + b + 1e-6)
    assert over(measure(shifted)) == ["forward"]


def test_a_difference_is_relative_and_never_broadcast():
    assert gap(np.array([3.0, 4.0]), np.array([3.0, 5.0])) == pytest.approx(0.2)
    assert gap(np.zeros(2), np.zeros(2)) == 0
    assert gap(np.ones(2), np.ones((1, 2))) == np.inf
    assert gap(np.ones(2, np.float32), np.ones(2)) == np.inf
    assert np.isnan(largest([0.0, np.nan, 1.0]))


def test_the_command_prints_the_table(root):
    command = [sys.executable, root / "tests" / "oracle_table.py", "tanh", "linear"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    lines = done.stdout.splitlines()
    assert lines == table(measure(CASES[name]) for name in ("tanh", "linear")).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["`tanh`", "`linear`", "*allowed*"]
    assert len({line.count("|") for line in lines}) == 1

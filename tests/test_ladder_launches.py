"""The engine away from the processor, on a device that is only pretended."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.ladder_device import RATIO_AT_LEAST

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def told():
    program = [sys.executable, "-W", "error", str(ROOT / "tests" / "pretended_device.py")]
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        program, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_elsewhere_gives_the_numbers_of_the_processor(told):
    """No tensor is left behind, not in training, validation, states or the test at the end."""
    assert told["pretended"] == told["processor"]
    assert [one["seed"] for one in told["pretended"]] == [3, 4]


def test_the_pretended_device_refuses_tensors_that_lie_elsewhere(told):
    assert told["refused"] == "aten.add.Tensor: tensors of two devices in one operation"


def test_the_pretended_device_counts_what_would_be_launched(told):
    assert told["counted"] == [24.0, {"ones": 1, "mul": 1, "sum": 1}]


@pytest.mark.parametrize("rung", ["1", "4"])
def test_twenty_seeds_need_a_tenth_of_the_launches(told, rung):
    assert told["ratios"][rung] >= RATIO_AT_LEAST == 10

"""A run that is killed at any moment ends with the numbers of one that was left in peace."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def told(root, tmp_path_factory):
    program = [sys.executable, "-W", "error", str(root / "tests" / "ladder_kills.py")]
    path = os.pathsep.join([str(root), str(root / "tests")])
    done = subprocess.run(
        [*program, str(tmp_path_factory.mktemp("states"))],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_attempt_was_killed(told):
    assert len(told["deaths"]) == 10
    assert all(told["deaths"].values()), told["deaths"]


def test_a_killed_write_leaves_something_behind_and_is_survived(told):
    assert any(name.endswith(".pt") for name in told["left"])


def test_the_killed_run_ends_as_the_one_in_peace_bit_for_bit(told):
    assert told["killed"] == told["in peace"]


def test_the_run_has_learned_something(told):
    validation, test, epoch, history, losses, _ = told["in peace"]
    assert len(history) == len(losses) == 3
    assert losses == sorted(losses, reverse=True)
    assert validation == max(history) == history[epoch - 1]
    assert validation > 0.3
    assert 0 < test < 1

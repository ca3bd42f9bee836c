"""The promise of speed: ResNet-152's table in under 100 ms of processor time after import."""

import json
from time import process_time

from benchmarks import summary
from dlnotes import counting, specs


def test_resnet_152_in_under_100_ms():
    best = float("inf")
    for _ in range(5):
        start = process_time()
        text = str(counting.table(specs.get("resnet152")))
        best = min(best, process_time() - start)
    assert "60,192,808" in text
    assert 1000 * best < summary.MILLISECONDS_AT_MOST


def test_the_record_keeps_the_promise(root):
    record = json.loads(summary.RECORD.read_text(encoding="utf-8"))
    assert set(record["times_ms"]) == set(summary.STEPS)
    assert max(record["times_ms"].values()) < summary.MILLISECONDS_AT_MOST
    assert set(record["commands_ms"]) == set(summary.COMMANDS)


def test_the_steps_are_measured():
    times = summary.measure(seconds=0.01)
    assert set(times) == set(summary.STEPS)
    assert all(time > 0 for time in times.values())
    assert summary.table("title", {"a": 1.0}).split() == ["title", "a", "1.0", "ms"]

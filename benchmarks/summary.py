"""The layer table of ResNet-152: processor time after import, and of a fresh process.

python -m benchmarks.summary                 print the times
python -m benchmarks.summary --record        … and write book/results/summary_speed.json
python -m benchmarks.summary --seconds 10    measure for longer (default 3)
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times
from dlnotes import counting, specs

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "summary_speed.json"
NETWORK = "resnet152"
MILLISECONDS_AT_MOST = 100.0

STEPS: dict[str, Callable[[], object]] = {
    "table": lambda: counting.table(specs.get(NETWORK)),
    "table and text": lambda: str(counting.table(specs.get(NETWORK))),
    "parameters alone": lambda: counting.count(specs.get(NETWORK)),
}
COMMANDS = {
    "dlnotes --help": ["--help"],
    f"dlnotes summary {NETWORK}": ["summary", NETWORK],
    "dlnotes list --totals": ["list", "--totals"],
}


def measure(seconds: float) -> dict[str, float]:
    """Return the shortest processor time of each step, in milliseconds."""
    times = best_times(list(STEPS.values()), seconds=seconds, least=5)
    return {name: round(1000 * time, 2) for name, time in zip(STEPS, times, strict=True)}


def measure_commands(runs: int = 5) -> dict[str, float]:
    """Return the shortest processor time of each command in a process of its own."""
    return {
        name: round(min(_run(words) for _ in range(runs)), 0) for name, words in COMMANDS.items()
    }


def _run(words: list[str]) -> float:
    """Run a command; return the milliseconds of processor that it took."""
    before = os.times()
    command = [sys.executable, "-m", "dlnotes.cli", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    user = after.children_user - before.children_user
    return 1000 * (user + after.children_system - before.children_system)


def table(title: str, times: dict[str, float]) -> str:
    """Write times as a table."""
    return "\n".join([title, *(f"{name:28} {time:8.1f} ms" for name, time in times.items())])


def main() -> None:
    """Measure, print the tables, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for the steps together")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    times, commands = measure(options.seconds), measure_commands()
    worst = max(times.values())
    verdict = "kept" if worst <= MILLISECONDS_AT_MOST else "MISSED"
    print(table(f"{NETWORK} after import, {CLOCK}", times))
    print(f"at most {MILLISECONDS_AT_MOST:g} ms: {verdict}")
    print(table("commands, processor time of a fresh process", commands))
    if options.record:
        record = {
            "what": f"the layer table of {NETWORK} after import, milliseconds",
            "how": f"shortest {CLOCK}; commands: of a fresh process, imports included",
            "date": date.today().isoformat(),
            "machine": describe_machine(),
            "versions": describe_versions(),
            "times_ms": times,
            "commands_ms": commands,
        }
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()

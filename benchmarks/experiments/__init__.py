"""Experiments of the chapters whose numbers are recorded, for they take long or are chaotic.

python -m benchmarks.experiments.02-backpropagation             run them, print their numbers
python -m benchmarks.experiments.02-backpropagation digits      … this one alone
python -m benchmarks.experiments.02-backpropagation --tiny      … in seconds, as the tests do
python -m benchmarks.experiments.02-backpropagation --record    … and write the record

A file is named after its chapter. It has one function for each experiment, which returns the
numbers in a dictionary, and two more dictionaries: SETTINGS gives the arguments of each function
by its name, TINY those that are smaller in a trial. Its last lines are
``if __name__ == "__main__": main(sys.modules[__name__])``. The chapter reads the numbers with
``data.record("02-backpropagation")["experiments"]["digits"]["numbers"]``.
"""

import argparse
import hashlib
import importlib
import inspect
import json
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.machine import describe_machine, describe_versions
from dlnotes.data.records import SEAL, read_record, seal

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = ROOT / "book" / "results"
DIGITS = 6
_ROW = re.compile(r"\[[^][{}\"]*\]")


def chapters() -> list[str]:
    """List the chapters that have experiments, in order."""
    return sorted(path.stem for path in HERE.glob("[0-9][0-9]-*.py"))


def load(chapter: str) -> ModuleType:
    """Return the module of a chapter's experiments."""
    return importlib.import_module(f"{__name__}.{chapter}")


def run(module: ModuleType, name: str, *, tiny: bool = False) -> dict[str, Any]:
    """Run one experiment and return its numbers."""
    settings = module.SETTINGS[name] | (module.TINY[name] if tiny else {})
    numbers = getattr(module, name)(**settings)
    if not isinstance(numbers, dict):
        raise TypeError(f"{name} returned {type(numbers).__name__}; return a dict of numbers")
    return plain(numbers)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists, floats with six significant digits."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def digest(settings: Mapping[str, Any]) -> str:
    """Return the digest of an experiment's settings."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def problems(record: Mapping[str, Any], module: ModuleType) -> list[str]:
    """Say in what a record differs from what today's settings would write."""
    recorded, wanted = record["experiments"], module.SETTINGS
    found = [f"{name}: recorded, and no experiment of today" for name in {*recorded} - {*wanted}]
    found += [f"{name}: not recorded" for name in {*wanted} - {*recorded}]
    for name in {*wanted} & {*recorded}:
        if recorded[name]["digest"] != digest(wanted[name]):
            found.append(f"{name}: outdated, its settings were {recorded[name]['settings']}")
    return [f"{problem}; make it anew: {record['command']}" for problem in sorted(found)]


def commit() -> str:
    """Return the commit, with ``+changes`` behind it where the code differs from it."""

    def git(*words: str) -> str:
        command = ["git", "--no-optional-locks", *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "dlnotes", "benchmarks")
    return (git("rev-parse", "HEAD") or "unknown") + ("+changes" if changed else "")


def write(path: Path, module: ModuleType, done: Mapping[str, Any]) -> None:
    """Write a record; experiments that were not run stay as they were."""
    before = {}
    if path.exists() and {*module.SETTINGS} - {*done}:
        before = read_record(path)["experiments"]
    kept = {name: part for name, part in before.items() if name in module.SETTINGS}
    record: dict[str, Any] = {
        "command": f"python -m benchmarks.experiments.{path.stem} --record",
        "experiments": dict(sorted({**kept, **done}.items())),
    }
    record[SEAL] = seal(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    text = _ROW.sub(lambda row: " ".join(row[0].split()), text)  # a curve on a line of its own
    path.write_text(text + "\n", encoding="utf-8")


def main(module: ModuleType, words: Sequence[str] | None = None, results: Path = RESULTS) -> None:
    """Run the experiments that ``words`` name, print their numbers, write them if asked to."""
    chapter = Path(inspect.getfile(module)).stem
    parser = argparse.ArgumentParser(description=(module.__doc__ or "").partition("\n")[0])
    parser.add_argument("name", nargs="*", help=f"of {', '.join(module.SETTINGS)}; default all")
    parser.add_argument("--tiny", action="store_true", help="a trial that takes seconds")
    parser.add_argument("--record", action="store_true", help=f"write {chapter}.json")
    options = parser.parse_args(words)
    if unknown := {*options.name} - {*module.SETTINGS}:
        parser.error(f"no experiment {sorted(unknown)}; there are {', '.join(module.SETTINGS)}")
    if options.tiny and options.record:
        parser.error("a tiny run is a trial and makes no record")
    done = {}
    for name in options.name or module.SETTINGS:
        start = time.perf_counter()
        numbers = run(module, name, tiny=options.tiny)
        seconds = round(time.perf_counter() - start)
        print(f"{name}, {seconds} s: {json.dumps(numbers)}", flush=True)
        settings = module.SETTINGS[name]
        done[name] = {"settings": settings, "digest": digest(settings), "commit": commit()}
        done[name] |= {"machine": describe_machine(), "versions": describe_versions()}
        done[name] |= {"seconds": seconds, "numbers": numbers}
    if options.record:
        write(results / f"{chapter}.json", module, done)
        print(f"written: {chapter}.json")

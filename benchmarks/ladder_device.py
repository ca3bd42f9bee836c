"""The ladder's engine beside the plain loop on one device, many seeds at once.

python -m benchmarks.ladder_device --device cuda            print the line
python -m benchmarks.ladder_device --device cuda --record   … and write ladder_device_speed.json
python -m benchmarks.ladder_device --device cuda --groups   convolutions as groups, to compare

On an accelerator a batch of ten images is too little work: a step takes as long as it takes to
start its kernels. The engine starts them once for all seeds.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

import torch

from benchmarks.ladder import noise
from benchmarks.ladder_plain import Plain
from benchmarks.machine import describe_machine, describe_versions
from dlnotes.ladder import rungs
from dlnotes.ladder._engine.settings import steady
from dlnotes.ladder._engine.train import Run

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "ladder_device_speed.json"
RUNG, RECIPE = "4", "faithful"
RATIO_AT_LEAST = 10.0


@dataclass(frozen=True)
class Speed:
    """Wall time for an image of one network, in microseconds."""

    device: str
    members: int
    plain_us: float
    engine_us: float

    @property
    def ratio(self) -> float:
        """How many times faster the engine is."""
        return self.plain_us / self.engine_us


def measure(device: str, members: int, seconds: float, *, groups: bool = False) -> Speed:
    """Time the loops in turn; the shortest round of each counts.

    With `groups` the engine's convolutions run as they do on the processor.
    """
    plain = Plain(RUNG, RECIPE, 0, noise(), device=device)
    engine = Run(RUNG, RECIPE, range(members), noise(), device=device)
    engine.net.on_processor |= groups
    steps, batch = 50, rungs.get(RUNG).recipe(RECIPE).batch

    def engine_steps(count: int) -> None:
        goal = engine.step + count
        while engine.step < goal:  # it stops at the end of an epoch
            engine.advance(goal - engine.step)

    loops: list[Callable[[int], None]] = [plain.advance, engine_steps]
    with steady(torch.device(device)):  # both compute as a run of the ladder does
        for loop in loops:
            timed(loop, steps, device)  # warm: memory, code paths
        best, end = [float("inf")] * 2, perf_counter() + seconds
        while min(best) == float("inf") or perf_counter() < end:
            best = [min(b, timed(loop, steps, device)) for b, loop in zip(best, loops, strict=True)]
    images = steps * batch
    plain_us, engine_us = 1e6 * best[0] / images, 1e6 * best[1] / (images * members)
    return Speed(describe(device), members, round(plain_us, 2), round(engine_us, 2))


def timed(loop: Callable[[int], None], steps: int, device: str) -> float:
    """Return the wall time of so many steps, to the end of the device's work."""
    start = perf_counter()
    loop(steps)
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return perf_counter() - start


def describe(device: str) -> str:
    """Name the device in words."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def line(speed: Speed) -> str:
    """Write a measurement."""
    return (
        f"rung {RUNG}, {RECIPE}, {speed.members} seeds at once on {speed.device}: plain loop "
        f"{speed.plain_us:.1f} us, engine {speed.engine_us:.2f} us an image, "
        f"{speed.ratio:.1f} times faster"
    )


def write_record(path: Path, speed: Speed) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "wall time for an image of one network; forward, backward and step",
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "speed": asdict(speed),
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, print the line, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="as PyTorch names it")
    parser.add_argument("--members", type=int, default=20, help="seeds at once")
    parser.add_argument("--seconds", type=float, default=20.0, help="time to measure")
    parser.add_argument("--groups", action="store_true", help="convolutions as groups, to compare")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    if options.groups and options.record:
        parser.error("--groups is a comparison; the record is of the engine as it is")
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        parser.exit(1, "benchmarks.ladder_device: PyTorch finds no CUDA device here\n")
    speed = measure(options.device, options.members, options.seconds, groups=options.groups)
    print(line(speed))
    if options.record:
        write_record(RECORD, speed)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()

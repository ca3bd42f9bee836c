"""How often the ladder's engine and the plain loop launch work on an accelerator.

python -m benchmarks.ladder_launches               print the table
python -m benchmarks.ladder_launches --members 5   for so many seeds at once (default 20)
python -m benchmarks.ladder_launches --rungs 1,4   for some rungs

A faithful batch holds ten images, so little work that an accelerator waits for the next launch
most of the time: a step then takes as long as its launches. They are counted on a device that is
only pretended (`benchmarks.pretended`); `benchmarks.ladder_device` measures time on a real one.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import torch

from benchmarks.ladder import noise
from benchmarks.ladder_plain import Plain
from benchmarks.pretended import NAME, Pretended
from dlnotes.ladder import rungs
from dlnotes.ladder._engine import masks
from dlnotes.ladder._engine.streams import stream
from dlnotes.ladder._engine.train import Run

RECIPE, MEMBERS = "faithful", 20
RATIO_AT_LEAST = 10.0
STEPS = masks.BLOCK
"""Steps to count over: dropout draws for so many at once."""


@dataclass(frozen=True)
class Launches:
    """Launches in one step of one network."""

    rung: str
    plain: float
    engine: float

    @property
    def ratio(self) -> float:
        """How many times fewer the engine needs."""
        return self.plain / self.engine


def count(rung: str, members: int) -> Launches:
    """Count the launches of both loops over some steps, forward, backward and update."""
    data = noise(STEPS * rungs.get(rung).recipe(RECIPE).batch * 2)
    with pretended() as device:
        plain = Plain(rung, RECIPE, 0, data, device=NAME)
        for group in plain.optimizer.param_groups:
            group["foreach"] = True  # what PyTorch chooses on an accelerator
        alone = _over(device, plain)
        run = Run(rung, RECIPE, range(members), data, device=NAME)
        together = _over(device, run) / members
    return Launches(rung, alone, together)


def _over(device: Pretended, loop: Plain | Run) -> float:
    """Return the launches in a step, those that come once in a while shared out."""
    loop.advance(1)  # the first step makes room
    before = Counter(device.launches)
    loop.advance(STEPS)
    return (device.launches.total() - before.total()) / STEPS


@contextmanager
def pretended() -> Iterator[Pretended]:
    """Run on the pretended device.

    Its random numbers come from the processor's generators; and it has no inference mode, which
    leaves out some bookkeeping of ``no_grad`` and launches the same.
    """

    def on_processor(
        seed: int, purpose: str, number: int = 0, *, device: object = "cpu"
    ) -> torch.Generator:
        return stream(seed, purpose, number)

    streams = mock.patch.object(masks, "stream", on_processor)
    inference = mock.patch.object(torch, "inference_mode", torch.no_grad)
    with streams, inference, Pretended() as device:
        yield device


def line(found: Launches) -> str:
    """Write a row of the table."""
    kept = "kept" if found.ratio >= RATIO_AT_LEAST else "MISSED"
    return f"{found.rung:>5}{found.plain:9.1f}{found.engine:9.2f}{found.ratio:8.1f} ({kept})"


def main() -> None:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=MEMBERS, help="seeds at once")
    parser.add_argument("--rungs", default="all", help="as dlnotes ladder takes them")
    options = parser.parse_args()
    chosen, members = rungs.select(options.rungs), options.members
    print(f"launches in one step of one network, {RECIPE}, {members} seeds at once")
    print(f" rung    plain   engine   fewer (at least {RATIO_AT_LEAST:g} times)")
    for name in chosen:
        print(line(count(name, members)), flush=True)


if __name__ == "__main__":
    main()

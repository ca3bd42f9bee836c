"""Train a small rung on a device that is only pretended, and on the processor; print JSON.

Run as a program: the device stays registered with PyTorch for the rest of the process.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.ladder_launches import count, pretended
from benchmarks.pretended import NAME, There
from dlnotes.ladder._engine.train import Run
from ladder_cases import small_data, small_rung

RUNG = small_rung(expanded=True, asked=True)
DATA = small_data()


def outcomes(device, folder):
    """Train in two goes, with the state on disk between them."""
    runs = [Run(RUNG, "modern", [3, 4], DATA, device=device, folder=folder) for _ in range(2)]
    for run in runs:
        run.net.on_processor = False  # sums in one order on both, so that the bits agree
    runs[0].advance(7)
    runs[0].checkpoint.write(runs[0].state())
    runs[1].train()
    assert {type(value) is There for value in runs[1].net.state_dict().values()} == {device == NAME}
    return [
        {
            "seed": one.seed,
            "figures": [one.history, one.losses, one.validation, one.test],
            "answers": one.answers.test.tolist(),
            "network": {name: value.sum().item() for name, value in one.network.items()},
            "votes": one.votes.probabilities.float().sum((0, 1)).tolist(),
        }
        for one in runs[1].finish()
    ]


def refused():
    """Return what the device says of a tensor that lies elsewhere."""
    try:
        torch.ones(3, device=NAME) + torch.ones(3)
    except RuntimeError as error:
        return str(error)
    return None


def counted(device):
    """Return the launches of three operations, a view and a read."""
    device.launches.clear()
    total = (torch.ones(3, 4, device=NAME).t() * 2).sum().item()
    return [total, dict(device.launches)]


def main():
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        told["processor"] = outcomes("cpu", Path(folder))
        with pretended() as device:
            told["pretended"] = outcomes(NAME, Path(folder))
            told["refused"], told["counted"] = refused(), counted(device)
    told["ratios"] = {name: count(name, 20).ratio for name in ("1", "4")}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()

"""A trained network of the ladder as a file of arrays, for those who only use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dlnotes.data import load
from dlnotes.ladder import records, rungs, running
from dlnotes.ladder.records import Record, RecordsError

LOGITS = 1000
"""How many test images the file has the logits of."""


def best(path: Path, rung: str, recipe: str) -> Record:
    """Return the run of a rung that is best on validation; of equal ones the first seed.

    Raises
    ------
    RecordsError
        If there is none.
    """
    some = [
        record
        for record in records.read(path)
        if (record.rung, record.recipe) == (rung, recipe) and records.is_current(record)
    ]
    if not some or rungs.get(rung).voters_of:
        raise RecordsError(
            f"export: a network must be recorded in {path}; got none of rung {rung}, {recipe}; "
            f"dlnotes ladder run --rungs {rung} --recipe {recipe} makes some"
        )
    return max(some, key=lambda one: (one.validation, -one.seed))


def write(file: Path, record: Record, states: Path) -> None:
    """Write the network of a run, what it makes of some test images, and which run it is.

    The arrays of the file: the parameters by the names of `dlnotes.torch_models`; ``logits``
    (1000, 10) of the first test images; ``run``, a text, and ``answers``, the digest in the run's
    record.

    Parameters
    ----------
    file : Path
        Its name ends in ``.npz``.
    record : Record
        A run.
    states : Path
        Folder where its network was kept.

    Raises
    ------
    RecordsError, CheckpointError
        If the network is not kept there.
    """
    import torch

    from dlnotes import torch_models

    kept = running.kept_of(record, states)
    state = kept.read()
    if state is None:
        raise RecordsError(
            f"export: the network of {record} must be where the states are; got no file "
            f"{kept.path}; name their folder with --states"
        )
    module = torch_models.build(rungs.get(record.rung).spec).eval()
    module.load_state_dict(state["network"])
    with torch.inference_mode():
        logits = module(torch.from_numpy(load(record.data).test_images[:LOGITS])).numpy()
    arrays: dict[str, Any] = {name: value.numpy() for name, value in state["network"].items()}
    arrays |= {"logits": logits, "run": str(record), "answers": record.answers}
    np.savez_compressed(file, **arrays)

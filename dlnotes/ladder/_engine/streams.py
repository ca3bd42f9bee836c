"""Random numbers of a run: one seed, and a stream of its own for each purpose."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import torch


def stream(
    seed: int, purpose: str, number: int = 0, *, device: str | torch.device = "cpu"
) -> torch.Generator:
    """Return a generator that depends on a seed, a purpose and a number alone.

    Weights, order and dropout draw from different streams, so that none of them moves when
    another draws more, and a run that resumes asks for the order of an epoch again.

    Parameters
    ----------
    seed : int
        Seed of the run, not negative.
    purpose : str
        ``"weights"``, ``"order"``, or ``"dropout"`` and the layer's name.
    number : int
        Such as the epoch, or the block of steps.
    device : str or torch.device
        Where the generator draws.

    Returns
    -------
    torch.Generator

    Examples
    --------
    >>> stream(0, "order").initial_seed() == stream(0, "weights").initial_seed()
    False
    """
    words = np.random.SeedSequence([seed, crc32(purpose.encode()), number])
    return torch.Generator(device).manual_seed(int(words.generate_state(1, np.uint64)[0] >> 1))

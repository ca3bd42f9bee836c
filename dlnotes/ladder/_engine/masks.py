"""What dropout keeps, drawn for many steps at a time."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dlnotes.ladder._engine.streams import stream

BLOCK = 25
"""Steps whose masks are drawn at once.

On an accelerator each draw is a launch, and every member draws by itself: for twenty members with
three dropouts, sixty launches a step would outweigh all the others.
"""


class Masks:
    """The masks of several networks; each draws from streams of its own.

    A mask hangs on the seed, the layer and the step alone, so that a run that resumes sees the
    masks that it would have seen.

    Parameters
    ----------
    seeds : sequence of int
        One a network.
    device : str or torch.device
        Where the masks are drawn.

    Examples
    --------
    >>> masks = Masks([0, 1])
    >>> masks.at("dropout1", 7, batch=10, units=100, keep=0.5).shape
    torch.Size([2, 10, 100])
    """

    def __init__(self, seeds: Sequence[int], device: str | torch.device = "cpu") -> None:
        self.seeds, self.device = list(seeds), torch.device(device)
        self._held: dict[str, tuple[tuple[object, ...], Tensor]] = {}

    def at(self, layer: str, step: int, *, batch: int, units: int, keep: float) -> Tensor:
        """Return the masks of a step.

        Parameters
        ----------
        layer : str
            Name of the dropout.
        step : int
            Of the training.
        batch, units : int
            N and D of what is dropped.
        keep : float
            Probability that a value is kept.

        Returns
        -------
        Tensor of bool, shape (M, N, D)
            True where a value is kept.
        """
        block, place = divmod(step, BLOCK)
        key = (block, batch, units, keep)
        if layer not in self._held or self._held[layer][0] != key:
            self._held.pop(layer, None)  # before the next ones take their room
            self._held[layer] = key, self._draw(layer, block, (BLOCK, batch, units), keep)
        return self._held[layer][1][place]

    def _draw(self, layer: str, block: int, shape: tuple[int, ...], keep: float) -> Tensor:
        """Draw the masks of a block of steps, (BLOCK, M, N, D)."""
        drawn = []
        for seed in self.seeds:
            generator = stream(seed, f"dropout {layer}", block, device=self.device)
            kept = torch.empty(shape, dtype=torch.bool, device=self.device)
            drawn.append(kept.bernoulli_(keep, generator=generator))
        return torch.stack(drawn, 1)

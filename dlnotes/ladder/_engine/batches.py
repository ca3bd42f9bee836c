"""Training images as one tensor, from which batches are cut; shifts are slices of it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from dlnotes.ladder._engine.streams import stream
from dlnotes.ladder.recipes import Order

SHIFTS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
"""How far the expanded data move an image, (down, right), in the origin's order."""


class Batches:
    """Images on a device, given out in batches.

    Where they are shifted they lie with an empty row and column around them. A window of the
    image's size into that is the image, or the image moved by a pixel with what leaves it lost
    and zeros coming in.

    Parameters
    ----------
    images : ndarray of float32, shape (N, C, H, W)
        The images.
    labels : ndarray of int64, shape (N,)
        Their classes.
    expanded : bool
        Whether each image comes five times: as it is, and moved down, up, right and left.
    device : str or torch.device
        Where they are kept.

    Examples
    --------
    >>> ones = np.ones((3, 1, 4, 4), np.float32)
    >>> len(Batches(ones, np.zeros(3, np.int64), expanded=True))
    15
    """

    def __init__(
        self,
        images: NDArray[np.float32],
        labels: NDArray[np.int64],
        *,
        expanded: bool = False,
        device: str | torch.device = "cpu",
    ) -> None:
        if len(images) != len(labels):
            raise ValueError(
                f"Batches: every image needs a label; got {len(images)} images and "
                f"{len(labels)} labels; give as many labels as images"
            )
        self.shifts = SHIFTS if expanded else SHIFTS[:1]
        self.labels = torch.from_numpy(labels).to(device)
        self.images = torch.from_numpy(images).to(device)
        if not expanded:
            return
        size = images.shape[-2:]
        padded = torch.nn.functional.pad(self.images, (1, 1, 1, 1))
        # (N, C, H+2, W+2) seen as windows: (N, 3, 3, C, H, W), not copied
        windows = padded.unfold(2, size[0], 1).unfold(3, size[1], 1)
        self.windows = windows.permute(0, 2, 3, 1, 4, 5)
        corners = torch.tensor([(1 - down, 1 - right) for down, right in self.shifts])
        self.down, self.right = corners.to(device).unbind(1)

    def __len__(self) -> int:
        """Count the images, shifted ones included."""
        return len(self.labels) * len(self.shifts)

    def order(self, seed: int, epoch: int, how: Order) -> Tensor:
        """Return the order of an epoch: a permutation of the images.

        Parameters
        ----------
        seed, epoch : int
            The same pair gives the same order, whatever came before.
        how : {'file', 'once', 'epoch'}
            As they lie, mixed once for all epochs, or mixed for each.

        Returns
        -------
        Tensor of int64, shape (len(self),)
        """
        if how == "file":
            order = torch.arange(len(self))
        else:
            generator = stream(seed, "order", epoch if how == "epoch" else 0)
            order = torch.randperm(len(self), generator=generator)
        return order.to(self.labels.device)

    def take(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return images and labels.

        Parameters
        ----------
        index : Tensor of int64, shape (...)
            Places in the expanded data: image times shifts plus shift.

        Returns
        -------
        images : Tensor, shape (..., C, H, W)
        labels : Tensor of int64, shape (...)
        """
        if len(self.shifts) == 1:
            return self.images[index], self.labels[index]
        image, shift = index // len(self.shifts), index % len(self.shifts)
        return self.windows[image, self.down[shift], self.right[shift]], self.labels[image]

"""Snapshots of a training: the best epoch's with early stopping, else the last one's."""

from math import inf

from dlnotes.layers import Layer
from dlnotes.layers.layer import Array
from dlnotes.shapes import as_int


class EarlyStopping:
    """The best snapshot of a network, and how long ago it was taken; without patience the last.

    Parameters
    ----------
    network : Layer
    patience : int or None
        Epochs without an improvement after which to stop; None: never stop, and take every epoch.

    Attributes
    ----------
    best : int or None
        Number of the best epoch; None without patience.
    held : int
        Number of the epoch whose snapshot is held; 0 before the first one ends.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type, or out of range.

    References
    ----------
    Concept early-stopping.

    Examples
    --------
    >>> from dlnotes.layers import ReLU
    >>> stopping = EarlyStopping(ReLU(), 2)
    >>> [stopping.ends(epoch, loss) for epoch, loss in enumerate((3.0, 1.0, 2.0, 1.0), 1)]
    [False, False, False, True]
    >>> stopping.best
    2
    """

    def __init__(self, network: Layer, patience: int | None) -> None:
        self._network = network
        self._patience = None if patience is None else as_int(patience, "patience", caller="fit")
        self._loss = inf
        self.best: int | None = None
        self._take(0)

    def ends(self, epoch: int, loss: float | None) -> bool:
        """Take the validation loss of an epoch in, and say whether patience is at its end."""
        if self._patience is None or loss is None:
            self._take(epoch)
            return False
        if self.best is None or loss < self._loss:
            self.best, self._loss = epoch, loss
            self._take(epoch)
        return epoch - self.held >= self._patience

    def restore(self) -> None:
        """Give the network the parameters and the running averages of the snapshot."""
        self._network.load_state_dict(self._snapshot)

    def _take(self, epoch: int) -> None:
        """Take a snapshot."""
        self._snapshot: dict[str, Array] = self._network.state_dict()
        self.held = epoch

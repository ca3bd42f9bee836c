"""A network's count beside the figure that somebody published, or beside a sum by hand."""

from __future__ import annotations

from dataclasses import dataclass

from dlnotes.counting.parameters import Parameters, count
from dlnotes.specs.network import Network, Published


@dataclass(frozen=True)
class Comparison:
    """A published figure and ours, counted as the source counts.

    Attributes
    ----------
    figure : Published
        What was published, and by whom; or our own sum by hand.
    counted : Parameters
        What the description of the network holds.

    Examples
    --------
    >>> Comparison(Published(10, "a paper"), Parameters(10, 4)).agrees
    True
    """

    figure: Published
    counted: Parameters

    @property
    def ours(self) -> int:
        """Our total: with the numbers that are not trained where the source counts those."""
        return self.counted.total if self.figure.not_trainable else self.counted.trainable

    @property
    def agrees(self) -> bool:
        """Whether both are equal, those that are not trained too where they are given."""
        fixed = self.figure.not_trainable in (0, self.counted.fixed)
        return fixed and self.ours == self.figure.parameters

    def __str__(self) -> str:
        """Return both in a sentence."""
        figure, more = self.figure, self.ours - self.figure.parameters
        split = f", {figure.not_trainable:,} of them not trained" if figure.not_trainable else ""
        verdict = "equal" if self.agrees else f"{abs(more):,} {'more' if more > 0 else 'fewer'}"
        given = "By hand" if figure.by_hand else "Published"
        return (
            f"{given}: {figure.parameters:,} parameters{split} ({figure.source}); "
            f"counted: {self.ours:,}, {verdict}."
        )


def compare(network: Network) -> Comparison | None:
    """Return a network's count beside the published figure, or beside a sum by hand.

    Parameters
    ----------
    network : Network
        From `dlnotes.specs`.

    Returns
    -------
    Comparison, or None where there is neither

    Examples
    --------
    >>> from dlnotes import specs
    >>> compare(specs.get("mnist-conv")).ours
    289630
    """
    return None if network.published is None else Comparison(network.published, count(network))

"""What several seeds say together: a mean, how far it is certain, and what the images allow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dlnotes._extras import require

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its interval.

    Parameters
    ----------
    value, low, high : float
        ``low`` and ``high`` are NaN where nothing can be said, as of a single run.

    Examples
    --------
    >>> int(Interval(5.0, 3.0, 7.0).half_width)
    2
    """

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the distance of the ends."""
        return (self.high - self.low) / 2


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    r"""Return the mean of runs with different seeds, and its t interval.

    .. math:: \bar x \pm t_{n-1}\,\frac{s}{\sqrt n}

    with the standard deviation s of the sample. The interval says what other seeds would do to
    the mean; it knows nothing of other test images, for which see `sampling_interval`.

    Parameters
    ----------
    values : sequence of float
        One value a run.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Interval
        With NaN as ends for a single value.

    Raises
    ------
    ValueError
        If there are no values, or the confidence is not between 0 and 1.

    References
    ----------
    Student, *The probable error of a mean*, Biometrika, 1908.

    Examples
    --------
    >>> interval = mean_interval([1.0, 2.0, 3.0])
    >>> int(interval.value)
    2
    """
    n = len(values)
    if n == 0:
        raise ValueError("mean_interval: values must not be empty; got 0 of them; pass one or more")
    _require_confidence("mean_interval", confidence)
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(mean, math.nan, math.nan)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    special = require("scipy.special", extra="ladder", feature="dlnotes.ladder.statistics")
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * deviation / math.sqrt(n)
    return Interval(mean, mean - half, mean + half)


def sampling_interval(accuracy: float, images: int, confidence: float = CONFIDENCE) -> Interval:
    r"""Return the Wilson interval of an accuracy that was measured on so many images.

    .. math:: \frac{1}{1 + z^2/n} \Bigl(p + \frac{z^2}{2n}
              \pm z \sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}\Bigr)

    It says what other test images would do to the accuracy of the same network.

    Parameters
    ----------
    accuracy : float
        The share p, between 0 and 1.
    images : int
        How many images n it was measured on.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Interval
        Its ends lie between 0 and 1, and not symmetrically about the accuracy.

    Raises
    ------
    ValueError
        If the accuracy or the confidence is out of its range, or there are no images.

    References
    ----------
    E. B. Wilson, *Probable inference, the law of succession, and statistical inference*, Journal
    of the American Statistical Association, 1927.

    Examples
    --------
    >>> round(1000 * sampling_interval(0.5, 100).half_width)
    96
    """
    if not 0 <= accuracy <= 1 or images < 1:
        raise ValueError(
            "sampling_interval: accuracy must lie between 0 and 1, and images be positive; got "
            f"accuracy={accuracy}, images={images}; pass the share of right answers and their count"
        )
    _require_confidence("sampling_interval", confidence)
    special = require("scipy.special", extra="ladder", feature="dlnotes.ladder.statistics")
    z = float(special.ndtri((1 + confidence) / 2))
    centre = (accuracy + z**2 / (2 * images)) / (1 + z**2 / images)
    spread = math.sqrt(accuracy * (1 - accuracy) / images + (z / (2 * images)) ** 2)
    half = z * spread / (1 + z**2 / images)
    return Interval(accuracy, max(0.0, centre - half), min(1.0, centre + half))


def _require_confidence(function: str, confidence: float) -> None:
    """Refuse a confidence that is none."""
    if not 0 < confidence < 1:
        raise ValueError(
            f"{function}: confidence must lie between 0 and 1; got confidence={confidence}; "
            "pass 0.95 for 95 %"
        )

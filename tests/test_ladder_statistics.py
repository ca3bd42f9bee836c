"""Intervals against SciPy's own, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlnotes.ladder.statistics import mean_interval, sampling_interval

confidences = st.floats(0.5, 0.999)


@given(values=st.lists(st.floats(0, 1, width=32), min_size=2, max_size=8), confidence=confidences)
def test_the_t_interval_is_scipys(values, confidence):
    interval = mean_interval(values, confidence)
    assert interval.value == pytest.approx(np.mean(values), rel=1e-12, abs=1e-300)
    spread = np.std(values, ddof=1) / math.sqrt(len(values))
    low, high = (
        stats.t.interval(confidence, len(values) - 1, np.mean(values), spread)
        if spread
        else (values[0], values[0])
    )
    assert interval.low == pytest.approx(low, rel=1e-9, abs=1e-12)
    assert interval.high == pytest.approx(high, rel=1e-9, abs=1e-12)
    assert interval.half_width == pytest.approx((high - low) / 2, rel=1e-9, abs=1e-12)


@settings(max_examples=40)
@given(right=st.integers(0, 500), wrong=st.integers(0, 500), confidence=confidences)
def test_the_wilson_interval_is_scipys(right, wrong, confidence):
    images = right + wrong
    if not images:
        return
    interval = sampling_interval(right / images, images, confidence)
    known = stats.binomtest(right, images).proportion_ci(confidence, method="wilson")
    assert interval.low == pytest.approx(known.low, rel=1e-9, abs=1e-12)
    assert interval.high == pytest.approx(known.high, rel=1e-9, abs=1e-12)
    assert interval.value == right / images


def test_intervals_hold_what_they_promise():
    rng = np.random.default_rng(0)
    samples = rng.normal(0.98, 0.001, (2000, 5))
    covered = [i.low <= 0.98 <= i.high for i in map(mean_interval, samples.tolist())]
    assert abs(np.mean(covered) - 0.95) < 0.015  # three standard errors of 2,000 trials
    shares = rng.binomial(10_000, 0.99, 2000) / 10_000
    covered = [i.low <= 0.99 <= i.high for i in (sampling_interval(s, 10_000) for s in shares)]
    assert abs(np.mean(covered) - 0.95) < 0.02


def test_one_run_has_no_interval():
    interval = mean_interval([0.97])
    assert interval.value == 0.97
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([]), "mean_interval: values must not be empty; got 0 of them"),
        (lambda: mean_interval([1.0], 95), "confidence must lie between 0 and 1; got .*=95;"),
        (lambda: sampling_interval(0.5, 10, 0), "sampling_interval: confidence .* got .*=0;"),
        (lambda: sampling_interval(97.8, 10), r"got accuracy=97\.8, images=10; pass the share"),
        (lambda: sampling_interval(0.5, 0), r"images be positive; got accuracy=0\.5, images=0;"),
        (lambda: sampling_interval(math.nan, 5), "accuracy must lie between 0 and 1.*=nan"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

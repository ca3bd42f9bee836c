"""Categorical losses: what they refuse, and in which words."""

import numpy as np
import pytest

import dlnotes.functional as F
from oracles import refuses

Z, T = np.ones((4, 5)), np.array([0, 1, 2, 3])


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: F.cross_entropy(Z, T + 2),
            ValueError,
            ["cross_entropy: target holds class 5 at index (3,), but there are C=5 classes"],
        ),
        (
            lambda: F.cross_entropy(Z, T - 1),
            ValueError,
            ["cross_entropy: target holds class -1 at index (0,)", "0 to 4", "ignore_index=-100"],
        ),
        (
            lambda: F.cross_entropy(Z, T[:, None]),
            ValueError,
            ["cross_entropy: target has shape (4, 1)", "(4,)"],
        ),
        (lambda: F.cross_entropy(Z, T[:1]), ValueError, ["cross_entropy: target has shape (1,)"]),
        (
            lambda: F.cross_entropy(Z, np.eye(5, dtype=int)[T]),
            ValueError,
            [
                "cross_entropy: target has shape (4, 5) but class indices have (4,)",
                "target.argmax(axis=1), or one-hot rows as floats, target.astype(z.dtype)",
            ],
        ),
        (
            lambda: F.cross_entropy(Z, T.astype(float)),
            TypeError,
            ["cross_entropy: target holds floats, one a position", "target.astype(np.int64)"],
        ),
        (
            lambda: F.cross_entropy(T, Z),
            TypeError,
            ["cross_entropy: z holds integers and target floats, as if they were swapped"],
        ),
        (
            lambda: F.cross_entropy_backward(1.0, T, Z),
            TypeError,
            ["cross_entropy_backward: z holds integers", "give the scores first"],
        ),
        (
            lambda: F.cross_entropy(Z, np.eye(5, dtype=bool)[T]),
            TypeError,
            ["cross_entropy: target is bool", "astype(np.float64)"],
        ),
        (
            lambda: F.cross_entropy(Z, np.eye(5, dtype=np.float32)[T]),
            TypeError,
            ["cross_entropy: target is float32 but z is float64"],
        ),
        (
            lambda: F.cross_entropy(Z, np.ones((4, 1))),
            ValueError,
            ["cross_entropy: target has shape (4, 1)", "(4, 5)"],
        ),
        (
            lambda: F.cross_entropy(Z, np.ones((4, 5)), ignore_index=2),
            ValueError,
            ["cross_entropy: ignore_index=2 has no meaning beside", "probabilities"],
        ),
        (
            lambda: F.cross_entropy(Z, T, weight=np.ones(4)),
            ValueError,
            ["cross_entropy: weight has shape (4,) but there are C=5 classes"],
        ),
        (
            lambda: F.cross_entropy(Z, T, label_smoothing=1.5),
            ValueError,
            ["cross_entropy: label_smoothing must be between 0 and 1; got label_smoothing=1.5"],
        ),
        (
            lambda: F.cross_entropy(Z, T, ignore_index=0.5),
            TypeError,
            ["cross_entropy: ignore_index is no int"],
        ),
        (lambda: F.cross_entropy(Z, T, reduction="avg"), ValueError, ["reduction='avg'"]),
        (
            lambda: F.cross_entropy(Z, [0, 1, 2, 3]),
            TypeError,
            ["target is no NumPy array", "np.asarray(target): integers are class indices"],
        ),
        (
            lambda: F.cross_entropy(np.ones((4, 0)), T),
            ValueError,
            ["cross_entropy: z has no classes", "(N,C)"],
        ),
        (lambda: F.cross_entropy(np.ones(()), T), ValueError, ["cross_entropy: z has no classes"]),
        (
            lambda: F.cross_entropy_backward(np.ones(4), Z, T),
            ValueError,
            ["cross_entropy_backward: dy has shape (4,) but the loss has ()"],
        ),
        (
            lambda: F.cross_entropy_backward(1.0, Z, T, reduction="none"),
            ValueError,
            ["cross_entropy_backward: dy has shape () but the loss has (4,)"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()

"""Recurrent layers over whole sequences, each beside its backward pass through time."""

from dlnotes.functional.recurrent._results import (
    RecurrentGradients,
    RecurrentResult,
)
from dlnotes.functional.recurrent.gru import (
    gru,
    gru_backward,
)
from dlnotes.functional.recurrent.lstm import (
    lstm,
    lstm_backward,
)
from dlnotes.functional.recurrent.simple import (
    rnn,
    rnn_backward,
)

__all__ = [
    "RecurrentGradients",
    "RecurrentResult",
    "gru",
    "gru_backward",
    "lstm",
    "lstm_backward",
    "rnn",
    "rnn_backward",
]

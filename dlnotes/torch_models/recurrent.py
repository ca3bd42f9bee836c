"""Recurrent layers: PyTorch's own where it has the form, the equations where it has not."""

import torch
from torch import Tensor, nn

from dlnotes.specs import layers as L

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


class Plain:
    """Mixed into PyTorch's recurrent layers: batch first, one direction's states or the last."""

    def __init__(self, layer: L.Recurrent, width: int) -> None:
        both = layer.bidirectional
        super().__init__(width, layer.hidden, batch_first=True, bidirectional=both)  # type: ignore[call-arg]
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Take (N, T, D); return all states or the last of each direction."""
        y: Tensor = super().forward(x)[0]  # type: ignore[misc]  # (N, T, hidden or 2*hidden)
        layer = self.layer
        return y if layer.sequence else last(y, layer.hidden, layer.bidirectional)


class PlainRNN(Plain, nn.RNN):  # type: ignore[misc]
    """Elman's layer."""


class PlainLSTM(Plain, nn.LSTM):  # type: ignore[misc]
    """Long short-term memory."""


class PlainGRU(Plain, nn.GRU):  # type: ignore[misc]
    """Gated recurrent units that reset after the matrix product."""


PLAIN = {"rnn": PlainRNN, "lstm": PlainLSTM, "gru": PlainGRU}


class OneBias(nn.Module):
    """A recurrent layer with one bias a gate, as Keras has it, and the GRU that resets before.

    Parameters have PyTorch's names and order of gates: ``weight_ih_l0`` (G*H, D), ``weight_hh_l0``
    (G*H, H), ``bias_ih_l0`` (G*H), and the same with ``_reverse`` for the second direction.
    """

    def __init__(self, layer: L.Recurrent, width: int) -> None:
        super().__init__()
        self.layer = layer
        rows, bound = GATES[layer.cell] * layer.hidden, layer.hidden**-0.5
        for tail in ("", "_reverse") if layer.bidirectional else ("",):
            for name, shape in {
                "weight_ih_l0": (rows, width),
                "weight_hh_l0": (rows, layer.hidden),
                "bias_ih_l0": (rows,),
            }.items():
                values = torch.empty(shape).uniform_(-bound, bound)
                self.register_parameter(name + tail, nn.Parameter(values))

    def forward(self, x: Tensor) -> Tensor:
        """Take (N, T, D); return all states or the last of each direction."""
        y = self._run(x, "")
        if self.layer.bidirectional:
            y = torch.cat([y, self._run(x.flip(1), "_reverse").flip(1)], 2)
        both = self.layer.bidirectional
        return y if self.layer.sequence else last(y, self.layer.hidden, both)

    def _run(self, x: Tensor, tail: str) -> Tensor:
        """Run one direction from a state of zeros."""
        w, b = getattr(self, f"weight_ih_l0{tail}"), getattr(self, f"bias_ih_l0{tail}")
        u = getattr(self, f"weight_hh_l0{tail}")
        h = c = x.new_zeros(len(x), self.layer.hidden)
        found = []
        for z in (x @ w.T + b).unbind(1):
            h, c = step(self.layer, z, u, h, c)
            found.append(h)
        return torch.stack(found, 1)


def step(layer: L.Recurrent, z: Tensor, u: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next state and cell from the input's part `z` of the gates, (N, G*H)."""
    if layer.cell == "rnn":
        return torch.tanh(z + h @ u.T), c
    if layer.cell == "lstm":
        i, f, g, o = (z + h @ u.T).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    u_r, u_z, u_n = u.chunk(3)
    z_r, z_z, z_n = z.chunk(3, 1)
    reset, keep = torch.sigmoid(z_r + h @ u_r.T), torch.sigmoid(z_z + h @ u_z.T)
    old = reset * (h @ u_n.T) if layer.reset_after else (reset * h) @ u_n.T
    return (1 - keep) * torch.tanh(z_n + old) + keep * h, c


def last(y: Tensor, hidden: int, both: bool) -> Tensor:
    """Return the last state of each direction: the second one ends at the first word."""
    return torch.cat([y[:, -1, :hidden], y[:, 0, hidden:]], 1) if both else y[:, -1]

"""PyTorch's recurrent layers as functions, and the GRU that resets before, written with tensors."""

import torch


def stacked(a, bidirectional):
    """Give weights and states an axis of directions."""
    return a if bidirectional else a[None]


def complete(x, w_hh, given, states):
    """Put zeros where biases and first states are missing."""
    b_ih, b_hh, *first = given
    batch, lead = x.shape[1], w_hh.shape[:-2]
    zeros = w_hh.new_zeros(w_hh.shape[:-1])
    first = [*first, *[None] * (states - len(first))]
    empty = x.new_zeros((*lead, batch, w_hh.shape[-1]))
    biases = [zeros if b is None else b for b in (b_ih, b_hh)]
    return *biases, *(empty if a is None else a for a in first)


def through_torch(run, x, w_ih, w_hh, given, states, options):
    """Run torch.lstm and its like; returns y and the last states."""
    both, lengths = options.get("bidirectional", False), options.get("lengths")
    x = x.transpose(0, 1) if options.get("batch_first") else x
    b_ih, b_hh, *first = complete(x, w_hh, given, states)
    parts = [stacked(a, both) for a in (w_ih, w_hh, b_ih, b_hh)]
    weights = [a[d] for d in range(1 + both) for a in parts]
    first = [stacked(a, both) for a in first]
    first = first[0] if states == 1 else first
    settings = (True, 1, 0.0, False, both)  # biases, layers, dropout, training
    if lengths is None:
        y, *last = run(x, first, weights, *settings, False)
    else:
        y, *last = run_packed(run, x, first, weights, settings, torch.as_tensor(lengths))
    y = y.transpose(0, 1) if options.get("batch_first") else y
    return y, *(a if both else a[0] for a in last)


def run_packed(run, x, first, weights, settings, lengths):
    """Run on a packed sequence, sorted here, so that first states are sorted too."""
    order = torch.argsort(lengths, descending=True, stable=True)
    back = torch.argsort(order)
    sizes = sizes_of(lengths)
    turned = [a[:, order] for a in first] if isinstance(first, list) else first[:, order]
    data, *last = run(pack(x[:, order], sizes), sizes, turned, weights, *settings)
    y = unpack(data, sizes, len(x))
    return y[:, back], *(a[:, back] for a in last)


def sizes_of(lengths):
    """How many sequences have each step."""
    steps = torch.arange(int(lengths.max()))
    return (steps[:, None] < lengths).sum(1)


def pack(x, sizes):
    """PyTorch's packing, which its forward mode does not know."""
    return torch.cat([x[t, :n] for t, n in enumerate(sizes.tolist())])


def unpack(data, sizes, steps):
    """Put packed steps back, with zeros after a sequence's end."""
    counts = sizes.tolist()
    parts = [*data.split(counts), *[data[:0]] * (steps - len(counts))]
    return torch.stack([torch.cat([a, a.new_zeros(counts[0] - len(a), a.shape[1])]) for a in parts])


def lstm(x, w_ih, w_hh, b_ih=None, b_hh=None, h0=None, c0=None, **options):
    """PyTorch's LSTM: y, h and c."""
    return through_torch(torch.lstm, x, w_ih, w_hh, (b_ih, b_hh, h0, c0), 2, options)


def gru(x, w_ih, w_hh, b_ih=None, b_hh=None, h0=None, *, reset_after=True, **options):
    """PyTorch's GRU, or the paper's form: y and h."""
    given = (b_ih, b_hh, h0)
    run = torch.gru if reset_after else gru_reset_before
    return through_torch(run, x, w_ih, w_hh, given, 1, options)


def rnn(x, w_ih, w_hh, b_ih=None, b_hh=None, h0=None, *, nonlinearity="tanh", **options):
    """PyTorch's simple layer: y and h."""
    run = {"tanh": torch.rnn_tanh, "relu": torch.rnn_relu}[nonlinearity]
    return through_torch(run, x, w_ih, w_hh, (b_ih, b_hh, h0), 1, options)


def gru_reset_before(*args):
    """The equations of the paper, with torch.gru's arguments, packed or not."""
    if isinstance(args[1], torch.Tensor) and args[1].dtype == torch.int64:
        data, sizes, first, weights, *rest = args
        x = unpack(data, sizes, len(sizes))
        lengths = (torch.arange(x.shape[1]) < sizes[:, None]).sum(0)
        y, h = padded_reset_before(x, first, weights, rest[4], lengths)
        return pack(y, sizes), h
    x, first, weights, *rest = args
    return padded_reset_before(x, first, weights, rest[4], torch.full((x.shape[1],), len(x)))


def padded_reset_before(x, first, weights, both, lengths):
    """Run each sequence on its own."""
    ys, hs = [], []
    for d in range(1 + both):
        w_ih, w_hh, b_ih, b_hh = weights[4 * d : 4 * d + 4]
        columns, last = [], []
        for n, length in enumerate(lengths.tolist()):
            h, outs = first[d, n], [x.new_zeros(w_hh.shape[1])] * len(x)
            for t in range(length)[:: -1 if d else 1]:
                h = paper_step(x[t, n], h, w_ih, w_hh, b_ih + b_hh)
                outs[t] = h
            columns.append(torch.stack(outs))
            last.append(h)
        ys.append(torch.stack(columns, 1))
        hs.append(torch.stack(last))
    return torch.cat(ys, 2), torch.stack(hs)


def paper_step(x, h, w_ih, w_hh, bias):
    """One step of the GRU that resets the state before the product."""
    (wr, wz, wn), (ur, uz, un), (br, bz, bn) = (a.chunk(3) for a in (w_ih, w_hh, bias))
    r = torch.sigmoid(wr @ x + ur @ h + br)
    z = torch.sigmoid(wz @ x + uz @ h + bz)
    n = torch.tanh(wn @ x + un @ (r * h) + bn)
    return z * h + (1 - z) * n


FUNCTIONS = {"rnn": rnn, "lstm": lstm, "gru": gru}

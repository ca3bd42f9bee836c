"""Chapter 28: who remembers the first of 21 symbols, and who forecasts better than the last value.

Recall: four symbols, one-hot, drawn evenly; the first is to be named after the last. Networks of
32 units and four scores, Adam, fresh batches of 64, gradients cut at length 1, float64; right
answers are counted on 1,000 fresh sequences.
"""

import sys
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_sample_images

from benchmarks.experiments import main

UNITS, BATCH = 32, 64
ARMS: dict[str, tuple[str, float | str | None]] = {
    "RNN": ("rnn", None),
    "RNN, orthogonal": ("rnn", 1.0),
    "LSTM, bias 0": ("lstm", 0.0),
    "LSTM, bias 1": ("lstm", 1.0),
    "LSTM, bias 3": ("lstm", 3.0),
    "GRU, bias 0": ("gru", 0.0),
    "GRU, bias 3": ("gru", 3.0),
}
LONGER: dict[str, tuple[str, float | str | None]] = {
    "LSTM, bias 4.4": ("lstm", 4.4),  # ln 80
    "LSTM, chrono": ("lstm", "chrono"),
}
RATES = [0.003, 0.01, 0.03]
SETTINGS: dict[str, dict[str, Any]] = {
    "recall": {"rates": RATES, "choose": [0, 1], "seeds": [10, 11, 12, 13, 14], "updates": 300},
    "patience": {"arms": ["LSTM, bias 0"], "rate": 0.01, "seeds": [0, 1], "updates": 2000},
    "delays": {"arms": ["RNN", "RNN, orthogonal", "LSTM, bias 3", "GRU, bias 3"], "rate": 0.01,
               "delays": [10, 20, 40, 80], "seeds": [20, 21, 22], "updates": 300},
    "longer": {"arms": ["LSTM, bias 4.4"], "rate": 0.01, "delays": [40, 80],
               "seeds": [20, 21, 22], "updates": 300},
    "chrono": {"arms": ["LSTM, chrono"], "rate": 0.01, "delays": [80],
               "seeds": [20, 21, 22], "updates": 300},
    "slower": {"arms": ["LSTM, bias 4.4"], "rate": 0.01, "delays": [80],
               "seeds": [20], "updates": 1000},
    "clipping": {"scale": 2.0, "rates": [0.03, 0.1, 0.3], "seeds": [0, 1, 2, 3, 4],
                 "delay": 20, "updates": 300},
    "forecast": {"seeds": [0, 1, 2, 3, 4], "rates": [0.003, 0.01], "updates": 400},
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "recall": {"rates": [0.01], "choose": [0], "seeds": [1], "updates": 2},
    "patience": {"seeds": [0], "updates": 2},
    "delays": {"delays": [3], "seeds": [0], "updates": 2},
    "longer": {"delays": [3], "seeds": [0], "updates": 2},
    "chrono": {"delays": [3], "seeds": [0], "updates": 2},
    "slower": {"delays": [3], "seeds": [0], "updates": 2},
    "clipping": {"rates": [0.1], "delay": 3, "seeds": [0], "updates": 2},
    "forecast": {"seeds": [0], "rates": [0.01], "updates": 2},
}


def recall(rates, choose, seeds, updates):
    """Choose a rate by some seeds and count right answers with others.

    ``choose`` has a row a rate, an entry a seed; the rate with the best mean is ``rate``, the
    first of them if they tie; ``test`` has an entry a seed.
    """
    found = {}
    for name in ARMS:
        rows = [[remember(name, rate, s, updates)[0] for s in choose] for rate in rates]
        rate = rates[int(np.mean(rows, axis=1).argmax())]
        test = [remember(name, rate, s, updates)[0] for s in seeds]
        found[name] = {"choose": rows, "rate": rate, "test": test}
    return found


def patience(arms, rate, seeds, updates):
    """Train longer; right answers, an entry a seed."""
    return {name: [remember(name, rate, s, updates)[0] for s in seeds] for name in arms}


def delays(arms, rate, delays, seeds, updates):
    """Let more or fewer symbols follow; a row a number, an entry a seed."""
    return {
        name: [[remember(name, rate, s, updates, delay=n)[0] for s in seeds] for n in delays]
        for name in arms
    }


slower = delays  # with more batches
longer = delays  # with a forget bias for the longest memory
chrono = delays  # with forget biases ln(t), t even between 1 and delay - 1, input biases -ln(t)


def clipping(scale, rates, seeds, delay, updates):
    """Start an RNN with an orthogonal matrix times ``scale``, plain descent, cut or not.

    Right answers and the longest gradient of each run, a row a rate, an entry a seed.
    """
    found = {}
    for name, limit in (("cut", 1.0), ("whole", np.inf)):
        cells = [
            [remember("RNN", r, s, updates, delay=delay, scale=scale, limit=limit) for s in seeds]
            for r in rates
        ]
        found[name] = {
            "test": [[cell[0] for cell in row] for row in cells],
            "longest": [[cell[1] for cell in row] for row in cells],
        }
    return found


def remember(name, rate, seed, updates, *, delay=20, scale=None, limit=1.0):
    """Train one network; the share of right answers, and the longest gradient met."""
    torch.manual_seed(seed)
    drawn = torch.Generator().manual_seed(1000 + seed)
    kind, start = (ARMS | LONGER)[name]
    net = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](4, UNITS)
    top = torch.nn.Linear(UNITS, 4)
    with torch.no_grad():
        if kind == "rnn" and (start or scale):
            torch.nn.init.orthogonal_(net.weight_hh_l0).mul_(scale or start)
        if start == "chrono":
            forget = torch.empty(UNITS).uniform_(1, delay - 1).log()
            net.bias_ih_l0[: 2 * UNITS] = torch.cat([-forget, forget])
            net.bias_hh_l0[: 2 * UNITS] = 0
        elif kind != "rnn":  # the second block: forget gate, or update gate
            net.bias_ih_l0[UNITS : 2 * UNITS] = start
            net.bias_hh_l0[UNITS : 2 * UNITS] = 0
    both = torch.nn.ModuleList([net, top]).double()
    step = (torch.optim.SGD if scale else torch.optim.Adam)(both.parameters(), lr=rate)
    longest = 0.0
    for _ in range(updates):
        x, first = symbols(BATCH, delay, drawn)
        loss = torch.nn.functional.cross_entropy(top(net(x)[0][-1]), first)
        step.zero_grad()
        loss.backward()
        length = torch.nn.utils.clip_grad_norm_(both.parameters(), limit)
        longest = max(longest, length.item())
        step.step()
    x, first = symbols(1000, delay, drawn)
    with torch.no_grad():
        return (top(net(x)[0][-1]).argmax(dim=1) == first).double().mean().item(), longest


def symbols(n, delay, drawn):
    """Draw sequences; one-hot, shape (1 + delay, n, 4), and the first symbol of each."""
    s = torch.randint(4, (1 + delay, n), generator=drawn)
    return torch.nn.functional.one_hot(s, 4).double(), s[0]


def forecast(seeds, rates, updates):
    """Forecast the next value from twenty; root mean squared errors, an entry a seed.

    The LSTM has 16 units and bias 1 and learns from four fifths of the windows; the last fifth
    chooses its rate. ``linear`` is least squares on the same twenty values, from all windows.
    Errors are in deviations of what is learned from.
    """
    found: dict[str, Any] = {}
    for kind in ("walk", "sine", "photograph"):
        cells = [compare(kind, seed, rates, updates) for seed in seeds]
        found[kind] = {key: [cell[key] for cell in cells] for key in cells[0]}
    return found


def compare(kind, seed, rates, updates):
    """Draw a series and forecast its end in three ways."""
    (x, y), (x_end, y_end) = windows(kind, np.random.default_rng(seed))
    cut = 4 * len(x) // 5
    tried = [learn(x[:cut], y[:cut], rate, seed, updates) for rate in rates]
    judged = [rms(forecaster(x[cut:]) - y[cut:]) for forecaster in tried]
    guess = tried[int(np.argmin(judged))](x_end)
    ones, ones_end = (np.ones((len(part), 1)) for part in (x, x_end))
    fit = np.linalg.lstsq(np.hstack([x, ones]), y, rcond=None)[0]
    return {
        "LSTM": rms(guess - y_end),
        "last value": rms(x_end[:, -1] - y_end),
        "linear": rms(np.hstack([x_end, ones_end]) @ fit - y_end),
        "correlation": np.corrcoef(guess, y_end)[0, 1],
    }


def windows(kind, rng):
    """Twenty values and the next, to learn from and for the end; learned from, deviation one."""
    if kind == "photograph":  # rows of brightness: the left half, the right half
        grey = load_sample_images().images[0].mean(axis=2)
        halves = [grey[:, :320], grey[:, 320:]]
        counts = [2000, 1000]
    else:
        steps = np.arange(3000)
        noise = rng.normal(size=3000)
        series = noise.cumsum() if kind == "walk" else np.sin(steps / 4) + 0.3 * noise
        halves = [series[None, :2000], series[None, 2000:]]
        counts = [1980, 980]
    mean, deviation = halves[0].mean(), halves[0].std()
    parts = []
    for half, count in zip(halves, counts, strict=True):
        cut = np.lib.stride_tricks.sliding_window_view((half - mean) / deviation, 21, axis=1)
        cut = cut.reshape(-1, 21)
        if kind == "photograph":
            cut = cut[rng.choice(len(cut), count, replace=False)]
        parts.append((cut[:, :20], cut[:, 20]))
    return parts


def learn(x, y, rate, seed, updates):
    """Train an LSTM on windows; a function that forecasts."""
    torch.manual_seed(seed)
    drawn = torch.Generator().manual_seed(1000 + seed)
    net, top = torch.nn.LSTM(1, 16).double(), torch.nn.Linear(16, 1).double()
    with torch.no_grad():
        net.bias_ih_l0[16:32], net.bias_hh_l0[16:32] = 1, 0
    weights = [*net.parameters(), *top.parameters()]
    adam = torch.optim.Adam(weights, lr=rate)

    def guess(part):
        return top(net(torch.tensor(part.T[..., None].copy()))[0][-1])[:, 0]

    for _ in range(updates):
        at = torch.randint(len(x), (BATCH,), generator=drawn).numpy()
        loss = torch.nn.functional.mse_loss(guess(x[at]), torch.tensor(y[at]))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()

    def forecaster(part):
        with torch.no_grad():
            return guess(part).numpy()

    return forecaster


def rms(errors):
    """Root mean square."""
    return np.sqrt(np.mean(errors**2))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.modules[__name__])

"""Chapter 29: what a convolution over words can tell that a count of words cannot.

``twins``: generated sentences, each twice, with its two adjectives exchanged and the other label.
Words that deny or affirm meet an adjective in the sentences of the end that they never met before
("new"). ``distance``: the same with plain words between "not" and its adjective. ``manuals``:
twelve words in a row of Python's reference or of NumPy's, from the installed packages; which of
the two it is, and whether the words were shuffled. ``larger``: two objections tried, on draws of
their own: a larger network asked whether the words were shuffled, with what it makes of the
passages it learned from, and the bare numbers of the words with about as many weights as the
network with a table. All networks in float64 with Adam.
"""

import inspect
import re
import sys
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn

from benchmarks.experiments import main

SETTINGS: dict[str, dict[str, Any]] = {
    "twins": {
        "seeds": list(range(5)), "learn": 1500, "end": 1000, "epochs": 20, "rate": 0.01,
        "rates": [0.003, 0.01, 0.03],
    },
    "distance": {
        "seeds": list(range(3)), "distances": [1, 2, 3, 4, 5], "widths": [2, 3, 4, 5],
        "learn": 1500, "end": 1000, "epochs": 12, "rate": 0.01,
    },
    "manuals": {
        "seeds": list(range(5)), "learn": 3000, "choose": 500, "end": 1000, "epochs": 8,
        "rates": [0.005, 0.015], "penalties": [0.1, 1, 10],
    },
    "larger": {
        "seeds": [5, 6, 7], "learn": 3000, "choose": 500, "end": 1000, "epochs": 12,
        "rates": [0.003, 0.005], "kernels": 200, "dim": 100, "sentences": 1500, "twin_epochs": 20,
        "twin_rates": [0.003, 0.01, 0.03], "number_kernels": 128,
    },
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "twins": {"seeds": [0], "learn": 40, "end": 20, "epochs": 1, "rates": [0.01]},
    "distance": {"seeds": [0], "distances": [1, 2], "learn": 40, "end": 20, "epochs": 1},
    "manuals": {"seeds": [0], "learn": 60, "choose": 20, "end": 20, "epochs": 1, "penalties": [1]},
    "larger": {
        "seeds": [0], "learn": 60, "choose": 20, "end": 20, "epochs": 1, "rates": [0.003], "dim": 4,
        "kernels": 6, "sentences": 40, "twin_epochs": 1, "twin_rates": [0.01], "number_kernels": 4,
    },
}  # fmt: skip

GOOD = ["good", "fine", "great", "lovely", "superb", "clever", "funny", "warm", "charming"]
BAD = ["bad", "poor", "awful", "dull", "weak", "stupid", "boring", "cold", "dreadful"]
DENY = ["not", "never", "hardly"]
AFFIRM = ["rather", "really", "quite"]
PLAIN = [
    "the", "film", "was", "and", "it", "we", "saw", "on", "a",
    "day", "with", "my", "friend", "in", "town", "then", "they", "said",
]  # fmt: skip
VOCABULARY = sorted({*GOOD, *BAD, *DENY, *AFFIRM, *PLAIN})
NUMBER = {word: i for i, word in enumerate(VOCABULARY, start=1)}  # 0 is free for a filler
BATCH = 50


class TextCNN(nn.Module):
    """Look up, convolve, keep the largest of each kernel, weigh."""

    def __init__(self, words, dim, widths, kernels, drop=0.0):
        super().__init__()
        self.table = nn.Embedding(words, dim)
        self.convs = nn.ModuleList(nn.Conv1d(dim, kernels, k) for k in widths)
        self.drop = nn.Dropout(drop)
        self.out = nn.Linear(len(widths) * kernels, 2)

    def forward(self, ids):
        """From numbers of words, (N, T), to two scores."""
        x = self.table(ids).transpose(1, 2)
        best = [conv(x).amax(dim=2).relu() for conv in self.convs]
        return self.out(self.drop(torch.cat(best, dim=1)))


class Numbers(TextCNN):
    """The same without a table: the word's number itself is the one channel."""

    def __init__(self, words, dim, widths, kernels):
        super().__init__(words, dim, widths, kernels)
        self.words = words
        self.convs = nn.ModuleList(nn.Conv1d(1, kernels, k) for k in widths)

    def forward(self, ids):
        """From numbers of words, (N, T), to two scores."""
        x = (ids / self.words - 0.5).double()[:, None]
        return self.out(torch.cat([conv(x).amax(dim=2).relu() for conv in self.convs], dim=1))


class Mean(TextCNN):
    """The same with the mean of each kernel instead of the largest."""

    def forward(self, ids):
        """From numbers of words, (N, T), to two scores."""
        x = self.table(ids).transpose(1, 2)
        mean = [conv(x).relu().mean(dim=2) for conv in self.convs]
        return self.out(self.drop(torch.cat(mean, dim=1)))


class Stack(TextCNN):
    """Two layers of one width before the maximum."""

    def __init__(self, words, dim, width, kernels):
        super().__init__(words, dim, [width], kernels)
        self.second = nn.Conv1d(kernels, kernels, width)

    def forward(self, ids):
        """From numbers of words, (N, T), to two scores."""
        x = self.convs[0](self.table(ids).transpose(1, 2)).relu()
        return self.out(self.second(x).amax(dim=2).relu())


def learned(make, seed, X, y, rate, epochs, watch=None):
    """Train a network; with ``watch`` (X, y), return the state that was best on these."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = make().double()
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    rng = np.random.default_rng(1000 + seed)
    best, kept = -1.0, None
    for _ in range(epochs):
        net.train()
        for picked in np.split(rng.permutation(len(X)), range(BATCH, len(X), BATCH)):
            adam.zero_grad()
            nn.functional.cross_entropy(net(X[picked]), y[picked]).backward()
            adam.step()
        if watch and (right := share(net, *watch)) > best:
            best = right
            kept = {name: value.clone() for name, value in net.state_dict().items()}
    if kept:
        net.load_state_dict(kept)
    return net, best


def share(net, X, y):
    """Return the share of right answers."""
    net.eval()
    with torch.no_grad():
        return float((net(X).argmax(dim=1) == y).double().mean())


def two(rng, *, new=False, distance=0):
    """Return two sentences of the same words; the second praises, the first does not."""
    while True:
        i, k, g, b = rng.integers([3, 3, 9, 9])
        meet = [(word + adjective) % 3 == 0 for word in (i, k) for adjective in (g, b)]
        if all(meet) if new else not any(meet):
            break
    drawn = iter(rng.choice(PLAIN, 40))
    gaps = [6, 6, 6] if distance else rng.multinomial(3, [1 / 3] * 3) + 1
    gaps = [[next(drawn) for _ in range(gap)] for gap in gaps]
    inside = [next(drawn) for _ in range(max(distance - 1, 0))]
    turn, both = rng.integers(2), []
    for denied, meant in [(GOOD[g], BAD[b]), (BAD[b], GOOD[g])]:
        phrases = [[DENY[i], *inside, denied], [meant] if distance else [AFFIRM[k], meant]]
        one, other = phrases[::-1] if turn else phrases
        both.append([*gaps[0], *one, *gaps[1], *other, *gaps[2]])
    return both


def many(rng, count, **kind):
    """Return ``count`` sentences as numbers, and their labels: 1 where the second word is meant."""
    sentences = [words for _ in range(count // 2) for words in two(rng, **kind)]
    X = torch.tensor([[NUMBER[word] for word in words] for words in sentences])
    return X, torch.arange(len(X)) % 2


def shuffled(rng, X):
    """Shuffle the words of each sentence."""
    return torch.tensor(rng.permuted(X.numpy(), axis=1))


def twins(seeds, learn, end, epochs, rate, rates):
    """Return shares of right answers by model: pairs met before, new ones, words shuffled."""
    words = len(VOCABULARY) + 1
    found: dict[str, Any] = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        X, y = many(rng, learn)
        choose, seen, new = many(rng, end), many(rng, end), many(rng, end, new=True)
        tests = [seen, new, (shuffled(rng, seen[0]), seen[1])]
        for name, span in [("words counted", (1, 1)), ("pairs counted", (1, 2))]:
            model = counted(span, 1.0, lines(X), y)
            found.setdefault(name, []).append([right(model, lines(a), b) for a, b in tests])
        for name, width in [("width 1", 1), ("width 2", 2), ("width 3", 3)]:
            net, _ = learned(lambda w=width: TextCNN(words, 8, [w], 16), seed, X, y, rate, epochs)
            found.setdefault(name, []).append([share(net, *test) for test in tests])
        tried = [
            learned(lambda: Numbers(words, 8, [2], 16), seed, X, y, each, epochs, choose)
            for each in rates
        ]
        net = max(tried, key=lambda pair: pair[1])[0]
        found.setdefault("numbers", []).append([share(net, *test) for test in tests])
    sizes = {w: TextCNN(words, 8, [w], 16) for w in (1, 2)}
    found["parameters"] = {w: sum(p.numel() for p in net.parameters()) for w, net in sizes.items()}
    return found


def distance(seeds, distances, widths, learn, end, epochs, rate):
    """Return shares of right answers: a row for each distance, an entry for each seed."""
    words = len(VOCABULARY) + 1
    makes = {f"width {w}": lambda w=w: TextCNN(words, 8, [w], 16) for w in widths}
    makes["two layers of 3"] = lambda: Stack(words, 8, 3, 16)
    found: dict[str, Any] = {name: [] for name in makes}
    for far in distances:
        for name, make in makes.items():
            row = []
            for seed in seeds:
                rng = np.random.default_rng(seed)
                learns, test = many(rng, learn, distance=far), many(rng, end, distance=far)
                row.append(share(learned(make, seed, *learns, rate, epochs)[0], *test))
            found[name].append(row)
    return found


def lines(X):
    """Write sentences of numbers as lines of text."""
    return [" ".join(f"w{number}" for number in row) for row in X.tolist()]


def counted(span, penalty, texts, y):
    """Count the words, or words and pairs, and weigh the counts."""
    counter = CountVectorizer(ngram_range=span, token_pattern=r"\S+", min_df=2)
    model = LogisticRegression(C=penalty, solver="liblinear", random_state=0)
    return counter, model.fit(counter.fit_transform(texts), y)


def right(counted_model, texts, y):
    """Return the share of right answers of such a model."""
    counter, model = counted_model
    return float((model.predict(counter.transform(texts)) == np.asarray(y)).mean())


def paragraphs():
    """Return the different paragraphs of prose of Python's reference and of NumPy's."""
    from pydoc_data.topics import topics

    places = [np, np.linalg, np.fft, np.random, np.ma, np.polynomial, np.ndarray, np.char]
    places += [np.random.Generator, np.ma.MaskedArray, np.polynomial.polynomial, np.dtype]
    docs = [
        inspect.getdoc(getattr(place, name)) or ""
        for place in places
        for name in sorted(dir(place))
        if not name.startswith("_") and not inspect.ismodule(getattr(place, name))
    ]
    manuals = []
    for pages in ([topics[name] for name in sorted(topics)], docs):
        kept: dict[tuple, None] = {}
        for page in pages:
            for paragraph in re.split(r"\n\s*\n", page):
                prose = not re.search(r">>>|::|=|\n *---", paragraph)
                words = re.findall(r"[a-z]+", paragraph.lower())
                words = [w for w in words if w not in ("python", "numpy", "np")]
                if prose and len(words) >= 12:
                    kept[tuple(words)] = None
        manuals.append(list(kept))
    return manuals


def passages(rng, manuals, sizes):
    """Draw twelve words in a row, as many of each manual; parts share no paragraph."""
    parts = []
    for pages in manuals:
        pieces, at = [], 0
        order = rng.permutation(len(pages))
        for size in sizes:
            part: list = []
            while len(part) < size // 2:
                words = pages[order[at]]
                part += [words[t : t + 12] for t in range(0, len(words) - 11, 12)]
                at += 1
            pieces.append(part[: size // 2])
        parts.append(pieces)
    return [
        (first + second, np.repeat([0, 1], size // 2))
        for first, second, size in zip(*parts, sizes, strict=True)
    ]


def manuals(seeds, learn, choose, end, epochs, rates, penalties):
    """Return shares of right answers for two questions on the same passages.

    "whose": an entry is the share, and the share after the words of the end are shuffled.
    "order": half of the passages of each manual are shuffled, and the model says which.
    """
    pages = paragraphs()
    found: dict[str, Any] = {"paragraphs": [len(each) for each in pages]}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        parts = passages(rng, pages, [learn, choose, end])
        for question in ("whose", "order"):
            sets = [asked(question, rng, *part) for part in parts]
            if question == "whose":
                mixed = [tuple(rng.permutation(words)) for words in sets[2][0]]
                sets.append((mixed, sets[2][1]))
            answers = asked_of_all(sets, seed, epochs, rates, penalties)
            for name, shares in answers.items():
                found.setdefault(question, {}).setdefault(name, []).append(shares)
    return found


def asked(question, rng, texts, whose):
    """Return the passages as a question wants them, with its labels."""
    if question == "whose":
        return texts, whose
    label = np.arange(len(texts)) % 2
    return [
        tuple(rng.permutation(words)) if mix else words
        for words, mix in zip(texts, label, strict=True)
    ], label


def known(learn):
    """Number the words that occur twice; 0 is a word not known."""
    seen: dict[str, int] = {}
    for words in learn:
        for word in words:
            seen[word] = seen.get(word, 0) + 1
    kept = sorted(word for word, times in seen.items() if times > 1)
    return {word: i for i, word in enumerate(kept, start=1)}


def as_numbers(texts, number):
    """Write passages as the numbers of their words."""
    return torch.tensor([[number.get(word, 0) for word in words] for words in texts])


def asked_of_all(sets, seed, epochs, rates, penalties):
    """Let every model learn from the first part, be chosen on the second; return the rest."""
    (learn, y), *others = sets
    number = known(learn)
    words = len(number) + 1
    texts = [" ".join(words) for words in learn]
    joined = [([" ".join(words) for words in some], labels) for some, labels in others]
    shares = {}
    for name, span in [("words counted", (1, 1)), ("pairs counted", (1, 2))]:
        tried = [counted(span, penalty, texts, y) for penalty in penalties]
        best = max(tried, key=lambda model: right(model, *joined[0]))
        shares[name] = [right(best, *test) for test in joined[1:]]
    X, y = as_numbers(learn, number), torch.tensor(y)
    choose, *tests = [(as_numbers(some, number), torch.tensor(b)) for some, b in others]
    arms: dict[str, Any] = {
        "width 2": lambda: TextCNN(words, 32, [2], 96, 0.5),
        "width 2, mean": lambda: Mean(words, 32, [2], 96, 0.5),
        "widths 1 to 3": lambda: TextCNN(words, 32, [1, 2, 3], 32, 0.5),
    }
    for name, make in arms.items():
        tried = [learned(make, seed, X, y, rate, epochs, choose) for rate in rates]
        net = max(tried, key=lambda pair: pair[1])[0]
        shares[name] = [share(net, *test) for test in tests]
    return shares


def larger(
    seeds, learn, choose, end, epochs, rates, kernels, dim, sentences, twin_epochs, twin_rates,
    number_kernels,
):  # fmt: skip
    """Return shares on the passages learned from and at the end; and those of bare numbers."""
    pages = paragraphs()
    found: dict[str, Any] = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        parts = passages(rng, pages, [learn, choose, end])
        sets = [asked("order", rng, *part) for part in parts]
        texts = [[" ".join(words) for words in some] for some, _ in sets]
        model = counted((1, 2), 1.0, texts[0], sets[0][1])
        shares = [right(model, texts[i], sets[i][1]) for i in (0, 2)]
        found.setdefault("pairs counted", []).append(shares)
        number = known(sets[0][0])
        (X, y), watch, last = [(as_numbers(a, number), torch.tensor(b)) for a, b in sets]
        words = len(number) + 1
        arms: dict[str, Any] = {
            "width 2": lambda w=words: TextCNN(w, 32, [2], 96, 0.5),
            "width 2, mean, larger": lambda w=words: Mean(w, dim, [2], kernels, 0.5),
        }
        for name, make in arms.items():
            tried = [learned(make, seed, X, y, rate, epochs, watch) for rate in rates]
            net = max(tried, key=lambda pair: pair[1])[0]
            found.setdefault(name, []).append([share(net, X, y), share(net, *last)])
        twin, some, seen = many(rng, sentences), many(rng, end), many(rng, end)
        bare = lambda: Numbers(len(VOCABULARY) + 1, 1, [2], number_kernels)  # noqa: E731
        tried = [learned(bare, seed, *twin, rate, twin_epochs, some) for rate in twin_rates]
        net = max(tried, key=lambda pair: pair[1])[0]
        found.setdefault("numbers", []).append(share(net, *seen))
    parts = [p.numel() for name, p in bare().named_parameters() if "table" not in name]
    found["parameters"] = sum(parts)
    return found


if __name__ == "__main__":
    main(sys.modules[__name__])

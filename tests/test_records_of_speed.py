"""The committed records of speed keep the written bounds; nothing is timed here.

The benchmarks measure, print the same bounds, and write the records (CONTRIBUTING.md).
"""

import json
import re
from dataclasses import asdict, dataclass
from math import fsum, log

import pytest

from benchmarks import conv, ladder, lenet, losses, pool_norm, recurrent, summary, transposed

BESIDE_PYTORCH = (conv, transposed, pool_norm, losses, recurrent, lenet)


def worst(ratios):
    return max(ratios)


def geometric_mean(ratios):
    return 2.0 ** (fsum(log(ratio, 2) for ratio in ratios) / len(ratios))


@dataclass(frozen=True)
class Bound:
    """Time over PyTorch's: of all cases of a kind, or of one operation's."""

    module: object
    kind: str
    statistic: object
    at_most: float
    op: str = ""

    def __str__(self):
        name = self.module.__name__.removeprefix("benchmarks.")
        return f"{name} {self.kind} {self.op} {self.statistic.__name__}"


BOUNDS = [
    Bound(conv, "listed", geometric_mean, 1.25),
    Bound(conv, "nearby", geometric_mean, 1.6),
    Bound(conv, "listed", worst, 2.5),
    Bound(conv, "nearby", worst, 2.5),
    Bound(transposed, "listed", geometric_mean, 1.6),
    Bound(transposed, "nearby", geometric_mean, 1.6),
    Bound(transposed, "listed", worst, 2.5),
    Bound(transposed, "nearby", worst, 2.5),
    *(Bound(pool_norm, "listed", worst, 2.0, op) for op in pool_norm.RATIO_AT_MOST),
    *(Bound(pool_norm, "nearby", worst, 3.0, op) for op in pool_norm.RATIO_AT_MOST),
    Bound(losses, "listed", worst, 2.0),
    Bound(recurrent, "listed", worst, 2.0, "lstm"),
    Bound(recurrent, "listed", worst, 2.0, "gru"),
    Bound(recurrent, "nearby", worst, 3.0),
    Bound(lenet, "listed", worst, 1.6),
    Bound(lenet, "nearby", worst, 3.0),
]
GROWTH_AT_MOST = {transposed: 1.5, pool_norm: 1.5, recurrent: 1.6}
"""Of the time for an image, or for a step, where there are four times as many."""


def record(module):
    return json.loads(module.RECORD.read_text(encoding="utf-8"))


def rows(module, kind, op=""):
    found = module.read_record()
    found = dict(zip(kinds(module), found, strict=True)) if isinstance(found, tuple) else found
    return [row for row in found[kind] if not op or row.case.op == op]


def kinds(module):
    return [kind for kind in ("listed", "nearby", "small") if hasattr(module, kind.upper())]


@pytest.mark.parametrize("bound", BOUNDS, ids=str)
def test_a_record_keeps_its_bound(bound):
    ratios = [row.ratio for row in rows(bound.module, bound.kind, bound.op)]
    assert bound.statistic(ratios) <= bound.at_most


@pytest.mark.parametrize("module", BESIDE_PYTORCH, ids=lambda module: module.__name__)
def test_a_record_holds_every_case_and_says_when_and_where(module):
    found = record(module)
    for kind in kinds(module):
        cases = [row.get("case") or row["shape"] for row in found[kind]]
        assert cases == json.loads(json.dumps([asdict(c) for c in getattr(module, kind.upper())]))
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
    assert set(found["machine"]) == {"processor", "instruction sets", "cores", "system"}
    assert set(found["versions"]) == {"python", "numpy", "torch"}
    assert found["what"]
    assert found["how"]


def test_the_recurrent_record_is_of_openblas_own_choice():
    assert record(recurrent)["kernels"] == recurrent.OWN_CHOICE


def fourfold(module):
    """Return the time of four times as many over four times that of fewer, for all such pairs."""
    every = [row for kind in kinds(module)[:2] for row in rows(module, kind)]
    pairs = [(a, b) for a in every for b in every if _four_times(_case(a), _case(b))]
    return [b.dlnotes_ms / a.dlnotes_ms / 4 for a, b in pairs]


def _case(row):
    values = asdict(row)
    return values.get("case") or values["shape"]


def _four_times(small, large):
    """Say whether two cases differ in the batch or the steps alone, and those are fourfold."""
    different = [name for name in small if small[name] != large[name]]
    if different == ["shape"]:
        (n, *rest), (m, *other) = small["shape"], large["shape"]
        return rest == other and m == 4 * n
    return different in (["N"], ["steps"]) and large[different[0]] == 4 * small[different[0]]


@pytest.mark.parametrize("module", GROWTH_AT_MOST, ids=lambda module: module.__name__)
def test_time_grows_with_the_batch_and_hardly_faster(module):
    found = fourfold(module)
    assert len(found) >= 2
    assert max(found) <= GROWTH_AT_MOST[module]


def test_a_layer_table_was_made_at_once():
    found = record(summary)
    assert max(found["times_ms"].values()) < summary.MILLISECONDS_AT_MOST == 100
    assert set(found["times_ms"]) == set(summary.STEPS)
    assert set(found["commands_ms"]) == set(summary.COMMANDS)


def test_the_ladder_s_engine_was_twice_as_fast_as_the_plain_loop():
    found = ladder.read_record()
    assert {kind: [row.case for row in part] for kind, part in found.items()} == ladder.CASES
    assert min(row.ratio for row in found["listed"]) >= 2
    every = [row for part in found.values() for row in part]
    assert min(min(row.ratio, row.thread_ratio) for row in every) > 1


# ---- the programs that write them ----------------------------------------------------------------

SMALL = [
    (conv, conv.Shape(2, 3, 8, 4, 3, 1)),
    (transposed, transposed.Shape(2, 3, 5, 4, 4, 2, 1)),
    *((pool_norm, pool_norm.Case(op, (2, 3, 8, 8))) for op in pool_norm.RATIO_AT_MOST),
    (losses, losses.Case((4, 3), 2.0)),
    *((recurrent, recurrent.Case(op, 3, 2, 5, 7)) for op in ("lstm", "gru", "rnn")),
    (lenet, lenet.DIGITS),
]


@pytest.mark.parametrize(("module", "case"), SMALL, ids=str)
def test_a_measurement_is_written_and_read_back(module, case, tmp_path):
    row, path = module.measure(case, seconds=0.0), tmp_path / "results" / "speed.json"
    assert row.ratio > 0
    if isinstance(module.read_record(), tuple):
        written = ([row], [])
        module.write_record(path, *written, seconds=0.0)
    else:
        written = {kind: [row] for kind in kinds(module)}
        module.write_record(path, written, seconds=0.0)
    assert module.read_record(path) == written
    words = ([row],) if module is losses else ("title", [row])
    assert f"{row.ratio:.2f}" in module.table(*words)


VERDICTS = [
    (conv, lambda rows: conv.summary(rows, mean=1.25, worst=2.5)),
    (transposed, transposed.summary),
    (pool_norm, lambda rows: pool_norm.summary(rows, {rows[0].case.op: 2.0})),
    (losses, losses.verdict),
    (recurrent, lambda rows: recurrent.summary(rows, {rows[0].case.op: 2.0})),
    (lenet, lambda rows: lenet.summary(rows, 1.6)),
]


@pytest.mark.parametrize(("module", "told"), VERDICTS, ids=lambda value: value.__name__)
def test_a_missed_promise_is_told(module, told):
    good, bad = (module.Row(module.LISTED[0], time, 1.0) for time in (0.9, 9.0))
    assert "kept" in told([good])
    assert "MISSED" not in told([good])
    assert "MISSED" in told([good, bad])


def test_the_steps_of_a_layer_table_are_measured():
    times = summary.measure(seconds=0.01)
    assert set(times) == set(summary.STEPS)
    assert all(time > 0 for time in times.values())
    assert summary.table("title", {"a": 1.0}).split() == ["title", "a", "1.0", "ms"]

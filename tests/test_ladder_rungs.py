"""The rungs as data: names, networks, the notes' figures and recipes."""

import re

import pytest
import yaml

from dlnotes import specs
from dlnotes.ladder import rungs
from dlnotes.ladder._engine.members import Members
from dlnotes.ladder.recipes import ORIGIN, TODAY

# published totals: book/concepts.yml; the others by hand: 20*26 + 40*501 and the dense layers
PARAMETERS = {
    "0a": 785 * 300 + 301 * 10,
    "0b": 785 * 150 + 151 * 150 + 151 * 10,
    "1": 79_510,
    "2": 289_630,
    "3": 85_670,
    "4": 85_670,
    "5": 85_670,
    "6a": 20_560 + 641 * 300 + 301 * 10,
    "6b": 20_560 + 641 * 1000 + 1001 * 10,
    "6c": 20_560 + 641 * 100 + 101 * 100 + 101 * 10,
    "7": 1_672_570,
    "8": 1_672_570,
}
# note 001, section 5.23.2, in percent; 0a and 0b are of note 002
PUBLISHED = dict(
    zip(
        PARAMETERS,
        (97, 98, 97.8, 98.78, 99.06, 99.23, 99.37, 99.46, 99.43, 99.43, 99.60, 99.67),
        strict=True,
    )
)


def test_the_rungs_are_the_experiments_of_the_notes():
    assert rungs.names() == tuple(PUBLISHED)
    assert {rung.name: round(100 * rung.published, 2) for rung in rungs.RUNGS} == PUBLISHED


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_network_has_the_parameters_of_the_notes(name):
    net = Members(rungs.get(name).spec, [0])
    assert sum(value.numel() for value in net.parameters()) == PARAMETERS[name]


def test_the_concepts_of_the_rungs_are_in_the_catalogue_with_these_figures(root):
    entries = yaml.safe_load((root / "book" / "concepts.yml").read_text(encoding="utf-8"))
    shows = {entry["id"]: str(entry.get("show", "")) for entry in entries}
    for rung in rungs.RUNGS:
        assert rung.concept in shows
        if rung.name >= "1":
            figures = [float(text) for text in re.findall(r"\b9\d\.\d+", shows[rung.concept])]
            assert round(100 * rung.published, 2) in figures


def test_faithful_recipes_are_those_of_the_notes():
    for rung in rungs.RUNGS:
        recipe = rung.faithful
        relu = rung.name not in "123"
        assert (recipe.batch, recipe.momentum, recipe.schedule) == (10, 0, "constant")
        assert recipe.epochs == (40 if rung.name in "78" else 60)
        assert recipe.rate == (0.03 if relu else 0.1)
        assert recipe.penalty == (0.1 if rung.name[0] in "456" else 0)
        assert (recipe.start, recipe.drop, recipe.decay) == ("origin", "plain", 0)
        assert recipe.order == ("once" if rung.expanded else "file")


def test_the_expanded_data_begin_at_rung_5_and_only_rung_8_votes():
    assert [rung.name for rung in rungs.RUNGS if rung.expanded] == ["5", "6a", "6b", "6c", "7", "8"]
    assert {rung.name: rung.voters for rung in rungs.RUNGS if rung.voters > 1} == {"8": 5}
    voters = rungs.get(rungs.get("8").voters_of)
    assert [rung for rung in rungs.RUNGS if rung.asked] == [voters]
    for name in ("network", "expanded", *rungs.RECIPES):
        assert getattr(voters, name) == getattr(rungs.get("8"), name)
    assert [*rungs.get("8").voter_seeds(2)] == [10, 11, 12, 13, 14]
    assert not rungs.get("7").voter_seeds(2)


def test_modern_recipes_take_far_fewer_steps():
    for rung in rungs.RUNGS:
        steps = {recipe.epochs / recipe.batch for recipe in (rung.modern, rung.faithful)}
        assert max(steps) / min(steps) >= 10
        assert (rung.modern.name, rung.faithful.name) == ("modern", "faithful")


def test_recipes_for_the_digits_are_short():
    for rung in rungs.RUNGS:
        images = 1197 * (5 if rung.expanded else 1)
        assert rung.digits.name == "digits"
        assert rung.digits.epochs * images <= 11_970
        assert rung.digits.batch <= 20
    assert rungs.get("8").digits == rungs.get("7").digits


def test_dropout_stands_where_the_origin_has_it():
    kinds = [layer.kind for _, layer in specs.walk(rungs.get("7").spec.body)]
    dense = ["Dropout", "Linear", "relu", "Dropout", "Linear", "relu", "Dropout", "Linear"]
    assert kinds[kinds.index("Flatten") + 1 :] == dense


@pytest.mark.parametrize(
    ("name", "near"), [("6", "6a or 6b or 6c"), ("4b", "did you mean"), (4, "did you mean 4?")]
)
def test_an_unknown_rung_names_the_nearest_ones(name, near):
    with pytest.raises(ValueError, match=f"no rung {name!r}; .*{re.escape(near)}"):
        rungs.get(name)


def test_an_unknown_recipe_names_both():
    with pytest.raises(ValueError, match="no recipe 'moderne'; did you mean modern"):
        rungs.get("4").recipe("moderne")


def test_a_rate_that_stays_and_one_that_goes_through_a_cycle():
    assert {ORIGIN.rate_at(step, 100) for step in range(100)} == {0.1}
    rates = [TODAY.rate_at(step, 100) for step in range(100)]
    peak = rates.index(max(rates))
    assert peak == 19  # a fifth of the steps
    assert rates[peak] == pytest.approx(TODAY.rate)
    assert rates[:20] == sorted(rates[:20])
    assert rates[19:] == sorted(rates[19:], reverse=True)
    assert rates[59] == pytest.approx(TODAY.rate / 2)  # half of the cosine
    assert rates[-1] == pytest.approx(0, abs=1e-9)


def test_the_penalty_of_the_origin_is_five_times_weaker_with_five_times_the_data():
    assert ORIGIN.decay_over(5000) == 0
    rung4, rung5 = rungs.get("4").faithful, rungs.get("5").faithful
    assert rung4.decay_over(50_000 // 10) == pytest.approx(0.1 / 5000)
    assert rung4.decay_over(5000) / rung5.decay_over(250_000 // 10) == pytest.approx(5)

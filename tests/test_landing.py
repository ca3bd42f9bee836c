"""What the landing page computes: cards, buttons, the ladder, how to get the book."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from docutils import nodes
from PIL import Image

import card
import landing
import landing_figures
from dlnotes.ladder.rungs import RUNGS
from dlnotes.ladder.statistics import Interval

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = yaml.safe_load((ROOT / "book" / "chapters.yml").read_text("utf-8"))
ROW = SimpleNamespace(
    rung="1",
    recipe="modern",
    test=Interval(0.98, 0.979, 0.981),
    sampling=Interval(0.98, 0.977, 0.983),
    seeds=(0, 1, 2),
    test_images=10_000,
)


def test_the_page_shows_every_chapter_in_its_part():
    text = (ROOT / "book" / "intro.md").read_text("utf-8")
    named = landing.MARKER.findall(text)
    parts = list(dict.fromkeys(chapter["file"].partition("/")[0] for chapter in CHAPTERS))
    assert [name for name in named if name in parts] == parts
    cards = "\n".join(landing.cards(part, CHAPTERS, set()) for part in parts)
    assert re.findall(r"^- (\d+) ", cards, re.M) == [str(n + 1) for n in range(len(CHAPTERS))]
    assert cards.count("[coming]") == len(CHAPTERS)
    questions = [chapter["question"] for chapter in CHAPTERS]
    unfit = [asked for asked in questions if len(asked) > 100 or asked[-1] != "?"]
    assert not unfit, f"book/chapters.yml: at most 100 characters and a question mark: {unfit}"


def test_written_chapters_are_linked_and_the_first_is_the_start():
    names = [f"chapters/{chapter['file']}" for chapter in CHAPTERS[1:3]]
    cards = landing.cards("foundations", CHAPTERS, set(names))
    assert re.findall(r"</(chapters/[^>]+)>`", cards) == names
    assert f"</{names[0]}>" in landing.start(CHAPTERS, set(names)).splitlines()[1]


def test_how_to_get_it_with_and_without_an_address():
    told = landing.get("https://example.org/d", "T", "A", "2026")
    assert "git clone https://example.org/d\ncd d\nmake book" in told
    assert "url = {https://example.org/d}" in told
    untold = landing.get("", "T", "A", "2026")
    assert "names no public address" in untold
    assert "git clone" not in untold
    assert "url" not in untold


def test_the_ladder_draws_what_is_recorded():
    one_run = {"test": Interval(0.99, math.nan, math.nan), "recipe": "faithful"}
    other = SimpleNamespace(**{**vars(ROW), **one_run, "rung": "2"})
    html = landing_figures.ladder([ROW, other])
    steps = [rung for rung in RUNGS if rung.concept.startswith("ladder-")]
    assert html.count('<i class="dot notes"') == len(steps) + 1  # and in the legend
    assert html.count("not run yet") == len(steps) - 2
    assert "<td>98.00 ± 0.10</td><td>97.80</td>" in html
    assert "<td>99.00</td>" in html, "a single run has no interval over seeds"
    assert f"2 of {len(steps)} steps run, 3 seeds each" in html
    assert "today's recipe" in html
    assert "the recipe of 2015" in html
    places = [float(at) for at in re.findall(r"left:([\d.-]+)%", html)]
    assert min(places) >= 0
    assert max(places) <= 100
    ours = re.search(r'dot modern" style="left:([\d.]+).*?dot notes" style="left:([\d.]+)', html)
    assert float(ours[1]) > float(ours[2]), "98.00 lies to the right of 97.80"


def test_an_empty_ladder_says_so():
    html = landing_figures.ladder([])
    assert "Nothing is recorded here yet." in html
    assert "dot modern" not in html


def test_the_digit_is_read_as_what_it_is_and_brings_no_weights():
    html = landing_figures.digit()
    assert f'aria-label="{landing_figures.LABEL}"' in html
    assert "Read as 3 with" in html
    assert '<dln-live data-kind="digit">' in html
    assert len(html) < 40_000


def test_links_lead_from_the_root():
    page = '<a href="../c/a.html#x"><img src="../_static/i.png?v=1"><a href="https://e.org/">'
    assert landing.at_the_root(page, "book/intro.html") == page.replace("../", "")


def test_a_page_is_described_by_its_first_words_without_formulas():
    formula = nodes.paragraph("", "", nodes.Text("long enough, were it not for "), nodes.math())
    words = nodes.paragraph("", " ".join(["words"] * 60))
    found = landing.first_words(nodes.section("", nodes.paragraph("", "Few."), formula, words))
    assert found.startswith("words words")
    assert found.endswith("words …")
    assert len(found) <= 242
    assert landing.first_words(nodes.section()) == ""


def test_the_card_is_the_one_that_is_drawn():
    stored = Image.open(card.CARD)
    assert stored.size == (card.WIDTH, card.HEIGHT)
    pair = [np.asarray(one.convert("RGB"), dtype=float) for one in (stored, card.draw())]
    assert np.abs(pair[0] - pair[1]).mean() < 1.0, "run python book/_tools/card.py"


@pytest.mark.parametrize("text", ["README.md", "book/intro.md"])
def test_the_card_and_the_pages_have_one_title(text):
    assert card.TITLE in (ROOT / text).read_text("utf-8")

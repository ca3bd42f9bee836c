"""Layer tables as text, Markdown, HTML, CSV, JSON and in rich; all say the same numbers."""

import csv
import io
import json
import re
import sys
from html.parser import HTMLParser

import pytest
from rich.console import Console

from dlnotes import counting, specs
from test_counting_table import SMALL

BOTH = counting.table(SMALL, (3, 10, 12), convention=("mac", "flop"))
MAC, FLOP = BOTH.count("mac"), BOTH.count("flop")
TRAINED, FIXED = BOTH.parameters.trainable, BOTH.parameters.fixed
TOTALS = [f"{TRAINED:,}", f"{FIXED:,}", f"{MAC:,}", f"{FLOP:,}", f"{BOTH.memory / 1000:,.1f}"]


def test_text():
    lines = str(BOTH).splitlines()
    assert lines[0] == "Chain, input 3×10×12"
    head = re.split(r" {2,}", lines[1])
    assert head == [
        "layer", "kind", "input", "output", "parameters", "not trained", "mac (MAC)",
        "flop (FLOP)", "memory (kB)", "field",
    ]  # fmt: skip
    total = next(line for line in lines if line.startswith("total"))
    assert re.split(r" {2,}", total)[1:] == TOTALS
    assert f"mac: {MAC:,} MAC, one for each product" in str(BOTH)
    assert f"flop: {FLOP:,} FLOP, two for each multiply-add" in str(BOTH)
    assert f"{TRAINED:,} trained and {FIXED} not trained" in str(BOTH)
    assert max(map(len, lines[:-5])) == len(lines[2])  # the rule is as wide as the table


def test_a_network_without_fixed_numbers_has_no_column_for_them():
    text = str(counting.table(specs.get("mnist-dense")))
    assert "not trained" not in text
    assert re.search(r"^total +79,510 +79,400 ", text, re.M)


def test_markdown():
    lines = BOTH.to_markdown().splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(BOTH.rows) + 1
    assert len({line.count("|") for line in table}) == 1
    assert re.findall(r"\*\*([\d.,]+)\*\*", table[-1]) == TOTALS
    assert lines[-1] == "- Memory: every output of one example is kept, as float32."


class Cells(HTMLParser):
    """Cells by row, and every tag that is opened or closed."""

    def __init__(self):
        super().__init__()
        self.rows, self.open, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_html():
    html = BOTH._repr_html_()
    found = Cells()
    found.feed(html)
    assert found.open == []
    assert len(found.rows) == 2 + len(BOTH.rows)
    assert [cell for cell in found.rows[-1] if cell] == ["total", *TOTALS]
    assert ("scope", "col") in found.attributes
    assert {("tabindex", "0"), ("role", "region")} <= set(found.attributes)  # it may scroll
    assert not re.search(r"0x[0-9a-f]{6}|#[0-9a-f]{3}\b", html)  # no address, no fixed colour
    assert html == counting.table(SMALL, (3, 10, 12), convention=("mac", "flop"))._repr_html_()


def test_html_escapes():
    own = counting.Convention("a<b", "MAC", {"products": 1}, "x & y")
    html = BOTH.under(own)._repr_html_()
    assert "a&lt;b (MAC)" in html
    assert "x &amp; y" in html
    assert "a<b" not in html


def test_csv_sums_to_the_totals():
    rows = list(csv.DictReader(io.StringIO(BOTH.to_csv())))
    assert [row["path"] for row in rows] == [row.path for row in BOTH.rows]
    want = {"trainable": TRAINED, "fixed": FIXED, "mac": MAC, "flop": FLOP, "bytes": BOTH.memory}
    assert {name: sum(int(row[name]) for row in rows) for name in want} == want
    assert rows[0]["output"] == "8x10x12"
    assert rows[3]["input"] == "2 of 8x10x12"
    assert rows[6]["input"] == "4+5x10x12"


@pytest.mark.parametrize("table", [BOTH, BOTH.grouped(1), BOTH.under(())], ids=["", "top", "bare"])
def test_json_has_every_row_and_sums_to_the_totals(table):
    record = json.loads(table.to_json())
    assert [row["path"] for row in record["rows"]] == [row.path for row in table.rows]
    assert [tuple(row["output"]) for row in record["rows"]] == [row.output for row in table.rows]
    want = {"trainable": TRAINED, "fixed": FIXED, "bytes": table.memory}
    want |= {rule.name: table.count(rule) for rule in table.conventions}
    assert record["totals"] == want
    assert {name: sum(row[name] for row in record["rows"]) for name in want} == want
    assert list(record["conventions"]) == [rule.name for rule in table.conventions]


def test_rich():
    console = Console(width=200, file=io.StringIO(), color_system=None)
    console.print(BOTH)
    text = console.file.getvalue()
    assert all(number in text for number in TOTALS)
    assert "block.body.batchnorm1" in text
    assert f"mac: {MAC:,} MAC" in text


def test_rich_in_a_narrow_terminal():
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(BOTH)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    head = next(line for line in lines if "layer" in line)
    assert "output" in head
    assert "input" not in head
    assert all(number in console.file.getvalue() for number in TOTALS[:-1])


def test_plain_text_needs_no_rich(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    assert str(BOTH).startswith("Chain")

"""Figures whose states are many: what stands in the page, what in a file of its own."""

from __future__ import annotations

import json
import re

import pytest
from sphinx.errors import ExtensionError

import book_states
from dlnotes import plotting
from dlnotes.plotting.svg import script_element
from explored import facts


@pytest.fixture(scope="module")
def small() -> str:
    return plotting.sliding_window([[1, 2]], [[1]], [[1, 2]]).html()


@pytest.fixture(scope="module")
def large() -> str:
    def many(n):
        return [plotting.Grid([[n, n + 1]], "a"), f"{n} " + "<b> & words " * 40]

    return plotting.explore(many, n=plotting.slider(range(40))).html()


def test_many_states_leave_the_page_and_come_back_whole(small, large):
    written = {}
    page = book_states.apart(small + large + large, "12-conv", written.__setitem__)
    assert list(written) == ["12-conv-1.js", "12-conv-2.js"]
    assert small in page
    assert len(page) < len(small + large)
    named = re.findall(r'data-states="([^"?]*)\?v=[0-9a-f]{8}"', page)
    assert named == list(written)
    last = facts(large)
    call = re.fullmatch(r'dlnStates\("12-conv-2",(\{.*\})\);\n', written["12-conv-2.js"])
    kept = re.findall(r"<script type=\"application/json\"[^>]*>(.*?)</script>", page)[-1]
    assert json.loads(kept) | json.loads(call[1]) == last
    assert json.loads(kept)["controls"] == last["controls"]
    assert "<" not in call[1]


def test_the_served_script_waits_and_takes_states_and_says_when_it_cannot():
    script = script_element("explorer.js")
    served = book_states.for_pages(script)
    assert "window.dlnWait(figure" in served
    assert "DOMContentLoaded" not in served
    assert "figure.fill = function" in served
    with pytest.raises(ExtensionError, match=r"explorer.js has 0 times.*live\(true\)"):
        book_states.for_pages(script.replace("live(true)", "lively()"))

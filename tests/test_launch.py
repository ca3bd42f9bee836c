"""How a chapter says that it is run; the page of a book with an address is in test_site_book.py."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

import book_launch
from test_site_book import ADDRESS, build, commands, outward


def test_without_an_address_no_link_leads_out_and_no_word_is_left(tmp_path):
    assert build(tmp_path, alt="a line", address="").returncode == 0
    for path in (tmp_path / "html").glob("*.html"):
        html = path.read_text("utf-8")
        assert outward(html) == []
        assert not re.search("colab|binder|git clone|in the browser|mistake", html, re.I)
    html = (tmp_path / "html" / "12-page.html").read_text("utf-8")
    assert commands(html) == ["cd PATH/TO/dlnotes", "make lab ARGS=12-page.ipynb"]
    assert ' href="_sources/12-page.ipynb" download ' in html


@pytest.mark.parametrize("other", ["https://example.org/us/dlnotes", "https://github.com/us"])
def test_colab_and_binder_run_what_is_on_github_alone(other):
    assert book_launch.elsewhere(other, "12-page.ipynb") == []


def test_a_strange_title_stays_within_the_link():
    link = book_launch.report(ADDRESS, 'A & "b" #<c>?')
    assert unquote(link.partition("?title=")[2]) == 'Mistake in “A & "b" #<c>?”'
    assert not set('&"#<> ') & set(link)

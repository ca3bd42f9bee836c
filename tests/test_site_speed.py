"""The measurement of the site: what it serves, weighs, and says when something is missing."""

import gzip
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from benchmarks import site, site_weight

PAGE = "chapters/a/12-a.html"
FIGURE = '<script type="application/json">{}</script>'


@pytest.fixture
def built(tmp_path):
    states = tmp_path / site_weight.STATES / "12-a-1.js"
    for path in (states, tmp_path / PAGE):
        path.parent.mkdir(parents=True)
    words = " ".join(map(str, range(2000)))
    (tmp_path / PAGE).write_text(f"<p>{words}</p>{FIGURE.format(words[::-1])}", encoding="utf-8")
    states.write_text("dlnStates()", encoding="utf-8")
    (tmp_path / "index.html").write_text("<p>the door</p>", encoding="utf-8")
    return tmp_path


def test_text_is_served_gzipped_and_what_is_not_there_is_404(built):
    with site.served(built) as base:
        with urlopen(f"{base}/", timeout=10) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(answer.read()) == b"<p>the door</p>"
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{base}/none.html", timeout=10)


def test_figures_and_their_states_are_not_counted_in_the_first_load(built):
    names = [PAGE, PAGE, "index.html", f"{site_weight.STATES}12-a-1.js", "none.js"]
    sizes = site_weight.first_load(built, names)
    bare = (built / PAGE).read_text("utf-8").partition("<script")[0].encode()
    assert sizes == {
        PAGE: len(gzip.compress(bare, 6)),
        "index.html": site_weight.packed(built / "index.html"),
    }
    assert sizes[PAGE] < site_weight.packed(built / PAGE) / 1.5


def test_a_missing_program_or_site_is_named_with_its_remedy(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("LIGHTHOUSE", "CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(site.Missing, match="npm install --prefix FOLDER lighthouse@12"):
        site.tools()
    monkeypatch.setenv("LIGHTHOUSE", sys.executable)
    with pytest.raises(site.Missing, match="apt-get install chromium"):
        site.tools()
    monkeypatch.setattr(sys, "argv", ["site", "--site", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        site.main()
    assert end.value.code == 2
    assert "the built site has no index.html; run make book" in capsys.readouterr().err


def row(**changes):
    names = {f"{form} {name}": 100 for form in site.FORMS for name in site.CATEGORIES}
    return names | {"mobile blocked ms": 0, "html kB": 1, "first load kB": 1} | changes


def test_each_bound_that_a_page_breaks_is_named():
    page = site.BLOCKED_PAGE
    assert site.faults(page, row()) == []
    assert site.faults(page, row(**{"mobile performance": 85, "desktop performance": 98})) == []
    broken = {"mobile performance": 84, "desktop seo": 99, "mobile blocked ms": 251}
    broken |= {"html kB": 150.1, "first load kB": 300.1}
    assert site.faults(page, row(**broken)) == [
        "mobile performance 84 < 85",
        "desktop seo 99 < 100",
        "blocks a phone for 251 ms > 250",
        "html kB 150.1 > 150",
        "first load kB 300.1 > 300",
    ]


def test_medians_are_taken_of_points_and_times():
    def report(points, time):
        audits = {key: {"numericValue": time} for key in site.TIMES.values()}
        scores = {key: {"score": points} for key in site.CATEGORIES}
        return {"audits": audits, "categories": scores, "environment": {"benchmarkIndex": 1000.4}}

    found = site.numbers([report(0.9, 120.4), report(1, 80), report(0.5, 300)])
    assert found["performance"] == 90
    assert found["blocked ms"] == 120
    assert found["machine index"] == 1000

"""The built site, a server for it, and one Chromium for each worker."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from pathlib import Path

import pytest

from shell import chromium

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("DLNOTES_SITE") or ROOT / "_build" / "html")
NO_PAGES = "(no pages)"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@functools.cache
def stale() -> str:
    """Say what is wrong with the built site, if anything is."""
    if not (SITE / "index.html").exists():
        return f"there is no built site in {SITE.name}; run make book"
    if "DLNOTES_SITE" in os.environ:
        return ""
    from targets import book_is_current

    return "" if book_is_current() else "the built site is older than its sources; run make book"


def built_pages() -> list[str]:
    """Return the pages of the built site without pages of source; index.html copies book/intro."""
    found = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    apart = ("_static/", "_modules/", "book/intro.html")
    pages = [name for name in found if not name.startswith(apart)]
    return [] if stale() else pages


def pytest_generate_tests(metafunc):
    """Give a test every page; those of the API, alike and many, are looked at in one width."""
    if "page_name" in metafunc.fixturenames:
        phone = "phone" in metafunc.fixturenames
        pages = [name for name in built_pages() if not (phone and name.startswith("book/api/"))]
        metafunc.parametrize("page_name", pages or [NO_PAGES])


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site, which has to be up to date."""
    if stale():
        pytest.fail(stale(), pytrace=False)
    return SITE


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and keeps no log."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="session")
def base_url(site):
    """The address of a server on this machine that serves the site."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium; skipped without it on a desk, a failure in CI."""
    path = chromium()
    if path is None:
        line = (
            "Chromium is missing: install the package chromium (Debian: apt-get install chromium), "
            "or set CHROMIUM to its path"
        )
        if os.environ.get("CI"):
            pytest.fail(line, pytrace=False)
        pytest.skip(line)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        instance = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield instance
        instance.close()


@pytest.fixture(scope="module")
def wide(browser):
    """A context of 1280 pixels, light."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture(scope="module")
def phone(browser):
    """A context of 390 pixels, dark."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", has_touch=True
    )
    yield context
    context.close()

"""How fast the built book opens: Lighthouse on ten pages, on a phone and a desk, and their weight.

python -m benchmarks.site                       print the table (make book first)
python -m benchmarks.site --runs 3              … medians of three runs of each
python -m benchmarks.site --pages 12-,index     only pages whose address has one of these
python -m benchmarks.site --without mathjax     as if requests whose address has this failed
python -m benchmarks.site --runs 3 --record     … and write book/results/site_speed.json

Lighthouse is a program of Node, and no part of this project: install it into a folder elsewhere,
`npm install --prefix FOLDER lighthouse@12`, and put FOLDER/node_modules/.bin on the PATH, or name
the program in LIGHTHOUSE. The site is served with gzip on a free port of this machine. The phone
is Lighthouse's own: a processor slowed four times, 1.6 Mbit/s, 150 ms.
"""

import argparse
import gzip
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks.machine import describe_machine
from benchmarks.site_weight import first_load, packed

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
RECORD = ROOT / "book" / "results" / "site_speed.json"
PAGES = (
    "index.html",
    "chapters/foundations/01-neurons.html",
    "chapters/convolution/12-convolution-by-hand.html",
    "chapters/convolution/14-channels-and-dimensions.html",
    "chapters/architectures/24-imagenet-networks.html",
    "chapters/practice/30-mnist-ladder.html",
    "chapters/practice/31-inside-the-network.html",
    "book/concepts.html",
    "book/glossary.html",
    "book/api/functional.html",
)
FORMS = {"mobile": (), "desktop": ("--preset=desktop",)}
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
AT_LEAST = {"mobile performance": 85, "desktop performance": 98}
"""Of the hundred points of Lighthouse; of the other categories all."""
BLOCKED_PAGE, BLOCKED_MS = PAGES[2], 250
"""Milliseconds for which the page with the most code may block a phone, at most."""
HTML_BYTES, FIRST_LOAD_BYTES = 150_000, 300_000
"""At most, gzipped: a page's HTML; all that a chapter loads at first, figures not counted."""
FLAGS = "--headless --no-sandbox --disable-gpu"
TIMES = {
    "painted ms": "first-contentful-paint",
    "largest ms": "largest-contentful-paint",
    "blocked ms": "total-blocking-time",
    "shift": "cumulative-layout-shift",
}
PACKED = (".html", ".css", ".js", ".svg", ".txt", ".json", ".ipynb")


class Missing(Exception):
    """What has to be there and is not, and how it is got."""


class Zipped(http.server.SimpleHTTPRequestHandler):
    """Serves files as a host does: text gzipped, connections kept open, no log."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if not path.is_file():
            return self.send_error(404)
        text = path.suffix in PACKED
        body = body_of(path) if text else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        if text:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    """Says nothing when a browser closes before it has been told all."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@cache
def body_of(path: Path) -> bytes:
    """Return a file gzipped; it is packed once, so that no run waits for it."""
    return gzip.compress(path.read_bytes(), 6)


@contextmanager
def served(site: Path) -> Iterator[str]:
    """Serve a folder on a free port."""
    handler = partial(Zipped, directory=str(site))
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def tools() -> tuple[str, str]:
    """Return the programs Lighthouse and Chromium.

    Raises
    ------
    Missing
        If one is not there.
    """
    names = (os.environ.get("LIGHTHOUSE"), "lighthouse")
    lighthouse = next((path for name in names if name and (path := shutil.which(name))), None)
    if lighthouse is None:
        raise Missing(
            "Lighthouse is missing: npm install --prefix FOLDER lighthouse@12 (Node 18 or later; "
            "FOLDER outside of this project), then LIGHTHOUSE=FOLDER/node_modules/.bin/lighthouse "
            "before this command"
        )
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    browser = next((path for name in names if name and (path := shutil.which(name))), None)
    if browser is None:
        raise Missing(
            "Chromium is missing: install the package chromium (Debian: apt-get install chromium), "
            "or set CHROMIUM to its path"
        )
    return lighthouse, browser


def visit(address: str, form: str, without: str, programs: tuple[str, str]) -> dict[str, Any]:
    """Return Lighthouse's report of one run on one page."""
    lighthouse, browser = programs
    options = [*FORMS[form], "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    options += [f"--only-categories={','.join(CATEGORIES)}"]
    options += [f"--blocked-url-patterns=*{without}*"] if without else []
    done = subprocess.run(
        [lighthouse, address, *options],
        env=os.environ | {"CHROME_PATH": browser},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or "no word on stderr").splitlines()[-1]
        raise Missing(f"Lighthouse gave up on {urlsplit(address).path} ({form}): {last}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def numbers(reports: list[dict[str, Any]]) -> dict[str, float]:
    """Return the medians of some runs: points, milliseconds, and how fast the machine was."""
    found: dict[str, float] = {}
    for name in CATEGORIES:
        points = [100 * (report["categories"][name]["score"] or 0) for report in reports]
        found[name] = round(median(points))
    for name, audit in TIMES.items():
        values = [report["audits"][audit].get("numericValue", 0.0) for report in reports]
        found[name] = round(median(values), 3 if name == "shift" else 0)
    index = [report["environment"]["benchmarkIndex"] for report in reports]
    return found | {"machine index": round(median(index))}


def weights(site: Path, page: str, report: dict[str, Any]) -> dict[str, float]:
    """Return the kilobytes, gzipped, of a page and of all that it loads at first."""
    items = report["audits"]["network-requests"]["details"]["items"]
    names = {unquote(urlsplit(item["url"]).path).lstrip("/") for item in items}
    sizes = first_load(site, names)
    return {
        "html kB": round(packed(site / page) / 1000, 1),
        "first load kB": round(sum(sizes.values()) / 1000, 1),
    }


def faults(page: str, row: dict[str, float]) -> list[str]:
    """Say which bounds a page breaks."""
    found = []
    for form in FORMS:
        for name in CATEGORIES:
            value, least = row[f"{form} {name}"], AT_LEAST.get(f"{form} {name}", 100)
            found += [f"{form} {name} {value:g} < {least}"] if value < least else []
    blocked = row["mobile blocked ms"]
    if page == BLOCKED_PAGE and blocked > BLOCKED_MS:
        found.append(f"blocks a phone for {blocked:g} ms > {BLOCKED_MS}")
    bounds = {"html kB": HTML_BYTES}
    if page.startswith("chapters/"):
        bounds["first load kB"] = FIRST_LOAD_BYTES
    found += [f"{name} {row[name]:g} > {most / 1000:g}" for name, most in bounds.items()
              if 1000 * row[name] > most]  # fmt: skip
    return found


HEAD = f"{'page':32}{'html':>6}{'load':>6} | {'phone':>5}{'paint':>6}{'large':>6}{'block':>6}"
HEAD += f"{'shift':>6} | {'desk':>4}{'block':>6} | access best seo | machine"


def line(page: str, row: dict[str, float]) -> str:
    """Write a row of the table; what is judged on both forms is shown for the worse."""
    worse = [min(row[f"{form} {name}"] for form in FORMS) for name in CATEGORIES[1:]]
    phone = {name: row[f"mobile {name}"] for name in TIMES}
    return (
        f"{page.rpartition('/')[2].removesuffix('.html'):32}{row['html kB']:6.0f}"
        f"{row['first load kB']:6.0f} | {row['mobile performance']:5g}"
        f"{phone['painted ms']:6g}{phone['largest ms']:6g}{phone['blocked ms']:6g}"
        f"{phone['shift']:6.3f} | {row['desktop performance']:4g}{row['desktop blocked ms']:6g} | "
        f"{worse[0]:6g}{worse[1]:5g}{worse[2]:4g} | {row['mobile machine index']:7g}"
    )


def measure(site: Path, pages: list[str], runs: int, without: str) -> dict[str, dict[str, float]]:
    """Visit the pages, print the table as it grows, and return it."""
    programs = tools()
    table: dict[str, dict[str, float]] = {}
    print(f"kB gzipped, load without figures; ms; medians of {runs}\n{HEAD}")
    with served(site) as base:
        for page in pages:
            row: dict[str, float] = {}
            for form in FORMS:
                reports = [visit(f"{base}/{page}", form, without, programs) for _ in range(runs)]
                row |= {f"{form} {name}": value for name, value in numbers(reports).items()}
                row |= weights(site, page, reports[0])
            table[page] = row
            print(line(page, row), flush=True)
            print("".join(f"    {fault}\n" for fault in faults(page, row)), end="", flush=True)
    return table


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=SITE, help="the folder of a built site")
    parser.add_argument("--runs", type=int, default=1, help="runs of each page (default 1)")
    parser.add_argument("--pages", default="", help="parts of addresses, with commas")
    parser.add_argument("--without", default="", help="requests to hold back, for a trial")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    chosen = [page for page in PAGES if any(word in page for word in options.pages.split(","))]
    if options.record and (chosen != list(PAGES) or options.without):
        parser.error("a record holds all ten pages as they are: leave out --pages and --without")
    if lost := [page for page in chosen if not (options.site / page).is_file()]:
        parser.exit(2, f"the built site has no {lost[0]}; run make book\n")
    try:
        table = measure(options.site, chosen, options.runs, options.without)
    except Missing as missing:
        parser.exit(2, f"{missing}\n")
    if options.record:
        record = {
            "what": "Lighthouse's points and times of ten pages, and their kilobytes gzipped",
            "how": f"served with gzip on the same machine; medians of {options.runs} runs",
            "date": date.today().isoformat(),
            "machine": describe_machine(),
            "pages": table,
        }
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()

"""The targets of the Makefile: one function each, whose first line is what ``make help`` prints."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import environment
from shell import ROOT, Stop, fingerprint, pages, run

HTML = ROOT / "_build" / "html"
PDF = HTML / "dlnotes.pdf"
BOOK_STAMP = ROOT / "_build" / "dlnotes-book"
BOOK_SOURCES = ("_config.yml", "_toc.yml", "book", "chapters", "dlnotes", "requirements.lock")
LEFT_BEHIND = ("_build", "build", "dist", ".coverage", ".hypothesis")
CACHES = (".mypy_cache", ".pytest_cache", ".ruff_cache")
XDIST = ("-n", "2", "--dist", "loadfile")
CHAPTER_STYLE = ("--preview", "--config", "line-length=75")
"""Wider lines are cut off on a small screen; the preview style writes a matrix row by row."""


@dataclass(frozen=True)
class Job:
    """What a target is run with: an interpreter that has everything, and the words after it."""

    python: Path
    arguments: Sequence[str] = ()

    def module(self, name: str, *arguments: str | Path) -> int:
        """Run ``python -m name`` in the project's folder."""
        return run([self.python, "-m", name, *arguments])

    def need(self, what: str, status: int) -> None:
        """Stop unless a step went well."""
        if status:
            raise Stop(f"{what} failed (exit status {status}); its own words stand above")


def setup(job: Job) -> None:
    """Make .venv from requirements.lock; every other target does this first."""
    print(f"set-up: ready, {job.python}")


def book(job: Job) -> None:
    """Build the book, warnings as errors; returns at once when nothing changed."""
    index = HTML / "index.html"
    if not (index.exists() and book_is_current()):
        version = book_version()
        BOOK_STAMP.unlink(missing_ok=True)
        shutil.rmtree(HTML, ignore_errors=True)
        print("book: building", flush=True)
        command = "from jupyter_book.cli.main import main; main()"
        # --all: a page that was not read again would keep its warnings to itself
        options = ("build", "-q", "-W", "-n", "--keep-going", "--all", ".")
        job.need("the build of the book", run([job.python, "-c", command, *options]))
        BOOK_STAMP.write_text(version)
    print(f"book: open {index.as_uri()}\nbook: or serve it at http://localhost:8000 by: make serve")


def book_version() -> str:
    """Return a hash of all that the book is made from."""
    return fingerprint(ROOT / name for name in BOOK_SOURCES)


def book_is_current() -> bool:
    """Say whether the last build went well and nothing has changed since."""
    return BOOK_STAMP.exists() and BOOK_STAMP.read_text() == book_version()


def serve(job: Job) -> None:
    """Build the book and serve it on this machine (ARGS=8001 for another port)."""
    book(job)
    port = int(job.arguments[0]) if job.arguments else 8000
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise Stop(f"port {port} is taken; make serve ARGS={port + 1} uses the next one")
    print(f"serve: http://localhost:{port} until Ctrl-C", flush=True)
    job.module("http.server", str(port), "--bind", "127.0.0.1", "--directory", HTML)


def pdf(job: Job) -> None:
    """Print the book with Chromium as _build/html/dlnotes.pdf (ARGS=PAGE ... for a few pages)."""
    book(job)
    file = ROOT / "_build" / "pages.pdf" if job.arguments else PDF
    if file == PDF and PDF.exists():  # a new build takes it away
        print(f"pdf: {PDF.as_uri()}")
        return
    tool = ROOT / "book" / "_tools" / "pdf.py"
    if status := run([job.python, tool, HTML, file, *job.arguments]):
        raise SystemExit(status)


def lab(job: Job) -> None:
    """Open JupyterLab on the chapters (ARGS=FILE for one), trusting their stored figures."""
    # a signature kept with Jupyter's own data; no file of the project changes
    if found := pages():
        job.need("jupyter trust", job.module("nbformat.sign", "--log-level=WARN", *found))
    start, options = "chapters", list(job.arguments)
    if options and options[0].endswith(".ipynb"):
        start = options.pop(0)  # as JupyterLab's own argument it would shut out other folders
    job.module("jupyterlab", f"--LabApp.default_url=/lab/tree/{start}", *options)


def execute(job: Job) -> None:
    """Run the notebooks again, in place (ARGS=FILE for one, ARGS=--check to compare only)."""
    tool = ROOT / "book" / "_tools" / "execute.py"
    status = run([job.python, tool, *job.arguments])
    if status:
        raise SystemExit(status)


def lint(job: Job) -> None:
    """Check the style of the code and of the notebooks with ruff."""
    # no cache: it knows a file, not its neighbours, by which imports are sorted
    job.need("ruff check", job.module("ruff", "check", "--quiet", "--no-cache", "."))
    job.need("ruff format (make format mends it)", ruff_format(job, "--check"))


def format(job: Job) -> None:
    """Bring the code and the notebooks into form with ruff."""
    job.need("ruff check --fix", job.module("ruff", "check", "--fix", "--no-cache", "."))
    job.need("ruff format", ruff_format(job))


def ruff_format(job: Job, *options: str) -> int:
    """Format the modules to the width of pyproject.toml and the notebooks to the page's."""
    modules = job.module("ruff", "format", *options, "--exclude", "*.ipynb", ".")
    found = pages()
    return modules or (
        job.module("ruff", "format", *options, *CHAPTER_STYLE, *found) if found else 0
    )


def types(job: Job) -> None:
    """Check the types with mypy."""
    job.need("mypy", job.module("mypy"))


def unit(job: Job) -> None:
    """Run the unit tests with coverage, then the examples in the docstrings."""
    if job.arguments:
        return pytest(job, "the tests", *job.arguments)
    pytest(job, "the unit tests", *XDIST, "--cov", "--cov-report=term")
    return pytest(job, "the docstrings' examples", *XDIST, "--doctest-modules", "dlnotes")


def notebooks(job: Job) -> None:
    """Run every notebook and compare all of its outputs with the stored ones (nbval, strict)."""
    chosen = job.arguments or [str(path.relative_to(ROOT)) for path in pages()]
    if not chosen:
        raise Stop("there is no notebook in chapters/")
    pytest(job, "the notebooks", "--nbval", *XDIST, *chosen)


def site(job: Job) -> None:
    """Build the book and try its pages in a browser."""
    book(job)
    # in the order of their names the long files stand in the middle, and short ones fill the end
    order = "--no-loadscope-reorder"
    pytest(job, "the site's tests", *XDIST, order, *(job.arguments or ["tests/browser"]))


def pytest(job: Job, what: str, *arguments: str) -> None:
    """Run pytest; a run that finds no test has tested nothing, and fails."""
    status = job.module("pytest", "-q", *arguments)
    if status == 5:
        raise Stop(f"{what}: pytest found none")
    job.need(what, status)


def test(job: Job) -> None:
    """Run everything that has to hold: lint, types, unit, notebooks, book, site."""
    job = Job(job.python)
    spent: list[str] = []
    for step in (lint, types, unit, notebooks, book, site):
        print(f"\n=== {step.__name__}", flush=True)
        start = time.monotonic()
        step(job)
        spent.append(f"{step.__name__} {time.monotonic() - start:.0f} s")
    print(f"\ntest: all good ({', '.join(spent)})")


def lock(job: Job) -> None:
    """Resolve requirements.lock anew from pyproject.toml (ARGS=--upgrade for newer versions)."""
    options = "--extra dev --universal --python-version 3.11 --no-annotate --no-emit-index-url"
    # pip is the one that installs; no lock should replace it while it runs
    options += " --no-emit-package pip --quiet --output-file requirements.lock"
    compile_ = ("pip", "compile", "pyproject.toml", *options.split(), *job.arguments)
    job.need("uv pip compile", job.module("uv", *compile_, "--custom-compile-command", "make lock"))


def clean(job: Job) -> None:
    """Delete what was built and what tools left behind; .venv stays."""
    for name in LEFT_BEHIND + CACHES:
        path = ROOT / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for part in ("book", "dlnotes", "tests", "benchmarks"):
        for cache in {file.parent for file in (ROOT / part).rglob("*.pyc")}:
            shutil.rmtree(cache)


def help(job: Job) -> None:
    """List the targets."""
    print("make TARGET, or without make: python book/_tools/make.py TARGET\n")
    for name, target in TARGETS.items():
        print(f"  {name:<10} {(target.__doc__ or '').splitlines()[0]}")
    print("\n--here before TARGET uses the running Python as it is (conda) and makes no .venv.")


_ALL = (book, test, serve, pdf, lab, execute, lint, types, unit, notebooks, site, format, lock)
TARGETS = {target.__name__: target for target in (*_ALL, setup, clean, help)}
NEED_NOTHING = (clean, help)


def main(words: Sequence[str]) -> int:
    """Run the target that ``words`` name; what a person can mend is said in one line."""
    here = words[:1] == ["--here"]
    name, *arguments = words[here:] or ["help"]
    try:
        if name not in TARGETS:
            raise Stop(f"there is no target {name!r}; make help lists them")
        TARGETS[name](Job(interpreter(name, here), arguments))
    except Stop as stop:
        print(f"make {name}: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def interpreter(name: str, here: bool) -> Path:
    """Return the Python for a target: the one that runs, or that of an environment made ready."""
    if TARGETS[name] in NEED_NOTHING:
        return Path(sys.executable)
    return environment.check_here() if here else environment.ensure()

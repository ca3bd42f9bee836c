"""The tools behind the Makefile: what they do, and the one line they say when they cannot."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

import environment
import shell
import targets

SPACED = "a folder with spaces"


def run(command, cwd, **env):
    """Run a command and return its exit status and what it printed."""
    outside = {k: v for k, v in os.environ.items() if k not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=outside | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture
def checkout(tmp_path, root):
    """A small copy of the project, in a folder with a space in its name, without .venv."""
    copy = tmp_path / SPACED
    shutil.copytree(root / "book" / "_tools", copy / "book" / "_tools")
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "README.md", "LICENSE"):
        shutil.copy(root / name, copy / name)
    (copy / "dlnotes").mkdir()
    shutil.copy(root / "dlnotes" / "__init__.py", copy / "dlnotes")
    return copy


def make_target(checkout, *words, **env):
    return run(
        ["make", "--no-print-directory", *words, f"PYTHON={sys.executable}"], checkout, **env
    )


# ---- make and its targets


def test_every_target_of_the_makefile_is_a_target_and_is_in_help(checkout, root):
    text = (root / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, re.M)
    (rule,) = re.findall(r"^(help .+):$", text, re.M)
    assert sorted(phony.split()) == sorted(rule.split()) == sorted(targets.TARGETS)
    status, said = make_target(checkout)
    assert status == 0
    for name, target in targets.TARGETS.items():
        first = (target.__doc__ or "").splitlines()[0]
        assert len(first) > 10
        assert re.search(rf"^  {name} +{re.escape(first)}$", said, re.M)


def test_an_unknown_target_is_named(checkout):
    assert run([sys.executable, "book/_tools/make.py", "bok"], checkout) == (
        1,
        "make bok: there is no target 'bok'; make help lists them\n",
    )


def test_the_tests_of_make_test_leave_nothing_out(monkeypatch, capsys, root):
    commands = []
    monkeypatch.setattr(targets, "run", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(targets, "book", build := Mock(__name__="book"))
    build.side_effect = lambda job: commands.append(["book"])
    targets.test(targets.Job(Path("python")))
    said = [" ".join(map(str, command)) for command in commands]
    starts = ["ruff check", "ruff format", "mypy", "pytest -q -n 2 --dist loadfile --cov"]
    assert all(any(start in line for line in said) for start in starts)
    assert any("--doctest-modules dlnotes" in line for line in said)
    (compared,) = [line for line in said if "--nbval " in line]
    stored = {str(path.relative_to(root)) for path in (root / "chapters").rglob("*.ipynb")}
    assert stored
    assert all(name in compared for name in stored if ".ipynb_checkpoints" not in name)
    assert said.index("book") < next(n for n, line in enumerate(said) if " tests/browser" in line)
    assert "test: all good" in capsys.readouterr().out


@pytest.mark.parametrize(("status", "words"), [(5, "pytest found none"), (1, "exit status 1")])
def test_a_failing_step_and_a_step_without_tests_stop_the_run(monkeypatch, status, words):
    monkeypatch.setattr(targets, "run", lambda command: status)
    with pytest.raises(shell.Stop, match=words):
        targets.pytest(targets.Job(Path("python")), "the unit tests", "tests")


def test_lab_trusts_the_chapters_before_it_opens_them(monkeypatch):
    commands = []
    monkeypatch.setattr(targets, "run", lambda command: commands.append(command) or 0)
    targets.lab(targets.Job(Path("python"), ["--no-browser"]))
    (_, _, sign, *_, last), (_, _, lab, *_, option) = commands
    assert (sign, lab, option) == ("nbformat.sign", "jupyterlab", "--no-browser")
    assert last == shell.pages()[-1]


def test_lab_opens_a_chapter_with_the_folders_of_the_others_in_reach(monkeypatch):
    commands = []
    monkeypatch.setattr(targets, "run", lambda command: commands.append(command) or 0)
    targets.lab(targets.Job(Path("python"), ["chapters/a/1.ipynb", "--no-browser"]))
    assert commands[-1][3:] == ["--LabApp.default_url=/lab/tree/chapters/a/1.ipynb", "--no-browser"]


def test_a_taken_port_is_named(monkeypatch):
    monkeypatch.setattr(targets, "book", lambda job: None)
    with targets.socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(shell.Stop, match=f"port {port} is taken; make serve ARGS={port + 1}"):
            targets.serve(targets.Job(Path("python"), [str(port)]))


def test_the_book_is_built_only_when_something_changed(tmp_path, monkeypatch, capsys):
    builds = []
    monkeypatch.setattr(targets, "HTML", tmp_path / "html")
    monkeypatch.setattr(targets, "BOOK_STAMP", tmp_path / "stamp")
    monkeypatch.setattr(targets, "ROOT", tmp_path)
    monkeypatch.setattr(shell, "ROOT", tmp_path)

    def build(command):
        builds.append(command)
        (tmp_path / "html").mkdir()
        (tmp_path / "html" / "index.html").touch()
        return 0

    monkeypatch.setattr(targets, "run", build)
    (tmp_path / "_toc.yml").write_text("one")
    for content, count in (("one", 1), ("one", 1), ("two", 2), ("two", 2)):
        (tmp_path / "_toc.yml").write_text(content)
        targets.book(targets.Job(Path("python")))
        assert len(builds) == count
    assert {"-W", "-n", "--all", "--keep-going"} <= set(builds[0])
    assert f"open {(tmp_path / 'html' / 'index.html').as_uri()}" in capsys.readouterr().out


def test_a_build_with_warnings_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setattr(targets, "HTML", tmp_path / "html")
    monkeypatch.setattr(targets, "BOOK_STAMP", tmp_path / "stamp")
    monkeypatch.setattr(targets, "run", lambda command: 1)
    for _ in range(2):
        with pytest.raises(shell.Stop, match="the build of the book failed"):
            targets.book(targets.Job(Path("python")))


# ---- the Python and the environment


def as_python(version, checkout, **env):
    """Start make.py as if this Python had another version, with no other on the search path."""
    code = (
        f"import runpy, sys; sys.version_info = {version}; sys.argv = ['make.py', 'book']; "
        "runpy.run_path('book/_tools/make.py', run_name='__main__')"
    )
    return run([sys.executable, "-c", code], checkout, **env)


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_a_wrong_python_is_said_in_one_line(checkout, tmp_path, version):
    status, said = as_python(version, checkout, PATH=str(tmp_path))
    shown = ".".join(map(str, version))
    assert status == 1
    assert re.fullmatch(
        rf"dlnotes needs Python 3\.11, 3\.12 or 3\.13, and this is {shown} \(.+\); "
        r"install one of them, then say which: make book PYTHON=python3\.12\n",
        said,
    )


def test_another_python_on_the_path_is_taken(checkout, tmp_path):
    works = '[ "$1" = -c ] || echo "took $0 with $2"'
    for name, body in (("python3.13", "exit 127"), ("python3.12", works)):
        command = tmp_path / name
        command.write_text(f"#!/bin/sh\n{body}\n")
        command.chmod(0o755)
    status, said = as_python((3, 9), checkout, PATH=str(tmp_path))
    assert (status, said) == (0, f"took {tmp_path}/python3.12 with book\n")


def test_without_a_network_the_setup_says_so_in_one_line(checkout):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_EXTRA_INDEX_URL": ""}
    nowhere |= {"PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    status, said = make_target(checkout, "book", **nowhere)
    assert status == 2  # make's own
    lines = [line for line in said.splitlines() if not line.startswith(("set-up:", "make:"))]
    assert lines == [
        f"make book: set-up cannot install PyTorch ({environment.pinned('torch')}): the package "
        "index does not answer; connect to the network and run this again "
        "(what is installed already is kept)"
    ]
    assert not (checkout / ".venv" / environment.STAMP.name).exists()


def test_a_venv_that_no_longer_runs_is_named(checkout):
    for folder in ("bin", "Scripts"):
        (checkout / ".venv" / folder).mkdir(parents=True)
    status, said = make_target(checkout, "lint")
    assert status == 2
    assert "make lint: the .venv here no longer runs" in said
    assert "delete the folder .venv and run this again\n" in said
    assert "Traceback" not in said


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for Python")
def test_a_venv_of_another_python_is_named(checkout):
    stand_in = checkout / ".venv" / "bin" / "python"
    stand_in.parent.mkdir(parents=True)
    stand_in.write_text("#!/bin/sh\necho 3.9.2\n")
    stand_in.chmod(0o755)
    _, said = make_target(checkout, "lint")
    assert "make lint: the .venv here has Python 3.9.2, and dlnotes needs 3.11, 3.12 or" in said


def test_a_ready_environment_starts_no_pip(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(environment, "LOG", tmp_path / "log")
    monkeypatch.setattr(environment, "venv_version", lambda: "3.11.7")
    installed = []
    monkeypatch.setattr(environment, "pip_install", lambda what, *words: installed.append(words))
    environment.ensure()
    assert [words[-1] for words in installed] == ["requirements.lock", "requirements.lock", "."]
    assert installed[0][0].startswith("torch==")
    environment.ensure()
    assert len(installed) == 3
    monkeypatch.setattr(environment, "venv_version", lambda: "3.12.1")
    environment.ensure()
    assert len(installed) == 6


def test_here_takes_the_running_python_or_says_what_it_lacks(monkeypatch):
    assert environment.check_here() == Path(sys.executable)
    monkeypatch.setattr(environment, "installed", lambda name: name != "numpydoc")
    with pytest.raises(shell.Stop, match=r"lacks numpydoc; 'conda env create -f environment\.yml"):
        environment.check_here()

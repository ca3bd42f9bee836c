"""The environment of the book: ``.venv``, filled from requirements.lock, and never twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from make import SUPPORTED
from shell import ROOT, Stop, fingerprint

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "dlnotes-setup"
LOG = VENV / "dlnotes-setup.log"
NO_NETWORK = re.compile(
    "NewConnectionError|Failed to establish a new connection|Temporary failure in name resolution"
    "|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|Network is unreachable"
    "|getaddrinfo failed|Connection refused|SSLError"
)


def python() -> Path:
    """Return the interpreter of ``.venv``."""
    windows = os.name == "nt"
    return VENV / ("Scripts/python.exe" if windows else "bin/python")


def ensure() -> Path:
    """Return an interpreter that has what the lock names, installing it where it is missing.

    A stamp in ``.venv`` keeps what was installed, for which Python and in which folder, so that
    a second call neither starts pip nor needs a network.

    Raises
    ------
    Stop
        If the environment cannot be made; the text says what to do.
    """
    if not VENV.exists():
        make_venv()
    wanted = fingerprint([LOCK, ROOT / "pyproject.toml"], venv_version(), str(ROOT))
    if STAMP.exists() and STAMP.read_text() == wanted:
        return python()
    STAMP.unlink(missing_ok=True)
    LOG.write_text("")
    torch = pinned("torch")
    print("set-up: this takes two to five minutes the first time", flush=True)
    pip_install(f"PyTorch ({torch})", torch, "-c", "requirements.lock")
    pip_install("the locked packages", "--no-deps", "-r", "requirements.lock")
    pip_install("dlnotes itself", "--no-deps", "--no-build-isolation", "-e", ".")
    STAMP.write_text(wanted)
    return python()


def make_venv() -> None:
    """Create an empty ``.venv``."""
    print(f"set-up: making .venv with Python {sys.version.split()[0]}", flush=True)
    command = [sys.executable, "-m", "venv", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise Stop(
            f"Python {sys.version.split()[0]} cannot make .venv: {last_line(made.stdout)}; "
            "on Debian and Ubuntu 'apt-get install python3-venv' brings the missing part; "
            "then delete the folder .venv and run this again"
        )


def venv_version() -> str:
    """Return the version of Python in ``.venv``, which has to be one that dlnotes supports."""
    code = "import sys; print(*sys.version_info[:3], sep='.')"
    try:
        shown = subprocess.run([python(), "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        raise Stop(
            "the .venv here no longer runs (its Python is gone, or it was copied from another "
            "system); delete the folder .venv and run this again"
        ) from None
    version = shown.stdout.strip()
    if version.rpartition(".")[0] not in {f"{major}.{minor}" for major, minor in SUPPORTED}:
        raise Stop(
            f"the .venv here has Python {version or 'of no known version'}, and dlnotes needs "
            "3.11, 3.12 or 3.13; delete the folder .venv and run this again"
        )
    return version


def pinned(name: str) -> str:
    """Return the requirement ``name==version`` as the lock has it."""
    found = re.search(rf"^{name}==\S+", LOCK.read_text(), re.M)
    if found is None:
        raise Stop(f"requirements.lock has no line for {name}; 'make lock' writes it anew")
    return found[0]


def pip_install(what: str, *arguments: str) -> None:
    """Install into ``.venv``; pip's own words go to a log, and a failure becomes one line."""
    print(f"set-up: installing {what}", flush=True)
    # pip compiles, which takes a while; where PYTHONDONTWRITEBYTECODE is set, nothing else would
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input"]
    done = subprocess.run(
        [python(), *pip, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    with LOG.open("a") as log:
        log.write(said)
    if done.returncode == 0:
        return
    if "No module named pip" in said:
        raise Stop("the .venv here has no pip; delete the folder .venv and run this again")
    if NO_NETWORK.search(said):
        raise Stop(
            f"set-up cannot install {what}: the package index does not answer; connect to the "
            "network and run this again (what is installed already is kept)"
        )
    raise Stop(f"set-up cannot install {what}: {last_line(said)}; all of it is in {LOG.name}")


def last_line(said: str) -> str:
    """Return what a failed command said last, its error line when it has one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["it gave no reason"])[-1]


def check_here() -> Path:
    """Return the running interpreter, if it has the packages of the lock (conda and CI).

    Raises
    ------
    Stop
        If a package that the book names itself is missing.
    """
    try:
        needed = metadata.requires("dlnotes") or []
        names = {re.split(r"[^\w.-]", line)[0] for line in needed} - {"dlnotes"}
        missing = [name for name in sorted(names) if not installed(name)]
    except metadata.PackageNotFoundError:
        missing = ["dlnotes"]
    if missing:
        raise Stop(
            f"this Python lacks {', '.join(missing)}; 'conda env create -f environment.yml' "
            "makes an environment that has all, 'conda activate dlnotes' enters it"
        )
    return Path(sys.executable)


def installed(name: str) -> bool:
    """Say whether a distribution of this name is installed."""
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True

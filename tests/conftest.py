"""What all tests share: steady hypothesis, one thread a worker, and the project's folder."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# two workers share two cores; set before NumPy and PyTorch load
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# a slow machine is no failure, and a failure comes back on the next run
settings.register_profile("dlnotes", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("dlnotes")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def project_files(root: Path) -> list[Path]:
    """The files that are committed, and the new ones that git does not ignore."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]

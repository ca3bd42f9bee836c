"""What a downloaded notebook asks for comes with an installed package, far from any checkout."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

CODE = """
import dlnotes
from dlnotes import check, data

print(dlnotes.__file__)
check.shows("emboss-pixel", without_flip=-8, with_flip=8)
print(data.record("02-backpropagation")["command"], len(data.mnist_sample()[1]))
"""


@pytest.fixture(scope="module")
def installed(project_files, root, tmp_path_factory):
    """The unpacked wheel of the package."""
    folder = tmp_path_factory.mktemp("wheel")
    parts = ("dlnotes", "book", "pyproject.toml", "setup.py", "README.md", "LICENSE")
    for path in project_files:
        if path.relative_to(root).parts[0] in parts:
            copy = folder / "source" / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    code = f"from setuptools.build_meta import build_wheel; build_wheel({str(folder)!r})"
    command = [sys.executable, "-c", code]
    source = folder / "source"
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "absent from the `packages`" not in done.stderr
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "installed")
    return folder / "installed"


def test_records_catalogue_and_pictures_come_with_the_package(installed, tmp_path):
    env = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    place, shown, last = done.stdout.splitlines()
    assert place.startswith(str(installed))
    assert shown == "✓ emboss-pixel: as in the catalogue: without_flip, with_flip"
    assert last == "python -m benchmarks.experiments.02-backpropagation --record 100"


def test_nothing_else_of_the_book_is_packaged(installed):
    packed = {path.suffix for path in (installed / "dlnotes" / "_book").rglob("*.*")}
    assert packed <= {".yml", ".json", ".jsonl", ".npz"}

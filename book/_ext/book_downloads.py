"""A page that is downloaded as a notebook runs alone: its copy begins with a line that installs.

The one setting is ``repository: url`` of ``_config.yml``, the address of the repository. The
package brings the records, numbers and pictures that chapters read, so nothing else is needed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

EXTRAS = "dlnotes[torch,plot,data,cli]"
UNSET = f"""\
# This page needs dlnotes, and this copy of the book does not say where it can be had.
# In a checkout of the book it is there; from elsewhere install the checkout's folder:
# %pip install "{EXTRAS} @ file:///PATH/TO/THE/CHECKOUT\""""


def repository(source: Path) -> str:
    """Return the address of the repository that ``_config.yml`` gives; empty if none."""
    path = source / "_config.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return str((settings.get("repository") or {}).get("url") or "").rstrip("/")


def install_line(address: str) -> str:
    """Return the code that installs dlnotes from a repository, or says what to do.

    Examples
    --------
    >>> install_line("https://example.org/dlnotes").splitlines()[-1]
    '%pip install --quiet "dlnotes[torch,plot,data,cli] @ git+https://example.org/dlnotes"'
    """
    if not address:
        return UNSET
    return (
        "# dlnotes brings the functions, records and pictures that this page uses.\n"
        f'%pip install --quiet "{EXTRAS} @ git+{address}"'
    )


def with_install_line(text: str, address: str) -> str:
    """Return a notebook with the line before its first code cell."""
    notebook = json.loads(text)
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    if "code" not in kinds:
        return text
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "install",
        "metadata": {},
        "outputs": [],
        "source": install_line(address).splitlines(keepends=True),
    }
    notebook["cells"].insert(kinds.index("code"), cell)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Put the line into the copies of notebooks that the built pages offer."""
    if exception or app.builder.format != "html":
        return
    address = repository(Path(app.srcdir))
    for copy in sorted((Path(app.outdir) / "_sources").rglob("*.ipynb")):
        text = copy.read_text(encoding="utf-8")
        if '"id": "install"' not in text:  # a copy of an earlier build
            copy.write_text(with_install_line(text, address), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register what is done to downloads."""
    app.connect("build-finished", finish)

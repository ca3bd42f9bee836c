"""The lists that the book goes by: chapters, concepts and errata, in ``book/<name>.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def read(root: str | Path, name: str) -> list[dict[str, Any]]:
    """Return the entries of one list, such as ``chapters``, in its order."""
    found: list[dict[str, Any]] = yaml.safe_load(
        (Path(root) / "book" / f"{name}.yml").read_text("utf-8")
    )
    return found

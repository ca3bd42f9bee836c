"""Each name of the API pages leads to its source; Sphinx's viewcode makes the pages."""

from __future__ import annotations

from functools import reduce
from importlib import import_module

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Let viewcode find properties, too, and no source of what is Python's own."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("viewcode-follow-imported", source_module)


def source_module(app: Sphinx, module: str, name: str) -> str | None:
    """Return where a name is defined, if Sphinx would not find it by itself; else None.

    A property names no module, its class does. A name for a built-in type, such as that of a
    tuple, stays where it is documented.

    Examples
    --------
    >>> source_module(None, "dlnotes.counting", "LayerTable.memory")
    'dlnotes.counting.layer_table'
    >>> source_module(None, "dlnotes.ladder.records", "Key")
    'dlnotes.ladder.records'
    """
    owner, _, last = name.rpartition(".")
    if not owner:
        value = getattr(import_module(module), name, None)
        return module if getattr(value, "__module__", "") == "builtins" else None
    found = reduce(getattr, owner.split("."), import_module(module))
    return found.__module__ if isinstance(vars(found).get(last), property) else None

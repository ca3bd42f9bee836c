"""Each name of the API pages leads to its source; Sphinx's viewcode makes the pages."""

from __future__ import annotations

from functools import reduce
from importlib import import_module

from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Let viewcode find properties, too."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("viewcode-follow-imported", property_module)


def property_module(app: Sphinx, module: str, name: str) -> str | None:
    """Return the module of a property's class, since a property names none; of others None.

    Examples
    --------
    >>> property_module(None, "dlnotes.counting", "LayerTable.memory")
    'dlnotes.counting.layer_table'
    """
    owner, _, last = name.rpartition(".")
    if not owner:
        return None
    found = reduce(getattr, owner.split("."), import_module(module))
    return found.__module__ if isinstance(vars(found).get(last), property) else None

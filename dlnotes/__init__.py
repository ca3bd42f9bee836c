"""dlnotes: the code behind the book, every layer written forward and backward in NumPy.

``import dlnotes`` loads nothing but NumPy; the parts load when they are named, so that
``dlnotes.shapes`` needs neither PyTorch nor Matplotlib.
"""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType

__version__ = "0.1.0"


def __getattr__(name: str) -> ModuleType:
    """Import the part ``dlnotes.<name>`` the first time that it is asked for."""
    if name.startswith("_") or find_spec(f"{__name__}.{name}") is None:
        parts = ", ".join(part for part in __dir__() if not part.startswith("_"))
        raise AttributeError(f"dlnotes has no part called {name!r}; its parts are {parts}")
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    """List the parts, loaded or not."""
    parts = {part.name for part in iter_modules(__path__)}
    return sorted({part for part in parts if not part.startswith("_")} | {"__version__"})

"""The one place that tells a reader which extra a part of dlnotes needs."""

from importlib import import_module
from types import ModuleType


def require(module: str, *, extra: str, feature: str) -> ModuleType:
    """Import ``module``, or say in one line which extra brings it.

    Parameters
    ----------
    module : str
        Name to import, for example ``"matplotlib"`` or ``"torch.nn"``.
    extra : str
        Extra of dlnotes that installs it, as in ``pip install "dlnotes[plot]"``.
    feature : str
        What the reader was using, for example ``"dlnotes.plotting"``.

    Returns
    -------
    module
        The imported module.

    Raises
    ------
    ImportError
        If the module is not installed. A module that is installed and fails while it loads
        raises its own error, unchanged.

    Examples
    --------
    >>> require("math", extra="plot", feature="an example").__name__
    'math'
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        package = module.partition(".")[0]
        raise ImportError(
            f'{feature} needs {package}, which is not installed; pip install "dlnotes[{extra}]"',
            name=package,
        ) from None

"""What `dlnotes summary` is asked to count: a name, a file, or a module of PyTorch."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from dlnotes import counting, specs
from dlnotes._arguments import suggestion
from dlnotes.cli.refusing import sizes

DTYPES = ("float32", "float64", "float16", "int64", "int32", "bool")


def find(target: str) -> Any:
    """Return what a target of `dlnotes summary` means.

    Parameters
    ----------
    target : str
        A name of `specs.names()`; ``file.py:name``; ``module:name``.

    Returns
    -------
    Network, Part, or what the name in the file or module holds

    Raises
    ------
    ValueError
        If there is nothing of this name; the message has the nearest names.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> find("mnist-dense").input_shape
    (1, 28, 28)
    """
    source, colon, name = target.rpartition(":")
    if target.endswith(".py") or (colon and not name):
        raise ValueError(f"{target}: say which network it holds; write {target.rstrip(':')}:name")
    if not colon:
        return specs.get(target)
    module = _from_file(source) if source.endswith(".py") else _imported(source)
    return _inside(module, name, target)


Input = tuple[tuple[int, ...], str]
"""A shape, and the dtype where it is told."""


def read_input(text: str) -> Input:
    """Read what `--input` says.

    Examples
    --------
    >>> read_input("3x224x224"), read_input("9:int64")
    (((3, 224, 224), ''), ((9,), 'int64'))
    """
    shape, _, dtype = text.partition(":")
    return sizes(shape, "--input"), dtype.strip()


def table(found: Any, target: str, inputs: Sequence[Input], **options: Any) -> Any:
    """Return the layer table of what `find` found; a function is called for its network.

    Parameters
    ----------
    found : object
        A network, a part, a module of PyTorch, or a function without arguments that makes one.
    target : str
        What messages call it.
    inputs : sequence of (tuple of int, str)
        What goes in, where it is told.
    **options
        As `counting.table` takes them.

    Returns
    -------
    LayerTable

    Raises
    ------
    ValueError, TypeError
        If it cannot be counted.
    """
    if not _is_network(found) and not _is_module(found):
        found = _called(found, target)
    if not _is_network(found) and not _is_module(found):
        raise ValueError(
            f"{target} is no network; got {type(found).__name__}; give a Network, a part of one, "
            "a torch.nn.Module, or a function that returns one"
        )
    if not inputs and not isinstance(found, specs.Network):
        raise ValueError(f"{target} does not say what goes in; add --input, as in 3x224x224")
    if _is_module(found):
        values = tuple(_zeros(*one) if one[1] else one[0] for one in inputs)
        return counting.table_of_module(found, values if len(values) > 1 else values[0], **options)
    if any(dtype for _, dtype in inputs):
        raise ValueError(f"{target} is a description, without dtypes; give --input a shape alone")
    shapes = tuple(shape for shape, _ in inputs)
    return counting.table(found, shapes if len(shapes) > 1 else next(iter(shapes), None), **options)


def _zeros(shape: tuple[int, ...], dtype: str) -> Any:
    """Return zeros of a dtype that PyTorch has."""
    import torch

    if dtype not in DTYPES:
        hint = suggestion(dtype, DTYPES, f"there are {', '.join(DTYPES)}")
        raise ValueError(f"--input: there is no dtype {dtype!r}; {hint}")
    return torch.zeros(1, *shape, dtype=getattr(torch, dtype))


def _is_network(found: object) -> bool:
    """Say whether this is a description, or a part of one."""
    return isinstance(found, specs.Network | specs.Part)


def _is_module(found: object) -> bool:
    """Say whether this is a module of PyTorch; where PyTorch is not loaded there is none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(found, torch.nn.Module)


def _called(found: Any, target: str) -> Any:
    """Call a function, or a class, that makes a network."""
    if not callable(found):
        return found
    try:
        return found()
    except (Exception, SystemExit) as error:  # whatever a stranger's function raises
        raise ValueError(f"{target}() failed: {_said(error)}") from error


def _existing(name: str) -> Path:
    """Return a file that is there."""
    path = Path(name)
    if not path.is_file():
        raise ValueError(f"there is no file {name}; give its path from this folder")
    return path


def _from_file(name: str) -> ModuleType:
    """Run a Python file, with its folder first among those that are searched."""
    path = _existing(name)
    spec = importlib.util.spec_from_file_location(f"_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ValueError(f"{name}: this is no file of Python")
    module = importlib.util.module_from_spec(spec)
    _search(path.resolve().parent)
    sys.modules[spec.name] = module  # dataclasses look there for their module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[spec.name]
        raise ValueError(f"{name} does not run: {_said(error)}") from error
    return module


def _imported(name: str) -> ModuleType:
    """Import a module; the current folder is searched first."""
    _search(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise ValueError(f"{name} does not run: {_said(error)}") from error
        raise ValueError(
            f"there is no module {name} in this folder or among those installed; write "
            "module:name, file.py:name, or a name from dlnotes list"
        ) from None
    except (Exception, SystemExit) as error:
        raise ValueError(f"{name} does not run: {_said(error)}") from error


def _search(folder: Path) -> None:
    """Search a folder first, as Python does with a script's."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _inside(module: ModuleType, name: str, target: str) -> Any:
    """Return what a name in a module stands for; it may have dots."""
    found: Any = module
    for word in name.split("."):
        if not hasattr(found, word):
            known = [other for other in vars(found) if not other.startswith("_")]
            hint = suggestion(word, known, f"there are {', '.join(known)}")
            raise ValueError(f"{target}: there is no {word!r}; {hint}")
        found = getattr(found, word)
    return found


def _said(error: BaseException) -> str:
    """Return an error of a stranger's program in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"

"""Networks in files: NumPy's own format, no pickle, and nothing half-loaded."""

import io
import json
import os
import zipfile
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from dlnotes.layers import Layer
from dlnotes.layers._writing import written
from dlnotes.layers.layer import Array, require_state
from dlnotes.networks.running import require_network

FORMAT = 1
"""The version of the format that is written."""

_HEAD, _ARRAY = "dlnotes", "state/"


def save(network: Layer, path: str | PathLike[str]) -> None:
    """Write a network's parameters and buffers to a file.

    The file is an ``.npz`` of NumPy without pickle. It holds the format's version and the structure
    of the network, too. It appears in one piece: whatever happens meanwhile, an older file of the
    name is whole until the new one is.

    Parameters
    ----------
    network : Layer
    path : str or path
        The file's name, which should end in ``.npz``.

    Raises
    ------
    TypeError
        If the network is no layer, or the path no name.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dlnotes.layers import Linear
    >>> network = Linear(5, 3, rng=np.random.default_rng(0))
    >>> with TemporaryDirectory() as folder:
    ...     save(network, Path(folder, "network.npz"))
    ...     load(network, Path(folder, "network.npz")).weight.shape
    (3, 5)
    """
    require_network("save", network)
    head = {"format": FORMAT, "structure": structure(network)}
    text = np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8)
    arrays = {f"{_ARRAY}{name}": array for name, array in network.state_dict().items()}
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **{_HEAD: text}, **arrays)
    _write(Path(path), content.getvalue())


def load(network: Layer, path: str | PathLike[str]) -> Layer:
    """Read a network's parameters and buffers from a file that `save` wrote.

    Parameters
    ----------
    network : Layer
        Of the same structure; it is changed only if everything in the file fits.
    path : str or path
        The file's name.

    Returns
    -------
    Layer
        The network.

    Raises
    ------
    TypeError
        If the network is no layer, the path no name, or a dtype differs.
    ValueError
        If the file is damaged, or belongs to another network: the message says where they differ.
    OSError
        If there is no such file, or it cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from dlnotes.layers import Linear
    >>> rng = np.random.default_rng(0)
    >>> with TemporaryDirectory() as folder:
    ...     save(Linear(5, 3, rng=rng), Path(folder, "network.npz"))
    ...     try:
    ...         load(Linear(5, 4, rng=rng), Path(folder, "network.npz"))
    ...     except ValueError as error:
    ...         print(str(error).partition("; ")[0])
    load: the file belongs to another network: it has Linear(5, 3) where this one has Linear(5, 4)
    """
    require_network("load", network)
    source = Path(path)
    content = source.read_bytes()
    try:
        head, state = _read(content)
    except Exception as error:  # a damaged archive makes NumPy and zipfile raise whatever they meet
        raise ValueError(
            f"load: the file is damaged, cut short or none that save wrote; got {source.name}, "
            f"{len(content)} bytes ({type(error).__name__}: {error}); take another copy of it"
        ) from None
    _require_format(head)
    _require_structure(head["structure"], structure(network))
    require_state("load", dict([*network.named_parameters(), *network.named_buffers()]), state)
    network.load_state_dict(state)
    return network


def structure(network: Layer) -> list[str]:
    """Return what a network consists of: path and call of each layer, in their order."""
    return [
        f"{path}: {written(layer, inside=False)}" if path else written(layer, inside=False)
        for path, layer in network.named_layers()
    ]


def _write(target: Path, content: bytes) -> None:
    """Put a file in its place in one step; if that fails, an older one is as it was."""
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"save: there is no folder {str(target.parent)!r}; got path={str(target)!r}; make the "
            "folder first"
        )
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(target)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def _read(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read everything, so that damage anywhere shows before anything is loaded."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if (name := archive.testzip()) is not None:
            raise ValueError(f"the part {name} is damaged")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    head = json.loads(arrays.pop(_HEAD).tobytes().decode())
    if not isinstance(head, dict) or not {"format", "structure"} <= set(head):
        raise ValueError("its description lacks a part")
    return head, {name.removeprefix(_ARRAY): array for name, array in arrays.items()}


def _require_format(head: dict[str, Any]) -> None:
    """Refuse a file of a version that is not known here."""
    if head["format"] != FORMAT:
        raise ValueError(
            f"load: the file's format has version {head['format']!r}, and this dlnotes reads "
            f"{FORMAT}; got a file of another version of dlnotes; load it with that one"
        )


def _require_structure(found: list[str], own: list[str]) -> None:
    """Refuse a file of another network, and say where the two part."""
    if found == own:
        return
    pairs = zip(found, own, strict=False)
    first = next((j for j, (a, b) in enumerate(pairs) if a != b), min(len(found), len(own)))
    theirs, ours = (lines[first] if first < len(lines) else "nothing" for lines in (found, own))
    raise ValueError(
        f"load: the file belongs to another network: it has {theirs} where this one has {ours}; "
        f"got {len(found)} layers for {len(own)}; make the network as it was when it was saved"
    )

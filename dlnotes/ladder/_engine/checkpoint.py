"""The state of a run on disk: written whole or not at all, read back, and removed at the end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from dlnotes._extras import require

State = dict[str, Any]


class CheckpointError(RuntimeError):
    """A state that cannot be written or read; the message says what to do."""


class Checkpoint:
    """A file with the state of one run.

    Parameters
    ----------
    path : Path
        The file; its folder is made when it is needed.

    Examples
    --------
    >>> Checkpoint(Path("no-such-file.pt")).read() is None
    True
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> State | None:
        """Return the state, on the processor; None if there is no file.

        Raises
        ------
        CheckpointError
            If the file is no state.
        """
        try:
            state: State = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception as error:  # a damaged file raises whatever its bytes lead to
            raise CheckpointError(
                f"checkpoint: {self.path} cannot be read as a state of a run; got "
                f"{type(error).__name__}; remove the file to begin this run anew"
            ) from error
        return state

    def write(self, state: State) -> None:
        """Put a state in the place of the earlier one, in one step.

        Raises
        ------
        CheckpointError
            If there is no room, or the folder cannot be written; the earlier state stands.
        """
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with new.open("wb") as file:
                torch.save(_on_processor(state), file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except (OSError, RuntimeError) as error:  # torch's writer turns a full disk into the latter
            new.unlink(missing_ok=True)
            said = error.__context__ if isinstance(error.__context__, OSError) else error
            raise CheckpointError(
                f"checkpoint: the state of the run cannot be written to {self.path}; got "
                f"{type(said).__name__}: {said}; free space there, or name another folder with "
                "--states; records and the earlier state are as they were"
            ) from error

    def remove(self) -> None:
        """Remove the file, and what a killed write left beside it."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}.new").unlink(missing_ok=True)

    @contextmanager
    def held(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Keep other processes from the same run; a second one says so by `waiting`, and waits."""
        filelock = require("filelock", extra="ladder", feature="dlnotes.ladder")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(f"{self.path}.lock")
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                waiting()
                lock.acquire()
        except OSError as error:
            raise CheckpointError(
                f"checkpoint: {self.path.parent} cannot be written; got {error}; name another "
                "folder with --states"
            ) from error
        try:
            yield
        finally:
            lock.release()


def _on_processor(value: Any) -> Any:
    """Return a state whose tensors lie on the processor, so that any machine can read it."""
    if isinstance(value, torch.Tensor):
        return value.cpu()
    if isinstance(value, dict):
        return {key: _on_processor(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_on_processor(one) for one in value)
    return value

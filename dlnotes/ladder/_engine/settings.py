"""Settings under which a run gives the same numbers again, and gives them fast."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

import torch

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # names of glibc's malloc.h
_BYTES = 2**30


@contextmanager
def steady(device: torch.device, threads: int = 1) -> Iterator[None]:
    """Compute on so many threads of the processor, and by one algorithm on an accelerator.

    The order of a sum hangs on the number of threads; with a given one it is always the same.
    An accelerator computes with all the bits of float32, as the processor does. Afterwards all
    settings are what they were.

    Parameters
    ----------
    device : torch.device
        Where is computed.
    threads : int
        Of the processor.

    Examples
    --------
    >>> with steady(torch.device("cpu")):
    ...     torch.get_num_threads()
    1
    """
    keep_freed_memory()
    threads_before = torch.get_num_threads()
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.benchmark
    torch.set_num_threads(threads)
    cudnn.deterministic, cudnn.benchmark = True, False
    try:
        with nullcontext() if device.type == "cpu" else _whole_float32():
            yield
    finally:
        torch.set_num_threads(threads_before)
        cudnn.deterministic, cudnn.benchmark = before


@contextmanager
def _whole_float32() -> Iterator[None]:
    """Keep tensor cores from rounding float32, in convolutions and in products.

    PyTorch before 2.9 has another name for it, and refuses to be asked by both.
    """
    convolutions: Any = torch.backends.cudnn
    products: Any = torch.backends.cuda.matmul
    name: str = "allow_tf32"
    value: bool | str = False
    if hasattr(products, "fp32_precision"):
        convolutions, name, value = convolutions.conv, "fp32_precision", "ieee"
    before = [(kind, getattr(kind, name)) for kind in (convolutions, products)]
    for kind, _ in before:
        setattr(kind, name, value)
    try:
        yield
    finally:
        for kind, earlier in before:
            setattr(kind, name, earlier)


@cache
def keep_freed_memory() -> bool:
    """Keep freed memory in the process instead of handing it back to the system; say if it worked.

    The arrays of a step are larger than what glibc keeps, so that each step would ask for fresh
    pages and have them zeroed. This setting takes a third off the time of a step; it concerns
    Linux with glibc, and does nothing elsewhere.

    Returns
    -------
    bool

    Examples
    --------
    >>> keep_freed_memory() in (True, False)
    True
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(_MMAP_THRESHOLD, _BYTES) and mallopt(_TRIM_THRESHOLD, _BYTES))

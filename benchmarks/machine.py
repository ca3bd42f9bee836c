"""The machine and the versions of a measurement, in words."""

import os
import platform
import sys
from pathlib import Path

import numpy as np

_SETS = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "amx_tile": "AMX",
    "asimd": "NEON",
    "sve": "SVE",
}


def describe_machine() -> dict[str, str]:
    """Return processor, instruction sets, cores and system."""
    cores = os.cpu_count() or 1
    return {
        "processor": _cpuinfo("model name") or platform.processor() or platform.machine(),
        "instruction sets": ", ".join(_instruction_sets()) or "unknown",
        "cores": f"{cores}, one of them used",
        "system": f"{platform.system()} on {platform.machine()}",
    }


def describe_versions() -> dict[str, str]:
    """Return the versions of what was measured."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    versions = {
        "python": ".".join(map(str, sys.version_info[:3])),
        "numpy": f"{np.__version__}, {blas.get('name', '?')} {blas.get('version', '?')}",
    }
    torch = sys.modules.get("torch")
    return versions if torch is None else versions | {"torch": str(torch.__version__)}


def _cpuinfo(key: str) -> str:
    """Read a line of Linux's description of the processor; empty elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = (line.partition(":")[2].strip() for line in lines if line.startswith(key))
    return next(found, "")


def _instruction_sets() -> list[str]:
    """Name the vector instruction sets that matter for matrix products."""
    flags = (_cpuinfo("flags") or _cpuinfo("Features")).split()
    return [name for flag, name in _SETS.items() if flag in flags]

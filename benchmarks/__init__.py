"""Speed, measured beside PyTorch on one thread.

Run from the project's folder, for example ``python -m benchmarks.conv``. The threads are set here,
before NumPy and PyTorch load.
"""

import os

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
):
    os.environ[_name] = "1"

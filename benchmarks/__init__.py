"""Speed, measured beside PyTorch on one thread.

Run from the project's folder, for example ``python -m benchmarks.conv``. The threads are set here,
before NumPy and PyTorch load. A kernel that the environment prescribes to OpenBLAS, so that
results are the same on every machine, is set aside: PyTorch takes the processor's widest
instructions too.
"""

import os
import sys

for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
):
    os.environ[_name] = "1"

if "numpy" not in sys.modules:
    for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(_name, None)

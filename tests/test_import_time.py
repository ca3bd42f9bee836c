"""``import dlnotes`` costs at most 30 ms over ``import numpy``."""

import subprocess
import sys

MOST = 0.030
RUNS = 5
CODE = """
import sys, time
import numpy
start = time.process_time()
import dlnotes
cost = time.process_time() - start
parts = sorted(name for name in sys.modules if name.startswith("dlnotes."))
print(cost, *parts)
"""


def measured():
    """Return the processor time of the import in a fresh process, and the parts it loaded."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    cost, *parts = done.stdout.split()
    return float(cost), parts


def test_import_dlnotes():
    """Processor time, and the least of several runs: what others do meanwhile does not count."""
    runs = [measured() for _ in range(RUNS)]
    assert min(cost for cost, _ in runs) <= MOST
    assert all(parts == [] for _, parts in runs), "a part loads when it is named, not before"

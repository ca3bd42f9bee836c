"""nbval runs the cells as JupyterLab and ``make execute`` do.

Left alone it keeps no history, so that a ``;`` at the end of a cell, which asks IPython not to show
a value, would not be seen. And the kernels read no settings of the person who runs them.
"""

from __future__ import annotations

import os
import tempfile

# lists the machine's fonts where that has not been done, so that no kernel says so on stderr
import matplotlib.font_manager  # noqa: F401
from nbval.kernel import RunningKernel

_profile = tempfile.TemporaryDirectory(prefix="dlnotes-ipython-")
os.environ["IPYTHONDIR"] = _profile.name


def execute_cell_input(
    kernel: RunningKernel, cell_input: str, allow_stdin: bool | None = None
) -> str:
    """Send a cell to the kernel, as input that goes into its history; return the message's id."""
    message: str = kernel.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)
    return message


RunningKernel.execute_cell_input = execute_cell_input

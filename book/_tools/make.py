"""Run one target of the Makefile: ``python book/_tools/make.py [--here] TARGET [ARGUMENTS]``.

The Makefile calls this file, and where there is no make (Windows) a reader calls it directly.
It only finds a Python that the project supports, so every version of Python 3 has to be able
to read it; the targets themselves stand in ``targets.py``.
"""

import os
import shutil
import subprocess
import sys

SUPPORTED = ((3, 13), (3, 12), (3, 11))


def other_python() -> "str | None":
    """Return the command of a supported Python on the search path, or None."""
    for major, minor in SUPPORTED:
        command = shutil.which("python%d.%d" % (major, minor))
        # a version manager leaves commands that only say that the version is not chosen
        if command and subprocess.call([command, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return command
    return None


def main() -> "int | str":
    """Run the target, if need be with another Python than the one that was called."""
    if sys.version_info[:2] in SUPPORTED:
        import targets

        return targets.main(sys.argv[1:])
    command = other_python()
    if command:
        return subprocess.call([command, os.path.abspath(__file__)] + sys.argv[1:])
    return (
        "dlnotes needs Python 3.11, 3.12 or 3.13, and this is %d.%d (%s); install one of them, "
        "then say which: make book PYTHON=python3.12" % (sys.version_info[:2] + (sys.executable,))
    )


if __name__ == "__main__":
    sys.exit(main())

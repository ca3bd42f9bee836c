"""Every public operation says what it computes: an equation, shapes and an example.

Kin of a family's main member, which their first line names, need not repeat what it says.
"""

import inspect
import re

import pytest

import dlnotes.functional as F

OPERATIONS = [name for name in F.__all__ if inspect.isfunction(getattr(F, name))]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_equation_its_shapes_and_an_example(name):
    text = inspect.getdoc(getattr(F, name))
    named = re.findall(r"`(?:dlnotes\.functional\.)?(\w+)`", text.splitlines()[0])
    if any(main in OPERATIONS and main != name for main in named):
        parts = ("Returns\n",)
    else:
        parts = (".. math::", "Parameters\n", "Returns\n", "Raises\n", "shape", ">>> ")
    for part in parts:
        assert part in text, f"{name}: its docstring has no {part.strip()}"

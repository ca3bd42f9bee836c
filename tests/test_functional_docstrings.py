"""Every public operation says what it computes: an equation, shapes and an example."""

import inspect
import re

import pytest

import dlnotes.functional as F

OPERATIONS = [name for name in F.__all__ if inspect.isfunction(getattr(F, name))]
PARTS = (".. math::", "Parameters\n", "Returns\n", "Raises\n", "shape", ">>> ")


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_equation_its_shapes_and_an_example(name):
    """One whose first line names the main member of its family needs to say what it returns."""
    text = inspect.getdoc(getattr(F, name))
    first = text.partition("\n")[0]
    kin = {other for other in re.findall(r"`(\w+)`", first) if other != name}
    for part in ("Returns\n",) if kin & set(F.__all__) else PARTS:
        assert part in text, f"{name}: its docstring has no {part.strip()}"

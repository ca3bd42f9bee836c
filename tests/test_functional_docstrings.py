"""Every public operation says what it computes: an equation, shapes and an example."""

import inspect

import pytest

import dlnotes.functional as F

OPERATIONS = [name for name in F.__all__ if inspect.isfunction(getattr(F, name))]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_equation_its_shapes_and_an_example(name):
    text = inspect.getdoc(getattr(F, name))
    for part in (".. math::", "Parameters\n", "Returns\n", "Raises\n", "shape", ">>> "):
        assert part in text, f"{name}: its docstring has no {part.strip()}"

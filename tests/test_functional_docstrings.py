"""Every public operation says what it computes: an equation, shapes and an example.

A function that names its family's main member in its first line, as "the gradient of `conv2d`"
does, says only what differs, and what it returns.
"""

import inspect
import re

import pytest

import dlnotes.functional as F

OPERATIONS = [name for name in F.__all__ if inspect.isfunction(getattr(F, name))]
PARTS = (".. math::", "Parameters\n", "Returns\n", "Raises\n", "shape", ">>> ")


def main_member(name):
    """The operation that the first line of a docstring names, if it is another one."""
    first = inspect.getdoc(getattr(F, name)).partition("\n")[0]
    named = [word for word in re.findall(r"`(\w+)`", first) if word in OPERATIONS]
    return named[0] if named and named[0] != name else None


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_its_equation_its_shapes_and_an_example(name):
    text = inspect.getdoc(getattr(F, name))
    for part in PARTS if main_member(name) is None else ("Returns\n",):
        assert part in text, f"{name}: its docstring has no {part.strip()}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_way_to_the_main_member_ends_at_a_full_docstring(name):
    seen = [name]
    while (other := main_member(seen[-1])) is not None:
        assert other not in seen, f"{name}: {other} leads back to itself"
        seen.append(other)

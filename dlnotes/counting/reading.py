"""Layer tables read back from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dlnotes.counting.conventions import Convention
from dlnotes.counting.formats import FORMAT
from dlnotes.counting.operations import Operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rows import LayerTable, Row
from dlnotes.counting.rules import Shapes


def from_json(text: str) -> LayerTable:
    """Return the layer table that `LayerTable.to_json` wrote.

    Parameters
    ----------
    text : str
        JSON.

    Returns
    -------
    LayerTable
        Equal to the one written; its totals are summed again from the rows.

    Raises
    ------
    ValueError
        If the text is none of ours, or a total does not equal the sum of its rows.

    Examples
    --------
    >>> from dlnotes import specs
    >>> from dlnotes.counting import table
    >>> written = table(specs.get("mnist-dense")).to_json()
    >>> from_json(written).parameters.total
    79510
    """
    try:
        record = json.loads(text)
        if record["format"] != FORMAT:
            raise ValueError(f"its format is {record['format']!r}, not {FORMAT!r}")
        found = _table(record)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(
            f"counting.from_json: this is no layer table: {what}; got {str(text)[:40]!r}; give "
            "what LayerTable.to_json wrote"
        ) from None
    _check(found, record["totals"])
    return found


def _table(record: Mapping[str, Any]) -> LayerTable:
    """Read a table."""
    rules = tuple(Convention(**rule) for rule in record["conventions"])
    rows, groups = (tuple(map(_row, record[name])) for name in ("rows", "groups"))
    return LayerTable(
        record["title"],
        _shape(record["input"]),
        rows,
        groups,
        rules,
        record["dtype"],
        tuple(record["notes"]),
    )


def _row(record: Mapping[str, Any]) -> Row:
    """Read a row; what was empty was left out."""
    field = record.get("field")
    return Row(
        record["path"],
        record["kind"],
        _shape(record["input"]),
        _shape(record["output"]),
        Parameters(record.get("trainable", 0), record.get("fixed", 0)),
        Operations(**record.get("operations", {})),
        record.get("values", 0),
        None if field is None else tuple(field),
    )


def _shape(found: Any) -> Shapes:
    """Return a shape, or several, as tuples."""
    return tuple(tuple(size) if isinstance(size, list) else size for size in found)


def _check(table: LayerTable, totals: Mapping[str, int]) -> None:
    """Compare the totals with the sums of the rows."""
    held = table.parameters
    sums = {"trainable": held.trainable, "fixed": held.fixed, "bytes": table.memory}
    sums |= {rule.name: table.count(rule) for rule in table.conventions}
    for name, value in sums.items():
        if totals.get(name) != value:
            raise ValueError(
                f"counting.from_json: the total of {name} is {totals.get(name)}, but the rows sum "
                f"to {value}; write the table again"
            )

"""What a layer's values may be: wrong ones are refused when the layer is made."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType

ACTIVATIONS = (
    "identity",
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "sigmoid",
    "tanh",
    "scaled_tanh",
    "softmax",
    "log_softmax",
)
"""The functions that an Activation may name."""

Rule = Callable[[object], bool]


def require_values(layer: object) -> None:
    """Refuse a layer's value that cannot be: a kernel of 0, a negative width, p above 1.

    Parameters
    ----------
    layer : Layer
        Attributes are judged by their names; those without a rule pass.

    Raises
    ------
    ValueError
        The message names the layer, the attribute, what came in and what may stand there.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> Conv(8, 0)
    Traceback (most recent call last):
    ValueError: Conv: kernel=0 is not allowed; give a whole number from 1, or one an axis
    """
    for one in fields(layer):  # type: ignore[arg-type]
        value = getattr(layer, one.name)
        own = f"{type(layer).__name__}.{one.name}"
        allowed, remedy = RULES.get(own) or RULES.get(one.name, ANYTHING)
        if not allowed(value):
            raise ValueError(
                f"{type(layer).__name__}: {one.name}={value!r} is not allowed; give {remedy}"
            )


def whole(value: object, least: int) -> bool:
    """Say whether `value` is an int of at least `least`; True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def several(value: object, least: int) -> bool:
    """Say whether `value` is a tuple of such ints, one or more."""
    return isinstance(value, tuple) and bool(value) and all(whole(v, least) for v in value)


def size(least: int) -> Rule:
    """Return the rule of an int for all axes or one an axis."""
    return lambda value: whole(value, least) or several(value, least)


def padding(value: object) -> bool:
    """Say whether `value` is a padding: a size, (before, after) an axis, 'valid' or 'same'."""
    if isinstance(value, str):
        return value in ("valid", "same")
    if size(0)(value):
        return True
    pairs = isinstance(value, tuple) and bool(value)
    return pairs and all(several(v, 0) and len(v) == 2 for v in value)  # type: ignore[attr-defined]


def table(value: object) -> bool:
    """Say whether `value` is a connection table: for each output the inputs, none twice."""
    rows = isinstance(value, tuple) and bool(value)
    return rows and all(several(v, 0) and len(set(v)) == len(v) for v in value)  # type: ignore[attr-defined]


def between(low: float, high: float, *, above: bool = False) -> Rule:
    """Return the rule of a number from `low` (or above it) to `high`; NaN is outside."""

    def allowed(value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return low <= value <= high and not (above and value == low)

    return allowed


def among(*values: object) -> tuple[Rule, str]:
    """Return the rule of a value out of a list, and its remedy."""
    listed = ", ".join(map(repr, values))
    return (lambda value: any(type(value) is type(v) and value == v for v in values)), listed


COUNT = (lambda value: whole(value, 1), "a whole number from 1")
AXES = (size(1), "a whole number from 1, or one an axis")
BINS = (lambda value: several(value, 1), "a tuple of whole numbers from 1")
FLAG = among(True, False)
ANYTHING: tuple[Rule, str] = (lambda value: True, "")
INFINITY = float("inf")

RULES: Mapping[str, tuple[Rule, str]] = MappingProxyType(
    {
        **dict.fromkeys(("channels", "units", "hidden", "entries", "width"), COUNT),
        **dict.fromkeys(("groups", "multiplier"), COUNT),
        **dict.fromkeys(("kernel", "dilation", "size"), AXES),
        **dict.fromkeys(("bins", "shape"), BINS),
        **dict.fromkeys(("bias", "ceil_mode", "count_include_pad", "sequence"), FLAG),
        **dict.fromkeys(("bidirectional", "reset_after", "bilinear"), FLAG),
        "stride": (lambda v: v is None or size(1)(v), AXES[1]),
        "padding": (padding, "rows from 0, one an axis, (before, after) an axis, 'valid', 'same'"),
        "output_padding": (size(0), "a whole number from 0, or one an axis"),
        "scale": AXES,
        "BatchNorm.scale": FLAG,
        "table": (table, "a tuple with the input maps of each output map, counted from 0"),
        "p": (between(0, 1), "a probability from 0 to 1"),
        "momentum": (between(0, 1), "a share from 0 to 1"),
        "eps": (between(0, INFINITY, above=True), "a number above 0"),
        **dict.fromkeys(("alpha", "beta", "k"), (between(-INFINITY, INFINITY), "a number")),
        "function": among(*ACTIVATIONS),
        "mode": among("nearest", "bilinear"),
        "cell": among("rnn", "lstm", "gru"),
        "biases": among(1, 2),
    }
)
"""For each name of an attribute (or Kind.name) what may stand there, and how a message says it."""

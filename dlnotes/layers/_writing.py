"""How layers are written: the call that makes one, without memory addresses."""

import inspect
from typing import Any

_SILENT = ("rng", "dtype", "layers", "branches")
_ONE_AN_AXIS = (
    "dilation",
    "input_size",
    "kernel_size",
    "output_padding",
    "output_size",
    "padding",
    "scale_factor",
    "size",
    "stride",
)


def written(layer: Any, inside: bool = True) -> str:
    """Return the call that makes a layer, without random generator and dtype."""
    words = []
    for name, parameter in inspect.signature(type(layer)).parameters.items():
        if name in _SILENT or not hasattr(layer, name):
            continue
        value = _brief(name, getattr(layer, name))
        if value != parameter.default:
            required = parameter.default is parameter.empty
            words.append(repr(value) if required else f"{name}={value!r}")
    children = layer.children() if inside else {}
    kind = type(layer).__name__
    if not children:
        return f"{kind}({', '.join(words)})"
    parts = [f"({name}): {child!r}" for name, child in children.items()] + words
    return "\n  ".join([f"{kind}(", *(part.replace("\n", "\n  ") for part in parts)]) + "\n)"


def _brief(name: str, value: Any) -> Any:
    """Return what the constructor would be given: a switch for a bias, one number for all axes."""
    if name == "bias" and not isinstance(value, bool):
        return value is not None
    equal = isinstance(value, tuple) and len(set(value)) == 1 and isinstance(value[0], int)
    return value[0] if equal and name in _ONE_AN_AXIS else value

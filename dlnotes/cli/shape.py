"""`dlnotes shape`: the output size of a convolution, a pooling or a transposed convolution."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dlnotes import shapes
from dlnotes._arguments import suggestion
from dlnotes.cli.refusing import refused, say, sizes

NAMES = ("valid", "same", "half", "full")
_ALL = f"there are {', '.join(NAMES)}"


class Kind(StrEnum):
    """What slides over the input."""

    conv = "conv"
    pool = "pool"
    transposed = "transposed"


def add_to(main: typer.Typer) -> None:
    """Add the command to `dlnotes`."""
    main.command("shape")(shape)


def shape(
    kind: Annotated[Kind, typer.Argument(help="What slides over the input.")],
    size: Annotated[str, typer.Option("--in", help="Input size: 224, 224x224.")],
    kernel: Annotated[str, typer.Option(help="Kernel size: 7, 7x3.")],
    stride: Annotated[
        str | None, typer.Option(help="Step; pooling without one steps by its kernel.")
    ] = None,
    padding: Annotated[
        str, typer.Option(help="Zeros on each side: 3, 3x1; or valid, same, half, full.")
    ] = "0",
    dilation: Annotated[str, typer.Option(help="1 is an ordinary kernel.")] = "1",
    output_padding: Annotated[
        str | None, typer.Option(help="Rows more at the end; transposed alone.")
    ] = None,
    ceil: Annotated[bool, typer.Option("--ceil", help="Round up; pooling alone.")] = False,
) -> None:
    """Work out an output size; the name same means TensorFlow's, with any stride."""
    with refused():
        _refuse_strangers(kind, output_padding, ceil)
        n = sizes(size, "--in")
        k, d = _each(kernel, n, "--kernel"), _each(dilation, n, "--dilation")
        s = k if kind is Kind.pool else (1,) * len(n)
        s = s if stride is None else _each(stride, n, "--stride")
        if kind is Kind.transposed:
            out, lines = _transposed(n, k, s, d, padding, output_padding)
        else:
            out, lines = _windows(n, k, s, d, padding, ceil)
        say(f"{kind}: {_times(n)} → {_times(out)}")
        for line in dict.fromkeys(lines):  # axes that are alike are told once
            say(line)


def _windows(
    n: tuple[int, ...], k: tuple[int, ...], s: tuple[int, ...], d: tuple[int, ...], p: str, up: bool
) -> tuple[tuple[int, ...], list[str]]:
    """Return the sizes after a convolution or pooling, and how they come about."""
    if p == "same":
        pads = shapes.same_pads_tf(n, k, s, d)
    else:
        given = p if p in NAMES else _each(p, n, "--padding", least=0)
        pads = shapes.as_pads(given, k, s, d, len(n), caller="shape")
    if up:
        out = shapes.pool_out_nd(n, k, stride=s, padding=pads, dilation=d, ceil_mode=True)
        return out, ["rounded up; a window that would start in the padding behind is left out"]
    out = shapes.conv_out_nd(n, k, stride=s, padding=pads, dilation=d)
    lines = []
    for size, kernel, step, (before, after), gap, to in zip(n, k, s, pads, d, out, strict=True):
        reach = shapes.effective_kernel(kernel, gap)
        left = (size + before + after - reach) % step
        text = f"⌊({size} + {before} + {after} − {reach})/{step}⌋ + 1 = {to}"
        lines.append(text + (f"; {left} unused at the end" if left else ""))
    return out, lines


def _transposed(
    n: tuple[int, ...],
    k: tuple[int, ...],
    s: tuple[int, ...],
    d: tuple[int, ...],
    p: str,
    more: str | None,
) -> tuple[tuple[int, ...], list[str]]:
    """Return the sizes after a transposed convolution; same and valid are Keras's."""
    extra = None if more is None else _each(more, n, "--output-padding", least=0)
    if p in ("same", "valid"):
        extras = extra or (None,) * len(n)
        axes = zip(n, k, s, d, extras, strict=True)
        out = tuple(
            shapes.keras_conv_transpose_out(
                a, b, stride=c, padding=p, output_padding=e, dilation=gap
            )
            for a, b, c, gap, e in axes
        )
        return out, [f"as Keras has padding {p}"]
    given = p if p in NAMES else _each(p, n, "--padding", least=0)
    pads = shapes.as_pads(given, k, 1, d, len(n), caller="shape")
    extra = extra or (0,) * len(n)
    out = shapes.conv_transpose_out_nd(
        n, k, stride=s, padding=pads, output_padding=extra, dilation=d
    )
    lines = [
        f"{c}·({a} − 1) + {shapes.effective_kernel(b, gap)} − {before} − {after} + {e} = {to}"
        for a, b, c, gap, (before, after), e, to in zip(n, k, s, d, pads, extra, out, strict=True)
    ]
    return out, lines


def _each(text: str, n: tuple[int, ...], option: str, least: int = 1) -> tuple[int, ...]:
    """Read one number for all axes, or one an axis."""
    if option == "--padding" and text[:1].isalpha():
        raise ValueError(f"there is no --padding {text!r}; {suggestion(text, NAMES, _ALL)}")
    found = sizes(text, option)
    return shapes.as_tuple(
        found[0] if len(found) == 1 else found, len(n), option, least=least, caller="shape"
    )


def _refuse_strangers(kind: Kind, output_padding: str | None, ceil: bool) -> None:
    """Refuse options that belong to another kind."""
    if output_padding is not None and kind is not Kind.transposed:
        raise ValueError(f"--output-padding belongs to transposed; got it with {kind}; drop it")
    if ceil and kind is not Kind.pool:
        raise ValueError(f"--ceil belongs to pool; got it with {kind}; drop it")


def _times(found: tuple[int, ...]) -> str:
    return "×".join(map(str, found))

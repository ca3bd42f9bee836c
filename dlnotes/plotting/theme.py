"""The book's colours: the one place where they are chosen.

Each name has a colour for the light theme and one for the dark theme. Figures are stored with the
light colours; the book replaces them by CSS variables ``--dln-NAME`` so that they follow the theme.
The light colours are all different, so that the replacement is unambiguous.
"""

PALETTE: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14181d"),
    "ink": ("#1d2733", "#e4e8ec"),
    "muted": ("#596673", "#9eabb8"),
    "rule": ("#cfd7de", "#3b4651"),
    "wash": ("#edf1f4", "#20272f"),
    "accent": ("#0b6a8c", "#6cc3e3"),
    "accent-soft": ("#cde6f0", "#174a5e"),
    "warm": ("#b04a12", "#f09a62"),
    "warm-soft": ("#fbddca", "#613117"),
    "green": ("#3a742c", "#8fcb7e"),
    "green-soft": ("#d6ebce", "#294820"),
    "violet": ("#6b469c", "#c0a4e8"),
    "violet-soft": ("#e5daf2", "#412f5e"),
}

CYCLE = ("accent", "warm", "green", "violet", "muted")
"""Colours of the lines of a chart, in order."""


def light(name: str) -> str:
    """Return the light-theme colour of ``name``, as a hex string.

    Raises
    ------
    ValueError
        If the palette has no such name.

    Examples
    --------
    >>> light("paper")
    '#ffffff'
    """
    if name not in PALETTE:
        raise ValueError(f"theme: no colour is called {name!r}; the names are {', '.join(PALETTE)}")
    return PALETTE[name][0]


def dark() -> str:
    """Return the CSS that gives the book's variables their dark colours.

    Examples
    --------
    >>> dark()[:37]
    '--dln-paper:#14181d;--dln-ink:#e4e8ec'
    """
    return ";".join(f"--dln-{name}:{pair[1]}" for name, pair in PALETTE.items())


def variables() -> str:
    """Return the CSS that gives the book's variables their light colours.

    Examples
    --------
    >>> variables()[:37]
    '--dln-paper:#ffffff;--dln-ink:#1d2733'
    """
    return ";".join(f"--dln-{name}:{pair[0]}" for name, pair in PALETTE.items())


def css(name: str) -> str:
    """Return the CSS value of ``name``: the book's variable, with the light colour to fall back on.

    Examples
    --------
    >>> css("ink")
    'var(--dln-ink,#1d2733)'
    """
    return f"var(--dln-{name},{light(name)})"

"""Where the book's own files are: in the checkout, or in the copy that an installation brings."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def book_file(*parts: str) -> Path:
    """Return a file of the folder ``book``: the checkout's, or else the packaged copy.

    A notebook that was downloaded has no checkout around it; the copy comes with the package
    (``setup.py`` says which files).

    Parameters
    ----------
    *parts : str
        Names below ``book``.

    Returns
    -------
    Path
        Of a file that need not be there.

    Examples
    --------
    >>> book_file("concepts.yml").name
    'concepts.yml'
    """
    checkout, copy = PACKAGE.parent / "book", PACKAGE / "_book"
    return (copy if copy.is_dir() else checkout).joinpath(*parts)

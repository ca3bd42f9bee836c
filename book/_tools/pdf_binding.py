"""The printed sheets read and bound: on which page a place stands, and the outline of the file."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit, IndirectObject

from pdf_book import Book
from pdf_document import Heading

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it wonders how Chromium counts its objects


def page_numbers(printed: bytes) -> dict[str, int]:
    """Return the page, counted from 1, on which each place that is linked to stands."""
    reader = PdfReader(io.BytesIO(printed))
    return {name: number for name, (number, _) in places(reader).items()}


def places(reader: PdfReader) -> dict[str, tuple[int, float]]:
    """Return page and height, in points, of each place that is linked to."""
    return {
        name.removeprefix("/"): (
            (reader.get_destination_page_number(place) or 0) + 1,
            float(place.top or 0),
        )
        for name, place in reader.named_destinations.items()
    }


def length(printed: bytes) -> int:
    """Return the number of pages."""
    return len(PdfReader(io.BytesIO(printed)).pages)


def bind(printed: bytes, book: Book) -> bytes:
    """Return the PDF with the book's outline, its title and its author."""
    reader = PdfReader(io.BytesIO(printed))
    writer = PdfWriter(clone_from=reader)
    where = places(reader)
    outline(writer, book.contents, where)
    writer.add_metadata({"/Title": book.title, "/Author": book.author, "/Subject": book.lead})
    writer.pdf_header = reader.pdf_header
    writer.page_mode = "/UseOutlines"
    bound = io.BytesIO()
    writer.write(bound)
    return bound.getvalue()


def outline(
    writer: PdfWriter,
    headings: Sequence[Heading],
    where: Mapping[str, tuple[int, float]],
    parent: IndirectObject | None = None,
) -> None:
    """Add headings to the outline, what stands below them folded from the chapters on."""
    for heading in headings:
        number, top = where[heading.id]
        item = writer.add_outline_item(
            title=heading.text,
            page_number=number - 1,
            parent=parent,
            fit=Fit.xyz(left=0, top=top, zoom=0),
            is_open=parent is None,
        )
        outline(writer, heading.below, where, item)

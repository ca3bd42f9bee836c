"""The book's own Sphinx extension: all the glue between Jupyter Book and this project.

It does these things, each in a module beside this one (``templates`` holds the frame of a page):

* `book_figures`, `book_svg`: charts go into the page as inline SVG whose colours follow the
  theme, diagrams and figures to handle get captions, labels and alternative text;
* `book_proofs`: cells that prove or prepare fold into one line;
* `book_blocks`: solutions fold without a script, tables scroll, notes stand in the margin;
* `book_assets`, `book_fonts`: fonts, palette and scripts are served by the book itself, once, and
  what no page uses is left out;
* `book_math`, `math_font`: formulas are set as MathML, in a font that is mended for it;
* `book_sources`, `api_places`: each name of the API pages leads to its source, and to the section
  that explains it;
* `book_places`: each word of the glossary leads to the section that teaches it;
* `book_downloads`, `book_markup`: a page that is downloaded as a notebook is plain Markdown and
  installs what it needs;
* `book_launch`: a chapter says how it is run, every page where its mistakes are reported;
* `book_citations`: author and year stand in the notebook, and the key is a link;
* `book_numbers`: chapters carry the numbers of the plan, and name those still to come;
* `short_path`: a line says which sections are enough for ten minutes;
* `book_search`: the search, which finds sections, terms and names;
* `concept_index`, `errata_list`: two pages are made from ``book/concepts.yml`` and ``errata.yml``;
* `back_matter`, `chapter_map`: the map of the chapters, the list of their figures to handle and the
  counts of what is checked are made from the notebooks;
* `landing`, `landing_figures`: the landing page is made from the chapters and records there are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # the API pages and the palette come from this checkout

from sphinx.application import Sphinx  # noqa: E402

import api_places  # noqa: E402
import book_assets  # noqa: E402
import book_blocks  # noqa: E402
import book_downloads  # noqa: E402
import book_figures  # noqa: E402
import book_launch  # noqa: E402
import book_math  # noqa: E402
import book_numbers  # noqa: E402
import book_places  # noqa: E402
import book_proofs  # noqa: E402
import book_search  # noqa: E402
import book_sources  # noqa: E402
from dlnotes.plotting.theme import PALETTE  # noqa: E402


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("comments_config", {}, "html")  # Jupyter Book's, for no extension of ours
    app.add_config_value("dlnotes_palette", PALETTE, "env", types=(dict,))
    app.add_config_value("dlnotes_scripts", str(ROOT / "dlnotes" / "plotting"), "html")
    app.add_post_transform(book_figures.Figures)
    book_blocks.setup(app)
    book_math.setup(app)
    book_sources.setup(app)
    book_places.setup(app)
    api_places.setup(app)
    app.add_post_transform(book_proofs.Proofs)
    book_downloads.setup(app)
    book_launch.setup(app)
    app.connect("builder-inited", book_assets.write_static)
    app.connect("env-get-updated", book_numbers.number_chapters, priority=900)
    app.add_post_transform(book_numbers.Planned)
    app.connect("html-page-context", book_assets.add_page_assets, priority=900)
    book_search.setup(app)
    app.setup_extension("book_citations")
    app.setup_extension("short_path")
    app.setup_extension("concept_index")
    app.setup_extension("errata_list")
    app.setup_extension("back_matter")
    app.setup_extension("landing")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

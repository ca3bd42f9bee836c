"""The pages that the notebooks make: figures to handle, and what is counted."""

import back_matter

CHAPTERS = [
    {"file": "first/01-a", "title": "A [b]"},
    {"file": "first/02-b", "title": "B"},
]


def figure(name, html):
    data = {"output_type": "execute_result", "data": {"text/html": [html]}}
    meta = {"mystnb": {"figure": {"name": name, "caption": "A `k`.\n"}}}
    return {"cell_type": "code", "metadata": meta, "outputs": [data], "source": ""}


def test_figures_that_can_be_handled_are_listed_by_chapter():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "<dln-explore>"},
        figure("fig-move", "<style></style><dln-explore></dln-explore>"),
        figure("fig-still", "<svg></svg>"),
    ]
    books = {"first/01-a": cells, "first/02-b": cells[:1]}
    assert back_matter.figures_text(CHAPTERS, books) == (
        "## {doc}`1 A \\[b\\] </chapters/first/01-a>`\n\n- {numref}`fig-move`. A `k`.\n"
    )

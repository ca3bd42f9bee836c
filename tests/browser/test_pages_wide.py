"""Every page at 1280 pixels: axe in light, the cheap checks in both themes."""

from page_checks import Visit, barriers, budget, content, layout


def test_page_at_1280(page_name, site, base_url, wide):
    page = wide.new_page()
    try:
        visit = Visit(page, base_url)
        visit.open(page_name)
        complaints = [*layout(visit), *content(visit), *budget(visit, site), *barriers(visit)]
        page.emulate_media(color_scheme="dark")
        page.wait_for_selector("html[data-theme=dark]", state="attached")
        complaints += [f"dark: {line}" for line in layout(visit)]
        complaints += visit.trouble
    finally:
        page.close()
    assert complaints == [], "\n" + "\n".join(complaints)

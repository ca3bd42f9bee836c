"""Every page at 390 pixels: axe in dark, the cheap checks in both themes; chapters at 320, too."""

from conftest import built_pages
from page_checks import Visit, barriers, budget, content, layout, narrow


def test_nothing_hangs_over_in_the_machines_own_fonts(site, base_url, phone):
    """The book's fonts are held back, as an old browser or a strict setting does."""
    page = phone.new_page()
    page.route("**/*.woff2", lambda route: route.abort())
    complaints = []
    for name in built_pages()[::3]:
        visit = Visit(page, base_url)
        visit.open(name)
        complaints += [f"{name}: {line}" for line in layout(visit)]
    page.close()
    assert complaints == [], "\n" + "\n".join(complaints)


def test_page_at_390(page_name, site, base_url, phone):
    page = phone.new_page()
    try:
        visit = Visit(page, base_url)
        visit.open(page_name)
        complaints = [*layout(visit), *content(visit), *budget(visit, site), *barriers(visit)]
        page.emulate_media(color_scheme="light")
        page.wait_for_selector("html[data-theme=light]", state="attached")
        complaints += [f"light: {line}" for line in layout(visit)]
        if page_name.startswith("chapters/"):
            complaints += narrow(visit, 390) + narrow(visit, 320)
        complaints += visit.trouble
    finally:
        page.close()
    assert complaints == [], "\n" + "\n".join(complaints)

"""What a reader does: search, turn the lights off, open solutions, use the keyboard, print."""

from __future__ import annotations

import pytest

from conftest import SITE, built_pages
from page_checks import Visit, barriers, layout, loaded

CHAPTERS = [name for name in built_pages() if name.startswith("chapters/")]


def with_markup(*needles: str) -> str:
    """Return the first chapter whose HTML holds all of these words."""
    for name in CHAPTERS:
        text = (SITE / name).read_text(encoding="utf-8")
        if all(needle in text for needle in needles):
            return name
    pytest.fail(f"no chapter holds {' and '.join(needles)}", pytrace=False)


@pytest.fixture
def visit(wide, base_url):
    page = wide.new_page()
    yield Visit(page, base_url)
    page.close()


@pytest.fixture
def from_disk(browser, site):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    yield Visit(page, site.as_uri())
    context.close()


def test_the_landing_page_is_handled_by_keyboard(visit):
    visit.open("index.html")
    figure = visit.page.locator("dln-live")
    figure.get_by_role("application").focus()
    for key in ["Space", *10 * ["ArrowDown"], "Space"]:
        visit.page.keyboard.press(key)
    figure.locator(".dln-words").filter(has_text="Read as 1").wait_for()
    visit.page.locator(".cards a").first.focus()
    assert visit.ask("hiddenFocus") == ""
    visit.page.locator(".buttons a").first.click()
    visit.page.wait_for_url("**/chapters/**")
    assert visit.trouble == []


def test_pages_read_from_disk(from_disk):
    for name in ("book/intro.html", with_markup("<math"), "search.html"):
        from_disk.open(name)
        assert from_disk.page.query_selector("article h1").text_content()
    from_disk.open(with_markup("<math"))
    assert from_disk.page.query_selector_all("math")
    families = {f"dlnotes {name}" for name in ("Serif", "Sans", "Mono", "Math")}
    assert families <= set(from_disk.ask("letters"))
    assert from_disk.trouble == []


def test_theme_button_turns_and_remembers(browser, base_url):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    visit = Visit(context.new_page(), base_url)
    visit.open("book/intro.html")
    light = visit.ask("ground")
    button = visit.page.get_by_role("button", name="Dark theme")
    assert (visit.ask("theme"), button.get_attribute("aria-pressed")) == ("light", "false")
    button.click()
    assert (visit.ask("theme"), button.get_attribute("aria-pressed")) == ("dark", "true")
    assert visit.ask("ground") != light
    visit.open(CHAPTERS[0])
    assert visit.ask("theme") == "dark"
    context.close()


def test_figures_follow_the_theme(visit):
    visit.open(with_markup('class="dln-svg"'))
    light = visit.ask("ink")
    visit.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert visit.ask("ink") != light


def test_solutions_open_with_the_keyboard(visit):
    visit.open(with_markup("<details", "solution"))
    summary = visit.page.locator("details.solution > summary").first
    inside = visit.page.locator("details.solution").first.locator("p:visible, pre:visible")
    assert inside.count() == 0
    summary.focus()
    visit.page.keyboard.press("Enter")
    assert inside.count() > 0
    visit.page.keyboard.press("Enter")
    assert inside.count() == 0


def test_keyboard_goes_from_skip_link_to_text(visit):
    visit.open(CHAPTERS[0])
    visit.page.keyboard.press("Tab")
    focused = "document.activeElement.textContent.trim()"
    assert visit.page.evaluate(focused) == "Skip to the text"
    assert visit.ask("hiddenFocus") == ""
    assert visit.page.locator(".skip-link").bounding_box()["y"] == 0
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.closest('main') !== null")


def test_every_stop_of_the_tab_key_is_visible(visit):
    visit.open(CHAPTERS[0])
    hidden = []
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        hidden.append(visit.ask("hiddenFocus"))
    assert [stop for stop in hidden if stop] == []


def test_chapter_menu_on_a_phone(phone, base_url):
    visit = Visit(phone.new_page(), base_url)
    visit.open(CHAPTERS[0])
    nav, button = visit.page.locator("#book-nav"), visit.page.get_by_role("button", name="Chapters")
    assert not nav.is_visible()
    button.click()
    assert nav.is_visible()
    assert button.get_attribute("aria-expanded") == "true"
    assert visit.page.evaluate("document.activeElement.closest('#book-nav') !== null")
    visit.page.keyboard.press("Escape")
    assert not nav.is_visible()
    assert visit.page.evaluate("document.activeElement.classList.contains('menu-button')")
    visit.page.close()


def test_the_menu_that_runs_a_chapter_opens_by_keyboard_and_closes_again(phone, base_url):
    visit = Visit(phone.new_page(), base_url)
    visit.page.set_viewport_size({"width": 320, "height": 640})
    visit.open(CHAPTERS[0])
    summary, panel = visit.page.locator(".run-menu summary"), visit.page.locator(".run-panel")
    summary.focus()
    visit.page.keyboard.press("Enter")
    assert panel.locator("pre").is_visible()
    assert layout(visit) == []
    assert barriers(visit) == []
    visit.page.keyboard.press("Escape")
    assert not panel.is_visible()
    summary.click()
    visit.page.mouse.click(160, 630)  # below it, on the text
    assert not panel.is_visible()
    visit.page.close()


def test_code_is_copied(browser, base_url):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    visit = Visit(context.new_page(), base_url)
    visit.open(CHAPTERS[0])
    button = visit.page.locator(".cell_input:visible .copybtn").first
    source = visit.page.locator(".cell_input:visible pre").first.text_content()
    button.focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector(".copybtn.success")
    assert visit.page.evaluate("navigator.clipboard.readText()").strip() == source.strip()
    context.close()


def test_prompts_are_not_copied_and_each_block_to_run_has_a_button(visit):
    visit.page.add_init_script(
        "navigator.clipboard.writeText = async (text) => { window.got = text; };"
    )
    visit.open(CHAPTERS[0])
    code, buttons = (visit.page.locator(f".cell_input {part}") for part in ("pre", ".copybtn"))
    assert code.count() == buttons.count() > 20
    assert visit.page.locator(".cell_output .copybtn").count() == 0
    prompt = "<span class='gp'>$ </span>make book\n<span class='go'>book: building</span>"
    code.first.evaluate("(pre, html) => { pre.innerHTML = html; }", prompt)
    buttons.first.evaluate("button => button.click()")
    assert visit.page.evaluate("window.got") == "make book"


@pytest.mark.parametrize("opened", ["served", "disk"])
def test_jumps_land_though_far_parts_are_laid_out_late(opened, wide, base_url, site):
    """By a link within the page as soon as it stands, and by an address with a place."""
    page = wide.new_page()
    name = f"{base_url if opened == 'served' else site.as_uri()}/{CHAPTERS[0]}"
    landed = """() => { const box = document.querySelector(location.hash).getBoundingClientRect();
      return 60 < box.top && box.top < 140; }"""  # below the bar, whose height is 56
    page.goto(name, wait_until="domcontentloaded")
    assert page.evaluate("document.documentElement.classList.contains('late')")
    links = page.locator(".page-nav a:visible")
    links.nth(links.count() - 4).click()  # after the last three the page ends
    page.wait_for_function(landed)
    page.goto("about:blank")
    page.goto(f"{name}#exercises")
    assert not page.evaluate("document.documentElement.classList.contains('late')")
    page.wait_for_function(landed)
    page.close()


def test_a_proof_opens_by_keyboard(visit):
    visit.open(with_markup('class="dln-proof"'))
    proof = visit.page.locator(".dln-proof").first
    line = proof.locator("summary")
    assert line.text_content().startswith("✓ ")
    assert not proof.locator(".cell").first.is_visible()
    assert line.bounding_box()["height"] < 40
    line.focus()
    visit.page.keyboard.press("Enter")
    assert proof.locator(".cell").first.is_visible()


def test_only_pages_with_figures_to_handle_load_their_script(visit):
    visit.open(with_markup("<dln-explore"))
    assert "explorer.js" in " ".join(loaded(visit, SITE))
    visit.open("book/notation.html")
    assert "explorer.js" not in " ".join(loaded(visit, SITE))


def test_paper_shows_solutions_and_leaves_out_imports_controls_and_plotting_code(visit):
    visit.open(with_markup("<dln-explore", "<details", "solution"))
    visit.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print", color_scheme="dark")
    closed = visit.page.locator("article details:not([open])")
    assert closed.count() > 0
    stay = "article details:is(.dln-proof, .dln-setup, .hide)"
    assert closed.count() == visit.page.locator(stay).count()
    assert visit.page.locator("article details.solution > section").first.is_visible()
    for unwanted in (".dln-setup", ".dln-controls", "details.hide"):
        assert visit.page.locator(unwanted).count() > 0
        assert visit.page.locator(f"{unwanted}:visible").count() == 0
    assert visit.page.locator(".dln-proof summary").first.is_visible()
    assert not visit.page.locator(".top-bar").is_visible()
    assert not visit.page.locator("#book-nav").is_visible()
    assert visit.ask("paper") == "#ffffff"
    visit.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert visit.page.locator("article details[open]").count() == 0


def test_reduced_motion_is_obeyed(browser, base_url):
    context = browser.new_context(reduced_motion="reduce")
    visit = Visit(context.new_page(), base_url)
    visit.open(CHAPTERS[0])
    assert visit.ask("moving") == 0
    assert (
        visit.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    )
    context.close()


def test_text_is_there_without_scripts(browser, base_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{base_url}/{CHAPTERS[0]}")
    assert page.locator("article h1").is_visible()
    assert page.locator("#book-nav a").first.is_visible()
    assert not page.get_by_role("button", name="Dark theme").is_visible()
    context.close()


def test_the_errata_are_narrowed_to_a_note_and_to_words(from_disk):
    from_disk.open("book/errata.html")
    page = from_disk.page
    entries = page.locator("article p:visible", has_text="Note 0")
    total = entries.count()
    page.locator(".errata-filter select").select_option("002")
    assert 0 < entries.count() < total
    assert all(text.startswith("Note 002,") for text in entries.all_text_contents())
    page.locator(".errata-filter input").fill("Derivative NODE")
    assert 0 < entries.count() == page.locator("article p:visible", has_text="derivative").count()
    page.locator(".errata-filter input").fill("<b>")
    assert entries.count() == page.locator("article h2:visible").count() == 0
    assert page.locator(".errata-filter output").text_content() == f"0 of {total} entries"
    assert from_disk.trouble == []

"""Words on the page: nothing English on the German one, and the meaning of a word where it is said."""

import os
import re
from importlib.metadata import version

import pytest

from exosim.biology import system
from exosim.lesson.steps import shipped_lessons
from exosim.lesson.words import LANGUAGES, phrases, words
from tests.browser.test_lessons import STEPS, predict
from tests.browser.test_looks import AXE, FOUND
from tests.browser.watched import watched

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
SAID = """() => {
  const said = [], parts = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let part; (part = parts.nextNode()); ) {
    const owner = part.parentElement;
    if ((part.closest ? part : owner).closest("script, style, noscript, math")) continue;
    if (part.nodeType === Node.TEXT_NODE) said.push(owner.checkVisibility() ? part.textContent.trim() : "");
    else for (const name of ["aria-label", "aria-valuetext", "title", "placeholder", "alt"])
      said.push(part.getAttribute(name) ?? "");
  }
  return [...new Set(said.filter(Boolean))];
}"""
UNFOLDED = "document.querySelectorAll('#explore details, #skin-key').forEach(x => { x.open = !x.closest('[hidden]'); })"


def leaves(part):
    """Every text of nested data."""
    if isinstance(part, dict | list):
        return {x for value in (part.values() if isinstance(part, dict) else part) for x in leaves(value)}
    return {part} if isinstance(part, str) else set()


def said_in(browser, address, language):
    """All that a page says in a language: every step in every phase, every treatment, every state of the diagram."""
    found = set()
    with watched(browser, address, f"lang={language}", viewport={"width": 1366, "height": 768}) as seen:
        page = seen.page
        for lesson, i, step in STEPS:
            page.evaluate("q => exosim.go(q)", f"lesson={lesson}&step={i}")
            found.update(page.evaluate(SAID))
            predict(page, step)
            for _ in ("run", "compared"):
                page.click("#onward")
                found.update(page.evaluate(SAID))
        for preset in page.evaluate("[...document.querySelectorAll('#preset option')].map(x => x.value)"):
            page.evaluate("q => exosim.go(q)", f"preset={preset}&set=trials&pin=preset%3Duntreated%26severity%3Dsevere")
            page.evaluate(UNFOLDED)
            page.wait_for_timeout(100)
            found.update(page.evaluate(SAID))
        for state in page.locator("#diagram [role=button]").all():
            state.press("Enter")
            found.update(page.evaluate(SAID))
    return found


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_nothing_is_left_in_english(browser, address, language):
    english, other = (said_in(browser, address, x) for x in (LANGUAGES[0], language))
    same = {text for text, own in phrases(language).items() if text == own}
    for language_of in (words, shipped_lessons):
        same |= leaves(language_of(LANGUAGES[0])) & leaves(language_of(language))
    same |= {*system.PARAMETERS, *(x.upper() for x in LANGUAGES)}
    kept = {x for x in english & other if re.search(r"[A-Za-z]{4}", x)}
    assert {x for x in kept - same if not any(x in whole for whole in same)} == {
        f"exosim {version('exosim')}, BSD-3-Clause."
    }
    told = {text for text, own in phrases(language).items() if text != own and " " in text}
    assert not [(text, x) for text in told for x in other if text in x]


def test_a_word_of_a_lesson_opens_its_meaning_in_place(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=repair&step=0')")
    names = page.locator("#panel .term").evaluate_all("all => all.map(x => x.dataset.term)")
    assert len(names) == len(set(names)) > 2
    mark = page.locator("#panel .term[data-term=fibroblast]")
    mark.click()
    assert page.inner_text("#term") == "Fibroblast A cell that builds collagen. An active one builds more."
    assert mark.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Escape")
    assert not page.inner_text("#term")
    assert mark.get_attribute("aria-expanded") == "false"
    mark.click()
    page.mouse.click(5, 5)
    assert not page.inner_text("#term")


def test_words_are_reached_by_keyboard_without_being_in_the_way(opened):
    page = opened.page
    page.evaluate("exosim.go('lesson=repair&step=0')")
    assert page.locator("#panel .term[tabindex='-1']").count() == page.locator("#panel .term").count() > 2
    page.focus("#onward")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    first = page.inner_text("#term")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#term") not in ("", first)
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#term") == first
    page.keyboard.press("Escape")
    assert not page.inner_text("#term")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meaning_lies_inside_the_window_on_a_phone(browser, address, language):
    with watched(browser, address, f"lang={language}", viewport={"width": 390, "height": 844}, has_touch=True) as seen:
        page = seen.page
        for lesson, i, _ in STEPS:
            page.evaluate("q => exosim.go(q)", f"lesson={lesson}&step={i}")
            for mark in page.locator("#panel .term").all():
                mark.tap()
                box = page.locator("#term").bounding_box()
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= 390
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
                page.tap("#term")
                assert not page.inner_text("#term")


@AXE
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_an_open_meaning(browser, address, scheme):
    with watched(browser, address, "lesson=repair&step=0", color_scheme=scheme, bypass_csp=True) as seen:
        with open(os.environ["EXOSIM_AXE"], encoding="utf-8") as file:
            seen.page.evaluate(file.read())
        seen.page.locator("#panel .term").first.click()
        assert not seen.page.evaluate(FOUND)

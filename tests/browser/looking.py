"""Who comes to a page in a browser, how they see it, and what is wrong with what they see."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page

from bot.console.desk import HOME, SIGN_IN
from tests.browser.live import SECONDS, Live

LOOKS = ["theo-may", "toi", "nang"]
# (width, look). Whatever looks differ in is seen at one width, and at the other when there is time (`make day`).
VIEWS = [
    (360, "theo-may"), (1280, "theo-may"), (360, "toi"), (1280, "nang"),
    pytest.param(1280, "toi", marks=pytest.mark.day), pytest.param(360, "nang", marks=pytest.mark.day),
]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
# What can be pressed and is too small for a finger.
TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), textarea, label.tick')]
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== 'inline' && !e.matches('.skip') && !e.closest('label') || e.matches('label'))
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()]).filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([html]) => html)"""
BEYOND = "document.scrollingElement.scrollWidth - innerWidth"
UNFOLD = "document.querySelectorAll('details').forEach(part => { part.open = true })"


def somebody(chromium: Browser, live: Live, **options: Any) -> BrowserContext:
    """A browser of their own, on a desk unless the options of `new_context` say otherwise."""
    made = chromium.new_context(base_url=live.address, **options)
    made.set_default_timeout(SECONDS * 1000)
    return made


def signed_in(chromium: Browser, live: Live, link: str, *, javascript: bool = True, **options: Any) -> BrowserContext:
    """Staff who came in by their link, without a page: closing one that still goes somewhere can hang Chromium."""
    made = somebody(chromium, live, java_script_enabled=javascript, **options)
    answer = made.request.post(f"{SIGN_IN}/{link}", form={}, headers={"Origin": live.address}, max_redirects=0)
    assert (answer.status, answer.headers.get("location")) == (303, HOME), answer.text()
    return made


def shown(context: BrowserContext, path: str, width: int = 1280, height: int = 800, *, unfolded: bool = True, **look: str) -> Page:
    """A page of this size, with nothing folded away. `look`: the reader's choice of letters (co) and colours (nen)."""
    context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"} for name, value in look.items()])
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    if unfolded:
        page.evaluate(UNFOLD)
    return page


def faults(page: Page, *, small: bool = True) -> list[str]:
    """What Axe finds on it once it is there, whether it scrolls sideways, and what is too `small` to press."""
    page.wait_for_load_state()
    result = Axe().run(page, options=RULES)
    found = [result.generate_report()] if result.violations_count else []
    if (beyond := page.evaluate(BEYOND)) > 0:
        found.append(f"{beyond} px wider than the screen")
    return found + (page.evaluate(TARGETS) if small else [])


def complaints(page: Page) -> list[str]:
    """Fills with the errors of its scripts and with what its policy forbade."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    return said


def saved(page: Page) -> Any:
    """`with saved(page):` what is done inside has reached the service afterwards."""
    return page.expect_response(lambda answer: answer.request.method == "POST")


def ask(page: Page | FrameLocator, text: str) -> None:
    page.locator("#tin").fill(text)
    page.locator("[data-composer] button").first.click()


def to_the_list(page: Page | FrameLocator) -> None:
    """Question, two answers, list."""
    ask(page, "ba em mới mất")
    page.locator("button.choice:has-text('Có giấy báo tử')").first.click()
    page.locator("button.choice:has-text('Trong 15 ngày')").click()
    page.locator("article.list").wait_for()

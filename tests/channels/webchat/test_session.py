"""Cookies, framed tokens and one-time form tokens."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.app import App
from bot.pages.session import COOKIE, Once, Sessions, Visitor
from bot.settings import Settings
from tests.channels.webchat.conftest import connected, wire
from tests.channels.webchat.visitor import Visitor as Browser

KEEP = dt.timedelta(days=90)
SESSIONS = Sessions("key", KEEP)
LAN = Visitor("lan")


def cookie(visitor: Visitor) -> dict[str, str]:
    return {COOKIE: SESSIONS.cookie(visitor)}


def test_a_cookie_brings_its_address_back() -> None:
    assert SESSIONS.read(cookie(LAN), "", framed=False) == LAN


@pytest.mark.parametrize("other", [Sessions("another key", KEEP), Sessions("key", dt.timedelta(seconds=-1))])
def test_a_cookie_of_another_key_or_too_old_is_nobodys(other: Sessions) -> None:
    assert other.read(cookie(LAN), "", framed=False) == Visitor()


def test_a_framed_token_is_no_cookie_and_the_other_way_round() -> None:
    framed = SESSIONS.framed("lan")
    assert SESSIONS.read({}, framed.token, framed=True) == framed
    assert SESSIONS.read({COOKIE: framed.token}, "", framed=False) == Visitor()
    assert SESSIONS.read({}, SESSIONS.cookie(LAN), framed=True).address == ""


def test_a_form_is_for_the_visitor_it_was_drawn_for() -> None:
    token = SESSIONS.form(LAN)
    assert SESSIONS.once(token, LAN) is not None
    assert SESSIONS.once(token, Visitor("minh")) is None
    assert SESSIONS.once(SESSIONS.form(Visitor()), LAN) is None


def test_a_first_page_still_counts_after_its_message_made_the_visitor() -> None:
    token = SESSIONS.form(Visitor())
    once = SESSIONS.once(token, Visitor())
    assert once is not None
    assert SESSIONS.once(token, SESSIONS.begin(once, framed=False)) == once


def test_addresses_cannot_be_guessed_from_the_form() -> None:
    once = Once("nonce", "")
    made = SESSIONS.begin(once, framed=False).address
    assert len(made) == 64
    assert made != Sessions("another key", KEEP).begin(once, framed=False).address


async def test_the_cookie_is_out_of_scripts_reach(visitor: Browser) -> None:
    answer = await visitor.post("/gui", [*visitor.page.form("/gui").fields, ("tin", "khai tử")])
    said = answer.headers["set-cookie"].lower()
    for part in ("httponly", "samesite=lax", "path=/", "max-age=7776000"):
        assert part in said
    assert "secure" not in said


async def test_behind_https_cookies_are_secure(app: App, settings: Settings) -> None:
    secure = wire(app.store, app.premises, settings.model_copy(update={"secure_cookies": True}))
    async with connected(secure) as client:
        visitor = Browser(client)
        await visitor.open()
        answer = await visitor.post("/gui", [*visitor.page.form("/gui").fields, ("tin", "khai tử")])
    assert "secure" in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"]


async def test_the_framed_chat_needs_no_cookie(app: App) -> None:
    async with connected(app) as client:
        visitor = Browser(client, "/khung")
        page = await visitor.open()
        assert page.answer.headers["content-security-policy"].endswith("frame-ancestors 'self' https://xa.example")
        answer = await visitor.post("/gui", [*page.form("/gui").fields, ("tin", "ba em mới mất")])
        assert "set-cookie" not in answer.headers
        assert answer.headers["location"].startswith("/khung?phien=")
        visitor.page = type(page)(await client.get(answer.headers["location"]))
        page = await visitor.press("Có giấy báo tử")
        assert "Câu 2" in page.text
        page = await visitor.press("Trong 15 ngày")
        page = await visitor.tick("form")
        assert page.form("/danh-dau").boxes["form"]
        assert 'target="_blank"' in page.html


async def test_a_framed_address_opened_by_itself_is_the_ordinary_chat(app: App) -> None:
    async with connected(app) as client:
        answer = await client.get("/khung?phien=x", headers={"sec-fetch-dest": "document"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")

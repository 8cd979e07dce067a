"""In by a link that works once, out by a button; without a session no page of the console is shown."""

from __future__ import annotations

import pytest

from bot import clock
from bot.app import App
from bot.console.desk import COOKIE, HOME, NAV
from bot.domain import audit, staff
from bot.settings import Settings
from tests.channels.webchat.conftest import connected, wire
from tests.console.conftest import FORM, HERE, THERE, Clerk, SignIn

PAGES = ["", f"/{HERE}/nguoi", f"/{HERE}/nguoi/1", f"/{HERE}/nhat-ky", f"/{HERE}/nhat-ky.csv", f"/{HERE}/song"]


async def link(app: App) -> str:
    number = await app.store.write(staff.create, "chị Hạnh", HERE, "lead", now=clock.now())
    token = await app.store.write(staff.link, number, "sign_in", now=clock.now())
    return f"{HOME}/vao/{token}"


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_page_leads_to_the_sign_in(stranger: Clerk, path: str) -> None:
    answer = await stranger.client.get(f"{HOME}{path}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}/vao")
    page = await stranger.open(f"{HOME}/vao")
    assert "đăng nhập" in page.text
    assert "mật khẩu" in page.text


async def test_a_preview_does_not_use_the_link_up_and_the_button_does(app: App, stranger: Clerk) -> None:
    path = await link(app)
    for _ in range(3):
        page = await stranger.open(path)
        assert page.status == 200
    assert COOKIE not in stranger.client.cookies
    page = await stranger.send(path)
    assert page.status == 200
    assert "chị Hạnh" in page.text
    again = await stranger.post(path, {})
    assert again.status == 410
    assert "đã dùng" in again.text


@pytest.mark.parametrize("token", ["x", "a" * 500, "%00", "..%2f..", "é"])
async def test_a_link_that_never_was_says_how_to_get_one(stranger: Clerk, token: str) -> None:
    answer = await stranger.client.post(f"{HOME}/vao/{token}", headers=FORM)
    assert answer.status_code in (404, 410)
    if answer.status_code == 410:
        assert "nhờ người điều hành" in answer.text


async def test_the_cookie_goes_to_the_console_only_and_never_to_scripts(app: App, stranger: Clerk) -> None:
    answer = await stranger.client.post(await link(app), headers=FORM)
    (set_,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(COOKIE)]
    parts = {part.strip().lower() for part in set_.split(";")[1:]}
    assert {"httponly", "samesite=lax", f"path={HOME}", f"max-age={7 * 24 * 3600}"} <= parts
    assert "secure" not in parts


async def test_behind_https_the_cookie_is_secure(app: App) -> None:
    settings = Settings.model_validate(app.settings.model_dump() | {"secure_cookies": True})
    async with connected(wire(app.store, app.premises, settings)) as client:
        answer = await client.post(await link(app), headers=FORM)
        assert "; Secure" in answer.headers["set-cookie"]


async def test_a_link_pressed_on_another_site_lets_nobody_in(app: App, stranger: Clerk) -> None:
    path = await link(app)
    page = await stranger.post(path, {}, **{"sec-fetch-site": "cross-site"})
    assert page.status == 403
    assert (await stranger.post(path, {})).status == 200


async def test_pages_are_kept_nowhere(sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    page = await lead.open("nguoi")
    assert page.answer.headers["cache-control"] == "no-store"
    assert page.answer.headers["referrer-policy"] == "no-referrer"


async def test_the_first_page_is_that_of_the_only_center(sign_in: SignIn) -> None:
    lead = await sign_in("lead", THERE)
    page = await lead.open(HOME)
    assert str(page.answer.url).endswith(f"{HOME}/{THERE}/{NAV[0].slug}")
    assert "Bình Hòa" in page.text


async def test_with_several_centers_one_chooses(sign_in: SignIn) -> None:
    page = await (await sign_in("admin", "*")).open(HOME)
    assert {f"{HOME}/{center}/{NAV[0].slug}" for center in (HERE, THERE)} <= set(page.links.values())


async def test_somebody_whose_role_was_taken_away_is_told_whom_to_ask(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    await app.store.write(staff.set_role, lead.id, HERE, None, actor="cli", now=clock.now())
    page = await lead.open(HOME)
    assert page.status == 200
    assert "chưa có vai trò" in page.text


async def test_out_means_out(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    await lead.open("nguoi")
    kept = lead.client.cookies[COOKIE]
    page = await lead.send(f"{HOME}/ra")
    assert "Đã đăng xuất" in page.text
    assert COOKIE not in lead.client.cookies
    lead.client.cookies.set(COOKIE, kept)
    answer = await lead.client.get(f"{HOME}/{HERE}/nguoi")
    assert answer.status_code == 303


async def test_out_everywhere_ends_the_other_browsers(app: App, sign_in: SignIn, stranger: Clerk) -> None:
    lead = await sign_in("lead")
    token = await app.store.write(staff.link, lead.id, "sign_in", now=clock.now())
    await stranger.post(f"{HOME}/vao/{token}", {})
    await lead.open("nguoi")
    await lead.send(f"{HOME}/ra-het")
    assert (await stranger.client.get(f"{HOME}/{HERE}/nguoi")).status_code == 303


async def test_signing_in_as_somebody_else_ends_the_session_of_this_browser(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    before = lead.client.cookies[COOKIE]
    await lead.post(await link(app), {})
    assert await app.store.read(staff.of_session, before, now=clock.now()) is None


@pytest.mark.parametrize("token", ["", "x", "é" * 40, "0" * 64])
async def test_a_form_without_the_sessions_token_changes_nothing(app: App, sign_in: SignIn, token: str) -> None:
    lead = await sign_in("lead")
    page = await lead.post(f"{HOME}/{HERE}/nguoi", {"ma": token, "ten": "kẻ lạ", "vai-tro": "clerk"})
    assert page.status == 403
    assert "Chưa lưu" in page.text
    assert await app.store.read(staff.find, lead.id + 1) is None


async def test_the_token_of_another_session_does_not_fit(app: App, sign_in: SignIn) -> None:
    lead, other = await sign_in("lead"), await sign_in("lead")
    token = dict((await other.open("nguoi")).form(f"{HOME}/ra").fields)["ma"]
    page = await lead.post(f"{HOME}/{HERE}/nguoi", {"ma": token, "ten": "kẻ lạ", "vai-tro": "clerk"})
    assert page.status == 403
    assert await app.store.read(staff.find, other.id + 1) is None


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://xau.example"}])
async def test_a_form_sent_by_another_site_changes_nothing(app: App, sign_in: SignIn, headers: dict[str, str]) -> None:
    lead = await sign_in("lead")
    token = dict((await lead.open("nguoi")).form(f"{HOME}/ra").fields)["ma"]
    page = await lead.post(f"{HOME}/{HERE}/nguoi", {"ma": token, "ten": "kẻ lạ", "vai-tro": "clerk"}, **headers)
    assert page.status == 403
    assert await app.store.read(staff.find, lead.id + 1) is None


async def test_a_browser_that_is_used_counts_as_seen(app: App, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = await sign_in("lead")
    later = clock.now() + 3 * staff.SEEN_AGAIN
    monkeypatch.setattr(clock, "now", lambda: later)
    await lead.open("nguoi")
    found = await app.store.read(staff.of_session, lead.client.cookies[COOKIE], now=later + staff.IDLE - staff.SEEN_AGAIN)
    assert found is not None


async def test_news_of_a_center_are_for_its_staff(sign_in: SignIn) -> None:
    clerk = await sign_in("clerk", THERE)
    assert (await clerk.client.get(f"{HOME}/{HERE}/song")).status_code == 403


async def test_the_log_tells_of_coming_and_going(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    await lead.open("nguoi")
    await lead.send(f"{HOME}/ra")
    rows = await app.store.read(audit.read, audit.Filter((HERE,)), limit=9)
    assert [row.action for row in rows] == ["staff.sign_out", "staff.sign_in", "staff.link_sign_in", "staff.create"]

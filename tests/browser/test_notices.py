"""A notice in a real browser: written with live counts, confirmed by a second person, watched until it is done, with and without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.enums import Role
from bot.db.tables import Account, Outbox, Person
from bot.domain import broadcast, consent, ledger, notices
from bot.domain.audience import NOTICES, Audience
from bot.domain.consent import Who
from bot.domain.notices import Words
from tests.browser.live import CENTER, Live
from tests.browser.looking import VIEWS, faults, shown, signed_in

OUTBOX = upsert.table(Outbox)
LIST = f"{HOME}/{CENTER}/thong-bao"
PEOPLE = broadcast.ALONE + 10
BODY = "Sáng thứ Bảy 28/11, trung tâm mở thêm từ 7:30 đến 11:30.\nChọn giờ: nhắn “đặt lịch”.\n\nTrung tâm không hỏi mã OTP."


class Two(NamedTuple):
    """A clerk and a lead, each signed in; pages to look at."""

    clerk: BrowserContext
    lead: BrowserContext
    paths: tuple[str, ...]


@pytest.fixture(scope="module")
def two(chromium: Browser, live: Live) -> Iterator[Two]:
    paths = live.do(_furnish)
    with _came(chromium, live, "clerk") as clerk, _came(chromium, live, "lead") as lead:
        yield Two(clerk, lead, paths)


def _came(chromium: Browser, live: Live, role: Role, *, javascript: bool = True) -> BrowserContext:
    return signed_in(chromium, live, live.hire(role, f"{role} {clock.now():%f}")[1], javascript=javascript, viewport={"width": 1280, "height": 900})


def _furnish(session: Session, *, now: dt.datetime) -> tuple[str, ...]:
    """People who agreed, a draft, one that waits, and one that leaves, is unclear and was refused."""
    for number in range(PEOPLE):
        person = Person(created_at=now)
        session.add(person)
        session.flush()
        assert person.id is not None
        session.add(Account(person_id=person.id, bot="web", address=f"reader {number}", created_at=now, last_seen_at=now))
        who = Who(person.id, CENTER, NOTICES)
        consent.give(session, who, "câu", "web", now=now)
        consent.set_area(session, who, ("thôn Đông", "xã Bình An cũ", "")[number % 3])
    made = [notices.draft(session, CENTER, Words("Nghỉ lễ", BODY, Audience()), actor="staff:999", now=now) for _ in range(3)]
    for number in made[1:]:
        broadcast.submit(session, CENTER, number, 1, actor="staff:999", now=now)
    broadcast.confirm(session, CENTER, made[2], 1, PEOPLE, actor="staff:998", now=now)
    broadcast.pause(session, CENTER, made[2], actor="staff:998", now=now)
    _fates(session, made[2])
    return (LIST, *(f"{LIST}/{number}" for number in made))


def _fates(session: Session, notice: int) -> None:
    rows = [line.id for line in ledger.lines(session, notice)]
    for place, (state, reason) in enumerate((("sent", ""), ("unknown", "worker died"), ("refused", "Forbidden: bot was blocked by the user"))):
        session.execute(update(OUTBOX).where(OUTBOX.c.id == rows[place]).values(state=state, reason=reason, settled_at=clock.now()))


@pytest.mark.parametrize(("width", "look"), VIEWS)
def test_every_page_is_readable_and_whatever_is_pressed_is_large_enough(two: Two, width: int, look: str) -> None:
    found = {}
    for path in two.paths:
        page = shown(two.lead, path, width, 900, nen=look)
        if wrong := faults(page):
            found[path] = wrong
        page.close()
    assert found == {}


def _write(page: Page, title: str) -> None:
    page.goto(LIST)
    page.click("button:has-text('Soạn thông báo mới')")
    page.fill("#tieu-de", title)
    page.fill("#noi-dung", BODY)
    page.check("input[name=khan]")  # at night nothing else leaves


def test_written_confirmed_by_a_second_person_and_watched_until_it_is_done(two: Two) -> None:
    clerk, lead = two.clerk.new_page(), two.lead.new_page()
    _write(clerk, "Mở thêm sáng thứ Bảy")
    expect(clerk.locator("#se-gui")).to_have_text(str(PEOPLE))
    expect(clerk.locator("[data-preview] .bubble__b").first).to_contain_text("Mở thêm sáng thứ Bảy")
    clerk.click("summary:has-text('Chọn hẹp hơn')")
    clerk.check("input[value='thôn Đông']")
    expect(clerk.locator("#se-gui")).to_have_text(str(PEOPLE // 3))
    clerk.uncheck("input[value='thôn Đông']")
    clerk.click("button[value=trinh]")
    expect(clerk.locator(".two-key")).to_contain_text("Vai trò này soạn được")
    expect(clerk.locator("button[value=gui]")).to_have_count(0)
    lead.goto(clerk.url.partition("?")[0])
    lead.fill("#dem", str(PEOPLE))
    lead.click("button[value=gui]")
    expect(lead.locator("h1")).to_contain_text("Đã gửi xong", timeout=30_000)
    expect(lead.locator(".ledger__sum")).to_contain_text(f"{PEOPLE} + 0 + 0 + 0 + 0 + 0 + 0 = {PEOPLE} người nhận")
    clerk.close()
    lead.close()


def test_what_a_person_decides_about_unclear_rows_is_written_down(two: Two) -> None:
    page = two.lead.new_page()
    page.goto(two.paths[-1])
    page.click("button[value=de-nguyen]")
    expect(page.locator("ul.dashes")).to_contain_text("Để nguyên dòng chưa rõ")
    expect(page.locator("#chua-ro")).to_have_count(0)
    page.close()


def test_without_javascript_it_is_all_there(chromium: Browser, live: Live, two: Two) -> None:
    with _came(chromium, live, "clerk", javascript=False) as clerk, _came(chromium, live, "lead", javascript=False) as lead:
        page, other = clerk.new_page(), lead.new_page()
        _write(page, "Không có JavaScript")
        page.click("button[value=xem]")
        expect(page.locator("#noi-dung-h")).to_contain_text("trong 2.000 ký tự")
        expect(page.locator("#se-gui")).to_have_text(str(PEOPLE))
        page.click("button[value=trinh]")
        expect(page.locator(".two-key")).to_contain_text("Vai trò này soạn được")
        other.goto(page.url.partition("?")[0])
        other.fill("#dem", str(PEOPLE))
        other.click("button[value=gui]")
        expect(other.locator(".ledger__sum")).to_contain_text("khớp sổ")

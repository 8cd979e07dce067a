"""The notices' pages: who may do what, nothing lost between two writers, and only the second person's number sends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.app import App
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.tables import Account, Outbox, Person
from bot.domain import broadcast, consent, ledger, notices
from bot.domain.audience import NOTICES
from bot.domain.consent import Who
from tests.channels.webchat.visitor import Page
from tests.console.conftest import Clerk, SignIn
from tests.console.desk_day import HERE, DeskDay, send

LIST = f"{HOME}/{HERE}/thong-bao"
WORDS = {"tieu_de": "Nghỉ lễ 24/11", "noi_dung": "Thứ Ba trung tâm nghỉ."}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + (40).to_bytes(4) + (30).to_bytes(4)


def _agree(session: Session, count: int, now: Any) -> None:
    for number in range(count):
        person = Person(created_at=now)
        session.add(person)
        session.flush()
        assert person.id is not None
        session.add(Account(person_id=person.id, bot="telegram:1", address=f"tg{number}", created_at=now, last_seen_at=now))
        consent.give(session, Who(person.id, HERE, NOTICES), "câu", "telegram", now=now)


@pytest.fixture
async def people(day: DeskDay) -> int:
    """How many agreed: more than one person alone may write to."""
    count = broadcast.ALONE + 10
    await day.app.store.write(_agree, count, day.now)
    return count


async def written(clerk: Clerk) -> str:
    """The address of a draft with these words."""
    await clerk.open("thong-bao")
    await clerk.send(LIST)
    path = str(clerk.page.answer.url.path)
    await do(clerk, path, "luu", ban="1", **WORDS)
    return path


async def do(clerk: Clerk, path: str, deed: str, **fields: str) -> Page:
    return await send(clerk, path.removeprefix(f"{HOME}/{HERE}/"), deed, **fields)


async def submitted(clerk: Clerk) -> str:
    path = await written(clerk)
    await do(clerk, path, "trinh", ban="2", **WORDS)
    return path


async def row(app: App, path: str) -> Any:
    found = await app.store.read(notices.find, HERE, int(path.rpartition("/")[2]))
    assert found is not None
    return found


async def test_a_clerk_writes_and_submits_and_has_no_button_to_send(sign_in: SignIn, app: App, people: int) -> None:
    clerk = await sign_in("clerk")
    path = await written(clerk)
    page = await do(clerk, path, "trinh", ban="2", **WORDS)
    assert (await row(app, path)).state == "submitted"
    assert f"{people}" in page.text
    assert 'value="gui"' not in page.html


@pytest.mark.parametrize("deed", ["gui", "tam-dung", "tiep", "dung", "gui-lai", "de-nguyen"])
async def test_what_takes_the_right_to_send_is_403_for_a_clerk_by_hand(sign_in: SignIn, app: App, people: int, deed: str) -> None:
    clerk = await sign_in("clerk")
    path = await written(clerk)
    await do(clerk, path, "trinh", ban="2", **WORDS)
    page = await do(clerk, path, deed, dem=str(people), ban="2")
    assert page.status == 403
    assert (await row(app, path)).state == "submitted"


@pytest.mark.parametrize(("role", "status"), [("volunteer", 403), ("auditor", 403)])
async def test_who_may_only_read_cannot_write(sign_in: SignIn, day: DeskDay, role: Any, status: int) -> None:
    reader = await sign_in(role)
    await reader.open("nguoi" if role == "auditor" else "giup-ba-con")
    token = dict(reader.page.form(f"{HOME}/ra").fields)["ma"]
    assert (await reader.post(LIST, {"ma": token})).status == status


async def test_a_form_of_another_page_changes_nothing(sign_in: SignIn, app: App, day: DeskDay) -> None:
    clerk = await sign_in("clerk")
    path = await written(clerk)
    page = await clerk.post(path, {"ma": "made up", "viec": "luu", "ban": "2", "tieu-de": "khác", "noi-dung": "khác"})
    assert page.status == 403
    assert (await row(app, path)).title == WORDS["tieu_de"]


async def test_the_writer_is_told_to_find_a_second_person_and_the_second_types_the_number(sign_in: SignIn, app: App, people: int) -> None:
    lead, second = await sign_in("lead"), await sign_in("lead", name="bà Thu")
    path = await written(lead)
    page = await do(lead, path, "trinh", ban="2", **WORDS)
    assert "Nhờ người thứ hai" in page.text
    refused = await do(lead, path, "gui", dem=str(people), ban="2")
    assert refused.status == 409
    await second.open(path)
    wrong = await do(second, path, "gui", ban="2", dem=str(people - 1))
    assert wrong.status == 409
    assert str(people) in wrong.text
    assert (await row(app, path)).state == "submitted"
    done = await do(second, path, "gui", ban="2", dem=str(people))
    assert "tin đang đi" in done.text
    assert (await row(app, path)).recipients == people


async def test_of_two_who_write_at_once_the_second_is_told_and_keeps_what_was_typed(sign_in: SignIn, app: App, day: DeskDay) -> None:
    one, other = await sign_in("clerk"), await sign_in("clerk", name="anh Bình")
    path = await written(one)
    await one.open(path)
    await other.open(path)
    await do(other, path, "luu", ban="2", tieu_de="Của Bình", noi_dung="b")
    page = await do(one, path, "luu", ban="2", tieu_de="Của tôi", noi_dung="a")
    assert page.status == 409
    assert "Của tôi" in page.html
    assert (await row(app, path)).title == "Của Bình"


async def test_looking_shows_the_count_and_the_length_and_keeps_nothing(sign_in: SignIn, app: App, people: int) -> None:
    clerk = await sign_in("clerk")
    path = await written(clerk)
    page = await do(clerk, path, "xem", ban="2", tieu_de="x", noi_dung="chữ" * 700)
    assert f'id="se-gui">{people}<' in page.html
    assert "Dài quá" in page.text
    assert (await row(app, path)).version == 2


async def test_pause_resume_stop_and_the_report_that_adds_up(sign_in: SignIn, app: App, people: int) -> None:
    clerk, lead = await sign_in("clerk"), await sign_in("lead")
    path = await written(clerk)
    await do(clerk, path, "trinh", ban="2", **WORDS)
    await lead.open(path)
    await do(lead, path, "gui", ban="2", dem=str(people))
    for deed, state in (("tam-dung", "paused"), ("tiep", "sending"), ("tam-dung", "paused"), ("dung", "stopped")):
        page = await do(lead, path, deed)
        assert (await row(app, path)).state == state
        assert "khớp sổ" in page.text
    assert (await app.store.read(ledger.sums, (await row(app, path)).id))["skipped"] == people
    assert (await do(lead, path, "tiep")).status == 409
    assert "dừng hẳn trước khi tới lượt" in (await clerk.open(path)).text


async def test_the_table_to_take_along_holds_no_address_and_no_formula(sign_in: SignIn, app: App, people: int) -> None:
    clerk, lead = await sign_in("clerk"), await sign_in("lead")
    path = await written(clerk)
    await do(clerk, path, "trinh", ban="2", **WORDS)
    await lead.open(path)
    await do(lead, path, "gui", ban="2", dem=str(people))
    await app.store.write(_refuse_all, "=HYPERLINK(1)")
    lines = (await lead.client.get(f"{path}/bang.csv")).text.splitlines()
    assert len(lines) == people + 1
    assert all("'=HYPERLINK(1)" in line and "tg1" not in line for line in lines[1:])


def _refuse_all(session: Session, reason: str) -> None:
    table = upsert.table(Outbox)
    session.execute(update(table).values(state="refused", reason=reason))


NONSENSE, LONG_PDF, HUGE = b"MZ\x90", b"%PDF-" + b"x" * (5 * 2**20), b"x" * (6 * 2**20)


@pytest.mark.parametrize(("content", "status", "kept"), [(PNG, 303, True), (NONSENSE, 422, False), (LONG_PDF, 422, False), (HUGE, 413, False)])
async def test_a_picture_goes_along_and_anything_else_does_not(
    sign_in: SignIn, app: App, day: DeskDay, content: bytes, status: int, kept: bool
) -> None:
    clerk = await sign_in("clerk")
    path = await written(clerk)
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    for given, expected in ((token, status), ("made up", 413 if status == 413 else 403)):
        answer = await clerk.client.post(f"{path}/tep", data={"ma": given, "ban": "2"}, files={"tep": ("anh.png", content)})
        assert answer.status_code == expected
    assert ((await row(app, path)).attachment_id is not None) is kept


async def test_a_notice_of_another_center_is_not_there(sign_in: SignIn, day: DeskDay) -> None:
    clerk, other = await sign_in("clerk"), await sign_in("lead", scope="binh-hoa")
    path = await written(clerk)
    assert (await other.open(path)).status == 403
    assert (await other.open(path.replace(HERE, "binh-hoa"))).status == 404


async def test_a_correction_is_written_from_the_report(sign_in: SignIn, app: App, people: int) -> None:
    clerk, lead = await sign_in("clerk"), await sign_in("lead")
    path = await written(clerk)
    await do(clerk, path, "trinh", ban="2", **WORDS)
    await lead.open(path)
    await do(lead, path, "gui", ban="2", dem=str(people))
    page = await do(lead, path, "dinh-chinh")
    made = await row(app, str(page.answer.url.path))
    assert (made.state, made.corrects_id) == ("draft", int(path.rpartition("/")[2]))
    assert "Đính chính này tới đúng những người" in page.text

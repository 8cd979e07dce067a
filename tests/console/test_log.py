"""The audit log: read by those who may, of their own centers, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console import log
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import audit, staff
from tests.console.conftest import HERE, THERE, SignIn

NOW = dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC)


async def note(app: App, action: str = "hours.set", *, center: str = HERE, actor: str = "cli", now: dt.datetime = NOW, after: str = "x") -> int:
    def write(session: Session) -> int:
        return audit.write(session, actor=actor, center_id=center, action=action, subject="tuần", before={"tên": "cũ"}, after={"tên": after}, now=now)

    return await app.store.write(write)


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 403), ("manager", 200), ("auditor", 200), ("admin", 200)])
async def test_the_log_is_for_those_who_may_read_it(sign_in: SignIn, role: Role, status: int) -> None:
    somebody = await sign_in(role)
    assert (await somebody.open("nhat-ky")).status == status
    assert (await somebody.open("nhat-ky.csv")).status == status


async def test_a_row_says_who_did_what_to_whom_and_what_changed(app: App, sign_in: SignIn) -> None:
    admin = await sign_in("admin", name="anh Nam")
    number = await app.store.write(staff.create, "chị Hạnh", HERE, "clerk", actor=admin.actor, now=NOW)
    await app.store.write(staff.set_role, number, HERE, "lead", actor=admin.actor, now=NOW)
    page = await admin.open("nhat-ky")
    assert f"anh Nam ({admin.id}) Đổi vai trò chị Hạnh ({number})" in page.text
    assert "Vai trò: Cán bộ quầy → Điều hành" in page.text
    assert "12:00, 23/11/2026" in page.text


async def test_what_nobody_wrote_a_sentence_for_is_shown_as_it_is_stored(app: App, sign_in: SignIn) -> None:
    await note(app, "queue.closed")
    page = await (await sign_in("auditor")).open("nhat-ky")
    assert "queue.closed" in page.text
    assert "tên: cũ → x" in page.text
    assert "lệnh trên máy chủ" in page.text


async def test_a_row_spoilt_by_hand_is_shown_all_the_same(app: App, sign_in: SignIn) -> None:
    number = await note(app)
    await app.store.write(lambda session: session.connection().exec_driver_sql(f"UPDATE audit SET after = 'không phải json' WHERE id = {number}"))
    page = await (await sign_in("auditor")).open("nhat-ky")
    assert "không phải json" in page.text


async def test_an_auditor_sees_the_own_center_and_one_of_all_centers_also_what_belongs_to_none(app: App, sign_in: SignIn) -> None:
    for center, action in ((HERE, "x.here"), (THERE, "x.there"), ("", "x.none")):
        await note(app, action, center=center)
    text = (await (await sign_in("auditor")).open("nhat-ky")).text
    assert [action in text for action in ("x.here", "x.there", "x.none")] == [True, False, False]
    text = (await (await sign_in("auditor", "*")).open("nhat-ky")).text
    assert [action in text for action in ("x.here", "x.there", "x.none")] == [True, False, True]


async def test_it_is_filtered_by_the_day_in_vietnam_by_who_and_by_what(app: App, sign_in: SignIn) -> None:
    before_midnight, after = dt.datetime(2019, 11, 25, 16, 59, tzinfo=dt.UTC), dt.datetime(2019, 11, 25, 17, 0, tzinfo=dt.UTC)
    await note(app, "x.monday", now=before_midnight)
    await note(app, "x.tuesday", now=after, actor="system")
    auditor = await sign_in("auditor")

    async def shown(query: str) -> list[bool]:
        body = (await auditor.open(f"nhat-ky?{query}")).html.split("<tbody>")[-1]
        return ["x.monday" in body, "x.tuesday" in body]

    assert await shown("ngay=2019-11-25") == [True, False]
    assert await shown("ngay=2019-11-26") == [False, True]
    assert await shown("ai=system") == [False, True]
    assert await shown("viec=x.monday") == [True, False]
    assert await shown("ngay=2019-11-25&ai=system") == [True, True], "the filter names both, the table is not there"
    assert "Không có dòng nào" in auditor.page.text


@pytest.mark.parametrize(
    "query", ["ngay=x", "ngay=9999-12-31", "ngay=0001-01-01", "truoc=x", "truoc=99999999999999999999", "truoc=²", "ai=%00", "ai='--"]
)
async def test_nonsense_in_the_address_is_no_error(sign_in: SignIn, query: str) -> None:
    page = await (await sign_in("auditor")).open(f"nhat-ky?{query}")
    assert page.status == 200


async def test_older_rows_are_a_page_further_and_none_is_left_out(app: App, sign_in: SignIn) -> None:
    for number in range(log.A_PAGE + 10):
        await note(app, f"n.{number}")
    auditor = await sign_in("auditor")
    page = await auditor.open("nhat-ky?ai=cli")
    seen = page.html.count("hours") + page.html.split("<tbody>")[1].count("<tr>")
    page = await auditor.open(page.links["Các dòng cũ hơn"])
    seen += page.html.split("<tbody>")[1].count("<tr>")
    assert seen == log.A_PAGE + 10
    assert "Các dòng cũ hơn" not in page.links
    assert "Về dòng mới nhất" in page.links


@pytest.mark.parametrize("typed", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_no_cell_is_taken_for_a_formula(typed: str) -> None:
    assert log.harmless(typed) == f"'{typed}"


async def test_the_table_to_take_along_holds_the_same_rows_and_is_itself_written_down(app: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager", name="=cmd|'/c calc'!A1")
    await note(app, after='+84 "x", y\nz', actor=manager.actor)
    answer = await manager.client.get(f"{HOME}/{HERE}/nhat-ky.csv?viec=hours.set")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:4] == ["Số", "Lúc", "Ai", "Việc"]
    assert row[1] == "2026-11-23 12:00:00+07:00"
    assert row[2] == f"'=cmd|'/c calc'!A1 ({manager.id})"
    assert row[6] == '{"tên":"+84 \\"x\\", y\\nz"}'
    rows = await app.store.read(audit.read, audit.Filter((HERE,)), limit=1)
    assert (rows[0].actor, rows[0].action) == (manager.actor, "audit.export")
    assert await app.store.read(audit.verify) is None


async def test_the_digest_at_the_foot_proves_later_that_nothing_is_missing(app: App, sign_in: SignIn) -> None:
    auditor = await sign_in("auditor")
    page = await auditor.open("nhat-ky")
    noted = page.html.split("Mã của dòng cuối cùng")[1].split('class="code">')[1].split("<")[0]
    await note(app, now=clock.now())
    assert await app.store.read(audit.verify, noted) is None

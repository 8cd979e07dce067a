"""Taking in a day's dossiers from the province's system: every line accounted for, and sent again it changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import audit, dossier_history, dossier_lists, dossier_sheets, dossiers
from bot.domain.dossier_sheets import Line
from bot.domain.dossiers import Dossier
from handlers import dossier_import, dossier_words
from handlers.dossier_import import Report
from tests.fakes import Talk

HEADER = "Mã hồ sơ,Mã thủ tục,Ngày nhận,Ngày hẹn trả,Trạng thái,Ngày có kết quả"
FIRST = "H12-231126-0001,1.000656,23/11/2026 08:00,26/11/2026,Đang xử lý,"
CLERK = "staff:1"


async def send(talk: Talk, premises: Premises, *rows: str, header: str = HEADER) -> Report:
    lines = dossier_sheets.read("\n".join((header, *rows)).encode())
    report = await take(talk, premises, lines)
    assert report.of == report.lines == len(report.new) + len(report.changed) + report.same + len(report.skipped)
    return report


async def take(talk: Talk, premises: Premises, lines: Sequence[Line], *, most: int | None = None) -> Report:
    """As the console does; `most`: it is killed after so many pieces."""
    report = Report(len(lines))
    for piece in list(dossier_import.pieces(lines))[:most]:
        report = await talk.store.write(dossier_import.take, premises, premises.center.id, piece, report, actor=CLERK, now=talk.now)
    return report


async def kept(talk: Talk, premises: Premises, code: str = "H12-231126-0001") -> Dossier:
    [dossier] = await talk.store.read(dossiers.with_code, code, (premises.center.id,))
    return dossier


async def test_a_file_sent_again_changes_nothing(talk: Talk, tiny: Premises) -> None:
    rows = (FIRST, "H12-231126-0002,1.000656,23/11/2026,27/11/2026,Yêu cầu bổ sung,")
    assert len((await send(talk, tiny, *rows)).new) == 2
    before = await kept(talk, tiny)
    talk.now += dt.timedelta(hours=1)
    again = await send(talk, tiny, *rows)
    assert (again.same, again.new, again.changed, again.skipped) == (2, (), (), ())
    assert await kept(talk, tiny) == before
    assert (before.due, before.source) == (dt.date(2026, 11, 26), "import")


async def test_a_new_state_of_the_province_is_followed_and_its_moment_kept(talk: Talk, tiny: Premises) -> None:
    await send(talk, tiny, FIRST)
    talk.now += dt.timedelta(days=7)
    report = await send(talk, tiny, FIRST.replace("Đang xử lý,", "Đã có kết quả,26/11/2026 16:00"))
    assert report.changed == ("H12-231126-0001",)
    done = await kept(talk, tiny)
    assert (done.state, done.late) == ("ready", False), "it was ready in time, although we heard of it later"
    assert done.ready_at == dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)
    history = await talk.store.read(dossier_history.events, done.id)
    assert dossiers.as_told(done, history) == done


@pytest.mark.parametrize("told", ["Đã có kết quả,26/11/2026 16:00,", "Đã trả kết quả,26/11/2026 16:00,01/12/2026 09:00"])
async def test_kept_on_its_day_it_is_not_late_though_the_table_came_days_later(talk: Talk, tiny: Premises, told: str) -> None:
    """Nobody told us before midnight, so it was noted as missed; and fetched after its date it was ready before."""
    await send(talk, tiny, FIRST)
    talk.now += dt.timedelta(days=9)
    assert await talk.store.write(dossiers.note_missed, tiny.center.id, actor="machine", now=talk.now) == 1
    await send(talk, tiny, FIRST.replace("Đang xử lý,", told), header=f"{HEADER},Ngày trả")
    done = await kept(talk, tiny)
    assert (done.ready_at, done.missed_due, done.late) == (dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC), None, False)


async def test_one_ready_after_its_day_stays_late(talk: Talk, tiny: Premises) -> None:
    await send(talk, tiny, FIRST)
    talk.now += dt.timedelta(days=9)
    await send(talk, tiny, FIRST.replace("Đang xử lý,", "Đã có kết quả,27/11/2026 08:00"))
    assert (await kept(talk, tiny)).late


async def test_who_follows_a_dossier_is_told_of_an_imported_result(talk: Talk, tiny: Premises) -> None:
    await send(talk, tiny, FIRST)
    await talk.press("Báo cho tôi", replies=await talk.say("H12-231126-0001"))
    await send(talk, tiny, FIRST.replace("Đang xử lý", "Đã có kết quả"))
    assert "đã có kết quả" in str(await talk.unread())


async def test_what_is_left_says_why_and_hinders_no_other_line(talk: Talk, tiny: Premises) -> None:
    bad = ("xin chào,,23/11/2026,,,", "H12-1,,hôm qua,,,", "H12-2,,23/11/2026,1/11/2026,,", "H12-3,,23/11/2027,,,", FIRST, FIRST)
    worse = ("H12-4,,23/11/2026,31/12/2099,,", "H12-5,,23/11/2026,,Đã có kết quả,1/1/2001", "H12-6,,23/11/2001,,,")
    report = await send(talk, tiny, *bad, *worse)
    assert report.new == ("H12-231126-0001",)
    assert [row.number for row in report.skipped] == [2, 3, 4, 5, 7, 8, 9, 10]
    assert "hôm qua" in report.skipped[1].why
    assert "trước ngày nhận" in report.skipped[2].why
    assert "năm năm" in report.skipped[5].why, "counting the days of it would hold up everybody else"
    assert "cách nay quá năm năm" in report.skipped[7].why


async def test_what_would_go_backwards_is_left_to_a_clerk(talk: Talk, tiny: Premises) -> None:
    await send(talk, tiny, FIRST.replace("Đang xử lý", "Đã trả kết quả"))
    report = await send(talk, tiny, FIRST)
    assert "đi xa hơn" in report.skipped[0].why
    assert (await kept(talk, tiny)).state == "returned"


async def test_what_is_exported_is_taken_in_as_the_same(talk: Talk, tiny: Premises) -> None:
    await send(talk, tiny, FIRST, "H12-231126-0002,1.000656,23/11/2026,27/11/2026,Đã trả kết quả,")

    def table(session: Session) -> list[list[str]]:
        found = dossier_lists.of_day(session, tiny.center.id, dt.date(2026, 11, 23))
        return dossier_sheets.rows((one, dossier_words.title(tiny, one)) for one in found)

    written = await talk.store.read(table)
    assert len(written) == 3
    for content in (dossier_sheets.as_csv(written), dossier_sheets.as_xlsx(written)):
        lines = dossier_sheets.read(content)
        report = await take(talk, tiny, lines)
        assert (report.same, report.skipped) == (2, ())


async def test_killed_midway_the_same_file_completes_it_and_nothing_is_double(talk: Talk, tiny: Premises) -> None:
    """A code that came in the first piece counts as seen in the last."""
    rows = [FIRST.replace("0001", f"{number:04}") for number in range(1, 2 * dossier_import.PIECE + 1)]
    lines = dossier_sheets.read("\n".join((HEADER, *rows, FIRST)).encode())
    broken = await take(talk, tiny, lines, most=1)
    assert (broken.lines, len(broken.new)) == (dossier_import.PIECE, dossier_import.PIECE)
    talk.now += dt.timedelta(hours=1)
    report = await send(talk, tiny, *rows, FIRST)
    assert (report.same, len(report.new), [row.number for row in report.skipped]) == (dossier_import.PIECE, dossier_import.PIECE, [len(rows) + 2])
    kinds = [(await talk.store.read(dossier_history.events, (await kept(talk, tiny, code)).id)) for code in (rows[0][:15], rows[-1][:15])]
    assert [len(events) for events in kinds] == [1, 1]
    noted = await talk.store.read(audit.read, audit.Filter((tiny.center.id,)), limit=9)
    assert [row.action for row in noted] == ["dossier.import", "dossier.import_begun", "dossier.import_begun"]

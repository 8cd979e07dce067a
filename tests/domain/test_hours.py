"""Hours: what is typed, what a day comes to, what is said about now, and changing them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import clock
from bot.db.store import Store
from bot.domain import centers, hours
from bot.domain.hours import Change, DayHours, Exception_, NotHours, Span, Week
from tests.fakes import NOON

D = dt.date
MORNING, AFTERNOON = Span(450, 690), Span(810, 1020)
FULL = (MORNING, AFTERNOON)
WEEK = Week((*[FULL] * 5, (MORNING,), ()))
CENTER = "trung-tam"


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("7:30-11:30, 13:30-17:00", FULL),
        ("7h30 – 11h30; 13h30 – 17h", FULL),
        ("7.30-11.30 và 13.30-17", FULL),
        ("  07:30—11:30,13:30 đến 17 giờ ", FULL),
        ("13:30-17:00, 7:30-11:30", FULL),
        ("7g30 tới 11g30", (MORNING,)),
        ("7 giờ 30 - 11 giờ 30", (MORNING,)),
        ("7:30-9:00, 9:00-11:30", (MORNING,)),
        ("0:00-24:00", (Span(0, 1440),)),
        ("", ()),
        ("Nghỉ", ()),
        ("đóng cửa.", ()),
        (unicodedata.normalize("NFD", "nghỉ"), ()),
        ("-", ()),
    ],
)
def test_what_people_type_is_read(typed: str, spans: hours.Spans) -> None:
    assert hours.parse(typed) == spans


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("sáng", "Không đọc được giờ “sáng”"),
        ("7:30", "Không đọc được giờ “7:30”"),
        ("7:30-", "Không đọc được giờ “7:30-”"),
        ("7:60-11:00", "Không đọc được giờ “7:60-11:00”"),
        ("7:5-11:00", "Không đọc được giờ “7:5-11:00”"),
        ("-7:30-11:30", "Không đọc được giờ"),
        ("7:30-11:30-13:30", "Không đọc được giờ"),
        ("٧:30-11:30", "Không đọc được giờ"),
        ("17:00-13:30", "Giờ đóng phải sau giờ mở: “17:00-13:30”"),
        ("8:00-8:00", "Giờ đóng phải sau giờ mở"),
        ("13:30-24:01", "Một ngày chỉ đến 24:00"),
        ("25-26", "Một ngày chỉ đến 24:00"),
        ("7:30-11:30, 11:00-17:00", "Hai khoảng giờ chồng lên nhau: 7:30\u2060–\u206011:30 và 11:00\u2060–\u206017:00."),
        ("7:30-17:00, 8:00-9:00", "Hai khoảng giờ chồng lên nhau"),
    ],
)
def test_nonsense_is_refused_in_words_that_help(typed: str, says: str) -> None:
    with pytest.raises(NotHours) as caught:
        hours.parse(typed)
    assert str(caught.value).startswith(says)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused_kindly(typed: str) -> None:
    try:
        spans = hours.parse(typed)
    except NotHours:
        return
    assert all(0 <= span.opens < span.closes <= hours.MIDNIGHT for span in spans)


DAYS_OF_SPANS = st.lists(st.integers(0, 1440), unique=True, max_size=6).map(
    lambda minutes: tuple(Span(*pair) for pair in zip(sorted(minutes)[::2], sorted(minutes)[1::2], strict=False))
)


@given(DAYS_OF_SPANS)
def test_what_a_form_shows_is_read_back_the_same(spans: hours.Spans) -> None:
    assert hours.parse(hours.typed(spans)) == spans
    assert hours.read_spans(hours.dump_spans(spans)) == spans


@given(st.tuples(*[DAYS_OF_SPANS] * 7))
def test_a_week_is_kept_as_it_is(days: tuple[hours.Spans, ...]) -> None:
    assert hours.read_week(hours.dump_week(Week(days))) == Week(days)


def test_a_week_nobody_entered_is_closed() -> None:
    assert hours.read_week("{}") == Week()
    assert hours.text(Week()) == "Trung tâm chưa nhập giờ làm việc."


@pytest.mark.parametrize(
    ("date", "spans", "reason", "holiday"),
    [
        (D(2026, 11, 23), FULL, "", ""),
        (D(2026, 11, 28), (MORNING,), "", ""),
        (D(2026, 11, 29), (), "nghỉ Chủ nhật", ""),
        (D(2026, 1, 1), (), "nghỉ lễ", "Tết Dương lịch"),
        (D(2026, 1, 2), (), "nghỉ, làm bù thứ Bảy 10/1", ""),
        (D(2026, 1, 10), FULL, "làm bù cho thứ Sáu 2/1", ""),
        (D(2026, 2, 16), (), "nghỉ lễ", "Giao thừa Tết Nguyên Đán"),
        (D(2026, 2, 20), (), "nghỉ lễ", "Mùng bốn Tết Nguyên Đán"),
        (D(2026, 2, 21), (MORNING,), "", ""),
        (D(2026, 4, 27), (), "nghỉ lễ", "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"),
        (D(2026, 4, 30), (), "nghỉ lễ", "Ngày Chiến thắng"),
        (D(2026, 5, 1), (), "nghỉ lễ", "Ngày Quốc tế Lao động"),
        (D(2026, 8, 22), FULL, "làm bù cho thứ Hai 31/8", ""),
        (D(2026, 8, 31), (), "nghỉ, làm bù thứ Bảy 22/8", ""),
        (D(2026, 9, 1), (), "nghỉ lễ", "Quốc khánh"),
        (D(2026, 9, 2), (), "nghỉ lễ", "Quốc khánh"),
        (D(2026, 9, 3), FULL, "", ""),
        (D(2026, 11, 24), (), "nghỉ lễ", "Ngày Văn hóa Việt Nam"),
        (D(2027, 2, 8), (), "nghỉ lễ, dự kiến", "Mùng ba Tết Nguyên Đán"),
    ],
)
def test_a_day_follows_the_national_calendar_and_then_the_week(date: dt.date, spans: hours.Spans, reason: str, holiday: str) -> None:
    assert hours.of_day(WEEK, {}, date) == DayHours(date, spans, reason, holiday)


OPEN_AT_TET = Exception_((Span(480, 660),), "trực Tết")


@pytest.mark.parametrize(
    ("exceptions", "date", "spans", "reason"),
    [
        ({D(2026, 2, 17): OPEN_AT_TET}, D(2026, 2, 17), (Span(480, 660),), "trực Tết"),
        ({D(2026, 11, 23): Exception_((), "mất điện")}, D(2026, 11, 23), (), "mất điện"),
        ({D(2026, 11, 23): Exception_(())}, D(2026, 11, 23), (), "nghỉ"),
        ({D(2026, 11, 23): Exception_((MORNING,))}, D(2026, 11, 23), (MORNING,), "giờ riêng của ngày này"),
        ({D(2026, 1, 10): Exception_((), "không làm bù")}, D(2026, 1, 10), (), "không làm bù"),
        ({D(2026, 1, 2): Exception_(FULL, "vẫn làm")}, D(2026, 1, 2), FULL, "vẫn làm"),
        ({D(2026, 11, 25): Exception_(())}, D(2026, 11, 26), FULL, ""),
    ],
)
def test_what_staff_decided_for_a_day_goes_before_everything(
    exceptions: Mapping[dt.date, Exception_], date: dt.date, spans: hours.Spans, reason: str
) -> None:
    day = hours.of_day(WEEK, exceptions, date)
    assert (day.spans, day.reason) == (spans, reason)


def test_a_worked_saturday_has_the_hours_of_the_day_off() -> None:
    short_friday = Week((*[FULL] * 4, (MORNING,), (), ()))
    assert hours.of_day(short_friday, {}, D(2026, 1, 10)).spans == (MORNING,)
    assert hours.of_day(short_friday, {}, D(2026, 8, 22)).spans == FULL


@pytest.mark.parametrize(
    ("week", "text"),
    [
        (WEEK, "Thứ Hai đến thứ Sáu, 7:30–11:30 và 13:30–17:00. Thứ Bảy, 7:30–11:30."),
        (Week((FULL,) * 7), "Thứ Hai đến Chủ nhật, 7:30–11:30 và 13:30–17:00."),
        (Week(((MORNING,), (), (MORNING,), (), (), (), (AFTERNOON,))), "Thứ Hai, 7:30–11:30. Thứ Tư, 7:30–11:30. Chủ nhật, 13:30–17:00."),
    ],
)
def test_a_week_is_said_in_runs_of_equal_days(week: Week, text: str) -> None:
    assert hours.text(week).replace("\u2060", "") == text


def test_a_range_does_not_break_over_two_lines() -> None:
    assert "7:30\u2060–\u206011:30" in hours.text(WEEK)


@pytest.mark.parametrize(
    ("local", "line"),
    [
        ("2026-11-23 06:00", "Chưa mở cửa, hôm nay mở lúc 7:30."),
        ("2026-11-23 07:30", "Đang mở đến 11:30."),
        ("2026-11-23 11:29", "Đang mở đến 11:30."),
        ("2026-11-23 11:30", "Nghỉ trưa, mở lại 13:30."),
        ("2026-11-23 16:59", "Đang mở đến 17:00."),
        ("2026-11-23 17:00", "Đã đóng, mở lại thứ Tư 25/11 lúc 7:30."),
        ("2026-11-24 09:00", "Hôm nay nghỉ lễ, mở lại thứ Tư 25/11 lúc 7:30."),
        ("2026-11-28 12:00", "Đã đóng, mở lại thứ Hai 30/11 lúc 7:30."),
        ("2026-11-29 09:00", "Hôm nay nghỉ Chủ nhật, mở lại thứ Hai 30/11 lúc 7:30."),
        ("2027-02-05 09:00", "Hôm nay nghỉ lễ, dự kiến, mở lại thứ Năm 11/2 lúc 7:30."),
    ],
)
def test_what_is_said_about_now(local: str, line: str) -> None:
    now = dt.datetime.fromisoformat(local).replace(tzinfo=clock.VIETNAM)
    today = now.date()
    dates = [today + dt.timedelta(days=days) for days in range(hours.AHEAD)]
    assert hours.now_line({date: hours.of_day(WEEK, {}, date) for date in dates}, now=now) == line


def test_without_a_next_opening_it_only_says_closed() -> None:
    monday, evening = D(2026, 11, 23), dt.datetime(2026, 11, 23, 18, tzinfo=clock.VIETNAM)
    assert hours.now_line({monday: DayHours(monday, FULL)}, now=evening) == "Đã đóng."
    assert hours.now_line({monday: DayHours(monday, (), "mất điện")}, now=evening) == "Hôm nay nghỉ (mất điện)."


def test_minutes_become_moments_and_back() -> None:
    assert hours.at(D(2026, 11, 23), 450) == dt.datetime(2026, 11, 23, 0, 30, tzinfo=dt.UTC)
    assert hours.at(D(2026, 11, 23), 1440) == hours.at(D(2026, 11, 24), 0)
    assert hours.minutes(hours.at(D(2026, 11, 23), 450)) == 450


@pytest.fixture
async def settled(store: Store) -> Store:
    await store.write(centers.settle, centers.read(None), now=NOON)
    return store


async def test_days_are_read_from_the_tables_both_ends_included(settled: Store) -> None:
    days = await settled.read(hours.of_days, CENTER, D(2026, 11, 23), D(2026, 11, 29))
    assert list(days) == [D(2026, 11, day) for day in range(23, 30)]
    assert [len(day.spans) for day in days.values()] == [2, 0, 2, 2, 2, 1, 0]
    assert await settled.read(hours.of_days, "nowhere", NOON.date(), NOON.date()) == {NOON.date(): DayHours(NOON.date(), (), "nghỉ thứ Hai")}


async def test_a_new_week_holds_at_once_and_tells_only_the_days_that_changed(settled: Store) -> None:
    week = Week((*[FULL] * 4, (MORNING,), (), ()))
    change = await settled.write(hours.set_week, CENTER, week, actor="staff:1", now=NOON)
    assert change == Change({"fri": "7:30-11:30, 13:30-17:00", "sat": "7:30-11:30"}, {"fri": "7:30-11:30", "sat": ""})
    assert (await settled.read(hours.of_days, CENTER, D(2026, 11, 27), D(2026, 11, 27)))[D(2026, 11, 27)].spans == (MORNING,)
    assert await settled.write(hours.set_week, CENTER, week, actor="staff:1", now=NOON) == Change({}, {})


async def test_an_exception_is_set_changed_and_taken_back(settled: Store) -> None:
    day = D(2026, 11, 24)
    set_ = await settled.write(hours.set_exception, CENTER, day, (MORNING,), " trực ", actor="staff:1", now=NOON)
    assert set_ == Change({}, {"2026-11-24": {"spans": "7:30-11:30", "reason": "trực"}})
    assert (await settled.read(hours.of_days, CENTER, day, day))[day] == DayHours(day, (MORNING,), "trực")
    changed = await settled.write(hours.set_exception, CENTER, day, (), "mất điện", actor="staff:1", now=NOON)
    assert (changed.before, changed.after) == (set_.after, {"2026-11-24": {"spans": "", "reason": "mất điện"}})
    again = await settled.write(hours.set_exception, CENTER, day, (), "mất điện", actor="staff:2", now=NOON)
    assert again == Change({}, {})
    gone = await settled.write(hours.set_exception, CENTER, day, None, actor="staff:1", now=NOON)
    assert (gone.before, gone.after) == (changed.after, {})
    assert (await settled.read(hours.of_days, CENTER, day, day))[day].holiday == "Ngày Văn hóa Việt Nam"


async def test_the_line_about_now_reads_the_tables(settled: Store) -> None:
    """NOON is 12:00 in Vietnam."""
    day = D(2026, 11, 23)
    assert hours.now_line(await settled.read(hours.of_days, CENTER, day, day), now=NOON) == "Nghỉ trưa, mở lại 13:30."
    await settled.write(hours.set_exception, CENTER, D(2026, 11, 23), (Span(450, 840),), "", actor="staff:1", now=NOON)
    assert hours.now_line(await settled.read(hours.of_days, CENTER, day, day), now=NOON) == "Đang mở đến 14:00."


async def test_hours_of_a_center_that_is_not_there_cannot_be_set(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.write(hours.set_week, "nowhere", WEEK, actor="staff:1", now=NOON)
    with pytest.raises(LookupError):
        await store.write(hours.set_exception, "nowhere", D(2026, 11, 24), (), actor="staff:1", now=NOON)

"""What the province published: read as people write it, one for an indicator and a period, with a log of what stood there."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from bot import clock
from bot.console.figures_words import MANNERS
from bot.db.store import Store
from bot.domain import audit, centers, indicators, periods, province_figures
from bot.domain.province_figures import UNITS, NotRight, Told
from tests.fakes import NOON

HERE, THERE = "trung-tam", "binh-hoa"
OCTOBER, THIRD = periods.of("month", dt.date(2026, 10, 1)), periods.of("quarter", dt.date(2026, 9, 1))
ON_TIME = Told("on_time", OCTOBER.first, OCTOBER.last, 92_50, "Báo cáo 45/BC-SNV", dt.date(2026, 11, 5))
TODAY = clock.today(NOON)


@pytest.mark.parametrize(
    ("typed", "indicator", "value"),
    [
        ("92,5", "on_time", 92_50), ("92.5 %", "on_time", 92_50), ("92,55%", "completeness", 92_55), (" 92 Phần trăm ", "paused", 92_00),
        ("0", "no_show", 0), ("100", "response", 100_00), ("100,00\u00a0%", "response", 100_00), ("12 phút", "wait", 12_00),
        ("12,25ph", "wait", 12_25), ("600", "wait", 600_00), ("4,2", "satisfaction", 4_20),
        ("4.25/5", "satisfaction", 4_25), ("1 trên 5", "satisfaction", 1_00), ("4,2/5 điểm", "satisfaction", 4_20),
        ("12’", "wait", 12_00), ("92,5 %.", "on_time", 92_50),
    ],
)  # fmt: skip
def test_what_people_write_is_read(typed: str, indicator: str, value: int) -> None:
    assert province_figures.read_value(typed, indicator) == value


@pytest.mark.parametrize(
    ("typed", "indicator", "says"),
    [
        ("100,01", "on_time", "từ 0 đến 100"), ("-1", "on_time", "từ 0 đến 100"), ("92 phút", "on_time", "tỷ lệ phần trăm"),
        ("", "on_time", "tỷ lệ phần trăm"), ("chín", "on_time", "tỷ lệ phần trăm"), ("٩٢", "on_time", "tỷ lệ phần trăm"),
        ("92,555", "on_time", "hai số lẻ"), ("1.050", "on_time", "hai số lẻ"), ("9" * 40, "on_time", "tỷ lệ phần trăm"),
        ("600,01", "wait", "từ 0 đến 600"), ("−5 phút", "wait", "từ 0 đến 600"), ("12 %", "wait", "số phút"),
        ("0,99", "satisfaction", "từ 1 đến 5"), ("5,01", "satisfaction", "từ 1 đến 5"), ("92,5 %", "satisfaction", "điểm trung bình"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(typed: str, indicator: str, says: str) -> None:
    with pytest.raises(NotRight, match=says):
        province_figures.read_value(typed, indicator)


def test_what_is_read_is_shown_in_the_unit_of_our_own_figure() -> None:
    assert {name: MANNERS[name].unit for name in UNITS} == dict(UNITS)
    assert {MANNERS[name].per for name in UNITS} == {1}
    assert UNITS.keys() <= indicators.ALL.keys()
    assert [province_figures.written(value) for value in (92_50, 90_00, 92_55, 5, 0, 100_00)] == ["92,5", "90", "92,55", "0,05", "0", "100"]


@pytest.mark.parametrize(
    ("typed", "period", "says"),
    [
        ("2026-09-30", OCTOBER, "trước khi kỳ bắt đầu"), ("2026-11-24", OCTOBER, "chưa đến"), ("", OCTOBER, "Chọn ngày"),
        ("5/11/2026", None, "Chọn ngày"),
    ],
)  # fmt: skip
def test_a_source_is_no_older_than_its_period_and_not_of_tomorrow(typed: str, period: periods.Period | None, says: str) -> None:
    with pytest.raises(NotRight, match=says):
        province_figures.read_date(typed, period, TODAY)
    assert province_figures.read_date("2026-10-01", OCTOBER, TODAY) == OCTOBER.first
    assert province_figures.read_date(TODAY.isoformat(), OCTOBER, TODAY) == TODAY


def test_a_period_has_begun_and_a_source_is_named() -> None:
    assert province_figures.read_period("quarter", 9, "2026", TODAY) == THIRD
    for year, month in (("2026", 12), ("2027", 1), ("26", 1), ("", 1), ("9999", 1), ("٢٠٢٦", 1)):
        with pytest.raises(NotRight):
            province_figures.read_period("month", month, year, TODAY)
    with pytest.raises(NotRight, match="xa quá"):
        province_figures.read_period("month", 1, "1999", TODAY)
    assert province_figures.read_source("  Báo cáo\n 45 ") == "Báo cáo 45"
    for typed in (" ", "x" * 201):
        with pytest.raises(NotRight):
            province_figures.read_source(typed)


@pytest.fixture
async def kept(store: Store) -> Store:
    [here] = centers.read(None)
    await store.write(centers.settle, [here.model_copy(update={"id": name}) for name in (HERE, THERE)], now=NOON)
    return store


async def enter(store: Store, told: Told, *, center: str = HERE, instead_of: int = 0, actor: str = "staff:1", hours: int = 0) -> str:
    now = NOON + dt.timedelta(hours=hours)
    return await store.write(province_figures.enter, center, told, actor=actor, now=now, instead_of=instead_of)


async def logged(store: Store) -> list[tuple[str, str | None, str | None]]:
    rows = await store.read(audit.read, audit.Filter((HERE, THERE)), limit=9)
    values = [[json.loads(text or "{}").get("value") for text in (row.before, row.after)] for row in rows]
    return [(row.action, *both) for row, both in zip(rows[::-1], values[::-1], strict=True)]


async def test_the_last_entered_holds_and_the_log_keeps_what_stood_there(kept: Store) -> None:
    later = ON_TIME._replace(value=93_00, source="Công văn 9")
    assert [await enter(kept, told) for told in (ON_TIME, ON_TIME)] == ["entered", "same"]
    assert await enter(kept, later, actor="staff:2", hours=1) == "corrected"
    assert await kept.read(province_figures.of_period, HERE, OCTOBER.first, OCTOBER.last) == {"on_time": later}
    [one] = (await kept.read(province_figures.listed, HERE)).rows
    assert (one.actor, one.noted_at) == ("staff:2", NOON + dt.timedelta(hours=1))
    assert await kept.write(province_figures.take_away, HERE, one.id, actor="staff:1", now=NOON)
    assert not await kept.write(province_figures.take_away, HERE, one.id, actor="staff:1", now=NOON)
    assert not (await kept.read(province_figures.listed, HERE)).rows
    assert await logged(kept) == [("province.enter", None, "92,5"), ("province.correct", "92,5", "93"), ("province.drop", "93", None)]


async def test_correcting_the_period_moves_it_and_says_what_it_pushed_away(kept: Store) -> None:
    of_quarter = ON_TIME._replace(first=THIRD.first, last=THIRD.last, value=80_00)
    for told in (ON_TIME, of_quarter):
        await enter(kept, told)
    wrong = next(one for one in (await kept.read(province_figures.listed, HERE)).rows if one.told == of_quarter)
    assert await enter(kept, ON_TIME._replace(value=80_00), instead_of=wrong.id) == "corrected"
    assert [one.told for one in (await kept.read(province_figures.listed, HERE)).rows] == [ON_TIME._replace(value=80_00)]
    assert (await logged(kept))[2:] == [("province.drop", "92,5", None), ("province.correct", "80", "80")]


async def test_nobody_changes_that_of_another_center(kept: Store) -> None:
    await enter(kept, ON_TIME)
    [one] = (await kept.read(province_figures.listed, HERE)).rows
    assert not await kept.write(province_figures.take_away, THERE, one.id, actor="staff:1", now=NOON)
    assert await enter(kept, ON_TIME._replace(indicator="wait", value=9_00), center=THERE, instead_of=one.id) == "entered"
    assert await kept.read(province_figures.find, THERE, one.id) is None
    assert await kept.read(province_figures.find, HERE, one.id) == one
    assert await kept.read(province_figures.of_period, THERE, OCTOBER.first, OCTOBER.last - dt.timedelta(days=1)) == {}


async def test_the_newest_period_stands_first_and_the_shorter_one_of_those_that_end_together(kept: Store) -> None:
    asked = [("year", 2025), ("month", 2026), ("quarter", 2026)]
    for name, year in asked:
        of = periods.of(name, dt.date(year, 9, 1))  # type: ignore[arg-type]
        await enter(kept, ON_TIME._replace(first=of.first, last=of.last))
    await enter(kept, ON_TIME._replace(indicator="wait"))
    await enter(kept, ON_TIME)
    found = (await kept.read(province_figures.listed, HERE)).rows
    days = [((one.told.last - one.told.first).days + 1, one.told.indicator) for one in found]
    assert days == [(31, "wait"), (31, "on_time"), (30, "on_time"), (92, "on_time"), (365, "on_time")]

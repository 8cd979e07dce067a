"""Periods people name, and how months and days make them up."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import periods, scopes
from bot.domain.periods import Period

SUNDAY = dt.date(2026, 11, 22)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("typed", "name", "first", "last"),
    [
        ("hôm nay", "day", "2026-11-22", "2026-11-22"),
        ("hom qua", "day", "2026-11-21", "2026-11-21"),
        ("Tuần này", "week", "2026-11-16", "2026-11-22"),
        ("tuần trước", "week", "2026-11-09", "2026-11-15"),
        ("tháng này", "month", "2026-11-01", "2026-11-30"),
        ("tháng vừa rồi", "month", "2026-10-01", "2026-10-31"),
        ("tháng 2", "month", "2026-02-01", "2026-02-28"),
        ("tháng 12", "month", "2025-12-01", "2025-12-31"),
        ("tháng 2/2024", "month", "2024-02-01", "2024-02-29"),
        ("10/2026", "month", "2026-10-01", "2026-10-31"),
        ("2026-11", "month", "2026-11-01", "2026-11-30"),
        ("quý này", "quarter", "2026-10-01", "2026-12-31"),
        ("quý trước", "quarter", "2026-07-01", "2026-09-30"),
        ("quý 3", "quarter", "2026-07-01", "2026-09-30"),
        ("quý III/2025", "quarter", "2025-07-01", "2025-09-30"),
        ("Q4 2025", "quarter", "2025-10-01", "2025-12-31"),
        ("năm ngoái", "year", "2025-01-01", "2025-12-31"),
        ("năm 2024", "year", "2024-01-01", "2024-12-31"),
        ("20/11", "day", "2026-11-20", "2026-11-20"),
        ("ngày 25/12", "day", "2025-12-25", "2025-12-25"),
        ("20/11/2025", "day", "2025-11-20", "2025-11-20"),
        ("2026-11-20", "day", "2026-11-20", "2026-11-20"),
    ],
)
def test_what_is_typed_is_a_period(typed: str, name: str, first: str, last: str) -> None:
    assert periods.read(typed, SUNDAY) == (name, day(first), day(last))


@pytest.mark.parametrize(
    "typed", ["", "12", "hài lòng", "32/13", "tháng 13", "quý 5", "2026-02-30", "1900", "1/1/0001", "tháng 1 0001", "tháng", "29/2"]
)
def test_what_is_no_period_is_none(typed: str) -> None:
    assert periods.read(typed, SUNDAY) is None


@pytest.mark.parametrize(
    ("first", "last", "name", "before"),
    [
        ("2026-03-01", "2026-03-31", "month", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "2026-03-31", "quarter", ("2025-10-01", "2025-12-31")),
        ("2024-01-01", "2024-12-31", "year", ("2023-01-01", "2023-12-31")),
        ("2026-11-16", "2026-11-22", "week", ("2026-11-09", "2026-11-15")),
        ("2026-11-22", "2026-11-22", "day", ("2026-11-21", "2026-11-21")),
        ("2026-11-03", "2026-11-12", "days", ("2026-10-24", "2026-11-02")),
    ],
)
def test_the_period_before(first: str, last: str, name: str, before: tuple[str, str]) -> None:
    period = periods.between(day(first), day(last))
    assert period.name == name
    assert periods.before(period)[1:] == tuple(map(day, before))


def test_a_row_of_periods_ends_with_this_one() -> None:
    line = periods.row(periods.of("month", SUNDAY), 3)
    assert [period.first.month for period in line] == [8, 9, 10, 11]
    assert periods.row(Period("days", SUNDAY, SUNDAY + dt.timedelta(days=1)), 1)[0].last == SUNDAY - dt.timedelta(days=1)


def test_a_period_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="to"):
        periods.between(SUNDAY, SUNDAY - dt.timedelta(days=1))


@given(st.dates(dt.date(2023, 1, 1), dt.date(2027, 1, 1)), st.integers(0, 800))
def test_months_and_days_make_up_a_period_and_nothing_twice(first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length)
    days, months = scopes.spans(first, last)
    covered = [*days, *(one for month in months for one in _of_month(month))]
    assert sorted(covered) == [first + dt.timedelta(days=number) for number in range(length + 1)]
    assert len(days) <= 60


def _of_month(month: dt.date) -> list[dt.date]:
    return [month + dt.timedelta(days=number) for number in range((periods.months_later(month, 1) - month).days)]

"""The national calendar: what the package knows, what our own table corrects, what nobody has decided yet."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from bot.domain import calendar
from bot.domain.calendar import Special

D = dt.date


@pytest.mark.parametrize(
    "date",
    [  # RULES.md
        D(2026, 1, 1),
        *(D(2026, 2, day) for day in range(16, 21)),
        D(2026, 4, 27),
        D(2026, 4, 30),
        D(2026, 5, 1),
        D(2026, 9, 1),
        D(2026, 9, 2),
        D(2026, 11, 24),
    ],
)
def test_a_holiday_of_2026_is_free_and_certain(date: dt.date) -> None:
    found = calendar.special(date)
    assert found is not None
    assert found.name
    assert (found.like, found.worked, found.guess) == (None, None, False)


@pytest.mark.parametrize(("free", "worked"), [(D(2026, 1, 2), D(2026, 1, 10)), (D(2026, 8, 31), D(2026, 8, 22))])
def test_a_day_off_that_is_made_up_for_names_the_day_and_back(free: dt.date, worked: dt.date) -> None:
    assert calendar.special(free) == Special("", worked=worked)
    assert calendar.special(worked) == Special("", like=free)


def test_2026_has_no_other_days() -> None:
    weekdays = [date for date, special in calendar.of_year(2026).items() if special.like is None and date.weekday() < 5]
    assert len(weekdays) == 14


def test_tet_of_a_year_not_decided_is_a_guess_and_new_year_is_not() -> None:
    assert calendar.special(D(2027, 1, 1)) == Special("Tết Dương lịch")
    tet = [special for date, special in calendar.of_year(2027).items() if date.month == 2]
    assert len(tet) >= 5
    assert all(special.guess for special in tet)
    assert calendar.special(D(2027, 2, 6)) == Special("Tết Nguyên Đán", guess=True)


def test_the_second_day_of_the_national_holiday_is_a_guess_until_decided() -> None:
    assert calendar.special(D(2027, 9, 2)) == Special("Quốc khánh")
    assert calendar.special(D(2027, 9, 3)) == Special("Quốc khánh", guess=True)


def test_a_swap_only_the_package_knows_has_its_worked_day_too() -> None:
    assert calendar.special(D(2025, 5, 2)) == Special("", worked=D(2025, 4, 26))
    assert calendar.special(D(2025, 4, 26)) == Special("", like=D(2025, 5, 2))


def test_a_swap_over_new_year_is_seen_from_both_years() -> None:
    assert calendar.special(D(2014, 12, 27)) == Special("", like=D(2015, 1, 2))
    assert calendar.special(D(2015, 1, 2)) == Special("", worked=D(2014, 12, 27))


def test_an_ordinary_day_is_not_special() -> None:
    assert calendar.special(D(2026, 11, 23)) is None


def test_the_package_is_not_imported_before_a_day_is_asked_for() -> None:
    code = "import sys; import bot.domain.centers; print('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"

"""Long lists of dossiers turn pages: each dossier stands on one of them, in both directions, and the count is true."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlmodel import Session

from bot.bench import replay
from bot.domain import dossier_lists, dossiers, working_days
from bot.domain.dossier_lists import Part
from bot.domain.dossiers import Dossier, Slip
from bot.domain.paging import Page, Turn
from bot.domain.visits import Missing
from procedures.models import Time
from tests.center_day import CENTER, CLERK, CenterDay, minutes

TIMES = (Time(kind="same_day"), Time(kind="working_days", amount=5), None, Time(kind="working_days", amount=5))


@pytest.fixture
def shelf(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> CenterDay:
    """Twelve in hand, due on two days or on none, two of them paused; and six over."""
    monkeypatch.setattr(dossier_lists, "A_PAGE", 3)
    works = day.read(dossiers.works, CENTER, day.today)
    for number in range(18):
        promise = working_days.promise(day.now, TIMES[number % 4], works)
        one = day.do(dossiers.receive, CENTER, Slip("1.000656", "ho-tich", promise), day.now, actor=CLERK)
        day.now += minutes(1)
        if number % 5 == 1 or number > 12:
            day.do(*((dossiers.pause, one, [Missing("p", "Giấy")]) if number < 10 else (dossiers.withdraw, one, "Thôi.")), actor=CLERK)
    return day


def walked(day: CenterDay, part: Part, *, back: bool = False, turn: Turn = Turn()) -> list[Page[Dossier]]:  # noqa: B008
    days = dossier_lists.days(day.today, day.read(dossiers.works, CENTER, day.today))
    pages: list[Page[Dossier]] = [day.read(dossier_lists.of_part, CENTER, part, days, turn)]
    while (following := pages[-1].before if back else pages[-1].after) is not None:
        again = dossier_lists.turned(following.words(), part)
        assert again == following
        pages.append(day.read(dossier_lists.of_part, CENTER, part, days, again))
    return pages


def key(one: Dossier) -> tuple[Any, ...]:
    return one.state != "open", one.due is None, one.due or dt.date.min, one.id


@pytest.mark.parametrize("part", ["all", "paused", "ended"])
def test_every_dossier_stands_on_one_page_in_both_directions_and_the_count_is_theirs(shelf: CenterDay, part: Part) -> None:
    there = walked(shelf, part)
    listed = [one for page in there for one in page.rows]
    assert listed == (sorted(listed, key=lambda one: one.changed_at, reverse=True) if part == "ended" else sorted(listed, key=key))
    assert len({one.id for one in listed}) == len(listed) == there[0].found == {"all": 12, "paused": 2, "ended": 6}[part]
    assert [page.first for page in there] == [1 + 3 * number for number in range(len(there))]
    if len(there) > 1:
        back = walked(shelf, part, back=True, turn=there[-2].after or Turn())
        assert [page.rows for page in back[::-1]] == [page.rows for page in there]


@pytest.mark.parametrize(("size", "statements"), [(1, 2), (2, 1), (3, 1)])
def test_what_fits_on_one_page_is_not_read_once_more_to_be_counted(
    shelf: CenterDay, monkeypatch: pytest.MonkeyPatch, size: int, statements: int
) -> None:
    monkeypatch.setattr(dossier_lists, "A_PAGE", size)
    days = dossier_lists.days(shelf.today, shelf.read(dossiers.works, CENTER, shelf.today))

    def seen(session: Session) -> tuple[int, int]:
        with replay.noted(session.connection()) as asked:
            page = dossier_lists.of_part(session, CENTER, "paused", days, Turn())
        return page.found, sum("FROM dossier" in str(one.sql) for one in asked)

    assert shelf.read(seen) == (2, statements)


def test_a_spoilt_place_in_the_list_is_the_first_page(shelf: CenterDay) -> None:
    for typed in ("x", "0_2026-13-01_1", "0_2026-11-23_9999999999999999999", "1_1", "2_9999-12-31_1"):
        assert walked(shelf, "all", turn=dossier_lists.turned({"sau": typed}, "all"))[0].first == 1, typed

"""The visits behind a figure: every one can be reached, none twice, counted truly, whatever is filtered. On both databases."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console import figures_behind as behinds
from bot.console.figures_behind import Behind
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.day import CounterGroup
from bot.db.day import Visit as Row
from bot.db.store import Store
from bot.domain import centers, contributions, procedure_fields, visits
from bot.domain.paging import Page, Turn
from bot.domain.rollup_rows import Fields
from bot.domain.scopes import Scope
from bot.domain.visits import Visit
from tests.console import figures_days
from tests.console.conftest import HERE, THERE, SignIn
from tests.console.figures_days import COPY, DEATH, MONDAY, PAPER, WEEK

SUNDAY = MONDAY + dt.timedelta(days=6)
V, G = upsert.table(Row), upsert.table(CounterGroup)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


@pytest.fixture
async def week(store: Store, two_centers: Premises, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Seven to a page; some began to wait at the same moment, some never, and some are about nothing the catalog has."""
    monkeypatch.setattr(behinds, "A_PAGE", 7)
    await store.write(centers.settle, two_centers.directory.all, now=clock.now())
    for center in (HERE, THERE):
        await figures_days.furnish(store, center, lacking=0.4)
    await store.write(procedure_fields.settle, {DEATH: "ho-tich", COPY: "chung-thuc"})
    await store.write(_stranger)
    return store


def _stranger(session: Session) -> None:
    strange: tuple[dict[str, Any], ...] = (
        {"state": "cancelled"},
        {"due_at": None, "state": "no_show"},
        {"procedure": ""},
        {"lacked": _papers(PAPER)},
    )
    for number, columns in enumerate(strange):
        session.execute(update(V).where(V.c.id % 9 == number).values(**columns))
    session.execute(update(G).where(G.c.center_id == HERE).values(fields='["ho-tich"]'))


def _papers(paper: str) -> str:
    return f'[{{"id": "{paper}", "name": "Giấy \\"id\\": \\"khác\\"", "why": "missing"}}]'


def fits(visit: Visit, behind: Behind) -> bool:
    """The same filters in Python."""
    lacked = visit.state in contributions.SERVED and behind.paper in [paper.id for paper in visit.papers_lacked]
    began = clock.local(visit.due_at) if visit.due_at is not None and visit.state != "cancelled" else None
    return (
        (not behind.paper or lacked)
        and behind.outcome in ("", visit.outcome)
        and (not behind.weekday or (began is not None and began.isoweekday() == behind.weekday))
        and (behind.hour < 0 or (began is not None and began.hour == behind.hour))
    )


def expected(session: Session, scope: Scope, behind: Behind) -> list[int]:
    fields = Fields(session)
    days = [scope.first + dt.timedelta(days=number) for number in range((scope.last - scope.first).days + 1)]
    there = [visit for day in days for visit in visits.of_day(session, HERE, day) if visit.state in contributions.COUNTED and fits(visit, behind)]
    there = [visit for visit in there if scope.procedure in ("", visit.procedure) and scope.channel in ("", visit.source)]
    there = [visit for visit in there if scope.field in ("", fields.of_procedure(visit.procedure) or fields.of_group(visit.group_id))]
    return [one.id for one in sorted(there, key=lambda one: (one.day, one.due_at or one.starts_at or one.created_at, one.id), reverse=True)]


def walked(session: Session, scope: Scope, behind: Behind, next_of: Callable[[Page[Visit]], Turn | None], turn: Turn) -> list[Page[Visit]]:
    pages = [behinds.page(session, scope, behind, turn)]
    while (following := next_of(pages[-1])) is not None:
        pages.append(behinds.page(session, scope, behind, following))
    return pages


NARROWED: tuple[dict[str, str], ...] = ({}, {"field": "ho-tich"}, {"field": "chung-thuc", "channel": "web"}, {"procedure": DEATH})
BEHIND = (Behind(), Behind(paper=PAPER), Behind(outcome="accepted"), Behind(weekday=1), Behind(hour=9), Behind(PAPER, "", 2, 10))


async def test_every_visit_stands_on_one_page_in_both_directions_and_the_count_is_theirs(week: Store) -> None:
    seen = set()
    for narrowed, behind in itertools.product(NARROWED, BEHIND):
        scope = Scope(HERE, MONDAY, SUNDAY, **narrowed)
        true = await week.read(expected, scope, behind)
        there = await week.read(walked, scope, behind, lambda page: page.after, Turn())
        assert [one.id for page in there for one in page.rows] == true, behind
        assert {page.found for page in there} == {len(true)}, behind
        assert [page.first for page in there] == [1 + 7 * number for number in range(len(there))]
        if len(there) > 1:
            back = await week.read(walked, scope, behind, lambda page: page.before, there[-2].after or Turn())
            assert [page.rows for page in back[::-1]] == [page.rows for page in there]
        seen.add(len(true))
    assert len(seen) > 8, "the filters tell something apart"


async def test_the_map_of_waiting_counts_the_local_hour_on_both_sides_of_midnight(week: Store) -> None:
    night = dt.datetime(2026, 3, 3, 16, 59, 59, 999_000, tzinfo=dt.UTC)  # Tuesday, a millisecond before Wednesday

    def move(session: Session) -> list[int]:
        there = session.execute(V.select().where(V.c.center_id == HERE, V.c.state == "done", V.c.day == dt.date(2026, 3, 3)).limit(2)).all()
        for row, moment in zip(there, (night, night + dt.timedelta(milliseconds=1)), strict=True):
            session.execute(update(V).where(V.c.id == row.id).values(due_at=moment))
        return [row.id for row in there]

    tuesday, wednesday = await week.write(move)
    for behind, number in ((Behind(weekday=2, hour=23), tuesday), (Behind(weekday=3, hour=0), wednesday)):
        assert [one.id for one in (await week.read(behinds.page, Scope(HERE, MONDAY, SUNDAY), behind, Turn())).rows] == [number]


async def test_what_comes_in_meanwhile_shifts_no_page(week: Store) -> None:
    scope = Scope(HERE, MONDAY, SUNDAY)
    first = await week.read(behinds.page, scope, Behind(), Turn())
    assert first.after is not None
    second = await week.read(behinds.page, scope, Behind(), first.after)
    await week.write(lambda session: session.execute(update(V).where(V.c.id == second.rows[-1].id).values(day=SUNDAY)))
    after = await week.read(behinds.page, scope, Behind(), first.after)
    assert after.rows[:6] == second.rows[:6]
    assert after.first == second.first + 1


async def test_more_than_are_counted_are_said_to_be_more(week: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behinds, "MOST_COUNTED", 10)
    found = await week.read(behinds.page, Scope(HERE, MONDAY, SUNDAY), Behind(), Turn())
    assert found.found == 11


async def test_a_spoilt_place_in_the_list_is_the_first_page(week: Store) -> None:
    for typed in ("", "x", "2026-13-01_1_1", "2026-03-02_9999999999999999999_1", "2026-03-02_1", "2026-03-01_1_1"):
        found = await week.read(behinds.page, Scope(HERE, MONDAY, SUNDAY), Behind(), behinds.turned({"sau": typed}))
        assert (found.first, len(found.rows)) == (1, 7), typed


def test_a_place_in_the_list_survives_the_address() -> None:
    mark = (MONDAY, dt.datetime(2026, 3, 2, 1, 2, 3, 456_789, tzinfo=dt.UTC), 18_000)
    for turn in (Turn(mark), Turn(mark, back=True)):
        assert behinds.turned(turn.words()) == turn


async def test_the_pages_keep_every_filter_and_a_visit_leads_back_to_its_page(app: App, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behinds, "A_PAGE", 7)
    await figures_days.furnish(app.store, HERE, lacking=0.9)
    await figures_days.count(app.store)
    lead = await sign_in("lead")
    asked = f"{WEEK}&thu-tuc={DEATH}&kenh=web"
    first = await lead.open(f"so-lieu/luot?{asked}&giay={PAPER}")
    total = re.findall(r"(\d+) lượt, mới nhất trước. Ở dưới là lượt thứ 1 đến 7.", first.text)
    assert total
    assert "Lượt mới hơn" not in first.links
    second = await lead.open(first.links["Lượt cũ hơn"])
    for word in (*asked.split("&"), f"giay={PAPER}"):
        assert word in first.links["Lượt cũ hơn"]
        assert word in second.links["Lượt mới hơn"]
    assert f"{total[0]} lượt, mới nhất trước. Ở dưới là lượt thứ 8" in second.text
    one = next(link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+/luot/\d+\?[^"]+)"', second.html))
    back = (await lead.open(one)).links["Về danh sách lượt"]
    assert (await lead.open(back)).text == second.text

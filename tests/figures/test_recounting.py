"""What an upgrade leaves to be counted is counted once, month by month, through kills, and is then what the rows say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot.db import schema, upsert
from bot.db.columns import metadata
from bot.db.day import Visit as Row
from bot.db.day import VisitEvent
from bot.db.figures import FIGURE, FIGURE_DETAIL
from bot.db.results import Recount
from bot.db.store import Store
from bot.domain import dossier_history, dossiers, feedback, figure_papers, figures, queue, recounting, undoing, working_days
from bot.domain.dossiers import Dossier, Slip
from bot.domain.feedback import Giver
from bot.domain.recounting import Left
from bot.domain.scopes import Scope
from bot.domain.visits import Missing
from procedures.models import Time
from tests.center_day import CENTER, CLERK, MONDAY, CenterDay
from tests.figures.counting import wrongs

OCTOBER, NOVEMBER = dt.date(2026, 10, 5), dt.date(2026, 11, 1)


class Killed(Store):
    """Fails after so many writes, as a process does that is killed between two transactions."""

    writes = 0

    async def write(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if not self.writes:
            raise LookupError("killed")
        self.writes -= 1
        return await super().write(work, *args, **named)


@pytest.fixture
def store(database_url: str) -> Iterator[Killed]:
    opened = Killed(database_url)
    yield opened
    opened.close()


@pytest.fixture
def day(store: Killed) -> CenterDay:
    return CenterDay(store.engine)


def came_back(day: CenterDay, *turns: tuple[str, ...]) -> None:
    """Sent home with these papers missing, and back, and at last served; the end pressed once by mistake and taken back."""
    day.sit(1)
    visit = day.walk_in(procedure="1.000656")
    for papers in (*turns, ()):
        day.finish(day.called(), missing=papers)
        if papers:
            day.check_in(visit)
    day.do(undoing.undo, CLERK)
    day.do(queue.finish, day.row(visit), "done_now", actor=CLERK)


def history(day: CenterDay) -> list[Any]:
    """Rows and events of visits; a migration writes JSON with other blanks."""
    events = upsert.table(VisitEvent)

    def read(session: Session) -> list[Any]:
        told = [(row.id, row.kind, json.loads(row.changes)) for row in session.execute(select(events).order_by(events.c.id))]
        return [*session.execute(select(upsert.table(Row))).all(), *told]

    return day.read(read)


def forget_figures(store: Store) -> None:
    with store.engine.begin() as connection:
        for rollup in (FIGURE, FIGURE_DETAIL):
            connection.execute(rollup.delete())


def leave(store: Store, month: dt.date | None) -> None:
    with store.engine.begin() as connection:
        connection.execute(upsert.table(Recount).insert().values(name=recounting.FIGURES, from_month=month))


@pytest.mark.parametrize(("lacking", "counted", "left"), [(True, True, Left(NOVEMBER)), (True, False, Left(None)), (False, True, None)])
def test_an_upgrade_tells_older_visits_what_was_missing_before_and_leaves_their_months(
    store: Killed, day: CenterDay, *, lacking: bool, counted: bool, left: Left | None
) -> None:
    came_back(day, *((("a",), ("a", "b")) if lacking else ()))
    before = history(day)
    if not counted:
        forget_figures(store)
    schema.downgrade(store.engine, "0006")
    schema.upgrade(store.engine)
    assert (history(day), day.wrongs(), day.read(recounting.left)) == (before, [], left)


def dossier(day: CenterDay, *pauses: tuple[str, ...]) -> Dossier:
    works = day.read(dossiers.works, CENTER, day.today)
    slip = Slip("1.000656", "ho-tich", working_days.promise(day.now, Time(kind="working_days", amount=5), works))
    made: Dossier = day.do(dossiers.receive, CENTER, slip, day.now, actor=CLERK)
    for papers in pauses:
        made = day.do(dossiers.pause, made, [Missing(paper, paper.upper()) for paper in papers], actor=CLERK)
        made = day.do(dossiers.resume, made, actor=CLERK)
    return made


async def test_an_upgrade_tells_older_dossiers_what_they_were_paused_for_and_counts_them(store: Killed, day: CenterDay) -> None:
    made = [dossier(day), dossier(day, ("a",)), dossier(day, ("a",), ("b", "a"))]
    before = day.read(figures.sums, Scope(CENTER, MONDAY, MONDAY))
    schema.downgrade(store.engine, "0009")
    schema.upgrade(store.engine)
    after = [day.read(dossiers.get, CENTER, one.id) for one in made]
    assert [json.loads(one.lacked) for one in after if one is not None] == [json.loads(one.lacked) for one in made]
    told = [dossiers.as_told(one, day.read(dossier_history.events, one.id)) for one in after if one is not None]
    assert told == after
    assert (day.read(recounting.left), before.paused) == (Left(None), 2)
    assert wrongs(day) != []
    store.writes = 3
    await recounting.go_on(store, Left(None))
    assert (wrongs(day), day.read(recounting.left), day.read(figures.sums, Scope(CENTER, MONDAY, MONDAY))) == ([], None, before)


@pytest.mark.parametrize(
    ("table", "columns", "left"),
    [
        ("feedback", {"papers": '[{"id": "", "name": "Sổ hộ khẩu"}]'}, Left(None)),
        ("feedback", {"papers": '[{"id": "photo", "name": "Ảnh"}]'}, None),
        ("visit", {"source": "assist:7"}, Left(None)),
        ("visit", {"source": "kiosk"}, None),
    ],
)
def test_an_upgrade_leaves_to_be_counted_what_counts_otherwise_now(
    store: Killed, day: CenterDay, table: str, columns: dict[str, str], left: Left | None
) -> None:
    came_back(day)
    [visit] = day.rows()
    day.do(feedback.start, visit, "ho-tich", Giver("web"))
    schema.downgrade(store.engine, "0009")
    with store.engine.begin() as connection:
        connection.execute(metadata.tables[table].update().values(**columns))
    schema.upgrade(store.engine)
    assert day.read(recounting.left) == left


@pytest.mark.parametrize(("writes", "left"), [(1, Left(None)), (2, Left(NOVEMBER))])
async def test_killed_between_two_transactions_the_next_start_goes_on_with_the_month(store: Killed, day: CenterDay, writes: int, left: Left) -> None:
    for date in (OCTOBER, MONDAY):
        day.turn("8:00", date)
        came_back(day, ("a",))
    forget_figures(store)
    leave(store, None)
    store.writes = writes
    with pytest.raises(LookupError, match="killed"):
        await recounting.go_on(store, Left(None))
    assert day.read(recounting.left) == left
    assert wrongs(day) != []
    store.writes = 3 if left.from_month else 5  # of one center two a month, and the end
    assert await recounting.go_on(store, left) > 0
    assert (store.writes, day.read(recounting.left), wrongs(day)) == (0, None, [])
    [paper] = day.read(figure_papers.papers, Scope(CENTER, OCTOBER, MONDAY), "missing")
    assert (paper.paper, paper.n) == ("a", 2)

"""Figures are written once, at the end of a transaction, with what its rows say by then; what fails leaves none."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy import select, text, update
from sqlmodel import Session

from bot.db.figures import FIGURE, FIGURE_DETAIL, KEY
from bot.db.store import Store
from bot.db.sums import FACTORS
from bot.domain import centers, contributions, feedback, figures, levels, periods, queue, rebuilding, rollup_rows, rollup_writes, rollups
from bot.domain.feedback import Asked, Counter, Giver
from bot.domain.scopes import Scope
from procedures.text import fold
from tests.center_day import CENTER, CENTER_OF_FILE, CLERK, MONDAY, CenterDay, at
from tests.figures.counting import counted, differences, items, sums, wrongs

NOW = at("8:00")
TODAY = Scope(CENTER, MONDAY, MONDAY)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def a_rating(session: Session, token: str, *, level: int = 4, fails: bool = False) -> int:
    row = feedback.at_counter(session, Counter(CENTER), token.ljust(16, "x"), Giver("web"), now=NOW, begun_at=NOW)
    feedback.rate(session, row, {"staff": level}, now=NOW)
    feedback.finish(session, row, now=NOW)
    if fails:
        raise LookupError(token)
    return row.id


async def test_of_many_functions_in_one_transaction_only_those_that_succeed_count(store: Store) -> None:
    await store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    written = [store.write(a_rating, str(number), fails=number % 3 == 0) for number in range(30)]
    outcomes = await asyncio.gather(*written, return_exceptions=True)
    assert sum(isinstance(outcome, LookupError) for outcome in outcomes) == 10
    told = await store.read(figures.sums, TODAY)
    assert (told.ratings, told.staff_sum) == (20, 80)
    assert await store.write(differences) == []


async def test_a_figure_that_cannot_be_written_fails_everything_and_the_store_lives_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(rollup_writes, "_or_add", lambda *_: "NO SUCH WORDS")
        for name in ("_sqlite", "_postgres_at"):
            patch.setattr(rollup_writes, name, getattr(rollup_writes, name).__wrapped__)
        with pytest.raises(Exception, match="syntax error"):
            await store.write(a_rating, "a")
    assert (await store.read(figures.sums, TODAY)).ratings == 0
    await store.write(a_rating, "a")
    assert (await store.read(figures.sums, TODAY)).ratings == 1
    assert await store.write(differences) == []


def test_what_a_savepoint_took_back_was_never_counted(day: CenterDay) -> None:
    def half(session: Session) -> None:
        a_rating(session, "kept")
        with pytest.raises(LookupError), session.begin_nested():
            a_rating(session, "lost", fails=True)
        a_rating(session, "after")

    day.read(half)
    assert sums(day).ratings == 2
    assert wrongs(day) == []


def test_a_row_let_go_by_a_savepoint_is_looked_at_again(day: CenterDay) -> None:
    """With the savepoint the lock on the row is gone: another transaction may change what it counts for."""
    number = day.read(a_rating, "a")
    row = day.read(feedback.get, number)
    assert row is not None

    def touched(session: Session) -> None:
        savepoint = session.begin_nested()
        rollups.touch(session, "feedback", number)
        savepoint.rollback()
        if session.get_bind().dialect.name == "postgresql":  # the one file has one writer
            day.do(feedback.rate, row, {"staff": 1})
            day.do(feedback.finish, row)
        feedback.rate(session, row, {"staff": 2}, now=day.now)
        feedback.finish(session, row, now=day.now)

    day.now = NOW
    day.read(touched)
    assert (sums(day).ratings, sums(day).staff_sum) == (1, 2)
    assert wrongs(day) == []


def test_what_a_statement_returned_is_not_believed_after_a_savepoint_was_rolled_back(day: CenterDay) -> None:
    number = day.read(a_rating, "a")
    row = day.read(feedback.get, number)
    assert row is not None

    def taken_back(session: Session) -> None:
        feedback.rate(session, row, {"staff": 3}, now=NOW)
        savepoint = session.begin_nested()
        feedback.rate(session, row, {"staff": 1}, now=NOW)
        savepoint.rollback()

    day.read(taken_back)
    assert sums(day).staff_sum == 3
    assert wrongs(day) == []


def test_whoever_changes_a_row_after_another_said_what_it_became_touches_it_again(day: CenterDay) -> None:
    number = day.read(a_rating, "a")
    row = day.read(feedback.get, number)
    assert row is not None

    def twice(session: Session) -> None:
        feedback.rate(session, row, {"staff": 3}, now=NOW)
        rollups.touch(session, "feedback", number)
        session.execute(update(rollup_rows.FEEDBACK).where(rollup_rows.FEEDBACK.c.id == number).values(staff=5))

    day.read(twice)
    assert sums(day).staff_sum == 5
    assert wrongs(day) == []


def test_a_rating_in_one_transaction_is_read_neither_before_nor_after_it(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read = rollup_rows.read

    def listen(session: Session, kind: Any, ids: Any, **how: Any) -> Any:
        reads.extend(ids)
        return read(session, kind, ids, **how)

    monkeypatch.setattr(rollup_rows, "read", listen)
    day.read(a_rating, "a")
    assert (sums(day).ratings, reads) == (1, [])


def test_a_booking_touches_no_figure(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("touch", "born"):
        monkeypatch.setattr(rollups, name, lambda *_: pytest.fail("a booking counts for nothing"))
    visit = day.book("lan", "8:00")
    day.check_in(day.move(visit, "8:30"))


def test_rows_are_added_to_in_the_order_of_their_keys(day: CenterDay) -> None:
    """So that of two transactions that add to the same rows neither waits for one the other has."""
    day.sit(1)
    for name in ("lan", "mai"):
        day.walk_in(name, procedure=name)
    seen: list[list[Any]] = []
    quick = rollup_writes._write

    def listen(session: Session, table: str, keys: list[Any], **added: Any) -> None:
        seen.append(keys)
        quick(session, table, keys, **added)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollup_writes, "_write", listen)
        day.read(_both_served, day)
    assert [len(rows) for rows in seen] == [10, 13], "details, then the counts"
    assert all(rows == sorted(rows) for rows in seen)


@ON_POSTGRESQL
async def test_rows_of_one_place_are_added_to_in_that_order_too(store: Store) -> None:
    await store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    await store.write(a_rating, "a")
    written = await store.read(_keys_as_written)
    assert len(written) == len(levels.keys(levels.Place(CENTER, MONDAY, "", "", ""), "counts"))
    assert written == sorted(written)


def _keys_as_written(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(select(*(FIGURE.c[name] for name in KEY)).order_by(text("ctid")))]


@ON_POSTGRESQL
async def test_what_a_whole_rating_adds_is_short_enough_for_the_driver_to_remember(store: Store) -> None:
    """Where it is not the last word: what is longer psycopg takes apart anew every time."""
    whole = contributions.Feedback(1, CENTER, "p", "f", "web", 1, 1, 1, 1, 1, '[{"id": "p1", "name": ""}]', '["quick"]', NOW, NOW, NOW)
    [told] = contributions.of_feedback(whole)
    names = tuple(sorted(name for name, value in told.counts.items() if value))
    with store.engine.connect() as connection:
        said = rollup_writes._postgres_at(names).at_once._form(connection.dialect, {}).sql
    assert len(names) == 7 + 3 * len(FACTORS)
    assert len(said) <= MAX_CACHED_STATEMENT_LENGTH


def test_strange_names_and_more_rows_than_go_in_one_statement_are_added_as_they_are(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup_writes, "AT_ONCE", 3)
    names = ('Giấy "lạ" \\ {x}', "a,b", "NULL", "", "'", '"')
    papers = [Asked("", name) for name in names if name]

    def rated(session: Session) -> None:
        number = a_rating(session, "strange")
        row = feedback.get(session, number)
        assert row is not None
        feedback.papers(session, row, papers, now=NOW)

    day.now = NOW
    day.read(rated)
    assert set(items(day, "over_said").values()) == {1}
    assert len(items(day, "over_said")) == len([paper for paper in papers if fold(paper.name)])
    assert wrongs(day) == []


def _both_served(session: Session, day: CenterDay) -> None:
    for _ in range(2):
        called = queue.call_next(session, day.desks[1], actor=CLERK, now=day.now)
        assert called is not None
        queue.finish(session, called, "accepted", actor=CLERK, now=day.now)


def test_procedures_are_those_of_the_months_a_period_touches(day: CenterDay) -> None:
    day.sit(1)
    for name in ("lan", "mai"):
        day.walk_in(name, procedure=name)
    day.read(_both_served, day)
    kinds: tuple[periods.Name, ...] = ("day", "week", "month", "year")
    assert [day.read(figures.procedures, periods.of(kind, MONDAY)) for kind in kinds] == [{"lan", "mai"}] * 4
    assert day.read(figures.procedures, periods.before(periods.of("month", MONDAY))) == set()


def test_a_rebuild_tells_each_wrong_row_and_puts_it_right(day: CenterDay) -> None:
    day.read(a_rating, "a")
    day.now = NOW
    before = counted(day)
    there = (FIGURE.c.level == "a", FIGURE.c.grain == "day")
    day.read(lambda session: session.execute(FIGURE.update().where(*there).values(ratings=7)))
    [wrong] = day.read(rebuilding.own, CENTER, MONDAY.replace(day=1), check=True)
    assert str(wrong) == f"figure a/day/{CENTER}/{MONDAY}///: ratings 7 instead of 1"
    assert sums(day).ratings == 7, "--check only looks"
    assert len(day.read(differences, check=False)) == 1
    assert counted(day) == before
    assert wrongs(day) == []


def test_from_rows_alone_everything_is_counted(day: CenterDay) -> None:
    day.sit(1)
    visit = day.walk_in("lan", procedure="1.001193")
    day.finish(day.called(), missing=("p1",))
    day.read(a_rating, "a")
    day.now = NOW
    before, rows = counted(day), day.read(_all)
    day.read(lambda session: [session.execute(table.delete()) for table in (FIGURE, FIGURE_DETAIL)])
    assert counted(day) == {}
    assert day.read(differences, check=False) != []
    assert (counted(day), day.read(_all)) == (before, rows)
    assert visit.day == MONDAY


def _all(session: Session) -> list[Any]:
    return [row for table in (FIGURE, FIGURE_DETAIL) for row in session.execute(select(table).order_by(*table.primary_key))]

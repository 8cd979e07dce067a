"""Slow work is done between two tries of a turn, once, and never without an end."""

from __future__ import annotations

import pytest
from sqlalchemy import literal, select
from sqlmodel import Session

from bot.conversation.beforehand import ROUNDS, Beforehand, Wanted
from bot.db.store import Store


async def test_what_is_wanted_is_made_once_and_then_there(store: Store) -> None:
    made: list[int] = []

    def slow(of: int) -> str:
        made.append(of)
        return str(of)

    beforehand = Beforehand()
    with pytest.raises(Wanted) as stopped:
        beforehand.all(slow, [1, 2, 1])
    assert made == []
    await stopped.value.work(store)
    assert beforehand.all(slow, [1, 2, 1]) == ["1", "2", "1"]
    assert made == [1, 2]


def test_what_is_another_thing_each_time_is_made_where_it_stands_at_last() -> None:
    beforehand = Beforehand()
    for number in range(ROUNDS):
        with pytest.raises(Wanted):
            beforehand.all(str, [number])
    assert beforehand.all(str, [99]) == ["99"]


async def test_what_is_read_is_read_once_and_not_in_the_turns_own_transaction(store: Store) -> None:
    sessions: list[Session] = []

    def look(session: Session, of: int) -> int:
        sessions.append(session)
        return int(session.execute(select(literal(of))).scalar_one())

    def turn(session: Session, beforehand: Beforehand) -> int:
        found = beforehand.read(session, look, 7)
        assert session not in sessions
        return found

    beforehand = Beforehand()
    with pytest.raises(Wanted) as stopped:
        await store.write(turn, beforehand)
    assert sessions == []
    await stopped.value.work(store)
    assert (await store.write(turn, beforehand), len(sessions)) == (7, 1)


async def test_where_no_turn_can_be_stopped_it_is_read_where_it_stands(store: Store) -> None:
    def look(session: Session, of: int) -> int:
        return int(session.execute(select(literal(of))).scalar_one())

    assert await store.read(lambda session: Beforehand(0).read(session, look, 7)) == 7


def test_nothing_wanted_stops_nothing() -> None:
    assert Beforehand().all(str, list[int]()) == []

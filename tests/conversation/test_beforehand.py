"""Slow work is done between two tries of a turn, once, and never without an end."""

from __future__ import annotations

import pytest

from bot.conversation.beforehand import ROUNDS, Beforehand, Wanted


def test_what_is_wanted_is_made_once_and_then_there() -> None:
    made: list[int] = []

    def slow(of: int) -> str:
        made.append(of)
        return str(of)

    beforehand = Beforehand()
    with pytest.raises(Wanted) as stopped:
        beforehand.all(slow, [1, 2, 1])
    assert made == []
    stopped.value.work()
    assert beforehand.all(slow, [1, 2, 1]) == ["1", "2", "1"]
    assert made == [1, 2]


def test_what_is_another_thing_each_time_is_made_where_it_stands_at_last() -> None:
    beforehand = Beforehand()
    for number in range(ROUNDS):
        with pytest.raises(Wanted):
            beforehand.all(str, [number])
    assert beforehand.all(str, [99]) == ["99"]


def test_nothing_wanted_stops_nothing() -> None:
    assert Beforehand().all(str, list[int]()) == []

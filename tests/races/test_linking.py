"""Two people who type the same code at once: one has it."""

from __future__ import annotations

from bot.domain import linking, people
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall

KEY = "key"


def typed(crew: Crew, hall: Hall, off: tuple[str, ...] = ()) -> int:
    """How many of SIZE had it."""
    accounts = [hall.do(people.account_of, "telegram:1", f"typist {number}", now=NOW).account_id for number in range(SIZE)]
    shown = hall.do(people.account_of, "web", "lan", now=NOW).account_id
    digits = hall.do(linking.show, shown, KEY, now=NOW)
    outcomes = crew.race(hall.url, *(deed(linking.type_, account, digits, KEY, now=NOW) for account in accounts), off=off)
    return sum(outcome.result is not None for outcome in outcomes)


def test_a_code_typed_by_many_at_once_is_one_persons(crew: Crew, hall: Hall) -> None:
    for _ in range(3):
        assert typed(crew, hall) == 1


def test_control_when_it_is_only_looked_up_several_have_it(crew: Crew, hall: Hall) -> None:
    assert typed(crew, hall, off=("link",)) > 1

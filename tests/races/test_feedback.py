"""The rating of one visit begun, and the question of one visit put, by several at the same instant."""

from __future__ import annotations

from typing import Any

from bot.db.results import Feedback
from bot.domain import feedback, queue
from bot.domain.feedback import Giver
from bot.domain.visits import Visit
from tests.races import unguarded
from tests.races.crew import SIZE, Crew, Outcome, deed
from tests.races.hall import NOW, Hall

KEY = "uq_feedback_visit_id"
CLERK = "staff:1"


def served(hall: Hall) -> Visit:
    [wish] = hall.people(1)
    hall.walk_in(wish=wish)
    called = hall.do(queue.call_next, hall.desks[0], actor=CLERK, now=NOW)
    assert called is not None
    return hall.do(queue.finish, called, "accepted", actor=CLERK, now=NOW)


def begun(crew: Crew, hall: Hall, visit: Visit, **guards: Any) -> list[Outcome]:
    start = deed(feedback.start, visit, "ho-tich", Giver("web"), now=NOW)
    return crew.race(hall.url, *(start for _ in range(SIZE)), **guards)


def test_begun_by_all_at_once_a_visit_has_one_rating(crew: Crew, hall: Hall) -> None:
    for number in range(1, 4):
        outcomes = begun(crew, hall, served(hall))
        assert len({outcome.result.id for outcome in outcomes}) == 1
        assert hall.count(Feedback) == number


def test_of_processes_that_ask_at_once_one_asks(crew: Crew, hall: Hall) -> None:
    visit = served(hall)
    outcomes = crew.race(hall.url, *(deed(feedback.ask, visit, "ho-tich", "telegram", now=NOW) for _ in range(SIZE)))
    assert sum(outcome.result is not None for outcome in outcomes) == 1


def test_control_without_the_key_everybody_makes_a_rating_of_their_own(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, KEY, table="feedback")
    begun(crew, hall, served(hall), off=("feedback",))
    assert hall.count(Feedback) > 1

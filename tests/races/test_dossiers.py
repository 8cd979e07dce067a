"""One dossier in several hands at the same instant: one change, one number a receipt, one row a code and a visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot.db.results import Dossier, DossierEvent
from bot.domain import dossiers, queue
from bot.domain.dossiers import Slip
from bot.domain.visits import Missing
from bot.domain.working_days import Promise
from tests.races.crew import SIZE, Crew, Outcome, deed
from tests.races.hall import NOW, Hall

CLERK = "staff:1"
DAY = dt.date(2026, 11, 23)
PAPERS = [Missing("", "Giấy chứng sinh")]


def slip(code: str = "") -> Slip:
    return Slip("1.000656", "ho-tich", Promise(DAY, 5, DAY + dt.timedelta(days=7)), code=code)


def center_of(hall: Hall) -> str:
    return hall.one.center_id


def paused(crew: Crew, hall: Hall, **guards: Any) -> list[Outcome]:
    made = hall.do(dossiers.receive, center_of(hall), slip(), NOW, actor=CLERK, now=NOW)
    later = NOW + dt.timedelta(minutes=1)
    return crew.race(hall.url, *(deed(dossiers.pause, made, PAPERS, actor=CLERK, now=later) for _ in range(SIZE)), **guards)


def test_papers_asked_for_by_all_at_once_are_asked_for_once(crew: Crew, hall: Hall) -> None:
    outcomes = paused(crew, hall)
    assert {outcome.result.supplements for outcome in outcomes} == {1}
    assert hall.count(DossierEvent) == 2


def test_control_without_the_condition_they_are_asked_for_again_and_again(crew: Crew, hall: Hall) -> None:
    paused(crew, hall, off=("dossier",))
    assert hall.count(DossierEvent) > 2


def test_receipts_made_at_once_have_numbers_of_their_own(crew: Crew, hall: Hall) -> None:
    outcomes = crew.race(hall.url, *(deed(dossiers.receive, center_of(hall), slip(), NOW, actor=CLERK, now=NOW) for _ in range(SIZE * 3)))
    numbers = sorted(int(outcome.result.receipt.split("-")[2]) for outcome in outcomes)
    assert numbers == list(range(1, SIZE * 3 + 1))


def test_one_visit_gives_one_dossier_to_all_who_ask(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    hall.walk_in(wish=wish)
    called = hall.do(queue.call_next, hall.desks[0], actor=CLERK, now=NOW)
    assert called is not None
    ended = hall.do(queue.finish, called, "accepted", actor=CLERK, now=NOW)
    outcomes = crew.race(hall.url, *(deed(dossiers.of_finished, ended, slip(), actor=CLERK, now=NOW) for _ in range(SIZE)))
    assert len({outcome.result.id for outcome in outcomes}) == 1
    assert hall.count(Dossier) == 1

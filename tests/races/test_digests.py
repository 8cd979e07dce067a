"""The end of a day that several processes come to at once: kept once, told once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlmodel import Session

from bot.conversation.context import Premises
from bot.db.results import Digest, DigestLine
from bot.domain import centers, questions, staff
from bot.domain.questions import Asker, Topic
from handlers import digest_duties
from procedures import loader, search
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import CENTER, NOW, PLAN, TODAY, Hall

TINY = Path(__file__).parent.parent / "catalog"
EVENING = NOW + dt.timedelta(hours=5, minutes=16)


def end(session: Session) -> bool:
    catalog = loader.load(TINY)
    directory = centers.Directory((centers.Center.model_validate(PLAN),))
    premises = Premises(catalog=catalog, index=search.build(catalog), directory=directory, address="https://motcua.example")
    return digest_duties.make(session, premises, CENTER, TODAY, now=EVENING) is not None


def prepare(session: Session) -> None:
    """A question nobody answered, and a lead with a chat."""
    questions.ask(session, CENTER, Asker(), Topic(), now=NOW)
    number = staff.create(session, "chị Hạnh", CENTER, "lead", now=NOW)
    code = staff.link(session, number, "connect", now=NOW)
    assert code is not None
    assert staff.connect(session, code, "telegram:1", "hanh", now=NOW) is not None


def test_of_eight_processes_one_makes_it_and_the_lead_is_told_once(crew: Crew, hall: Hall) -> None:
    hall.do(prepare)
    outcomes = crew.race(hall.url, *[deed(end)] * SIZE)
    assert sorted(outcome.result for outcome in outcomes) == [False] * (SIZE - 1) + [True]
    assert (hall.count(Digest), hall.count(DigestLine), hall.told()) == (1, 1, ["hanh"])


def test_control_with_nothing_but_a_look_the_lead_is_told_several_times(crew: Crew, hall: Hall) -> None:
    hall.do(prepare)
    crew.race(hall.url, *[deed(end)] * SIZE, off=("digest",))
    assert len(hall.told()) > 1

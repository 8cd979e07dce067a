"""The end of a day that several processes come to at once: kept once, told once, each line given to one."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

from sqlmodel import Session

from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.db.results import Digest, DigestLine
from bot.domain import centers, digest, people, questions, staff
from bot.domain.questions import Asker, Topic
from handlers import digest_deeds, digest_duties
from procedures import loader, search
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import CENTER, NOW, PLAN, TODAY, Hall

TINY = Path(__file__).parent.parent / "catalog"
EVENING = NOW + dt.timedelta(hours=5, minutes=16)


def house() -> Premises:
    catalog = loader.load(TINY)
    directory = centers.Directory((centers.Center.model_validate(PLAN),))
    return Premises(catalog=catalog, index=search.build(catalog), directory=directory, address="https://motcua.example")


def end(session: Session) -> bool:
    return digest_duties.make(session, house(), CENTER, TODAY, now=EVENING) is not None


def give(session: Session, to: int) -> str:
    """By the lead, to a line nobody has."""
    one, lead = digest.of(session, CENTER, TODAY), staff.find(session, 1)
    assert one is not None
    assert lead is not None
    return digest_deeds.give(session, house(), digest_deeds.Wish(one, one.lines[0], to, 0, lead), now=EVENING).outcome


def give_from_a_dialog(session: Session, giver: int, chat: str, to: int) -> str:
    """As in a chat, whose own row is locked before that of the colleague's."""
    people.account_of(session, "telegram:1", chat, now=EVENING)
    time.sleep(0.3)
    one, lead = digest.of(session, CENTER, TODAY), staff.find(session, giver)
    assert one is not None
    assert lead is not None
    return digest_deeds.give(session, house(), digest_deeds.Wish(one, one.lines[0], to, 0, lead), now=EVENING).outcome


def prepare(session: Session) -> None:
    """A question nobody answered, and a lead with a chat."""
    questions.ask(session, CENTER, Asker(), Topic(), now=NOW)
    hire(session, "hanh", "lead")


def hire(session: Session, name: str, role: Role) -> int:
    number = staff.create(session, name, CENTER, role, now=NOW)
    code = staff.link(session, number, "connect", now=NOW)
    assert code is not None
    assert staff.connect(session, code, "telegram:1", name, now=NOW) is not None
    return number


def ready(hall: Hall) -> list[int]:
    """The digest has come, and there are eight to give its line to."""
    hall.do(prepare)
    hall.do(end)
    return [hall.do(hire, f"clerk{number}", "clerk") for number in range(SIZE)]


def test_two_who_give_it_to_each_other_at_once_wait_for_each_other_and_one_has_it(crew: Crew, hall: Hall) -> None:
    """PostgreSQL ends the deadlock and the store tries again."""
    hall.do(prepare)
    second = hall.do(hire, "thu", "lead")
    hall.do(end)
    wanted = [deed(give_from_a_dialog, 1, "hanh", second), deed(give_from_a_dialog, second, "thu", 1)]
    assert sorted(outcome.result for outcome in crew.race(hall.url, *wanted)) == ["late", "told"]
    assert len(hall.told()) == 3, "the digest came to both, the work to one"


def test_of_eight_processes_one_makes_it_and_the_lead_is_told_once(crew: Crew, hall: Hall) -> None:
    hall.do(prepare)
    outcomes = crew.race(hall.url, *[deed(end)] * SIZE)
    assert sorted(outcome.result for outcome in outcomes) == [False] * (SIZE - 1) + [True]
    assert (hall.count(Digest), hall.count(DigestLine), hall.told()) == (1, 1, ["hanh"])


def test_control_with_nothing_but_a_look_the_lead_is_told_several_times(crew: Crew, hall: Hall) -> None:
    hall.do(prepare)
    crew.race(hall.url, *[deed(end)] * SIZE, off=("digest",))
    assert len(hall.told()) > 1


def test_given_to_eight_at_once_one_has_it_and_one_is_told(crew: Crew, hall: Hall) -> None:
    outcomes = crew.race(hall.url, *[deed(give, number) for number in ready(hall)])
    assert sorted(outcome.result for outcome in outcomes) == ["late"] * (SIZE - 1) + ["told"]
    assert len(hall.told()) == 2


def test_control_with_nothing_but_a_look_several_are_told_that_it_is_theirs(crew: Crew, hall: Hall) -> None:
    crew.race(hall.url, *[deed(give, number) for number in ready(hall)], off=("line",))
    assert len(hall.told()) > 2

"""What a clerk does at the counter: every deed by the name its button has in the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot import clock, errors
from bot.console import queue_papers
from bot.console.desk import Posted
from bot.console.queue_papers import WHYS
from bot.conversation.context import Premises
from bot.db.enums import Outcome
from bot.domain import counters, once, queue, traces, visits
from bot.domain.centers import Center
from bot.domain.counters import Desk as Counter
from bot.domain.counters import Group
from bot.domain.roles import Member
from bot.domain.visits import Missing, Visit
from bot.pages.forms import Form
from bot.texts import t
from handlers import visiting

# The number on the form and its key, what it means, and what it is called in the history. 4 is a transfer.
OUTCOMES: dict[str, Outcome | None] = {"1": "accepted", "2": "papers_missing", "3": "done_now", "4": None, "5": "wrong_place", "6": "other"}


class Unclear(Exception):
    """The form does not say what is meant; the message is for the clerk."""


@dataclass(frozen=True)
class Act:
    """One deed of a clerk, with all it may need."""

    session: Session
    premises: Premises
    form: Form
    member: Member
    center: Center
    now: dt.datetime

    @property
    def actor(self) -> str:
        return self.member.actor

    @property
    def counter(self) -> Counter:
        """Where this clerk sits. Raises TooLate when nowhere any more."""
        found = next((one for one in counters.counters(self.session, self.center.id) if one.staff_id == self.member.id), None)
        if found is None:
            raise errors.TooLate("counter")
        return found

    @property
    def visit(self) -> Visit:
        """The visit the form is about, of this center. Raises TooLate."""
        number = self.form.one("so")
        found = visits.get(self.session, int(number)) if number.isdecimal() and len(number) < 19 else None
        if found is None or found.center_id != self.center.id:
            raise errors.TooLate("gone")
        return found

    def group(self, name: str) -> Group:
        """The counter group a field names. Raises Unclear."""
        found = next((group for group in counters.groups(self.session, self.center.id) if str(group.id) == self.form.one(name)), None)
        if found is None:
            raise Unclear(t("queue.which_group"))
        return found


def do(session: Session, premises: Premises, posted: Posted, deed: Callable[[Act], str | None], now: dt.datetime) -> str | None:
    return deed(Act(session, premises, posted.form, posted.member, posted.center, now))


def _sit(act: Act) -> None:
    number = act.form.one("quay")
    instead = act.form.one("thay")
    seat = int(number) if number.isdecimal() else 0
    if seat not in [counter.id for counter in counters.counters(act.session, act.center.id)]:
        raise errors.TooLate("counter")
    if not counters.sit_down(act.session, seat, act.member.id, now=act.now, instead_of=int(instead) if instead.isdecimal() else None):
        raise errors.TooLate("taken")


def _stand(act: Act) -> None:
    if queue.at_counter(act.session, act.counter.id) is not None:
        raise errors.TooLate("busy")
    counters.stand_up(act.session, act.counter.id, act.member.id, now=act.now)


def _next(act: Act) -> str | None:
    return None if visiting.call_next(act.session, act.counter.id, actor=act.actor, now=act.now) else "het"


def _call(act: Act) -> None:
    visiting.call(act.session, act.visit, act.counter.id, actor=act.actor, now=act.now)


def _serve(act: Act) -> None:
    queue.serve(act.session, act.visit, actor=act.actor, now=act.now)


def _recall(act: Act) -> None:
    visiting.recall(act.session, act.visit, actor=act.actor, now=act.now)


def _miss(act: Act) -> None:
    queue.miss(act.session, act.visit, actor=act.actor, now=act.now)


def _park(act: Act) -> None:
    queue.park(act.session, act.visit, actor=act.actor, now=act.now)


def _back(act: Act) -> None:
    queue.back(act.session, act.visit, actor=act.actor, now=act.now)


def _undo(act: Act) -> None:
    visiting.undo(act.session, act.actor, now=act.now)


def _about(act: Act) -> None:
    """What the person came for: a code, or words that mean one procedure."""
    said = act.form.one("thu-tuc")
    today = clock.today(act.now)
    entry = act.premises.catalog.get(said, today)
    if entry is None:
        found = act.premises.index.find(said, today=today)
        entry = act.premises.catalog.get(found.hits[0].code, today) if found.hits and found.decision != "unknown" else None
    if entry is None:
        raise Unclear(t("queue.which_procedure"))
    queue.about(act.session, act.visit, entry.code, actor=act.actor, now=act.now)


def _finish(act: Act) -> None:
    """The visit ends as marked, or goes on at another counter. Raises Unclear when nothing is marked."""
    chosen = act.form.one("kq")
    if chosen not in OUTCOMES:
        raise Unclear(t("queue.which_outcome"))
    outcome = OUTCOMES[chosen]
    if outcome is None:
        visiting.transfer(act.session, act.visit, act.group("chuyen"), actor=act.actor, now=act.now)
        return
    missing = _missing(act) if outcome == "papers_missing" else ()
    if outcome == "papers_missing" and not missing:
        raise Unclear(t("queue.which_papers"))
    visiting.finish(act.session, act.visit, outcome, actor=act.actor, now=act.now, missing=missing, note=act.form.one("ghi-chu")[:200])


def _missing(act: Act) -> Sequence[Missing]:
    marked = set(act.form.all("thieu"))

    def why(paper: str) -> str:
        given = act.form.one(f"ly-do-{paper}")
        return given if given in WHYS else WHYS[0]

    papers = [
        Missing(paper.id, paper.name, why(paper.id)) for paper in queue_papers.papers(act.session, act.premises, act.visit) if paper.id in marked
    ]
    other = traces.blotted(act.form.one("thieu-khac")[:120])
    return (*papers, Missing("other", other)) if other else papers


def _finish_and_call(act: Act) -> str | None:
    _finish(act)
    return _next(act)


def _check_in(act: Act) -> str | None:
    """Somebody shows a code at the counter."""
    visit = visits.recognise(act.session, act.center.id, act.form.one("ma-hen"), clock.today(act.now))
    if visit is None or (visit.day != clock.today(act.now) and visit.state != "must_return"):
        raise Unclear(t("queue.which_code"))
    here = visiting.check_in(act.session, visit, actor=act.actor, now=act.now, priority=_priority(act.form))
    return f"den&so={here.ticket}&ma-so={here.code}"


def _walk_in(act: Act) -> str | None:
    """A number for somebody who cannot use the kiosk; the page says which, so that they can be told. Sent twice, it is the same number."""
    arrival = queue.Arrival(priority=_priority(act.form), source="staff")
    group = act.group("nhom")
    made = once.visit(
        act.session,
        act.actor,
        act.form.one(once.FIELD),
        lambda: queue.walk_in(act.session, group, arrival, actor=act.actor, now=act.now),
        now=act.now,
    )
    return f"lay-so&so={made.ticket}&ma-so={made.code}"


PRIORITIES = ("elderly", "disabled", "pregnant", "merit", "child")


def _priority(form: Form) -> str:
    given = form.one("uu-tien")
    return given if given in PRIORITIES else ""


DEEDS: dict[str, Callable[[Act], str | None]] = {
    "ngoi": _sit, "roi": _stand, "goi": _next, "goi-so": _call, "den": _serve, "goi-lai": _recall, "vang": _miss, "tam-de": _park,
    "tro-lai": _back, "hoan-tac": _undo, "viec": _about, "nghi": _finish, "tiep": _finish_and_call, "nhan-ma": _check_in, "lay-so": _walk_in,
}  # fmt: skip

"""What one row counts for: a few numbers at a place, from the row alone. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from bot import clock
from bot.db.sums import FACTORS
from bot.domain.levels import Place
from procedures.text import fold

SERVED = ("done", "must_return")
COUNTED = (*SERVED, "no_show", "cancelled")  # states of a visit; in every other one it counts for nothing
COMPLETE = ("accepted", "done_now")
LONGEST_WAIT = 240  # minutes; more is a forgotten screen, not a wait
SHORTEST_SERVICE, LONGEST_SERVICE = dt.timedelta(seconds=10), dt.timedelta(minutes=180)
LOW = 2
SECOND = 2  # a second request for papers counts as late (QĐ 766)
TYPED = "="  # before the name of a paper the catalog does not have

Detail = tuple[str, str]  # kind and item, as db.figures.FIGURE_DETAIL


class Amount(NamedTuple):
    """Of a detail: how many; of an hour also the waits one can trust, and their minutes."""

    n: int
    waits: int = 0
    minutes: int = 0


class Contribution(NamedTuple):
    """Counters and details at one place."""

    place: Place
    counts: Mapping[str, int]
    details: Mapping[Detail, Amount] = {}


class Visit(NamedTuple):
    """The columns of a visit that count."""

    id: int
    center_id: str
    day: dt.date
    state: str
    source: str
    procedure: str
    group_id: int
    starts_at: dt.datetime | None
    follows_id: int | None
    returned: bool
    due_at: dt.datetime | None
    called_at: dt.datetime | None
    serving_at: dt.datetime | None
    ended_at: dt.datetime | None
    outcome: str
    missing: str
    lacked: str = "[]"


class Feedback(NamedTuple):
    """The columns of a rating that count."""

    id: int
    center_id: str
    procedure: str
    field: str
    channel: str
    access: int | None
    procedures: int | None
    staff: int | None
    results: int | None
    handling: int | None
    papers: str
    flags: str
    asked_at: dt.datetime | None
    done_at: dt.datetime | None
    created_at: dt.datetime


class Dossier(NamedTuple):
    """The columns of a dossier that count."""

    id: int
    center_id: str
    procedure: str
    field: str
    source: str
    received_at: dt.datetime
    ready_at: dt.datetime | None
    missed_due: dt.date | None
    supplements: int
    lacked: str = "[]"


class Question(NamedTuple):
    """The columns of a question that count. `bot`: of the account it was asked from, None in a group."""

    id: int
    center_id: str
    about: str
    asked_at: dt.datetime
    answered_at: dt.datetime | None
    bot: str | None


# visits


def of_visit(row: Visit, field: str) -> Iterator[Contribution]:
    if row.state not in COUNTED:
        return
    place = Place(row.center_id, row.day, row.procedure, field, channel(row.source))
    if row.state == "cancelled":
        yield Contribution(place, {"cancelled": 1})
        return
    counts: dict[str, int] = {"visits": 1, "booked": int(row.starts_at is not None)}
    details: dict[Detail, Amount] = {}
    wait = serve = None
    if row.state == "no_show":
        counts["no_show"] = counts["booked"]
    else:
        wait, serve = waited(row), served_for(row)
        counts |= _of_served(row) | _timed("wait", wait) | _timed("serve", serve)
        details |= _missing(_lacked(row)) | _minutes("wait", wait) | _minutes("serve", serve)
    if row.due_at is not None:
        details["hour", _hour(row.due_at)] = Amount(1, int(wait is not None), wait or 0)
    yield Contribution(place, counts, details)


def channel(source: str) -> str:
    """How somebody came, whoever helped them: the tablets of all helpers are one channel."""
    return source.partition(":")[0]


def _of_served(row: Visit) -> dict[str, int]:
    counts = {"served": 1, "walk_in": int(row.starts_at is None)}
    if row.outcome in _OUTCOMES:
        counts[row.outcome] = 1
    if row.follows_id is None and row.outcome in (*COMPLETE, "papers_missing"):
        counts |= {"firsts": 1, "first_complete": int(row.outcome in COMPLETE and not row.returned)}
    return counts


_OUTCOMES = frozenset((*COMPLETE, "papers_missing", "wrong_place", "other", "not_served"))


def waited(row: Visit) -> int | None:
    """Whole minutes from when the person counted as waiting to the call, where they can be trusted."""
    if row.due_at is None or row.called_at is None or row.returned or clock.today(row.due_at) != clock.today(row.called_at):
        return None
    minutes = (row.called_at - row.due_at) // _MINUTE
    return minutes if 0 <= minutes <= LONGEST_WAIT else None


def served_for(row: Visit) -> int | None:
    """Whole minutes at the counter, where they can be trusted: a clerk who presses two buttons at once measures nothing."""
    if row.serving_at is None or row.ended_at is None or row.returned or row.outcome == "not_served":
        return None
    took = row.ended_at - row.serving_at
    return took // _MINUTE if SHORTEST_SERVICE <= took <= LONGEST_SERVICE else None


_MINUTE = dt.timedelta(minutes=1)


def _timed(kind: str, minutes: int | None) -> dict[str, int]:
    return {f"{kind}_bad": 1} if minutes is None else {f"{kind}_n": 1, f"{kind}_minutes": minutes}


def _minutes(kind: str, minutes: int | None) -> dict[Detail, Amount]:
    return {} if minutes is None else {(kind, f"{minutes:03d}"): Amount(1)}


def _hour(moment: dt.datetime) -> str:
    return f"{(local := clock.local(moment)).isoweekday()}-{local.hour:02d}"


def _lacked(row: Visit) -> list[dict[str, Any]]:
    """Of several turns every paper once, as it was missing first: whoever was sent home twice lacks none of them twice."""
    return _listed(row.missing) if row.lacked == "[]" else _once((*_listed(row.lacked), *_listed(row.missing)))


def _once(papers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for paper in papers:
        first.setdefault((paper["id"], paper["name"]), paper)
    return list(first.values())


def _listed(papers: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(papers)
    return found


def _missing(listed: list[dict[str, Any]]) -> dict[Detail, Amount]:
    """Those the catalog has, and why."""
    return _each("missing", (f"{paper.get('why', 'missing')}:{paper['id']}" for paper in listed if paper["id"]))


def _over_said(listed: list[dict[str, Any]]) -> dict[Detail, Amount]:
    """Also those whose names were typed, as long as the names are kept."""
    return _each("over_said", (paper["id"] or f"{TYPED}{paper['name']}" for paper in listed if paper["id"] or fold(paper["name"])))


def _each(kind: str, items: Iterable[str]) -> dict[Detail, Amount]:
    return {(kind, item): Amount(n) for item, n in Counter(items).items()}


# ratings


def of_feedback(row: Feedback) -> Iterator[Contribution]:
    if row.asked_at is None and row.done_at is None:
        return
    counts: dict[str, int] = {"asked": int(row.asked_at is not None)}
    details: dict[Detail, Amount] = {}
    if row.done_at is not None:
        counts |= {"ratings": 1, "answered": counts["asked"], "flagged": int(row.flags != "[]")} | _levels(row)
        if row.papers != "[]":
            papers = _listed(row.papers)
            details, counts["over_said"], counts["over_ratings"] = _over_said(papers), len(papers), int(len(papers) > 0)
    yield Contribution(Place(row.center_id, clock.today(row.created_at), row.procedure, row.field, row.channel), counts, details)


def _levels(row: Feedback) -> dict[str, int]:
    counts = {"low": 0}
    for factor, number, sum_, squares in _OF_FACTOR:
        level = getattr(row, factor)
        if level:
            counts[number], counts[sum_], counts[squares] = 1, level, level * level
            if level <= LOW:
                counts["low"] = 1
    return counts


_OF_FACTOR = tuple((factor, f"{factor}_n", f"{factor}_sum", f"{factor}_squares") for factor in FACTORS)


# dossiers and questions


def of_dossier(row: Dossier) -> Iterator[Contribution]:
    """Two places: the day it was received, also for papers asked for later; the day it was ready."""
    second = row.supplements >= SECOND
    place = Place(row.center_id, clock.today(row.received_at), row.procedure, row.field, row.source)
    counts = {"received": 1, "paused": int(row.supplements > 0), "second_supplements": int(second)}
    yield Contribution(place, counts, _missing(_once(_listed(row.lacked))))
    if row.ready_at is not None:
        late = row.missed_due is not None or second
        yield Contribution(place._replace(day=clock.today(row.ready_at)), {"ready": 1, "ready_late": int(late)})


def of_question(row: Question, field: str) -> Iterator[Contribution]:
    """One that was answered and then went on waits again, since what was asked last."""
    answered = row.answered_at is not None and row.answered_at >= row.asked_at
    minutes = (row.answered_at - row.asked_at) // _MINUTE if answered and row.answered_at is not None else 0
    counts = {"questions": 1, "answered_questions": int(answered), "answer_minutes": minutes}
    way = channel(row.bot) if row.bot is not None else "group"
    yield Contribution(Place(row.center_id, clock.today(row.asked_at), row.about, field, way), counts)

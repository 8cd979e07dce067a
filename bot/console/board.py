"""The display board in the hall: who is called where, who comes next, how long it takes. Anybody may open it: it knows no names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.console.desk import PRIVATE, Desk
from bot.domain import counters, hours, line, queue, quiet, visits
from bot.domain.centers import Center
from bot.domain.hours import DayHours
from bot.domain.line import Wait
from bot.domain.visits import Visit
from bot.pages import environment, look
from bot.pages.environment import Frame
from bot.texts import t

PATH = "/bang/{center}"
KEY = "board:"  # how the hub knows these pages from those of staff: a crowd of boards takes no place from them
NO_BUFFER = {"X-Accel-Buffering": "no"}
ROWS, NEXT, BACK = 3, 3, 2
HERE, AT_COUNTER, ASIDE = ("arrived", "waiting"), ("called", "serving"), ("missed", "parked")


@dataclass(frozen=True)
class Call:
    """Somebody at a counter. `key` changes when they are called again."""

    visit: Visit
    counter: int

    @property
    def ticket(self) -> str:
        return self.visit.ticket

    @property
    def key(self) -> str:
        return f"{self.visit.id}-{self.visit.calls}"

    @property
    def spoken(self) -> str:
        """Mời số A 0 1 2 đến quầy 2."""
        return t("hall.say_again" if self.visit.calls > 1 else "hall.say", number=" ".join(self.ticket), counter=self.counter)


@dataclass(frozen=True)
class Facts:
    """All that the board depends on. `waits`: letter → how long somebody waits who takes a number now."""

    now: dt.datetime
    day: DayHours
    there: tuple[Call, ...] = ()
    waiting: tuple[Visit, ...] = ()
    aside: tuple[Call, ...] = ()
    waits: Mapping[str, Wait] = field(default_factory=dict)
    calm: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Board:
    """What is shown. `calls`: the oldest first; the newest is shown large, or `head` and `big` where nobody is called."""

    center: Center
    now: dt.datetime
    newest: int
    calls: tuple[Call, ...]
    rows: tuple[Call, ...]
    next: tuple[str, ...]
    back: tuple[tuple[str, str], ...]
    wait: str
    calm: str
    head: str
    big: str

    @property
    def date(self) -> str:
        said = clock.day(clock.today(self.now))
        return f"{said[0].upper()}{said[1:]}"


def routes(desk: Desk) -> list[BaseRoute]:
    past = quiet.Past()
    return [
        Route(PATH, partial(show, desk, past, "hall/board.html"), methods=["GET"]),
        Route(f"{PATH}/moi", partial(show, desk, past, "hall/board_main.html"), methods=["GET"]),
        Route(f"{PATH}/song", partial(stream, desk), methods=["GET"]),
    ]


async def show(desk: Desk, past: quiet.Past, template: str, request: Request) -> Response:
    """The page, or what its script fetches anew."""
    center = _center(desk, request)
    board = await desk.store.read(read, center, past, now=clock.now())
    return HTMLResponse(environment.render(template, Frame(center, look.read(request.cookies)), board=board), headers=PRIVATE)


async def stream(desk: Desk, request: Request) -> Response:
    """Server-sent events with the number of the center's newest event. Without room the page asks now and then."""
    key = f"{KEY}{_center(desk, request).id}"
    if not desk.hub.has_room(key):
        return Response(status_code=503, headers=PRIVATE | {"Retry-After": "30"})
    seen = request.headers.get("last-event-id") or request.query_params.get("tu", "")
    events = desk.hub.stream(key, int(seen) if seen.isdecimal() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=PRIVATE | NO_BUFFER)


def _center(desk: Desk, request: Request) -> Center:
    center = desk.premises.directory.get(request.path_params["center"])
    if center is None:
        raise HTTPException(404)
    return center


def read(session: Session, center: Center, past: quiet.Past, *, now: dt.datetime) -> Board:
    newest = visits.newest_event(session, [center.id])[center.id]
    return board(center, _facts(session, center, past, now=now), newest)


def _facts(session: Session, center: Center, past: quiet.Past, *, now: dt.datetime) -> Facts:
    today = clock.today(now)
    found = visits.of_day(session, center.id, today, (*HERE, *AT_COUNTER, *ASIDE))
    numbers = {desk.id: desk.number for desk in counters.counters(session, center.id)}
    waiting = tuple(visit for visit in found if visit.state in HERE)
    there = [Call(visit, numbers.get(visit.counter_id or 0, 0)) for visit in found if visit.state in AT_COUNTER]
    calm = past.hours(session, center.id, center.week, today)
    return Facts(
        now=now,
        day=center.day(today),
        there=tuple(sorted(there, key=lambda call: (call.visit.called_at or now, call.visit.id))),
        waiting=waiting,
        aside=_aside(session, [visit for visit in found if visit.state in ASIDE], numbers),
        waits=_waits(session, center.id, waiting, today),
        calm=frozenset(hour for weekday, hour in calm if weekday == today.weekday()),
    )


def _aside(session: Session, put_aside: Sequence[Visit], numbers: Mapping[int, int]) -> tuple[Call, ...]:
    """Those who may come back, the last one first, with the counter that called them: their rows have let go of it."""
    left: dict[int, tuple[int, int]] = {}
    for event in visits.events(session, [visit.id for visit in put_aside]) if put_aside else ():
        if event.kind in ASIDE and "counter_id" in event.changes:
            left[event.visit_id] = (event.id, numbers.get(event.changes["counter_id"][0] or 0, 0))
    order = sorted(put_aside, key=lambda visit: left.get(visit.id, (0, 0)), reverse=True)
    return tuple(Call(visit, left.get(visit.id, (0, 0))[1]) for visit in order)


def _waits(session: Session, center_id: str, waiting: Sequence[Visit], today: dt.date) -> Mapping[str, Wait]:
    """Only of groups that somebody serves now."""
    found: dict[str, Wait] = {}
    for group in counters.groups(session, center_id):
        if group.active and queue.staffed(session, center_id, group.id):
            people = sum(visit.group_id == group.id for visit in waiting)
            found[group.letter] = queue.expected_wait(session, group, people, today)
    return found


def board(center: Center, facts: Facts, newest: int = 0) -> Board:
    """The board of these facts. Pure."""
    calls = tuple(call for call in facts.there if call.visit.state == "called")
    large = calls[-1:]
    head, big = ("", "") if calls else _face(center, facts)
    long, several = wait(facts.waits) if _serving(facts) else ("", False)
    return Board(
        center=center,
        now=facts.now,
        newest=newest,
        calls=calls,
        rows=tuple(call for call in reversed(facts.there) if call not in large)[:ROWS],
        next=_next(facts),
        back=tuple((t("hall.counter", number=call.counter) if call.counter else "", call.ticket) for call in facts.aside[:BACK]),
        wait=long,
        calm="" if several else _calm(facts),  # two lines are all there is
        head=head,
        big=big,
    )


def _serving(facts: Facts) -> bool:
    """Within the hours of the day, lunch left out."""
    minute = hours.minutes(facts.now)
    return any(span.opens <= minute < span.closes for span in facts.day.spans)


def _face(center: Center, facts: Facts) -> tuple[str, str]:
    """What stands in the place of a called number."""
    minute, spans = hours.minutes(facts.now), facts.day.spans
    if _serving(facts) or facts.there:
        return (t("hall.open_head"), t("hall.open")) if facts.there or facts.waiting else (t("hall.nobody_head"), t("hall.nobody"))
    later = next((span for span in spans if minute < span.opens), None)
    if later is not None:
        opens = hours.hour(later.opens)
        return (t("hall.before_head"), t("hall.before", opens=opens)) if later == spans[0] else (t("hall.lunch_head"), t("hall.lunch", opens=opens))
    return t("hall.closed_head"), center.now_line(facts.now)


def wait(waits: Mapping[str, Wait]) -> tuple[str, bool]:
    """ "80–100 phút", or "A, B 5–15; C 80–100 phút" and True where groups differ by more than their ranges; nothing where nobody serves."""
    together: list[tuple[list[str], Wait]] = []
    for letter, long in sorted(waits.items(), key=lambda known: (known[1].low, known[0])):
        if together and long.low < together[-1][1].high:
            letters, other = together.pop()
            together.append(([*letters, letter], Wait(other.low, max(other.high, long.high))))
        else:
            together.append(([letter], long))
    if len(together) == 1:
        return t("hall.minutes", range=_range(together[0][1])), False
    said = "; ".join(t("hall.wait_of", letters=", ".join(sorted(letters)), range=_range(long)) for letters, long in together)
    return (t("hall.minutes", range=said), True) if said else ("", False)


def _range(long: Wait) -> str:
    return t("hall.wait_range", low=long.low, high=long.high) if long.low else t("hall.wait_short", high=long.high)


def _next(facts: Facts) -> tuple[str, ...]:
    """Who had better get ready: the first of every group, then the second ones, as their counters call side by side."""
    groups = dict.fromkeys(visit.group_id for visit in sorted(facts.waiting, key=lambda visit: visit.group_id))
    lines = [line.order([visit for visit in facts.waiting if visit.group_id == group], 0, facts.now) for group in groups]
    turns = [visit for turn in zip_longest(*lines) for visit in turn if visit is not None]
    return tuple(visit.ticket for visit in turns[:NEXT])


def _calm(facts: Facts) -> str:
    """The quiet hours still to come today: "14:00–16:00"."""
    coming = [hour for hour in sorted(facts.calm) if clock.local(facts.now).hour < hour + 1]
    return ", ".join(t("hall.hours", opens=f"{first:02}:00", closes=f"{last + 1:02}:00") for first, last in _runs(coming))


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers one after another as first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs

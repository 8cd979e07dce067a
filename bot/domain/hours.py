"""When a center is open: the week, days that differ, the national calendar between them. Times of day are minutes since local midnight."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Date, and_, bindparam, delete, select, update
from sqlmodel import Session

from bot import clock
from bot.db import day as tables
from bot.db import locks, upsert
from bot.db.prepared import Prepared
from bot.domain import calendar
from bot.texts import t

MIDNIGHT = 24 * 60
AHEAD = 30  # days looked at for the next opening
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CENTER, _EXCEPTION = upsert.table(tables.Center), upsert.table(tables.DayException)
_WEEK = Prepared(select(_CENTER.c.week).where(_CENTER.c.id == bindparam("center")))
_CHOSEN = and_(_EXCEPTION.c.center_id == _CENTER.c.id, _EXCEPTION.c.date.between(bindparam("first", type_=Date), bindparam("last", type_=Date)))
# What `answered` reads; a booking asks for its seats in the same statement.
QUESTION = (
    select(_CENTER.c.week, _EXCEPTION.c.date, _EXCEPTION.c.spans, _EXCEPTION.c.reason)
    .select_from(_CENTER.outerjoin(_EXCEPTION, _CHOSEN))
    .where(_CENTER.c.id == bindparam("center"))
)
_HOURS = Prepared(QUESTION)
_TIME = r"([0-9]{1,2})(?:\s*(?:[:.hg]|giờ)\s*([0-9]{2})?)?"
_SPAN = re.compile(rf"\s*{_TIME}\s*(?:-|–|—|~|đến|tới|->)\s*{_TIME}\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;\n]|\bvà\b", re.IGNORECASE)
_CLOSED = frozenset(["", "nghỉ", "đóng", "đóng cửa", "nghỉ cả ngày", "-", "–"])


class Span(NamedTuple):
    """Open from `opens` to `closes`."""

    opens: int
    closes: int


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Week:
    """The hours of a usual week, Monday first."""

    days: tuple[Spans, ...] = ((),) * 7

    def on(self, weekday: int) -> Spans:
        """0 is Monday."""
        return self.days[weekday]


class Exception_(NamedTuple):  # noqa: N801
    """What staff decided for one day; no spans: closed."""

    spans: Spans
    reason: str = ""


@dataclass(frozen=True)
class DayHours:
    """One day. `reason`: why it is not like the week, or why it is closed, in words. `holiday`: the name of a national holiday."""

    date: dt.date
    spans: Spans
    reason: str = ""
    holiday: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.spans)

    def holds(self, opens: int, closes: int) -> bool:
        """Whether these minutes lie inside one span."""
        return any(span.opens <= opens and closes <= span.closes for span in self.spans)


class Change(NamedTuple):
    """What a change of hours or counters changed, and how it stood before: for the audit log."""

    before: dict[str, Any]
    after: dict[str, Any]


class NotHours(ValueError):
    """What was typed is no hours; the message is for the person who typed it."""


def parse(typed: str) -> Spans:
    """ "7:30-11:30, 13h30–17h" as spans in order; nothing, or "nghỉ", is closed. Raises NotHours."""
    typed = unicodedata.normalize("NFC", typed)
    if typed.strip().lower().rstrip(".") in _CLOSED:
        return ()
    return _in_order(sorted(_span(part) for part in _BETWEEN.split(typed) if part.strip()))


def _span(part: str) -> Span:
    match = _SPAN.fullmatch(part)
    said = part.strip()
    if match is None:
        raise NotHours(t("hours.wrong", said=said))
    minutes = [int(number or 0) for number in match.groups()]
    if max(minutes[1], minutes[3]) >= 60:
        raise NotHours(t("hours.wrong", said=said))
    opens, closes = minutes[0] * 60 + minutes[1], minutes[2] * 60 + minutes[3]
    if max(opens, closes) > MIDNIGHT:
        raise NotHours(t("hours.wrong_late", said=said))
    if opens >= closes:
        raise NotHours(t("hours.wrong_order", said=said))
    return Span(opens, closes)


def _in_order(spans: Iterable[Span]) -> Spans:
    """Spans that touch are one."""
    done: list[Span] = []
    for span in spans:
        if done and span.opens < done[-1].closes:
            raise NotHours(t("hours.wrong_overlap", first=said([done[-1]]), second=said([span])))
        if done and span.opens == done[-1].closes:
            span = Span(done.pop().opens, span.closes)  # noqa: PLW2901
        done.append(span)
    return tuple(done)


def typed(spans: Spans) -> str:
    """As `parse` reads it, for a form: 7:30-11:30, 13:30-17:00."""
    return ", ".join(f"{hour(span.opens)}-{hour(span.closes)}" for span in spans)


def said(spans: Sequence[Span]) -> str:
    """7:30–11:30 và 13:30–17:00."""
    parts = [t("hours.span", opens=hour(span.opens), closes=hour(span.closes)) for span in spans]
    return f"{', '.join(parts[:-1])} {t('hours.and')} {parts[-1]}" if len(parts) > 1 else "".join(parts)


def hour(minutes: int) -> str:
    """7:30"""
    return f"{minutes // 60}:{minutes % 60:02}"


def at(date: dt.date, minutes: int) -> dt.datetime:
    """The moment of these local minutes, in UTC; 24:00 is the midnight that ends the day."""
    midnight = dt.datetime.combine(date, dt.time(), clock.VIETNAM)
    return (midnight + dt.timedelta(minutes=minutes)).astimezone(dt.UTC)


def minutes(moment: dt.datetime) -> int:
    """Since local midnight."""
    local = clock.local(moment)
    return local.hour * 60 + local.minute


@lru_cache(maxsize=256)
def read_week(json_text: str) -> Week:
    """Days that are not named are closed."""
    read: Mapping[str, list[list[int]]] = json.loads(json_text)
    return Week(tuple(_spans(read.get(day, ())) for day in DAYS))


def dump_week(week: Week) -> str:
    return json.dumps({day: spans for day, spans in zip(DAYS, week.days, strict=True) if spans})


def read_spans(json_text: str) -> Spans:
    return _spans(json.loads(json_text))


def dump_spans(spans: Spans) -> str:
    return json.dumps(spans)


def _spans(read: Iterable[Sequence[int]]) -> Spans:
    return tuple(Span(opens, closes) for opens, closes in read)


def of_day(week: Week, exceptions: Mapping[dt.date, Exception_], date: dt.date) -> DayHours:
    """Staff's exception before the national calendar before the week."""
    own = exceptions.get(date)
    if own is not None:
        return DayHours(date, own.spans, own.reason or t("hours.own" if own.spans else "hours.closed_own"))
    special = calendar.special(date)
    if special is not None:
        return _special(week, special, date)
    spans = week.on(date.weekday())
    return DayHours(date, spans, "" if spans else t("hours.closed_weekday", weekday=clock.weekday(date)))


def _special(week: Week, special: calendar.Special, date: dt.date) -> DayHours:
    if special.like is not None:
        return DayHours(date, week.on(special.like.weekday()), t("hours.worked", day=clock.day(special.like)))
    if special.worked is not None:
        return DayHours(date, (), t("hours.closed_swapped", day=clock.day(special.worked)))
    return DayHours(date, (), t("hours.closed_holiday_guess" if special.guess else "hours.closed_holiday"), special.name)


def of_days(session: Session, center_id: str, first: dt.date, last: dt.date) -> dict[dt.date, DayHours]:
    """Every day from `first` to `last`, both included. A center nobody knows is closed."""
    return answered(_HOURS.rows(session, center=center_id, first=first, last=last), first, last)


def answered(rows: Sequence[tuple[Any, ...]], first: dt.date, last: dt.date) -> dict[dt.date, DayHours]:
    """`of_days` from the rows of QUESTION."""
    week = rows[0][0] if rows else "{}"
    chosen = {date: (spans, reason) for _, date, spans, reason, *_ in rows if date is not None}
    dates = (first + dt.timedelta(days=days) for days in range((last - first).days + 1))
    return {date: _of_day(week, chosen.get(date), date) for date in dates}


def lock(center_id: str) -> tuple[object, ...]:
    """The name of the lock on a center's hours: held alone by who changes them, shared by who books a time inside them."""
    return ("hours", center_id)


@lru_cache(maxsize=2048)
def _of_day(week: str, chosen: tuple[str, str] | None, date: dt.date) -> DayHours:
    """`of_day` over what stands in the tables."""
    own = {} if chosen is None else {date: Exception_(read_spans(chosen[0]), chosen[1])}
    return of_day(read_week(week), own, date)


def exceptions(session: Session, center_id: str, since: dt.date) -> dict[dt.date, Exception_]:
    """What staff decided for single days from `since` on, by date."""
    chosen = select(_EXCEPTION.c.date, _EXCEPTION.c.spans, _EXCEPTION.c.reason).where(_EXCEPTION.c.center_id == center_id, _EXCEPTION.c.date >= since)
    return {date: Exception_(read_spans(spans), reason) for date, spans, reason in session.execute(chosen.order_by(_EXCEPTION.c.date))}


def week_of(session: Session, center_id: str) -> Week:
    """The week as staff set it last."""
    row = _WEEK.first(session, center=center_id)
    return read_week(row[0]) if row is not None else Week()


def now_line(days: Mapping[dt.date, DayHours], *, now: dt.datetime) -> str:
    """ "Đang mở đến 11:30." `days`: today and as many after it as shall be searched for the next opening."""
    today, minute = days[clock.today(now)], minutes(now)
    for span in today.spans:
        if span.opens <= minute < span.closes:
            return t("hours.open", closes=hour(span.closes))
        if minute < span.opens:
            return t("hours.soon" if span == today.spans[0] else "hours.lunch", opens=hour(span.opens))
    return _until(today, next((days[date] for date in sorted(days) if date > today.date and days[date].spans), None))


def _until(today: DayHours, later: DayHours | None) -> str:
    rests = today.reason if today.reason.startswith(t("hours.closed_own")) else t("hours.closed_because", reason=today.reason)
    if later is None:
        return t("hours.shut") if today.spans else t("hours.rest", reason=rests)
    day, opens = clock.day(later.date), hour(later.spans[0].opens)
    return t("hours.shut_until", day=day, opens=opens) if today.spans else t("hours.rest_until", reason=rests, day=day, opens=opens)


def text(week: Week) -> str:
    """Thứ Hai đến thứ Sáu, 7:30–11:30 và 13:30–17:00. Thứ Bảy, 7:30–11:30."""
    parts = [_run(first, last, week.days[first]) for first, last in _runs(week) if week.days[first]]
    return " ".join(parts) or t("hours.never")


def _run(first: int, last: int, spans: Spans) -> str:
    names = clock.WEEKDAYS
    name = names[first][0].upper() + names[first][1:]
    return t("hours.one_day", first=name, spans=said(spans)) if first == last else t("hours.days", first=name, last=names[last], spans=said(spans))


def _runs(week: Week) -> list[tuple[int, int]]:
    """Days one after another with the same hours: first, last."""
    runs: list[tuple[int, int]] = []
    for day in range(7):
        if runs and week.days[day] == week.days[day - 1]:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def set_week(session: Session, center_id: str, week: Week, *, actor: str, now: dt.datetime) -> Change:
    """The hours from now on. The caller writes the audit, and sees to bookings that no longer fit."""
    before = read_week(_locked_week(session, center_id))
    session.execute(update(_CENTER).where(_CENTER.c.id == center_id).values(week=dump_week(week)))
    differ = [day for day in range(7) if before.on(day) != week.on(day)]
    return Change({DAYS[day]: typed(before.on(day)) for day in differ}, {DAYS[day]: typed(week.on(day)) for day in differ})


def set_exception(session: Session, center_id: str, date: dt.date, spans: Spans | None, reason: str = "", *, actor: str, now: dt.datetime) -> Change:
    """These hours on one day, none at all with `()`; None takes the exception back. Locked against another change of hours."""
    _locked_week(session, center_id)
    same = (_EXCEPTION.c.center_id == center_id, _EXCEPTION.c.date == date)
    row = session.execute(select(_EXCEPTION.c.spans, _EXCEPTION.c.reason).where(*same)).one_or_none()
    before = _told(date, Exception_(read_spans(row[0]), row[1]) if row is not None else None)
    after = _told(date, Exception_(spans, reason.strip()) if spans is not None else None)
    if before == after:
        return Change({}, {})
    session.execute(delete(_EXCEPTION).where(*same))
    if spans is not None:
        values = {"spans": dump_spans(spans), "reason": reason.strip(), "actor": actor, "created_at": now}
        session.execute(_EXCEPTION.insert().values(center_id=center_id, date=date, **values))
    return Change(before, after)


def _told(date: dt.date, exception: Exception_ | None) -> dict[str, Any]:
    if exception is None:
        return {}
    return {date.isoformat(): {"spans": typed(exception.spans), "reason": exception.reason}}


def _locked_week(session: Session, center_id: str) -> str:
    """Raises LookupError for a center that is not there. Waits until every booking made under the old hours can be seen."""
    locks.hold(session, *lock(center_id))
    found = session.execute(select(_CENTER.c.week).where(_CENTER.c.id == center_id).with_for_update()).scalar_one_or_none()
    if found is None:
        raise LookupError(center_id)
    return str(found)

"""What the province published, as a manager enters it: something to compare with where there are too few centers of one's own."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import Date, Select, String, bindparam, case, delete, or_, select
from sqlmodel import Session

from bot import clock, numbers
from bot.db import locks, upsert
from bot.db.figures import ProvinceFigure
from bot.db.prepared import Prepared
from bot.domain import audit, paging, periods
from bot.domain.paging import Listing, Order, Page, Turn
from bot.domain.periods import Period
from bot.texts import t

Unit = Literal["percent", "minutes", "of_five"]
Outcome = Literal["entered", "corrected", "same"]

# What can be compared, in the order of the table of all figures.
UNITS: Mapping[str, Unit] = {
    "wait": "minutes", "completeness": "percent", "on_time": "percent", "paused": "percent", "second_supplements": "percent",
    "satisfaction": "of_five", "response": "percent", "no_show": "percent", "questions_answered": "percent",
}  # fmt: skip
RANGES: Mapping[Unit, tuple[int, int]] = {"percent": (0, 100_00), "minutes": (0, 600_00), "of_five": (1_00, 5_00)}  # in hundredths
LONGEST_SOURCE = 200
A_PAGE = 36
MOST_COUNTED = 50_000
_VALUE = re.compile(r"([-−]?)([0-9]{1,6})(?:[.,]([0-9]{1,2}))?\s*(\D.*|/\s*5)?")
_WRITTEN: Mapping[Unit, re.Pattern[str]] = {
    "percent": re.compile(r"%|phần trăm"), "minutes": re.compile(r"phút|ph|p|['’]"),
    "of_five": re.compile(r"(?:/|trên)\s*(?:5|năm)(?:\s*điểm)?|điểm"),
}  # fmt: skip

_TABLE = upsert.table(ProvinceFigure)
_KEY = ("center_id", "first", "last", "indicator")
_SAID = ("value", "source", "source_date")
_RANKS = {name: rank for rank, name in enumerate(reversed(list(UNITS)), 1)}
_RANK = case(_RANKS, value=_TABLE.c.indicator, else_=0)
# The newest period first, of those that end together the shorter one; in it as in the table of all figures.
_ORDER = Order((_TABLE.c.last, _TABLE.c.first, _RANK, _TABLE.c.id), (dt.date, dt.date, int, int), falling=True)


class NotRight(ValueError):
    """What was typed cannot be; the message is for who typed it."""


class Told(NamedTuple):
    """`value`: in hundredths of a percent, a minute or a level."""

    indicator: str
    first: dt.date
    last: dt.date
    value: int
    source: str
    source_date: dt.date

    @property
    def about(self) -> tuple[str, dt.date, dt.date]:
        return self.indicator, self.first, self.last


class Kept(NamedTuple):
    """The same as it was entered."""

    id: int
    told: Told
    actor: str
    noted_at: dt.datetime


_TOLD = [_TABLE.c[name] for name in Told._fields]
_OF_PERIOD = Prepared(
    select(*_TOLD).where(
        _TABLE.c.center_id == bindparam("center", type_=String),
        _TABLE.c.first == bindparam("begins", type_=Date),
        _TABLE.c.last == bindparam("ends", type_=Date),
    )
)


# what somebody typed


def read_value(typed: str, indicator: str) -> int:
    """ "92,5", "92.5 %", "12 phút", "4,2/5" in hundredths. Raises NotRight."""
    unit = UNITS[indicator]
    found = _VALUE.fullmatch(typed.strip().rstrip(".").lower())
    if found is None or (found[4] and not _WRITTEN[unit].fullmatch(found[4].strip())):
        raise NotRight(t(f"province.no_{unit}"))
    value = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    low, high = RANGES[unit]
    if not low <= (-value if found[1] else value) <= high:
        raise NotRight(t(f"province.beyond_{unit}"))
    return value


def read_source(typed: str) -> str:
    """Raises NotRight."""
    said = " ".join(typed.split())
    if not said:
        raise NotRight(t("province.no_source"))
    if len(said) > LONGEST_SOURCE:
        raise NotRight(t("province.long_source", most=LONGEST_SOURCE))
    return said


def read_date(typed: str, period: Period | None, today: dt.date) -> dt.date:
    """When the source was written: not before the period began, where one is known. Raises NotRight."""
    try:
        date = dt.date.fromisoformat(typed)
    except ValueError:
        raise NotRight(t("province.no_date")) from None
    if date > today:
        raise NotRight(t("province.late_date"))
    if period is not None and date < period.first:
        raise NotRight(t("province.early_date", first=clock.date(period.first)))
    return date


def read_period(name: periods.Name, month: int, year: str, today: dt.date) -> Period:
    """Of that kind, with that month in it. Raises NotRight for one that has not begun."""
    if not re.fullmatch("[0-9]{4}", year) or int(year) >= periods.LATEST:
        raise NotRight(t("province.no_year"))
    if int(year) <= periods.EARLIEST:
        raise NotRight(t("province.early_year", first=periods.EARLIEST + 1))
    period = periods.of(name, dt.date(int(year), month, 1))
    if period.first > today:
        raise NotRight(t("province.not_begun"))
    return period


def written(value: int) -> str:
    """92,5"""
    return numbers.decimal(value / 100, 2).rstrip("0").rstrip(",")


# what is kept


def of_period(session: Session, center_id: str, first: dt.date, last: dt.date) -> dict[str, Told]:
    """For exactly these days, by indicator."""
    found = (Told(*row) for row in _OF_PERIOD.rows(session, center=center_id, begins=first, ends=last))
    return {told.indicator: told for told in found}


def turned(given: Mapping[str, str]) -> Turn:
    """What makes no sense counts as not given."""
    return paging.turned(given, _ORDER)


def listed(session: Session, center_id: str, turn: Turn = Turn()) -> Page[Kept]:  # noqa: B008
    """Where a mark leads out of the list, its first page."""
    wanted = _kept().where(_TABLE.c.center_id == center_id)
    return paging.page(session, Listing(wanted, _ORDER, _found, _key, A_PAGE, MOST_COUNTED), turn)


def _found(session: Session, wanted: Select[Any]) -> list[Kept]:
    return [_read(row) for row in session.execute(wanted)]


def _key(one: Kept) -> paging.Mark:
    return one.told.last, one.told.first, _RANKS.get(one.told.indicator, 0), one.id


def newest(session: Session, center_id: str) -> Kept | None:
    """The one entered last."""
    last = _kept().where(_TABLE.c.center_id == center_id).order_by(_TABLE.c.noted_at.desc(), _TABLE.c.id.desc()).limit(1)
    return next(iter(_found(session, last)), None)


def find(session: Session, center_id: str, number: int) -> Kept | None:
    """None for that of another center."""
    row = session.execute(_kept().where(_TABLE.c.id == number, _TABLE.c.center_id == center_id)).one_or_none()
    return _read(row) if row is not None else None


def enter(session: Session, center_id: str, told: Told, *, actor: str, now: dt.datetime, instead_of: int = 0) -> Outcome:
    """The last one entered for an indicator and a period holds. `instead_of`: the row to be corrected; it goes when it was about another one."""
    locks.hold(session, "province", center_id)
    wrong = find(session, center_id, instead_of) if instead_of else None
    moved = wrong if wrong is not None and wrong.told.about != told.about else None
    stood = _standing(session, center_id, told)
    changed = _write(session, center_id, told, actor=actor, now=now)
    if moved is not None:
        session.execute(delete(_TABLE).where(_TABLE.c.id == moved.id))
        if stood is not None and changed:
            _note(session, center_id, "province.drop", (stood.told, None), actor=actor, now=now)
    before = moved or stood
    if before is None:
        _note(session, center_id, "province.enter", (None, told), actor=actor, now=now)
    elif changed or moved:
        _note(session, center_id, "province.correct", (before.told, told), actor=actor, now=now)
    return "entered" if before is None else "corrected" if changed or moved else "same"


def take_away(session: Session, center_id: str, number: int, *, actor: str, now: dt.datetime) -> bool:
    """Whether it was there."""
    locks.hold(session, "province", center_id)
    gone = session.execute(delete(_TABLE).where(_TABLE.c.id == number, _TABLE.c.center_id == center_id).returning(*_TOLD)).one_or_none()
    if gone is not None:
        _note(session, center_id, "province.drop", (Told(*gone), None), actor=actor, now=now)
    return gone is not None


def _standing(session: Session, center_id: str, told: Told) -> Kept | None:
    same = (_TABLE.c[name] == value for name, value in zip(_KEY, (center_id, told.first, told.last, told.indicator), strict=True))
    row = session.execute(_kept().where(*same)).one_or_none()
    return _read(row) if row is not None else None


def _write(session: Session, center_id: str, told: Told, *, actor: str, now: dt.datetime) -> bool:
    """Whether that says anything new."""
    row = upsert.insert(session, ProvinceFigure, center_id=center_id, **told._asdict(), actor=actor, noted_at=now)
    new = {name: row.excluded[name] for name in (*_SAID, "actor", "noted_at")}
    differs = or_(*(_TABLE.c[name] != row.excluded[name] for name in _SAID))
    made = row.on_conflict_do_update(index_elements=_KEY, set_=new, where=differs)
    return session.execute(made.returning(_TABLE.c.id)).scalar_one_or_none() is not None


def _kept() -> Select[Any]:
    return select(_TABLE.c.id, _TABLE.c.actor, _TABLE.c.noted_at, *_TOLD)


def _read(row: Any) -> Kept:
    number, actor, noted_at = row[:3]
    return Kept(number, Told(*row[3:]), actor, noted_at)


def _note(session: Session, center_id: str, action: str, change: Sequence[Told | None], *, actor: str, now: dt.datetime) -> None:
    before, after = change
    about = after or before
    assert about is not None
    subject, said = t(f"figures.is_{about.indicator}"), {"before": _words(before), "after": _words(after)}
    audit.write(session, actor=actor, center_id=center_id, action=action, subject=subject, **said, now=now)


def _words(told: Told | None) -> dict[str, str] | None:
    if told is None:
        return None
    days = t("province.days", first=clock.date(told.first), last=clock.date(told.last))
    return {
        "figure": t(f"figures.is_{told.indicator}"), "days": days, "value": written(told.value), "source": told.source,
        "source_date": clock.date(told.source_date),
    }  # fmt: skip

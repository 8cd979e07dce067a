"""The audit log: who did what, filtered and paged, and as a table to take along."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, texts
from bot.console import desk as desks
from bot.console import exports
from bot.console.desk import Desk
from bot.console.exports import File, Taken
from bot.db.staff import Audit
from bot.domain import audit, roster
from bot.domain.centers import Center
from bot.domain.roles import EVERYWHERE, Member
from bot.texts import t

SLUG = "nhat-ky"
A_PAGE = 50
MOST_ROWS = 50_000  # of one table; a longer time is taken along day by day
# A spreadsheet takes a cell that begins so for a formula, https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/nhat-ky", show), desks.get(desk, "/{center}/nhat-ky.csv", table)]


class Line(NamedTuple):
    """A row in words. `changes`: what it was → what it is."""

    id: int
    at: dt.datetime
    actor: str
    action: str
    subject: str
    changes: tuple[str, ...]


class Shown(NamedTuple):
    lines: tuple[Line, ...]
    more: bool
    actors: tuple[tuple[str, str], ...]
    actions: tuple[tuple[str, str], ...]
    newest: str


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "audit.read")
    chosen, day = _filter(request, member, center)
    below = request.query_params.get("truoc", "")
    places = {center.id: center.place for center in desk.premises.directory.all}
    found = await desk.store.read(_read, chosen, int(below) if below.isdecimal() and len(below) < 19 else 0, places)
    kept = {name: value for name, value in (("ngay", day), ("ai", chosen.actor), ("viec", chosen.action)) if value}
    here = desks.at(center, SLUG)
    older = f"{here}?{urlencode(kept | {'truoc': found.lines[-1].id})}" if found.more else ""
    chosen_words = {"day": day, "actor": chosen.actor, "action": chosen.action}
    return desk.html(
        "console/log.html", request, member, center,
        found=found, chosen=chosen_words, older=older, first=not below, csv=f"{here}.csv?{urlencode(kept)}",
    )  # fmt: skip


def _filter(request: Request, member: Member, center: Center) -> tuple[audit.Filter, str]:
    """What the address asks for, and the day as it was typed. Whoever reads everywhere sees what belongs to no one center, too."""
    centers = (center.id, "") if member.may("audit.read", EVERYWHERE) else (center.id,)
    asked = request.query_params
    try:
        day = dt.date.fromisoformat(asked.get("ngay", ""))
        since = dt.datetime.combine(day, dt.time(), clock.VIETNAM).astimezone(dt.UTC)
        return audit.Filter(centers, since, since + dt.timedelta(days=1), asked.get("ai", ""), asked.get("viec", "")), day.isoformat()
    except (ValueError, OverflowError):
        return audit.Filter(centers, actor=asked.get("ai", ""), action=asked.get("viec", "")), ""


def _read(session: Session, chosen: audit.Filter, below: int, places: Mapping[str, str]) -> Shown:
    rows = audit.read(session, chosen, below=below, limit=A_PAGE + 1)
    actors, actions = audit.met(session, chosen.centers)
    names = roster.names(session, [*actors, *(row.subject for row in rows)])
    return Shown(
        tuple(_line(row, names, places) for row in rows[:A_PAGE]),
        len(rows) > A_PAGE,
        tuple((actor, _name(actor, names)) for actor in actors),
        tuple((action, _action(action)) for action in actions),
        audit.newest(session)[:12],
    )


def _line(row: Audit, names: Mapping[str, str], places: Mapping[str, str]) -> Line:
    assert row.id is not None
    before, after = _values(row.before), _values(row.after)
    deed, subject = _action(row.action), _name(row.subject, names)
    if row.action.endswith(exports.ACTION) and (file := after.pop(exports.FILE, "")):  # "Xuất số liệu: Tháng 10/2026 (CSV)"
        deed, subject = (deed, f"{subject} ({file})") if subject else (f"{deed} ({file})", "")
    return Line(row.id, row.at, _name(row.actor, names), deed, subject, tuple(_changes(before, after, places)))


def _name(actor: str, names: Mapping[str, str]) -> str:
    """ "chị Hạnh (3)"; whoever is not on the staff by the words there are for them."""
    if actor in names:
        return f"{names[actor]} ({actor.partition(':')[2]})"
    return _worded(f"console.actor_{actor}", actor)


def _action(action: str) -> str:
    return _worded(f"console.act_{action.replace('.', '_')}", action)


def _worded(key: str, otherwise: str) -> str:
    """The sentence of that key if somebody wrote one, else the word that is stored."""
    return texts.sentences().get(key, otherwise)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], places: Mapping[str, str]) -> Iterable[str]:
    for name in sorted(before.keys() | after.keys()):
        was, now = (_value(name, values.get(name), places) for values in (before, after))
        label = _worded(f"console.field_{name}", name)
        if was == now or not before or not after:
            yield t("console.change_is", field=label, now=now if after else was)
        else:
            yield t("console.change", field=label, was=was, now=now)


def _values(text: str) -> dict[str, Any]:
    try:
        read = json.loads(text or "{}")
    except ValueError:  # somebody wrote into the table by hand: `motcua audit verify` tells
        return {"": text}
    return read if isinstance(read, dict) else {"": read}


def _value(name: str, value: Any, places: Mapping[str, str]) -> str:
    match value:
        case None:
            return t("console.no_value")
        case list():
            return ", ".join(_value(name, one, places) for one in value)
        case str() if name == "scope":
            return t("console.everywhere") if value == EVERYWHERE else places.get(value, value)
        case str() if name in ("role", "channel"):
            return _worded(f"console.role_{value}" if name == "role" else f"privacy.channel_{value}", value)
        case str():
            return value
    return json.dumps(value, ensure_ascii=False)


async def table(desk: Desk, request: Request) -> Response:
    """The same rows for a spreadsheet. Taking them along is itself written down."""
    member, center = await desk.page(request, "audit.read")
    chosen, day = _filter(request, member, center)
    body = await desk.store.read(_csv, chosen)
    told = {"day": day, "actor": chosen.actor, "action": chosen.action}
    made = File(f"nhat-ky-{center.id}{f'-{day}' if day else ''}", "csv", body)
    return await exports.send(desk, Taken(member, center.id, "audit.export", told=told), made)


def _csv(session: Session, chosen: audit.Filter) -> bytes:
    rows = audit.read(session, chosen, limit=MOST_ROWS)
    names = roster.names(session, {word for row in rows for word in (row.actor, row.subject)})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([t(f"console.csv_{column}") for column in ("id", "at", "actor", "action", "subject", "before", "after", "digest")])
    for row in rows:
        moment = clock.local(row.at).isoformat(sep=" ", timespec="seconds")
        cells = (str(row.id), moment, _name(row.actor, names), row.action, _name(row.subject, names), row.before, row.after, row.digest)
        writer.writerow([harmless(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # without the mark a spreadsheet reads UTF-8 as something else


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

"""`motcua center check|show`."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Annotated

import typer
from sqlmodel import Session

from bot import clock, settings
from bot.commands import single
from bot.db import schema
from bot.db.store import Store
from bot.domain import centers, counters, hours
from bot.domain.centers import Center, Directory
from procedures import loader

app = typer.Typer(help="Check the file of your center (MOTCUA_CENTER_FILE), and show hours, days that differ and counters.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Read the file as `motcua run` would: a line a mistake, or a line a center."""
    for center in _read(settings.read()):
        print(f"{center.id}: {center.name}{' (SAMPLE)' if center.sample else ''}, {len(center.groups)} groups, {len(center.counters)} counters")


@app.command()
def show(days: Annotated[int, typer.Option(min=1, max=400, help="How far to look for days that are not like the week")] = 60) -> None:
    """Hours and counters as they are now: what staff set in the console, or the file's where the service never ran."""
    chosen = settings.read()
    directory, now = Directory(_read(chosen)), clock.now()
    store = Store(chosen.database)
    try:
        if schema.is_current(store.engine):
            asyncio.run(store.read(directory.refresh))
            for center in directory.all:
                print("\n".join([*_said(center, now, days), *asyncio.run(store.read(_counters, center.id))]))
        else:
            for center in directory.all:
                print("\n".join(_said(center, now, days)))
    finally:
        store.close()


def _read(chosen: settings.Settings) -> tuple[Center, ...]:
    catalog = loader.load(overlays=chosen.overlays, cache_dir=chosen.cache_dir)
    return centers.read(chosen.center_file, catalog.fields)


def _said(center: Center, now: dt.datetime, days: int) -> Iterator[str]:
    yield f"{center.id}: {center.name}"
    yield f"  {center.hours}"
    yield f"  {center.now_line(now)}"
    today = clock.today(now)
    for date in (today + dt.timedelta(days=number) for number in range(days)):
        day = center.day(date)
        if day.spans != center.week.on(date.weekday()) or (day.spans and day.reason):
            name = f" ({day.holiday})" if day.holiday else ""
            yield f"  {clock.weekday(date)} {clock.date(date)}: {': '.join(filter(None, [day.reason + name, hours.said(day.spans)]))}"


def _counters(session: Session, center_id: str) -> list[str]:
    letters = {group.id: group.letter for group in counters.groups(session, center_id)}
    lines = [_group(group) for group in counters.groups(session, center_id)]
    for desk in counters.counters(session, center_id):
        serves = ", ".join(letters[served] for served in desk.serves)
        lines.append(f"  counter {desk.number}: {serves}{'' if desk.active else ' (closed)'}")
    return lines


def _group(group: counters.Group) -> str:
    fields = ", ".join(group.fields) or "everything else"
    closed = "" if group.active else " (closed)"
    return f"  {group.letter} {group.name}: {fields}; {group.seats} seats in {group.slot_minutes} min, {group.service_minutes} min a visit{closed}"


command = single(app)

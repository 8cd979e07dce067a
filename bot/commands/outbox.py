"""`motcua outbox`: what waits, what was refused; try a row again or drop it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlmodel import Session

from bot import clock, errors, settings
from bot.commands import single
from bot.db import schema
from bot.db.store import Store
from bot.domain import audit, departures, outbox, senders, stranded
from bot.domain.departures import Deed

app = typer.Typer(help="What leaves: how much waits, since when, and single rows.", no_args_is_help=False, invoke_without_command=True)

Number = Annotated[int, typer.Argument(help="The number of the row, as the page “Gửi đi” and the log show it")]


ADVICE = "set its token again; or motcua outbox move {0}; or motcua outbox clear {0}"


@app.callback()
def counts(context: typer.Context) -> None:
    """How many rows are in each state, the oldest that waits, and the rate of every bot."""
    if context.invoked_subcommand is None:
        with _store() as store:
            print("\n".join(asyncio.run(store.read(_said, now=clock.now()))))


def _said(session: Session, *, now: dt.datetime) -> list[str]:
    found = outbox.counts(session)
    said = [f"{state:<8} {number}" for state, number in sorted(found.items())] or ["nothing was ever queued"]
    for line in departures.lines(session, now=now):
        since = f", the oldest for {(now - line.oldest).total_seconds():.0f} s" if line.oldest else ""
        said.append(f"{line.bot}: {line.waiting} waiting, {line.under_way} on their way{since}; {line.a_minute} sent in the last minute")
    pauses = senders.pauses(session, now=now)
    said += [
        f"{left.bot}: {left.waiting} waiting since {clock.local(left.since):%d/%m/%Y %H:%M}, and nobody here serves it -> {ADVICE.format(left.bot)}"
        for left in stranded.of(session)
    ]
    return [*said, *(f"{pause.bot}: told to wait {(pause.until - now).total_seconds():.0f} s more ({pause.reason})" for pause in pauses)]


@app.command()
def retry(number: Number) -> None:
    """Try a row (again): refused, unknown, or before its time."""
    _act(number, "retry")


@app.command()
def drop(number: Number) -> None:
    """Do not send a row that is to be tried again."""
    _act(number, "drop")


Bot = Annotated[str, typer.Argument(help="A bot nobody serves, as `motcua outbox` names it")]


@app.command()
def move(bot: Bot) -> None:
    """Send what waits for a bot nobody serves to other accounts of the same people, as far as they have one that works."""
    with _store() as store:
        moved = asyncio.run(store.write(stranded.move, bot, actor=audit.CLI, now=clock.now()))
        print(f"{moved} moved; {asyncio.run(store.read(_left, bot))} left")


@app.command()
def clear(bot: Bot) -> None:
    """Do not send anything that waits for a bot nobody serves."""
    with _store() as store:
        print(f"{asyncio.run(store.write(stranded.drop, bot, actor=audit.CLI, now=clock.now()))} dropped")


def _left(session: Session, bot: str) -> int:
    return sum(left.waiting for left in stranded.of(session) if left.bot == bot)


def _act(number: int, deed: Deed) -> None:
    with _store() as store:
        if not asyncio.run(store.write(_acted, number, deed, now=clock.now())):
            raise errors.MotCuaError(f"row {number}: there is none, or it cannot be done to it as it is now; `motcua outbox` shows the states")


def _acted(session: Session, number: int, deed: Deed, *, now: dt.datetime) -> bool:
    row = departures.get(session, number)
    return row is not None and departures.act(session, row, deed, actor=audit.CLI, now=now)


@contextmanager
def _store() -> Iterator[Store]:
    store = Store(settings.read().database)
    try:
        if not schema.is_current(store.engine):
            raise errors.MotCuaError("there is no database of this version yet; motcua db up")
        yield store
    finally:
        store.close()


command = single(app)

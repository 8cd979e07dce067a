"""`motcua staff add|link|list|role|off|on`: the first way in, and the last one when nobody can sign in any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar, get_args

import typer
from sqlmodel import Session

from bot import clock, errors, settings
from bot.commands import single
from bot.db import schema
from bot.db.enums import Role
from bot.db.store import Store
from bot.domain import audit, centers, roster, staff
from bot.domain.roles import EVERYWHERE
from bot.settings import Settings

app = typer.Typer(help="Add staff, print sign-in links, change roles. In the console, leads do the same for their center.", no_args_is_help=True)

T = TypeVar("T")
PAGE = "/ban-lam-viec/vao"
ROLES = ", ".join(get_args(Role))
Center = Annotated[
    str, typer.Option(help="Id of the center, or * for all; may be left out where there is only one. An admin is for all unless told otherwise")
]
Who = Annotated[str, typer.Argument(help="Name or number, as `motcua staff list` shows them")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help='What colleagues call them, such as "chị Hạnh"')],
    role: Annotated[str, typer.Option(help=ROLES)],
    center: Center = "",
) -> None:
    """Somebody new; prints the link that signs them in once."""
    chosen = settings.read()
    given, scope = _role(role), _scope(chosen, center, role)
    if not name.split():
        raise errors.MotCuaError("a name is missing")

    def work(session: Session) -> tuple[int, str | None]:
        made = staff.create(session, name, scope, given, actor=audit.CLI, now=clock.now())
        return made, staff.link(session, made, "sign_in", actor=audit.CLI, now=clock.now())

    number, token = _write(chosen, work)
    print(f"{name} ({number}): {role} at {_where(scope)}")
    _print_link(chosen, token)


@app.command()
def link(who: Who) -> None:
    """A fresh link that signs them in once."""
    chosen = settings.read()
    known = _find(chosen, who)
    token = _write(chosen, lambda session: staff.link(session, known.member.id, "sign_in", actor=audit.CLI, now=clock.now()))
    if token is None:
        raise errors.MotCuaError(f"{known.member.name} ({known.member.id}) is switched off; `motcua staff on {known.member.id}` first")
    print(f"{known.member.name} ({known.member.id})")
    _print_link(chosen, token)


@app.command("list")
def list_() -> None:
    """Everybody with their roles, those who left last."""
    people = _write(settings.read(), roster.everyone)
    for known in people:
        roles = ", ".join(f"{role} at {_where(scope)}" for scope, role in sorted(known.member.roles.items())) or "no role"
        seen = f", last seen {clock.local(known.seen_at):%Y-%m-%d %H:%M}" if known.seen_at else ""
        print(
            f"{known.member.id:>4}  {known.member.name}: {roles}{', chat connected' if known.accounts else ''}{seen}{'' if known.active else ', OFF'}"
        )
    if not people:
        print('nobody yet; motcua staff add "chị Hạnh" --role admin')


@app.command("role")
def role_(who: Who, role: Annotated[str, typer.Argument(help=f"{ROLES}; none takes it away")], center: Center = "") -> None:
    """Another role at one center."""
    chosen = settings.read()
    known, given = _find(chosen, who), None if role == "none" else _role(role)
    scope = _scope(chosen, center, role)
    _write(chosen, lambda session: staff.set_role(session, known.member.id, scope, given, actor=audit.CLI, now=clock.now()))
    print(f"{known.member.name} ({known.member.id}): {role} at {_where(scope)}")


@app.command()
def off(who: Who) -> None:
    """Out at once: sessions end, links and chats are let go."""
    chosen = settings.read()
    known = _find(chosen, who)
    changed = _write(chosen, lambda session: staff.deactivate(session, known.member.id, actor=audit.CLI, now=clock.now()))
    print(f"{known.member.name} ({known.member.id}): {'switched off' if changed else 'was off already'}")


@app.command()
def on(who: Who) -> None:
    """Back with the roles they had."""
    chosen = settings.read()
    known = _find(chosen, who)
    changed = _write(chosen, lambda session: staff.activate(session, known.member.id, actor=audit.CLI, now=clock.now()))
    print(f"{known.member.name} ({known.member.id}): {'switched on' if changed else 'was on already'}")


def _role(word: str) -> Role:
    found = next((role for role in get_args(Role) if role == word), None)
    if found is None:
        raise errors.MotCuaError(f"{word!r} is no role; there are {ROLES}")
    return found  # type: ignore[no-any-return]  # get_args knows no types


def _scope(chosen: Settings, center: str, role: str) -> str:
    if center == EVERYWHERE or (not center and role == "admin"):
        return EVERYWHERE
    ids = [found.id for found in centers.read(chosen.center_file)]
    if not center and len(ids) == 1:
        return ids[0]
    if center not in ids:
        raise errors.MotCuaError(f"--center wants one of {', '.join(ids)}, or * for all")
    return center


def _where(scope: str) -> str:
    return "all centers" if scope == EVERYWHERE else scope


def _find(chosen: Settings, who: str) -> roster.Known:
    people = _write(chosen, roster.everyone)
    found = [known for known in people if who in (str(known.member.id), known.member.name) or known.member.name.casefold() == who.casefold()]
    if not found:
        raise errors.MotCuaError(f"nobody is called {who!r}; see motcua staff list")
    if len(found) > 1:
        raise errors.MotCuaError(f"{who!r} may be any of the numbers {', '.join(str(known.member.id) for known in found)}; say which number")
    return found[0]


def _print_link(chosen: Settings, token: str | None) -> None:
    minutes = int(staff.LIVES["sign_in"].total_seconds() // 60)
    print(f"Opens the console once, within {minutes} minutes:\n  {chosen.address}{PAGE}/{token}")


def _write(chosen: Settings, work: Callable[[Session], T]) -> T:
    store = _opened(chosen)
    try:
        return asyncio.run(_done(store, work))
    finally:
        store.close()


async def _done(store: Store, work: Callable[[Session], T]) -> T:
    return await store.write(work)


def _opened(chosen: Settings) -> Store:
    """The configured database, brought up to date as `motcua run` does."""
    store = Store(chosen.database)
    if not schema.is_current(store.engine):
        schema.upgrade(store.engine)
    return store


command = single(app)

"""Whose work an obstacle is, in the chat and on the page alike: given once, and told to whoever has it now and whoever had it before; done,
and told to whoever gave it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal, NamedTuple

from sqlmodel import Session

from bot import clock
from bot.conversation import memory
from bot.conversation.context import Premises, numbered, option
from bot.domain import colleagues, digest, outbox, people, roster
from bot.domain.colleagues import Chat
from bot.domain.digest import Digest, Line
from bot.domain.roles import Action, Member
from bot.messages import Choice, Reply, Say
from bot.texts import t
from handlers import digest_words, payloads

DOES: Action = "queue.work"  # who has it does the center's daily work, and can be given some
# told, untold: it is theirs now, and they have a chat or none; own: the giver's; back: nobody's; same: it was theirs already;
# late: somebody changed it first; gone: they cannot be given any.
Outcome = Literal["told", "untold", "own", "back", "same", "late", "gone"]


class Given(NamedTuple):
    """How it went, and with whom."""

    outcome: Outcome
    name: str = ""

    @property
    def fine(self) -> bool:
        """It stands as it was wished."""
        return self.outcome not in ("late", "gone")

    @property
    def words(self) -> str:
        return t(f"digest.give_{self.outcome}", name=self.name)


class Wish(NamedTuple):
    """Make the line the work of `to` instead of `was`, whom the giver (`by`) saw there: numbers of staff, 0 nobody."""

    one: Digest
    line: Line
    to: int
    was: int
    by: Member


def staff(session: Session, center_id: str) -> list[Member]:
    """Who can be given work there."""
    return colleagues.able(session, center_id, DOES)


def give(session: Session, premises: Premises, wish: Wish, *, now: dt.datetime) -> Given:
    """Both are told, the giver never."""
    one, to = wish.one, wish.to
    able = {member.id: member for member in staff(session, one.center_id)}
    if to and to not in able:
        return Given("gone")
    chats, before = _locked(session, to, wish.by, now=now), _locked(session, wish.was, wish.by, now=now)
    if not digest.give(session, one.center_id, wish.line.id, _actor(to), _actor(wish.was), actor=wish.by.actor, now=now):
        return _refused(session, wish)
    name = able[to].name if to else ""
    tell(session, chats, _asked(premises, wish), now=now)
    tell(session, before, _relieved(premises, wish, name), now=now)
    return Given("back" if not to else "own" if to == wish.by.id else "told" if chats else "untold", name)


def _actor(number: int) -> str:
    return f"staff:{number}" if number else ""


def _locked(session: Session, number: int, by: Member, *, now: dt.datetime) -> list[Chat]:
    """Their chats, whose dialogs wait until this is over: locked before the line, as somebody does who ticks it off in a chat."""
    chats = sorted(colleagues.chats(session, [number])) if number not in (0, by.id) else []
    for chat in chats:
        people.account_of(session, chat.bot, chat.address, now=now)
    return chats


def _refused(session: Session, wish: Wish) -> Given:
    """Pressed twice it was given already; else somebody else was first."""
    current = digest.holding(session, wish.line.id)
    line = current.line(wish.line.id) if current is not None else None
    if line is None or line.done_at is not None or line.owner != wish.to:
        return Given("late")
    return Given("same" if wish.to else "back", roster.names(session, [line.given_to]).get(line.given_to, ""))


def _asked(premises: Premises, wish: Wish) -> Reply:
    place, day = digest_words.place(premises, wish.one.center_id), clock.day(wish.one.day)
    said = t("digest.asked", by=_begins(wish.by.name), place=place, day=day, line=digest_words.line(premises, wish.one, wish.line))
    return Reply(blocks=(Say(text=said),), choices=own_choices(premises, wish.one, wish.line, done=False), key=_key(wish))


def _begins(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def own_choices(premises: Premises, one: Digest, line: Line, *, done: bool) -> tuple[Choice, ...]:
    """What whoever has the work can do with it."""
    tick = option(t("digest.untick"), payloads.TickObstacle(line.id, done=False))
    if not done:
        tick = option(t("digest.done_word"), payloads.TickObstacle(line.id, done=True), words=("xong roi", "da xong", "lam xong roi"))
    page = f"{premises.address}{digest_words.address(one.center_id, digest_words.SLUG)}?ngay={one.day}"
    return numbered((tick, Choice(number=-1, label=t("digest.own_open"), link=page)))


def _relieved(premises: Premises, wish: Wish, name: str) -> Reply:
    line = digest_words.line(premises, wish.one, wish.line)
    said = t("digest.passed_on", name=name, line=line) if wish.to else t("digest.taken_back", line=line)
    return Reply(blocks=(Say(text=said),), key=_key(wish))


def _key(wish: Wish) -> str:
    return f"digest-line:{wish.line.id}"


class Tick(NamedTuple):
    """Tick the line off, or take that back (not `done`). `own`: only as the work of `by`."""

    one: Digest
    line: Line
    done: bool
    by: Member
    own: bool = False


def tick(session: Session, premises: Premises, wish: Tick, *, now: dt.datetime) -> bool:
    """Whoever gave it, and whoever has it, are told what somebody else did. False when it stands so already, or is not the work of `by`."""
    line, by = wish.line, wish.by
    concerned = sorted({int(line.given_by.removeprefix("staff:") or 0), line.owner})
    chats = [chat for number in concerned for chat in _locked(session, number, by, now=now)]
    if not digest.tick(session, wish.one.center_id, line.id, done=wish.done, actor=by.actor, own=wish.own, now=now):
        return False
    tell(session, chats, Reply(blocks=(Say(text=_ticked(session, premises, wish)),)), now=now)
    return True


def _ticked(session: Session, premises: Premises, wish: Tick) -> str:
    line, by = digest_words.line(premises, wish.one, wish.line), _begins(wish.by.name)
    if wish.line.owner in (0, wish.by.id):
        return t("digest.told_done", by=by, line=line) if wish.done else t("digest.told_undone", by=by, line=line)
    name = roster.names(session, [wish.line.given_to]).get(wish.line.given_to, "")
    return t("digest.told_done_of", by=by, name=name, line=line) if wish.done else t("digest.told_undone_of", by=by, name=name, line=line)


def tell(session: Session, chats: Iterable[Chat], reply: Reply, *, now: dt.datetime, not_after: dt.datetime | None = None) -> None:
    """Nobody there asked for it: from now on numbers mean its lines."""
    for chat in chats:
        account = people.find(session, chat.bot, chat.address)
        if account is not None and account.id is not None and reply.choices:
            memory.menu(session, account.id, reply.choices, now=now)
        outbox.put(session, chat.bot, chat.address, reply, now=now, not_after=not_after)

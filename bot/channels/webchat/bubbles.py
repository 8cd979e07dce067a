"""The log as bubbles: each message cut into the pieces the page draws, with the presses of its menu. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot import clock, errors
from bot.channels.webchat.log import Answered, Log, Said, checklist_of
from bot.conversation.context import Premises
from bot.messages import Attached, Block, Choice, Page, Papers, Reply, Say, State
from bot.texts import t
from handlers import payloads

FILES = "/tep"


@dataclass(frozen=True)
class Menu:
    """The lines to choose from. Only in an `open` one all stand in view; of an older one the chosen line does. `row`: whose menu it is."""

    row: int
    ask: str
    why: str
    step: str
    choices: tuple[Choice, ...]
    picked: Choice | None
    open: bool
    current: bool
    many: bool

    @property
    def numbers(self) -> str:
        return ", ".join(str(choice.number) for choice in self.choices if not choice.link.startswith("#"))


@dataclass(frozen=True)
class Bubble:
    """One piece. `key` names it on every drawing, `version` changes when it must be drawn anew; `who` heads a message. `file`: the
    address of its picture or file."""

    kind: str
    key: str
    version: str
    who: str = ""
    lines: tuple[str, ...] = ()
    block: Block | None = None
    menu: Menu | None = None
    checklist: int = 0
    newest: bool = False
    file: str = ""


def of(log: Log, premises: Premises, *, now: dt.datetime) -> list[Bubble]:
    """All bubbles in order; the first one of the newest answer is marked, for the address `#moi`."""
    made: list[Bubble] = []
    newest = _newest(log)
    last = log.entries[-1] if log.entries else None
    for entry in log.entries:
        if isinstance(entry, Said):
            made.append(_said(entry, now, newest=entry is newest))
        else:
            made += _answer(entry, premises, now, opened=entry.current or entry is last, newest=entry is newest)
    return made


def _newest(log: Log) -> Said | Answered | None:
    """The first answer after the last thing said, or that thing itself."""
    following = None
    for entry in reversed(log.entries):
        if isinstance(entry, Said):
            return following or entry
        following = entry
    return following


def _said(entry: Said, now: dt.datetime, *, newest: bool) -> Bubble:
    lines = tuple(line for line in entry.incoming.text.split("\n") if line.strip()) or (t(f"web.sent_{entry.incoming.kind}"),)
    return Bubble("me", f"n{entry.id}", "1", f"{t('web.who_me')} · {stamp(entry.at, now)}", lines, newest=newest)


def _answer(entry: Answered, premises: Premises, now: dt.datetime, *, opened: bool, newest: bool) -> Iterator[Bubble]:
    """Paragraphs together, each card by itself, the menu in the card it belongs to or by itself."""
    menu = _menu(entry, premises, opened=opened)
    pieces = _pieces(entry.reply)
    home = len(pieces) - 1 if menu is not None and pieces and _holds_menu(pieces[-1], menu) else None
    if menu is not None and home is None:
        pieces.append(("menu", (), None))
    for place, (kind, lines, block) in enumerate(pieces):
        held = menu if place == (home if home is not None else len(pieces) - 1) else None
        who = f"{t('web.who_bot')} · {stamp(entry.at, now)}" if place == 0 else ""
        version = _version(entry, block, held)
        file = f"{FILES}/{entry.row}/{block.attachment}" if isinstance(block, Attached) and block.attachment else ""
        yield Bubble(kind, f"m{entry.id}-{place}", version, who, lines, block, held, checklist_of(entry.reply) or 0, newest and place == 0, file)


Piece = tuple[str, tuple[str, ...], Block | None]


def _pieces(reply: Reply) -> list[Piece]:
    pieces: list[Piece] = []
    for block in reply.blocks:
        if not isinstance(block, Say):
            pieces.append((block.kind, (), block))
        elif pieces and pieces[-1][0] == "say":
            pieces[-1] = ("say", (*pieces[-1][1], block.text), None)
        else:
            pieces.append(("say", (block.text,), None))
    return pieces


def _holds_menu(piece: Piece, menu: Menu) -> bool:
    """A card of state carries its menu; a paragraph does when nothing is asked above the lines."""
    return isinstance(piece[2], State | Page) or (piece[0] == "say" and not menu.ask)


def _menu(entry: Answered, premises: Premises, *, opened: bool) -> Menu | None:
    reply = entry.reply
    if not reply.choices:
        return None
    choices = tuple(_on_page(choice, entry, premises) for choice in reply.choices)
    picked = next((choice for choice in choices if choice.number == entry.picked), None)
    return Menu(entry.row, reply.ask, reply.why, reply.step, choices, picked, opened, entry.current, reply.many)


def _on_page(choice: Choice, entry: Answered, premises: Premises) -> Choice:
    """On a page boxes are pressed where they stand and the printed list is one link away."""
    papers = next((block for block in entry.reply.blocks if isinstance(block, Papers)), None)
    meant = _payload(choice)
    if papers is not None and isinstance(meant, payloads.Ticks):
        return choice.model_copy(update={"link": f"#ds{entry.id}", "hint": t("web.tick_here")})
    if papers is not None and papers.page and isinstance(meant, payloads.Share):
        return choice.model_copy(update={"link": local(papers.page, premises)})
    return choice.model_copy(update={"link": local(choice.link, premises)}) if choice.link else choice


def _payload(choice: Choice) -> object:
    try:
        return payloads.CODEC.decode(choice.payload)
    except errors.StalePayload:
        return None


def local(link: str, premises: Premises) -> str:
    """A link to our own pages without the host: the reader may have come by another name of it."""
    return link.removeprefix(premises.address) if link.startswith(f"{premises.address}/") else link


def _version(entry: Answered, block: Block | None, menu: Menu | None) -> str:
    """A row never changes, its menu does. Of a list only the boxes differ from row to row, and boxes are set without drawing it anew."""
    if isinstance(block, Papers):
        papers = ",".join(paper.id for paper in block.papers)
        return hashlib.blake2s(f"{block.name}|{block.situation}|{block.changed}|{papers}".encode(), digest_size=6).hexdigest()
    return f"{entry.row}" if menu is None else f"{entry.row}.{menu.picked.number if menu.picked else ''}.{menu.open:d}{menu.current:d}"


def stamp(at: dt.datetime, now: dt.datetime) -> str:
    """08:31, and the day before it when that was not today."""
    day = clock.today(at)
    return clock.hour(at) if day == clock.today(now) else f"{clock.day(day)}, {clock.hour(at)}"

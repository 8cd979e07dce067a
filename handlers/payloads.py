"""What a button can mean. Tags are short: with ids of at most 20 characters every payload fits 64 bytes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.payloads import Codec, Payload


@dataclass(frozen=True)
class Menu(Payload):
    tag = "m"


@dataclass(frozen=True)
class Ask(Payload):
    tag = "h"


@dataclass(frozen=True)
class AskAgain(Payload):
    tag = "ha"


@dataclass(frozen=True)
class Open(Payload):
    """Begin with the procedure of this code, whatever its depth."""

    tag = "p"
    code: str


@dataclass(frozen=True)
class Event(Payload):
    """The bundle of a life event."""

    tag = "ev"
    event: str


@dataclass(frozen=True)
class Events(Payload):
    tag = "evs"


@dataclass(frozen=True)
class Answer(Payload):
    tag = "a"
    checklist: int
    question: str
    option: str


@dataclass(frozen=True)
class Edit(Payload):
    """Show all answers of a list, to change one."""

    tag = "e"
    checklist: int


@dataclass(frozen=True)
class Change(Payload):
    """Ask one question again."""

    tag = "c"
    checklist: int
    question: str


@dataclass(frozen=True)
class Show(Payload):
    tag = "l"
    checklist: int


@dataclass(frozen=True)
class Mine(Payload):
    tag = "lm"


@dataclass(frozen=True)
class Ticks(Payload):
    """The menu in which papers are ticked by number."""

    tag = "ts"
    checklist: int


@dataclass(frozen=True)
class Tick(Payload):
    """Says what shall be, not what to toggle: a double tap changes nothing."""

    tag = "t"
    checklist: int
    document: str
    have: bool


@dataclass(frozen=True)
class Share(Payload):
    tag = "s"
    checklist: int


@dataclass(frozen=True)
class Renew(Payload):
    """Make the list again from today's entry."""

    tag = "r"
    checklist: int


@dataclass(frozen=True)
class Person(Payload):
    tag = "n"


@dataclass(frozen=True)
class Privacy(Payload):
    tag = "pr"


@dataclass(frozen=True)
class SeeMine(Payload):
    tag = "ps"


@dataclass(frozen=True)
class Forget(Payload):
    tag = "pf"
    sure: bool


@dataclass(frozen=True)
class KeepAll(Payload):
    tag = "pk"


@dataclass(frozen=True)
class Places(Payload):
    """Ask where a former commune is today."""

    tag = "x"


@dataclass(frozen=True)
class Place(Payload):
    """The place of this code in the table."""

    tag = "xo"
    code: str


@dataclass(frozen=True)
class Scam(Payload):
    tag = "sc"


@dataclass(frozen=True)
class Book(Payload):
    """Book a time; for the person's list of this number, or 0."""

    tag = "b"
    checklist: int


@dataclass(frozen=True)
class BookAt(Payload):
    """At this center, where the installation serves several."""

    tag = "bt"
    checklist: int
    center: str


@dataclass(frozen=True)
class BookAnyway(Payload):
    """Papers are missing and the person books all the same."""

    tag = "by"
    checklist: int


@dataclass(frozen=True)
class BookWhom(Payload):
    """Ask for whom."""

    tag = "bh"
    checklist: int


@dataclass(frozen=True)
class BookFor(Payload):
    """Who comes: "" for oneself, else a key of booking.OTHERS."""

    tag = "bf"
    checklist: int
    behalf: str


@dataclass(frozen=True)
class Days(Payload):
    """The days from `date` (as 20261125) on. `visit`: the booking that is moved, or 0."""

    tag = "bn"
    checklist: int
    visit: int
    date: int


@dataclass(frozen=True)
class Day(Payload):
    """The times of one day; `date` as 20261125. `part`: 0 all, 1 morning, 2 afternoon."""

    tag = "bd"
    checklist: int
    visit: int
    date: int
    part: int


@dataclass(frozen=True)
class Slot(Payload):
    """Keep a seat at this time; `minute` is the UTC minute since 1970."""

    tag = "bs"
    checklist: int
    visit: int
    minute: int


@dataclass(frozen=True)
class Confirm(Payload):
    """Book what is held."""

    tag = "bc"
    visit: int


@dataclass(frozen=True)
class Visits(Payload):
    """The person's bookings and tickets."""

    tag = "bm"


@dataclass(frozen=True)
class Visit(Payload):
    """One booking or ticket."""

    tag = "bv"
    visit: int


@dataclass(frozen=True)
class Move(Payload):
    tag = "bx"
    visit: int


@dataclass(frozen=True)
class Cancel(Payload):
    """Asked first, then done when `sure`."""

    tag = "bk"
    visit: int
    sure: bool


@dataclass(frozen=True)
class Late(Payload):
    tag = "bl"
    visit: int


@dataclass(frozen=True)
class Queue(Payload):
    """Wait for a free seat on a full day; `date` as 20261125."""

    tag = "bw"
    checklist: int
    date: int


@dataclass(frozen=True)
class LeaveQueue(Payload):
    """Give up waiting for a free seat."""

    tag = "bq"
    wait: int


@dataclass(frozen=True)
class SignIn(Payload):
    """A member of staff asks for the link to the console."""

    tag = "si"


CODEC = Codec(Payload.__subclasses__())

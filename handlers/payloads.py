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


CODEC = Codec(Payload.__subclasses__())

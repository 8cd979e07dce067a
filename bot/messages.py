"""What comes in and what goes out, the same on every channel."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

IncomingKind = Literal["text", "choice", "start", "photo", "file", "sticker", "voice", "location", "contact", "other"]
OutgoingKind = Literal["reply", "ticket", "reminder", "notice", "question"]
PERSON = 0  # the number of "ask a person" in every menu


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(Model):
    """A photo or file somebody sent: `id` is its name at the bot it came to."""

    id: str
    picture: bool
    name: str = ""
    mime: str = ""
    size: int = 0


def _without_nul(text: str) -> str:
    """PostgreSQL takes none in a text, and nobody sees one."""
    return text.replace("\0", "")


class Incoming(Model):
    """One thing a person sent. `update_id` is unique per `bot`; `address` is where answers go; `place`: latitude and longitude.

    `message_id`: what the provider calls it; `reply_to`: the one it answers; `edited`: a new wording of an earlier one.
    In a group `group` is its title and the address is the group's; `sender` is who wrote, `addressed` whether the bot was meant, and
    `admin` whether the sender runs the group (None: not looked up).
    """

    bot: str
    update_id: str
    address: str
    kind: IncomingKind
    text: Annotated[str, AfterValidator(_without_nul)] = ""
    payload: str = ""
    place: tuple[float, float] | None = None
    language: str = ""
    message_id: str = ""
    reply_to: str = ""
    edited: bool = False
    file: File | None = None
    group: str = ""
    sender: str = ""
    addressed: bool = False
    admin: bool | None = None
    sent_at: dt.datetime


class Choice(Model):
    """One numbered line of a menu. `link` opens a page instead of sending `payload`."""

    number: int
    label: str
    payload: str = ""
    hint: str = ""
    words: tuple[str, ...] = ()
    link: str = ""


class Say(Model):
    """A paragraph."""

    kind: Literal["say"] = "say"
    text: str


class State(Model):
    """What happened, what still holds, what to do: found nothing, not done here, photo refused."""

    kind: Literal["state"] = "state"
    tone: Literal["plain", "note", "now", "stop"] = "plain"
    icon: str = "info"
    title: str
    text: tuple[str, ...] = ()
    source: str = ""


class Paper(Model):
    """One paper of a list. `quantity`: "1 bản chính"."""

    id: str
    name: str
    official: str = ""
    quantity: str = ""
    note: str = ""
    have: bool = False
    payload: str = ""


class Fact(Model):
    """One line below a list: fee, time, where."""

    icon: str
    label: str
    text: str


class Source(Model):
    """Where an answer comes from: shown below every one."""

    code: str
    decision: str = ""
    checked: str = ""
    portal: str = ""
    catalog: str = ""
    overlay: str = ""


class Papers(Model):
    """The list for one situation."""

    kind: Literal["papers"] = "papers"
    title: str
    name: str
    situation: str = ""
    assumed: str = ""
    submit: tuple[Paper, ...] = ()
    show: tuple[Paper, ...] = ()
    looked_up: tuple[Paper, ...] = ()
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    source: Source
    page: str = ""
    edit: str = ""
    changed: tuple[str, ...] = ()

    @property
    def papers(self) -> tuple[Paper, ...]:
        return (*self.submit, *self.show)


class Page(Model):
    """A procedure in short: what it is, who does it, fee, time. Also for entries that are only listed or done elsewhere."""

    kind: Literal["page"] = "page"
    title: str
    official: str = ""
    text: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    source: Source | None = None
    link: str = ""


class Attached(Model):
    """A picture or file beside the words: a row of `attachment`, or (`file_id`) what the same bot has already."""

    kind: Literal["attached"] = "attached"
    picture: bool
    name: str
    attachment: int = 0
    file_id: str = ""


Block = Annotated[Say | State | Papers | Page | Attached, Field(discriminator="kind")]


class Reply(Model):
    """One message to a person. Plain numbered text made from it must be enough; buttons and pages are a bonus.

    `ask` is the question above the choices, `step` its place ("Câu 1"). `many`: several numbers may be picked at once. With
    `in_place` it takes the place of the newest one with the same `key` where the channel can edit; else it stands below. `reply_to`: the
    provider's id of the message it answers, shown so in groups.
    """

    blocks: tuple[Block, ...] = ()
    ask: str = ""
    why: str = ""
    step: str = ""
    choices: tuple[Choice, ...] = ()
    many: bool = False
    key: str = ""
    in_place: bool = False
    reply_to: str = ""

    @property
    def says_nothing(self) -> bool:
        """In the place of an earlier message it takes that one away."""
        return not (self.blocks or self.ask or self.choices)


class Outgoing(Model):
    """A claimed outbox row on its way to a channel. `edits`: the provider's id of the message it should replace.

    `parts_sent`: of a message in several parts, how many the provider has from an earlier try.
    """

    id: int
    bot: str
    address: str
    kind: OutgoingKind
    reply: Reply
    attempts: int = 1
    edits: str | None = None
    parts_sent: int = 0
    notice_id: int | None = None

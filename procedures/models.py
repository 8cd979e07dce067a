"""What a catalog entry can say: frozen models, one per thing a citizen is told."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# Ids travel inside button payloads of at most 64 bytes (Telegram callback data), hence the short form.
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
# Official codes look like 1.001193; our own entries for matters without one are slugs.
Code = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,2}\.[0-9]{6}|[a-z][a-z0-9-]{2,38})$")]
# Fields and life events are folders and anchors as well: words joined by hyphens.
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{1,30}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Depth = Literal["curated", "listed", "elsewhere"]
HandledBy = Literal["commune_center", "commune_police", "commune_military", "elsewhere"]
HandIn = Literal["submit", "show"]
Way = Literal["counter", "online", "post"]
IMPORTED = "import"


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, (str, dict)) else value


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _line(value: Any) -> Any:
    """A condition is written `{question: [option]}`; one option may stand without brackets."""
    if not isinstance(value, dict):
        return value
    return tuple((question, tuple(chosen) if isinstance(chosen, list) else (chosen,)) for question, chosen in value.items())


Line = Annotated[tuple[tuple[Id, tuple[Id, ...]], ...], BeforeValidator(_line)]
# Any of these lines; a line holds when all of its answers are given. Empty means always.
When = Annotated[tuple[Line, ...], BeforeValidator(_as_tuple)]


class Option(Model):
    """One answer. `goes_to` sends the citizen to another procedure; `ends` says why nothing is to be filed here."""

    label: Text
    hint: Text | None = None
    words: Annotated[tuple[Text, ...], BeforeValidator(_as_tuple)] = ()
    goes_to: Code | None = None
    ends: Text | None = None


def _options(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return tuple((key, {"label": option} if isinstance(option, str) else option) for key, option in value.items())


class Question(Model):
    """Asked only while its answer can still change the list, and only if `when` holds. `assume` names the option taken
    for granted unless the citizen changes it."""

    id: Id
    ask: Text
    why: Text | None = None
    options: Annotated[tuple[tuple[Id, Option], ...], BeforeValidator(_options), Field(min_length=2, max_length=7)]
    assume: Id | None = None
    when: When = ()

    def option(self, option_id: str) -> Option | None:
        return next((option for key, option in self.options if key == option_id), None)


class Document(Model):
    """One paper. `name` is what people say, `official` the wording of the record, `form` the number of the blank form."""

    id: Id
    name: Text
    official: Text | None = None
    form: Text | None = None
    originals: Annotated[int, Field(ge=0, le=9)] = 0
    copies: Annotated[int, Field(ge=0, le=9)] = 0
    hand_in: HandIn = "submit"
    note: Text | None = None
    when: When = ()


class LookedUp(Model):
    """Something the office reads in its own databases, so nobody has to bring it."""

    name: Text
    note: Text | None = None
    when: When = ()


class Fee(Model):
    """`amount` in đồng; `local`: set by the provincial council; `unstated`: the record does not say."""

    amount: Annotated[int, Field(ge=0)] | Literal["local", "unstated"]
    what: Text | None = None
    per: Text | None = None
    set_by: Text | None = None
    exempt: Text | None = None
    note: Text | None = None
    when: When = ()


class Time(Model):
    """How long it takes. `cutoff` (HH:MM): handed in later, the result comes the next working day."""

    kind: Literal["same_day", "working_days", "days", "hours", "months", "varies", "unstated"]
    amount: Annotated[int, Field(gt=0)] | None = None
    up_to: Annotated[int, Field(gt=0)] | None = None
    cutoff: Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]$")] | None = None
    note: Text | None = None
    when: When = ()


class Deadline(Model):
    """By when the citizen has to come, and what follows if late."""

    text: Text
    consequence: Text | None = None


class Note(Model):
    text: Text
    when: When = ()


def _notes(value: Any) -> Any:
    return tuple({"text": item} if isinstance(item, str) else item for item in value) if isinstance(value, list) else value


class Next(Model):
    """What usually follows: a bundle of a life event, or single procedures."""

    life_event: Slug | None = None
    codes: tuple[Code, ...] = ()
    why: Text | None = None


class Valid(Model):
    """Days the entry may be used; `until` is the first day it may not."""

    since: Annotated[dt.date | None, Field(alias="from")] = None
    until: dt.date | None = None
    replaced_by: Code | None = None


class Checked(Model):
    """Where the entry comes from: the deciding document, the portal page, and the day a person compared both."""

    on: dt.date
    decision: Text | None = None
    record: Text | None = None
    portal: Text | None = None
    by: Text | None = None

    @property
    def imported(self) -> bool:
        """Came with a whole list (`motcua catalog import`): nobody compared it with its record."""
        return self.by == IMPORTED


class Where(Model):
    """For matters done elsewhere: the office that does them and how to start."""

    office: Text
    how: Text
    note: Text | None = None
    link: Text | None = None


class Procedure(Model):
    """One catalog entry of any depth."""

    code: Code
    depth: Depth = "curated"
    name: Text
    short: Text | None = None
    also: tuple[Text, ...] = ()
    field: Slug
    handled_by: HandledBy
    valid: Valid = Valid()
    checked: Checked
    legal_basis: tuple[Text, ...] = ()
    replaces: tuple[Code, ...] = ()
    summary: Text | None = None
    questions: Annotated[tuple[Question, ...], Field(max_length=6)] = ()
    documents: tuple[Document, ...] = ()
    looked_up: tuple[LookedUp, ...] = ()
    fees: tuple[Fee, ...] = ()
    time: Annotated[tuple[Time, ...], BeforeValidator(_as_tuple)] = ()
    submit: tuple[Way, ...] = ()
    who_may_go: Text | None = None
    deadline: Deadline | None = None
    result: Text | None = None
    notes: Annotated[tuple[Note, ...], BeforeValidator(_notes)] = ()
    next: tuple[Next, ...] = ()
    where: Where | None = None
    overlay: Text | None = None
    version: str = ""

    @property
    def title(self) -> str:
        """The name a citizen sees: plain and short where there is one."""
        return self.short or self.name

    def question(self, question_id: str) -> Question | None:
        return next((question for question in self.questions if question.id == question_id), None)

    def document(self, document_id: str) -> Document | None:
        return next((document for document in self.documents if document.id == document_id), None)

    def in_force(self, today: dt.date) -> bool:
        """Whether an answer may come from this entry on `today`."""
        started = self.valid.since is None or self.valid.since <= today
        return started and (self.valid.until is None or today < self.valid.until)


class LifeEvent(Model):
    """A bundle of procedures around one event of life, in the order people do them."""

    class Step(Model):
        code: Code
        why: Text

    id: Slug
    name: Text
    also: tuple[Text, ...] = ()
    intro: Text
    steps: Annotated[tuple[LifeEvent.Step, ...], Field(min_length=2)]


class Ambiguous(Model):
    """A phrase that fits several procedures: asked back with these choices."""

    text: Text
    choices: Annotated[tuple[Code, ...], Field(min_length=2, max_length=5)]
    ask: Text | None = None


class Overlay(Model):
    """What a province or a center lays over the catalog: fees, times and notes of its own, each with its source."""

    class Change(Model):
        fees: tuple[Fee, ...] | None = None
        time: Annotated[tuple[Time, ...] | None, BeforeValidator(_as_tuple)] = None
        notes: Annotated[tuple[Note, ...], BeforeValidator(_notes)] = ()

    name: Text
    decision: Text
    checked: dt.date
    procedures: dict[Code, Overlay.Change] = {}

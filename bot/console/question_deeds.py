"""What staff do to a question from its page: take, hand on, answer, correct, close, take a picture out, propose to the catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session
from starlette.exceptions import HTTPException

from bot import clock, errors
from bot.console.desk import Posted
from bot.conversation.context import Premises
from bot.domain import attachments, colleagues, once, proposals, questions, threads
from bot.domain.questions import Question
from bot.domain.roles import Member
from bot.domain.threads import Message, Said, Source
from bot.messages import File
from bot.texts import t
from handlers import answering, cards

FORM = "form"  # where an answer written on a page comes from; its key makes it one, however often it is sent
LONGEST = 3500  # characters of an answer


class Unclear(Exception):
    """The form cannot be done as it is; the message is for whoever sent it."""

    def __init__(self, said: str, *, status: int = 422, another: bool = False) -> None:
        super().__init__(said)
        self.status, self.another = status, another


@dataclass(frozen=True)
class Act:
    """One deed, with all it may need."""

    session: Session
    premises: Premises
    posted: Posted
    question: Question
    now: dt.datetime

    @property
    def member(self) -> Member:
        return self.posted.member

    def field(self, name: str) -> str:
        return self.posted.form.one(name)

    def message(self) -> Message:
        """The message a field names, of this question. Raises Unclear."""
        number = self.field("tin")
        found = threads.get(self.session, int(number)) if number.isdecimal() and len(number) < 19 else None
        if found is None or found.question_id != self.question.id:
            raise Unclear(t("questions_desk.gone"), status=409)
        return found


Deed = Callable[[Act], str]


def do(session: Session, premises: Premises, posted: Posted, number: int, deed: Deed, *, now: dt.datetime) -> str:
    question = questions.get(session, number)
    if question is None or question.center_id != posted.center.id:
        raise HTTPException(404)
    return deed(Act(session, premises, posted, question, now))


def _take(act: Act) -> str:
    if not answering.claim(act.session, act.premises, act.question, act.member, now=act.now):
        raise Unclear(_late(act), status=409)
    return "taken"


def _late(act: Act) -> str:
    """Why it cannot be done any more."""
    current = questions.get(act.session, act.question.id)
    if current is None or current.state == "closed":
        return t("questions_desk.closed_already")
    return t("questions_desk.taken_already", name=cards.owner(act.session, current))


def _pass(act: Act) -> str:
    able = {str(one.id): one for one in colleagues.able(act.session, act.question.center_id)}
    chosen = act.field("cho")
    if chosen not in ("", *able):
        raise Unclear(t("questions_desk.no_receiver"))
    if not answering.hand_on(act.session, act.premises, act.question, able.get(chosen), by=act.member.actor, now=act.now):
        raise Unclear(t("questions_desk.answered_already"), status=409)
    return "passed"


def _answer(act: Act) -> str:
    words = threads.as_written(act.field("tra-loi"))
    if not words:
        raise Unclear(t("questions_desk.no_words"))
    return _send(act, words)


def attaching(content: bytes, name: str) -> Deed:
    """The answer that brings this file."""
    return partial(_attach, content=content, name=name)


def _attach(act: Act, *, content: bytes, name: str) -> str:
    try:
        attachment_id = attachments.keep(act.session, content, name, now=act.now)
    except errors.AttachmentRefused as error:
        raise Unclear(t(f"questions_desk.file_{error.reason}")) from error
    shown = attachments.block(act.session, attachment_id)
    return _send(act, threads.as_written(act.field("tra-loi")), File(id="", picture=shown.picture, name=shown.name), attachment_id)


def _send(act: Act, words: str, file: File | None = None, attachment_id: int | None = None) -> str:
    if len(words) > LONGEST:
        raise Unclear(t("questions_desk.too_long", most=LONGEST))
    source = Source(FORM, act.member.actor, act.field("lan")[: once.LONGEST_KEY])
    said = Said("staff", words, author=act.member.actor, source=source, file=file, attachment_id=attachment_id)
    refused = answering.answer(act.session, act.premises, act.question, act.member, said, now=act.now, anyway=act.field("van") == "1")
    if refused is not None:
        raise Unclear(_late(act), status=409, another=not refused.closed)
    return "answered"


def _edit(act: Act) -> str:
    message, words = act.message(), threads.as_written(act.field("sua"))
    if message.author != act.member.actor or not words or len(words) > LONGEST:
        raise Unclear(t("questions_desk.not_yours"))
    answering.reword(act.session, act.premises, message, words, now=act.now)
    return "edited"


def _close(act: Act) -> str:
    if not answering.close(act.session, act.premises, act.question, act.member.actor, now=act.now):
        raise Unclear(t("questions_desk.closed_already"), status=409)
    return "closed"


def _remove(act: Act) -> str:
    if not answering.remove_picture(act.session, act.premises, act.message(), act.member.actor, now=act.now):
        raise Unclear(t("questions_desk.gone"), status=409)
    return "removed"


def _propose(act: Act) -> str:
    """For the catalog, without anything that points to a person."""
    code, kind, words = act.field("ma-thu-tuc"), act.field("loai"), act.field("cau")
    if act.premises.catalog.get(code, clock.today(act.now)) is None:
        raise Unclear(t("questions_desk.which_procedure"))
    if kind not in proposals.KINDS or not words:
        raise Unclear(t("questions_desk.which_words"))
    made = proposals.Wish(act.question.center_id, act.question.id, code, kind, words)
    proposals.make(act.session, made, author=act.member.actor, now=act.now)
    return "proposed"


DEEDS: Mapping[str, Deed] = {
    "nhan": _take,
    "chuyen": _pass,
    "tra-loi": _answer,
    "sua": _edit,
    "dong": _close,
    "go-anh": _remove,
    "de-xuat": _propose,
}

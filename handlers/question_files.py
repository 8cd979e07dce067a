"""Pictures and files that go along with a question: asked about first, refused where an identity paper may be on them."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from sqlmodel import Session

from bot import clock
from bot.conversation.context import Context, Premises, numbered, option
from bot.domain import attachments, questions, threads
from bot.domain.questions import Question
from bot.domain.threads import Said, Source
from bot.messages import File, Incoming, Reply, State
from bot.texts import t
from handlers import answering, cards, payloads, welcome
from procedures.text import fold

LARGEST = 20_000_000  # bytes a bot can fetch: https://core.telegram.org/bots/api#getfile
FILE, CAPTION, MESSAGE = "file", "file_caption", "file_id"
_IDENTITY = re.compile(r"\b(?:cccd|cmnd|cmt|cmtnd|can cuoc|chung minh (?:thu|nhan dan)|ho chieu|passport|the dinh danh|giay to tuy than)\b")


def speaks_of_identity(*words: str) -> bool:
    return _IDENTITY.search(fold(" . ".join(words))) is not None


def ask(context: Context, said: Incoming, question: Question) -> Reply:
    """Before it goes anywhere. What is refused is not kept."""
    assert said.file is not None
    _drop(context)
    if speaks_of_identity(said.text, _about(context.session, context.premises, question, context.now)):
        return _refused(context, t("questions.photo_identity"))
    if said.file.size > LARGEST:
        return _refused(context, t("questions.photo_big"))
    kept = {FILE: said.file.model_dump_json(), CAPTION: threads.tidy(said.text), MESSAGE: said.message_id}
    context.state.data = {**context.state.data, **kept}
    no = option(t("questions.photo_no"), payloads.SendFile(clean=True), words=("khong", "khong co", "gui di"))
    yes = option(t("questions.photo_yes"), payloads.SendFile(clean=False), words=("co", "dung gui", "thoi"))
    return Reply(ask=t("questions.photo_ask" if said.file.picture else "questions.file_ask"), choices=numbered((no, yes)))


def _about(session: Session, premises: Premises, question: Question, now: dt.datetime) -> str:
    """What the question speaks of: the procedure and everything said."""
    entry = premises.catalog.get(question.about, clock.today(now)) if question.about else None
    words = [message.words for message in threads.of(session, [question.id]) if message.side == "citizen"]
    return " . ".join([entry.title if entry is not None else "", *words])


def _refused(context: Context, why: str) -> Reply:
    state = State(tone="stop", icon="shield", title=t("questions.photo_dropped_title"), text=(why,))
    return Reply(blocks=(state,), choices=context.state.menu or welcome.choices(), many=context.state.many)


def send(context: Context, said: payloads.SendFile) -> Reply:
    """It goes on as it is, or nowhere."""
    kept, caption, message_id = (context.state.data.get(key, "") for key in (FILE, CAPTION, MESSAGE))
    _drop(context)
    question = questions.live(context.session, context.account_id)
    if not said.clean or not kept or question is None:
        state = State(tone="note", icon="shield", title=t("questions.photo_dropped_title"), text=(t("questions.photo_dropped"),))
        return Reply(blocks=(state,), choices=welcome.choices())
    source = Source(context.incoming.bot, context.incoming.address, message_id) if message_id else threads.NOWHERE
    message = Said("citizen", caption, source=source, file=File.model_validate_json(kept))
    if not answering.add(context.session, context.premises, question, message, now=context.now):
        return _refused(context, t("questions.closed_before"))
    text = _promise(context.session, context.premises, question, context.now)
    return Reply(blocks=(State(icon="tick", title=t("questions.sent_more_title"), text=text),), choices=welcome.choices())


class Handed(NamedTuple):
    """What was handed in on a page, by somebody who said there that no identity paper is on it. `source`: the same for the same form."""

    content: bytes
    name: str
    words: str
    source: Source


class NotTaken(Exception):
    """It goes nowhere, and is not kept; in words for whoever sent it."""


def hand_in(session: Session, premises: Premises, question: Question, handed: Handed, *, now: dt.datetime) -> Reply | None:
    """It goes on at once; None when it did before. Raises NotTaken or AttachmentRefused."""
    if threads.of_source(session, handed.source) is not None:
        return None
    if speaks_of_identity(handed.words, handed.name, _about(session, premises, question, now)):
        raise NotTaken(t("questions.photo_identity"))
    number = attachments.keep(session, handed.content, handed.name, now=now)
    shown = attachments.block(session, number)
    file = File(id=str(number), picture=shown.picture, name=shown.name, size=len(handed.content))
    said = Said("citizen", threads.tidy(handed.words), source=handed.source, file=file, attachment_id=number)
    if not answering.add(session, premises, question, said, now=now):
        raise NotTaken(t("questions.closed_before"))
    message = threads.of_source(session, handed.source)
    assert message is not None
    state = State(icon="tick", title=t("questions.sent_more_title"), text=_promise(session, premises, question, now))
    return Reply(blocks=(state, shown), key=threads.key(question.id, message.id))


def _promise(session: Session, premises: Premises, question: Question, now: dt.datetime) -> tuple[str, ...]:
    """When to expect an answer, as long as there is none."""
    there = premises.directory.get(question.center_id) or premises.center
    later = questions.get(session, question.id) or question
    return (cards.promise(there, later, now),) if later.open else ()


def _drop(context: Context) -> None:
    context.state.data = {key: value for key, value in context.state.data.items() if key not in (FILE, CAPTION, MESSAGE)}

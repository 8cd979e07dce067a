"""How a question looks to staff in a chat: one message that always says how it stands, and what is posted below it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises, numbered, option
from bot.domain import deadline, questions, roster, threads
from bot.domain.centers import Center
from bot.domain.questions import Question
from bot.domain.threads import Message
from bot.messages import Block, Choice, Reply, Say, State
from bot.texts import t
from handlers import payloads

PAGE = "/ban-lam-viec/{center}/hoi-dap/{question}"
SHOWN = 700  # characters of what was asked; the rest stands on the page
FEW = 6  # papers named


def page(premises: Premises, question: Question) -> str:
    """The question in the console."""
    return premises.address + PAGE.format(center=question.center_id, question=question.id)


def card(session: Session, premises: Premises, question: Question, *, now: dt.datetime) -> Reply:
    """The question as it stands, in the place of what was shown before. Pictures are posted below: a text cannot become one."""
    first = next((message for message in threads.of(session, [question.id]) if message.side == "citizen"), None)
    lines = [t("questions.quoted", words=cut(first.words))] if first is not None and first.words else []
    lines += [*about(premises, question, now), *_from_group(session, question), standing(session, question, now)]
    if question.state != "closed":
        lines.append(t("questions.card_how"))
    state = State(icon="chat", title=t("questions.card_title", number=question.id), text=tuple(lines))
    return Reply(blocks=(state,), choices=_choices(premises, question), key=threads.key(question.id), in_place=True)


def cut(words: str, most: int = SHOWN) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def about(premises: Premises, question: Question, now: dt.datetime) -> Iterable[str]:
    """What the bot knew."""
    known = questions.knows(question)
    entry = premises.catalog.get(question.about, clock.today(now)) if question.about else None
    if question.about:
        yield t("questions.card_about", name=entry.title if entry is not None else known.name, code=question.about)
    elif known.name:
        yield t("questions.card_before", name=known.name)
    if known.situation:
        yield t("questions.card_situation", situation=known.situation)
    if known.papers:
        papers = "; ".join(known.papers[:FEW])
        yield t("questions.card_papers", papers=f"{papers}…" if len(known.papers) > FEW else papers)


def _from_group(session: Session, question: Question) -> Iterable[str]:
    group = questions.group(session, question)
    if group is not None:
        yield t("questions.card_group", title=group.title)


def standing(session: Session, question: Question, now: dt.datetime) -> str:
    """Who has it, and what was promised or done."""
    until = when(question.due_at, now)
    if question.state == "closed":
        assert question.closed_at is not None
        rating = f" {t('questions.card_rating', rating=question.rating)}" if question.rating else ""
        return t("questions.card_closed", at=stamp(question.closed_at, now)) + rating
    if question.state == "answered" and question.answered_at is not None:
        return t("questions.card_answered", name=owner(session, question), at=stamp(question.answered_at, now))
    if question.owner_id is not None and question.owned_at is not None:
        return t("questions.card_owned", name=owner(session, question), at=stamp(question.owned_at, now), until=until)
    return t("questions.card_open", until=until)


def owner(session: Session, question: Question) -> str:
    """The name of who has it; "" when nobody does."""
    return name(session, question.owner_id)


def name(session: Session, staff_id: int | None) -> str:
    return roster.names(session, [f"staff:{staff_id}"]).get(f"staff:{staff_id}", "") if staff_id is not None else ""


def _choices(premises: Premises, question: Question) -> tuple[Choice, ...]:
    """Buttons only: in a group nobody's numbers mean anything."""
    if question.state == "closed":
        return ()
    take = [option(t("questions.take"), payloads.TakeQuestion(question.id))] if question.state == "open" else []
    pass_on = [option(t("questions.pass_on"), payloads.PassQuestion(question.id))] if question.open else []
    shut = option(t("questions.shut"), payloads.ShutQuestion(question.id, sure=False))
    return numbered((*take, *pass_on, shut, Choice(number=-1, label=t("questions.open_page"), link=page(premises, question))))


def below(session: Session, message: Message, words: str, bot: str, address: str) -> Reply:
    """Something further that was said, under the question's own message."""
    reply_to = threads.card(session, bot, address, message.question_id)
    blocks: tuple[Block, ...] = (Say(text=words), *threads.attached(message, bot))
    return Reply(blocks=blocks, key=threads.key(message.question_id, message.id), in_place=True, reply_to=reply_to)


# moments in words


def when(at: dt.datetime, now: dt.datetime) -> str:
    """9:30 hôm nay, 7:30 sáng mai, 9:30 thứ Tư 25/11."""
    day, local = clock.today(at), clock.local(at)
    hour = f"{local.hour}:{local.minute:02}"
    if day == clock.today(now):
        return t("questions.at_today", hour=hour)
    if day == clock.today(now) + dt.timedelta(days=1):
        return t("questions.at_morning", hour=hour) if local.hour < 12 else t("questions.at_afternoon", hour=hour)
    return t("questions.at_day", hour=hour, day=clock.day(day))


def stamp(at: dt.datetime, now: dt.datetime) -> str:
    """8:31, with the day when that was not today."""
    local, day = clock.local(at), clock.today(at)
    hour = f"{local.hour}:{local.minute:02}"
    return hour if day == clock.today(now) else t("questions.at_day", hour=hour, day=clock.day(day))


def promise(center: Center, question: Question, now: dt.datetime) -> str:
    """When an answer can be expected, by the center's hours."""
    if question.due_at <= now:
        return t("questions.late")
    opens, until = deadline.next_opening(center, now), when(question.due_at, now)
    return t("questions.promise", until=until) if opens is None else t("questions.promise_shut", opens=when(opens, now), until=until)

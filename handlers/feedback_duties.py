"""What is done with opinions, by whomever: asked for in time, settled when left lying, handed on when somebody wants to be written to, and
remarks answered. The change and what people are told commit together.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from bot import clock
from bot.conversation import memory
from bot.conversation.context import Premises, numbered, option
from bot.db.tables import Account
from bot.domain import audit, colleagues, feedback, feedback_asking, feedback_remarks, outbox, questions, visits
from bot.domain.feedback import FACTORS, LEVELS, Feedback
from bot.domain.questions import Asker, Knows, Question, Topic
from bot.domain.threads import Said
from bot.domain.visits import Visit
from bot.messages import Choice, Reply, State
from bot.texts import t
from handlers import answering, cards, payloads, telling, welcome

SKIP = 9
LOOKS = 6  # in the first so many seconds of a minute; the duties come round every three
USEFUL = dt.timedelta(hours=4)  # after it was written, to be asked is of no use any more
QUOTED = 160


def field_of(premises: Premises, visit: Visit) -> str:
    """The catalog's field of what the visit was for."""
    entry = premises.catalog.get(visit.procedure, visit.day) if visit.procedure else None
    return entry.field if entry is not None else ""


def key(visit_id: int) -> str:
    """All messages of one rating are one message where the channel can edit."""
    return f"visit:{visit_id}:feedback"


def levels(feedback_id: int, step: int) -> tuple[Choice, ...]:
    """The number that is typed is the level."""
    rated = [option(t(f"feedback.level_{level}"), payloads.RateFactor(feedback_id, step, level)) for level in (*LEVELS, feedback.DOES_NOT_APPLY)]
    skip = option(t("feedback.skip"), payloads.RateFactor(feedback_id, step, SKIP), words=("bo qua", "khong biet", "bo"))
    return numbered((*rated, skip), welcome.person())


def ask_opinions(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """Once or twice a minute is often enough."""
    if now.second >= LOOKS:
        return
    for visit in feedback_asking.due(session, now=now):
        account = telling.reach(session, visit)
        if account is not None:
            _ask(session, premises, visit, account, now=now)


def _ask(session: Session, premises: Premises, visit: Visit, account: Account, *, now: dt.datetime) -> None:
    """What cannot ring still stands in the conversation, and in the ledger as skipped; whoever cannot be reached is not tried again."""
    rings = account.active and account.bot not in premises.silent
    row = feedback.ask(session, visit, field_of(premises, visit), account.bot.partition(":")[0], now=now, rings=rings)
    if row is None or not account.active or account.id is None:
        return
    center = premises.directory.get(visit.center_id) or premises.center
    day = clock.day(visit.day)
    title = t("feedback.asked_title", day=f"{day[:1].upper()}{day[1:]}", center=center.name)
    state = State(tone="note", icon="chat", title=title, text=(t("feedback.anonymous"),))
    choices = levels(row.id, 0)
    reply = Reply(blocks=(state,), step=t("feedback.step", number=1), ask=t(f"feedback.{FACTORS[0]}"), choices=choices, key=key(visit.id))
    memory.menu(session, account.id, choices, now=now)
    skipped = "" if rings else t("feedback.skipped_web")
    outbox.put(session, account.bot, account.address, reply, now=now, not_after=now + USEFUL, skipped=skipped)


def settle_opinions(session: Session, _premises: Premises, *, now: dt.datetime) -> None:
    feedback.settle_halves(session, now=now)


DUTIES = (ask_opinions, settle_opinions)


def can_call(session: Session, row: Feedback) -> bool:
    """Whether they may ask to be written to: something was bad, there is an address, and somebody who would write."""
    return row.low and row.question_id is None and row.account_id is not None and colleagues.anybody(session, row.center_id)


def call(session: Session, premises: Premises, row: Feedback, *, now: dt.datetime) -> Question | None:
    """A question with an owner: who leads the center. Nothing of the rating goes with it. None when that cannot be."""
    visit = visits.get(session, row.visit_id, lock=True) if row.visit_id is not None else None
    current = feedback.get(session, row.id)
    if visit is None or current is None or not can_call(session, current):
        return None
    asker = Asker(person_id=visit.person_id, account_id=current.account_id)
    said = Said("citizen", t("feedback.call_words"))
    waiting = questions.live(session, current.account_id or 0)
    if waiting is not None and answering.add(session, premises, waiting, said, now=now):
        made = waiting
    else:
        entry = premises.catalog.get(visit.procedure, visit.day) if visit.procedure else None
        topic = Topic(entry.code, Knows(entry.title)) if entry is not None else Topic()
        made = answering.hand_over(session, premises, asker, topic, said, center_id=current.center_id, now=now)
    feedback.call_back(session, current, made.id)
    _give_owner(session, premises, made, now=now)
    return questions.get(session, made.id)


def _give_owner(session: Session, premises: Premises, question: Question, *, now: dt.datetime) -> None:
    leads = colleagues.leads(session, question.center_id)
    current = questions.get(session, question.id)
    if leads and current is not None and current.owner_id is None:
        answering.hand_on(session, premises, current, leads[question.id % len(leads)], by=audit.SYSTEM, now=now)


def answer(session: Session, premises: Premises, center_id: str, feedback_id: int, words: str, *, actor: str, now: dt.datetime) -> Feedback | None:
    """Answer a remark: marked, and written to whoever made it, without anybody here learning who. None when it is answered already."""
    row = feedback_remarks.reply(session, center_id, feedback_id, words, now=now)
    if row is None:
        return None
    account = session.get(Account, row.account_id) if row.account_id is not None else None
    if account is not None and row.reply:
        text = (t("feedback.reply_about", words=cards.cut(row.comment, QUOTED)), *row.reply.splitlines()) if row.comment else (row.reply,)
        state = State(icon="chat", title=t("feedback.reply_title"), text=(*filter(None, text), t("feedback.reply_from")))
        outbox.put(session, account.bot, account.address, Reply(blocks=(state,)), now=now)
    audit.write(session, actor=actor, center_id=center_id, action="feedback.reply", subject=f"feedback:{row.id}", now=now)
    return row

"""What is done to a question, by whomever: one way for chats, the staff group and the console. The change and what people are told commit
together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from sqlmodel import Session

from bot.conversation import memory
from bot.conversation.context import Premises, numbered, option
from bot.db.tables import Account
from bot.domain import audit, colleagues, outbox, questions, threads
from bot.domain.colleagues import Chat
from bot.domain.questions import Asker, Question, Refused, Topic
from bot.domain.roles import Member
from bot.domain.threads import Message, Said
from bot.messages import Attached, Block, Choice, Reply, Say, State
from bot.texts import t
from handlers import cards, payloads, welcome

SHOWN = 160  # characters of the question repeated above its answer


def hand_over(session: Session, premises: Premises, asker: Asker, topic: Topic, said: Said, *, center_id: str, now: dt.datetime) -> Question:
    """A question goes to the center's staff. Sent twice at once it is one question and one message."""
    asked = questions.ask(session, center_id, asker, topic, now=now)
    if asked.fresh:
        threads.add(session, asked.question.id, said, now=now)
        show(session, premises, asked.question, now=now)
    return asked.question


def show(session: Session, premises: Premises, question: Question, *, now: dt.datetime) -> None:
    """Put it into the center's staff groups, once; without a group it waits for one, and stands in the console meanwhile."""
    groups = questions.staff_groups(session, question.center_id)
    if not groups or not questions.shown(session, question.id, now=now):
        return
    for group in groups:
        outbox.put(session, group.bot, group.address, cards.card(session, premises, question, now=now), now=now, kind="question")
        for message in threads.of(session, [question.id]):
            if message.has_picture:
                below = cards.below(session, message, t("questions.card_title", number=question.id), group.bot, group.address)
                outbox.put(session, group.bot, group.address, below, now=now, kind="question")


def refresh(session: Session, premises: Premises, question_id: int, *, now: dt.datetime) -> None:
    """The cards say how it stands by now."""
    question = questions.get(session, question_id)
    if question is None or question.shown_at is None:
        return
    for group in questions.staff_groups(session, question.center_id):
        outbox.put(session, group.bot, group.address, cards.card(session, premises, question, now=now), now=now, kind="question")


def add(session: Session, premises: Premises, question: Question, said: Said, *, now: dt.datetime) -> bool:
    """The person says something further. False when the question was closed meanwhile."""
    if not questions.asked_more(session, question, now=now):
        return False
    message = threads.add(session, question.id, said, now=now)
    if message is None:
        return True
    _post(session, message, t("questions.card_more", number=question.id, words=_words(message)), now=now)
    refresh(session, premises, question.id, now=now)
    if question.owner_id is not None:
        title = t("questions.more_for_owner", number=question.id)
        _tell(session, premises, question, [question.owner_id], title, t("questions.quoted", words=_words(message)), now=now)
    return True


def _words(message: Message) -> str:
    file = message.sent_file
    note = "" if file is None else t("questions.with_photo") if file.picture else t("questions.with_file")
    return " ".join(filter(None, (cards.cut(message.words), note)))


def _post(session: Session, message: Message, words: str, *, now: dt.datetime) -> None:
    """Under the card in every staff group, in the place of an earlier wording."""
    question = questions.get(session, message.question_id)
    for group in questions.staff_groups(session, question.center_id) if question is not None and question.shown_at is not None else ():
        outbox.put(session, group.bot, group.address, cards.below(session, message, words, group.bot, group.address), now=now, kind="question")


def reword(session: Session, premises: Premises, message: Message, words: str, *, now: dt.datetime) -> bool:
    """Whoever wrote it corrected it: the other side reads the new wording. False when it says the same."""
    if not threads.edit(session, message, words, now=now):
        return False
    questions.touch(session, message.question_id, now=now)
    changed = threads.get(session, message.id)
    assert changed is not None
    if message.side == "staff":
        _deliver(session, changed, now=now)
    elif message.side == "citizen":
        first = threads.of(session, [message.question_id])[0]
        if first.id != message.id:
            _post(session, changed, t("questions.card_reworded", number=message.question_id, words=_words(changed)), now=now)
        refresh(session, premises, message.question_id, now=now)
    return True


def claim(session: Session, premises: Premises, question: Question, member: Member, *, now: dt.datetime) -> bool:
    """Take it. False when it is not open any more."""
    taken = questions.claim(session, question.id, member.id, now=now)
    if taken:
        refresh(session, premises, question.id, now=now)
    return taken


def hand_on(session: Session, premises: Premises, question: Question, to: Member | None, *, by: str, now: dt.datetime) -> bool:
    """To a colleague, who is told in the own chat, or back to everybody. False when it does not wait any more."""
    if not questions.hand_on(session, question.id, to.id if to is not None else None, now=now):
        return False
    refresh(session, premises, question.id, now=now)
    if to is not None:
        words = next((message.words for message in threads.of(session, [question.id])), "")
        title = t("questions.passed_title", number=question.id)
        _tell(session, premises, question, [to.id], title, t("questions.quoted", words=cards.cut(words)), now=now)
    _note(session, question, "question.pass", by, {"to": to.actor if to is not None else ""}, now=now)
    return True


def _note(session: Session, question: Question, action: str, by: str, after: Mapping[str, str], *, now: dt.datetime) -> None:
    """What staff decided about it, for the audit log: nothing of what was said."""
    audit.write(session, actor=by, center_id=question.center_id, action=action, subject=f"question:{question.id}", after=after, now=now)


def answer(
    session: Session, premises: Premises, question: Question, member: Member, said: Said, *, now: dt.datetime, anyway: bool = False
) -> Refused | None:
    """What staff say goes to whoever asked, and whoever answers first has the question. Refused when another has it, or it is closed.

    `anyway`: though another has it. What is refused is not kept here.
    """
    refused = questions.answer(session, question.id, member.id, now=now, anyway=anyway)
    if refused is not None:
        return refused
    message = threads.add(session, question.id, said, now=now)
    if message is not None:
        _deliver(session, message, now=now)
    refresh(session, premises, question.id, now=now)
    return None


def send_held(session: Session, premises: Premises, message: Message, member: Member, *, now: dt.datetime) -> Refused | None:
    """An answer that was held back leaves after all, once. Refused when the question is closed or it has left already."""
    question = questions.get(session, message.question_id, lock=True)
    if question is None or question.state == "closed" or not threads.release(session, message.id, member.actor, now=now):
        return Refused(closed=question is None or question.state == "closed")
    refused = questions.answer(session, question.id, member.id, now=now, anyway=True)
    sent = threads.get(session, message.id)
    assert refused is None
    assert sent is not None
    _deliver(session, sent, now=now)
    refresh(session, premises, question.id, now=now)
    return None


def _deliver(session: Session, message: Message, *, now: dt.datetime) -> None:
    """To whoever asked, where they asked: as a message with choices, or in the thread of a group."""
    question = questions.get(session, message.question_id)
    assert question is not None
    group, account = questions.group(session, question), questions.account(session, question)
    if group is not None:
        said = _answered(session, question, message, group.bot)
        reply = Reply(blocks=said, key=threads.key(question.id, message.id), in_place=True, reply_to=question.group_message_id)
        outbox_id = outbox.put(session, group.bot, group.address, reply, now=now, kind="question")
        threads.carried(session, message.id, outbox_id)
    elif account is not None:
        threads.carried(session, message.id, _to_person(session, question, account, message, now=now))
    else:
        threads.carried(session, message.id, None, delivery="refused")


def _to_person(session: Session, question: Question, account: Account, message: Message, *, now: dt.datetime) -> int:
    choices = after_answer(question)
    blocks = _answered(session, question, message, account.bot)
    reply = Reply(blocks=blocks, choices=choices, key=threads.key(question.id, message.id), in_place=True)
    if message.edited_at is None:  # a correction stands where the answer stood, and numbers go on meaning what is below it
        assert account.id is not None
        memory.menu(session, account.id, choices, now=now)
    return outbox.put(session, account.bot, account.address, reply, now=now, kind="question")


def after_answer(question: Question) -> tuple[Choice, ...]:
    done = option(t("questions.answer_done"), payloads.EndQuestion(question.id), words=("xong roi", "xong", "cam on"))
    return numbered((done, option(t("questions.answer_more"), payloads.AskMore(question.id))), welcome.person())


def _answered(session: Session, question: Question, message: Message, bot: str) -> tuple[Block, ...]:
    """The words as they were written, above them what they answer."""
    asked = [one.words for one in threads.of(session, [question.id]) if one.side == "citizen" and one.words and one.id < message.id]
    about = (t("questions.answer_asked", words=cards.cut(asked[-1], SHOWN)),) if asked and not question.group_id else ()
    key = "questions.answer_edited_title" if message.edited_at is not None else "questions.answer_title"
    lines = tuple(line for line in message.words.splitlines() if line.strip())
    attached: tuple[Attached, ...] = threads.attached(message, bot)
    return (State(icon="person", title=t(key), text=(*lines, *about)), *attached)


def close(session: Session, premises: Premises, question: Question, by: str, *, now: dt.datetime) -> bool:
    """End it; whoever asked is told when it was not they. False when it was closed already."""
    if not questions.close(session, question.id, by, now=now):
        return False
    refresh(session, premises, question.id, now=now)
    account = questions.account(session, question)
    if by != questions.CITIZEN and account is not None and account.id is not None:
        choices = numbered((option(t("questions.ask_again"), payloads.AskStaff()), *_ratings(question)), welcome.person())
        state = State(tone="note", icon="person", title=t("questions.by_staff_title"), text=(t("questions.by_staff"),))
        memory.menu(session, account.id, choices, now=now)
        outbox.put(session, account.bot, account.address, Reply(blocks=(state,), choices=choices), now=now, kind="question")
    if by != questions.CITIZEN:
        _note(session, question, "question.close", by, {"answered": "yes" if question.answered_at is not None else "no"}, now=now)
    return True


def _ratings(question: Question) -> tuple[Choice, ...]:
    """Only an answer can be rated."""
    return (option(t("questions.rate"), payloads.EndQuestion(question.id)),) if question.answered_at is not None else ()


def remove_picture(session: Session, premises: Premises, message: Message, by: str, *, now: dt.datetime) -> bool:
    """A picture that shows an identity paper is deleted here and in the chats, and its sender is told kindly. False when it is gone."""
    if not threads.take_out(session, message, by, now=now):
        return False
    questions.touch(session, message.question_id, now=now)
    question = questions.get(session, message.question_id)
    account = questions.account(session, question) if question is not None else None
    if message.side == "citizen" and account is not None:
        state = State(tone="note", icon="shield", title=t("questions.photo_taken_title"), text=(t("questions.photo_taken"),))
        outbox.put(session, account.bot, account.address, Reply(blocks=(state,)), now=now, kind="question")
    refresh(session, premises, message.question_id, now=now)
    if question is not None:
        _note(session, question, "question.picture", by, {}, now=now)
    return True


def _tell(session: Session, premises: Premises, question: Question, members: Iterable[int], title: str, *lines: str, now: dt.datetime) -> None:
    """Into the connected chats of staff, with the way to the page."""
    for chat in colleagues.chats(session, members):
        _say(session, chat, State(tone="now", icon="bell", title=title, text=(*lines, _link(premises, question))), now=now, question=question)


def _link(premises: Premises, question: Question) -> str:
    return t("questions.page", link=cards.page(premises, question))


def _say(session: Session, chat: Chat, state: State, *, now: dt.datetime, question: Question, reply_to: str = "") -> None:
    reply = Reply(blocks=(state,), key=f"{threads.key(question.id)}:", reply_to=reply_to)
    outbox.put(session, chat.bot, chat.address, reply, now=now, kind="question")


# What comes due by itself, each in a transaction of its own. Safe to run from several processes at once.


def show_new(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """Questions made elsewhere, or before the center had a group."""
    for question in questions.to_show(session):
        show(session, premises, question, now=now)


def bring_up(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """Overdue: said once, in the group and to the leads."""
    for question in questions.bring_up(session, now=now):
        who = cards.owner(session, question)
        waits = t("questions.overdue_owner", name=who) if who else t("questions.overdue_nobody")
        title = t("questions.overdue_title", number=question.id)
        line = t("questions.overdue", until=cards.when(question.due_at, now), who=waits)
        for group in questions.staff_groups(session, question.center_id):
            card = threads.card(session, group.bot, group.address, question.id)
            state = State(tone="stop", icon="clock", title=title, text=(line,))
            _say(session, Chat(group.bot, group.address), state, now=now, question=question, reply_to=card)
        leads = [member.id for member in colleagues.leads(session, question.center_id)]
        _tell(session, premises, question, leads, title, line, now=now)


def tell_undelivered(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """An answer that could not be brought to whoever asked: the group and its author are told."""
    for message in threads.settle(session):
        question = questions.get(session, message.question_id)
        if question is None:
            continue
        questions.touch(session, question.id, now=now)
        words = t("questions.undelivered", number=question.id)
        groups = questions.staff_groups(session, question.center_id)
        for group in groups:
            card = threads.card(session, group.bot, group.address, question.id)
            outbox.put(
                session, group.bot, group.address, Reply(blocks=(Say(text=words),), key=f"{threads.key(question.id)}:", reply_to=card), now=now
            )
        author = message.author.removeprefix("staff:")
        if not groups and author.isdecimal():
            _tell(session, premises, question, [int(author)], words, now=now)


DUTIES = (show_new, bring_up, tell_undelivered)

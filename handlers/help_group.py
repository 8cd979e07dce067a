"""The center's staff group: questions come in as messages, and an answer to such a message goes to whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot import errors
from bot.conversation.context import numbered, option
from bot.conversation.groups import GroupContext
from bot.conversation.payloads import Payload
from bot.domain import colleagues, questions, staff, threads
from bot.domain.questions import Question, Refused
from bot.domain.roles import Member
from bot.domain.threads import Said, Source
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import answering, cards, payloads

MOST = 12  # colleagues offered at once
_CARRIED = frozenset(["text", "photo", "file"])

Replies = Sequence[Reply]


def answer(context: GroupContext) -> Replies:
    """A button of a question, an answer to one, a corrected answer; anything else that was meant for the bot is told how it works."""
    said = context.incoming
    if said.kind == "choice":
        return _pressed(context)
    if said.edited:
        return _corrected(context)
    question = _meant(context)
    if question is None:
        return (_below(said, t("questions.group_how")),) if said.addressed else ()
    member = _member(context)
    return _answered(context, question, member) if isinstance(member, Member) else (member,)


def _meant(context: GroupContext) -> Question | None:
    """The question whose message is replied to: of this group's center."""
    said = context.incoming
    number = threads.question_of(context.session, said.bot, said.address, said.reply_to)
    question = questions.get(context.session, number) if number is not None else None
    return question if question is not None and question.center_id == context.group.center_id else None


def _member(context: GroupContext) -> Member | Reply:
    """Who writes, if they may answer here; else what they can do about it."""
    said = context.incoming
    member = staff.of_account(context.session, said.bot, said.sender)
    if member is None:
        state = State(tone="note", icon="door", title=t("questions.not_staff_title"), text=(t("questions.not_staff"),))
        return Reply(blocks=(state,), reply_to=said.message_id)
    if not member.may("questions.work", context.group.center_id):
        return _below(said, t("questions.not_allowed", name=member.name))
    return member


def _below(said: Incoming, words: str, choices: Sequence[Choice] = ()) -> Reply:
    return Reply(blocks=(Say(text=words),), choices=numbered(choices) if choices else (), reply_to=said.message_id)


def _answered(context: GroupContext, question: Question, member: Member) -> Replies:
    said = context.incoming
    words = threads.as_written(said.text)
    if said.kind not in _CARRIED or (not words and said.file is None):
        return (_below(said, t("questions.not_read")),)
    source = Source(said.bot, said.address, said.message_id)
    message = Said("staff", words, author=member.actor, source=source, file=said.file)
    refused = answering.answer(context.session, context.premises, question, member, message, now=context.now)
    return () if refused is None else _refused(context, question, message, refused)


def _refused(context: GroupContext, question: Question, message: Said, refused: Refused) -> Replies:
    """Somebody was first: the words wait for a decision of whoever wrote them."""
    said = context.incoming
    if refused.closed:
        return (_below(said, t("questions.too_late", number=question.id)),)
    held = threads.add(context.session, question.id, Said("held", message.words, message.author, message.source, message.file), now=context.now)
    current = questions.get(context.session, question.id)
    if held is None or current is None:
        return ()
    text = f"{_who(context, current)} {t('questions.held')}"
    return (_below(said, text, (option(t("questions.held_send"), payloads.SendHeld(held.id)),)),)


def _who(context: GroupContext, question: Question) -> str:
    """Who has it, or answered it, and since when."""
    name = cards.owner(context.session, question)
    if question.state == "answered" and question.answered_at is not None:
        return t("questions.answered_by", name=name, number=question.id, at=cards.stamp(question.answered_at, context.now))
    return t("questions.taken_by", name=name, number=question.id, at=cards.stamp(question.owned_at or question.changed_at, context.now))


def _corrected(context: GroupContext) -> Replies:
    """An answer that was changed after it was sent reaches whoever asked, by whoever wrote it; what is held back is changed too."""
    said = context.incoming
    message = threads.of_source(context.session, Source(said.bot, said.address, said.message_id))
    member = staff.of_account(context.session, said.bot, said.sender)
    if message is None or member is None or message.author != member.actor or not member.may("questions.work", context.group.center_id):
        return ()
    words = threads.as_written(said.text)
    if words:
        answering.reword(context.session, context.premises, message, words, now=context.now)
    return ()


# buttons


def _pressed(context: GroupContext) -> Replies:
    try:
        meant = payloads.CODEC.decode(context.incoming.payload)
    except errors.StalePayload:
        return ()
    deed = _DEEDS.get(type(meant))
    if deed is None:
        return ()
    member = _member(context)
    return deed(context, member, meant) if isinstance(member, Member) else (member,)


def _named(context: GroupContext, number: int) -> Question | None:
    question = questions.get(context.session, number)
    return question if question is not None and question.center_id == context.group.center_id else None


def _take(context: GroupContext, member: Member, meant: payloads.TakeQuestion) -> Replies:
    question = _named(context, meant.question)
    if question is None or answering.claim(context.session, context.premises, question, member, now=context.now):
        return ()
    return _first_was(context, question, member)


def _first_was(context: GroupContext, question: Question, member: Member) -> Replies:
    current = questions.get(context.session, question.id) or question
    if current.state == "closed":
        return (_below(context.incoming, t("questions.too_late", number=question.id)),)
    return () if current.owner_id == member.id else (_below(context.incoming, _who(context, current)),)


def _pass(context: GroupContext, member: Member, meant: payloads.PassQuestion) -> Replies:
    question = _named(context, meant.question)
    if question is None or not question.open:
        return ()
    able = [one for one in colleagues.able(context.session, question.center_id) if one.id != question.owner_id][:MOST]
    options = [option(one.name, payloads.PassQuestionTo(question.id, one.id)) for one in able]
    options.append(option(t("questions.pass_all"), payloads.PassQuestionTo(question.id, 0)))
    return (_below(context.incoming, t("questions.pass_ask", number=question.id), options),)


def _pass_to(context: GroupContext, member: Member, meant: payloads.PassQuestionTo) -> Replies:
    question = _named(context, meant.question)
    able = {one.id: one for one in colleagues.able(context.session, context.group.center_id)}
    if question is None or (meant.staff and meant.staff not in able):
        return ()
    to = able.get(meant.staff)
    if not answering.hand_on(context.session, context.premises, question, to, by=member.actor, now=context.now):
        return _first_was(context, question, member)
    if to is None:
        return (_below(context.incoming, t("questions.passed_all", number=question.id)),)
    return (_below(context.incoming, t("questions.passed", number=question.id, name=to.name)),)


def _shut(context: GroupContext, member: Member, meant: payloads.ShutQuestion) -> Replies:
    question = _named(context, meant.question)
    if question is None or question.state == "closed":
        return ()
    if question.open and not meant.sure:
        sure = option(t("questions.shut_sure"), payloads.ShutQuestion(question.id, sure=True))
        keep = option(t("questions.shut_keep"), payloads.KeepQuestion(question.id))
        return (_below(context.incoming, t("questions.shut_ask", number=question.id), (sure, keep)),)
    answering.close(context.session, context.premises, question, member.actor, now=context.now)
    return ()


def _keep(context: GroupContext, member: Member, meant: payloads.KeepQuestion) -> Replies:
    return (_below(context.incoming, t("questions.kept", number=meant.question)),)


def _send_held(context: GroupContext, member: Member, meant: payloads.SendHeld) -> Replies:
    message = threads.get(context.session, meant.message)
    question = _named(context, message.question_id) if message is not None else None
    if message is None or question is None or message.author != member.actor:
        return (_below(context.incoming, t("questions.held_gone")),)
    refused = answering.send_held(context.session, context.premises, message, member, now=context.now)
    if refused is None:
        return ()
    key = t("questions.too_late", number=question.id) if refused.closed else t("questions.held_gone")
    return (_below(context.incoming, key),)


_DEEDS: Mapping[type[Payload], Callable[[GroupContext, Member, Any], Replies]] = {
    payloads.TakeQuestion: _take,
    payloads.PassQuestion: _pass,
    payloads.PassQuestionTo: _pass_to,
    payloads.ShutQuestion: _shut,
    payloads.KeepQuestion: _keep,
    payloads.SendHeld: _send_held,
}

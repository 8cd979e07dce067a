"""A citizen asks people: the words agreed to first, then sent on, added to, corrected, ended and rated."""

from __future__ import annotations

import hashlib

from bot.conversation import choose
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import checklists, colleagues, questions, threads
from bot.domain.centers import Center
from bot.domain.questions import Asker, Cause, Knows, Question, Topic
from bot.domain.threads import Said, Source
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import answering, cards, listing, payloads, presenting, privacy, question_files, welcome
from procedures import checklist
from procedures.text import fold

TOPIC = "question"
# What the dialog remembers: words nobody could answer, and words that wait to be agreed to, each with the id of its message.
UNANSWERED, DRAFT = "unanswered", "draft"
_OF = "_id"


def can_ask(context: Context) -> bool:
    """Whether there is anybody who would read it."""
    return colleagues.anybody(context.session, center(context).id)


def center(context: Context) -> Center:
    """Whose staff are asked: where the dialog is about a center, that one."""
    return context.premises.directory.get(context.state.data.get("center", "")) or context.premises.center


def live(context: Context) -> Question | None:
    return questions.live(context.session, context.account_id)


def keep_unanswered(context: Context, said: Incoming) -> None:
    """The last words nothing was found for: whoever then asks for a person need not type them again."""
    context.state.data = {**context.state.data, UNANSWERED: threads.tidy(said.text), UNANSWERED + _OF: said.message_id}


def forget_unanswered(context: Context) -> None:
    context.state.data = {key: value for key, value in context.state.data.items() if not key.startswith(UNANSWERED)}


def offer(context: Context) -> tuple[Choice, ...]:
    """The line that hands on what was just typed, or begins; none where nobody would read it."""
    if not can_ask(context):
        return ()
    if not context.state.data.get(UNANSWERED):
        return (option(t("questions.begin"), payloads.AskStaff()),)
    return (option(t("questions.begin_more" if live(context) is not None else "questions.begin_this"), payloads.AskStaff()),)


def begin(context: Context, _said: Payload | Incoming) -> Reply:
    """The words nobody could answer are taken along; without any, the person is asked for them."""
    waiting, kept = live(context), context.state.data.get(UNANSWERED, "")
    if kept:
        return draft(context, kept, context.state.data.get(UNANSWERED + _OF, ""))
    if waiting is not None:
        return standing(context, waiting)
    return ask_words(context) if can_ask(context) else welcome.menu(context, context.incoming)


def ask_words(context: Context) -> Reply:
    context.state.topic = TOPIC
    more = live(context) is not None
    state = State(tone="note", icon="person", title=t("questions.write_title"), text=(t("questions.write_more" if more else "questions.write"),))
    return Reply(blocks=(state,), choices=numbered((option(t("questions.write_stop"), payloads.Menu()),)))


def rewrite(context: Context, _said: Payload) -> Reply:
    _forget_draft(context)
    forget_unanswered(context)
    return ask_words(context)


def typed(context: Context, said: Incoming) -> Reply:
    """The words for staff. Who asked to add something has agreed already; anything else is shown first."""
    if privacy.looks_secret(said.text):
        return privacy.warn_of_secret(context)
    if privacy.only_a_number(said.text):
        return Reply(blocks=(Say(text=t("privacy.no_number")),), choices=context.state.menu)
    words = threads.tidy(said.text)
    if not fold(words) or choose.short_numbers(said.text):
        return Reply(blocks=(Say(text=t("chat.not_number")),), choices=context.state.menu)
    waiting = live(context)
    if waiting is not None and context.state.data.get("more") == str(waiting.id):
        return add(context, waiting, Said("citizen", words, source=source(said)))
    return draft(context, words, said.message_id)


def source(said: Incoming) -> Source:
    return Source(said.bot, said.address, said.message_id) if said.message_id else threads.NOWHERE


def draft(context: Context, words: str, message_id: str) -> Reply:
    """What would be sent, for agreement: nothing goes to anybody unread."""
    context.state.topic = TOPIC
    context.state.data = {**context.state.data, DRAFT: words, DRAFT + _OF: message_id}
    more = live(context) is not None
    told = "; ".join(_known(topic(context).knows)) if not more else ""
    lines = (t("questions.quoted", words=words), t("questions.draft_knows", what=told) if told else t("questions.draft_plain"))
    state = State(tone="note", icon="person", title=t("questions.draft_more_title" if more else "questions.draft_title"), text=lines)
    send_ = option(t("questions.draft_send"), payloads.SendQuestion(_mark(words)), words=("gui", "gui di", "dong y", "dung", "ok"))
    rewrite_ = option(t("questions.draft_rewrite"), payloads.RewriteQuestion())
    return Reply(blocks=(state,), choices=numbered((send_, rewrite_, option(t("questions.write_stop"), payloads.Menu()))))


def _mark(words: str) -> str:
    return hashlib.blake2s(words.encode(), digest_size=4).hexdigest()


def _known(knows: Knows) -> list[str]:
    parts = [t("questions.knows_name", name=knows.name)] if knows.name else []
    parts += [t("questions.knows_situation", situation=knows.situation)] if knows.situation else []
    return [*parts, *([t("questions.knows_papers", count=len(knows.papers))] if knows.papers else [])]


def topic(context: Context) -> Topic:
    """What the bot knows by now: procedure, answers, list. Words nothing was found for are about something else than the list before."""
    cause: Cause = "nothing_found" if context.state.data.get(UNANSWERED) else "asked"
    row, entry = listing.find(context, int(context.state.data.get("checklist", "0")))
    if row is None or entry is None:
        return Topic(cause=cause)
    result, kept = checklist.build(entry, checklists.answers(row)), checklists.pinned(row)
    papers = tuple(paper.name for paper in kept.papers) if kept is not None and row.complete else ()
    knows = Knows(entry.title, presenting.situation(result, result.answers), papers)
    return Topic(entry.code if cause == "asked" else "", knows, cause)


def send(context: Context, said: payloads.SendQuestion) -> Reply:
    """Agreed. Tapped twice it is one question; a button below an older draft shows the newest one again."""
    words, waiting = context.state.data.get(DRAFT, ""), live(context)
    if not words:
        return standing(context, waiting) if waiting is not None else ask_words(context)
    if said.mark != _mark(words):
        return draft(context, words, context.state.data.get(DRAFT + _OF, ""))
    where = Source(context.incoming.bot, context.incoming.address, context.state.data.get(DRAFT + _OF, ""))
    message = Said("citizen", words, source=where if where.message_id else threads.NOWHERE)
    if waiting is not None:
        return add(context, waiting, message)
    asker = Asker(person_id=context.person_id, account_id=context.account_id)
    made = answering.hand_over(context.session, context.premises, asker, topic(context), message, center_id=center(context).id, now=context.now)
    _leave(context)
    return _sent(context, made, t("questions.sent_title"))


def _sent(context: Context, question: Question, title: str) -> Reply:
    there = context.premises.directory.get(question.center_id) or context.premises.center
    comes = t("questions.comes_web" if context.incoming.bot in context.premises.silent else "questions.comes_here")
    state = State(icon="tick", title=title, text=(cards.promise(there, question, context.now), comes))
    return Reply(blocks=(state,), choices=numbered(deeds(question)))


def deeds(question: Question) -> tuple[Choice, ...]:
    """What one can do while a question is not closed."""
    more = option(t("questions.more"), payloads.AskMore(question.id))
    return (more, option(t("questions.other"), payloads.Ask()), option(t("questions.end"), payloads.EndQuestion(question.id)))


def standing(context: Context, question: Question) -> Reply:
    """How far it is."""
    _leave(context)
    return Reply(blocks=(state_of(context, question),), choices=numbered(deeds(question)))


def state_of(context: Context, question: Question) -> State:
    there = context.premises.directory.get(question.center_id) or context.premises.center
    first = next((message.words for message in threads.of(context.session, [question.id])), "")
    asked = (t("questions.quoted", words=cards.cut(first, answering.SHOWN)),) if first else ()
    if not question.open:
        return State(icon="person", title=t("questions.answered_title"), text=(*asked, t("questions.answered_again")))
    return State(tone="note", icon="person", title=t("questions.waiting_title"), text=(*asked, cards.promise(there, question, context.now)))


def more(context: Context, said: payloads.AskMore) -> Reply:
    """Whoever chooses to add something writes to staff next."""
    waiting = live(context)
    if waiting is None or waiting.id != said.question:
        return Reply(blocks=(Say(text=t("questions.closed_before")),), choices=numbered(offer(context), welcome.person()))
    forget_unanswered(context)
    context.state.data = {**context.state.data, "more": str(waiting.id)}
    return ask_words(context)


def add(context: Context, question: Question, said: Said) -> Reply:
    """Goes to the same people, under the same question."""
    if not answering.add(context.session, context.premises, question, said, now=context.now):
        return draft(context, said.words, said.source.message_id)
    _leave(context)
    return _sent(context, questions.get(context.session, question.id) or question, t("questions.sent_more_title"))


def _leave(context: Context) -> None:
    _forget_draft(context)
    forget_unanswered(context)
    context.state.leave()


def _forget_draft(context: Context) -> None:
    context.state.data = {key: value for key, value in context.state.data.items() if key not in (DRAFT, DRAFT + _OF, "more")}


def end(context: Context, said: payloads.EndQuestion) -> Reply:
    """Nothing more is needed; an answer can then be rated."""
    question = questions.get(context.session, said.question)
    if question is None or question.account_id != context.account_id:
        return Reply(blocks=(Say(text=t("questions.closed_before")),), choices=welcome.choices())
    answering.close(context.session, context.premises, question, questions.CITIZEN, now=context.now)
    _leave(context)
    if question.answered_at is None:
        return Reply(blocks=(State(icon="tick", title=t("questions.closed_title"), text=(t("questions.closed"),)),), choices=welcome.choices())
    levels = [option(t(f"questions.rate_{level}"), payloads.RateAnswer(question.id, level)) for level in questions.RATINGS]
    skip = option(t("questions.rate_skip"), payloads.RateAnswer(question.id, 0))
    return Reply(blocks=(Say(text=t("questions.closed_title")),), ask=t("questions.rate_ask"), choices=numbered((*levels, skip)))


def rate(context: Context, said: payloads.RateAnswer) -> Reply:
    rated = questions.rate(context.session, said.question, context.account_id, said.rating, now=context.now)
    if rated:
        answering.refresh(context.session, context.premises, said.question, now=context.now)
    words = (Say(text=t("questions.rated")),) if rated else ()
    return Reply(blocks=words, ask=t("chat.menu_ask"), choices=welcome.choices())


# messages that belong to an earlier one


def follow(context: Context, said: Incoming) -> Reply | None:
    """A corrected message, or an answer to one of ours, when it is about a question to staff; None when it is not."""
    return _corrected(context, said) if said.edited else _replied(context, said)


def _corrected(context: Context, said: Incoming) -> Reply | None:
    words = threads.tidy(said.text)
    if context.state.data.get(DRAFT) and context.state.data.get(DRAFT + _OF) == said.message_id:
        return typed(context, said)
    message = threads.of_source(context.session, source(said))
    if message is None or message.side != "citizen":
        return None
    if privacy.looks_secret(said.text):
        return privacy.warn_of_secret(context)
    question = questions.get(context.session, message.question_id)
    if question is None or question.state == "closed":
        return Reply(blocks=(Say(text=t("questions.edited_late")),))
    if words:
        answering.reword(context.session, context.premises, message, words, now=context.now)
    return Reply(blocks=(Say(text=t("questions.edited")),))


def _replied(context: Context, said: Incoming) -> Reply | None:
    number = threads.question_of(context.session, said.bot, said.address, said.reply_to)
    question = questions.get(context.session, number) if number is not None else None
    if question is None or question.account_id != context.account_id:
        return None
    if question.state != "closed" and said.file is not None:
        return question_files.ask(context, said, question)
    if said.kind != "text" or choose.pick(context.state.menu, said.text) is not None:
        return None
    if question.state != "closed":
        context.state.data = {**context.state.data, "more": str(question.id)}
    return typed(context, said)

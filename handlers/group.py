"""A citizens' help group: short answers in the thread, the rest in private or to staff. Nothing personal is said there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bot import clock
from bot.conversation.groups import GroupContext
from bot.domain import groups, misses, questions, threads, traces
from bot.domain.centers import Center
from bot.domain.questions import Asker, Question, Topic
from bot.domain.threads import Said, Source
from bot.messages import Block, Choice, Fact, Page, Reply, Say, State
from bot.texts import t
from handlers import answering, cards, center, facts, group_setup, listing, places, presenting, privacy, starting
from procedures.models import Fee, Procedure
from procedures.text import fold

LONGEST = 120  # characters of a line of fees or times; a longer one is read in private
_LINK = re.compile(r"://|\bwww\.|\bt\.me/|\b[\w-]+\.(?:com|net|org|info|xyz|top|vn|me|link|site|shop)(?:/|\b)", re.IGNORECASE)
_NODS = re.compile(r"(?:da |vang |ok |oke )*(?:cam on|thanks?|thank you|tks|ok|oke|okay|da|vang|uh|um|duoc|hay qua|tot qua)(?: .{0,20})?")
MOST_NOD = 5  # words; a longer sentence asks something


def answer(context: GroupContext) -> Sequence[Reply]:
    """Answer what was meant for the bot, unless it is no question, or its sender is too quick."""
    said = context.incoming
    if said.edited:
        _reword(context)
    if not said.addressed or said.edited or said.kind != "text" or _LINK.search(said.text) or _nods(said.text):
        return ()
    asked = groups.ask(context.session, context.group, said.sender, context.premises.key, now=context.now)
    if asked == "ignored":
        return ()
    there = context.premises.directory.get(context.group.center_id) or context.premises.center
    if asked == "hint":
        return (_private(context, (Say(text=t("groups.slow_hint", pause=group_setup.pause(context.group.slow_seconds))),)),)
    if not groups.is_open(context.group, there, context.now):
        return (_private(context, (Say(text=t("groups.closed", opening=there.now_line(context.now))),)),)
    return (_answer(context, there),)


def _nods(text: str) -> bool:
    said = fold(text)
    return len(said.split()) <= MOST_NOD and _NODS.fullmatch(said) is not None


def _answer(context: GroupContext, there: Center) -> Reply:
    """The question without what points to a person; who wrote such a thing is told first."""
    text = context.incoming.text
    if privacy.looks_secret(text):
        context.secret = True
        state = State(tone="stop", icon="shield", title=t("privacy.secret_title"), text=(t("groups.secret"),))
        return _private(context, (state,))
    words = traces.blotted(text)
    warned = (_warning(),) if words != text else ()
    if privacy.only_a_number(text):
        return _private(context, warned)
    waiting = _waiting(context)
    reply = _added(context, waiting, words) if waiting is not None else _found(context, words, there)
    return reply.model_copy(update={"blocks": (*warned, *reply.blocks)})


def _warning() -> State:
    return State(tone="stop", icon="shield", title=t("groups.private_title"), text=(t("groups.private"),))


def _found(context: GroupContext, words: str, there: Center) -> Reply:
    plain = fold(words)
    if not plain or words.startswith("/"):
        return _private(context, (Say(text=t("groups.empty")),))
    match facts.asked(words):
        case "center" | "place":
            return _private(context, (center.card(there, context.now),))
        case "fee" | "time":
            return _private(context, (Say(text=t("groups.more_words")),))
    if places.asked(words) is not None:
        return _private(context, (Say(text=t("groups.places")),))
    found = context.premises.index.find(words, today=context.today)
    entry = context.premises.catalog.get(found.hits[0].code, context.today) if found.decision in ("answer", "refer") else None
    if entry is not None and entry.in_force(context.today):
        return _short(context, entry, there)
    return _passed(context, words, there, missed=found.decision == "unknown")


def _short(context: GroupContext, entry: Procedure, there: Center) -> Reply:
    """The title, who does it, fee and time in a line each, where it comes from; the papers depend on the situation and stay private."""
    page = Page(
        title=entry.title, text=tuple(_who(entry, there)), facts=tuple(_lines(entry)), source=presenting.source(entry, context.premises.catalog)
    )
    link = starting.link(context.premises, context.incoming.bot, entry.code)
    return _thread(context, (page,), Choice(number=1, label=t("groups.open"), link=link))


def _who(entry: Procedure, there: Center) -> Iterable[str]:
    if entry.where is not None:
        yield t("find.elsewhere_office", office=entry.where.office)
    else:
        yield t("groups.handled_here", center=there.name) if entry.handled_by == listing.HERE else presenting.handled(entry, there)
    if entry.checked.imported:
        yield t("find.imported_source", day=clock.date(entry.checked.on))


def _lines(entry: Procedure) -> Iterable[Fact]:
    """Only what curated entries say; what depends on the situation says so."""
    if entry.depth != "curated":
        return
    fees: dict[str, list[Fee]] = {}
    for fee in entry.fees:
        fees.setdefault(fee.what or "", []).append(fee)
    of_each = {what: _either([presenting.fee_text(fee) for fee in those], sometimes=any(fee.when for fee in those)) for what, those in fees.items()}
    said = [f"{what}: {_lower(text)}" if what and len(of_each) > 1 else text for what, text in of_each.items()]
    yield Fact(icon="coin", label=t("list.fee"), text=_short_line(said) or t("list.fee_unstated"))
    if entry.time:
        times = [presenting.time_text(time) for time in entry.time]
        yield Fact(icon="clock", label=t("list.time"), text=_short_line([_either(times, sometimes=any(time.when for time in entry.time))]))


def _either(texts: Sequence[str], *, sometimes: bool) -> str:
    """One of several, or one that does not always hold, depends on the situation."""
    different = list(dict.fromkeys(texts))
    if len(different) == 1 and not sometimes:
        return different[0]
    return t("groups.depends_on", either=" / ".join(text.rstrip(".") for text in different))


def _short_line(said: Sequence[str]) -> str:
    line = " ".join(said)
    return line if len(line) <= LONGEST else t("groups.depends")


def _passed(context: GroupContext, words: str, there: Center, *, missed: bool) -> Reply:
    """Not sure: no guess, a person answers in the thread."""
    if missed:
        misses.keep(context.session, words, there.id, now=context.now)
    asker = Asker(group_id=context.group.id, group_message_id=context.incoming.message_id)
    question = answering.hand_over(
        context.session, context.premises, asker, Topic(cause="group"), _said(context, words), center_id=there.id, now=context.now
    )
    promise = cards.promise(there, question, context.now)
    state = State(tone="note", icon="person", title=t("groups.passed_title"), text=(t("groups.passed", center=there.name), promise))
    return _private(context, (state,)).model_copy(update={"key": f"{threads.key(question.id)}:"})


def _said(context: GroupContext, words: str) -> Said:
    return Said("citizen", threads.tidy(words), source=_source(context))


def _source(context: GroupContext) -> Source:
    said = context.incoming
    return Source(said.bot, said.address, said.message_id) if said.message_id else threads.NOWHERE


def _waiting(context: GroupContext) -> Question | None:
    """The question of this group that is replied to, while staff have it."""
    said = context.incoming
    number = threads.question_of(context.session, said.bot, said.address, said.reply_to)
    question = questions.get(context.session, number) if number is not None else None
    return question if question is not None and question.group_id == context.group.id and question.state != "closed" else None


def _added(context: GroupContext, question: Question, words: str) -> Reply:
    """Something further to a question staff have."""
    answering.add(context.session, context.premises, question, _said(context, words), now=context.now)
    return _thread(context, (Say(text=t("groups.added")),)).model_copy(update={"key": f"{threads.key(question.id)}:"})


def _reword(context: GroupContext) -> None:
    """Staff read the question as it stands now."""
    if privacy.looks_secret(context.incoming.text):
        context.secret = True
        return
    message = threads.of_source(context.session, _source(context)) if context.incoming.message_id else None
    question = questions.get(context.session, message.question_id) if message is not None else None
    words = threads.tidy(context.incoming.text)
    if message is not None and message.side == "citizen" and question is not None and question.state != "closed" and words:
        answering.reword(context.session, context.premises, message, words, now=context.now)


def _private(context: GroupContext, blocks: Sequence[Block]) -> Reply:
    link = starting.link(context.premises, context.incoming.bot)
    return _thread(context, blocks, Choice(number=1, label=t("groups.open_private"), link=link))


def _thread(context: GroupContext, blocks: Sequence[Block], *choices: Choice) -> Reply:
    return Reply(blocks=tuple(blocks), choices=choices, reply_to=context.incoming.message_id)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

"""The questions that decide a list: one at a time, answers can be changed, taps may come twice."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import encode
from bot.domain import checklists
from bot.domain.checklists import Kept as Row
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import listing, payloads, procedure, stale, welcome, wishes
from procedures import checklist
from procedures.models import Procedure, Question

TOPIC = "interview"


def open_(context: Context, said: payloads.Open) -> Reply:
    return open_code(context, said.code)


def open_code(context: Context, code: str, intro: str = "") -> Reply:
    """Begin with the entry of `code`, or its successor: its first question, its list, or its page."""
    entry = context.premises.catalog.get(code, context.today)
    if entry is None:
        return stale.stale(context, context.incoming)
    wishes.opened(context, entry.code)
    instead = procedure.page(context, entry)
    if instead is not None:
        return _after((Say(text=intro),) if intro else (), instead)
    row = checklists.start(context.session, entry.code, entry.version, person_id=context.person_id, account_id=context.account_id, now=context.now)
    lines = [line for line in (intro, t("find.this", name=entry.title), entry.summary or "") if line]
    return go_on(context, row, entry, lines)


def go_on(context: Context, row: Row, entry: Procedure, said: Sequence[str] = ()) -> Reply:
    """The next question that still matters, or where the answers lead; no list from an entry that ended meanwhile."""
    instead = procedure.page(context, entry)
    if instead is not None:
        context.state.leave()
        return instead
    result = checklist.build(entry, checklists.answers(row))
    blocks = tuple(Say(text=line) for line in said)
    if result.goes_to is not None:
        return open_code(context, result.goes_to, intro=t("list.goes_to"))
    if result.ends is not None:
        context.state.leave()
        state = State(tone="note", icon="info", title=t("list.ends_title"), text=(result.ends,))
        return Reply(blocks=(*blocks, state), choices=numbered(_after_end(context, row), welcome.person()))
    if result.next_question is None:
        return listing.hand_out(context, row, entry, result, blocks)
    return question(context, row, result.next_question, len(result.answers) + 1, blocks)


def _after(blocks: Sequence[Say], reply: Reply) -> Reply:
    return reply.model_copy(update={"blocks": (*blocks, *reply.blocks)})


def question(context: Context, row: Row, asked: Question, number: int, blocks: Sequence[Say] = ()) -> Reply:
    """One question with its options; 0 is always a person."""
    assert row.id is not None
    context.state.topic, context.state.data = TOPIC, {"checklist": str(row.id)}
    given = checklists.answers(row).get(asked.id)
    options = [_option(row.id, asked, key, given) for key, _ in asked.options]
    unsure = option(t("chat.person_unsure"), payloads.Person())
    return Reply(blocks=tuple(blocks), step=t("list.step", number=number), ask=asked.ask, why=asked.why or "", choices=numbered(options, unsure))


def _option(checklist_id: int, asked: Question, key: str, given: str | None) -> Choice:
    chosen = asked.option(key)
    assert chosen is not None
    hints = [chosen.hint or "", t("list.edit_now", label=chosen.label) if key == given else ""]
    return option(chosen.label, payloads.Answer(checklist_id, asked.id, key), hint=". ".join(filter(None, hints)), words=chosen.words)


def answer(context: Context, said: payloads.Answer) -> Reply:
    """An answer, a changed answer, or the same one tapped twice: all lead on from what is known now."""
    row, entry = listing.find(context, said.checklist)
    if row is None or entry is None:
        return listing.lost(context)
    asked = entry.question(said.question)
    if asked is None or asked.option(said.option) is None:
        return go_on(context, row, entry, (t("chat.stale"),))
    known = checklists.answers(row).get(said.question)
    note = [] if known is None else [t("list.unchanged_answer") if known == said.option else t("list.changed_answer")]
    checklists.answer(context.session, row, said.question, said.option, now=context.now)
    return go_on(context, row, entry, note)


def edit(context: Context, said: payloads.Edit) -> Reply:
    """All answers given or taken for granted, to change one."""
    row, entry = listing.find(context, said.checklist)
    if row is None or entry is None:
        return listing.lost(context)
    result = checklist.build(entry, checklists.answers(row))
    chosen = {**result.assumed, **result.answers}
    options = [_editable(said.checklist, asked, chosen[asked.id]) for asked in entry.questions if asked.id in chosen]
    if not options:
        return listing.show(context, row, entry, (Say(text=t("list.edit_none")),))
    return Reply(ask=t("list.edit_ask"), choices=numbered(options, welcome.person()))


def _editable(checklist_id: int, asked: Question, key: str) -> Choice:
    chosen = asked.option(key)
    label = chosen.label if chosen is not None else ""
    return option(asked.ask, payloads.Change(checklist_id, asked.id), hint=t("list.edit_now", label=label))


def change(context: Context, said: payloads.Change) -> Reply:
    row, entry = listing.find(context, said.checklist)
    asked = entry.question(said.question) if entry is not None else None
    if row is None or asked is None:
        return listing.lost(context)
    return question(context, row, asked, 1)


def back(context: Context, said: Incoming) -> Reply:
    """One step back: from an aside to the question or list, from there the last answer is taken back, else the menu."""
    row, entry = listing.find(context, int(context.state.data.get("checklist", "0")))
    if row is None or row.id is None or entry is None:
        return welcome.menu(context, said)
    if not context.state.topic or not _in_front(context, row.id, asked=not row.complete):
        return show(context, payloads.Show(row.id))
    given = checklists.answers(row)
    last = next(reversed(given), None)
    if last is None:
        context.state.data = {}
        return welcome.menu(context, said)
    checklists.take_back(context.session, row, last, now=context.now)
    return go_on(context, row, entry)


def _in_front(context: Context, checklist_id: int, *, asked: bool) -> bool:
    """Whether the newest menu is that of the next question (`asked`) or of the finished list, and not of an aside."""
    lines = [choice.payload for choice in context.state.menu]
    if asked:
        return any(line.startswith(f"{payloads.Answer.tag}:{checklist_id}:") for line in lines)
    return encode(payloads.Ticks(checklist_id)) in lines


def show(context: Context, said: payloads.Show) -> Reply:
    """The list again as it was handed out; an unfinished one goes on where it stood."""
    row, entry = listing.find(context, said.checklist)
    if row is None or entry is None:
        return listing.lost(context)
    return listing.show(context, row, entry) if row.complete else go_on(context, row, entry)


def renew(context: Context, said: payloads.Renew) -> Reply:
    """The same answers, today's entry."""
    row, entry = listing.find(context, said.checklist)
    return listing.lost(context) if row is None or entry is None else go_on(context, row, entry)


def _after_end(context: Context, row: Row) -> list[Choice]:
    assert row.id is not None
    return [option(t("list.do_edit"), payloads.Edit(row.id)), *wishes.left(context), option(t("list.do_other"), payloads.Ask())]

"""The finished list: shown, ticked, shared, and compared with today's catalog."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from bot import clock
from bot.conversation import choose
from bot.conversation.context import Context, Premises, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import checklists
from bot.domain.checklists import Kept as Row
from bot.messages import Block, Choice, Papers, Reply, Say, State
from bot.texts import t
from handlers import payloads, presenting, welcome, wishes
from procedures import checklist
from procedures.models import Procedure

TOPIC = "listing"
PAGE = "/d/"
HERE = "commune_center"


def find(context: Context, checklist_id: int) -> tuple[Row | None, Procedure | None]:
    """The person's own list and its entry of today."""
    row = checklists.of_person(context.session, checklist_id, context.person_id)
    return row, context.premises.catalog.get(row.code, context.today) if row is not None else None


def lost(context: Context) -> Reply:
    context.state.leave()
    return Reply(blocks=(State(icon="info", title=t("chat.stale_title"), text=(t("list.gone"),)),), choices=welcome.choices())


def hand_out(context: Context, row: Row, entry: Procedure, result: checklist.Checklist, blocks: Sequence[Block] = ()) -> Reply:
    """Pin the list to today's entry and show it."""
    assert row.id is not None
    made = presenting.papers(
        result, context.premises.catalog, context.premises.center, context.today,
        page=page(context, row), checklist_id=row.id, ticked=checklists.ticked(row),
    )  # fmt: skip
    checklists.pin(context.session, row, made, entry.version, now=context.now)
    return _reply(context, row, entry, made, blocks)


def show(context: Context, row: Row, entry: Procedure, blocks: Sequence[Block] = ()) -> Reply:
    """The list as it was handed out, ticks as they are now, and what changed since."""
    kept = checklists.pinned(row)
    if kept is None or row.id is None:
        return lost(context)
    changes = changed(context.premises, row, entry, context.today)
    shown = presenting.with_ticks(kept, checklists.ticked(row), row.id)
    return _reply(context, row, entry, shown.model_copy(update={"changed": changes}), blocks)


def _reply(context: Context, row: Row, entry: Procedure, shown: Papers, blocks: Sequence[Block]) -> Reply:
    assert row.id is not None
    context.state.topic, context.state.data = TOPIC, {"checklist": str(row.id)}
    options = [
        option(t("list.do_tick"), payloads.Ticks(row.id)),
        *([option(t("booking.do_book"), payloads.Book(row.id))] if entry.handled_by == HERE else []),
        option(t("list.do_share"), payloads.Share(row.id)),
        *([option(t("list.do_edit"), payloads.Edit(row.id))] if entry.questions else []),
        *wishes.left(context),
        option(t("list.do_other"), payloads.Ask()),
    ]
    if shown.changed:
        options.insert(0, option(t("list.changed_do"), payloads.Renew(row.id)))
    return Reply(blocks=(*blocks, shown), ask=t("list.next_ask"), choices=numbered(options, welcome.person()), key=f"list:{row.id}")


def changed(premises: Premises, row: Row, entry: Procedure, today: dt.date) -> tuple[str, ...]:
    """What would be different if the list were made today."""
    kept = checklists.pinned(row)
    if kept is None or (row.version == entry.version and entry.in_force(today)):
        return ()
    result = checklist.build(entry, checklists.answers(row))
    if not result.done or result.ends or result.goes_to or not entry.in_force(today):
        return (t("list.changed_gone"),)
    return presenting.differences(kept, presenting.papers(result, premises.catalog, premises.center, today))


def page(context: Context, row: Row) -> str:
    return f"{context.premises.address}{PAGE}{row.token}"


def mine(context: Context, _said: Payload | object) -> Reply:
    """The lists made so far."""
    rows = checklists.latest(context.session, context.person_id)
    if not rows:
        return Reply(blocks=(Say(text=t("list.mine_none")),), choices=welcome.choices())
    return Reply(ask=t("list.mine_ask"), choices=numbered([_mine(context, row) for row in rows], welcome.person()))


def _mine(context: Context, row: Row) -> Choice:
    entry = context.premises.catalog.get(row.code, context.today)
    assert row.id is not None
    return option(entry.title if entry else row.code, payloads.Show(row.id), hint=clock.date(clock.today(row.updated_at)))


def ticks(context: Context, said: payloads.Ticks) -> Reply:
    """The papers as a numbered menu, for channels without boxes."""
    row, entry = find(context, said.checklist)
    if row is None or entry is None:
        return lost(context)
    return tick_menu(context, row)


def tick_menu(context: Context, row: Row) -> Reply:
    kept = checklists.pinned(row)
    if kept is None or row.id is None:
        return lost(context)
    context.state.topic, context.state.data = TOPIC, {"checklist": str(row.id)}
    shown = presenting.with_ticks(kept, checklists.ticked(row), row.id)
    options = [Choice(number=-1, label=p.name, payload=p.payload, hint=t("list.tick_have") if p.have else "") for p in shown.papers]
    done = option(t("list.tick_done"), payloads.Show(row.id))
    return Reply(blocks=(Say(text=count(shown)),), ask=t("list.tick_ask"), choices=numbered(options, done), many=True, key=f"ticks:{row.id}")


def count(shown: Papers) -> str:
    have, total = sum(paper.have for paper in shown.papers), len(shown.papers)
    return t("list.have_all", total=total) if have == total else t("list.have", have=have, total=total)


def tick(context: Context, said: payloads.Tick) -> Reply:
    """One box pressed on the list itself: the same list again, which takes the old one's place where it can."""
    row, entry = find(context, said.checklist)
    if row is None or entry is None:
        return lost(context)
    many = context.state.many
    _set(context, row, [said])
    reply = tick_menu(context, row) if many else show(context, row, entry)
    return reply.model_copy(update={"in_place": context.incoming.kind == "choice"})


def tick_several(context: Context, said: Sequence[Payload]) -> Reply:
    """Several numbers of the tick menu at once."""
    chosen = [payload for payload in said if isinstance(payload, payloads.Tick)]
    row, entry = find(context, chosen[0].checklist) if chosen else (None, None)
    if row is None or entry is None:
        return lost(context)
    if choose.means_all(context.incoming.text):
        chosen = [replace(one, have=True) for one in chosen]
    _set(context, row, chosen)
    return tick_menu(context, row)


def _set(context: Context, row: Row, chosen: Sequence[payloads.Tick]) -> None:
    kept = checklists.pinned(row)
    known = {paper.id for paper in kept.papers} if kept is not None else set()
    have = set(checklists.ticked(row))
    for one in chosen:
        (have.add if one.have else have.discard)(one.document)
    checklists.tick(context.session, row, have & known, now=context.now)


def share(context: Context, said: payloads.Share) -> Reply:
    """The list as a link: to print, to keep, to send to the family."""
    row, entry = find(context, said.checklist)
    if row is None or entry is None:
        return lost(context)
    link = page(context, row)
    state = State(tone="plain", icon="print", title=t("list.share_title"), text=(t("list.share", link=link), t("list.share_private")))
    links = (
        Choice(number=-1, label=t("list.share_open"), link=link),
        Choice(number=-1, label=t("list.share_pdf"), link=f"{link}.pdf"),
        option(t("list.title"), payloads.Show(said.checklist)),
    )
    return Reply(blocks=(state,), choices=numbered(links, welcome.person()))

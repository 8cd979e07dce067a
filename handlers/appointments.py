"""The person's own bookings, tickets and places on waiting lists: shown, moved, given up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import booking, visits, waitlist
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.visits import Visit
from bot.domain.waitlist import Waiting
from bot.messages import Block, Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import payloads, telling, visiting, welcome

LATE = 15  # minutes
SHOWN = 6


def mine(context: Context, _said: Payload | Incoming, blocks: Sequence[Block] = ()) -> Reply:
    """What is coming, and a way to book."""
    live = visits.of_person(context.session, context.person_id)
    waiting = [wait for wait in waitlist.of_person(context.session, context.person_id) if wait.state == "waiting"]
    lines = [*(_line(context, visit) for visit in live[:SHOWN]), *(_wait_line(context, wait) for wait in waiting)]
    options = (*lines, option(t("booking.do_book_more"), payloads.Book(0)), option(t("dossiers.menu"), payloads.Dossiers()))
    none = () if lines else (Say(text=t("booking.mine_none")),)
    return Reply(blocks=(*blocks, *none), ask=t("booking.mine_ask") if lines else t("booking.visit_ask"), choices=numbered(options, welcome.person()))


def _line(context: Context, visit: Visit) -> Choice:
    label = " ".join(part for part in (visit.ticket, telling.when(visit)) if part)
    hint = f"{telling.title(context.premises, visit)}, {t(f'booking.state_{visit.state}')}"
    return option(label[:1].upper() + label[1:], payloads.Visit(visit.id), hint=hint)


def _wait_line(context: Context, wait: Waiting) -> Choice:
    hint = t("booking.mine_wait_hint", count=waitlist.before(context.session, wait))
    return option(t("booking.mine_wait", day=clock.day(wait.day)), payloads.LeaveQueue(wait.id), hint=hint)


def show(context: Context, said: payloads.Visit) -> Reply:
    return show_state(context, said.visit)


def show_state(context: Context, visit_id: int, blocks: Sequence[Block] = ()) -> Reply:
    """Where a visit stands, and what can still be done."""
    visit = own(context, visit_id)
    if visit is None:
        return lost(context)
    title = " ".join(part for part in (visit.ticket, telling.when(visit)) if part)
    lines = (f"{telling.title(context.premises, visit)}, {t(f'booking.state_{visit.state}')}.", *_live_lines(context, visit))
    state = State(tone="now" if visit.state == "called" else "plain", icon="clock", title=title[:1].upper() + title[1:], text=lines)
    return Reply(blocks=(*blocks, state), ask=t("booking.visit_ask"), choices=numbered(_options(context, visit), welcome.person()))


def _live_lines(context: Context, visit: Visit) -> tuple[str, ...]:
    if visit.state in ("held", "booked"):
        return (_where(context, visit), t("booking.done_code", code=telling.spoken(visit.code)), telling.papers_left(context.session, visit))
    return (t("booking.done_page", link=telling.page(context.premises, visit)),)


def _options(context: Context, visit: Visit) -> tuple[Choice, ...]:
    page = Choice(number=-1, label=t("booking.do_page"), link=telling.page(context.premises, visit))
    cancel_it = option(t("booking.do_cancel"), payloads.Cancel(visit.id, sure=False))
    if visit.state == "held":
        return option(t("booking.do_confirm"), payloads.Confirm(visit.id)), cancel_it
    if visit.state == "booked":
        late_it = (option(t("booking.do_late"), payloads.Late(visit.id)),) if visit.day == context.today else ()
        return page, option(t("booking.do_move"), payloads.Move(visit.id)), *late_it, cancel_it
    return (page, cancel_it) if visit.state in booking.BEFORE_CALL else (page,)


def booked(context: Context, visit: Visit, title: str = "") -> Reply:
    """It is done: when, where, the code, the page, and what is still missing."""
    context.state.leave()
    lines = (
        _where(context, visit),
        t("booking.done_code", code=telling.spoken(visit.code)),
        telling.papers_left(context.session, visit),
        t("booking.done_page", link=telling.page(context.premises, visit)),
    )
    state = State(tone="now", icon="check", title=title or t("booking.done_title", when=telling.when(visit)), text=lines)
    to_list = (option(t("booking.do_list"), payloads.Show(visit.checklist_id)),) if visit.checklist_id else ()
    return Reply(blocks=(state,), choices=numbered((*telling.own(context.premises, visit), *to_list), welcome.person()))


def _where(context: Context, visit: Visit) -> str:
    center = context.premises.directory.get(visit.center_id) or context.premises.center
    return t("booking.done_where", center=center.name, address=center.address)


def already(context: Context, visit_id: int) -> Reply:
    """One live booking a day: the one there is, to keep or to move."""
    visit = own(context, visit_id)
    if visit is None:
        return lost(context)
    state = State(tone="note", icon="info", title=t("booking.already_title", when=telling.when(visit)), text=(t("booking.already"),))
    again = option(t("booking.do_other_days"), payloads.Days(visit.checklist_id or 0, 0, 0))
    return Reply(blocks=(state,), ask=t("booking.visit_ask"), choices=numbered((*_options(context, visit), again), welcome.person()))


def cancel(context: Context, said: payloads.Cancel) -> Reply:
    """Asked once, then the seat is free for others."""
    visit = own(context, said.visit)
    if visit is None:
        return lost(context)
    if not said.sure:
        options = (option(t("booking.cancel_yes"), payloads.Cancel(visit.id, sure=True)), option(t("booking.cancel_no"), payloads.Visit(visit.id)))
        return Reply(ask=t("booking.cancel_ask", when=telling.when(visit)), choices=numbered(options))
    try:
        visiting.cancel(context.session, visit, actor=visiting.CITIZEN, now=context.now)
    except errors.TooLate as error:
        return _too_late(context, visit, error)
    state = State(icon="check", title=t("booking.cancelled_title", when=telling.when(visit)), text=(t("booking.cancelled"),))
    return Reply(blocks=(state,), choices=numbered((option(t("booking.do_book_more"), payloads.Book(visit.checklist_id or 0)),), welcome.person()))


def late(context: Context, said: payloads.Late) -> Reply:
    visit = own(context, said.visit)
    if visit is None:
        return lost(context)
    try:
        told = booking.late(context.session, visit, LATE, actor=visiting.CITIZEN, now=context.now)
    except errors.TooLate as error:
        return _too_late(context, visit, error)
    assert told.late_until is not None
    text = t("booking.late", until=clock.hour(told.late_until))
    return show_state(context, visit.id, (State(icon="check", title=t("booking.late_title"), text=(text,)),))


def _too_late(context: Context, visit: Visit, error: errors.TooLate) -> Reply:
    key = "booking.too_late_called" if error.state in ("called", "serving") else "booking.too_late"
    return show_state(context, visit.id, (State(tone="note", icon="info", title=t("booking.too_late_title"), text=(t(key),)),))


def wait_for(context: Context, group: Group, date: dt.date, wish: Wish) -> Reply:
    """Get in line for a full day."""
    try:
        wait = waitlist.join(context.session, group, date, wish, now=context.now)
    except errors.AlreadyBooked as error:
        return already(context, error.visit_id)
    lines = [t("booking.wait", count=waitlist.before(context.session, wait))]
    if context.incoming.bot in context.premises.silent:
        lines.append(t("booking.wait_web"))
    state = State(icon="bell", title=t("booking.wait_title", day=clock.day(date)), text=tuple(lines))
    options = (
        option(t("booking.wait_leave"), payloads.LeaveQueue(wait.id)),
        option(t("booking.do_other_days"), payloads.Days(wish.checklist_id or 0, 0, 0)),
    )
    context.state.leave()
    return Reply(blocks=(state,), choices=numbered(options, welcome.person()))


def leave_queue(context: Context, said: payloads.LeaveQueue) -> Reply:
    wait = next((wait for wait in waitlist.of_person(context.session, context.person_id) if wait.id == said.wait), None)
    if wait is None or not waitlist.leave(context.session, wait.id, context.person_id):
        return mine(context, said)
    return mine(context, said, (Say(text=t("booking.wait_left", day=clock.day(wait.day))),))


def lost(context: Context) -> Reply:
    context.state.leave()
    return Reply(blocks=(State(icon="info", title=t("chat.stale_title"), text=(t("booking.gone"),)),), choices=welcome.choices())


def own(context: Context, visit_id: int) -> Visit | None:
    """A number in a button opens nobody else's visit."""
    visit = visits.get(context.session, visit_id)
    return visit if visit is not None and visit.person_id == context.person_id else None

"""Booking a seat: for a list or alone, kept for some minutes, confirmed, moved, or waited for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.domain import assist, booking, checklists, slots, visits, when_reading
from bot.domain.checklists import Kept
from bot.domain.counters import Group
from bot.domain.slots import Slot
from bot.domain.visits import Visit
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import appointments, consent, listing, moments, payloads, telling, times, visiting, welcome
from procedures.models import Procedure
from procedures.text import fold

OFFICES = {"commune_police": "police", "commune_military": "military"}
MOST_WORDS = 8  # a longer sentence is about something else than a time


def begin(context: Context, said: payloads.Book | Incoming) -> Reply:
    """From a finished list, or with nothing chosen."""
    list_id = said.checklist if isinstance(said, payloads.Book) else 0
    row, entry = listing.find(context, list_id) if list_id else (None, None)
    context.state.data = {"checklist": str(list_id if row is not None else 0)}
    if entry is not None and entry.handled_by != listing.HERE:
        return _not_here(context, entry)
    left = _unticked(row)
    if row is not None and left and checklists.ticked(row):
        return _lacking(context, row, left)
    return times.whereto(context)


def _not_here(context: Context, entry: Procedure) -> Reply:
    office = t(f"booking.{OFFICES.get(entry.handled_by, 'elsewhere')}")
    return Reply(
        blocks=(State(tone="note", icon="info", title=entry.title, text=(t("booking.not_here", office=office),)),), choices=welcome.choices()
    )


def _unticked(row: Kept | None) -> list[str]:
    kept = checklists.pinned(row) if row is not None else None
    return [] if row is None or kept is None else [paper.name for paper in kept.papers if paper.id not in checklists.ticked(row)]


def _lacking(context: Context, row: Kept, left: Sequence[str]) -> Reply:
    options = (option(t("booking.lack_yes"), payloads.BookAnyway(row.id)), option(t("booking.lack_no"), payloads.Ticks(row.id)))
    said = Say(text=t("booking.lack", count=len(left), papers="; ".join(left)))
    return Reply(blocks=(said,), ask=t("booking.lack_ask"), choices=numbered(options, welcome.person()))


def anyway(context: Context, said: payloads.BookAnyway) -> Reply:
    times.about(context, said.checklist)
    return times.whereto(context)


def slot(context: Context, said: payloads.Slot) -> Reply:
    """Keep a seat; a booking that is being moved is moved at once."""
    times.about(context, said.checklist)
    starts_at = moments.at(said.minute)
    moving = times.moving_of(context, said.visit)
    group = times.group_of(context, moving)
    try:
        if moving is not None:
            moved = visiting.move(context.session, moving, group, starts_at, actor=visiting.CITIZEN, now=context.now)
            return appointments.booked(context, moved, t("booking.moved_title", when=telling.when(moved)))
        wish = times.wish(context)
        assist.allow(context.session, wish, group.center_id, clock.today(starts_at))
        held = booking.hold(context.session, group, starts_at, wish, actor=visiting.CITIZEN, now=context.now)
    except errors.SlotTaken:
        return _taken(context, group, starts_at, said.visit)
    except errors.SlotClosed:
        return times.days(context, payloads.Days(said.checklist, said.visit, 0), (Say(text=t("booking.closed")),))
    except errors.AlreadyBooked as error:
        return appointments.already(context, error.visit_id)
    except errors.TooMany:
        return appointments.mine(context, said, (Say(text=t("booking.too_many")),))
    return _held(context, held)


def _held(context: Context, held: Visit) -> Reply:
    if held.state != "held":
        return appointments.booked(context, held)
    assert held.hold_until is not None
    until = clock.hour(held.hold_until)
    title = t("booking.held_title", when=telling.when(held))
    state = State(tone="now", icon="clock", title=title, text=(t("booking.held", until=until),))
    options = (
        option(t("booking.do_confirm"), payloads.Confirm(held.id), words=("xac nhan", "dat", "ok")),
        option(t("booking.again"), payloads.Days(held.checklist_id or 0, 0, 0)),
    )
    return Reply(blocks=(state,), ask=t("booking.held_ask"), choices=numbered(options, welcome.person()), key=f"hold:{held.id}")


def _taken(context: Context, group: Group, starts_at: dt.datetime, visit: int) -> Reply:
    """Somebody was quicker: the nearest free times at once."""
    date = clock.today(starts_at)
    week = slots.of_days(context.session, group, max(context.today, date - dt.timedelta(days=2)), date + dt.timedelta(days=7), now=context.now)
    near = slots.nearest(week, starts_at)
    said = t("booking.taken", hour=clock.hour(starts_at))
    if not near:
        return times.days(context, payloads.Days(times.checklist(context), visit, 0), (Say(text=said),))
    wait = visit == 0 and all(clock.today(slot.starts_at) != date for slot in near)
    return _nearest(context, said, near, date, visit, more=(_waiting(context, date),) if wait else ())


def _waiting(context: Context, date: dt.date) -> Choice:
    return option(t("booking.do_wait", day=clock.day(date)), payloads.Queue(times.checklist(context), moments.number(date)))


def _nearest(context: Context, said: str, near: Sequence[Slot], date: dt.date, visit: int, *, more: Sequence[Choice] = ()) -> Reply:
    """Why it cannot be the time that was wanted, and those closest to it."""
    text = f"{said} {t('booking.taken_near', hours=', '.join(_near(slot, date) for slot in near))}"
    options = [
        *(option(_near(slot, date), payloads.Slot(times.checklist(context), visit, moments.minute(slot.starts_at))) for slot in near),
        option(t("booking.do_other_days"), payloads.Days(times.checklist(context), visit, 0)),
        *more,
    ]
    ask = t("booking.slots_ask", day=times.upper(clock.day(date)))
    return Reply(blocks=(Say(text=text),), ask=ask, choices=numbered(options, welcome.person()))


def _near(slot: Slot, date: dt.date) -> str:
    hour = clock.hour(slot.starts_at)
    there = clock.today(slot.starts_at)
    return hour if there == date else f"{hour} {clock.day(there)}"


def confirm(context: Context, said: payloads.Confirm) -> Reply:
    held = visits.get(context.session, said.visit)
    if held is None or held.person_id != context.person_id:
        return appointments.lost(context)
    try:
        booked = booking.confirm(context.session, held, actor=visiting.CITIZEN, now=context.now)
    except errors.TooLate as error:
        if error.state != "expired":
            return appointments.show_state(context, held.id)
        return _again(context, held)
    return consent.suggest(context, appointments.booked(context, booked), booked.center_id)


def _again(context: Context, held: Visit) -> Reply:
    """The hold ran out: if the seat is still there, it is kept anew and nothing has to be chosen again."""
    assert held.starts_at is not None
    context.state.data = {**context.state.data, "checklist": str(held.checklist_id or 0), "center": held.center_id}
    state = State(tone="note", icon="clock", title=t("booking.lapsed_title"), text=(t("booking.lapsed"),))
    reply = slot(context, payloads.Slot(held.checklist_id or 0, 0, moments.minute(held.starts_at)))
    return reply.model_copy(update={"blocks": (state, *reply.blocks)})


def move(context: Context, said: payloads.Move) -> Reply:
    """The days a booking can be moved to."""
    visit = appointments.own(context, said.visit)
    if visit is None:
        return appointments.lost(context)
    if visit.state != "booked":
        return appointments.show_state(context, visit.id)
    context.state.data = {"checklist": str(visit.checklist_id or 0), "center": visit.center_id}
    return times.days(context, payloads.Days(visit.checklist_id or 0, visit.id, 0))


def typed(context: Context, said: Incoming) -> Reply | None:
    """A center's name, or a day and an hour in own words, while a time is chosen; None when it is about something else."""
    data = context.state.data
    if not data.get("center") and len(context.premises.directory.all) > 1:
        name = fold(said.text)
        fits = [center for center in context.premises.directory.all if name and name in fold(center.place)]
        return times.at(context, payloads.BookAt(times.checklist(context), fits[0].id)) if len(fits) == 1 else None
    read = when_reading.read(said.text, context.today)
    visit = int(data.get("visit", "0"))
    date = read.date or (clock.today(context.now) if read.minute is not None and not read.part else None)
    if date is None or len(said.text.split()) > MOST_WORDS:
        return None
    if read.minute is None:
        return times.hours_of(context, date, visit, read.part)
    return _closest(context, date, read.minute, visit)


def _closest(context: Context, date: dt.date, minute: int, visit: int) -> Reply:
    wanted = slots.midnight(date) + dt.timedelta(minutes=minute)
    found = times.look_up(context, date, times.moving_of(context, visit))
    exact = next((slot for slot in found.slots if slot.starts_at <= wanted < slot.ends_at), None) if found is not None else None
    if exact is not None and exact.free:
        return slot(context, payloads.Slot(times.checklist(context), visit, moments.minute(exact.starts_at)))
    if exact is not None:
        return _taken(context, times.group_of(context, times.moving_of(context, visit)), exact.starts_at, visit)
    if found is None or not found.free:
        return times.hours_of(context, date, visit, 0)
    context.state.topic, context.state.data["visit"] = times.TOPIC, str(visit)
    said = t("booking.no_hour", day=times.upper(clock.day(date)), hour=clock.hour(wanted))
    return _nearest(context, said, slots.nearest((found,), wanted), date, visit)


def queue(context: Context, said: payloads.Queue) -> Reply:
    """Wait for a free seat on that day."""
    times.about(context, said.checklist)
    date = moments.date(said.date)
    if date is None:
        raise errors.StalePayload(str(said.date))
    found = times.look_up(context, date, None)
    if found is None or not found.full:
        return times.hours_of(context, date, 0, 0)
    return appointments.wait_for(context, times.group_of(context, None), date, times.wish(context))

"""Booking a time: for a list or alone, for oneself or somebody else. Day, time, a seat kept for some minutes, confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.domain import booking, checklists, slots, visits, when_reading
from bot.domain.checklists import Kept
from bot.domain.counters import Group
from bot.domain.slots import Day, Slot
from bot.domain.visits import Visit
from bot.messages import Block, Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import appointments, listing, payloads, telling, visiting, welcome
from procedures.models import Procedure
from procedures.text import fold

TOPIC = "booking"
SHOWN = 4  # days in one menu
MANY = 8  # times above which morning and afternoon are asked apart
NOON = 12 * 60
SATURDAY = 5
OFFICES = {"commune_police": "police", "commune_military": "military"}


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
    return whereto(context)


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
    _for(context, said.checklist)
    return whereto(context)


def whereto(context: Context) -> Reply:
    """Which center, where there is more than one; then the days."""
    centers = context.premises.directory.all
    if len(centers) == 1 or context.state.data.get("center"):
        return days(context, payloads.Days(_list(context), 0, 0))
    context.state.topic = TOPIC
    options = [option(center.place, payloads.BookAt(_list(context), center.id), hint=center.address) for center in centers[:SHOWN]]
    more = (Say(text=t("booking.center_type")),) if len(centers) > SHOWN else ()
    return Reply(blocks=more, ask=t("booking.center_ask"), choices=numbered(options, welcome.person()))


def at(context: Context, said: payloads.BookAt) -> Reply:
    if context.premises.directory.get(said.center) is None:
        raise errors.StalePayload(said.center)
    _for(context, said.checklist)
    context.state.data["center"] = said.center
    return days(context, payloads.Days(said.checklist, 0, 0))


def whom(context: Context, said: payloads.BookWhom) -> Reply:
    _for(context, said.checklist)
    options = [option(_upper(t(f"booking.behalf_{key}")), payloads.BookFor(said.checklist, key)) for key in ("", *booking.OTHERS)]
    return Reply(ask=t("booking.behalf_ask"), choices=numbered(options, welcome.person()))


def for_(context: Context, said: payloads.BookFor) -> Reply:
    if said.behalf and said.behalf not in booking.OTHERS:
        raise errors.StalePayload(said.behalf)
    _for(context, said.checklist)
    context.state.data["behalf"] = said.behalf
    return days(context, payloads.Days(said.checklist, 0, 0))


def days(context: Context, said: payloads.Days, blocks: Sequence[Block] = ()) -> Reply:
    """Days with free seats, some at a time; full ones are named, and the first of them can be waited for."""
    moving = _moving(context, said.visit)
    _for(context, said.checklist)
    group = _group(context, moving)
    first = _date(said.date) or context.today
    found = slots.of_days(context.session, group, first, context.today + slots.AHEAD, now=context.now)
    free = [day for day in found if day.free]
    shown, rest = free[:SHOWN], free[SHOWN:]
    before = [day for day in found if not shown or day.date < shown[-1].date]
    full = [day for day in before if day.full]
    options = [_day_line(day, said) for day in shown]
    if rest:
        options.append(option(t("booking.do_other_days"), payloads.Days(said.checklist, said.visit, _number(rest[0].date))))
    if full and moving is None:
        options.append(option(t("booking.do_wait", day=clock.day(full[0].date)), payloads.Queue(said.checklist, _number(full[0].date))))
    if moving is None and not said.date and not context.state.data.get("behalf"):
        options.append(option(t("booking.do_other_person"), payloads.BookWhom(said.checklist)))
    context.state.topic = TOPIC
    context.state.data["visit"] = str(said.visit)
    texts = [_what(context, moving), *_not_those(before)]
    texts.append(t("booking.days_type") if free else t("booking.days_none"))
    said_first = tuple(Say(text=text) for text in texts)
    return Reply(blocks=(*blocks, *said_first), ask=t("booking.days_ask") if free else "", choices=numbered(options, welcome.person()))


def _not_those(days: Sequence[Day]) -> list[str]:
    """Why a day that one would expect is not on offer."""
    full = ", ".join(clock.day(day.date) for day in days if day.full)
    shut = ", ".join(f"{clock.day(day.date)} ({day.hours.reason})" for day in days if not day.hours.spans and day.date.weekday() < SATURDAY)
    return [*([t("booking.days_full", days=full)] if full else []), *([t("booking.days_shut", days=shut)] if shut else [])]


def _day_line(day: Day, said: payloads.Days) -> Choice:
    payload = payloads.Day(said.checklist, said.visit, _number(day.date), 0)
    return option(_upper(clock.day(day.date)), payload, hint=t("booking.day_free", count=day.free))


def _what(context: Context, moving: Visit | None) -> str:
    procedure = moving.procedure if moving is not None else _procedure(context)
    entry = context.premises.catalog.get(procedure, context.today) if procedure else None
    what = t("booking.days_for", what=entry.title) if entry is not None else t("booking.days_plain")
    behalf = context.state.data.get("behalf", "")
    return f"{what} {t('booking.behalf_note', who=t(f'booking.behalf_{behalf}'))}" if behalf and moving is None else what


def day(context: Context, said: payloads.Day) -> Reply:
    """The free times of one day."""
    date = _date(said.date)
    if date is None:
        raise errors.StalePayload(str(said.date))
    _for(context, said.checklist)
    return _times(context, date, said.visit, said.part)


def _times(context: Context, date: dt.date, visit: int, part: int, blocks: Sequence[Block] = ()) -> Reply:
    found = _day(context, date, _moving(context, visit))
    if found is None or not found.slots or found.full:
        return _none_that_day(context, date, found, visit)
    free = [slot for slot in found.slots if slot.free]
    halves = [[slot for slot in free if _part(slot) == half] for half in (1, 2)]
    if not part and len(free) > MANY and all(halves):
        return _halves(context, date, halves, visit)
    shown = (halves[part - 1] if part in (1, 2) else []) or free
    context.state.topic = TOPIC
    context.state.data["visit"] = str(visit)
    options = [*_slot_lines(context, shown, visit), option(t("booking.do_other_days"), payloads.Days(_list(context), visit, 0))]
    return Reply(blocks=tuple(blocks), ask=t("booking.slots_ask", day=_upper(clock.day(date))), choices=numbered(options, welcome.person()))


def _halves(context: Context, date: dt.date, halves: Sequence[Sequence[Slot]], visit: int) -> Reply:
    names = (t("booking.morning"), t("booking.afternoon"))
    options = [
        option(name, payloads.Day(_list(context), visit, _number(date), part), hint=t("booking.day_free", count=sum(slot.free for slot in half)))
        for part, (name, half) in enumerate(zip(names, halves, strict=True), start=1)
    ]
    return Reply(ask=t("booking.part_ask", day=_upper(clock.day(date))), choices=numbered(options, welcome.person()))


def _slot_lines(context: Context, shown: Sequence[Slot], visit: int) -> list[Choice]:
    return [
        option(clock.hour(slot.starts_at), payloads.Slot(_list(context), visit, _minute(slot.starts_at)), hint=t("booking.day_free", count=slot.free))
        for slot in shown
    ]


def _none_that_day(context: Context, date: dt.date, found: Day | None, visit: int) -> Reply:
    name = _upper(clock.day(date))
    if found is not None and found.full:
        text = t("booking.day_full", day=name)
    else:
        reason = found.hours.reason if found is not None and not found.hours.spans else ""
        text = t("booking.day_closed", day=name, reason=reason) if reason else t("booking.closed")
    return days(context, payloads.Days(_list(context), visit, 0), (Say(text=text),))


def slot(context: Context, said: payloads.Slot) -> Reply:
    """Keep a seat; a booking that is being moved is moved at once."""
    _for(context, said.checklist)
    starts_at = _moment(said.minute)
    moving = _moving(context, said.visit)
    group = _group(context, moving)
    try:
        if moving is not None:
            moved = visiting.move(context.session, moving, group, starts_at, actor=visiting.CITIZEN, now=context.now)
            return appointments.booked(context, moved, t("booking.moved_title", when=telling.when(moved)))
        held = booking.hold(context.session, group, starts_at, _wish(context), actor=visiting.CITIZEN, now=context.now)
    except errors.SlotTaken:
        return _taken(context, group, starts_at, said.visit)
    except errors.SlotClosed:
        return days(context, payloads.Days(said.checklist, said.visit, 0), (Say(text=t("booking.closed")),))
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
    said = [t("booking.taken", hour=clock.hour(starts_at))]
    if not near:
        return days(context, payloads.Days(_list(context), visit, 0), (Say(text=said[0]),))
    said.append(t("booking.taken_near", hours=", ".join(_near(slot, date) for slot in near)))
    options = [
        *(option(_near(slot, date), payloads.Slot(_list(context), visit, _minute(slot.starts_at))) for slot in near),
        option(t("booking.do_other_days"), payloads.Days(_list(context), visit, 0)),
    ]
    if visit == 0 and all(clock.today(slot.starts_at) != date for slot in near):
        options.append(option(t("booking.do_wait", day=clock.day(date)), payloads.Queue(_list(context), _number(date))))
    return Reply(
        blocks=(Say(text=" ".join(said)),), ask=t("booking.slots_ask", day=_upper(clock.day(date))), choices=numbered(options, welcome.person())
    )


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
    return appointments.booked(context, booked)


def _again(context: Context, held: Visit) -> Reply:
    """The hold ran out: if the seat is still there, it is kept anew and nothing has to be chosen again."""
    assert held.starts_at is not None
    context.state.data = {**context.state.data, "checklist": str(held.checklist_id or 0), "center": held.center_id}
    state = State(tone="note", icon="clock", title=t("booking.lapsed_title"), text=(t("booking.lapsed"),))
    reply = slot(context, payloads.Slot(held.checklist_id or 0, 0, _minute(held.starts_at)))
    return reply.model_copy(update={"blocks": (state, *reply.blocks)})


def move(context: Context, said: payloads.Move) -> Reply:
    """The days a booking can be moved to."""
    visit = appointments.own(context, said.visit)
    if visit is None:
        return appointments.lost(context)
    if visit.state != "booked":
        return appointments.show_state(context, visit.id)
    context.state.data = {"checklist": str(visit.checklist_id or 0), "center": visit.center_id}
    return days(context, payloads.Days(visit.checklist_id or 0, visit.id, 0))


def typed(context: Context, said: Incoming) -> Reply | None:
    """A center's name, or a day and an hour in own words, while a time is chosen; None when it is about something else."""
    data = context.state.data
    if not data.get("center") and len(context.premises.directory.all) > 1:
        name = fold(said.text)
        fits = [center for center in context.premises.directory.all if name and name in fold(center.place)]
        return at(context, payloads.BookAt(_list(context), fits[0].id)) if len(fits) == 1 else None
    read = when_reading.read(said.text, context.today)
    visit = int(data.get("visit", "0"))
    date = read.date or (clock.today(context.now) if read.minute is not None and not read.part else None)
    if date is None or len(said.text.split()) > 8:
        return None
    if read.minute is None:
        return _times(context, date, visit, read.part)
    return _closest(context, date, read.minute, visit)


def _closest(context: Context, date: dt.date, minute: int, visit: int) -> Reply:
    wanted = slots.midnight(date) + dt.timedelta(minutes=minute)
    found = _day(context, date, _moving(context, visit))
    exact = next((slot for slot in found.slots if slot.starts_at <= wanted < slot.ends_at), None) if found is not None else None
    if exact is not None and exact.free:
        return slot(context, payloads.Slot(_list(context), visit, _minute(exact.starts_at)))
    if exact is not None:
        return _taken(context, _group(context, _moving(context, visit)), exact.starts_at, visit)
    return _times(context, date, visit, 0)


def _for(context: Context, checklist_id: int) -> None:
    """An old button may be about another list than the dialog is."""
    if context.state.data.get("checklist", "0") != str(checklist_id):
        context.state.data = {"checklist": str(checklist_id)}


def _list(context: Context) -> int:
    return int(context.state.data.get("checklist", "0"))


def _procedure(context: Context) -> str:
    row = checklists.of_person(context.session, _list(context), context.person_id) if _list(context) else None
    return row.code if row is not None else ""


def _wish(context: Context) -> booking.Wish:
    procedure = _procedure(context)
    row = _list(context) if procedure else None
    return booking.Wish(context.person_id, context.account_id, context.state.data.get("behalf", ""), procedure, row or None)


def _center(context: Context) -> str:
    return context.state.data.get("center") or context.premises.center.id


def _group(context: Context, moving: Visit | None) -> Group:
    if moving is not None:
        return visiting.group_of(context.session, moving)
    return visiting.group_for(context.session, context.premises, _center(context), _procedure(context), today=context.today)


def _moving(context: Context, visit_id: int) -> Visit | None:
    """The person's own booking that is to be moved."""
    visit = visits.get(context.session, visit_id) if visit_id else None
    if visit_id and (visit is None or visit.person_id != context.person_id):
        raise errors.StalePayload(str(visit_id))
    return visit


def _day(context: Context, date: dt.date, moving: Visit | None) -> Day | None:
    if not context.today <= date <= context.today + slots.AHEAD:
        return None
    return next(iter(slots.of_days(context.session, _group(context, moving), date, date, now=context.now)), None)


def _part(slot: Slot) -> int:
    local = clock.local(slot.starts_at)
    return 1 if local.hour * 60 + local.minute < NOON else 2


def _number(date: dt.date) -> int:
    return int(f"{date:%Y%m%d}")


def _date(number: int) -> dt.date | None:
    """Raises StalePayload for what is no day."""
    try:
        return dt.datetime.strptime(str(number), "%Y%m%d").date() if number else None
    except ValueError as error:
        raise errors.StalePayload(str(number)) from error


def _moment(minute: int) -> dt.datetime:
    """Raises StalePayload for what is no moment of our time."""
    try:
        return dt.datetime.fromtimestamp(minute * 60, dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise errors.StalePayload(str(minute)) from error


def _minute(moment: dt.datetime) -> int:
    return int(moment.timestamp()) // 60


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def queue(context: Context, said: payloads.Queue) -> Reply:
    """Wait for a free seat on that day."""
    _for(context, said.checklist)
    date = _date(said.date)
    if date is None:
        raise errors.StalePayload(str(said.date))
    found = _day(context, date, None)
    if found is None or not found.full:
        return _times(context, date, 0, 0)
    return appointments.wait_for(context, _group(context, None), date, _wish(context))

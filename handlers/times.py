"""Choosing a time: for whom, at which center, on which day, at what hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.domain import assist, booking, checklists, slots, visits
from bot.domain.counters import Group
from bot.domain.slots import Day, Slot
from bot.domain.visits import Visit
from bot.messages import Block, Choice, Reply, Say
from bot.texts import t
from handlers import moments, payloads, visiting, welcome

TOPIC = "booking"
SHOWN = 4  # days in one menu
MANY = 8  # times above which morning and afternoon are asked apart
NOON = 12 * 60
SATURDAY = 5


def whereto(context: Context) -> Reply:
    """Which center, where there is more than one; then the days."""
    centers = context.premises.directory.all
    if len(centers) == 1 or context.state.data.get("center"):
        return days(context, payloads.Days(checklist(context), 0, 0))
    context.state.topic = TOPIC
    options = [option(center.place, payloads.BookAt(checklist(context), center.id), hint=center.address) for center in centers[:SHOWN]]
    more = (Say(text=t("booking.center_type")),) if len(centers) > SHOWN else ()
    return Reply(blocks=more, ask=t("booking.center_ask"), choices=numbered(options, welcome.person()))


def at(context: Context, said: payloads.BookAt) -> Reply:
    if context.premises.directory.get(said.center) is None:
        raise errors.StalePayload(said.center)
    about(context, said.checklist)
    context.state.data["center"] = said.center
    return days(context, payloads.Days(said.checklist, 0, 0))


def whom(context: Context, said: payloads.BookWhom) -> Reply:
    about(context, said.checklist)
    options = [option(upper(t(f"booking.behalf_{key}")), payloads.BookFor(said.checklist, key)) for key in ("", *booking.OTHERS)]
    return Reply(ask=t("booking.behalf_ask"), choices=numbered(options, welcome.person()))


def for_(context: Context, said: payloads.BookFor) -> Reply:
    if said.behalf and said.behalf not in booking.OTHERS:
        raise errors.StalePayload(said.behalf)
    about(context, said.checklist)
    context.state.data["behalf"] = said.behalf
    return days(context, payloads.Days(said.checklist, 0, 0))


def days(context: Context, said: payloads.Days, blocks: Sequence[Block] = ()) -> Reply:
    """Days with free seats, some at a time; full ones are named, and the first of them can be waited for."""
    moving = moving_of(context, said.visit)
    about(context, said.checklist)
    group = group_of(context, moving)
    first = moments.date(said.date) or context.today
    found = slots.of_days(context.session, group, first, context.today + slots.AHEAD, now=context.now)
    free = [day for day in found if day.free]
    shown, rest = free[:SHOWN], free[SHOWN:]
    before = [day for day in found if not shown or day.date < shown[-1].date]
    full = [day for day in before if day.full]
    options = [_day_line(day, said) for day in shown]
    if rest:
        options.append(option(t("booking.do_other_days"), payloads.Days(said.checklist, said.visit, moments.number(rest[0].date))))
    if full and moving is None:
        options.append(option(t("booking.do_wait", day=clock.day(full[0].date)), payloads.Queue(said.checklist, moments.number(full[0].date))))
    if moving is None and not said.date and not _behalf(context):
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
    payload = payloads.Day(said.checklist, said.visit, moments.number(day.date), 0)
    return option(upper(clock.day(day.date)), payload, hint=t("booking.day_free", count=day.free))


def _what(context: Context, moving: Visit | None) -> str:
    procedure = moving.procedure if moving is not None else _procedure(context)
    entry = context.premises.catalog.get(procedure, context.today) if procedure else None
    what = t("booking.days_for", what=entry.title) if entry is not None else t("booking.days_plain")
    behalf = context.state.data.get("behalf", "")
    return f"{what} {t('booking.behalf_note', who=t(f'booking.behalf_{behalf}'))}" if behalf and moving is None else what


def day(context: Context, said: payloads.Day) -> Reply:
    """The free times of one day."""
    date = moments.date(said.date)
    if date is None:
        raise errors.StalePayload(str(said.date))
    about(context, said.checklist)
    return hours_of(context, date, said.visit, said.part)


def hours_of(context: Context, date: dt.date, visit: int, part: int, blocks: Sequence[Block] = ()) -> Reply:
    """The free times of a day, or of one half of it; where there are none, why, and other days."""
    found = look_up(context, date, moving_of(context, visit))
    if found is None or not found.slots or found.full:
        return _none_that_day(context, date, found, visit)
    free = [slot for slot in found.slots if slot.free]
    halves = [[slot for slot in free if _part(slot) == half] for half in (1, 2)]
    if not part and len(free) > MANY and all(halves):
        return _halves(context, date, halves, visit)
    shown = (halves[part - 1] if part in (1, 2) else []) or free
    context.state.topic = TOPIC
    context.state.data["visit"] = str(visit)
    options = [*_slot_lines(context, shown, visit), option(t("booking.do_other_days"), payloads.Days(checklist(context), visit, 0))]
    return Reply(blocks=tuple(blocks), ask=t("booking.slots_ask", day=upper(clock.day(date))), choices=numbered(options, welcome.person()))


def _halves(context: Context, date: dt.date, halves: Sequence[Sequence[Slot]], visit: int) -> Reply:
    names = (t("booking.morning"), t("booking.afternoon"))
    options = [
        option(
            name,
            payloads.Day(checklist(context), visit, moments.number(date), part),
            hint=t("booking.day_free", count=sum(slot.free for slot in half)),
        )
        for part, (name, half) in enumerate(zip(names, halves, strict=True), start=1)
    ]
    return Reply(ask=t("booking.part_ask", day=upper(clock.day(date))), choices=numbered(options, welcome.person()))


def _slot_lines(context: Context, shown: Sequence[Slot], visit: int) -> list[Choice]:
    return [
        option(
            clock.hour(slot.starts_at),
            payloads.Slot(checklist(context), visit, moments.minute(slot.starts_at)),
            hint=t("booking.day_free", count=slot.free),
        )
        for slot in shown
    ]


def _none_that_day(context: Context, date: dt.date, found: Day | None, visit: int) -> Reply:
    name = upper(clock.day(date))
    if found is not None and found.full:
        text = t("booking.day_full", day=name)
    else:
        reason = found.hours.reason if found is not None and not found.hours.spans else ""
        text = t("booking.day_closed", day=name, reason=reason) if reason else t("booking.closed")
    return days(context, payloads.Days(checklist(context), visit, 0), (Say(text=text),))


def about(context: Context, checklist_id: int) -> None:
    """An old button may be about another list than the dialog is."""
    if context.state.data.get("checklist", "0") != str(checklist_id):
        context.state.data = {"checklist": str(checklist_id)}


def checklist(context: Context) -> int:
    """The list the booking is for, or 0."""
    return int(context.state.data.get("checklist", "0"))


def _procedure(context: Context) -> str:
    row = checklists.of_person(context.session, checklist(context), context.person_id) if checklist(context) else None
    return row.code if row is not None else ""


def _behalf(context: Context) -> str:
    """For whom; at a helper's tablet always for the citizen at their side."""
    helped = assist.helper_of(context.incoming.bot, context.incoming.address) is not None
    return assist.BEHALF if helped else context.state.data.get("behalf", "")


def wish(context: Context) -> booking.Wish:
    """What was chosen so far."""
    procedure = _procedure(context)
    row = checklist(context) if procedure else None
    way = context.incoming.bot.partition(":")[0]
    made = booking.Wish(context.person_id, context.account_id, context.state.data.get("behalf", ""), procedure, row or None, source=way)
    return assist.marked(made, context.incoming.bot, context.incoming.address)


def _center(context: Context) -> str:
    return context.state.data.get("center") or context.premises.center.id


def group_of(context: Context, moving: Visit | None) -> Group:
    """The counter group that is booked with."""
    if moving is not None:
        return visiting.group_of(context.session, moving)
    return visiting.group_for(context.session, context.premises, _center(context), _procedure(context), today=context.today)


def moving_of(context: Context, visit_id: int) -> Visit | None:
    """The person's own booking that is to be moved."""
    visit = visits.get(context.session, visit_id) if visit_id else None
    if visit_id and (visit is None or visit.person_id != context.person_id):
        raise errors.StalePayload(str(visit_id))
    return visit


def look_up(context: Context, date: dt.date, moving: Visit | None) -> Day | None:
    """One day, if it is not too far off."""
    if not context.today <= date <= context.today + slots.AHEAD:
        return None
    return next(iter(slots.of_days(context.session, group_of(context, moving), date, date, now=context.now)), None)


def _part(slot: Slot) -> int:
    local = clock.local(slot.starts_at)
    return 1 if local.hour * 60 + local.minute < NOON else 2


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]

"""A day of a busy center over HTTP and chat: 120 booked, 200 who just come, 7 counters, the process killed twice. Afterwards everything adds up."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Reminder, Series, Wait
from bot.db.enums import AT_COUNTER, ENDED, SETTLED, WAITING
from bot.db.store import Store
from bot.db.tables import Account, Inbox, Outbox
from bot.domain import audit, counters, visits
from bot.domain.visits import Event, Visit
from tests.acceptance.chronicle import CENTER, DAY, KILLS, NO_SHOWS, PLAN, SEATS, SERVES, SLOTS, UNLUCKY, WALK_INS, Chronicle, Told, at
from tests.acceptance.town import Service, Town

BOOKED = SLOTS * sum(SEATS.values())
MOST_MINUTES = 120  # nobody waits longer, whoever is preferred
SECONDS = 1.0
pytestmark = [pytest.mark.slow, pytest.mark.day, pytest.mark.timeout(1200)]


class Past:
    """The day that was: what its people know, what the database holds, what the service said."""

    def __init__(self, told: Told, town: Town, store: Store) -> None:
        self.told, self.town = told, town
        with Session(store.engine) as session:
            self.visits = visits.of_day(session, CENTER, DAY)
            self.events = visits.events(session, [visit.id for visit in self.visits])
            self.untrue = visits.untrue(session, CENTER, DAY)
            self.groups = counters.groups(session, CENTER)
            self.desks = counters.counters(session, CENTER)
            self.series: dict[str, int] = dict(session.execute(select(_SERIES.c.letter, _SERIES.c.last).where(_SERIES.c.day == DAY)).all())
            self.outbox = [
                (address, state, body) for address, state, body in session.execute(select(_OUTBOX.c.address, _OUTBOX.c.state, _OUTBOX.c.body))
            ]
            self.inbox = Counter(session.execute(select(_INBOX.c.state)).scalars())
            self.addresses: dict[int, str] = dict(session.execute(select(_ACCOUNT.c.id, _ACCOUNT.c.address)).all())
            self.waiting_list = Counter(session.execute(select(_WAIT.c.state)).scalars())
            self.reminders = Counter((kind, state) for kind, state in session.execute(select(_REMINDER.c.kind, _REMINDER.c.state)))
            self.broken_audit = audit.verify(session)

    @property
    def tickets(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.number is not None]

    @property
    def booked(self) -> list[Visit]:
        """Everything that was a firm booking for this day, whatever became of it."""
        firm = {event.visit_id for event in self.events if event.kind == "booked"}
        return [visit for visit in self.visits if visit.id in firm]


_SERIES, _OUTBOX, _INBOX, _ACCOUNT, _WAIT, _REMINDER = (upsert.table(kind) for kind in (Series, Outbox, Inbox, Account, Wait, Reminder))


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    folder = tmp_path_factory.mktemp("busy")
    center = folder / "center.yaml"
    center.write_text(yaml.safe_dump(PLAN, allow_unicode=True), encoding="utf-8")
    told, town = asyncio.run(_lived(folder, center))
    store = Store(town.service.database)
    yield Past(told, town, store)
    store.close()


async def _lived(folder: Path, center: Path) -> tuple[Told, Town]:
    service = Service(folder, center, folder / "clock")
    town = Town(service)
    chronicle = Chronicle(town)
    try:
        await chronicle.tell()
    finally:
        service.end()
        await town.close()
    return chronicle.told, town


def test_every_request_got_a_sensible_answer(past: Past) -> None:
    assert {status for (_, status) in past.town.answers} <= {200, 303, 409}
    assert {what for (what, status) in past.town.answers if status == 409} <= {"POST /dat-lich", f"POST /ban-lam-viec/{CENTER}/quay"}
    assert set(past.town.lost) == set(map(at, KILLS)), "requests were lost, and only when the process was killed"
    said = [json.loads(line) for line in past.town.service.said.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    assert [line for line in said if line["level"] in ("warning", "error", "critical")] == []
    assert past.told.exit == 0
    assert set(past.inbox) == {"done"}


def test_no_seat_was_sold_twice_and_all_were_sold(past: Past) -> None:
    seats = {group.id: group.seats for group in past.groups}
    rows: dict[int, dict[str, Any]] = defaultdict(dict)
    taken: dict[tuple[Any, ...], int] = {}
    for event in past.events:
        row = rows[event.visit_id]
        taken.pop(_seat(row), None)
        row.update({name: after for name, (_, after) in event.changes.items()})
        if row.get("seat") is not None:
            assert taken.setdefault(_seat(row), event.visit_id) == event.visit_id
            assert 1 <= row["seat"] <= seats[row["group_id"]]
    assert len(past.told.kept) + past.told.given_up == BOOKED == 120


def _seat(row: dict[str, Any]) -> tuple[Any, ...]:
    return row.get("group_id"), row.get("starts_at"), row.get("seat")


def test_numbers_are_without_gap_or_double_and_known_to_those_who_hold_them(past: Past) -> None:
    given: dict[str, list[int]] = defaultdict(list)
    for visit in past.tickets:
        given[visit.letter or ""].append(visit.number or 0)
    assert {letter: sorted(numbers) for letter, numbers in given.items()} == {
        letter: list(range(1, last + 1)) for letter, last in past.series.items()
    }
    assert Counter(visit.ticket for visit in past.tickets) == Counter(person.ticket for person in past.told.came)
    assert [person for person in past.told.came if len(person.numbers) != 1] == [], "pressed twice or again after a kill it is the same number"
    assert len(past.told.walk_ins) == sum(WALK_INS.values()) == 200


def test_nobody_was_called_by_two_counters_and_no_counter_had_two_people(past: Past) -> None:
    there: dict[int, int] = {}
    where: dict[int, int] = {}
    for event in past.events:
        counter = where.pop(event.visit_id, None)
        if counter is not None:
            assert there.pop(counter) == event.visit_id
        now = _counter_after(event, counter)
        if now is not None:
            assert now not in there, (event, there[now])
            there[now], where[event.visit_id] = event.visit_id, now
    assert there == {}
    called_by = {event.actor for event in past.events if event.kind == "called"}
    assert len(called_by) == len(SERVES) + 1, "seven clerks, and the colleague who took over"


def _counter_after(event: Event, before: int | None) -> int | None:
    """Where the visit stands after it, if it is called or served."""
    state = event.changes.get("state", [None, None])[1]
    if state is not None and state not in AT_COUNTER:
        return None
    found = event.changes["counter_id"][1] if "counter_id" in event.changes else before
    return found if state is not None or before is not None else None


def test_every_ticket_ended_and_the_events_tell_the_same_day(past: Past) -> None:
    assert {visit.state for visit in past.visits} <= set(ENDED)
    assert past.untrue == []
    assert past.broken_audit is None
    assert [desk.number for desk in past.desks if desk.staff_id is not None] == [], "closing the day frees the counters"


def test_the_sums_add_up(past: Past) -> None:
    booked = Counter("came" if visit.number is not None else visit.state for visit in past.booked)
    told = past.told
    assert booked == {"came": BOOKED - NO_SHOWS - told.given_up, "no_show": NO_SHOWS, "cancelled": told.cancelled + told.given_up}
    assert {visit.ticket for visit in past.tickets} == {person.ticket for person in told.came}
    outcomes = Counter(visit.outcome for visit in past.tickets if visit.state == "done")
    assert set(outcomes) >= {"accepted", "done_now", "wrong_place", "other"}
    assert sum(outcomes.values()) + sum(visit.state != "done" for visit in past.tickets) == len(past.tickets) == len(told.came)
    assert told.moved_away > 0
    assert past.waiting_list["taken"] == told.cancelled > 0
    assert past.waiting_list.total() == told.cancelled + UNLUCKY


def test_who_came_back_with_papers_kept_the_number(past: Past) -> None:
    back = {event.visit_id for event in past.events if event.kind == "came_back"}
    assert back
    assert {visit.returned for visit in past.visits if visit.id in back} == {True}
    assert all(visit.follows_id is None for visit in past.visits)


def test_the_visit_of_the_clerk_who_left_went_on(past: Past) -> None:
    assert past.told.handed_on
    visit = next(visit for visit in past.tickets if visit.ticket == past.told.handed_on)
    actors = [
        event.actor
        for event in past.events
        if event.visit_id == visit.id and event.kind in ("called", "serving", "finished", "parked", "transferred")
    ]
    assert len(set(actors)) == 2, "called by one, finished by the other"


def test_every_message_has_a_fate_and_every_call_was_told_once(past: Past) -> None:
    assert {state for _, state, _ in past.outbox} <= {*SETTLED, *WAITING}
    calls = Counter((visit.account_id, visit.ticket) for visit in past.tickets for event in _calls(past, visit) if visit.account_id is not None)
    told = Counter(
        (account, visit.ticket)
        for account, address in past.addresses.items()
        for visit in past.tickets
        if visit.account_id == account
        for to, _, body in past.outbox
        if to == address and (f"Mời số {visit.ticket} đến" in body or f"Mời lại số {visit.ticket}," in body)
    )
    assert calls == told
    assert calls.total() > 100
    evening = {state: count for (kind, state), count in past.reminders.items() if kind == "evening"}
    assert evening == {"skipped": BOOKED}, "the web does not ring, and the ledger says so"


def _calls(past: Past, visit: Visit) -> list[Event]:
    return [event for event in past.events if event.visit_id == visit.id and event.kind in ("called", "recalled")]


def waits(past: Past) -> dict[str, list[float]]:
    """Minutes to the first call. Who booked waits from the booked time on when they came before it."""
    found: dict[str, list[float]] = defaultdict(list)
    for visit in past.tickets:
        calls = _calls(past, visit)
        if calls and visit.arrived_at is not None:
            since = max(visit.arrived_at, visit.starts_at or visit.arrived_at)
            kind = "booked" if visit.starts_at else "priority" if visit.priority else "walk-in"
            found[kind].append(max(0.0, (calls[0].at - since).total_seconds() / 60))
    return found


def test_who_booked_waits_less_and_nobody_waits_for_ever(past: Past) -> None:
    found = waits(past)
    for kind, minutes in sorted(found.items()):
        mean, middle = statistics.mean(minutes), statistics.median(minutes)
        print(f"{kind}: {len(minutes)} people, mean {mean:.0f}, median {middle:.0f}, longest {max(minutes):.0f} minutes")
    assert statistics.mean(found["booked"]) < statistics.mean(found["walk-in"])
    assert max(max(minutes) for minutes in found.values()) < MOST_MINUTES
    not_served = [visit for visit in past.tickets if visit.outcome == "not_served"]
    assert all(visit.state == "must_return" for visit in not_served)
    assert all(visit.arrived_at and visit.arrived_at > at("15:30") for visit in not_served if not visit.returned)


def test_the_pages_of_the_hall_answer_at_once_in_the_busiest_hour(past: Past) -> None:
    print(past.told.seconds)
    assert len(past.told.seconds) == 3
    assert max(past.told.seconds.values()) < SECONDS

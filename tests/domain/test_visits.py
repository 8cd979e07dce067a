"""A visit's row and its history tell the same story, and nobody can be recognised in the history."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from sqlalchemy import exc, text
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.day import VisitEvent
from bot.domain import booking, queue, visits
from bot.domain.visits import Missing, Visit
from tests.center_day import CENTER, CITIZEN, CLERK, MONDAY, WEDNESDAY, CenterDay, at, minutes


def add(day: CenterDay, **columns: object) -> Visit | None:
    values = {"center_id": CENTER, "group_id": day.groups["A"].id, "day": MONDAY, "state": "booked", **columns}
    return day.do(visits.add, "booked", actor=CITIZEN, **values)


def test_a_ticket_reads_as_letter_and_three_digits() -> None:
    visit = Visit(1, CENTER, 1, MONDAY, "waiting", "t", "c")
    assert visit.ticket == ""
    assert dataclasses.replace(visit, letter="A", number=7).ticket == "A007"
    assert dataclasses.replace(visit, letter="B", number=1234).ticket == "B1234"


def test_missing_papers_are_read_from_the_row() -> None:
    visit = Visit(1, CENTER, 1, MONDAY, "must_return", "t", "c", missing='[{"id": "a", "name": "Giấy A", "why": "outdated"}]')
    assert visit.papers_missing == (Missing("a", "Giấy A", "outdated"),)
    assert Missing("a", "Giấy A").why == "missing"


def test_a_visit_is_found_by_number_link_and_code(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    spoken = f" {visit.code[:3]} {visit.code[3:]} "
    for found in (
        day.read(visits.get, visit.id),
        day.read(visits.get, visit.id, lock=True),
        day.read(visits.by_token, visit.token),
        day.read(visits.by_code, CENTER, MONDAY, visit.code),
        day.read(visits.by_code, CENTER, MONDAY, spoken),
    ):
        assert found == visit


def test_what_is_not_there_is_nothing(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    assert day.read(visits.get, visit.id + 1) is None
    assert day.read(visits.by_token, "x") is None
    assert day.read(visits.by_code, CENTER, WEDNESDAY, visit.code) is None
    assert day.read(visits.by_code, "elsewhere", MONDAY, visit.code) is None
    assert day.read(visits.by_code, CENTER, MONDAY, "") is None


def test_a_person_sees_the_next_visit_first(day: CenterDay) -> None:
    later, sooner, gone = day.book("lan", "8:00", day=WEDNESDAY), day.book("lan", "9:00"), day.book("lan", "8:00", behalf="relative")
    day.cancel(gone), day.book("mai", "8:00")
    person, _ = day.person("lan")
    assert day.read(visits.of_person, person) == [sooner, later]
    assert [visit.id for visit in day.read(visits.of_person, person, live=False)] == [gone.id, sooner.id, later.id]


def test_a_day_is_listed_in_the_order_it_was_made(day: CenterDay) -> None:
    made = [day.book("lan", "9:00"), day.walk_in(), day.book("mai", "8:00")]
    day.book("hoa", "8:00", day=WEDNESDAY)
    assert day.read(visits.of_day, CENTER, MONDAY) == made
    assert day.read(visits.of_day, CENTER, MONDAY, ("waiting",)) == [made[1]]
    assert day.read(visits.of_day, "elsewhere", MONDAY) == []


def test_a_rule_of_the_table_makes_no_visit_and_no_event(day: CenterDay) -> None:
    first = add(day, starts_at=at("8:00"), seat=1)
    assert first is not None
    before = day.snapshot()
    assert add(day, starts_at=at("8:00"), seat=1) is None, "the seat is taken"
    assert day.snapshot() == before


def test_a_code_somebody_has_that_day_is_drawn_again(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["111111", "111111", "222222"])
    monkeypatch.setattr(visits, "_code", lambda: next(drawn))
    made = [day.walk_in(), day.walk_in()]
    assert [visit.code for visit in made] == ["111111", "222222"]
    assert [visit.ticket for visit in made] == ["A001", "A002"]


def test_where_every_code_is_taken_there_is_an_end(day: CenterDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "_code", lambda: "111111")
    assert add(day) is not None
    assert add(day) is None


@pytest.mark.parametrize(("date", "same"), [(MONDAY, True), (WEDNESDAY, False)])
def test_a_code_is_kept_where_nobody_has_it(day: CenterDay, date: object, same: bool) -> None:
    visit, other = day.book("lan", "8:00"), day.book("mai", "8:00", day=WEDNESDAY)
    day.do(visits.change, other, "test", actor=CITIZEN, code=visit.code)
    assert (day.read(visits.code_on, visit, date) == visit.code) is same


def test_a_change_from_an_old_state_changes_nothing(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    assert day.do(visits.change, visit, "cancelled", actor=CITIZEN, state="cancelled") is not None
    before = day.snapshot()
    assert day.do(visits.change, visit, "arrived", actor=CITIZEN, state="waiting") is None
    assert day.snapshot() == before


def test_a_change_against_a_rule_of_the_table_is_an_error(day: CenterDay) -> None:
    day.book("lan", "8:00")
    second = day.book("mai", "8:00")
    with pytest.raises(exc.IntegrityError):
        day.do(visits.change, second, "test", actor=CITIZEN, seat=1)


def test_an_event_tells_what_changed_and_only_that(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    day.now += minutes(1)
    day.do(visits.change, visit, "test", actor=CLERK, state="booked", note="n", starts_at=at("9:00"))
    event = day.read(visits.events, [visit.id])[-1]
    assert (event.kind, event.actor, event.at) == ("test", CLERK, day.now)
    assert event.changes == {"note": ["", "n"], "starts_at": [at("8:00").isoformat(), at("9:00").isoformat()]}
    assert visits.before(event) == {"note": "", "starts_at": at("8:00")}


def test_before_gives_days_moments_and_nothing_back_as_they_were() -> None:
    changes: dict[str, list[Any]] = {"day": ["2026-11-23", "2026-11-25"], "late_until": [None, at("8:00").isoformat()], "calls": [1, 2]}
    event = visits.Event(1, 1, "k", "a", at("8:00"), changes)
    assert visits.before(event) == {"day": MONDAY, "late_until": None, "calls": 1}


def test_nobody_can_be_recognised_in_the_history(day: CenterDay) -> None:
    visit = day.book("lan", "8:00", checklist_id=None)
    day.move(visit, "9:00")
    told = json.dumps([event.changes for event in day.read(visits.events, [visit.id])])
    assert not any(name in told for name in ("person_id", "account_id", "checklist_id", "token", visit.token))


def test_the_events_rebuild_the_row(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    day.do(booking.late, visit, 15, actor=CITIZEN)
    day.turn("8:00")
    day.check_in(visit)
    day.do(queue.serve, day.called(), actor=CLERK)
    day.finish(visit, missing=("Giấy A",))
    day.check_in(visit)
    told = visits.rebuilt(day.read(visits.events, [visit.id]))[visit.id]
    row = day.row(visit)
    assert (told["state"], told["number"], told["day"], told["missing"]) == (row.state, row.number, "2026-11-23", row.missing)
    assert day.read(visits.untrue, CENTER, MONDAY) == []


@pytest.mark.parametrize("lie", ["state = 'done'", "seat = 9", "note = 'x'", "starts_at = NULL", "calls = 3"])
def test_a_row_changed_behind_its_events_is_found(day: CenterDay, lie: str) -> None:
    visit, other = day.book("lan", "8:00"), day.book("mai", "8:00")
    day.do(lambda session, now: session.execute(text(f"UPDATE visit SET {lie} WHERE id = {visit.id}")) and None)
    assert day.read(visits.untrue, CENTER, MONDAY) == [visit.id]
    assert day.read(visits.get, other.id) == other


def test_a_lost_event_is_found(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    day.do(lambda session, now: session.execute(upsert.table(VisitEvent).delete()) and None)
    assert day.read(visits.untrue, CENTER, MONDAY) == [visit.id]


def test_forgetting_who_it_was_leaves_the_story_true(day: CenterDay) -> None:
    day.book("lan", "8:00")
    table = upsert.table(Row)
    day.do(lambda session, now: session.execute(table.update().values(person_id=None, account_id=None, checklist_id=None)) and None)
    assert day.read(visits.untrue, CENTER, MONDAY) == []


def test_pages_that_wait_see_the_newest_event_of_their_center(day: CenterDay) -> None:
    assert day.read(visits.newest_event, [CENTER, "elsewhere"]) == {CENTER: 0, "elsewhere": 0}
    visit = day.walk_in()
    newest = day.read(visits.events, [visit.id])[-1].id
    assert day.read(visits.newest_event, [CENTER, "elsewhere"]) == {CENTER: newest, "elsewhere": 0}


def test_found_takes_any_statement_over_the_columns(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")

    def mine(session: Session) -> list[Visit]:
        return visits.found(session, upsert.table(Row).select().with_only_columns(*visits.COLUMNS))

    assert day.read(mine) == [visit]

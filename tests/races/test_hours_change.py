"""Hours change in the very instant somebody books inside the old ones."""

from __future__ import annotations

import concurrent.futures

from sqlmodel import Session

from bot.domain import booking, displaced, hours
from bot.domain.visits import Visit
from tests.races.crew import SIZE, Crew, Deed, deed
from tests.races.hall import CENTER, NOW, WEDNESDAY, Hall, slot


def close_the_day(session: Session) -> list[int]:
    """As a lead does it: change the hours, then look who does not fit them. Their numbers."""
    hours.set_exception(session, CENTER, WEDNESDAY, (), "mất điện", actor="staff:1", now=NOW)
    return [found.visit.id for found in displaced.find(session, CENTER, displaced.booked(session, CENTER, now=NOW))]


def wanted(hall: Hall) -> list[Deed]:
    return [deed(booking.take, hall.three, slot(number), wish, actor="citizen", now=NOW) for number, wish in enumerate(hall.people(SIZE - 1))]


def test_who_changes_the_hours_sees_every_booking_made_inside_the_old_ones(crew: Crew, hall: Hall) -> None:
    closing, *booked = crew.race(hall.url, deed(close_the_day), *wanted(hall))
    made = [outcome.result.id for outcome in booked if isinstance(outcome.result, Visit)]
    assert sorted(closing.result) == sorted(made)
    assert {outcome.error for outcome in booked} <= {"", "SlotClosed"}


def test_control_without_the_lock_bookings_land_outside_the_hours_unseen(crew: Crew, hall: Hall) -> None:
    closing, *booked = crew.race(hall.url, deed(close_the_day), *wanted(hall), off=("lock",))
    made = [outcome.result.id for outcome in booked if isinstance(outcome.result, Visit)]
    assert set(made) - set(closing.result)


def test_nobody_changes_the_hours_while_a_booking_inside_them_is_not_committed(hall: Hall) -> None:
    [wish] = hall.people(1)
    with Session(hall.store.engine) as session, session.begin():
        made = booking.take(session, hall.three, slot(), wish, actor="citizen", now=NOW)
        with concurrent.futures.ThreadPoolExecutor() as beside:
            closing = beside.submit(hall.do, close_the_day)
            assert not concurrent.futures.wait([closing], 0.3).done
            session.commit()
            assert closing.result() == [made.id]

"""A freed seat belongs to the first in line for a limited time."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Wait
from bot.domain import booking, waitlist
from bot.domain.visits import Visit
from bot.domain.waitlist import Offer
from tests.center_day import MONDAY, WEDNESDAY, CenterDay, at, free


def full(day: CenterDay, seats: int = 2) -> list[Visit]:
    """Wednesday's only times of group B, one seat each, are taken."""
    free(day, WEDNESDAY, "8:00-8:30" if seats == 1 else "8:00-9:00")
    return [day.book(name, hour, day=WEDNESDAY, group="B") for name, hour in (("lan", "8:00"), ("mai", "8:30"))[:seats]]


def line(day: CenterDay, *names: str) -> list[waitlist.Waiting]:
    return [day.wait_for(name, day=WEDNESDAY, group="B") for name in names]


def offered(day: CenterDay) -> list[tuple[str, str]]:
    """Who was offered what just now."""
    return [(name(day, offer), clock.hour(offer.visit.starts_at or day.now)) for offer in day.do(waitlist.offer)]


def name(day: CenterDay, offer: Offer) -> str:
    return next(name for name in ("hoa", "vân", "đào", "lan", "mai") if day.person(name)[0] == offer.waiting.person_id)


def state(day: CenterDay, waiting: waitlist.Waiting) -> str:
    table = upsert.table(Wait)
    return str(day.read(lambda session: session.execute(table.select().where(table.c.id == waiting.id)).one().state))


def test_asked_twice_it_is_the_same_place(day: CenterDay) -> None:
    full(day)
    first, second = line(day, "hoa", "vân")
    assert day.wait_for("hoa", day=WEDNESDAY, group="B") == first
    assert [day.read(waitlist.before, waiting) for waiting in (first, second)] == [0, 1]
    assert day.read(waitlist.of_person, day.person("hoa")[0]) == [first]
    assert (first.state, first.day, first.visit_id) == ("waiting", WEDNESDAY, None)


def test_who_is_booked_that_day_does_not_wait_for_it(day: CenterDay) -> None:
    booked, _ = full(day)
    with pytest.raises(errors.AlreadyBooked) as caught:
        line(day, "lan")
    assert caught.value.visit_id == booked.id
    day.book("lan", "9:00", behalf="relative")
    assert day.wait_for("lan").state == "waiting", "who booked for another that day may still wait for oneself"


def test_a_place_in_line_can_be_given_up_by_its_owner_only(day: CenterDay) -> None:
    full(day)
    (waiting,) = line(day, "hoa")
    hoa, van = day.person("hoa")[0], day.person("vân")[0]
    assert day.read(waitlist.leave, waiting.id, van) is False
    assert day.read(waitlist.leave, waiting.id, hoa) is True
    assert day.read(waitlist.leave, waiting.id, hoa) is False
    assert day.read(waitlist.of_person, hoa) == []
    assert state(day, waiting) == "left"
    assert line(day, "hoa")[0].id != waiting.id, "and asked for again"


def test_nothing_is_offered_while_nothing_is_free(day: CenterDay) -> None:
    full(day)
    line(day, "hoa")
    assert offered(day) == []


def test_a_freed_seat_is_offered_to_the_first_and_to_nobody_else(day: CenterDay) -> None:
    first, _ = full(day)
    waiting = line(day, "hoa", "vân")
    day.cancel(first)
    for other in ("đào", "vân"):
        with pytest.raises(errors.SlotTaken):
            day.hold(other, "8:00", day=WEDNESDAY, group="B")
    (offer,) = day.do(waitlist.offer)
    assert (offer.waiting.id, offer.visit.state, offer.visit.source) == (waiting[0].id, "held", "waitlist")
    assert offer.visit.hold_until == day.now + waitlist.OFFER
    assert [state(day, one) for one in waiting] == ["offered", "waiting"]
    assert offered(day) == [], "and once only"
    with pytest.raises(errors.SlotTaken):
        day.hold("đào", "8:00", day=WEDNESDAY, group="B")
    assert day.confirm(offer.visit).state == "booked"
    day.do(waitlist.settle)
    assert state(day, waiting[0]) == "taken"
    assert day.wrongs() == []


def test_an_offer_nobody_takes_goes_to_the_next(day: CenterDay) -> None:
    first, _ = full(day)
    waiting = line(day, "hoa", "vân")
    day.cancel(first)
    assert offered(day) == [("hoa", "08:00")]
    day.now += waitlist.OFFER + dt.timedelta(seconds=1)
    assert day.do(booking.expire) == 1
    assert offered(day) == [("vân", "08:00")]
    assert [state(day, one) for one in waiting] == ["lapsed", "offered"]


def test_an_offer_that_is_refused_goes_to_the_next_at_once(day: CenterDay) -> None:
    first, _ = full(day)
    line(day, "hoa", "vân")
    day.cancel(first)
    (offer,) = day.do(waitlist.offer)
    day.cancel(offer.visit)
    assert offered(day) == [("vân", "08:00")]


def test_as_many_as_there_are_seats_get_an_offer_in_their_order(day: CenterDay) -> None:
    booked = full(day)
    waiting = line(day, "hoa", "vân", "đào")
    for visit in reversed(booked):
        day.cancel(visit)
    assert offered(day) == [("hoa", "08:00"), ("vân", "08:30")]
    assert [state(day, one) for one in waiting] == ["offered", "offered", "waiting"]
    with pytest.raises(errors.SlotTaken):
        day.hold("lan", "8:00", day=WEDNESDAY, group="B")


def test_when_the_line_is_empty_seats_belong_to_everybody_again(day: CenterDay) -> None:
    first, second = full(day)
    (waiting,) = line(day, "hoa")
    day.cancel(first), day.cancel(second)
    assert offered(day) == [("hoa", "08:00")]
    assert day.hold("đào", "8:30", day=WEDNESDAY, group="B").state == "held"
    assert state(day, waiting) == "offered"


def test_who_is_choosing_another_time_is_passed_over_and_keeps_the_place(day: CenterDay) -> None:
    first, _ = full(day)
    waiting = line(day, "hoa", "vân")
    held = day.hold("hoa", "9:00")
    day.cancel(first)
    assert offered(day) == [("vân", "08:00")]
    assert (state(day, waiting[0]), day.state(held)) == ("waiting", "held")


def test_who_booked_by_another_way_or_has_too_many_leaves_the_line(day: CenterDay) -> None:
    first, second = full(day)
    waiting = line(day, "hoa", "vân", "đào")
    day.cancel(first)
    free(day, WEDNESDAY, "8:00-9:30")
    with pytest.raises(errors.SlotTaken):
        day.book("hoa", "8:00", day=WEDNESDAY, group="B")
    assert day.book("hoa", "8:00", day=WEDNESDAY, group="A").state == "booked", "at another group nobody waits"
    for date in (MONDAY, *(dt.date(2026, 11, number) for number in (26, 27, 28, 30))):
        day.book("vân", "9:00", day=date)
    assert offered(day) == [("đào", "08:00")]
    assert [state(day, one) for one in waiting] == ["left", "left", "offered"]
    assert day.state(second) == "booked"


def test_a_seat_that_went_to_somebody_else_costs_nobody_the_place(day: CenterDay) -> None:
    full(day)
    (waiting,) = line(day, "hoa")
    assert day.do(lambda session, now: waitlist._offer_one(session, day.groups["B"], at("8:00", WEDNESDAY), waiting, now)) is None
    assert state(day, waiting) == "waiting"


def test_a_place_another_process_made_an_offer_to_is_left_alone(day: CenterDay) -> None:
    first, _ = full(day)
    (waiting,) = line(day, "hoa")
    day.cancel(first)
    (offer,) = day.do(waitlist.offer)
    assert day.do(lambda session, now: waitlist._offer_one(session, day.groups["B"], at("8:00", WEDNESDAY), waiting, now)) is None
    assert (day.state(offer.visit), state(day, waiting)) == ("held", "offered")


@pytest.mark.parametrize(
    ("made", "until"),
    [
        (at("7:00"), at("7:30")),
        (at("12:00"), at("12:30")),
        (at("20:59"), at("21:29")),
        (at("21:00"), at("7:30", WEDNESDAY - dt.timedelta(days=1))),
        (at("23:30"), at("7:30", WEDNESDAY - dt.timedelta(days=1))),
        (at("0:00"), at("7:30")),
        (at("6:59"), at("7:30")),
    ],
)
def test_an_offer_at_night_stands_until_the_morning(made: dt.datetime, until: dt.datetime) -> None:
    assert waitlist.offered_until(made) == until


def test_an_offer_ends_before_the_time_itself(day: CenterDay) -> None:
    (first,) = full(day, seats=1)
    line(day, "hoa")
    day.turn("22:00", WEDNESDAY - dt.timedelta(days=1))
    day.cancel(first)
    (offer,) = day.do(waitlist.offer)
    assert offer.visit.hold_until == at("7:30", WEDNESDAY)
    day.turn("7:31", WEDNESDAY)
    day.do(booking.expire)
    line(day, "vân")
    (offer,) = day.do(waitlist.offer)
    assert offer.visit.hold_until == at("7:50", WEDNESDAY)


def test_lists_of_days_that_are_over_are_closed(day: CenterDay) -> None:
    full(day)
    (waiting,) = line(day, "hoa")
    day.turn("23:00", WEDNESDAY)
    day.do(waitlist.settle)
    assert state(day, waiting) == "waiting"
    day.turn("0:10", WEDNESDAY + dt.timedelta(days=1))
    day.do(waitlist.settle)
    assert state(day, waiting) == "lapsed"


def test_free_times_count_every_seat_as_if_nobody_waited(day: CenterDay) -> None:
    free(day, WEDNESDAY, "8:00-9:00")
    booked = [day.book(who, "8:00", day=WEDNESDAY) for who in ("lan", "mai")]
    times = day.do(waitlist.free_times, day.groups["A"], WEDNESDAY)
    assert times == [at("8:30", WEDNESDAY)] * 2
    day.cancel(booked[0])
    assert day.do(waitlist.free_times, day.groups["A"], WEDNESDAY)[0] == at("8:00", WEDNESDAY)


def test_a_group_that_was_taken_away_offers_nothing(day: CenterDay) -> None:
    first, _ = full(day)
    line(day, "hoa")
    day.cancel(first)

    def lose(session: Session, now: dt.datetime) -> None:
        table = upsert.table(Wait)
        session.execute(table.update().values(group_id=999))

    day.do(lose)
    assert offered(day) == []


def test_who_waits_may_book_for_somebody_else(day: CenterDay) -> None:
    full(day)
    (waiting,) = line(day, "hoa")
    assert day.book("hoa", "9:00", behalf="relative").party == 1
    assert day.read(waitlist.of_person, day.person("hoa")[0]) == [waiting]

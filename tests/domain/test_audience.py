"""Who gets a notice: only who agreed, each of them once, where they can be reached."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from bot.domain import audience, consent
from bot.domain.audience import Audience, Target
from tests.center_day import CENTER, MONDAY, WEDNESDAY, CenterDay
from tests.mailing import Mailing

HOUR = dt.timedelta(hours=1)
EVERYBODY = Audience()


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def counted(mailing: Mailing, chosen: Audience = EVERYBODY, corrects: int | None = None) -> audience.Reached:
    return mailing.day.read(audience.count, Target(CENTER, chosen, corrects))


def test_only_who_agreed_gets_it_and_the_numbers_say_why_others_do_not(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", "ba")
    mailing.day.do(consent.withdraw, mailing.who("minh").person_id, "DỪNG")
    mailing.day.do(consent.refuse, mailing.who("tư"), "câu", "web")
    mailing.who("năm")
    mailing.block("ba")
    found = counted(mailing)
    assert (found.sending, found.refused, found.no_account, found.unasked) == (1, 2, 1, 0)
    assert mailing.to(mailing.send()) == ["lan"]


def test_people_of_another_center_stay_out(mailing: Mailing) -> None:
    mailing.agree("lan")
    assert mailing.day.read(audience.count, Target("nowhere", Audience())).sending == 0


def test_somebody_with_three_accounts_gets_it_once_where_it_rings_and_was_used_last(mailing: Mailing) -> None:
    mailing.day.person("lan", "web")
    mailing.agree("lan", bot="web")
    mailing.account("lan", "telegram:1", address="older", seen=mailing.day.now - 48 * HOUR)
    mailing.account("lan", "telegram:1", address="newer", seen=mailing.day.now - HOUR)
    mailing.account("lan", "zalo_bot:1", address="counted")
    assert mailing.to(mailing.send()) == ["newer"]


def test_a_bot_with_a_quota_and_the_web_are_for_who_has_nothing_else(mailing: Mailing) -> None:
    mailing.agree("lan", bot="web")
    mailing.account("lan", "zalo_bot:1", address="counted", seen=mailing.day.now - 48 * HOUR)
    mailing.agree("minh", bot="web")
    assert mailing.to(mailing.send()) == ["counted", "minh"]


def test_a_blocked_account_gives_way_to_the_next(mailing: Mailing) -> None:
    mailing.agree("lan")
    mailing.account("lan", "web", address="page")
    mailing.block("lan")
    assert mailing.to(mailing.send()) == ["page"]


def test_an_area_narrows_it_down(mailing: Mailing) -> None:
    mailing.agree("lan", area="thôn Đông")
    mailing.agree("minh", area="thôn Đoài")
    mailing.agree("ba")
    assert mailing.to(mailing.send(Audience(areas=("thôn Đông",)))) == ["lan"]
    assert mailing.day.read(audience.areas, CENTER) == [("thôn Đoài", 1), ("thôn Đông", 1)]


def test_days_and_procedures_of_bookings_narrow_it_down_and_count_who_did_not_agree(mailing: Mailing) -> None:
    mailing.agree("lan", "minh")
    for name, code in (("lan", "1.000656"), ("minh", "2.000815"), ("ba", "1.000656")):
        mailing.day.book(name, "8:30", day=WEDNESDAY, group="C", procedure=code)
    assert counted(mailing, Audience(since=WEDNESDAY, until=WEDNESDAY)).sending == 2
    found = counted(mailing, Audience(procedures=("1.000656",), since=WEDNESDAY, until=WEDNESDAY))
    assert (found.sending, found.unasked) == (1, 1)
    assert counted(mailing, Audience(since=MONDAY, until=MONDAY)).sending == 0


def test_an_account_without_a_language_speaks_vietnamese(mailing: Mailing) -> None:
    mailing.agree("lan")
    mailing.day.person("john", "web")
    mailing.agree("john", bot="web")
    mailing.account("john", "telegram:1", address="english", language="en-GB")
    assert mailing.to(mailing.send(Audience(language="en"))) == ["english"]
    assert mailing.to(mailing.send(Audience(language="vi"))) == ["lan"]


def test_about_the_day_of_a_booking_everybody_booked_is_told_without_consent(mailing: Mailing) -> None:
    for name in ("lan", "minh"):
        mailing.day.book(name, "8:30", day=WEDNESDAY)
    mailing.day.cancel(mailing.day.book("ba", "9:30", day=WEDNESDAY))
    mailing.agree("tư")
    booked = Audience(ground="booking", since=WEDNESDAY, until=WEDNESDAY)
    assert mailing.to(mailing.send(booked)) == ["lan", "minh"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ground": "booking"},
        {"ground": "booking", "since": MONDAY, "until": MONDAY + dt.timedelta(days=30)},
        {"ground": "booking", "since": MONDAY, "until": MONDAY, "areas": ("thôn Đông",)},
        {"since": WEDNESDAY, "until": MONDAY},
        {"since": WEDNESDAY},
        {"everybody": True},
    ],
)
def test_a_description_that_says_nothing_sure_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Audience.model_validate(wrong)


def test_what_is_counted_is_what_is_sent(mailing: Mailing) -> None:
    mailing.many(7)
    mailing.agree("web one", bot="web")
    found = counted(mailing)
    assert found.channels == {"telegram": 7, "web": 1}
    assert len(mailing.to(mailing.send())) == found.sending == 8

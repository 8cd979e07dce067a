"""Consent: given once, withdrawn at any moment, provable afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import exc

from bot.db import upsert
from bot.db.leaving import Consent
from bot.domain import consent, people
from bot.domain.audience import Audience
from tests.center_day import CENTER, WEDNESDAY, CenterDay
from tests.mailing import Mailing


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def test_a_consent_keeps_who_when_where_and_which_words(mailing: Mailing) -> None:
    mailing.agree("lan")
    [kept] = mailing.day.read(consent.history, mailing.who("lan").person_id)
    assert (kept.center_id, kept.purpose, kept.wording, kept.way, kept.given_at) == (CENTER, "notices", "câu đã đọc", "telegram", mailing.day.now)
    assert kept.withdrawn_at is None


def test_agreeing_again_keeps_the_older_proof(mailing: Mailing) -> None:
    mailing.agree("lan")
    mailing.day.turn("9:00")
    given = mailing.day.do(consent.give, mailing.who("lan"), "câu mới", "web")
    assert given.wording == "câu đã đọc"
    assert len(mailing.day.read(consent.history, mailing.who("lan").person_id)) == 1


def test_the_table_itself_takes_no_second_standing_consent(mailing: Mailing) -> None:
    mailing.agree("lan")
    row = {**mailing.who("lan")._asdict(), "area": "", "wording": "x", "way": "", "given_at": mailing.day.now, "withdrawn_way": ""}
    with pytest.raises(exc.IntegrityError):
        mailing.day.read(lambda session: session.execute(upsert.table(Consent).insert().values(**row)))


def test_who_withdrew_and_agreed_again_has_both_in_the_history(mailing: Mailing) -> None:
    mailing.agree("lan")
    assert mailing.day.do(consent.withdraw, mailing.who("lan").person_id, "DỪNG") == [(CENTER, "notices")]
    assert mailing.day.read(consent.standing, mailing.who("lan")) is None
    mailing.agree("lan")
    first, second = mailing.day.read(consent.history, mailing.who("lan").person_id)
    assert (first.withdrawn_way, second.withdrawn_at) == ("DỪNG", None)


def test_a_refusal_is_remembered_and_stands_for_nothing(mailing: Mailing) -> None:
    who = mailing.who("lan")
    assert not mailing.day.read(consent.asked, who)
    mailing.day.do(consent.refuse, who, "câu đã đọc", "web")
    assert mailing.day.read(consent.asked, who)
    assert mailing.day.read(consent.standing, who) is None
    assert mailing.day.read(consent.history, who.person_id)[0].refused


def test_purposes_stand_apart(mailing: Mailing) -> None:
    mailing.agree("lan")
    survey = mailing.who("lan")._replace(purpose="survey")
    assert mailing.day.read(consent.standing, survey) is None
    mailing.day.do(consent.give, survey, "khảo sát", "web")
    mailing.day.do(consent.withdraw, survey.person_id, "x", purpose="notices")
    assert mailing.day.read(consent.standing, survey) is not None


def test_two_spellings_of_a_hamlet_are_one(mailing: Mailing) -> None:
    mailing.agree("lan", area="Thôn Đông")
    mailing.agree("minh", area="thôn  đông")
    kept = mailing.day.read(consent.standing, mailing.who("minh"))
    assert kept is not None
    assert kept.area == "Thôn Đông"


def test_forgetting_somebody_takes_the_consent_along(mailing: Mailing) -> None:
    mailing.agree("lan")
    person = mailing.who("lan").person_id
    mailing.day.read(people.forget, person)
    assert mailing.day.read(consent.history, person) == []


def test_withdrawing_amid_a_notice_skips_what_waits_and_leaves_what_went(mailing: Mailing) -> None:
    mailing.agree("lan", "minh")
    notice = mailing.send()
    mailing.fate(notice, "minh")
    for name in ("lan", "minh"):
        mailing.day.do(consent.withdraw, mailing.who(name).person_id, "DỪNG")
    assert mailing.sums(notice) == {"sent": 1, "skipped": 1}
    assert [row.reason for row in mailing.rows(notice) if row.state == "skipped"] == ["withdrawn"]


def test_a_notice_about_the_day_of_a_booking_does_not_rest_on_consent(mailing: Mailing) -> None:
    mailing.agree("lan")
    mailing.day.book("lan", "8:30", day=WEDNESDAY)
    notice = mailing.send(Audience(ground="booking", since=WEDNESDAY, until=WEDNESDAY))
    mailing.day.do(consent.withdraw, mailing.who("lan").person_id, "DỪNG")
    assert mailing.sums(notice) == {"queued": 1}

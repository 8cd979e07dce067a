"""A notice from draft to report: who may edit it when, who confirms it, and sums that always add up."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.conversation import plain
from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.staff import Staff, StaffAccount
from bot.domain import broadcast, night, notices
from bot.domain.audience import Audience
from tests.center_day import CENTER, WEDNESDAY, CenterDay, at
from tests.mailing import SECOND, WRITER, Mailing, refused


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def test_of_two_edits_of_the_same_version_the_second_is_refused(mailing: Mailing) -> None:
    notice = mailing.draft()
    words = notices.words(mailing.row(notice))
    mailing.day.do(notices.edit, CENTER, notice, 1, words._replace(body="một"), actor=WRITER)
    assert refused(mailing, notices.edit, CENTER, notice, 1, words._replace(body="hai"), actor=SECOND).why == "changed"
    assert (mailing.row(notice).body, mailing.row(notice).version) == ("một", 2)


@pytest.mark.parametrize("further", ["submitted", "sending"])
def test_what_is_submitted_or_frozen_is_not_edited(mailing: Mailing, further: str) -> None:
    mailing.agree("lan")
    notice = mailing.draft()
    number = mailing.submit(notice)
    if further == "sending":
        mailing.confirm(notice, number)
    words = notices.words(mailing.row(notice))._replace(body="khác")
    assert refused(mailing, notices.edit, CENTER, notice, 1, words, actor=WRITER).why == "changed"
    assert mailing.row(notice).body == "Thứ Ba trung tâm nghỉ."


def test_the_writer_of_a_large_notice_cannot_confirm_it_and_a_second_person_can(mailing: Mailing) -> None:
    mailing.many(broadcast.ALONE + 1)
    notice = mailing.draft()
    number = mailing.submit(notice, actor="staff:3")
    for one in (WRITER, "staff:3"):
        assert refused(mailing, broadcast.confirm, CENTER, notice, 1, number, actor=one).why == "second"
    assert mailing.confirm(notice, number, SECOND) == "sending"


def test_a_small_notice_needs_no_second_person(mailing: Mailing) -> None:
    mailing.many(broadcast.ALONE)
    notice = mailing.draft()
    assert mailing.confirm(notice, mailing.submit(notice), WRITER) == "sending"


def test_the_confirmer_types_the_number_of_now_and_is_told_when_it_changed(mailing: Mailing) -> None:
    mailing.many(3)
    notice = mailing.draft()
    mailing.submit(notice)
    mailing.agree("one more")
    error = refused(mailing, broadcast.confirm, CENTER, notice, 1, 3, actor=SECOND)
    assert (error.why, error.count) == ("count", 4)
    assert mailing.row(notice).state == "submitted"
    assert mailing.rows(notice) == []
    assert mailing.confirm(notice, 4) == "sending"


def test_a_large_number_is_not_slipped_past_the_second_key_by_typing_a_small_one(mailing: Mailing) -> None:
    mailing.many(broadcast.ALONE + 5)
    notice = mailing.draft()
    mailing.submit(notice)
    assert refused(mailing, broadcast.confirm, CENTER, notice, 1, 1, actor=WRITER).why == "count"
    assert mailing.rows(notice) == []


@pytest.mark.parametrize(("given", "why"), [({"title": ""}, "title"), ({"body": " "}, "empty"), ({"body": "x" * 2000}, "long")])
def test_an_unfinished_notice_is_not_submitted(mailing: Mailing, given: dict[str, Any], why: str) -> None:
    mailing.agree("lan")
    assert refused(mailing, broadcast.submit, CENTER, mailing.draft(**given), 1, actor=WRITER).why == why


def test_a_notice_to_nobody_is_not_submitted(mailing: Mailing) -> None:
    assert refused(mailing, broadcast.submit, CENTER, mailing.draft(), 1, actor=WRITER).why == "nobody"


def test_the_length_that_is_shown_is_that_of_the_text(mailing: Mailing) -> None:
    notice = mailing.row(mailing.draft(body="Một.\nHai.\n\nBa."))
    assert mailing.day.read(notices.length, notice) == len(plain.text(mailing.day.read(notices.reply, notice)))


def test_the_message_says_how_to_stop_it_or_that_it_is_about_the_booking(mailing: Mailing) -> None:
    agreed, booked = (mailing.row(mailing.draft(chosen)) for chosen in (Audience(), Audience(ground="booking", since=WEDNESDAY, until=WEDNESDAY)))
    assert "nhắn DỪNG" in plain.text(mailing.day.read(notices.reply, agreed))
    assert "thứ Tư 25/11" in plain.text(mailing.day.read(notices.reply, booked))
    assert "DỪNG" not in plain.text(mailing.day.read(notices.reply, booked))


def test_a_scheduled_notice_leaves_at_its_time_to_who_agreed_by_then(mailing: Mailing) -> None:
    mailing.many(2)
    notice = mailing.draft(send_at=at("9:00"))
    assert mailing.confirm(notice, mailing.submit(notice)) == "scheduled"
    mailing.advance()
    assert (mailing.row(notice).state, mailing.rows(notice)) == ("scheduled", [])
    mailing.agree("later")
    mailing.day.turn("9:00")
    mailing.advance()
    assert mailing.row(notice).state == "sending"
    assert mailing.sums(notice) == {"queued": 3}


def test_one_persons_notice_that_grew_too_large_by_its_time_waits_for_a_second_person(mailing: Mailing) -> None:
    mailing.many(2)
    notice = mailing.draft(send_at=at("9:00"))
    mailing.confirm(notice, mailing.submit(notice), WRITER)
    mailing.many(broadcast.ALONE + 1)
    mailing.day.turn("9:00")
    mailing.advance()
    assert (mailing.row(notice).state, mailing.row(notice).confirmed_by, mailing.rows(notice)) == ("submitted", "", [])


def test_sent_back_it_can_be_edited_and_has_to_be_confirmed_anew(mailing: Mailing) -> None:
    mailing.many(2)
    notice = mailing.draft(send_at=at("9:00"))
    mailing.confirm(notice, mailing.submit(notice))
    mailing.step("back", notice)
    mailing.day.turn("9:30")
    mailing.advance()
    assert (mailing.row(notice).state, mailing.row(notice).confirmed_by) == ("draft", "")


@pytest.mark.parametrize(("hour", "asleep"), [("6:59", True), ("7:00", False), ("20:59", False), ("21:00", True), ("23:59", True), ("0:00", True)])
def test_the_clock_tells_when_nobodys_phone_rings(hour: str, asleep: bool) -> None:
    assert night.is_at(at(hour)) is asleep


def test_a_test_goes_to_the_writers_own_chat_and_to_nobody_else(mailing: Mailing) -> None:
    mailing.many(3)
    notice = mailing.draft()
    assert mailing.day.do(notices.test, CENTER, notice, 1, actor=WRITER) == 0

    def connect(session: Session) -> None:
        session.add(Staff(id=1, name="chị Hạnh", created_at=mailing.day.now))
        session.flush()
        session.add(StaffAccount(bot="telegram:1", address="hanh", staff_id=1, created_at=mailing.day.now))

    mailing.day.read(connect)
    assert mailing.day.do(notices.test, CENTER, notice, 1, actor=WRITER) == 1
    assert mailing.rows(notice) == []
    assert mailing.row(notice).state == "draft"


def test_a_notice_whose_description_is_unreadable_goes_to_nobody(mailing: Mailing) -> None:
    mailing.agree("lan")
    notice = mailing.draft()
    table = upsert.table(Notice)
    mailing.day.read(lambda session: session.execute(update(table).where(table.c.id == notice).values(audience='{"everybody": true}')))
    with pytest.raises(ValueError, match="everybody"):
        mailing.submit(notice)

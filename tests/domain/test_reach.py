"""Whom something can be sent to today: what works, what is closed, what nobody serves, and the sums of it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from bot.db import upsert
from bot.db.tables import Account
from bot.domain import audience, consent, people, reach, senders, turning
from bot.domain.audience import Audience, Target
from bot.messages import Outgoing, Reply
from tests.center_day import CENTER, WEDNESDAY, CenterDay
from tests.mailing import Mailing

ZALO, OLD = "zalo_oa:1", "telegram:9"
FREE = dt.timedelta(hours=48)
HOUR = dt.timedelta(hours=1)
_ACCOUNT = upsert.table(Account)


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def silent(mailing: Mailing, name: str, hours: int) -> None:
    """Has not written for so long."""
    seen = update(_ACCOUNT).where(_ACCOUNT.c.address == name).values(last_seen_at=mailing.day.now - hours * HOUR)
    mailing.day.read(lambda session: session.execute(seen) and None)


def settle(mailing: Mailing, window: dt.timedelta = FREE) -> None:
    mailing.day.do(reach.settle_windows, ZALO, window)


def retire(mailing: Mailing, *served: str) -> None:
    mailing.day.do(senders.settle, {"web", *served})


def test_a_notice_says_beforehand_whom_the_window_keeps_out_and_skips_just_them(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", "ba", bot=ZALO)
    silent(mailing, "lan", 49)
    silent(mailing, "minh", 47)
    settle(mailing)
    found = mailing.day.read(audience.count, Target(CENTER, Audience()))
    assert (found.sending, found.window, found.recipients) == (2, 1, 3)
    notice = mailing.send()
    assert mailing.sums(notice) == {"queued": 2, "skipped": 1}
    assert [(row.address, row.reason) for row in mailing.rows(notice) if row.state == "skipped"] == [("lan", audience.CLOSED)]


def test_the_paid_window_is_longer_and_writing_opens_a_closed_one(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", bot=ZALO)
    silent(mailing, "lan", 49)
    silent(mailing, "minh", 8 * 24)
    settle(mailing)
    settle(mailing, dt.timedelta(days=7))
    assert mailing.day.read(audience.count, Target(CENTER, Audience())).window == 1
    known = mailing.day.do(people.account_of, ZALO, "minh")
    mailing.day.do(people.seen, known)
    settle(mailing)
    found = mailing.day.read(audience.count, Target(CENTER, Audience()))
    assert (found.sending, found.window) == (1, 1), "lan waits again when the window is the free one"
    assert mailing.to(mailing.send()) == ["minh"]


def test_who_has_another_account_is_not_kept_out_by_a_window(mailing: Mailing) -> None:
    mailing.agree("lan", bot=ZALO)
    silent(mailing, "lan", 49)
    mailing.account("lan", "web", address="page", seen=mailing.day.now - 100 * HOUR)
    settle(mailing)
    assert mailing.to(mailing.send()) == ["page"]


def test_nothing_goes_to_a_bot_nobody_serves_and_a_token_that_comes_back_undoes_it(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", bot=OLD)
    mailing.account("lan", "web", address="page")
    retire(mailing, "telegram:1")
    found = mailing.day.read(audience.count, Target(CENTER, Audience()))
    assert (found.channels, found.unserved, found.no_account) == ({"web": 1}, 1, 0)
    retire(mailing, "telegram:1", OLD)
    assert mailing.day.read(audience.count, Target(CENTER, Audience())).channels == {"telegram": 2}


def test_what_cannot_arrive_is_never_turned_to_a_bot_nobody_serves(mailing: Mailing) -> None:
    mailing.agree("lan")
    mailing.account("lan", OLD, address="old", seen=mailing.day.now - HOUR)
    notice = mailing.send()
    person = mailing.who("lan").person_id
    other = mailing.day.read(reach.another, person, "telegram:1", "lan")
    assert other is not None
    assert other.bot == OLD, "the control: as long as it is served"
    retire(mailing, "telegram:1")
    assert mailing.day.read(reach.another, person, "telegram:1", "lan") is None
    mailing.day.do(turning.elsewhere, Outgoing(id=0, bot="telegram:1", address="lan", kind="notice", reply=Reply()), "blocked")
    assert mailing.sums(notice) == {"refused": 1}


def test_a_bot_that_another_process_sends_for_is_not_taken_for_unserved(mailing: Mailing) -> None:
    mailing.agree("lan", bot=OLD)
    mailing.day.do(senders.hold, OLD, "a worker with other settings")
    retire(mailing)
    assert mailing.day.read(audience.count, Target(CENTER, Audience())).sending == 1
    mailing.day.now += 2 * senders.LATELY
    retire(mailing)
    assert mailing.day.read(audience.count, Target(CENTER, Audience())).unserved == 1
    assert mailing.day.do(senders.hold, OLD, "the same, started again") is not None
    assert mailing.day.read(audience.count, Target(CENTER, Audience())).sending == 1


def test_who_did_something_is_told_where_it_arrives(mailing: Mailing) -> None:
    mailing.agree("lan", bot=ZALO)
    who = mailing.who("lan", ZALO)
    assert who.account_id is not None
    mailing.account("lan", "telegram:1", address="phone", seen=mailing.day.now - 100 * HOUR)

    def told() -> str:
        account = mailing.day.read(reach.of_maker, who.account_id, who.person_id)
        assert account is not None
        return str(account.address)

    assert told() == "lan"
    silent(mailing, "lan", 49)
    settle(mailing)
    assert told() == "phone"


def test_every_known_person_is_counted_once_and_the_sums_add_up(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", "ba", "tư", "năm")
    mailing.agree("sáu", bot=ZALO)
    mailing.agree("bảy", bot=OLD)
    mailing.account("lan", "web", address="page")
    silent(mailing, "sáu", 49)
    settle(mailing)
    retire(mailing, "telegram:1", ZALO)
    for name, said in (("minh", "Forbidden: bot was blocked by the user"), ("ba", "-227 inactive"), ("tư", "chat not found")):
        mailing.day.do(lambda session, now, name=name, said=said: people.gone(session, "telegram:1", name, said))
    mailing.day.do(consent.withdraw, mailing.who("năm").person_id, "DỪNG")
    mailing.day.book("tám", "8:30", day=WEDNESDAY)
    found = mailing.day.read(audience.today, CENTER)
    assert (found.sending, found.window, found.refused, found.unasked) == (1, 1, 1, 1)
    assert found.lost == {"blocked": 1, "deactivated": 1, "missing": 1, "unserved": 1}
    everybody = mailing.day.read(lambda session: len(session.execute(audience.known(CENTER)).all()))
    assert found.people == everybody == 8
    accounts = mailing.day.read(lambda session: reach.accounts(session, audience.known(CENTER)))
    assert accounts == {
        "telegram:1": {"works": 2, "blocked": 1, "deactivated": 1, "missing": 1}, "terminal": {"works": 1}, ZALO: {"window": 1}, OLD: {"unserved": 1},
        "web": {"works": 1},
    }  # fmt: skip

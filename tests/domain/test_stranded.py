"""Messages for a bot whose token was taken out: seen, moved or dropped, never of a bot that is served."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain import audit, outbox, senders, stranded
from bot.messages import OutgoingKind, Reply, Say
from tests.center_day import CENTER, CenterDay
from tests.mailing import OUTBOX, Mailing

OLD, NEW = "telegram:9", "telegram:1"


@pytest.fixture
def mailing(day: CenterDay) -> Mailing:
    return Mailing(day)


def put(mailing: Mailing, name: str, kind: OutgoingKind, bot: str = OLD) -> int:
    return mailing.day.do(outbox.put, bot, name, Reply(blocks=(Say(text="chào"),)), kind=kind)


def where(mailing: Mailing) -> dict[int, tuple[str, str, str]]:
    found = OUTBOX.select().order_by(OUTBOX.c.id)
    return {row.id: (row.bot, row.state, row.reason) for row in mailing.day.read(lambda session: session.execute(found).all())}


def test_it_is_moved_to_another_account_of_the_same_person_and_the_rest_can_be_dropped(mailing: Mailing) -> None:
    mailing.agree("lan", "minh", bot=OLD)
    mailing.account("lan", NEW, address="lan new", seen=mailing.day.now - dt.timedelta(hours=1))
    notice = mailing.send()
    reminder, answer, hers = put(mailing, "lan", "reminder"), put(mailing, "lan", "reply"), put(mailing, "minh", "reminder")
    served = put(mailing, "lan new", "reply", bot=NEW)
    assert mailing.day.read(stranded.of) == []
    mailing.day.do(senders.settle, {"web", NEW})
    assert [(left.bot, left.waiting) for left in mailing.day.read(stranded.of, CENTER)] == [(OLD, 5)]
    assert mailing.day.do(stranded.move, OLD, CENTER, actor="staff:1") == 2
    found = where(mailing)
    assert found[reminder] == (NEW, "retry", stranded.MOVED)
    assert (found[answer][:2], found[hers][:2]) == ((OLD, "queued"), (OLD, "queued"))
    assert sorted(row.address for row in mailing.rows(notice)) == ["lan new", "minh"]
    assert mailing.day.do(stranded.drop, OLD, CENTER, actor="staff:1") == 3
    assert mailing.day.do(stranded.drop, NEW, CENTER, actor="staff:1") == 0
    assert where(mailing)[served][:2] == (NEW, "queued")
    assert mailing.day.read(stranded.of) == []
    kept = mailing.day.read(audit.read, audit.Filter((CENTER, "")), limit=50)
    assert [row.action for row in kept if row.action.startswith("delivery")] == ["delivery.drop_all", "delivery.move"]


def test_notices_of_another_center_are_left_to_it(mailing: Mailing) -> None:
    mailing.agree("lan", bot=OLD)
    mailing.send()
    mailing.day.do(senders.settle, {"web"})
    assert mailing.day.read(stranded.of, "elsewhere") == []
    assert mailing.day.do(stranded.drop, OLD, "elsewhere", actor="staff:1") == 0
    assert mailing.day.do(stranded.drop, OLD, actor=audit.CLI) == 1

"""What is older than promised is deleted; what is younger stays."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.db.columns import metadata
from bot.db.enums import SETTLED
from bot.db.store import Store
from bot.domain import booking, inbox, outbox, people, retention, visits, waitlist
from bot.domain.visits import Visit
from bot.messages import Incoming, Reply, Say
from tests.center_day import CITIZEN, MONDAY, WEDNESDAY, CenterDay
from tests.fakes import NOON, Talk

KEEP = dt.timedelta(days=90)
FORGOTTEN = Reply(blocks=(Say(text="Đã xóa"),))


OF_THE_CENTER = {"center", "counter", "counter_group"}


def sizes(session: Session) -> dict[str, int]:
    names = metadata.tables.keys() - OF_THE_CENTER
    counted = {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    return {name: count for name, count in counted.items() if count}


async def finished_list(talk: Talk, person: str = "lan") -> None:
    for said in ("ba em mới mất", "1", "1"):
        await talk.say(said, person=person)


async def purge(store: Store, after: dt.timedelta) -> int:
    return await store.write(retention.purge, now=NOON + after, keep=KEEP)


async def test_nothing_goes_a_moment_before_its_time(talk: Talk) -> None:
    await finished_list(talk)
    before = await talk.store.read(sizes)
    assert await purge(talk.store, KEEP) == 0
    assert await talk.store.read(sizes) == before


async def test_everything_of_a_silent_person_goes_when_its_time_has_come(talk: Talk) -> None:
    await finished_list(talk)
    await purge(talk.store, KEEP + dt.timedelta(seconds=1))
    assert await talk.store.read(sizes) == {}


async def test_who_wrote_lately_stays_with_what_is_recent(talk: Talk) -> None:
    await finished_list(talk)
    talk.now = NOON + dt.timedelta(days=60)
    await talk.say("xin chào")
    await purge(talk.store, dt.timedelta(days=100))
    assert await talk.store.read(sizes) == {"person": 1, "account": 1, "conversation": 1, "inbox": 1, "outbox": 1}
    talk.now = NOON + dt.timedelta(days=101)
    assert "chưa lập danh sách nào" in await talk.read("danh sách")


async def test_a_button_of_a_purged_list_says_so(talk: Talk) -> None:
    await finished_list(talk)
    talk.now = NOON + dt.timedelta(days=80)
    await talk.say("xin chào")
    await purge(talk.store, dt.timedelta(days=95))
    assert "Danh sách này không còn nữa" in await talk.read(payload="l:1")


@pytest.mark.parametrize("state", ["queued", "retry", "sending", *SETTLED])
async def test_old_messages_go_whatever_became_of_them(store: Store, state: str) -> None:
    await store.write(outbox.put, "b", "lan", FORGOTTEN, now=NOON)
    await store.write(lambda session: session.execute(text("UPDATE outbox SET state = :state"), {"state": state}) and None)
    assert await purge(store, KEEP + dt.timedelta(days=1)) == 1


async def test_a_message_nobody_worked_on_goes_too(store: Store) -> None:
    message = Incoming(bot="b", update_id="1", address="lan", kind="text", text="x", sent_at=NOON)
    await store.write(inbox.receive, message, now=NOON)
    assert await purge(store, KEEP + dt.timedelta(days=1)) == 1


async def test_the_answer_to_a_deletion_outlives_it_by_a_week_only(talk: Talk) -> None:
    for said in ("dữ liệu của tôi", "2", "1"):
        await talk.say(said)
    assert await talk.store.read(sizes) == {"outbox": 1}
    await talk.store.write(lambda session: session.execute(text("UPDATE outbox SET state = 'sent'")) and None)
    await talk.say("xin chào", person="mai")
    await talk.store.write(lambda session: session.execute(text("UPDATE outbox SET state = 'sent'")) and None)
    assert await purge(talk.store, retention.FAREWELL) == 0
    assert await purge(talk.store, retention.FAREWELL + dt.timedelta(seconds=1)) == 1
    assert (await talk.store.read(sizes))["outbox"] == 1, "mai's stays"
    assert await talk.store.read(people.find, "terminal", "lan") is None


def test_who_came_is_not_known_any_more_when_its_time_has_come(day: CenterDay) -> None:
    visit, later = day.book("lan", "8:00"), day.book("lan", "8:00", day=WEDNESDAY)
    day.wait_for("mai")
    day.turn("23:59", MONDAY + KEEP)
    assert "person_id" not in day.do(gone_of, visit)
    day.turn("0:00", MONDAY + KEEP + dt.timedelta(days=1))
    assert day.do(gone_of, visit) == ["person_id", "account_id", "checklist_id"]
    assert day.do(gone_of, later) == ["checklist_id"], "its own time is two days later"
    assert day.read(waitlist.of_person, day.person("mai")[0]) == []
    assert (day.row(visit).starts_at, day.row(visit).code) == (visit.starts_at, visit.code), "the figures stay"
    assert day.wrongs() == []


def gone_of(session: Session, visit: Visit, *, now: dt.datetime) -> list[str]:
    """What the row does not say any more after a purge."""
    retention.purge(session, now=now, keep=KEEP)
    row = visits.get(session, visit.id)
    return [name for name in ("person_id", "account_id", "checklist_id") if getattr(row, name) is None]


@pytest.mark.parametrize(("cancelled", "stays"), [(False, True), (True, False)])
def test_who_is_still_to_come_is_kept_however_short_the_time(day: CenterDay, cancelled: bool, stays: bool) -> None:
    visit = day.book("lan", "8:00", day=MONDAY + dt.timedelta(days=21))
    if cancelled:
        day.cancel(visit)
    day.turn("9:00", MONDAY + dt.timedelta(days=9))
    day.do(retention.purge, keep=dt.timedelta(days=7))
    assert (day.row(visit).account_id is not None) is stays


def test_forgetting_a_person_leaves_a_visit_nobody_is_behind(day: CenterDay) -> None:
    visit, person = day.book("lan", "8:00"), day.person("lan")[0]
    day.wait_for("lan", day=WEDNESDAY)
    day.do(booking.cancel_all, person, actor=CITIZEN)
    day.read(people.forget, person)
    row = day.row(visit)
    assert (row.state, row.seat, row.person_id, row.account_id) == ("cancelled", None, None, None)
    assert day.snapshot()["wait"] == []
    assert day.wrongs() == []


def test_days_are_days() -> None:
    assert retention.days(90) == KEEP

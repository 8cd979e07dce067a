"""Kiosks and their links, and that nobody who stood at one is remembered."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Device as Row
from bot.db.store import Store
from bot.db.tables import Account, Checklist, Inbox
from bot.domain import audit, checklists, devices, inbox, people
from bot.domain.devices import Device
from bot.messages import Incoming
from tests.center_day import CENTER, CenterDay


@pytest.fixture
def day(store: Store) -> CenterDay:
    return CenterDay(store.engine)


def stand(session: Session, address: str, *, now: dt.datetime) -> int:
    """Somebody asks something at a kiosk, and is given a list."""
    inbox.receive(session, Incoming(bot="web", update_id=address, address=address, kind="text", text="khai tử", sent_at=now), now=now)
    account = people.account_of(session, "web", address, now=now)
    checklists.start(session, "1.000656", "v", person_id=account.person_id, account_id=account.account_id, now=now)
    return account.person_id


def count(session: Session) -> list[int]:
    return [session.execute(select(func.count()).select_from(upsert.table(kind))).scalar_one() for kind in (Account, Checklist, Inbox)]


def addresses(session: Session) -> set[str]:
    return set(session.execute(select(upsert.table(Account).c.address)).scalars())


def test_a_link_opens_its_kiosk_until_it_is_switched_off(day: CenterDay) -> None:
    made, token = day.do(devices.create, CENTER, "  Cửa   chính ")
    assert (made.name, made.actor) == ("Cửa chính", f"kiosk:{made.id}")
    assert day.read(devices.find, token) == made
    assert day.read(devices.find, token[:-1]) is None
    assert day.do(devices.revoke, made.id)
    assert not day.do(devices.revoke, made.id)
    assert day.read(devices.find, token) is None
    assert [device.revoked_at for device in day.read(devices.known)] == [day.now]


def test_the_link_itself_is_not_kept(day: CenterDay) -> None:
    made, token = day.do(devices.create, CENTER, "Cửa chính")
    row = day.read(lambda session: session.get(Row, made.id))
    assert row is not None
    assert token not in str(row.model_dump())


def test_a_kiosk_wants_a_name(day: CenterDay) -> None:
    with pytest.raises(ValueError, match="name"):
        day.do(devices.create, CENTER, "  ")


def test_making_and_switching_off_stand_in_the_audit_log(day: CenterDay) -> None:
    made, _ = day.do(devices.create, CENTER, "Cửa chính", actor=audit.CLI)
    day.do(devices.revoke, made.id, actor=audit.CLI)
    rows = day.read(audit.read, audit.Filter((CENTER,)), limit=5)
    assert [(row.action, row.actor, row.subject) for row in rows] == [("kiosk.off", "cli", made.actor), ("kiosk.add", "cli", made.actor)]


def test_whoever_stood_there_is_forgotten_with_lists_and_messages(day: CenterDay) -> None:
    made, _ = day.do(devices.create, CENTER, "Cửa chính")
    day.do(stand, f"{made.visitors}1")
    assert day.read(count) == [1, 1, 1]
    assert day.do(lambda session, *, now: devices.forget(session, "web", f"{made.visitors}1"))
    assert day.read(count) == [0, 0, 0]
    assert not day.do(lambda session, *, now: devices.forget(session, "web", f"{made.visitors}1"))


def test_whoever_left_unnoticed_is_forgotten_after_a_while_and_nobody_else(day: CenterDay) -> None:
    one, _ = day.do(devices.create, CENTER, "Một")
    eleven = Device(int(f"{one.id}1"), CENTER, devices.KIOSK, "Mười một", day.now)
    left = [f"{one.visitors}left", f"{eleven.visitors}other", "a citizen at home"]
    for address in left:
        day.do(stand, address)
    day.now += devices.LEFT_BEHIND + dt.timedelta(minutes=1)
    day.do(stand, f"{one.visitors}now")
    assert day.do(lambda session, *, now: devices.forget_left(session, one, now=now)) == 1
    assert day.read(addresses) == {f"{one.visitors}now", *left[1:]}


def test_switching_off_forgets_who_stands_there(day: CenterDay) -> None:
    made, _ = day.do(devices.create, CENTER, "Cửa chính")
    day.do(stand, f"{made.visitors}1")
    day.now += dt.timedelta(seconds=1)
    day.do(devices.revoke, made.id)
    assert day.read(count) == [0, 0, 0]

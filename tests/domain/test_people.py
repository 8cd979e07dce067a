"""A person is known by accounts only, made once, and can see and delete everything."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import exc, func, select, text
from sqlmodel import Session, col

from bot import errors
from bot.db.columns import metadata
from bot.db.store import Store
from bot.db.tables import Account, Inbox, Outbox, Person
from bot.domain import checklists, claims, delivery, outbox, people
from bot.messages import Reply, Say
from tests.fakes import NOON, Recorder, Talk

BOT = "terminal"
NOBODYS = ("search_miss", "search_miss_day")  # counted, not theirs
SECRET = "xyzzy-bí-mật"


def persons(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(Person)).scalar_one())


def mentions(session: Session, word: str) -> dict[str, int]:
    """In how many rows of each table the word stands, in any column."""
    found: dict[str, int] = {}
    for name in metadata.tables:
        rows = session.execute(text(f'SELECT * FROM "{name}"')).all()
        found[name] = sum(any(word in str(value) for value in row) for row in rows)
    return {name: count for name, count in found.items() if count}


def sizes(session: Session) -> dict[str, int]:
    return {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in metadata.tables}


async def test_two_processes_meeting_somebody_new_at_once_make_one_person(store: Store, database_url: str) -> None:
    other = Store(database_url)
    made = await asyncio.gather(*(one.write(people.account_of, BOT, "lan", now=NOON) for one in (store, other) for _ in range(8)))
    other.close()
    assert len({account.person_id for account in made}) == 1
    assert await store.read(persons) == 1


async def test_the_same_address_at_two_bots_is_two_persons(store: Store) -> None:
    first = await store.write(people.account_of, "telegram:1", "5", now=NOON)
    second = await store.write(people.account_of, "telegram:2", "5", now=NOON)
    assert first.person_id != second.person_id


async def with_a_list(talk: Talk, person: str) -> None:
    """Everything a person can leave behind: messages, a miss, a finished and an unfinished list, ticks."""
    for said in (f"{SECRET} {person} abcxyz", "ba em mới mất", "1", "1", "1", "1", "dữ liệu của tôi", "sao y bản chính"):
        await talk.say(said, person=person)


async def test_what_is_stored_is_said_in_full(talk: Talk) -> None:
    await with_a_list(talk, "lan")
    account = await talk.store.read(people.find, BOT, "lan")
    assert account is not None
    kept = await talk.store.read(people.stored, account.person_id)
    assert kept == people.Stored(
        accounts=((BOT, NOON),), checklists=(("1.000656", NOON), ("2.000815", NOON)), received=8, sent=8
    )  # fmt: skip


async def test_after_forgetting_nothing_of_the_person_is_left_and_all_of_others(talk: Talk) -> None:
    await with_a_list(talk, "mai")
    before = await talk.store.read(sizes)
    await with_a_list(talk, "xuyen")
    account = await talk.store.read(people.find, BOT, "xuyen")
    assert account is not None
    removed = await talk.store.write(people.forget, account.person_id)
    assert removed == 8 + 8 + 1, "inbox, outbox and the person; what hangs on it goes by itself"
    after = await talk.store.read(sizes)
    assert {name: count for name, count in after.items() if name not in NOBODYS} == {n: c for n, c in before.items() if n not in NOBODYS}
    left = await talk.store.read(mentions, "xuyen")
    assert set(left) <= {"search_miss"}, "a question nobody could answer is kept without its asker"
    assert await talk.read("danh sách", person="mai") != ""
    assert await talk.store.read(people.stored, account.person_id) == people.Stored((), (), 0, 0)


async def test_forgetting_twice_is_harmless(store: Store) -> None:
    account = await store.write(people.account_of, BOT, "lan", now=NOON)
    assert await store.write(people.forget, account.person_id) == 1
    assert await store.write(people.forget, account.person_id) == 0


async def test_a_person_who_moved_is_forgotten_with_all_they_wrote_before(talk: Talk) -> None:
    await talk.say("ba em mới mất", person="old")
    worker = delivery.Worker(talk.store, [Recorder(failures=[errors.RecipientMoved("new")])], now=lambda: NOON)
    await worker.flush(BOT)
    account = await talk.store.read(people.find, BOT, "new")
    assert account is not None
    kept = await talk.store.read(people.stored, account.person_id)
    assert (kept.received, kept.sent) == (1, 1)
    before = await talk.store.read(sizes)
    await talk.store.write(people.forget, account.person_id)
    left = {name: count for name, count in (await talk.store.read(sizes)).items() if count}
    assert left == {name: before[name] for name in ("center", "counter", "counter_group")}


async def test_moving_to_a_chat_that_is_known_takes_along_what_waits_and_nothing_else(store: Store) -> None:
    old = await store.write(people.account_of, BOT, "old", now=NOON)
    new = await store.write(people.account_of, BOT, "new", now=NOON)
    sent = await store.write(outbox.put, BOT, "old", Reply(blocks=(Say(text="a"),)), now=NOON)
    await store.write(claims.claim, BOT, "w", now=NOON)
    await store.write(outbox.settle, sent, "w", "sent", now=NOON, provider_id="1")
    await store.write(outbox.put, BOT, "old", Reply(blocks=(Say(text="b"),)), now=NOON)
    await store.write(people.moved, BOT, "old", "new")
    addresses = await store.read(lambda session: list(session.execute(select(col(Outbox.address)).order_by(col(Outbox.id))).scalars()))
    assert addresses == ["old", "new"]
    owners = await store.read(lambda session: {row[0]: row[1] for row in session.execute(select(col(Account.address), col(Account.person_id)))})
    assert owners == {"old": old.person_id, "new": new.person_id}


async def test_a_list_is_opened_by_its_owner_only(store: Store) -> None:
    lan = await store.write(people.account_of, BOT, "lan", now=NOON)
    mai = await store.write(people.account_of, BOT, "mai", now=NOON)
    made = await store.write(_start, lan)
    assert await store.read(checklists.of_person, made, lan.person_id) is not None
    assert await store.read(checklists.of_person, made, mai.person_id) is None
    assert await store.read(checklists.of_person, made + 1, lan.person_id) is None


def _start(session: Session, account: people.Known) -> int:
    made = checklists.start(session, "1.000656", "v1", person_id=account.person_id, account_id=account.account_id, now=NOON)
    assert made.id is not None
    return made.id


@pytest.mark.parametrize("tag", ["l:{}", "e:{}", "ts:{}", "s:{}", "r:{}", "a:{}:proof:long_ago", "c:{}:proof", "t:{}:form:1"])
async def test_no_button_opens_or_changes_the_list_of_another(talk: Talk, tag: str) -> None:
    await with_a_list(talk, "lan")
    before = await talk.store.read(lambda session: session.execute(text("SELECT * FROM checklist ORDER BY id")).all())
    for number in (before[0].id, before[1].id):
        answered = await talk.read(payload=tag.format(number), person="mai")
        assert "Danh sách này không còn nữa" in answered
        assert "khai tử" not in answered.lower()
    assert await talk.store.read(lambda session: session.execute(text("SELECT * FROM checklist ORDER BY id")).all()) == before


async def test_who_writes_again_counts_as_seen(talk: Talk) -> None:
    await talk.say("xin chào")
    talk.now = NOON + dt.timedelta(days=40)
    await talk.say("xin chào")
    account = await talk.store.read(people.find, BOT, "lan")
    assert account is not None
    assert account.last_seen_at == talk.now
    assert await talk.store.read(lambda session: session.execute(select(func.count(col(Inbox.id)))).scalar_one()) == 2


async def test_a_message_being_answered_keeps_nobody_from_referring_to_its_account(store: Store) -> None:
    """A sweep that writes to a person waited for the lock of their turn, and the turn for the sweep's."""
    if store.is_sqlite:
        pytest.skip("one writer at a time: nothing to wait for in between")
    await store.write(people.account_of, BOT, "lan", now=NOON)
    with Session(store.engine) as turn, turn.begin(), Session(store.engine) as sweep, sweep.begin():
        known = people.account_of(turn, BOT, "lan", now=NOON)
        sweep.execute(text("SET LOCAL lock_timeout = '200ms'"))
        sweep.execute(text("SELECT 1 FROM account WHERE id = :id FOR KEY SHARE"), {"id": known.account_id}).all()
        with pytest.raises(exc.OperationalError, match="lock timeout"):
            people.account_of(sweep, BOT, "lan", now=NOON)

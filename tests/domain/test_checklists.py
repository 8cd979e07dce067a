"""A list keeps its answers, its ticks and the version it was made from."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlmodel import Session

from bot.db.store import Store
from bot.domain import checklists, people
from bot.messages import Paper, Papers, Source
from tests.fakes import NOON

PAPERS = Papers(title="Giấy tờ", name="Khai tử", submit=(Paper(id="form", name="Tờ khai"),), source=Source(code="1.000656"))
LATER = NOON + dt.timedelta(days=1)


@pytest.fixture
async def account(store: Store) -> people.Known:
    return await store.write(people.account_of, "terminal", "lan", now=NOON)


def start(session: Session, account: people.Known, code: str = "1.000656", *, now: dt.datetime = NOON, finished: bool = False) -> checklists.Kept:
    made = checklists.start(session, code, "v1", person_id=account.person_id, account_id=account.account_id, now=now)
    if finished:
        checklists.pin(session, made, PAPERS, "v1", now=now)
    return made


async def test_answers_come_back_in_the_order_given_and_twice_the_same_changes_nothing(store: Store, account: people.Known) -> None:
    def work(session: Session) -> tuple[dict[str, str], dt.datetime, dict[str, str]]:
        made = start(session, account)
        checklists.answer(session, made, "late", "over", now=NOON)
        checklists.answer(session, made, "proof", "paper", now=NOON)
        checklists.answer(session, made, "late", "over", now=LATER)
        given, touched = checklists.answers(made), made.updated_at
        checklists.take_back(session, made, "proof", now=LATER)
        return given, touched, checklists.answers(made)

    given, touched, left = await store.write(work)
    assert list(given.items()) == [("late", "over"), ("proof", "paper")]
    assert touched == NOON
    assert left == {"late": "over"}


async def test_a_changed_answer_makes_a_finished_list_unfinished_but_keeps_it_readable(store: Store, account: people.Known) -> None:
    def work(session: Session) -> tuple[bool, bool, Papers | None, int]:
        made = start(session, account, finished=True)
        checklists.answer(session, made, "proof", "paper", now=NOON)
        changed = made.complete
        listed = len(checklists.latest(session, account.person_id))
        checklists.pin(session, made, PAPERS, "v2", now=NOON)
        return changed, made.complete, checklists.pinned(made), listed

    assert await store.write(work) == (False, True, PAPERS, 1)


async def test_ticks_are_set_not_toggled(store: Store, account: people.Known) -> None:
    def work(session: Session) -> frozenset[str]:
        made = start(session, account)
        checklists.tick(session, made, ["b", "a", "a"], now=NOON)
        checklists.tick(session, made, ["b", "c"], now=NOON)
        return checklists.ticked(made)

    assert await store.write(work) == {"b", "c"}


async def test_a_token_opens_one_list_and_cannot_be_guessed(store: Store, account: people.Known) -> None:
    tokens = [(await store.write(start, account)).token for _ in range(20)]
    assert len(set(tokens)) == 20
    assert min(map(len, tokens)) >= 16
    found = await store.read(checklists.by_token, tokens[3])
    assert found is not None
    assert found.token == tokens[3]
    assert await store.read(checklists.by_token, tokens[3][:-1]) is None


async def test_the_newest_finished_lists_come_first(store: Store, account: people.Known) -> None:
    for day in range(7):
        await store.write(start, account, f"1.00000{day}", now=NOON + dt.timedelta(days=day), finished=True)
    await store.write(start, account, "1.999999", now=NOON + dt.timedelta(days=9))
    assert [row.code[-1] for row in await store.read(checklists.latest, account.person_id)] == ["6", "5", "4", "3", "2"]


async def test_outdated_are_finished_recent_lists_of_another_version(store: Store, account: people.Known) -> None:
    for code, finished, now in (
        ("1.000001", True, NOON),
        ("1.000002", True, NOON),
        ("1.000003", False, NOON),
        ("1.000004", True, NOON - dt.timedelta(days=90)),
    ):
        await store.write(start, account, code, finished=finished, now=now)
    versions = {"1.000001": "v2", "1.000002": "v1", "1.000003": "v2", "1.000004": "v2"}
    found = await store.read(checklists.outdated, versions, since=NOON - dt.timedelta(days=60))
    assert [row.code for row in found] == ["1.000001"]


async def test_two_processes_note_a_version_as_told_once(store: Store, database_url: str, account: people.Known) -> None:
    await store.write(start, account, finished=True)
    other = Store(database_url)

    def find(session: Session) -> checklists.Kept:
        return checklists.outdated(session, {"1.000656": "v2"}, since=NOON)[0]

    rows = [await one.read(find) for one in (store, other)]
    told = await asyncio.gather(*(one.write(checklists.told, row, "v2") for one, row in zip((store, other), rows, strict=True)))
    other.close()
    assert sorted(told) == [False, True]

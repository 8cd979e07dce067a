"""Groups and counters: which group does what, changing them, and one person at one counter."""

from __future__ import annotations

import asyncio
import dataclasses
import threading

import pytest
from sqlmodel import Session

from bot.db import upsert
from bot.db.staff import Staff
from bot.db.store import Store
from bot.domain import centers, counters
from bot.domain.counters import Desk, Group, NotPossible
from bot.domain.hours import Change
from tests.fakes import NOON

CENTER = "trung-tam"
A = Group(1, CENTER, "A", "Hộ tịch", ("ho-tich", "chung-thuc"))
B = Group(2, CENTER, "B", "Đất đai", ("dat-dai",))
C = Group(3, CENTER, "C", "Việc khác")


def shut(group: Group) -> Group:
    return dataclasses.replace(group, active=False)


@pytest.mark.parametrize(
    ("groups", "field", "letter"),
    [
        ([A, B, C], "dat-dai", "B"),
        ([A, B, C], "chung-thuc", "A"),
        ([A, B, C], "van-hoa", "C"),
        ([C, B, A], "van-hoa", "C"),
        ([A, B], "van-hoa", "A"),
        ([A, shut(B), C], "dat-dai", "C"),
        ([shut(A), B], "ho-tich", "B"),
        ([shut(A), shut(B)], "dat-dai", "B"),
    ],
)
def test_a_field_finds_its_group_then_the_one_for_the_rest_then_the_first(groups: list[Group], field: str, letter: str) -> None:
    assert counters.group_for(groups, field).letter == letter


def test_a_center_without_groups_has_none_to_find() -> None:
    with pytest.raises(LookupError):
        counters.group_for([], "dat-dai")


@pytest.fixture
async def settled(store: Store) -> Store:
    await store.write(centers.settle, centers.read(None), now=NOON)
    return store


async def groups_of(store: Store) -> list[Group]:
    return await store.read(counters.groups, CENTER)


async def desks_of(store: Store) -> list[Desk]:
    return await store.read(counters.counters, CENTER)


async def test_groups_and_counters_are_read_in_order(settled: Store) -> None:
    groups = await groups_of(settled)
    assert [(group.letter, group.seats) for group in groups] == [("A", 6), ("B", 4), ("C", 4), ("D", 4)]
    assert groups[0].fields == ("ho-tich", "chung-thuc", "nuoi-con-nuoi")
    assert counters.group_for(groups, "van-hoa").letter == "D"
    desks = await desks_of(settled)
    assert [desk.number for desk in desks] == [1, 2, 3, 4, 5, 6, 7]
    assert desks[4].serves == (groups[1].id, groups[3].id)
    assert (desks[0].staff_id, desks[0].staffed_at) == (None, None)


async def test_a_changed_group_tells_what_changed(settled: Store) -> None:
    first = (await groups_of(settled))[0]
    wanted = dataclasses.replace(first, seats=8, fields=("ho-tich",))
    change = await settled.write(counters.save_group, wanted, actor="staff:1", now=NOON)
    assert change == Change({"fields": first.fields, "seats": 6}, {"fields": ("ho-tich",), "seats": 8})
    assert (await groups_of(settled))[0] == wanted
    assert await settled.write(counters.save_group, wanted, actor="staff:1", now=NOON) == Change({}, {})


async def test_a_new_group_and_a_counter_for_it(settled: Store) -> None:
    change = await settled.write(counters.save_group, Group(0, CENTER, "E", "Trả kết quả", seats=2), actor="staff:1", now=NOON)
    assert (change.before, change.after["letter"]) == ({}, "E")
    made = (await groups_of(settled))[-1]
    change = await settled.write(counters.save_counter, Desk(0, CENTER, 8, (made.id,)), actor="staff:1", now=NOON)
    assert change == Change({}, {"number": 8, "active": True, "serves": ["E"]})
    assert (await desks_of(settled))[-1].serves == (made.id,)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"id": 0, "letter": "a"}, "một chữ cái hoa"),
        ({"id": 0, "letter": "AB"}, "một chữ cái hoa"),
        ({"id": 0, "letter": ""}, "một chữ cái hoa"),
        ({"id": 0, "letter": "B", "fields": ()}, "Chữ B đã có nhóm khác dùng."),
        ({"name": "  "}, "cần có tên"),
        ({"seats": 0}, "từ 1 đến 500 chỗ"),
        ({"slot_minutes": 4}, "từ 1 đến 500 chỗ"),
        ({"service_minutes": 0}, "từ 1 đến 500 chỗ"),
        ({"fields": ("ho-tich", "dat-dai")}, "đã thuộc nhóm C"),
    ],
)
async def test_a_group_that_does_not_fit_is_refused(settled: Store, values: dict[str, object], says: str) -> None:
    before = await groups_of(settled)
    wanted: Group = dataclasses.replace(before[0], **values)  # type: ignore[arg-type]
    with pytest.raises(NotPossible, match=says):
        await settled.write(counters.save_group, wanted, actor="staff:1", now=NOON)
    assert await groups_of(settled) == before


async def test_a_closed_group_may_share_fields(settled: Store) -> None:
    first = (await groups_of(settled))[0]
    wanted = dataclasses.replace(first, active=False, fields=("dat-dai",))
    await settled.write(counters.save_group, wanted, actor="staff:1", now=NOON)
    assert counters.group_for(await groups_of(settled), "dat-dai").letter == "C"


async def test_a_letter_once_given_is_not_changed(settled: Store) -> None:
    first = (await groups_of(settled))[0]
    with pytest.raises(LookupError):
        await settled.write(counters.save_group, dataclasses.replace(first, letter="Z"), actor="staff:1", now=NOON)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"number": 2}, "Quầy 2 đã có rồi."),
        ({"number": 0}, "cần có số"),
        ({"serves": ()}, "ít nhất một nhóm"),
        ({"serves": (9999,)}, "ít nhất một nhóm"),
    ],
)
async def test_a_counter_that_does_not_fit_is_refused(settled: Store, values: dict[str, object], says: str) -> None:
    before = await desks_of(settled)
    wanted: Desk = dataclasses.replace(before[0], **values)  # type: ignore[arg-type]
    with pytest.raises(NotPossible, match=says):
        await settled.write(counters.save_counter, wanted, actor="staff:1", now=NOON)
    assert await desks_of(settled) == before


async def staff(store: Store, *names: str) -> list[int]:
    def hire(session: Session) -> list[int]:
        table = upsert.table(Staff)
        return [session.execute(table.insert().values(name=name, active=True, created_at=NOON).returning(table.c.id)).scalar_one() for name in names]

    return await store.write(hire)


async def test_who_sits_down_leaves_the_other_counter(settled: Store) -> None:
    (hanh,) = await staff(settled, "chị Hạnh")
    one, two = (desk.id for desk in (await desks_of(settled))[:2])
    assert await settled.write(counters.sit_down, one, hanh, now=NOON)
    assert await settled.write(counters.sit_down, two, hanh, now=NOON)
    seats = [(desk.staff_id, desk.staffed_at) for desk in (await desks_of(settled))[:2]]
    assert seats == [(None, None), (hanh, NOON)]


async def test_a_taken_counter_is_not_taken_away(settled: Store) -> None:
    hanh, tam = await staff(settled, "chị Hạnh", "anh Tâm")
    one, two = (desk.id for desk in (await desks_of(settled))[:2])
    assert await settled.write(counters.sit_down, one, hanh, now=NOON)
    assert await settled.write(counters.sit_down, two, tam, now=NOON)
    assert not await settled.write(counters.sit_down, one, tam, now=NOON)
    assert [desk.staff_id for desk in (await desks_of(settled))[:2]] == [hanh, tam]
    assert not await settled.write(counters.sit_down, one, tam, now=NOON, instead_of=tam)
    assert await settled.write(counters.sit_down, one, tam, now=NOON, instead_of=hanh)
    assert [desk.staff_id for desk in (await desks_of(settled))[:2]] == [tam, None]


async def test_a_closed_counter_is_not_sat_at(settled: Store) -> None:
    (hanh,) = await staff(settled, "chị Hạnh")
    first = (await desks_of(settled))[0]
    await settled.write(counters.save_counter, dataclasses.replace(first, active=False), actor="staff:1", now=NOON)
    assert not await settled.write(counters.sit_down, first.id, hanh, now=NOON)


async def test_sitting_down_twice_keeps_the_hour_and_only_who_sits_stands_up(settled: Store) -> None:
    hanh, tam = await staff(settled, "chị Hạnh", "anh Tâm")
    first = (await desks_of(settled))[0]
    await settled.write(counters.sit_down, first.id, hanh, now=NOON)
    assert await settled.write(counters.sit_down, first.id, hanh, now=NOON.replace(hour=7))
    assert (await desks_of(settled))[0].staffed_at == NOON
    assert not await settled.write(counters.stand_up, first.id, tam, now=NOON)
    assert await settled.write(counters.stand_up, first.id, hanh, now=NOON)
    assert (await desks_of(settled))[0].staff_id is None


async def test_one_person_at_two_screens_at_once_ends_at_one_counter(settled: Store) -> None:
    assert await at_two_screens(settled) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_without_the_lock_one_person_would_sit_at_two(settled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above; on SQLite the one write transaction is the lock."""
    monkeypatch.setattr(counters, "_lock_person", lambda session, staff_id: None)
    assert await at_two_screens(settled) == 2


async def at_two_screens(settled: Store) -> int:
    """At how many counters somebody sits whose second click comes before the first is committed."""
    (hanh,) = await staff(settled, "chị Hạnh")
    one, two = (desk.id for desk in (await desks_of(settled))[:2])

    def second() -> None:
        with Session(settled.engine) as session, session.begin():
            counters.sit_down(session, two, hanh, now=NOON)

    clicking = threading.Thread(target=second)
    with Session(settled.engine) as session, session.begin():
        counters.sit_down(session, one, hanh, now=NOON)
        clicking.start()
        clicking.join(0.5)
    clicking.join()
    return [desk.staff_id for desk in await desks_of(settled)].count(hanh)


async def test_two_people_at_one_counter_are_one(settled: Store, database_url: str) -> None:
    people = await staff(settled, *(f"người {number}" for number in range(6)))
    first = (await desks_of(settled))[0]
    others = [Store(database_url) for _ in people]
    try:
        took = await asyncio.gather(
            *(other.write(counters.sit_down, first.id, person, now=NOON) for other, person in zip(others, people, strict=True))
        )
    finally:
        for other in others:
            other.close()
    assert took.count(True) == 1
    assert (await desks_of(settled))[0].staff_id == people[took.index(True)]

"""The operator's file is read and a mistake in it is named; a center gets its rows once; the nearest one is found."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot import errors
from bot.db import day as tables
from bot.db import upsert
from bot.db.store import Store
from bot.domain import centers, counters, hours
from bot.domain.centers import Center, Directory
from bot.domain.hours import Span, Week
from procedures.catalog import Catalog
from tests.fakes import NOON

GOOD = 'name: Trung tâm A\nplace: xã A\naddress: Số 1\nweek: {mon-fri: "7:30-11:30", sun: ""}\n'
GROUPS = "groups: [{letter: A, name: Một}, {letter: B, name: Hai, fields: [dat-dai]}]\ncounters: [{number: 1, serves: [A, B]}]\n"
MORNING = Span(450, 690)


def test_without_a_file_it_is_the_sample_and_says_so() -> None:
    (center,) = centers.read(None)
    assert center.sample
    assert "mẫu" in center.name
    assert center.hours.replace("\u2060", "") == "Thứ Hai đến thứ Sáu, 7:30–11:30 và 13:30–17:00. Thứ Bảy, 7:30–11:30. Nghỉ các ngày lễ."


def test_the_sample_fits_the_catalog(real_catalog: Catalog) -> None:
    (center,) = centers.read(None, real_catalog.fields)
    named = {field for group in center.groups for field in group.fields}
    done_here = {entry.field for entry in real_catalog.procedures.values() if entry.handled_by == "commune_center"}
    assert named <= done_here
    assert center.groups[-1].fields == ()
    assert len(center.counters) == 7


def test_a_center_of_ones_own_needs_four_lines_and_is_no_sample(tmp_path: Path) -> None:
    (center,) = centers.read(written(tmp_path, GOOD))
    assert (center.id, center.name, center.phone, center.sample) == ("trung-tam", "Trung tâm A", "", False)
    assert center.week == Week((*[(MORNING,)] * 5, (), ()))
    assert [group.letter for group in center.groups] == ["A"]
    assert [counter.serves for counter in center.counters] == [("A",)]


def test_several_centers_stand_in_one_file(tmp_path: Path) -> None:
    found = centers.read(written(tmp_path, f"---\nid: a\n{GOOD}---\nid: b\n{GOOD}"))
    directory = Directory(found)
    assert [center.id for center in directory.all] == ["a", "b"]
    assert directory.default.id == "a"
    b = directory.get("b")
    assert b is not None
    assert b.name == "Trung tâm A"
    assert directory.get("c") is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (GOOD.replace("address: Số 1\n", ""), "address: Field required"),
        (GOOD + "adress: Số 2\n", "adress: Extra inputs"),
        (GOOD + "different: {}\n", "different: Extra inputs"),
        (GOOD + "hours: Thứ Hai, 7:30\n", "hours: is now `week`"),
        (GOOD.replace("Số 1", "[1]"), "address: Input should be a valid string"),
        (GOOD.replace('"7:30-11:30"', "sáng"), "week: mon-fri: Không đọc được giờ “sáng”"),
        (GOOD.replace('"7:30-11:30"', "7:30"), "week: mon-fri: wants text in quotes"),
        (GOOD.replace("mon-fri", "mon-day"), "week: 'mon-day' is no day"),
        (GOOD.replace("mon-fri", "fri-mon"), "week: 'fri-mon' is no day"),
        (GOOD.replace("sun", "wed"), "week: wed is named twice"),
        (GOOD.replace('{mon-fri: "7:30-11:30", sun: ""}', "thứ Hai"), "week: wants days with their hours"),
        (GOOD + "id: Trung tâm\n", "id: String should match"),
        (GOOD + "map: {lat: 106.7, lon: 10.8}\n", "map.lat: Input should be less than or equal to 90"),
        (GOOD + "commune: '99999'\n", "commune: '99999' is the code of no commune"),
        (GOOD + "groups: [{letter: a, name: Một}]\n", "groups.0.letter: String should match"),
        (GOOD + GROUPS.replace("{letter: B, ", "{letter: A, name: Ba}, {letter: B, "), "groups: A stands twice"),
        (GOOD + GROUPS.replace("name: Một", "name: Một, fields: [dat-dai]"), "groups: field 'dat-dai' stands twice"),
        (GOOD + GROUPS.replace("dat-dai", "nha-dat"), "groups: 'nha-dat' is no field of the catalog"),
        (GOOD + GROUPS.replace("serves: [A, B]", "serves: [A]"), "counters: none serves group B"),
        (GOOD + GROUPS.replace("serves: [A, B]", "serves: [A, B, C]"), "counters: there is no group 'C'"),
        (GOOD + GROUPS.replace("serves: [A, B]", "serves: []"), "counters.0.serves: Tuple should have at least 1 item"),
        (GOOD + GROUPS.replace("counters: [", "counters: [{number: 1, serves: [A]}, "), "counters: 1 stands twice"),
        (f"{GOOD}---\n{GOOD}", "id: 'trung-tam' is the id of 2 centers"),
        (f"id: a\n{GOOD}---\nid: b\n{GOOD.replace('Số 1', '[1]')}", "2. center: address: Input should be a valid string"),
        ("- a list", "valid dictionary"),
        ("", "valid dictionary"),
        ("name: [", "cannot be read"),
        ("name: {a: b", "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_field(tmp_path: Path, content: str, says: str) -> None:
    file = written(tmp_path, content)
    with pytest.raises(errors.SettingsInvalid) as caught:
        centers.read(file, {"dat-dai"})
    assert str(caught.value).startswith(f"MOTCUA_CENTER_FILE {file}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_mistakes_are_a_line_each(tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsInvalid) as caught:
        centers.read(written(tmp_path, GOOD.replace("Số 1", "[1]").replace("name", "nam")))
    assert len(str(caught.value).splitlines()) == 3


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for bad in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(errors.SettingsInvalid, match="cannot be read"):
            centers.read(bad)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Trung tâm".encode("utf-16"))
    with pytest.raises(errors.SettingsInvalid, match="cannot be read"):
        centers.read(latin)


def written(folder: Path, content: str) -> Path:
    file = folder / "center.yaml"
    file.write_text(content, encoding="utf-8")
    return file


SAMPLE = centers.read(None)


def rows(session: Session) -> tuple[int, int, int]:
    kinds = (tables.Center, tables.CounterGroup, tables.Counter)
    count = [session.execute(select(func.count()).select_from(upsert.table(kind))).scalar_one() for kind in kinds]
    return count[0], count[1], count[2]


async def test_a_center_gets_its_rows_once(store: Store) -> None:
    for _ in range(2):
        await store.write(centers.settle, SAMPLE, now=NOON)
        assert await store.read(rows) == (1, 4, 7)
    groups = await store.read(counters.groups, "trung-tam")
    desks = await store.read(counters.counters, "trung-tam")
    letters = {group.id: group.letter for group in groups}
    assert [[letters[served] for served in desk.serves] for desk in desks] == [["A"], ["A"], ["B"], ["C"], ["B", "D"], ["C", "D"], ["D"]]


async def test_what_staff_changed_stays_and_the_sign_follows_the_file(store: Store) -> None:
    await store.write(centers.settle, SAMPLE, now=NOON)
    week = Week(((MORNING,), *[()] * 6))
    await store.write(hours.set_week, "trung-tam", week, actor="staff:1", now=NOON)
    renamed = [SAMPLE[0].model_copy(update={"name": "Trung tâm xã B", "week": Week(), "groups": (), "counters": ()})]
    await store.write(centers.settle, renamed, now=NOON)
    row = await store.read(lambda session: session.get_one(tables.Center, "trung-tam"))
    name, kept = row.name, row.week
    assert (name, hours.read_week(kept)) == ("Trung tâm xã B", week)
    assert await store.read(rows) == (1, 4, 7)


async def test_a_center_added_to_the_file_later_is_set_up_too(store: Store) -> None:
    await store.write(centers.settle, SAMPLE, now=NOON)
    await store.write(centers.settle, [*SAMPLE, SAMPLE[0].model_copy(update={"id": "b"})], now=NOON)
    assert await store.read(rows) == (2, 8, 14)


async def test_processes_that_start_at_once_set_a_center_up_once(store: Store, database_url: str) -> None:
    others = [Store(database_url) for _ in range(3)]
    try:
        await asyncio.gather(*(one.write(centers.settle, SAMPLE, now=NOON) for one in (store, *others)))
    finally:
        for other in others:
            other.close()
    assert await store.read(rows) == (1, 4, 7)


async def test_a_directory_knows_the_hours_of_now_after_it_was_refreshed(store: Store) -> None:
    directory = Directory(SAMPLE)
    await store.write(centers.settle, SAMPLE, now=NOON)
    await store.write(hours.set_week, "trung-tam", Week(((MORNING,), *[()] * 6)), actor="staff:1", now=NOON)
    await store.write(hours.set_exception, "trung-tam", dt.date(2026, 11, 25), (MORNING,), "", actor="staff:1", now=NOON)
    assert directory.default.hours.startswith("Thứ Hai đến thứ Sáu")
    await store.read(directory.refresh)
    assert directory.default.hours.replace("\u2060", "") == "Thứ Hai, 7:30–11:30. Nghỉ các ngày lễ."
    assert directory.default.now_line(NOON) == "Đã đóng, mở lại thứ Tư 25/11 lúc 7:30."
    assert directory.default.day(dt.date(2026, 11, 25)).spans == (MORNING,)


async def test_without_rows_a_directory_keeps_the_files_hours(store: Store) -> None:
    directory = Directory(SAMPLE)
    await store.read(directory.refresh)
    assert directory.default is SAMPLE[0]


def placed(name: str, lat: float, lon: float) -> Center:
    return SAMPLE[0].model_copy(update={"id": name, "map": centers.Position(lat=lat, lon=lon)})


HOAN_KIEM, DA_NANG, CAN_GIO = placed("hoan-kiem", 21.0285, 105.8542), placed("da-nang", 16.0544, 108.2022), placed("can-gio", 10.4114, 106.9546)


def test_the_nearest_centers_come_first_and_those_without_a_place_not_at_all() -> None:
    directory = Directory([SAMPLE[0], CAN_GIO, HOAN_KIEM, DA_NANG])
    found = centers.nearest(directory, 16.0, 108.0)
    assert [near.center.id for near in found] == ["da-nang", "hoan-kiem", "can-gio"]
    assert [near.center.id for near in centers.nearest(directory, 16.0, 108.0, limit=1)] == ["da-nang"]
    assert centers.nearest(Directory(SAMPLE), 16.0, 108.0) == []


def test_distances_follow_the_globe() -> None:
    """Hà Nội to Đà Nẵng is about 607 km."""
    (near,) = centers.nearest(Directory([DA_NANG]), 21.0285, 105.8542)
    assert near.metres == pytest.approx(607_000, rel=0.01)
    assert centers.nearest(Directory([DA_NANG]), 16.0544, 108.2022)[0].metres == 0


@pytest.mark.parametrize(
    ("metres", "said"), [(0, "50 m"), (130, "150 m"), (949, "950 m"), (950, "0,9 km"), (1_240, "1,2 km"), (9_960, "10 km"), (31_400, "31 km")]
)
def test_a_distance_is_rounded_to_what_one_can_use(metres: float, said: str) -> None:
    assert centers.distance(metres).replace("\u00a0", " ") == said


def test_a_map_link_holds_the_position_or_else_the_address() -> None:
    assert centers.map_link(DA_NANG) == "https://www.google.com/maps/search/?api=1&query=16.0544%2C108.2022"
    assert centers.map_link(SAMPLE[0]).endswith("%2C+An+Ph%C3%BA")


def test_a_commune_finds_its_center() -> None:
    served = SAMPLE[0].model_copy(update={"commune": "25975"})
    assert Directory([served]).of_commune("25975") is served
    assert Directory([served]).of_commune("") is None

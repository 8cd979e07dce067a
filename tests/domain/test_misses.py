"""Questions nobody could answer are counted, and nothing in them points to a person."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from bot import clock
from bot.db.store import Store
from bot.domain import misses
from tests.fakes import NOON

HERE, THERE = "tam-hiep", "dong-son"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("sđt em 0912345678 nhé", "sđt em … nhé"),
        ("gọi 0912 345 678", "gọi …"),
        ("gọi 0912.345.678 hoặc +84-912-345-678", "gọi … hoặc +…"),
        ("cccd 001203004567", "cccd …"),
        ("cccd số 001 203 004 567.", "cccd số …."),
        ("thẻ 9704 3661 2345 6789 01", "thẻ …"),
        ("mail lan.nguyen+1@gmail.com ạ", "mail … ạ"),
        ("xem https://dichvucong.gov.vn/a?b=c rồi", "xem … rồi"),
        ("trang HTTP://x.vn/lan", "trang …"),
        ("vào www.facebook.com/lan.nguyen.90", "vào …"),
        ("zalo.me/0912345", "…"),
        ("mất năm 2024, 15 ngày, mẫu 01", "mất năm 2024, 15 ngày, mẫu 01"),
        ("thủ tục 1.000656", "thủ tục 1.000656"),
        ("  nhiều\n\n khoảng \t trắng ", "nhiều khoảng trắng"),
        ("a\u202eb\u200b\0c\u2066", "abc"),
        ("", ""),
    ],
)
def test_numbers_and_addresses_are_blotted_out(said: str, kept: str) -> None:
    assert misses.without_traces(said) == kept


def test_a_long_story_is_cut() -> None:
    assert len(misses.without_traces("chữ " * 2000)) <= misses.LONGEST


@example(".", "0912345678", "")
@example("1.001193.", "0912345678", "")
@given(st.text(max_size=400), st.from_regex(r"0[0-9]{9,11}", fullmatch=True), st.text(max_size=50))
def test_no_phone_or_identity_number_survives(before: str, number: str, after: str) -> None:
    assert number not in misses.without_traces(f"{before}{number}{after}")


async def test_the_same_question_in_other_marks_counts_up(store: Store) -> None:
    for said in ("Tìm mèo lạc", "tim meo lac", "tìm MÈO lạc???", "khác hẳn"):
        await store.write(misses.keep, said, HERE, now=NOON)
    later = NOON + dt.timedelta(days=1)
    await store.write(misses.keep, "tìm mèo lạc", HERE, now=later)
    first, second = await store.read(misses.most_frequent)
    assert (first.text, first.times, first.first_at, first.last_at) == ("Tìm mèo lạc", 4, NOON, later)
    assert (second.text, second.times) == ("khác hẳn", 1)


@pytest.mark.parametrize("said", ["", "   ", "???", "👍", "\u200b\0", "\u202e"])
async def test_what_holds_no_word_is_not_kept(store: Store, said: str) -> None:
    await store.write(misses.keep, said, HERE, now=NOON)
    assert not await store.read(misses.most_frequent)


@pytest.mark.parametrize("said", ["\0mèo", "m\u202eèo", "mèo \ufdd0", "x'); DROP TABLE search_miss; --"])
async def test_odd_characters_are_no_trouble_for_the_database(store: Store, said: str) -> None:
    await store.write(misses.keep, said, HERE, now=NOON)
    assert len(await store.read(misses.most_frequent)) == 1


async def test_they_are_counted_by_local_day_and_center(store: Store) -> None:
    """Half past midnight at the center is still the day before in UTC."""
    midnight = dt.datetime(2026, 11, 23, 17, 30, tzinfo=dt.UTC)
    for center, now in ((HERE, NOON), (HERE, NOON), (HERE, midnight), (THERE, NOON)):
        await store.write(misses.keep, "tìm mèo lạc", center, now=now)
    await store.write(misses.keep, "khác hẳn", HERE, now=midnight)
    monday, tuesday = dt.date(2026, 11, 23), dt.date(2026, 11, 24)

    async def counted(center: str, first: dt.date, last: dt.date) -> list[tuple[str, int]]:
        return [(one.text, one.times) for one in await store.read(misses.of_period, center, first, last)]

    assert await counted(HERE, monday, monday) == [("tìm mèo lạc", 2)]
    assert await counted(HERE, tuesday, tuesday) == [("tìm mèo lạc", 1), ("khác hẳn", 1)]
    assert await counted(HERE, monday, tuesday) == [("tìm mèo lạc", 3), ("khác hẳn", 1)]
    assert await counted(THERE, monday, tuesday) == [("tìm mèo lạc", 1)]
    assert await store.read(misses.number_of, HERE, tuesday) == 2
    (cat, _) = await store.read(misses.of_period, HERE, monday, tuesday)
    assert clock.today(cat.last_at) == tuesday


async def test_those_counted_before_days_were_noted_are_known_as_undated_and_days_go_with_their_question(store: Store) -> None:
    await store.write(misses.keep, "tìm mèo lạc", HERE, now=NOON)
    await store.write(lambda session: session.execute(text("UPDATE search_miss SET times = times + 4")))
    assert await store.read(misses.undated) == 4
    await store.write(lambda session: session.execute(text("DELETE FROM search_miss")))
    assert (await store.read(misses.undated), await store.read(misses.number_of, HERE, NOON.date())) == (0, 0)

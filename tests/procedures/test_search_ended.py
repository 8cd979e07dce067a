"""Entries past their last day: found while nothing took their place, so that people are told, and not sent to a neighbour."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from procedures import search
from procedures.catalog import Catalog
from tests.fakes import Talk
from tests.procedures.test_search import BIRTH, entry, small_catalog
from tests.procedures.test_search_imported import imported

OWN = Path(__file__).with_name("queries_own.jsonl")
LAST_DAY, DAY_AFTER = dt.date(2025, 12, 31), dt.date(2026, 1, 1)
LAW_GONE = dt.date(2027, 3, 1)
OLD_BIRTH, CREMATED = "9.000010", "9.000011"
NOON = dt.datetime(2027, 3, 2, 5, tzinfo=dt.UTC)


def with_more(*more: Any) -> search.Index:
    catalog = small_catalog()
    return search.build(dataclasses.replace(catalog, procedures={**catalog.procedures, **{one.code: one for one in more}}))


def cremation(**valid: str) -> Any:
    return entry(CREMATED, "Hỗ trợ hỏa táng", "xin tiền hỏa táng cho ông", valid=valid)


def test_what_ended_without_a_successor_is_found_before_and_after_its_last_day() -> None:
    index = with_more(cremation(until="2026-01-01"))
    for day in (LAST_DAY, DAY_AFTER):
        found = index.find("hỗ trợ tiền hỏa táng", today=day)
        assert (found.decision, found.hits[0].code) == ("answer", CREMATED)
        assert index.find(f"thủ tục {CREMATED}", today=day).hits == (search.Hit(CREMATED, 1.0),)


def test_what_has_a_successor_leads_to_it_from_its_first_day() -> None:
    newer = entry("9.000012", "Hỗ trợ mai táng điện tử", "mai táng điện tử", valid={"from": "2026-01-01"}, replaces=[CREMATED])
    index = with_more(cremation(until="2026-01-01"), newer)
    asked = {day: index.find("xin tiền hỏa táng cho ông", today=day) for day in (LAST_DAY, DAY_AFTER)}
    assert [found.hits[0].code for found in asked.values()] == [CREMATED, "9.000012"]
    assert CREMATED not in [hit.code for hit in asked[DAY_AFTER].hits]


def test_what_has_not_begun_yet_is_not_found() -> None:
    index = with_more(cremation(**{"from": "2026-01-01"}))
    found = [index.find("hỗ trợ tiền hỏa táng", today=day).hits for day in (LAST_DAY, DAY_AFTER)]
    assert [CREMATED in [hit.code for hit in hits] for hits in found] == [False, True]


def test_between_an_end_and_a_later_beginning_the_ended_one_is_told() -> None:
    newer = entry("9.000012", "Hỗ trợ hỏa táng mới", valid={"from": "2026-03-01"}, replaces=[CREMATED])
    ended = cremation(until="2026-01-01")
    catalog = Catalog("v", {one.code: one for one in (ended, newer)}, {})
    days = [DAY_AFTER, dt.date(2026, 3, 1)]
    assert [search.build(catalog).find("hỗ trợ hỏa táng", today=day).hits[0].code for day in days] == [CREMATED, "9.000012"]
    assert [catalog.get(CREMATED, day) for day in days] == [ended, newer]


def test_a_title_of_an_imported_list_comes_before_what_ended_with_the_same_name() -> None:
    index = with_more(cremation(until="2026-01-01"), imported("9.200001", "Hỗ trợ hỏa táng"))
    before, after = (index.find("hỗ trợ hỏa táng", today=day) for day in (LAST_DAY, DAY_AFTER))
    assert (before.decision, before.hits[0].code) == ("answer", CREMATED)
    assert [hit.code for hit in after.hits[:2]] == ["9.200001", CREMATED]


def test_the_end_of_a_law_sends_nobody_to_a_neighbour(real: Premises) -> None:
    """Nothing replaces the entries that rest on the law of civil status: what was asked before is found after."""
    rows = [json.loads(line)["query"] for line in OWN.read_text(encoding="utf-8").splitlines()]
    before, after = ([real.index.find(one, today=day) for one in rows] for day in (LAW_GONE - dt.timedelta(days=1), LAW_GONE))
    ended = [one for one in after if one.hits and not real.catalog.procedures[one.hits[0].code].in_force(LAW_GONE)]
    assert len(ended) > 50
    assert [(one.query, one.hits[0].code) for one, other in zip(after, before, strict=True) if one != other] == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("đăng ký kết hôn", "1.000894"),
        ("khai tử cho bố mới mất", "1.000656"),
        ("khai sinh", "1.001193"),
        ("xin tính lại tiền sử dụng đất", "1.115148"),
    ],
)
def test_the_day_an_entry_ends_changes_no_answer(real: Premises, typed: str, code: str) -> None:
    days = [dt.date(2026, 12, 31), dt.date(2027, 1, 1), dt.date(2027, 2, 28), dt.date(2027, 3, 1), dt.date(2027, 3, 2)]
    found = [real.index.find(typed, today=day) for day in days]
    assert {one.hits[0].code for one in found} == {code}
    assert len({one.decision for one in found}) == 1


async def test_who_asks_for_what_ended_is_told_that_the_rules_changed(store: Store, real: Premises) -> None:
    talk = Talk(store, real, now=NOON)
    assert "Quy định về việc này đã đổi từ ngày 1/3/2027" in await talk.read("khai tử cho bố mới mất")


def test_what_is_in_force_comes_first_where_it_fits_as_well() -> None:
    index = with_more(entry(OLD_BIRTH, "Đăng ký khai sinh", valid={"until": "2026-01-01"}))
    assert index.find("đăng ký khai sinh", today=DAY_AFTER).hits[0].code == BIRTH

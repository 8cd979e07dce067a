"""The loaded catalog: what replaced what, what may be used on a day, and the counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.catalog import Catalog
from procedures.models import Procedure
from tests.procedures.small import entry

TODAY = dt.date(2026, 11, 21)
CHANGE = dt.date(2027, 3, 1)
OLD, NEW, NEWEST = "1.000001", "1.000002", "1.000003"
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2029, 1, 1))


def catalog(*entries: Procedure) -> Catalog:
    return Catalog(version="test", procedures={one.code: one for one in entries}, fields={"ho-tich": "Hộ tịch"})


def valid(code: str, **days: Any) -> Procedure:
    return entry(code=code, valid=days)


CHAIN = catalog(
    valid(OLD, until=CHANGE, replaced_by=NEW),
    valid(NEW, **{"from": CHANGE}, until="2028-01-01", replaced_by=NEWEST),
    valid(NEWEST, **{"from": "2028-01-01"}),
)


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (TODAY, OLD),
        (CHANGE - dt.timedelta(days=1), OLD),
        (CHANGE, NEW),
        (dt.date(2027, 12, 31), NEW),
        (dt.date(2028, 1, 1), NEWEST),
    ],
)
def test_a_code_leads_to_the_entry_of_that_day(today: dt.date, code: str) -> None:
    found = CHAIN.get(OLD, today)
    assert found is not None
    assert found.code == code


@given(today=DAYS)
def test_an_entry_past_its_last_day_is_never_current(today: dt.date) -> None:
    for one in CHAIN.current(today):
        assert one.valid.until is None or today < one.valid.until
    found = CHAIN.get(OLD, today)
    assert found is not None
    assert found.in_force(today)


def test_a_code_whose_entries_have_all_ended_leads_to_the_last_one() -> None:
    ended = catalog(valid(OLD, until="2026-01-01", replaced_by=NEW), valid(NEW, until="2026-02-01"))
    found = ended.get(OLD, TODAY)
    assert found is not None
    assert found.code == NEW
    assert not found.in_force(TODAY)


def test_without_a_day_a_code_leads_to_the_last_that_replaced_it() -> None:
    assert CHAIN.successor(OLD) == NEWEST
    assert CHAIN.get(OLD) is CHAIN.procedures[NEWEST]


def test_an_old_code_without_an_entry_leads_to_the_entry_that_replaces_it() -> None:
    renamed = catalog(entry(code=NEW, replaces=["2.000286", "2.000287"]))
    assert renamed.successor("2.000287") == NEW
    assert renamed.get("2.000286", TODAY) is renamed.procedures[NEW]
    assert renamed.knows("2.000286")


def test_an_old_code_leads_on_through_what_replaced_its_successor() -> None:
    twice = catalog(entry(code=NEW, replaces=[OLD]), entry(code=NEWEST, replaces=[NEW]))
    assert twice.successor(OLD) == NEWEST


@pytest.mark.parametrize("circle", [[OLD], [OLD, NEW], [OLD, NEW, NEWEST]])
def test_a_circle_of_successors_ends(circle: list[str]) -> None:
    entries = [valid(code, replaced_by=after) for code, after in zip(circle, [*circle[1:], circle[0]], strict=True)]
    assert catalog(*entries).successor(OLD) == circle[-1]
    assert catalog(*entries).get(OLD, TODAY) is not None


def test_an_entry_that_replaces_itself_is_still_found() -> None:
    assert catalog(entry(code=OLD, replaces=[OLD])).successor(OLD) == OLD


def test_an_unknown_code_is_its_own_successor_and_leads_nowhere() -> None:
    assert CHAIN.successor("9.999999") == "9.999999"
    assert CHAIN.get("9.999999") is None
    assert CHAIN.get("9.999999", TODAY) is None
    assert not CHAIN.knows("9.999999")


def test_an_entry_is_current_from_its_first_day_on() -> None:
    later = catalog(valid(OLD, **{"from": CHANGE}))
    assert later.current(TODAY) == []
    assert [one.code for one in later.current(CHANGE)] == [OLD]


def test_the_counts_tell_depths_fields_phrases_and_what_has_ended() -> None:
    counted = catalog(
        entry(code=OLD, also=["a", "b"]),
        valid(NEW, until="2026-01-01"),
        entry(code=NEWEST, depth="listed", field="dat-dai"),
        entry(code="bang-lai", depth="elsewhere", handled_by="elsewhere", field="xe-co"),
    )
    assert counted.stats(TODAY) == {
        "curated": 2, "listed": 1, "elsewhere": 1, "expired": 1, "phrases": 2, "fields": {"ho-tich": 2, "dat-dai": 1},
    }  # fmt: skip

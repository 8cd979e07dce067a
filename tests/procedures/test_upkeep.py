"""Which entries a person has to look at, and when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from procedures.catalog import Catalog
from procedures.models import IMPORTED, Procedure
from procedures.upkeep import review

TODAY = dt.date(2026, 11, 21)
LAW = review.Repealed(number="20/2021/NĐ-CP", repealed_by="335/2026/NĐ-CP", since=dt.date(2026, 9, 29), proof="hồ sơ 1.116909")


def days(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


def entry(code: str = "1.000001", on: dt.date = TODAY, **changes: Any) -> Procedure:
    told = {"code": code, "depth": "listed", "name": "Thử", "field": "ho-tich", "handled_by": "commune_center", "checked": {"on": on}}
    return Procedure.model_validate({**told, **changes})


def report(*entries: Procedure, law: review.Repealed = LAW, **options: int) -> review.Report:
    return review.report(Catalog("v", {one.code: one for one in entries}, {}), [law], today=TODAY, **options)


@pytest.mark.parametrize(("age", "told"), [(0, False), (29, False), (30, True), (400, True)])
def test_an_entry_is_due_once_nobody_checked_it_for_so_many_days(age: int, told: bool) -> None:
    found = report(entry(on=days(-age)), unchecked_days=30)
    assert [item.days for item in found.unchecked] == [age] * told


@pytest.mark.parametrize(("left", "told"), [(-400, True), (0, True), (1, True), (30, True), (31, False)])
def test_what_ends_within_so_many_days_is_told_and_so_is_what_has_ended(left: int, told: bool) -> None:
    found = report(entry(valid={"until": days(left)}), ending_days=30)
    assert [item.days for item in found.ending] == [left] * told


def test_the_most_urgent_comes_first() -> None:
    found = report(*(entry(f"1.00000{n}", valid={"until": days(left)}) for n, left in enumerate((9, -3, 5))))
    assert [item.days for item in found.ending] == [-3, 5, 9]


def test_an_entry_that_ends_without_a_successor_is_named() -> None:
    ending = {"until": days(9)}
    found = report(
        entry("1.000001", valid=ending),
        entry("1.000002", valid={**ending, "replaced_by": "1.000004"}),
        entry("1.000003", valid=ending),
        entry("1.000004", replaces=["1.000003"]),
    )
    assert [item.entry.code for item in found.unreplaced] == ["1.000001"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"legal_basis": ["20/2021/NĐ-CP"]}, True),
        ({"legal_basis": ["Nghị định 20/2021/nđ-cp sửa đổi"]}, True),
        ({"checked": {"on": TODAY, "decision": "20/2021/NĐ-CP"}}, True),
        ({"overlay": "An Phú, 20/2021/NĐ-CP"}, True),
        ({"legal_basis": ["120/2021/NĐ-CP"]}, False),
        ({"legal_basis": ["20/2021/NĐ-CPX"]}, False),
        ({}, False),
    ],
)
def test_an_entry_that_rests_on_a_repealed_document_is_named(changes: dict[str, Any], told: bool) -> None:
    assert [item.document for item in report(entry(**changes)).resting] == [LAW] * told


def test_a_repeal_far_ahead_is_not_told_yet() -> None:
    later = LAW.model_copy(update={"since": days(200)})
    assert report(entry(legal_basis=[LAW.number]), law=later).resting == ()
    assert [item.days for item in report(entry(legal_basis=[LAW.number]), law=later, ending_days=200).resting] == [200]


def test_imported_rows_are_counted_and_not_listed() -> None:
    found = report(entry(checked={"on": days(-900), "by": IMPORTED}, legal_basis=[LAW.number]))
    assert (found.imported, found.unchecked, found.resting) == (1, (), ())


def test_the_shipped_list_of_repealed_documents_says_where_each_stands() -> None:
    documents = review.documents()
    assert "60/2014/QH13" in {document.number for document in documents}
    assert all(document.proof and document.number != document.repealed_by for document in documents)

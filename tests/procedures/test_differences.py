"""What changed between two versions of the catalog, fact by fact."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from procedures.catalog import Catalog
from procedures.models import Procedure
from procedures.upkeep import differences

TODAY = dt.date(2026, 11, 21)
PAPERS: list[dict[str, Any]] = [
    {"id": "form", "name": "Tờ khai", "originals": 1},
    {"id": "notice", "name": "Giấy báo", "originals": 1, "note": "Bản giấy."},
]
QUESTION = {"id": "late", "ask": "Có muộn không?", "options": {"no": "Không", "yes": "Có"}}


def entry(code: str = "1.000001", **changes: Any) -> Procedure:
    told = {"code": code, "name": "Thử", "field": "ho-tich", "handled_by": "commune_center", "checked": {"on": TODAY}, "documents": PAPERS}
    return Procedure.model_validate({**told, **changes})


def catalog(*entries: Procedure) -> Catalog:
    return Catalog("v", {one.code: one for one in entries}, {})


def kinds(**changes: Any) -> list[str]:
    """The facts that changed when one thing of an entry is written otherwise."""
    before = entry(questions=[QUESTION], fees=[{"amount": 5000}], time={"kind": "same_day"}, legal_basis=["60/2014/QH13"], also=["thử"])
    told = {**before.model_dump(by_alias=True), "questions": [QUESTION], "documents": PAPERS, **changes}
    return [detail.kind for detail in differences.details(before, Procedure.model_validate(told))]


def test_nothing_changed_is_no_difference() -> None:
    assert differences.between(catalog(entry()), catalog(entry()), today=TODAY) == []
    assert kinds() == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"documents": [*PAPERS, {"id": "more", "name": "Ảnh", "copies": 2}]}, "paper_added"),
        ({"documents": PAPERS[:1]}, "paper_removed"),
        ({"documents": [PAPERS[0], {**PAPERS[1], "copies": 2}]}, "paper_count"),
        ({"documents": [PAPERS[0], {**PAPERS[1], "hand_in": "show"}]}, "paper_hand_in"),
        ({"documents": [PAPERS[0], {**PAPERS[1], "name": "Giấy báo tử"}]}, "paper_name"),
        ({"documents": [PAPERS[0], {**PAPERS[1], "when": [{"late": "yes"}]}]}, "paper_when"),
        ({"documents": [PAPERS[0], {**PAPERS[1], "note": "Bản chính."}]}, "paper_note"),
        ({"fees": [{"amount": 8000}]}, "fees"),
        ({"fees": [{"amount": "local"}]}, "fees"),
        ({"time": {"kind": "days", "amount": 3}}, "time"),
        ({"questions": []}, "question_removed"),
        ({"questions": [QUESTION, {**QUESTION, "id": "who", "ask": "Ai đi?"}]}, "question_added"),
        ({"questions": [{**QUESTION, "options": {"no": "Không", "yes": "Rồi"}}]}, "question_changed"),
        ({"questions": [{**QUESTION, "ask": "Quá hạn chưa?"}]}, "question_asked"),
        ({"checked": {"on": TODAY, "decision": "9/QĐ"}}, "decision"),
        ({"checked": {"on": dt.date(2026, 12, 1)}}, "checked"),
        ({"legal_basis": ["60/2014/QH13", "18/2026/NĐ-CP"]}, "basis_added"),
        ({"valid": {"until": dt.date(2027, 3, 1)}}, "until"),
        ({"result": "Giấy mới"}, "words"),
        ({"also": ["thử", "thử lại"]}, "phrases"),
    ],
)
def test_a_change_is_told_as_what_it_is(changes: dict[str, Any], kind: str) -> None:
    assert kinds(**changes) == [kind]


def test_a_paper_whose_id_was_renamed_is_the_same_paper() -> None:
    assert kinds(documents=[PAPERS[0], {**PAPERS[1], "id": "death_notice"}]) == []


def test_entries_come_and_go() -> None:
    found = differences.between(catalog(entry("1.000001")), catalog(entry("1.000002", replaces=["1.000001"])), today=TODAY)
    assert [(one.kind, one.entry.code, one.replaced_by) for one in found] == [("added", "1.000002", None), ("removed", "1.000001", "1.000002")]


def test_an_entry_past_its_last_day_has_expired() -> None:
    ended = entry(valid={"until": TODAY, "replaced_by": "1.000002"})
    found = differences.between(catalog(entry(), entry("1.000002")), catalog(ended, entry("1.000002")), today=TODAY)
    assert [(one.kind, one.entry.code, one.replaced_by) for one in found] == [("expired", "1.000001", "1.000002")]


def test_an_end_that_is_still_to_come_is_a_change() -> None:
    found = differences.between(catalog(entry()), catalog(entry(valid={"until": TODAY + dt.timedelta(days=1)})), today=TODAY)
    assert [one.kind for one in found] == ["changed"]

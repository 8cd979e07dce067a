"""Titles of an imported list are found, and change nothing for what was written by hand."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.bench import queries
from bot.conversation.context import Premises
from procedures import search
from procedures.catalog import Catalog
from procedures.models import IMPORTED, Checked, Procedure
from tests.procedures.test_search import BIRTH, small_catalog

TODAY = dt.date(2026, 11, 21)
OWN = Path(__file__).with_name("queries_own.jsonl")
MANY, SEED = 5_700, 20261121
PHARMACY, SAME_NAME = "9.100001", "9.100002"
LISTED = (
    (PHARMACY, "Cấp chứng chỉ hành nghề dược theo hình thức xét hồ sơ"),
    (SAME_NAME, "Đăng ký khai sinh"),
    ("9.100003", "Cấp lại chứng chỉ hành nghề dược bị ghi sai"),
    ("9.100004", "Đăng ký lại khai sinh có yếu tố nước ngoài"),
)


def imported(code: str, name: str) -> Procedure:
    checked = Checked(on=TODAY, by=IMPORTED)
    return Procedure(code=code, depth="listed", name=name, field="ho-tich", handled_by="commune_center", checked=checked)


def laid_over(catalog: Catalog) -> Catalog:
    titles = {code: imported(code, name) for code, name in LISTED}
    return dataclasses.replace(catalog, version="laid", procedures={**catalog.procedures, **titles})


@pytest.fixture(scope="module")
def index() -> search.Index:
    return search.build(laid_over(small_catalog()))


@pytest.mark.parametrize("typed", [LISTED[0][1], "cap chung chi hanh nghe duoc theo hinh thuc xet ho so", "cấp chứng chỉ hành nghề dược xét hồ sơ"])
def test_an_imported_title_is_found_by_its_words(index: search.Index, typed: str) -> None:
    found = index.find(typed, today=TODAY)
    assert found.hits[0].code == PHARMACY


def test_what_was_written_by_hand_wins_where_an_imported_title_is_as_good(index: search.Index) -> None:
    found = index.find("đăng ký khai sinh", today=TODAY)
    assert (found.decision, found.hits[0].code) == ("answer", BIRTH)


@pytest.mark.parametrize("typed", ["làm giấy khai sinh cho con", "lam giay khai sihn", "ba em mới mất cần làm giấy gì", "xin chào"])
def test_the_evidence_for_what_was_written_by_hand_stays(index: search.Index, typed: str) -> None:
    before, _ = search.build(small_catalog()).weigh(typed, today=TODAY)
    assert list(index.weigh(typed, today=TODAY)[0]) == pytest.approx(list(before), abs=1e-6)


def test_a_kept_index_of_imported_titles_finds_the_same(tmp_path: Path) -> None:
    catalog = laid_over(small_catalog())
    asked = [name for _, name in LISTED] + ["khai sinh", "nhập hộ khẩu"]
    built, kept = search.build(catalog, tmp_path), search.build(catalog, tmp_path)
    assert [built.find(one, today=TODAY) for one in asked] == [kept.find(one, today=TODAY) for one in asked]


def test_a_catalog_of_imported_titles_alone_can_be_searched() -> None:
    catalog = Catalog("v", {code: imported(code, name) for code, name in LISTED}, {})
    assert search.build(catalog).find(LISTED[0][1], today=TODAY).hits[0].code == PHARMACY


def test_thousands_of_imported_titles_hardly_change_what_citizens_find(real: Premises) -> None:
    rows: list[dict[str, Any]] = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    catalog = queries.enlarged(real.catalog, len(real.catalog.procedures) + MANY, SEED)
    large = search.build(catalog)
    before, after = ([index.find(row["query"], today=TODAY) for row in rows] for index in (real.index, large))
    changed = sum(one.decision != other.decision for one, other in zip(before, after, strict=True))
    assert _right(rows, before) - _right(rows, after) < 0.01
    assert changed <= 0.01 * len(rows)
    titles = [entry for code, entry in catalog.procedures.items() if code not in real.catalog.procedures][:: MANY // 100]
    offered = sum(entry.code in [hit.code for hit in large.find(entry.name, today=TODAY).hits] for entry in titles)
    assert offered >= 0.95 * len(titles)


def _right(rows: list[dict[str, Any]], found: list[search.Found]) -> float:
    """The share of questions to be answered or asked back whose right procedure comes first."""
    real = [(row, one) for row, one in zip(rows, found, strict=True) if row["accept"] and row["decision"] in ("answer", "clarify")]
    return sum(bool(one.hits) and one.hits[0].code in row["accept"] for row, one in real) / len(real)

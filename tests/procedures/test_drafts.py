"""A record of the portal as a draft: complete, unsorted, and refused by the catalog until a person has sorted it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures import loader, models
from procedures.catalog import Catalog
from procedures.upkeep import drafts
from tests.conftest import TINY

RECORD: dict[str, Any] = {
    "code": "1.116909",
    "name": "Thực hiện trợ cấp xã hội",
    "field": "Hộ tịch",
    "handler_guess": "UBND xã / TTPVHCC (guess)",
    "cases": [
        {"case": "Trường hợp mới", "components": [{"name": "Tờ khai", "originals": 1, "copies": 0, "form_code_guess": "Mẫu số 01"}]},
        {"case": None, "components": [{"name": "* Lưu ý: bản sao", "originals": 0, "copies": 0}, {"name": "Bản sao giấy khai sinh", "copies": 1}]},
    ],
    "methods": [{"method": "Trực tiếp", "time": "7 ngày làm việc", "fee": {"le_phi": "0"}, "note": None}],
    "steps": "Bước 1\nBước 2",
    "legal_basis": ["335/2026/NĐ-CP"],
    "decision": "3033/QĐ-BYT",
    "portal_url": "https://dichvucong.gov.vn/x",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "data"))


def test_every_component_of_the_record_stands_under_unsorted(tiny_catalog: Catalog) -> None:
    unsorted = drafts.of(RECORD, tiny_catalog)["unsorted"]
    assert [paper["name"] for paper in unsorted["papers"]] == ["Tờ khai", "Lưu ý: bản sao", "Bản sao giấy khai sinh"]
    assert unsorted["papers"][0] == {"name": "Tờ khai", "originals": 1, "copies": 0, "form": "Mẫu số 01", "case": "Trường hợp mới"}
    assert unsorted["methods"] == [{"method": "Trực tiếp", "time": "7 ngày làm việc", "fee": "le_phi: 0"}]
    assert unsorted["steps"] == "Bước 1\nBước 2"


def test_a_draft_does_not_claim_that_somebody_compared_it(tiny_catalog: Catalog) -> None:
    assert drafts.of(RECORD, tiny_catalog)["checked"] == {"decision": "3033/QĐ-BYT", "portal": "https://dichvucong.gov.vn/x"}


@pytest.mark.parametrize("handler", [("Công an xã", "commune_police"), ("Ban CHQS xã / quân đội", "commune_military"), ("UBND xã", "commune_center")])
def test_the_guess_of_the_record_says_who_handles_it(tiny_catalog: Catalog, handler: tuple[str, str]) -> None:
    assert drafts.of({**RECORD, "handler_guess": handler[0]}, tiny_catalog)["handled_by"] == handler[1]


def test_papers_that_stand_as_one_text_or_as_a_plain_list_are_not_lost(tiny_catalog: Catalog) -> None:
    told = {"cases": [{"case": "Mới", "components_text": "1. Tờ khai\n2. Ảnh"}], "extra": {"requiredDocs": ["Đơn"]}}
    papers = drafts.of({**RECORD, **told}, tiny_catalog)["unsorted"]["papers"]
    assert papers == [{"text": "1. Tờ khai\n2. Ảnh", "case": "Mới"}, {"name": "Đơn"}]


@pytest.mark.parametrize(
    "record", [{}, {"code": "1.116909"}, {"code": "../../x", "name": "x"}, {"code": "1.1169", "name": "x"}, {"code": None, "name": 3}]
)
def test_what_is_no_record_is_refused(tiny_catalog: Catalog, record: dict[str, Any]) -> None:
    with pytest.raises(drafts.NoRecord):
        drafts.of(record, tiny_catalog)


@pytest.mark.parametrize("broken", [{"cases": "x"}, {"cases": [1, {"components": None}]}, {"methods": {"a": 1}}, {"legal_basis": None}, {"steps": 7}])
def test_a_record_of_another_shape_gives_a_smaller_draft(tiny_catalog: Catalog, broken: dict[str, Any]) -> None:
    assert drafts.of({**RECORD, **broken}, tiny_catalog)["code"] == "1.116909"


def test_a_draft_somebody_may_have_begun_to_sort_is_not_written_over(tiny_catalog: Catalog, tmp_path: Path) -> None:
    draft = drafts.of(RECORD, tiny_catalog)
    file = drafts.write(draft, tmp_path)
    file.write_text("begun", encoding="utf-8")
    with pytest.raises(FileExistsError):
        drafts.write(draft, tmp_path)
    assert file.read_text(encoding="utf-8") == "begun"


def test_a_draft_put_into_the_catalog_is_refused_by_file_line_and_field(tiny_catalog: Catalog, data: Path) -> None:
    file = drafts.write(drafts.of(RECORD, tiny_catalog), data / "ho-tich")
    catalog, problems = loader.read(data)
    assert [(problem.file, problem.field) for problem in problems] == [(file, "draft"), (file, "unsorted")]
    assert problems[0].line == 1
    assert "3 papers" in problems[1].says
    assert "1.116909" not in catalog.procedures


def test_taking_out_only_the_word_draft_does_not_publish_it(tiny_catalog: Catalog, data: Path) -> None:
    file = drafts.write(drafts.of(RECORD, tiny_catalog), data / "ho-tich")
    file.write_text(file.read_text(encoding="utf-8").replace("draft: true\n", ""), encoding="utf-8")
    assert [problem.field for problem in loader.read(data)[1]] == ["unsorted"]
    told = {**yaml.safe_load(file.read_text(encoding="utf-8")), "code": "1.116909"}
    with pytest.raises(ValueError, match="unsorted"):
        models.Procedure.model_validate(told)


def test_a_sorted_draft_is_an_entry(tiny_catalog: Catalog, data: Path) -> None:
    draft = drafts.of(RECORD, tiny_catalog)
    told = {key: value for key, value in draft.items() if key not in ("draft", "unsorted", "short")}
    told |= {"documents": [{"id": "form", "name": "Tờ khai", "originals": 1}], "fees": [{"amount": 0}], "submit": ["counter"]}
    told |= {"time": {"kind": "working_days", "amount": 7}, "checked": {**draft["checked"], "on": "2026-11-21"}}
    drafts.write(told, data / "ho-tich")
    catalog, problems = loader.read(data)
    assert problems == []
    assert catalog.procedures["1.116909"].depth == "curated"

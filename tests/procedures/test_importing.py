"""A whole official list laid over the catalog: what is taken, what is not and why, and that hand-written entries win."""

from __future__ import annotations

import csv
import datetime as dt
import unicodedata
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import listed, loader
from procedures.catalog import Catalog
from procedures.models import IMPORTED
from procedures.upkeep import importing, sheets
from tests.conftest import TINY

TODAY = dt.date(2026, 11, 21)
WORDS = importing.Words(
    how="tra mã {code}", offices={"province": "cơ quan tỉnh", "ministry": "cơ quan bộ", "other": "cơ quan khác"}, other_field="Khác"
)
HEADER = ["STT", "Mã TTHC", "Tên thủ tục hành chính", "Lĩnh vực", "Cấp thực hiện", "Cơ quan thực hiện", "Quyết định công bố", "Tình trạng"]
BURIAL = [1, "1.014028", "Hỗ trợ chi phí mai táng", "Bảo trợ xã hội", "Cấp xã", "UBND cấp xã", "2180/QĐ-BYT", "Còn hiệu lực"]
NOTARY = [2, "1.000112", "Bổ nhiệm công chứng viên", "Công chứng", "Cấp tỉnh", "Sở Tư pháp", "", ""]
DEATH = [3, "1.000656", "Thủ tục đăng ký khai tử", "Hộ tịch", "Cấp xã", "UBND cấp xã", "163/QĐ-BTP", ""]


def write_csv(file: Path, *rows: list[Any], header: list[str] = HEADER, separator: str = ",", encoding: str = "utf-8") -> Path:
    with file.open("w", encoding=encoding, newline="") as lines:
        csv.writer(lines, delimiter=separator).writerows([header, *rows])
    return file


def sort(file: Path, catalog: Catalog) -> importing.Report:
    return importing.sort(sheets.read(file), catalog, WORDS, source=file.name, today=TODAY)


def one(catalog: Catalog, **cells: str) -> importing.Report:
    """The report on a single row that would be taken but for the given cells."""
    row = {"code": "9.000001", "name": "Thủ tục lạ", "field": "Hộ tịch", "level": "Cấp xã", "agency": "UBND cấp xã"} | cells
    return importing.sort([sheets.Row(2, {key: value for key, value in row.items() if value})], catalog, WORDS, source="x", today=TODAY)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_with_any_separator_though_names_are_full_of_commas(tmp_path: Path, tiny_catalog: Catalog, separator: str) -> None:
    awkward = [*BURIAL[:2], "Cấp, đổi, cấp lại; gia hạn | thu hồi", *BURIAL[3:]]
    report = sort(write_csv(tmp_path / "list.csv", awkward, NOTARY, separator=separator), tiny_catalog)
    assert [(entry.code, entry.name) for entry in report.taken] == [("1.014028", awkward[2]), ("1.000112", NOTARY[2])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_saved_by_a_spreadsheet_is_read(tmp_path: Path, tiny_catalog: Catalog, encoding: str) -> None:
    assert sort(write_csv(tmp_path / "list.csv", BURIAL, encoding=encoding), tiny_catalog).taken[0].name == BURIAL[2]


def test_an_excel_list_is_read_below_its_title_on_every_sheet_that_has_a_header(tmp_path: Path, tiny_catalog: Catalog) -> None:
    book = openpyxl.Workbook()
    first = book.active
    for line in (["DANH MỤC THỦ TỤC HÀNH CHÍNH"], [], HEADER, BURIAL):
        first.append(line)
    book.create_sheet("Ghi chú").append(["không phải danh sách"])
    book.create_sheet("Cấp tỉnh").append(HEADER)
    book["Cấp tỉnh"].append(NOTARY)
    book.save(tmp_path / "list.xlsx")
    assert [entry.code for entry in sort(tmp_path / "list.xlsx", tiny_catalog).taken] == ["1.014028", "1.000112"]


def test_a_code_that_excel_turned_into_a_number_gets_its_zeros_back(tmp_path: Path, tiny_catalog: Catalog) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append([1, 1.0022, *BURIAL[2:]])
    book.save(tmp_path / "list.xlsx")
    assert [entry.code for entry in sort(tmp_path / "list.xlsx", tiny_catalog).taken] == ["1.002200"]


@pytest.mark.parametrize(
    "written",
    [
        '[{"code": "1.014028", "name": "Hỗ trợ", "level": "Cấp xã"}]',
        '{"code": "1.014028", "name": "Hỗ trợ", "level": "Cấp xã"}\n{"code": "1.000112", "name": "Bổ nhiệm", "level": "Cấp tỉnh"}',
        '{"status": {"code": 200, "name": "OK"}, "data": {"items": [{"maTTHC": "1.014028", "tenTTHC": "Hỗ trợ", "capThucHien": "Cấp xã"}]}}',
        '[{"PROCEDURE_CODE": "1.014028", "PROCEDURE_NAME": "Hỗ trợ", "CAP_THUC_HIEN": [{"ten": "Cấp tỉnh"}, {"ten": "Cấp xã"}]}]',
    ],
)
def test_json_of_a_portal_is_read_however_it_is_wrapped(tmp_path: Path, tiny_catalog: Catalog, written: str) -> None:
    (tmp_path / "list.json").write_text(written, encoding="utf-8")
    report = sort(tmp_path / "list.json", tiny_catalog)
    assert (report.taken[0].code, report.taken[0].name, report.taken[0].depth) == ("1.014028", "Hỗ trợ", "listed")


@pytest.mark.parametrize("header", ["ma thu tuc", "MÃ TTHC", "Mã thủ tục\nhành chính", "Mã số (*)", "maThuTuc"])
def test_columns_are_known_by_their_names_with_or_without_marks(tmp_path: Path, tiny_catalog: Catalog, header: str) -> None:
    file = write_csv(tmp_path / "list.csv", ["1.014028", "Hỗ trợ", "Cấp xã"], header=[header, "Ten thu tuc", "cap thuc hien"])
    assert len(sort(file, tiny_catalog).taken) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", b"a,b\n1,2\n"),
        ("list.csv", "Mã TTHC,Tên TTHC\n1.014028,Hỗ trợ".encode("cp1258", errors="replace")),
        ("list.xlsx", b"PK\x03\x04 no archive"),
        ("list.xlsx", b""),
        ("list.json", b"{}"),
        ("list.json", b"{not json"),
        ("list.json", b"[" * 100_000),
        ("gone.csv", None),
    ],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(sheets.Unreadable, match=name):
        sheets.read(tmp_path / name)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"code": "1.000656"}, "curated"),
        ({"code": "1.010833"}, "listed"),
        ({"code": ""}, "no_code"),
        ({"code": "99.001"}, "bad_code"),
        ({"code": "../../etc"}, "bad_code"),
        ({"name": ""}, "no_name"),
        ({"name": "\u200b\u202e"}, "no_name"),
        ({"level": "", "agency": ""}, "level"),
        ({"status": "Đã bãi bỏ"}, "repealed"),
        ({"status": "Hết hiệu lực từ 1/7/2026"}, "repealed"),
    ],
)
def test_a_row_that_is_not_taken_says_why(tiny_catalog: Catalog, cells: dict[str, str], reason: str) -> None:
    report = one(tiny_catalog, **cells)
    assert report.taken == []
    assert [skipped.reason for skipped in report.skipped] == [reason]


def test_a_code_that_an_entry_replaced_is_not_taken(tiny_catalog: Catalog) -> None:
    changed = {
        code: entry.model_copy(update={"replaces": ("9.000001",)} if code == "1.000656" else {}) for code, entry in tiny_catalog.procedures.items()
    }
    report = one(Catalog("v", changed, tiny_catalog.fields))
    assert [(skipped.reason, skipped.detail) for skipped in report.skipped] == [("replaced", "1.000656")]


def test_the_first_of_two_rows_with_one_code_is_taken(tmp_path: Path, tiny_catalog: Catalog) -> None:
    report = sort(write_csv(tmp_path / "list.csv", BURIAL, [9, "1.014028.000.00.00.H13", "Tên khác", *BURIAL[3:]]), tiny_catalog)
    assert [entry.name for entry in report.taken] == [BURIAL[2]]
    assert report.reasons == {"duplicate": 1}


@pytest.mark.parametrize(
    ("level", "agency", "depth", "handled_by"),
    [
        ("Cấp xã", "", "listed", "commune_center"),
        ("Cấp bộ, Cấp tỉnh, Cấp xã", "", "listed", "commune_center"),
        ("", "Ủy ban nhân dân cấp xã", "listed", "commune_center"),
        ("Cấp xã", "Công an cấp xã", "listed", "commune_police"),
        ("Cấp xã", "Ban Chỉ huy quân sự xã", "listed", "commune_military"),
        ("Cấp xã", "Chi cục Hải quan khu vực", "elsewhere", "elsewhere"),
        ("Cấp xã", "Thuế cơ sở", "elsewhere", "elsewhere"),
        ("Cấp tỉnh", "Sở Tư pháp", "elsewhere", "elsewhere"),
        ("Cấp bộ", "", "elsewhere", "elsewhere"),
    ],
)
def test_the_level_and_the_office_decide_where_it_is_handled(tiny_catalog: Catalog, level: str, agency: str, depth: str, handled_by: str) -> None:
    entry = one(tiny_catalog, level=level, agency=agency).taken[0]
    assert (entry.depth, entry.handled_by) == (depth, handled_by)


def test_a_matter_of_another_office_names_it_and_how_to_look_it_up(tiny_catalog: Catalog) -> None:
    where = one(tiny_catalog, level="Cấp tỉnh", agency="Sở Tư pháp").taken[0].where
    assert where is not None
    assert (where.office, where.how) == ("Sở Tư pháp", "tra mã 9.000001")


def test_a_row_says_that_nobody_compared_it(tiny_catalog: Catalog) -> None:
    checked = one(tiny_catalog, decision="163/QĐ-BTP").taken[0].checked
    assert (checked.by, checked.on, checked.decision) == (IMPORTED, TODAY, "163/QĐ-BTP")


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        (unicodedata.normalize("NFD", "Cấp giấy phép"), "Cấp giấy phép"),
        ("Cấp\r\n giấy\t phép \x07\u202e", "Cấp giấy phép"),
        ('=HYPERLINK("http://x","Cấp")', 'HYPERLINK("http://x","Cấp")'),
        ("- Cấp giấy phép", "Cấp giấy phép"),
    ],
)
def test_text_from_outside_is_made_harmless(given_text: str, kept: str) -> None:
    assert sheets.clean(given_text) == kept


def test_a_link_that_is_no_web_address_is_left_out(tiny_catalog: Catalog) -> None:
    assert one(tiny_catalog, link="javascript:alert(1)").taken[0].checked.portal is None
    assert one(tiny_catalog, link="https://dichvucong.gov.vn/x").taken[0].checked.portal == "https://dichvucong.gov.vn/x"


@given(st.text(), st.integers(min_value=1, max_value=80))
def test_cleaned_text_is_one_short_line_and_stays_so(given_text: str, longest: int) -> None:
    cleaned = sheets.clean(given_text, longest)
    assert len(cleaned) <= longest
    assert cleaned == " ".join(cleaned.split())
    assert sheets.clean(cleaned, longest) == cleaned


@given(st.lists(st.dictionaries(st.sampled_from(["code", "name", "level", "agency", "field", "link", "status"]), st.text(max_size=30)), max_size=5))
def test_every_row_of_any_content_is_taken_or_skipped(rows: list[dict[str, str]]) -> None:
    report = importing.sort([sheets.Row(n, cells) for n, cells in enumerate(rows)], Catalog("v", {}, {}), WORDS, source="x", today=TODAY)
    assert len(report.taken) + len(report.skipped) == report.rows == len(rows)


def test_a_new_field_gets_a_name_and_a_known_one_is_found(tmp_path: Path, tiny_catalog: Catalog) -> None:
    report = sort(write_csv(tmp_path / "list.csv", NOTARY, [1, "1.000113", "Ghi việc", "HO TICH", *BURIAL[4:]]), tiny_catalog)
    assert [entry.field for entry in report.taken] == ["cong-chung", "ho-tich"]
    assert report.fields == {"cong-chung": "Công chứng"}


def test_fields_whose_names_begin_alike_are_kept_apart(tiny_catalog: Catalog) -> None:
    names = ["Thành lập và hoạt động của tổ hợp tác", "Thành lập và hoạt động của hợp tác xã", "12.3"]
    rows = [sheets.Row(n, {"code": f"9.00000{n}", "name": "x", "level": "Cấp xã", "field": name}) for n, name in enumerate(names)]
    report = importing.sort(rows, tiny_catalog, WORDS, source="x", today=TODAY)
    assert sorted(report.fields.values()) == sorted(names)


def test_the_written_overlay_loads_and_hand_written_entries_win(tmp_path: Path, tiny_catalog: Catalog) -> None:
    report = sort(write_csv(tmp_path / "list.csv", BURIAL, NOTARY), tiny_catalog)
    importing.write(report, tmp_path / "overlay")
    table = tmp_path / "overlay" / importing.TABLE
    death = ["1.000656", "listed", "Tên trong danh sách", "ho-tich", "commune_center", "2026-11-21"]
    with table.open("a", encoding="utf-8", newline="") as lines:
        cells = dict(zip(("code", "depth", "name", "field", "handled_by", "checked_on"), death, strict=True))
        csv.DictWriter(lines, listed.COLUMNS).writerow(cells)
    catalog = loader.load(TINY, [tmp_path / "overlay"])
    assert catalog.procedures["1.000656"] == tiny_catalog.procedures["1.000656"]
    assert {"1.014028", "1.000112"} <= set(catalog.procedures)
    assert catalog.fields["cong-chung"] == "Công chứng"


def test_importing_again_replaces_what_was_imported_before(tmp_path: Path, tiny_catalog: Catalog) -> None:
    for row in (BURIAL, NOTARY):
        importing.write(sort(write_csv(tmp_path / "list.csv", row), tiny_catalog), tmp_path / "overlay")
    imported = set(loader.load(TINY, [tmp_path / "overlay"]).procedures) - set(tiny_catalog.procedures)
    assert imported == {"1.000112"}

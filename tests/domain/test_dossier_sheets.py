"""A day's dossiers as a file: what is understood, what is left with its reason, and nothing a spreadsheet would calculate."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl  # type: ignore[import-untyped]
import pytest

from bot.domain import dossier_sheets
from bot.domain.dossier_sheets import Line, Unreadable, Wrong

HEADER = "STT;Số hồ sơ;Tên người nộp;Mã TTHC;Ngày tiếp nhận;Ngày hẹn trả;Trạng thái"
ROW = "1;H12.34-261123-0001;Nguyễn Thị Lan;1.001193;23/11/2026 08:30;27/11/2026;Đang xử lý"


def read(*rows: str) -> list[Line]:
    return dossier_sheets.read("\n".join(rows).encode("utf-8-sig"))


def test_titles_above_the_header_are_jumped_over_and_names_are_not_read() -> None:
    [line] = read("ỦY BAN NHÂN DÂN XÃ;;;;;;", "Danh sách ngày 23/11;;;;;;", HEADER, ROW)
    assert line.number == 4
    assert "Lan" not in str(line)
    said = dossier_sheets.taken(line)
    assert (said.receipt, said.procedure, said.state) == ("H12.34-261123-0001", "1.001193", "open")
    assert said.received_at == dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
    assert said.due == dt.date(2026, 11, 27)


def test_a_spreadsheet_with_real_dates_and_numbers_means_the_same() -> None:
    book = openpyxl.Workbook()
    book.active.append(["Mã hồ sơ", "Mã thủ tục", "Ngày nhận", "Hạn trả"])
    book.active.append(["H12-1-0001", 1.0022, dt.datetime(2026, 11, 23, 8, 30), dt.date(2026, 11, 27)])
    out = io.BytesIO()
    book.save(out)
    [line] = dossier_sheets.read(out.getvalue())
    said = dossier_sheets.taken(line)
    assert (said.procedure, said.due, said.state) == ("1.002200", dt.date(2026, 11, 27), "")


@pytest.mark.parametrize(
    ("said", "day", "hour"),
    [
        ("23/11/2026", "2026-11-23", 12),
        ("23/11/2026 14:05:09", "2026-11-23", 14),
        ("14:05 23/11/2026", "2026-11-23", 14),
        ("23-11-2026 7h30", "2026-11-23", 7),
        ("2026-11-23", "2026-11-23", 12),
        ("2026-11-23T09:00:00+07:00", "2026-11-23", 9),
    ],
)
def test_dates_as_portals_write_them(said: str, day: str, hour: int) -> None:
    at = dossier_sheets.taken(Line(2, {"receipt": "H12-1", "received": said})).received_at
    local = at + dt.timedelta(hours=7)
    assert (local.date().isoformat(), local.hour) == (day, hour)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Mới tiếp nhận", "open"),
        ("Đang xử lý", "open"),
        ("Yêu cầu bổ sung", "paused"),
        ("Tạm dừng xử lý", "paused"),
        ("Đã có kết quả", "ready"),
        ("Chờ trả kết quả", "ready"),
        ("Đã trả kết quả", "returned"),
        ("Công dân xin rút", "withdrawn"),
        ("Từ chối giải quyết", "withdrawn"),
        ("đang giải quyết", "open"),
        ("chờ bổ sung giấy", "paused"),
        ("đã dừng", "withdrawn"),
    ],
)
def test_states_as_portals_and_we_ourselves_call_them(said: str, state: str) -> None:
    assert dossier_sheets.taken(Line(2, {"receipt": "H12-1", "received": "23/11/2026", "state": said})).state == state


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"receipt": "xin chào", "received": "23/11/2026"}, "code"),
        ({"received": "23/11/2026"}, "code"),
        ({"receipt": "H12-1"}, "received"),
        ({"receipt": "H12-1", "received": "31/02/2026"}, "received"),
        ({"receipt": "H12-1", "received": "hôm qua"}, "received"),
        ({"receipt": "H12-1", "received": "23/11/2026", "due": "sớm"}, "due"),
        ({"receipt": "H12-1", "received": "23/11/2026", "state": "???"}, "state"),
    ],
)
def test_a_line_that_cannot_be_kept_says_why(cells: dict[dossier_sheets.Column, str], reason: str) -> None:
    with pytest.raises(Wrong) as wrong:
        dossier_sheets.taken(Line(2, cells))
    assert wrong.value.reason == reason


@pytest.mark.parametrize("content", [b"", b"Ten;Tuoi\nLan;3", b"PK\x03\x04 no archive", "Mã hồ sơ;Ngày nhận".encode("utf-16-be"), b"\x89PNG\r\n"])
def test_a_file_that_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"\w{3}"):
        dossier_sheets.read(content)


@pytest.mark.parametrize("said", ["=1+1", "+84", "-2", "@SUM(A1)", "\tx", "\rx"])
def test_nothing_that_leaves_is_taken_for_a_formula(said: str) -> None:
    table = [["Mã hồ sơ", "Ngày nhận"], [said, "x"]]
    assert f"'{said}".encode() in dossier_sheets.as_csv(table).replace(b'"', b"")
    cell = openpyxl.load_workbook(io.BytesIO(dossier_sheets.as_xlsx(table))).active["A2"]
    assert cell.data_type == "s"
    assert cell.value.startswith("'")

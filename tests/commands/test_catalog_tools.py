"""`motcua catalog import|diff|report|draft|misses` as staff type them, over the small catalog."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sqlmodel import Session
from typer.testing import CliRunner

from bot import errors
from bot import settings as configured
from bot.commands import catalog as commands
from bot.commands import upkeep_words
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.db.tables import SearchMiss
from bot.domain import centers, misses
from bot.messages import Reply
from bot.texts import sentences
from handlers import presenting
from procedures import checklist, dialect, loader, search
from procedures.models import Procedure
from procedures.upkeep import differences
from tests.conftest import TINY
from tests.fakes import Talk

Run = Callable[..., str]
TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)
LIST = """Mã TTHC,Tên TTHC,Lĩnh vực,Cấp thực hiện,Cơ quan thực hiện
1.014028,Hỗ trợ chi phí mai táng người hưởng trợ cấp,Bảo trợ xã hội,Cấp xã,UBND cấp xã
1.000112,Bổ nhiệm công chứng viên,Công chứng,Cấp tỉnh,Sở Tư pháp
1.000656,Đăng ký khai tử,Hộ tịch,Cấp xã,UBND cấp xã
,Không có mã,Hộ tịch,Cấp xã,
"""
RECORD = {"code": "1.014028", "name": "Hỗ trợ mai táng", "cases": [{"case": None, "components": [{"name": "Tờ khai", "originals": 1}]}]}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command over the small catalog with a data folder of its own; its output, or the error it ends with."""
    monkeypatch.setattr(loader, "DATA", TINY)
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("MOTCUA_OVERLAYS", raising=False)

    def running(*words: object) -> str:
        done = CliRunner().invoke(commands.app, [str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return running


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "danh-sach.csv"
    file.write_text(LIST, encoding="utf-8")
    return file


def test_an_imported_list_is_used_from_then_on_and_the_report_says_what_was_skipped(run: Run, table: Path) -> None:
    said = run("import", table)
    assert "đọc 4 dòng, nhận 2, bỏ qua 2" in said
    assert "dòng 4: 1.000656 Đăng ký khai tử" in said
    assert "không có mã" in said
    catalog = loader.load(TINY, configured.read().overlays)
    where = catalog.procedures["1.000112"].where
    assert where is not None
    assert (where.office, where.how) == ("Sở Tư pháp", "tra theo mã 1.000112 trên Cổng dịch vụ công quốc gia.")
    assert catalog.procedures["1.014028"].depth == "listed"
    assert catalog.procedures["1.000656"].depth == "curated"


def test_an_imported_matter_is_found_by_its_name(run: Run, table: Path) -> None:
    run("import", table)
    index = search.build(loader.load(TINY, configured.read().overlays))
    found = index.find("bổ nhiệm công chứng viên", today=TODAY)
    assert (found.decision, found.hits[0].code) == ("refer", "1.000112")


def test_importing_twice_takes_the_same_rows_again(run: Run, table: Path) -> None:
    once, twice = (json.loads(run("import", table, "--json")) for _ in range(2))
    assert once == twice
    assert once["reasons"] == {"curated": 1, "no_code": 1}


def test_a_trial_run_writes_nothing(run: Run, table: Path) -> None:
    assert "nhận 2" in run("import", table, "--dry-run")
    assert not configured.read().imported.exists()


def test_another_folder_is_used_only_when_it_is_named(run: Run, table: Path, tmp_path: Path) -> None:
    assert "MOTCUA_OVERLAYS" in run("import", table, "--into", tmp_path / "tinh")
    assert configured.read().overlays == ()
    assert "1.000112" in loader.load(TINY, [tmp_path / "tinh"]).procedures


def test_what_is_no_list_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(errors.MotCuaError, match="Mã TTHC"):
        run("import", tmp_path / "x.csv")


def changed(tmp_path: Path) -> Path:
    """The small catalog with a fee, a paper and an entry changed."""
    folder = Path(shutil.copytree(TINY, tmp_path / "new"))
    file = folder / "ho-tich" / "1.000656.yaml"
    told = dialect.parse(file.read_text(encoding="utf-8"))
    told["documents"][0] |= {"originals": 2, "copies": 1}
    told["checked"] |= {"decision": "999/QĐ-BTP"}
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    (folder / "elsewhere" / "giay-to-xe.yaml").unlink()
    return folder


def test_differences_are_told_in_sentences(run: Run, tmp_path: Path) -> None:
    said = run("diff", TINY, changed(tmp_path)).splitlines()
    assert said[0] == "0 thêm, 1 bỏ, 0 hết hạn, 1 sửa."
    assert "Bỏ: Đổi bằng lái xe (bang-lai-xe)" in said
    assert any(line.strip().endswith("nay 2 bản chính, 1 bản sao") for line in said)
    assert any("quyết định công bố: trước 163/QĐ-BTP, nay 999/QĐ-BTP" in line for line in said)


def test_differences_for_machines_name_the_code_and_the_kind(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("diff", TINY, changed(tmp_path), "--json"))
    assert [(item["code"], item["kind"]) for item in told] == [("bang-lai-xe", "removed"), ("1.000656", "changed")]


def test_a_catalog_does_not_differ_from_itself(run: Run) -> None:
    assert run("diff", TINY, TINY).strip() == "Hai bản giống nhau."


def test_every_kind_of_difference_has_a_sentence() -> None:
    told = {"code": "1.000001", "name": "A", "field": "ho-tich", "handled_by": "commune_center", "checked": {"on": TODAY}}
    papers = [{"id": "form", "name": "Tờ khai", "originals": 1}, {"id": "gone", "name": "Ảnh", "copies": 2}]
    ask = {"id": "late", "ask": "Muộn?", "options": {"no": "Không", "yes": "Có"}}
    before = Procedure.model_validate({**told, "documents": papers, "questions": [ask], "legal_basis": ["1/QĐ"], "fees": [{"amount": 5000}]})
    after = {
        **told,
        "name": "B",
        "short": "b",
        "depth": "elsewhere",
        "handled_by": "elsewhere",
        "where": {"office": "Sở", "how": "đến nộp."},
        "overlay": "An Phú",
        "result": "Giấy",
        "also": ["x"],
        "valid": {"from": TODAY, "until": TODAY, "replaced_by": "1.000002"},
        "checked": {"on": "2026-12-01", "decision": "2/QĐ"},
        "time": {"kind": "days", "amount": 3},
        "legal_basis": ["2/QĐ"],
        "fees": [{"amount": "local"}],
        "documents": [
            {"id": "form", "name": "Đơn", "copies": 1, "hand_in": "show", "form": "01", "when": [{"late": "yes"}], "note": "Ghi rõ."},
            {"id": "new", "name": "Sổ", "originals": 1},
        ],
        "questions": [{**ask, "ask": "Quá hạn?"}, {"id": "who", "ask": "Ai?", "options": {"me": "Tôi", "kin": "Người nhà"}}],
    }
    found = [*differences.details(before, Procedure.model_validate(after)), differences.Detail("question_removed", before.questions[0], None)]
    found.append(differences.Detail("question_changed", before.questions[0], before.questions[0]))
    kinds = {key.removeprefix("upkeep.diff_") for key in sentences() if key.startswith("upkeep.diff_")}
    assert {detail.kind for detail in found} == kinds - {"none", "added", "removed", "expired", "changed", "replaced", "sum"}
    for detail in found:
        said = upkeep_words.detail_words(detail)
        assert "None" not in said
        assert "(" not in said or "=" not in said, f"{detail.kind}: {said}"


def test_a_revision_of_git_can_be_compared(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "repository" / "data"))
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    (folder / "elsewhere" / "giay-to-xe.yaml").unlink()
    monkeypatch.setattr(loader, "DATA", folder)
    assert "Bỏ: Đổi bằng lái xe" in run("diff", "HEAD")


@pytest.mark.parametrize("named", ["no-such-revision", "--output=/tmp/x", "-x"])
def test_what_is_neither_folder_nor_revision_is_refused(run: Run, named: str) -> None:
    with pytest.raises(errors.MotCuaError, match=r"neither|no folder"):
        run("diff", "--", named)


@pytest.fixture
def late_winter(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """90 days later, with an entry that ends when the new law begins."""
    folder = Path(shutil.copytree(TINY, tmp_path / "ending"))
    file = folder / "ho-tich" / "1.000656.yaml"
    told = dialect.parse(file.read_text(encoding="utf-8"))
    told["valid"] = {"from": "2025-07-01", "until": "2027-03-01"}
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    monkeypatch.setattr(loader, "DATA", folder)
    monkeypatch.setattr("bot.clock.now", lambda: NOW + dt.timedelta(days=90))
    return run


def test_the_report_names_what_ends_and_what_nobody_checked(late_winter: Run) -> None:
    told = json.loads(late_winter("report", "--json", "--unchecked-days", 60, "--ending-days", 30))
    assert [(item["code"], item["until"], item["replaced_by"]) for item in told["ending"]] == [("1.000656", "2027-03-01", None)]
    assert told["unreplaced"] == ["1.000656"]
    assert {item["code"] for item in told["unchecked"]} >= {"1.000656", "bang-lai-xe"}
    assert [(item["code"], item["number"]) for item in told["repealed"]] == [("1.000656", "60/2014/QH13")]


def test_the_report_reads_as_sentences(late_winter: Run) -> None:
    said = late_winter("report", "--unchecked-days", 60)
    assert "1.000656 Đăng ký khai tử: thôi dùng từ 1/3/2027, chưa có mục thay" in said
    assert "Dựa trên văn bản 60/2014/QH13, sẽ có 03/2026/QH16 thay từ 1/3/2027" in said


def test_a_report_with_nothing_to_do_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clock.now", lambda: NOW)
    assert run("report", "--ending-days", 0).strip() == "Không có mục nào phải xem lại."


def test_imported_rows_are_counted_in_the_report(run: Run, table: Path) -> None:
    run("import", table)
    assert "chưa ai đối chiếu: 2 mục" in run("report")


def test_a_record_becomes_a_draft_that_is_never_loaded(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(json.dumps([RECORD, {"name": "không mã"}]), encoding="utf-8")
    said = run("draft", file)
    assert "1 giấy chưa sắp xếp" in said
    assert "a record needs a code" in said
    assert (tmp_path / "var" / "drafts" / "1.014028.yaml").exists()
    assert "1.014028" not in loader.load(TINY, configured.read().overlays).procedures
    assert "đã có" in run("draft", file)


def test_one_record_can_be_picked_from_a_file_of_many(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text("\n".join(json.dumps({**RECORD, "code": code}) for code in ("1.014028", "1.000656")), encoding="utf-8")
    assert "Danh mục đã có mã này" in run("draft", file, "--code", "1.000656")
    assert [made.name for made in (tmp_path / "var" / "drafts").iterdir()] == ["1.000656.yaml"]


async def test_misses_with_the_same_words_are_one_line(store: Store) -> None:
    def keep(session: Session) -> None:
        for said in ("giấy xác nhận dân tộc", "Xác nhận giấy dân tộc", "giấy xác nhận dân tộc", "đổi tên đường 0912345678"):
            misses.keep(session, said, "tam-hiep", now=NOW)

    await store.write(keep)
    groups = misses.group(await store.read(misses.most_frequent))
    assert [(group.spellings, group.times) for group in groups] == [
        (("giấy xác nhận dân tộc", "Xác nhận giấy dân tộc"), 3),
        (("đổi tên đường …",), 1),
    ]


def test_misses_are_read_from_the_configured_database(run: Run, tmp_path: Path, sqlite_template: Path) -> None:
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "motcua.db")
    assert run("misses").strip() == "Chưa có câu nào không tìm ra."
    store = Store(configured.read().database)
    with Session(store.engine) as session:
        session.add(SearchMiss(folded="dang ky khai tu", text="đăng ký khai tử", times=4, first_at=NOW, last_at=NOW))
        session.commit()
    store.close()
    assert json.loads(run("misses", "--json")) == [{"text": "đăng ký khai tử", "times": 4, "last": "2026-11-21", "also": []}]
    assert "nay tìm ra: Đăng ký khai tử (1.000656)" in run("misses", "--nearest")


def test_misses_without_a_database_say_what_to_do(run: Run) -> None:
    with pytest.raises(errors.MotCuaError, match="motcua db up"):
        run("misses")


def test_checking_and_counting_load_neither_spreadsheets_nor_the_database() -> None:
    heavy = "{'openpyxl', 'sqlalchemy', 'handlers'} & set(sys.modules)"
    asked = subprocess.run([sys.executable, "-c", f"import sys, bot.commands.catalog; print({heavy})"], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "set()"


@pytest.fixture
def land(tmp_path: Path) -> Path:
    """A catalog of the one real entry whose fee a province sets."""
    entry = loader.DATA / "dat-dai" / "1.013978.yaml"
    (tmp_path / "data" / "dat-dai").mkdir(parents=True)
    shutil.copy(entry, tmp_path / "data" / "dat-dai" / entry.name)
    shutil.copy(loader.DATA / "fields.yaml", tmp_path / "data" / "fields.yaml")
    return tmp_path / "data"


def shown(data: Path, *overlays: Path, **answers: str) -> str:
    catalog, _ = loader.read(data, overlays)
    found = checklist.build(catalog.procedures["1.013978"], answers)
    return plain.text(Reply(blocks=(presenting.papers(found, catalog, centers.read(None)[0], TODAY),)))


def test_with_the_overlay_of_a_province_the_list_shows_its_fee_and_its_name(land: Path) -> None:
    said = shown(land, loader.OVERLAYS / "dong-nai", house="both")
    assert "120.000\u00a0đồng/giấy" in said
    assert "Mức riêng của địa phương: Đồng Nai" in said
    assert "30.000\u00a0đồng" not in said.replace("120.000", "")
    assert "15.000\u00a0đồng/giấy" in shown(land, loader.OVERLAYS / "dong-nai", house="land")


def test_without_the_overlay_the_list_says_that_the_province_sets_the_fee(land: Path) -> None:
    said = shown(land)
    assert "Theo mức của Hội đồng nhân dân tỉnh" in said
    assert "đồng/giấy" not in said
    assert "địa phương" not in said


def test_a_shipped_overlay_is_named_by_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_OVERLAYS", "dong-nai")
    assert configured.read().overlays == (loader.OVERLAYS / "dong-nai",)


def test_an_overlay_that_does_not_exist_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_OVERLAYS", "dong-nay")
    with pytest.raises(errors.SettingsInvalid, match="dong-nay does not exist"):
        configured.read()


@pytest.mark.parametrize("code", ["1.014028", "1.000112"])
async def test_a_citizen_is_not_told_that_an_imported_matter_was_checked(store: Store, run: Run, table: Path, code: str) -> None:
    run("import", table)
    catalog = loader.load(TINY, configured.read().overlays)
    premises = Premises(
        catalog=catalog, index=search.build(catalog), directory=centers.Directory(centers.read(None)), address="https://motcua.example"
    )
    said = await Talk(store, premises).read(code)
    assert "chưa ai đối chiếu lại" in said
    assert "Kiểm tra ngày" not in said

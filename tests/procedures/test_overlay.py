"""What a province or a center lays over the catalog: fees, times, notes and entries of its own, each with its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from procedures import loader
from procedures.catalog import Catalog
from procedures.errors import CatalogError
from tests.procedures.small import CODE, ENTRY, ROW, Folder, table

HEAD = "name: Tỉnh Mẫu\ndecision: 12/2026/NQ-HĐND\nchecked: 2026-10-01\n"
FEES = f'{HEAD}procedures:\n  "{CODE}":\n    fees: [{{amount: 8000, what: Lệ phí}}]\n    notes: [Trả phí bằng mã QR được.]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "catalog")


def lay(folder: Folder, *texts: str) -> Catalog:
    files = [folder.write(f"../overlay{number}.yaml", text) for number, text in enumerate(texts)]
    return loader.load(folder.root, files)


def test_local_fees_times_and_notes_are_laid_over(folder: Folder) -> None:
    before = loader.load(folder.root).procedures[CODE]
    after = lay(folder, FEES + "    time: {kind: working_days, amount: 2}\n").procedures[CODE]
    assert [fee.amount for fee in after.fees] == [8000]
    assert [(time.kind, time.amount) for time in after.time] == [("working_days", 2)]
    assert [note.text for note in after.notes] == ["Trả phí bằng mã QR được."]
    assert after.overlay == "Tỉnh Mẫu, 12/2026/NQ-HĐND"
    assert (after.documents, after.questions, after.checked) == (before.documents, before.questions, before.checked)


def test_what_an_overlay_does_not_name_stays(folder: Folder) -> None:
    before = loader.load(folder.root).procedures[CODE]
    after = lay(folder, f'{HEAD}procedures:\n  "{CODE}": {{notes: [Đi sớm.]}}\n').procedures[CODE]
    assert (after.fees, after.time) == (before.fees, before.time)


def test_a_center_lays_over_its_province_and_both_sources_are_named(folder: Folder) -> None:
    center = f'name: Phường Mẫu\ndecision: TB 5/UBND\nchecked: 2026-11-01\nprocedures:\n  "{CODE}": {{notes: [Quầy số 3.]}}\n'
    laid = lay(folder, FEES, center).procedures[CODE]
    assert [fee.amount for fee in laid.fees] == [8000]
    assert [note.text for note in laid.notes] == ["Trả phí bằng mã QR được.", "Quầy số 3."]
    assert laid.overlay == "Tỉnh Mẫu, 12/2026/NQ-HĐND; Phường Mẫu, TB 5/UBND"


def test_an_overlay_changes_the_version_of_the_catalog_and_of_the_entries_it_names(folder: Folder) -> None:
    folder.write("ho-tich/1.000003.yaml", ENTRY.replace(CODE, "1.000003"))
    bare, laid = loader.load(folder.root), lay(folder, FEES)
    dearer = lay(folder, FEES.replace("8000", "9000"))
    assert len({bare.version, laid.version, dearer.version}) == 3
    assert len({one.procedures[CODE].version for one in (bare, laid, dearer)}) == 3
    assert len({one.procedures["1.000003"].version for one in (bare, laid, dearer)}) == 1


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        (f'{HEAD}procedures:\n  "1.000009": {{fees: [{{amount: 0}}]}}\n', 5, "procedures.1.000009", "names a procedure the catalog does not hold"),
        (f'{HEAD}procedures:\n  "{CODE}":\n    fees: []\n', 6, f"procedures.{CODE}.fees", "is missing; say `unstated` where the record is silent"),
        (
            f'{HEAD}procedures:\n  "{CODE}":\n    notes:\n      - text: x\n        when: [{{gone: x}}]\n',
            8, f"procedures.{CODE}.notes.0.when", "names the question gone, which does not exist",
        ),
        (f'{HEAD}procedures:\n  "{CODE}": {{documents: []}}\n', 5, f"procedures.{CODE}.documents", "Extra inputs are not permitted"),
        (HEAD.replace("decision", "decison"), 1, "decision", "Field required"),
        (HEAD.replace("2026-10-01", "2026-10-32"), 3, "checked", "Input should be a valid date or datetime, day value is outside expected range"),
        (f'{HEAD}procedures:\n  "{CODE}": {{}}\n  "{CODE}": {{}}\n', 6, "", f"is not YAML: {CODE} stands twice"),
        (HEAD[:20], 3, "", "is not YAML"),
        ("", 1, "", "Input should be a valid dictionary"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_overlay_is_named(folder: Folder, text: str, line: int, field: str, says: str) -> None:
    file = folder.write("../overlay.yaml", text)
    _, problems = folder.read(file)
    assert problems[0].file.name == "overlay.yaml"
    assert (problems[0].line, problems[0].field) == (line, field)
    assert problems[0].says.startswith(says)


def test_an_overlay_that_does_not_exist_is_not_silently_left_out(folder: Folder) -> None:
    with pytest.raises(CatalogError, match=r"gone\.yaml:1: file: does not exist"):
        loader.load(folder.root, [folder.root / "gone.yaml"])


def test_a_folder_may_bring_entries_of_its_own(folder: Folder) -> None:
    folder.write("../local/overlay.yaml", FEES)
    folder.write("../local/ho-tich/viec-rieng.yaml", ENTRY.replace(CODE, "viec-rieng"))
    folder.write("../local/listed.csv", table(ROW))
    laid = loader.load(folder.root, [folder.root / "../local"])
    assert {code: entry.depth for code, entry in laid.procedures.items()} == {CODE: "curated", "viec-rieng": "curated", "1.000002": "listed"}
    assert laid.procedures[CODE].fees[0].amount == 8000


def test_a_folder_without_an_overlay_file_brings_only_its_entries(folder: Folder) -> None:
    folder.write("../local/ho-tich/viec-rieng.yaml", ENTRY.replace(CODE, "viec-rieng"))
    laid = loader.load(folder.root, [folder.root / "../local"])
    assert laid.procedures[CODE].overlay is None
    assert "viec-rieng" in laid.procedures


def test_an_entry_of_its_own_may_be_laid_over_too(folder: Folder) -> None:
    folder.write("../local/ho-tich/viec-rieng.yaml", ENTRY.replace(CODE, "viec-rieng"))
    folder.write("../local/overlay.yaml", FEES.replace(CODE, "viec-rieng"))
    assert loader.load(folder.root, [folder.root / "../local"]).procedures["viec-rieng"].fees[0].amount == 8000


def test_an_entry_of_its_own_may_not_hide_one_of_the_catalog(folder: Folder) -> None:
    folder.write(f"../local/ho-tich/{CODE}.yaml", ENTRY)
    _, problems = folder.read(folder.root / "../local")
    assert [problem.says for problem in problems] == [f"{CODE} stands already in {folder.entry}"]


def test_a_change_of_an_entry_of_its_own_is_another_version(folder: Folder) -> None:
    own = folder.write("../local/ho-tich/viec-rieng.yaml", ENTRY.replace(CODE, "viec-rieng"))
    before = loader.load(folder.root, [folder.root / "../local"]).version
    own.write_text(own.read_text(encoding="utf-8").replace("5000", "6000"), encoding="utf-8")
    assert loader.load(folder.root, [folder.root / "../local"]).version != before

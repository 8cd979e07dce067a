"""Files of the catalog that were written by hand, half-written or broken: everything wrong is named by file, line and field."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from procedures import loader
from procedures.errors import CatalogError
from tests.procedures.small import CODE, COLUMNS, ENTRY, ROW, Folder, table

ENTRY_FILE = f"ho-tich/{CODE}.yaml"
STEPS = f"steps:\n  - {{code: '{CODE}', why: x}}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "catalog")


def test_the_small_catalog_has_no_problem(folder: Folder) -> None:
    catalog, problems = folder.read()
    assert problems == []
    assert list(catalog.procedures) == [CODE]


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "says"),
    [
        ("name: Thủ tục thử\n", "", 1, "name", "Field required"),
        ("checked:", "chcked:", 1, "checked", "Field required"),
        ("checked:", "chcked:", 5, "chcked", "Extra inputs are not permitted"),
        ("ask: Có giấy báo không?", "aks: Có giấy báo không?", 8, "questions.0.ask", "Field required"),
        ("ask: Có giấy báo không?", "aks: Có giấy báo không?", 9, "questions.0.aks", "Extra inputs are not permitted (given: 'Có giấy báo không?')"),
        ("hint: mất rồi", "hnit: mất rồi", 12, "questions.0.options.none.hnit", "Extra inputs are not permitted (given: 'mất rồi')"),
        ('code: "1.000001"', "code: 1.000001", 1, "code", "Input should be a valid string (given: 1.000001)"),
        ('code: "1.000001"', "code: 1.100000", 1, "code", "Input should be a valid string (given: 1.1)"),
        ("2026-11-21", "2026-13-45", 5, "checked.on", "month value is outside expected range of 1-12"),
        ("2026-11-21", "2026-02-30", 5, "checked.on", "day value is outside expected range"),
        ("2026-11-21", "hôm qua", 5, "checked.on", "Input should be a valid date"),
        ("2026-11-21", "21/11/2026", 5, "checked.on", "Input should be a valid date"),
        ("amount: 5000", "amount: 5.000đ", 16, "fees.0.amount", "Input should be a valid integer"),
        ("amount: 5000", "amount: 0b_", 16, "fees.0.amount", "Input should be a valid integer"),
        ("kind: same_day", "kind: today", 17, "time.kind", "Input should be 'same_day'"),
        ("submit: [counter]", "submit: counter", 18, "submit", "Input should be a valid tuple (given: 'counter')"),
        ("handled_by: commune_center", "handled_by: xã", 4, "handled_by", "Input should be 'commune_center'"),
        ("id: notice,", "id: giay_bao_tu_cua_benh_vien,", 15, "documents.1.id", "String should match pattern"),
        ("[{proof: paper}]", "[{Proof: paper}]", 15, "documents.1.when.0.Proof", "String should match pattern"),
        ('code: "1.000001"', 'code: "1.000009"', 1, "code", f"is 1.000009, but the file is named {CODE}"),
        ("field: ho-tich", "field: dat-dai", 3, "field", "is dat-dai, but the folder is ho-tich"),
        ("field: ho-tich", "field: dat-dai", 3, "field", "dat-dai is not in fields.yaml"),
        ("[{proof: paper}]", "[{prof: paper}]", 15, "documents.1.when", "names the question prof, which does not exist"),
        ("[{proof: paper}]", "[{proof: papers}]", 15, "documents.1.when", "names the option papers of proof, which does not exist"),
        (", when: [{proof: paper}]", "", 8, "questions.0", "proof decides nothing"),
        ("fees: [{amount: 5000}]\n", "", 1, "fees", "is missing; say `unstated` where the record is silent"),
        ("id: form, name: Tờ khai, originals: 1", "id: form, name: Tờ khai", 14, "documents.0", "neither originals nor copies: a note, not a paper"),
        ("hint: mất rồi", 'goes_to: "1.000009"', 12, "questions.0.options.none", "names 1.000009, which the catalog does not hold"),
        ("submit: [counter]", 'submit: [counter]\nnext:\n  - {codes: ["1.000009"]}', 20, "next.0.codes", "names 1.000009, which the catalog"),
        ("submit: [counter]", "submit: [counter]\nnext:\n  - {life_event: cuoi}", 20, "next.0.life_event", "names cuoi, which does not exist"),
        (
            "submit: [counter]", 'submit: [counter]\nvalid: {until: 2027-03-01, replaced_by: "1.000009"}',
            19, "valid.replaced_by", "names 1.000009, which the catalog does not hold",
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_an_entry_is_named_by_line_and_field(folder: Folder, old: str, new: str, line: int, field: str, says: str) -> None:
    folder.change(old, new)
    matching = [found for found in folder.problems() if found[:2] == (ENTRY_FILE, line) and found[2].startswith(field)]
    assert any(says in found[3] for found in matching), folder.problems()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"", 1, "Input should be a valid dictionary"),
        (b"# nothing yet\n", 1, "Input should be a valid dictionary"),
        (b"- code: x\n", 1, "Input should be a valid dictionary"),
        (b"just words\n", 1, "Input should be a valid dictionary"),
        (ENTRY[: ENTRY.index("paper}]")].encode(), 16, "is not YAML: did not find expected"),
        (ENTRY.replace("    ask", "\task").encode(), 9, "is not YAML: found a tab character"),
        (ENTRY.replace("    ask", "   ask").encode(), 9, "is not YAML"),
        (ENTRY.replace("Có giấy báo không?", "Có giấy: báo không?").encode(), 9, "is not YAML: mapping values are not allowed"),
        (f"{ENTRY}fees: [{{amount: 0}}]\n".encode(), 19, "is not YAML: fees stands twice"),
        (ENTRY.replace("paper: Có giấy\n", "paper: Có giấy\n      paper: Có\n").encode(), 12, "is not YAML: paper stands twice"),
        (f"{ENTRY}---\n{ENTRY}".encode(), 19, "is not YAML: but found another document"),
        (b"code: !!python/object/apply:os.getcwd []\n", 1, "is not YAML: could not determine a constructor"),
        (b"\xff\xfe\x00\x80", 1, "cannot be read: 'utf-8' codec"),
        (ENTRY.encode("utf-16"), 1, "cannot be read: 'utf-8' codec"),
        (b"code: \x00\x01\n", 1, "is not YAML: unacceptable character"),
        (ENTRY.encode()[: ENTRY.encode().index("ấy báo".encode()) + 1], 1, "cannot be read: 'utf-8' codec"),
    ],
)
def test_a_broken_file_is_named_and_keeps_nothing_else_from_being_read(folder: Folder, text: bytes, line: int, says: str) -> None:
    folder.write("ho-tich/1.000002.yaml", text)
    catalog, problems = folder.read()
    assert list(catalog.procedures) == [CODE]
    assert [(problem.file.name, problem.line, problem.field) for problem in problems] == [("1.000002.yaml", line, "")]
    assert problems[0].says.startswith(says)


@pytest.mark.parametrize("end", range(0, len(ENTRY), 7))
def test_a_half_written_entry_never_breaks_the_reading(folder: Folder, end: int) -> None:
    folder.entry.write_text(ENTRY[:end], encoding="utf-8")
    _, problems = folder.read()
    assert problems, "an entry cut short was taken for whole"
    assert {problem.file for problem in problems} == {folder.entry}


def test_yes_no_and_on_are_words(folder: Folder) -> None:
    folder.change("paper: Có giấy\n      none:", "yes: Có giấy\n      no:")
    folder.entry.write_text(folder.entry.read_text(encoding="utf-8").replace("[{proof: paper}]", "[{proof: yes}]"), encoding="utf-8")
    catalog, problems = folder.read()
    assert problems == []
    assert [key for key, _ in catalog.procedures[CODE].questions[0].options] == ["yes", "no"]
    assert catalog.procedures[CODE].checked.on.year == 2026


def test_an_hour_needs_no_quotes(folder: Folder) -> None:
    folder.change('cutoff: "15:00"', "cutoff: 15:00")
    catalog, problems = folder.read()
    assert problems == []
    assert catalog.procedures[CODE].time[0].cutoff == "15:00"


def test_leading_zeros_do_not_make_a_number_octal(folder: Folder) -> None:
    folder.change("amount: 5000", "amount: 010")
    catalog, _ = folder.read()
    assert catalog.procedures[CODE].fees[0].amount == 10


def test_all_problems_of_a_catalog_are_reported_at_once(folder: Folder) -> None:
    folder.change("fees: [{amount: 5000}]", "fees: []")
    folder.write("ho-tich/1.000003.yaml", "code: [")
    folder.write("ho-tich/1.000004.yaml", ENTRY.replace(CODE, "1.000004").replace("same_day", "weeks"))
    folder.write("listed.csv", table(ROW.replace("2026-11-21", "")))
    folder.write("elsewhere/xe.yaml", "- {code: bang-lai, name: Bằng lái, field: xe-co, checked: {on: 2026-11-21}}\n")
    folder.write("phrases/ambiguous/a.yaml", f'- {{text: giấy, choices: ["{CODE}", "1.000009"]}}\n')
    with pytest.raises(CatalogError) as refused:
        loader.load(folder.root)
    assert [(problem.file.name, problem.field) for problem in refused.value.problems] == [
        ("xe.yaml", "0.where"),
        (f"{CODE}.yaml", "fees"),
        ("1.000003.yaml", ""),
        ("1.000004.yaml", "time.kind"),
        ("listed.csv", "checked.on"),
        ("xe.yaml", "0.field"),
        ("a.yaml", "0.choices"),
    ]
    assert str(refused.value).count("\n") == 6


def test_a_problem_reads_as_file_line_field_and_sentence(folder: Folder) -> None:
    folder.change("fees: [{amount: 5000}]", "fees: []")
    _, problems = folder.read()
    assert [str(problem) for problem in problems] == [f"{folder.entry}:16: fees: is missing; say `unstated` where the record is silent"]


def test_a_code_stands_in_one_file_only(folder: Folder) -> None:
    folder.write("fields.yaml", "ho-tich: Hộ tịch\ndat-dai: Đất đai\n")
    folder.write(f"dat-dai/{CODE}.yaml", ENTRY.replace("ho-tich", "dat-dai"))
    assert folder.problems() == [(ENTRY_FILE, 1, "code", f"{CODE} stands already in {folder.root / f'dat-dai/{CODE}.yaml'}")]


def test_a_matter_done_elsewhere_may_not_take_the_code_of_an_entry(folder: Folder) -> None:
    folder.write(
        "elsewhere/a.yaml",
        f'- code: "{CODE}"\n  name: x\n  field: ho-tich\n  checked: {{on: 2026-11-21}}\n  where: {{office: x, how: x}}\n',
    )
    said = [(name, line, field) for name, line, field, _ in folder.problems()]
    assert said in ([("elsewhere/a.yaml", 1, "0.code")], [(ENTRY_FILE, 1, "code")])


def test_a_listed_code_that_is_also_curated_is_the_curated_one(folder: Folder) -> None:
    folder.write("listed.csv", table(ROW.replace("1.000002", CODE), ROW))
    catalog, problems = folder.read()
    assert problems == []
    assert {code: entry.depth for code, entry in catalog.procedures.items()} == {CODE: "curated", "1.000002": "listed"}


def test_matters_done_elsewhere_are_named_by_their_own_lines(folder: Folder) -> None:
    good = "- code: bang-lai\n  name: Bằng lái\n  field: ho-tich\n  checked: {on: 2026-11-21}\n  where: {office: công an tỉnh, how: qua mạng}\n"
    folder.write("elsewhere/xe.yaml", good + good.replace("bang-lai", "bien-so").replace("field: ho-tich", "field: xe-co"))
    assert folder.problems() == [("elsewhere/xe.yaml", 8, "1.field", "xe-co is not in fields.yaml")]
    folder.write("elsewhere/xe.yaml", good + good.replace("bang-lai", "bien-so").replace("  where: {office: công an tỉnh, how: qua mạng}\n", ""))
    assert folder.problems() == [("elsewhere/xe.yaml", 6, "1.where", "says neither which office does it nor how to start")]


def test_a_file_of_matters_done_elsewhere_is_a_list(folder: Folder) -> None:
    folder.write("elsewhere/xe.yaml", "code: bang-lai\n")
    assert folder.problems() == [("elsewhere/xe.yaml", 1, "", "Input should be a valid tuple")]


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        ("", 1, "", "has no line that names its columns"),
        (table(f"{ROW},x"), 2, "", "has 12 cells, the first line names 11"),
        (table(ROW, "1.000003,Tên"), 3, "", "has 2 cells, the first line names 11"),
        (table(ROW, ROW), 3, "code", "1.000002 stands already in "),
        (table(ROW).replace("also", "alsoo", 1), 1, "", "has a column 'alsoo', which means nothing"),
        (table(ROW.replace("1.000002", "1.2")), 2, "code", "String should match pattern"),
        (table(ROW.replace("2026-11-21", "")), 2, "checked.on", "Input should be a valid date"),
        (table(ROW.replace("commune_center", "xã")), 2, "handled_by", "Input should be 'commune_center'"),
        (table(ROW.replace("ho-tich", "dat-dai")), 2, "field", "dat-dai is not in fields.yaml"),
        (table(ROW, '1.000003,"Tên'), 3, "", "cannot be read: unexpected end of data"),
        (table(ROW, "", ROW.replace("1.000002", "1.3")), 4, "code", "String should match pattern"),
        (table(ROW, ROW.replace("1.000002", "1.3").replace("Thủ tục kê sẵn", '"Thủ tục\nkê sẵn"')), 4, "code", "String should match pattern"),
    ],
)
def test_a_mistake_in_the_table_of_listed_entries_is_named_by_its_line(folder: Folder, text: str, line: int, field: str, says: str) -> None:
    folder.write("listed.csv", text)
    found = folder.problems()
    assert [problem[:3] for problem in found] == [("listed.csv", line, field)]
    assert found[0][3].startswith(says)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1258"])
def test_a_table_in_another_encoding_is_named(folder: Folder, encoding: str) -> None:
    folder.write("listed.csv", table(ROW).encode(encoding, errors="replace").replace(b"?", b"\xd0"))
    assert [problem[:3] for problem in folder.problems()] == [("listed.csv", 1, "")]
    assert folder.problems()[0][3].startswith("cannot be read: 'utf-8' codec")


def test_a_table_saved_by_a_spreadsheet_is_read(folder: Folder) -> None:
    folder.write("listed.csv", table(ROW).replace("\n", "\r\n").encode("utf-8-sig"))
    catalog, problems = folder.read()
    assert problems == []
    assert catalog.procedures["1.000002"].also == ("việc kê", "kê sẵn")


def test_a_table_may_leave_columns_out_and_order_them_freely(folder: Folder) -> None:
    folder.write("listed.csv", "field,code,name,checked_on,handled_by\nho-tich,1.000002,Thủ tục,2026-11-21,commune_police\n")
    catalog, problems = folder.read()
    assert problems == []
    assert catalog.procedures["1.000002"].handled_by == "commune_police"
    assert COLUMNS.startswith("code,")


@pytest.mark.parametrize(
    ("file", "text", "line", "field", "says"),
    [
        ("life_events/tang.yaml", f"{STEPS}\n  - {{code: 1.000009, why: x}}", 7, "steps.1.code", "valid string (given: 1.000009)"),
        ("life_events/tang.yaml", f"{STEPS}\n  - {{code: '1.000009', why: x}}", 7, "steps.1", "names 1.000009"),
        ("life_events/tang.yaml", STEPS, 5, "steps", "Tuple should have at least 2 items"),
        ("life_events/cuoi.yaml", f"{STEPS}\n  - {{code: '{CODE}', why: y}}", 2, "id", "is tang, but the file is named cuoi"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_life_event_is_named(folder: Folder, file: str, text: str, line: int, field: str, says: str) -> None:
    folder.write(file, "# bundle\nid: tang\nname: Nhà có tang\nintro: Lần lượt.\n" + text)
    found = folder.problems()
    assert found[0][:3] == (file, line, field)
    assert says in found[0][3]


@pytest.mark.parametrize(
    ("file", "text", "line", "field", "says"),
    [
        ("phrases/ambiguous/a.yaml", '\n- text: giấy\n  choices: ["{code}", "1.000009"]\n', 3, "0.choices", "'giấy' names 1.000009"),
        ("phrases/ambiguous/a.yaml", '- text: giấy\n  choices: ["{code}"]\n', 2, "0.choices", "Tuple should have at least 2 items"),
        ("phrases/nothing/a.yaml", "- hôm nay\n- 5\n", 2, "1", "Input should be a valid string (given: 5)"),
        ("words/concepts.yaml", "- [mất, chết]\n- qua đời\n", 2, "1", "Input should be a valid tuple"),
        ("words/abbreviations.yaml", "gks: giấy khai sinh\nhk: 1\n", 2, "hk", "Input should be a valid string (given: 1)"),
        ("fields.yaml", "- ho-tich\n", 1, "", "Input should be a valid dictionary"),
    ],
)
def test_a_mistake_in_the_words_of_the_search_is_named(folder: Folder, file: str, text: str, line: int, field: str, says: str) -> None:
    folder.write(file, text.replace("{code}", CODE))
    found = folder.problems()
    assert [problem[:3] for problem in found] == [(file, line, field)]
    assert says in found[0][3]


def test_an_old_code_may_be_named_where_a_code_is_expected(folder: Folder) -> None:
    folder.write("listed.csv", table(ROW.replace("2026-07,,,", "2026-07,,2.000009,")))
    folder.change("hint: mất rồi", 'goes_to: "2.000009"')
    assert not [problem for problem in folder.problems() if "does not hold" in problem[3]]


def test_a_folder_in_place_of_a_file_is_named(folder: Folder) -> None:
    for name in ("ho-tich/1.000002.yaml", "listed.csv", "words/concepts.yaml"):
        (folder.root / name).mkdir(parents=True)
    assert sorted((file, line, says.partition(":")[0]) for file, line, _, says in folder.problems()) == [
        ("ho-tich/1.000002.yaml", 1, "cannot be read"),
        ("listed.csv", 1, "cannot be read"),
        ("words/concepts.yaml", 1, "cannot be read"),
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_nobody_may_read_is_named(folder: Folder) -> None:
    folder.entry.chmod(0)
    assert [(file, says.partition(":")[0]) for file, _, _, says in folder.problems()] == [(ENTRY_FILE, "cannot be read")]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose reading fails")
def test_a_file_on_a_failing_disk_is_named(folder: Folder) -> None:
    folder.entry.unlink()
    folder.entry.symlink_to("/proc/self/mem")
    assert [(file, says.partition(":")[0]) for file, _, _, says in folder.problems()] == [(ENTRY_FILE, "cannot be read")]


def test_a_catalog_that_does_not_exist_is_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="does not exist"):
        loader.load(tmp_path / "nowhere")


def test_marks_typed_apart_from_their_letters_are_joined(folder: Folder) -> None:
    folder.entry.write_text(unicodedata.normalize("NFD", ENTRY), encoding="utf-8")
    folder.write("listed.csv", unicodedata.normalize("NFD", table(ROW)))
    catalog, problems = folder.read()
    assert problems == []
    assert catalog.procedures[CODE].name == "Thủ tục thử"
    assert catalog.procedures["1.000002"].name == "Thủ tục kê sẵn"

"""`motcua catalog check|stats|show`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.commands.shell import Shell
from tests.conftest import TINY


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "data")


def test_a_good_catalog_has_no_problem(shell: Shell, data: Path) -> None:
    done = shell.run("catalog", "check", "--data", str(data))
    assert (done.code, done.out) == (0, "catalog: no problem found\n")


def test_every_problem_is_a_line_with_file_line_and_field(shell: Shell, data: Path) -> None:
    death, copies = data / "ho-tich" / "1.000656.yaml", data / "chung-thuc" / "2.000815.yaml"
    death.write_text(death.read_text(encoding="utf-8").replace("when: [{proof: paper}]", "when: [{proof: papyrus}]"), encoding="utf-8")
    copies.write_text(copies.read_text(encoding="utf-8").replace("submit: [counter]", "submit: [pigeon]\nsurprise: 1"), encoding="utf-8")
    (data / "elsewhere" / "broken.yaml").write_text("- code: [\n", encoding="utf-8")
    done = shell.run("catalog", "check", "--data", str(data))
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert all(re.match(rf"{re.escape(str(data))}/\S+?\.yaml:\d+: [\w. ]+: \S", line) for line in lines), done.out
    number = death.read_text(encoding="utf-8").splitlines().index("    when: [{proof: papyrus}]") + 1
    assert any(line.startswith(f"{death}:{number}: documents.1.when: names the option papyrus") for line in lines), done.out
    assert any(":" in line and "surprise" in line and str(copies) in line for line in lines)
    assert any("pigeon" in line for line in lines)
    assert any("broken.yaml" in line and "is not YAML" in line for line in lines)


def test_a_folder_that_does_not_exist_is_no_good_catalog(shell: Shell) -> None:
    assert shell.refused("catalog", "check", "--data", "/no/catalog") == "/no/catalog is not a folder"


def test_stats_count_each_depth(shell: Shell) -> None:
    (line,) = shell.run("catalog", "stats", "--json").lines
    assert {"curated", "listed", "elsewhere", "expired", "fields"} <= set(line)
    assert line["curated"] > 0
    assert sum(line["fields"].values()) == line["curated"] + line["listed"]
    assert "curated:" in shell.run("catalog", "stats").out


def test_show_prints_an_entry_and_refuses_what_is_none(shell: Shell) -> None:
    assert "1.000656" in shell.run("catalog", "show", "1.000656").out
    assert shell.refused("catalog", "show", "9.999999") == "no procedure has the code 9.999999"

"""`motcua center`: what an operator checks before the first start, and sees afterwards."""

from __future__ import annotations

from pathlib import Path

from bot.domain import centers
from tests.commands.shell import Shell


def test_the_sample_passes_and_is_called_one(shell: Shell) -> None:
    done = shell.run("center", "check")
    assert (done.code, done.out) == (0, "trung-tam: Trung tâm Phục vụ hành chính công An Phú (trung tâm mẫu) (SAMPLE), 4 groups, 7 counters\n")


def test_a_mistake_ends_with_1_and_its_line(shell: Shell) -> None:
    file = shell.folder / "center.yaml"
    file.write_text(Path(centers.SAMPLE_FILE).read_text(encoding="utf-8").replace("dat-dai", "nha-dat"), encoding="utf-8")
    said = shell.refused("center", "check", MOTCUA_CENTER_FILE=str(file))
    assert said == f"MOTCUA_CENTER_FILE {file}: groups: 'nha-dat' is no field of the catalog"


def test_hours_and_special_days_are_shown_before_and_after_the_first_start(shell: Shell) -> None:
    before = shell.run("center", "show", "--days", "400")
    assert "7:30\u2060–\u206011:30" in before.out
    assert "(Ngày Văn hóa Việt Nam)" in before.out
    assert "counter 7" not in before.out
    shell.run("say", "--json", given='{"person": "lan", "text": "menu"}\n')
    after = shell.run("center", "show")
    assert "  A Hộ tịch, chứng thực: ho-tich, chung-thuc, nuoi-con-nuoi; 6 seats in 30 min, 12 min a visit\n" in after.out
    assert "  counter 7: D\n" in after.out

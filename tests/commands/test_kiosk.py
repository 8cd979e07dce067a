"""`motcua kiosk`."""

from __future__ import annotations

from pathlib import Path

from tests.commands.shell import Shell

TWO = """
{id: dong, name: Đông, place: xã Đông, address: thôn Đông, week: {mon-fri: "7:30-11:30"}}
---
{id: tay, name: Tây, place: xã Tây, address: thôn Tây, week: {mon-fri: "7:30-11:30"}}
"""


def test_a_link_is_printed_once_listed_without_it_and_switched_off(shell: Shell) -> None:
    link = shell.run("kiosk", "add", "Cửa chính", MOTCUA_BASE_URL="https://xa.example").out.strip()
    assert link.startswith("https://xa.example/ki-ot/")
    listed = shell.run("kiosk", "list").out
    assert "1  trung-tam  Cửa chính" in listed
    assert link.rpartition("/")[2] not in listed
    assert shell.run("kiosk", "off", "1").code == 0
    assert "off since" in shell.run("kiosk", "list").out
    assert "no kiosk 1 is in use" in shell.refused("kiosk", "off", "1")


def test_with_several_centers_one_has_to_be_named(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "centers.yaml"
    file.write_text(TWO, encoding="utf-8")
    assert "dong, tay" in shell.refused("kiosk", "add", "Cửa chính", MOTCUA_CENTER_FILE=str(file))
    shell.run("kiosk", "add", "Cửa chính", "--center", "tay", MOTCUA_CENTER_FILE=str(file))
    assert "tay  Cửa chính" in shell.run("kiosk", "list", MOTCUA_CENTER_FILE=str(file)).out

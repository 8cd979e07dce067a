"""`motcua staff` and `motcua audit`: the first way in, and the proof that nobody changed the log."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.commands.shell import Shell

LINK = "http://127.0.0.1:8080/ban-lam-viec/vao/"


def change(shell: Shell, statement: str) -> None:
    with closing(sqlite3.connect(shell.folder / "var" / "motcua.db")) as database:
        database.execute(statement)
        database.commit()


def test_from_nothing_to_a_link_that_is_good_for_one_sign_in(shell: Shell) -> None:
    assert "motcua staff add" in shell.run("staff", "list").out
    done = shell.run("staff", "add", "chị Hạnh", "--role", "admin")
    assert done.out.startswith("chị Hạnh (1): admin at all centers\n")
    assert LINK in done.out
    assert shell.run("staff", "add", "anh Nam", "--role", "clerk").out.startswith("anh Nam (2): clerk at trung-tam\n")
    first, second = shell.run("staff", "link", "ANH NAM").out, shell.run("staff", "link", "2").out
    assert first.startswith("anh Nam (2)\n")
    assert LINK in second
    assert first != second
    assert shell.run("staff", "role", "2", "lead").code == 0
    assert shell.run("staff", "off", "2").out == "anh Nam (2): switched off\n"
    assert "switched off" in shell.refused("staff", "link", "2")
    assert shell.run("staff", "list").out.splitlines() == ["   1  chị Hạnh: admin at all centers", "   2  anh Nam: lead at trung-tam, OFF"]
    assert shell.run("staff", "on", "2").out == "anh Nam (2): switched on\n"
    assert shell.run("audit", "verify").out.startswith("audit: 9 rows, unbroken; newest digest ")


def test_what_cannot_be_done_is_one_clear_line(shell: Shell) -> None:
    assert "clerk, lead, manager, auditor, admin" in shell.refused("staff", "add", "x", "--role", "boss")
    assert "trung-tam" in shell.refused("staff", "add", "x", "--role", "clerk", "--center", "khong-co")
    assert "name" in shell.refused("staff", "add", "  ", "--role", "clerk")
    assert "nobody is called 'x'" in shell.refused("staff", "link", "x")
    for _ in range(2):
        shell.run("staff", "add", "chị Hạnh", "--role", "clerk")
    assert "1, 2" in shell.refused("staff", "off", "chị hạnh")


def test_a_changed_row_is_named_and_the_exit_is_1(shell: Shell) -> None:
    shell.run("staff", "add", "chị Hạnh", "--role", "admin")
    noted = shell.run("audit", "verify").out.split()[-1]
    shell.run("staff", "add", "anh Nam", "--role", "clerk")
    assert shell.run("audit", "verify", "--noted", noted[:12]).code == 0
    change(shell, "UPDATE audit SET actor = 'staff:1' WHERE id = 3")
    done = shell.run("audit", "verify")
    assert (done.code, done.out.split(" is ")[0]) == (1, "audit: row 3")


def test_rows_missing_at_the_end_are_told_by_a_noted_digest(shell: Shell) -> None:
    shell.run("staff", "add", "chị Hạnh", "--role", "admin")
    noted = shell.run("audit", "verify").out.split()[-1]
    change(shell, "DELETE FROM audit WHERE id = 2")
    assert shell.run("audit", "verify").code == 0
    done = shell.run("audit", "verify", "--noted", noted)
    assert (done.code, "missing" in done.out) == (1, True)
    assert "12 letters" in shell.refused("audit", "verify", "--noted", "abc")


def test_without_a_database_there_is_nothing_to_verify(shell: Shell) -> None:
    assert "motcua db up" in shell.refused("audit", "verify")

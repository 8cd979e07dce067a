"""The command as a whole: help everywhere, mistakes in one clear line, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import cli
from tests.commands.shell import Shell


def test_without_a_command_all_are_listed(shell: Shell) -> None:
    done = shell.run()
    assert all(name in done.out + done.err for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(shell: Shell, name: str) -> None:
    done = shell.run(name, "--help")
    assert (done.code, done.err) == (0, "")
    assert "Usage: motcua" in done.out


@pytest.mark.parametrize("words", [["bogus"], ["ask", "--bogus"], ["checklist"], ["catalog", "bogus"], ["db", "down"]])
def test_wrong_words_end_with_2_and_the_usage(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.code == 2
    assert "Usage: motcua" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MOTCUA_PORT", "abc", "MOTCUA_PORT: Input should be a valid integer"),
        ("MOTCUA_DATABASE_URL", "mysql://root:hush@x/y", "MOTCUA_DATABASE_URL: wants sqlite:///path or postgresql://"),
        ("MOTCUA_CENTER_FILE", "/no/center.yaml", "MOTCUA_CENTER_FILE /no/center.yaml: cannot be read"),
        ("MOTCUA_OVERLAYS", "/no/overlay", "MOTCUA_OVERLAYS: /no/overlay does not exist"),
        ("MOTCUA_DATABASE_URL", "sqlite:////dev/null/x/motcua.db", "/dev/null/x/motcua.db: "),
        ("MOTCUA_DATABASE_URL", "sqlite:////proc/motcua.db", "unable to open database file"),
        ("MOTCUA_DATABASE_URL", "postgresql://lan:hush@127.0.0.1:9/x", "connection failed"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_clear_line(shell: Shell, name: str, value: str, says: str) -> None:
    line = shell.refused("say", given='{"person": "lan", "text": "hi"}', **{name: value})
    assert says in line
    assert "hush" not in line


def test_a_file_that_is_no_database_is_one_clear_line(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_bytes(b"Dear Sir or Madam, " * 500)
    assert "not a database" in shell.refused("say", MOTCUA_DATABASE_URL=f"sqlite:///{tmp_path / 'letter.db'}")


def test_the_database_goes_up_and_down(shell: Shell) -> None:
    assert shell.run("db", "up").out.startswith("database: at ")
    assert shell.run("db", "down", "base").out == "database: at base\n"
    assert shell.run("db", "up").code == 0


def test_a_version_of_the_tables_that_does_not_exist_is_one_clear_line(shell: Shell) -> None:
    shell.run("db", "up")
    assert "zzzz" in shell.refused("db", "down", "zzzz")

"""`motcua catalog proposals`: what staff proposed while answering, as lines for an entry's file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from bot import clock
from bot import settings as configured
from bot.commands import catalog
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import centers, proposals
from bot.domain.proposals import Wish

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path, tiny: Premises) -> Run:
    """The command over a database with two proposals."""
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MOTCUA_DATABASE_URL", raising=False)
    shutil.copy(sqlite_template, tmp_path / "motcua.db")
    store, now = Store(configured.read().database), clock.now()
    with Session(store.engine) as session, session.begin():
        centers.settle(session, tiny.directory.all, now=now)
        for kind, words in (("note", "Mất ở nơi khác vẫn khai ở đây."), ("also", "nhà em có đám")):
            proposals.make(session, Wish("trung-tam", None, "1.000656", kind, words), author="staff:1", now=now)
    store.close()

    def typed(*given: str) -> str:
        done = CliRunner().invoke(catalog.app, ["proposals", *given])
        assert done.exit_code == 0, done.output
        return done.output

    return typed


def test_they_are_read_as_lines_for_an_entry(run: Run) -> None:
    said = run()
    assert "2. 1.000656, cách người dân hỏi: nhà em có đám" in said
    assert "'1.000656':\n  also:\n  - nhà em có đám\n  notes:\n  - Mất ở nơi khác vẫn khai ở đây." in said


def test_what_is_taken_or_dropped_is_not_shown_again(run: Run) -> None:
    assert [fact["id"] for fact in json.loads(run("--json"))] == [2, 1]
    assert [fact["id"] for fact in json.loads(run("--take", "2", "--json"))] == [1]
    assert run("--drop", "1").strip() == "Chưa có đề xuất nào."

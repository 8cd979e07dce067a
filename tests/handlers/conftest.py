"""A catalog of a test's own: the tiny one, with entries added or changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.conversation.context import Premises
from bot.domain import centers
from procedures import loader, search
from tests.conftest import TINY

Build = Callable[..., Premises]
# Handlers know no database; what they ask of it that differs is tried on both, in test_privacy and test_changes, and so are the dialogs.
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """`build({"ho-tich/1.000001.yaml": text, …})`: premises over the tiny catalog with these files written into it; None removes one."""

    def made(files: dict[str, str | None] | None = None) -> Premises:
        folder = tmp_path / "catalog"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(TINY, folder)
        for name, content in (files or {}).items():
            if content is None:
                (folder / name).unlink()
                (folder / "phrases" / "ambiguous" / "tests.yaml").unlink(missing_ok=True)
            else:
                (folder / name).write_text(content, encoding="utf-8")
        catalog = loader.load(folder)
        return Premises(
            catalog=catalog, index=search.build(catalog), directory=centers.Directory(centers.read(None)), address="https://motcua.example"
        )

    return made

"""An Official Account of our own against the fake server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from tests.fake_zalo import APP_ID, APP_SECRET, OA_SECRET, FakeZalo


@pytest.fixture
def fake() -> Iterator[FakeZalo]:
    with FakeZalo() as server:
        yield server


@pytest.fixture
def settings(fake: FakeZalo, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, zalo_app_id=APP_ID, zalo_app_secret=SecretStr(APP_SECRET), zalo_oa_secret=SecretStr(OA_SECRET),
        zalo_refresh_token=SecretStr(fake.refresh_token), zalo_api=fake.url, zalo_oauth=fake.url, base_url="https://motcua.example",
    )  # fmt: skip

"""A Telegram bot of our own against the fake server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from tests.fake_telegram import TOKEN, FakeTelegram


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


@pytest.fixture
def settings(fake: FakeTelegram, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path, telegram_token=SecretStr(TOKEN), telegram_api=fake.url, telegram_rate=200,
        base_url="https://motcua.example",
    )  # fmt: skip

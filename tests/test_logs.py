"""Whatever is logged, by us or by a library, no token is in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from tests.fake_telegram import TOKEN


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def fail() -> None:
    raise RuntimeError(f"POST https://api.telegram.org/bot{TOKEN}/sendMessage")


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_token_reaches_the_log(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json" if form == "json" else "console")
    log = structlog.get_logger()
    log.error("polling_failed", error=f"https://x/bot{TOKEN}/getUpdates")
    logging.getLogger("some.library").warning("request %s", TOKEN)
    try:
        fail()
    except RuntimeError:
        log.exception("failed")
    said = capsys.readouterr().err
    assert TOKEN.split(":")[1] not in said
    assert said.count("…token…") == 3


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    structlog.get_logger().info("house.kept", told=3)
    logging.getLogger("httpx").info("HTTP Request: POST …")
    lines = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["house.kept"]
    assert json.loads(lines[0])["told"] == 3

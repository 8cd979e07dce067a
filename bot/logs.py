"""One line an event on stderr, for people or as JSON; bot tokens never get that far."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

# A Telegram token, alone or in the address of a call (python-telegram-bot and aiogram put it there).
_TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{10,}")
_HIDDEN = "…token…"
# These write every request with its address at INFO.
_TALKATIVE = ("httpx", "httpcore", "aiogram", "telegram", "uvicorn.access", "alembic")


def configure(form: Literal["console", "json"]) -> None:
    """Route structlog and the standard library's logging through the same steps."""
    console = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    shown: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else console
    steps: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        hide_tokens,
    ]
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=steps, processor=shown))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_tokens(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out tokens in every text of an event, tracebacks included."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub(_HIDDEN, value)
        elif isinstance(value, BaseException):
            event[key] = _TOKEN.sub(_HIDDEN, str(value))
    return event

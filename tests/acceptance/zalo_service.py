"""The service with an Official Account alone, for tests that kill it: `python -m tests.acceptance.zalo_service PORT`, settings from the environment.

With KILL_AT it kills itself (-9) at that point: `keep` a new pair of tokens, `mark` a message as sent, `accept` an event that was committed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from bot import app, settings, web
from bot.conversation.dispatch import Dispatcher
from bot.domain import outbox, provider_tokens


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    received = Dispatcher.receive

    async def accept(dispatcher: Dispatcher, message: Any) -> bool:
        await received(dispatcher, message)
        die()
        return True

    points: dict[str, tuple[Any, str, Callable[..., Any]]] = {
        "keep": (provider_tokens, "keep", die), "mark": (outbox, "sent", die), "accept": (Dispatcher, "receive", accept),
    }  # fmt: skip
    setattr(*points[point])


def main(port: str) -> None:
    if point := os.environ.get("KILL_AT"):
        arm(point)
    service = app.build(settings.read(), channels=["zalo_oa"])
    asyncio.run(web.serve(service, web.listen("127.0.0.1", int(port))))


if __name__ == "__main__":
    main(sys.argv[1])

"""The service with Telegram only, for tests that kill it: `python -m tests.acceptance.serve`, settings from the environment."""

from __future__ import annotations

import asyncio
import signal

from bot import app, settings


async def main() -> None:
    service = app.build(settings.read(), channels=["telegram"])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, service.stop)
    await service.run()
    service.store.close()


if __name__ == "__main__":
    asyncio.run(main())

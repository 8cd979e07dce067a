"""A process that only delivers and says when it is ready, for tests that kill it. Its settings come from the environment."""

from __future__ import annotations

import asyncio
import os
import signal

from bot.channels.telegram.delivery import TelegramSender
from bot.db.store import Store
from bot.domain import attachments, delivery
from tests.fake_telegram import BOT, TOKEN


async def main() -> None:
    store = Store(os.environ["MOTCUA_DATABASE_URL"])
    rate = float(os.environ["MOTCUA_TELEGRAM_RATE"])
    sender = TelegramSender(BOT, TOKEN, os.environ["MOTCUA_TELEGRAM_API"], rate, attachments.Shelf(store))
    worker = delivery.Worker(store, [sender])
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    print("ready", flush=True)
    await worker.run()
    await sender.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main())

"""Sends text and, by their public address, pictures. https://bot.zaloplatforms.com/docs/apis/sendMessage"""

from __future__ import annotations

from typing import Any

from bot import errors
from bot.channels.zalo_bot import pictures
from bot.channels.zalo_bot.client import Client
from bot.conversation import plain
from bot.db.store import Store
from bot.messages import Attached, Outgoing

LONGEST_TEXT = 2_000


class ZaloBotSender:
    """The bot's way out: numbered text, which is all the platform shows, and pictures it fetches from `public`."""

    def __init__(self, bot: str, client: Client, store: Store, public: str) -> None:
        self.bot, self._client, self._store, self._public = bot, client, store, public

    async def send(self, message: Outgoing) -> str:
        sent, steps = "", await self._steps(message)
        for number, (method, body) in enumerate(steps[message.parts_sent :], start=message.parts_sent):
            try:
                answer = await self._client.call(method, chat_id=message.address, **body)
            except errors.ChannelError as error:
                error.parts_sent = number
                raise
            sent = str(answer.get("message_id") or "") if isinstance(answer, dict) else ""
        return sent

    async def _steps(self, message: Outgoing) -> list[tuple[str, dict[str, Any]]]:
        """Pictures first, then the words; what has no address is named among them."""
        blocks, shown = [], []
        for block in message.reply.blocks:
            where = await pictures.address(self._store, block, self._public) if isinstance(block, Attached) else ""
            if where:
                shown.append(("sendPhoto", {"photo": where}))
            else:
                blocks.append(block)
        words = plain.text(message.reply.model_copy(update={"blocks": tuple(blocks)}))
        return [*shown, *(("sendMessage", {"text": part}) for part in plain.split(words, LONGEST_TEXT) if part)]

    async def close(self) -> None:
        await self._client.close()

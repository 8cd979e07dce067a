"""Sends with python-telegram-bot and says in our words what went wrong."""

from __future__ import annotations

import asyncio

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot import errors
from bot.channels.telegram.pacer import Pacer
from bot.channels.telegram.render import Button, Wire, wire
from bot.messages import Outgoing

# More sends at once run into the pool's time-out; the delivery worker keeps at most twenty under way.
CONNECTIONS = 32
SECONDS = 20.0
ASK_SECONDS = 5.0  # what an update that waits for the answer may be held up
ADMIN_SECONDS = 60.0  # who runs a group is asked again after this
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid", "user not found")
_SAME = "message is not modified"
_CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TelegramSender:
    """The bot's way out. `send` returns the id of the message that carries the keyboard."""

    def __init__(self, name: str, token: str, api: str, rate: float) -> None:
        self.bot = name
        self._request = HTTPXRequest(CONNECTIONS, read_timeout=SECONDS, write_timeout=SECONDS, connect_timeout=SECONDS, pool_timeout=SECONDS)
        self._bot: ExtBot[float] = ExtBot(token, base_url=f"{api}/bot", request=self._request, rate_limiter=Pacer(rate))
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}

    async def send(self, message: Outgoing) -> str:
        shown = wire(message.reply)
        try:
            if message.edits is not None and len(shown.parts) == 1:
                return await self._edit(message.address, message.edits, shown)
        except errors.EditImpossible:
            pass
        return await self._post(message.address, shown)

    async def _edit(self, address: str, edits: str, shown: Wire) -> str:
        try:
            await self._bot.edit_message_text(
                shown.parts[0], chat_id=int(address), message_id=int(edits), parse_mode="HTML" if shown.html else None,
                reply_markup=_keyboard(shown.keyboard), link_preview_options=LinkPreviewOptions(is_disabled=True),
            )  # fmt: skip
        except BadRequest as error:
            said = str(error).lower()
            if any(reason in said for reason in _CANNOT_EDIT):
                raise errors.EditImpossible(str(error)) from error
            if _SAME not in said:
                raise translated(error) from error
        except TelegramError as error:
            raise translated(error) from error
        return edits

    async def _post(self, address: str, shown: Wire) -> str:
        sent = ""
        for number, part in enumerate(shown.parts, start=1):
            keyboard = _keyboard(shown.keyboard) if number == len(shown.parts) else None
            try:
                posted = await self._bot.send_message(
                    int(address), part, parse_mode="HTML" if shown.html else None, reply_markup=keyboard,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )  # fmt: skip
            except TelegramError as error:
                raise translated(error) from error
            sent = str(posted.message_id)
        return sent

    async def acknowledge(self, callback_id: str) -> None:
        """Stop the small clock on a pressed button; nothing depends on it."""
        try:
            await self._bot.answer_callback_query(callback_id)
        except TelegramError:
            return

    async def username(self) -> str:
        """The bot's own name, without the @."""
        try:
            return (await self._bot.get_me()).username or ""
        except TelegramError as error:
            raise translated(error) from error

    async def runs_group(self, chat: int, user: int) -> bool | None:
        """Whether this person is one of the group's admins; None when Telegram does not say (the bot may have been taken out)."""
        at = asyncio.get_running_loop().time()
        known = self._admins.get((chat, user))
        if known is not None and at - known[0] < ADMIN_SECONDS:
            return known[1]
        try:
            member = await self._bot.get_chat_member(chat, user, read_timeout=ASK_SECONDS)
        except TelegramError:
            return None
        found = member.status in ("administrator", "creator")
        self._admins = {key: value for key, value in self._admins.items() if at - value[0] < ADMIN_SECONDS} | {(chat, user): (at, found)}
        return found

    async def announce(self, url: str, secret: str, allowed: list[str]) -> None:
        """Tell Telegram where to post updates."""
        try:
            await self._bot.set_webhook(url, secret_token=secret, allowed_updates=allowed)
        except TelegramError as error:
            raise translated(error) from error

    async def close(self) -> None:
        await self._request.shutdown()  # the bot's own shutdown closes nothing unless it was started with getMe


def _keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(button.label, callback_data=button.data or None, url=button.url or None)] for button in buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def translated(error: TelegramError) -> errors.ChannelError:
    """The provider's error as one of ours. BadRequest is a NetworkError there, so it is looked at first."""
    said = str(error)
    match error:
        case Forbidden():
            return errors.RecipientGone(said)
        case ChatMigrated():
            return errors.RecipientMoved(str(error.new_chat_id))
        case RetryAfter():
            return errors.TryLater(said, _seconds(error), whole_sender=True)
        case InvalidToken():
            return errors.ChannelMisconfigured(said)
        case BadRequest():
            return errors.RecipientGone(said) if any(reason in said.lower() for reason in _GONE) else errors.Refused(said)
        case TimedOut() | NetworkError():
            never_sent = isinstance(error.__cause__, _NEVER_SENT)
            return errors.TryLater(said) if never_sent else errors.OutcomeUnknown(said)
    return errors.OutcomeUnknown(said)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, (int, float)) else after.total_seconds())

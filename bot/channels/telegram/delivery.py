"""Sends with python-telegram-bot and says in our words what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot import errors
from bot.channels.telegram.pacer import Pacer, seconds
from bot.channels.telegram.render import Button, Part, wire
from bot.domain.attachments import Content, Sent, Shelf
from bot.messages import Attached, Outgoing
from bot.texts import t

# More sends at once run into the pool's time-out; the delivery worker keeps fewer under way.
CONNECTIONS = 32
SECONDS = 20.0
NOTICES_KEPT = 20
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ASK_SECONDS = 5.0  # what an update that waits for the answer may be held up
ADMIN_SECONDS = 60.0  # who runs a group is asked again after this
_GONE = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid", "user not found")
_SAME = "message is not modified"
_FORGOTTEN = ("wrong file identifier", "wrong remote file", "wrong file_id", "file reference", "file_reference", "invalid file_id")
_CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class TelegramSender:
    """The bot's way out. `send` returns the id of the message that carries the keyboard, else of the last one with words."""

    def __init__(self, name: str, token: str, api: str, rate: float, shelf: Shelf | None = None, *, request: BaseRequest | None = None) -> None:
        self.bot = name
        self._request = request or HTTPXRequest(
            CONNECTIONS, read_timeout=SECONDS, write_timeout=SECONDS, connect_timeout=SECONDS, pool_timeout=SECONDS
        )
        self._pacer = Pacer(rate)
        self._bot: ExtBot[float] = ExtBot(
            token, base_url=f"{api}/bot", base_file_url=f"{api}/file/bot", request=self._request, rate_limiter=self._pacer
        )  # fmt: skip
        self._shelf = shelf
        self._notices: dict[int, tuple[Part, ...]] = {}
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}

    @property
    def waiting(self) -> int:
        return self._pacer.waiting

    def attend(self, moved: Callable[[], None], may_send: Callable[[], bool]) -> None:
        self._pacer.moved, self._pacer.may_send = moved, may_send

    async def send(self, message: Outgoing) -> str:
        if message.reply.says_nothing:
            return await self._take_away(message.address, message.edits) if message.edits else ""
        parts = self._wire(message)
        try:
            if message.edits is not None and len(parts) == 1 and parts[0].file is None:
                return await self._edit(message.address, message.edits, parts[0])
        except errors.EditImpossible:
            pass
        return await self._post(message, parts)

    def _wire(self, message: Outgoing) -> tuple[Part, ...]:
        """A notice looks the same for everybody."""
        if message.notice_id is None:
            return wire(message.reply, typed=not message.address.startswith("-"))
        if message.notice_id not in self._notices:
            if len(self._notices) >= NOTICES_KEPT:
                self._notices.clear()
            self._notices[message.notice_id] = wire(message.reply)
        return self._notices[message.notice_id]

    async def _edit(self, address: str, edits: str, part: Part) -> str:
        try:
            await self._bot.edit_message_text(
                part.text, chat_id=int(address), message_id=int(edits), parse_mode="HTML" if part.html else None,
                reply_markup=_keyboard(part.keyboard), link_preview_options=NO_PREVIEW,
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

    async def _take_away(self, address: str, message_id: str) -> str:
        """Delete it; after the two days Telegram allows for that its words are exchanged (https://core.telegram.org/bots/api#deletemessage)."""
        try:
            await self._bot.delete_message(int(address), int(message_id))
        except BadRequest as error:
            if "can't be deleted" in str(error).lower():
                return await self._edit(address, message_id, Part(t("channels.taken_away"), html=False))
            if "not found" not in str(error).lower():
                raise translated(error) from error
        except TelegramError as error:
            raise translated(error) from error
        return message_id

    async def fetch(self, file_id: str) -> bytes:
        """The content of what somebody sent. Raises ChannelError."""
        try:
            file = await self._bot.get_file(file_id)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise translated(error) from error

    async def _post(self, message: Outgoing, parts: Sequence[Part]) -> str:
        """What an earlier try handed over already is left out."""
        sent: dict[int, str] = {}
        for number, part in enumerate(parts):
            if number < message.parts_sent:
                continue
            try:
                sent[number] = await self._part(message, part, first=number == 0)
            except errors.ChannelError as error:
                error.parts_sent = number
                raise
        main = max((number for number, part in enumerate(parts) if part.keyboard or part.text), default=0)
        return sent.get(main) or next(reversed(sent.values()), "")

    async def _part(self, message: Outgoing, part: Part, *, first: bool) -> str:
        answers = _replying(message.reply.reply_to) if first else None
        if part.file is not None:
            return await self._file(message.address, part, part.file, answers)
        try:
            posted = await self._bot.send_message(
                int(message.address), part.text, parse_mode="HTML" if part.html else None, reply_markup=_keyboard(part.keyboard),
                link_preview_options=NO_PREVIEW, reply_parameters=answers,
            )  # fmt: skip
        except TelegramError as error:
            raise translated(error) from error
        return str(posted.message_id)

    async def _file(self, address: str, part: Part, file: Attached, answers: ReplyParameters | None) -> str:
        async def handed_over(what: str | Content) -> Sent:
            content, name = (what, None) if isinstance(what, str) else (what.content, what.name)
            worded: dict[str, Any] = {"caption": part.text or None, "parse_mode": "HTML" if part.html else None}
            try:
                if file.picture:
                    posted = await self._bot.send_photo(
                        int(address), content, filename=name, reply_markup=_keyboard(part.keyboard), reply_parameters=answers, **worded
                    )  # fmt: skip
                    return Sent(str(posted.message_id), posted.photo[-1].file_id if posted.photo else "")
                posted = await self._bot.send_document(
                    int(address), content, filename=name, reply_markup=_keyboard(part.keyboard), reply_parameters=answers, **worded
                )  # fmt: skip
                return Sent(str(posted.message_id), posted.document.file_id if posted.document else "")
            except TelegramError as error:
                raise translated(error) from error

        async def by_name(file_id: str) -> str:
            return (await handed_over(file_id)).message_id

        try:
            if file.file_id:
                return await by_name(file.file_id)
            if self._shelf is None:
                raise errors.Refused("no attachments here")
            return await self._shelf.send(self.bot, file.attachment, by_name, handed_over)
        except errors.FileForgotten as error:
            raise errors.Refused(str(error)) from error

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


def _replying(message_id: str) -> ReplyParameters | None:
    return ReplyParameters(int(message_id), allow_sending_without_reply=True) if message_id.isdecimal() else None


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
            return errors.TryLater(said, seconds(error), whole_sender=True)
        case InvalidToken():
            return errors.ChannelMisconfigured(said)
        case BadRequest() if any(reason in said.lower() for reason in _FORGOTTEN):
            return errors.FileForgotten(said)
        case BadRequest():
            return errors.RecipientGone(said) if any(reason in said.lower() for reason in _GONE) else errors.Refused(said)
        case TimedOut() | NetworkError():
            never_sent = isinstance(error.__cause__, _NEVER_SENT)
            return errors.TryLater(said) if never_sent else errors.OutcomeUnknown(said)
    return errors.OutcomeUnknown(said)

"""Sends through the Official Account and says in our words what went wrong. https://developers.zalo.me/docs/official-account/tin-nhan"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot import clock, errors
from bot.channels.zalo_oa.inbound import IN_GROUP
from bot.channels.zalo_oa.pacer import Pacer
from bot.channels.zalo_oa.refusals import TokenSpent
from bot.channels.zalo_oa.render import Wire, wire
from bot.channels.zalo_oa.tokens import Tokens
from bot.conversation import plain
from bot.db.store import Store
from bot.domain import attachments, people
from bot.domain.attachments import Content, Sent, Shelf
from bot.messages import Attached, Outgoing

TALK, TEMPLATE, GROUP = "/v3.0/oa/message/cs", "/v3.0/oa/message/template", "/v3.0/oa/group/message"
IMAGE, FILE = "/v2.0/oa/upload/image", "/v2.0/oa/upload/file"
LARGEST_IMAGE = 1_048_576
KEPT = dt.timedelta(days=6, hours=20)  # an upload is known for seven days
FREE = dt.timedelta(hours=48)
PAID = dt.timedelta(days=7)
LONGEST_FIELD = 400  # of a template's text


@dataclass(frozen=True)
class Ways:
    """What the operator switched on. `template`: id of an approved one that carries `field`, for reminders out of the window."""

    buttons: bool = False
    paid_window: bool = False
    template: str = ""
    field: str = "noi_dung"

    @property
    def window(self) -> dt.timedelta:
        """How long after their last message a person may be written to unasked."""
        return PAID if self.paid_window else FREE


@dataclass(frozen=True)
class Target:
    """Where a request goes. `who`: the recipient as Zalo wants it named."""

    path: str
    who: Mapping[str, str]
    notice: bool = False


class ZaloSender:
    """The account's way out."""

    def __init__(self, store: Store, tokens: Tokens, pacer: Pacer, ways: Ways, now: Callable[[], dt.datetime] = clock.now) -> None:
        self.bot = tokens.bot
        self._store, self._tokens, self._pacer, self._ways, self._now = store, tokens, pacer, ways, now
        self._client = tokens.client
        self._shelf = Shelf(store, now)
        self._may_send: Callable[[], bool] = lambda: True

    # one process at a time, so that all together keep the package's rate (domain.delivery.Paced)

    @property
    def waiting(self) -> int:
        return self._pacer.waiting

    def attend(self, moved: Callable[[], None], may_send: Callable[[], bool]) -> None:
        self._pacer.moved, self._may_send = moved, may_send

    async def send(self, message: Outgoing) -> str:
        if message.address.startswith(IN_GROUP):
            to = Target(GROUP, {"group_id": message.address.removeprefix(IN_GROUP)}, message.kind == "notice")
            return await self._all(wire(message.reply), to, message.parts_sent)  # no buttons and no window there
        if message.kind != "reply" and not await self._within_window(message.address):
            return await self._by_template(message)
        shown = wire(message.reply, buttons=self._ways.buttons)
        return await self._all(shown, Target(TALK, {"user_id": message.address}, message.kind == "notice"), message.parts_sent)

    async def close(self) -> None:
        await self._tokens.finish()
        await self._client.close()

    async def _within_window(self, address: str) -> bool:
        """Whether the person wrote recently enough for us to write unasked. Unknown addresses are left to Zalo."""
        account = await self._store.read(people.find, self.bot, address)
        if account is None:
            return True
        return self._now() - account.last_seen_at < self._ways.window

    async def _by_template(self, message: Outgoing) -> str:
        """Reminders and tickets may go as an approved, paid template; everything else waits for the person to write again."""
        if not self._ways.template or message.kind not in ("reminder", "ticket"):
            raise errors.WindowClosed("the person has not written for 48 hours")
        words = " ".join(plain.text(message.reply, menu=False).split())[:LONGEST_FIELD]
        body = {"user_id": message.address, "template_id": self._ways.template, "template_data": {self._ways.field: words}}
        return _named(await self._call(Target(TEMPLATE, {}), body))

    async def _all(self, shown: Wire, to: Target, already: int) -> str:
        """Pictures and files first, then the words; what an earlier try brought there (`already`) is not sent again."""
        last = len(shown.parts) - 1
        texts = [partial(self._text, part, shown.buttons if number == last else (), to) for number, part in enumerate(shown.parts)]
        steps: list[Callable[[], Awaitable[str]]] = [*(partial(self._attached, block, to) for block in shown.attached), *texts]
        sent = ""
        for done, step in enumerate(steps[already:], start=already):
            try:
                sent = await step()
            except errors.ChannelError as error:
                error.parts_sent = done
                raise
        return sent

    async def _text(self, text: str, buttons: tuple[dict[str, Any], ...], to: Target) -> str:
        plainly = {"text": text}
        if buttons:
            try:
                return await self._message(to, {**plainly, "attachment": {"type": "template", "payload": {"buttons": list(buttons)}}})
            except errors.Refused:  # sources conflict on buttons here; the numbers in the text are enough
                pass
        return await self._message(to, plainly)

    async def _attached(self, block: Attached, to: Target) -> str:
        if block.file_id:  # what people send is known by its address, which is no name for a file
            return await self._message(to, _picture(url=block.file_id) if block.picture else {"text": f"{plain.attached(block)} {block.file_id}"})

        async def by_name(name: str) -> str:
            try:
                return await self._message(to, _picture(attachment_id=name) if block.picture else _file(name))
            except errors.Refused as error:
                raise errors.FileForgotten(str(error)) from error

        async def anew(content: Content) -> Sent:
            name = await self._upload(content)
            return Sent(await self._message(to, _picture(attachment_id=name) if block.picture else _file(name)), name, KEPT)

        return await self._shelf.send(self.bot, block.attachment, by_name, anew)

    async def _upload(self, content: Content) -> str:
        """Hand a file over; its name there, good for seven days."""
        picture = content.mime != attachments.PDF
        if picture and len(content.content) > LARGEST_IMAGE:
            raise errors.Refused("the picture is larger than the 1 MB Zalo takes")
        path = IMAGE if picture else FILE

        async def ask(token: str) -> dict[str, Any]:
            return await self._client.upload(path, token, content.name, content.content, content.mime)

        try:
            given = await self._with_token(ask, notice=False)
        except errors.OutcomeUnknown as error:  # the message itself has not left: it may be tried again without a double
            raise errors.TryLater(str(error)) from error
        name = str(given.get("attachment_id") or given.get("token") or "")
        if not name:
            raise errors.Refused("the upload was given no name")
        return name

    async def _message(self, to: Target, message: Mapping[str, Any]) -> str:
        return _named(await self._call(to, {"recipient": dict(to.who), "message": dict(message)}))

    async def _call(self, to: Target, body: Mapping[str, Any]) -> dict[str, Any]:
        async def ask(token: str) -> dict[str, Any]:
            return await self._client.post(to.path, token, body)

        return await self._with_token(ask, notice=to.notice)

    async def _with_token(self, ask: Callable[[str], Awaitable[dict[str, Any]]], *, notice: bool) -> dict[str, Any]:
        """In its turn, and once more with a new token when the one we had was spent."""
        async with self._pacer.turn(notice=notice):
            if not self._may_send():
                raise errors.NotHandedOver("another process sends now")
            token = await self._tokens.current()
            try:
                return await ask(token)
            except TokenSpent:
                return await ask(await self._tokens.renew(token))


def _named(data: Mapping[str, Any]) -> str:
    return str(data.get("message_id") or "")


def _picture(**named: str) -> dict[str, Any]:
    element = {"media_type": "image", **named}
    return {"attachment": {"type": "template", "payload": {"template_type": "media", "elements": [element]}}}


def _file(token: str) -> dict[str, Any]:
    return {"attachment": {"type": "file", "payload": {"token": token}}}

"""A Bot API server over real HTTP on loopback that can misbehave as the real one and the network do.

It speaks just enough HTTP/1.1 by hand, because a web framework would not let it reset connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any, Literal
from urllib.parse import parse_qs

TOKEN = "424242:TEST-token-of-the-fake"
BOT = "telegram:424242"
USERNAME = "motcua_bot"
BOT_USER = {"id": 424242, "is_bot": True, "first_name": "Một Cửa", "username": USERNAME}
Trouble = Literal["429", "400", "403", "500", "502", "migrated", "reset_before", "reset_after", "slow"]
ERRORS: dict[str, dict[str, Any]] = {
    "400": {"error_code": 400, "description": "Bad Request: message text is empty"},
    "403": {"error_code": 403, "description": "Forbidden: bot was blocked by the user"},
    "500": {"error_code": 500, "description": "Internal Server Error"},
    "migrated": {
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -100777},
    },
}


@dataclass
class Call:
    """One request that was accepted."""

    method: str
    data: dict[str, Any]
    at: float


@dataclass
class FakeTelegram:
    """`troubles` are used up one a request of the sending kind; `limit`: messages in any second before it says 429."""

    troubles: deque[Trouble] = field(default_factory=deque)
    trouble_for: Callable[[str, dict[str, Any]], Trouble | None] | None = None
    limit: int | None = None
    retry_after: int = 1
    slow_seconds: float = 1.0
    calls: list[Call] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    on_confirm: Callable[[int], None] | None = None
    admins: set[int] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)  # what people sent, by file_id

    def __post_init__(self) -> None:
        self._pending: dict[int, dict[str, Any]] = {}
        self._next_update = 1
        self._next_message = 1000
        self._texts: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> FakeTelegram:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    # what people do

    def types(self, text: str, user: int = 1, **extra: Any) -> int:
        """A private message; returns the update's id."""
        body = {
            "message_id": self._next_update,
            "date": 1_790_000_000,
            "chat": _chat(user),
            "from": _user(user),
            **({"text": text} if text else {}),
            **extra,
        }
        return self.pushes({"message": body})

    def presses(self, data: str, user: int = 1) -> int:
        message = {"message_id": 1, "date": 1_790_000_000, "chat": _chat(user), "text": "…"}
        return self.pushes(
            {"callback_query": {"id": f"c{self._next_update}", "from": _user(user), "chat_instance": "1", "data": data, "message": message}}
        )

    def says_in_group(self, text: str, user: int = 1, group: int = -100, reply_to: int = 0, **extra: Any) -> int:
        """A message in a group; `reply_to`: a message of the bot. Returns the update's id."""
        there = {
            "message_id": self._next_update,
            "date": 1_790_000_000,
            "chat": _group(group),
            "from": _user(user),
            **({"text": text} if text else {}),
        }
        quoted = {"message_id": reply_to, "date": 1_790_000_000, "chat": _group(group), "from": BOT_USER, "text": "…"}
        return self.pushes({"message": {**there, **({"reply_to_message": quoted} if reply_to else {}), **extra}})

    def presses_in_group(self, data: str, user: int = 1, group: int = -100, message_id: int = 1) -> int:
        shown = {"message_id": message_id, "date": 1_790_000_000, "chat": _group(group), "text": "…"}
        pressed = {"id": f"c{self._next_update}", "from": _user(user), "chat_instance": "1", "data": data, "message": shown}
        return self.pushes({"callback_query": pressed})

    def joins_group(self, user: int = 1, group: int = -100) -> int:
        """`user` brings the bot into a group."""
        was, now = ({"user": BOT_USER, "status": status} for status in ("left", "member"))
        changed = {"chat": _group(group), "from": _user(user), "date": 1_790_000_000, "old_chat_member": was, "new_chat_member": now}
        return self.pushes({"my_chat_member": changed})

    def pushes(self, update: dict[str, Any]) -> int:
        with self._lock:
            number = self._next_update
            self._next_update += 1
            self._pending[number] = {"update_id": number, **update}
        return number

    # what was seen

    def sent(self, user: int | None = None) -> list[Call]:
        found = [call for call in list(self.calls) if call.method in ("sendMessage", "editMessageText")]
        return [call for call in found if user is None or str(call.data["chat_id"]) == str(user)]

    def wait_for(self, done: Callable[[], bool], seconds: float = 30.0) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if done():
                return True
            time.sleep(0.02)
        return done()

    def busiest_second(self) -> int:
        """The most messages accepted in any window of one second."""
        times = sorted(call.at for call in self.sent())
        start, most = 0, 0
        for end, at in enumerate(times):
            while at - times[start] >= 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most

    # the server

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            while await self._request(reader, writer):
                pass
        self._connections.discard(task)
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        headers = BytesParser().parsebytes(rest)
        body = await self._body(reader, headers)
        path = line.split()[1].decode()
        method = path.rsplit("/", 1)[1]
        data = _form(headers.get("Content-Type", ""), body)
        if path.startswith("/file/"):
            return await _raw(writer, 200, self.files[method], "application/octet-stream")
        if f"/bot{TOKEN}/" not in path:
            return await _reply(writer, 401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if path.startswith("/file/"):
            return await _raw(writer, 200, self.files[method], "application/octet-stream")
        trouble = self._trouble(method, data)
        if trouble == "reset_before":
            writer.transport.abort()
            return False
        if trouble == "slow":
            await asyncio.sleep(self.slow_seconds)
        if trouble == "502":
            return await _raw(writer, 502, b"<html><body>502 Bad Gateway</body></html>", "text/html")
        if trouble == "429" or (self._sends(method) and self._too_many()):
            self.refused["429"] += 1
            said = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": self.retry_after}}
            return await _reply(writer, 429, said)
        if trouble in ERRORS:
            self.refused[trouble] += 1
            return await _reply(writer, ERRORS[trouble]["error_code"], {"ok": False, **ERRORS[trouble]})
        answer = await self._answer(method, data)
        if trouble == "reset_after":
            writer.transport.abort()
            return False
        return await _reply(writer, 200 if answer.get("ok") else int(answer["error_code"]), answer)

    async def _body(self, reader: asyncio.StreamReader, headers: Any) -> bytes:
        if headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while size := int((await reader.readline()).split(b";")[0], 16):
                parts.append(await reader.readexactly(size))
                await reader.readline()
            await reader.readline()
            return b"".join(parts)
        return await reader.readexactly(int(headers.get("Content-Length") or 0))

    def _sends(self, method: str) -> bool:
        return method in ("sendMessage", "editMessageText")

    def _trouble(self, method: str, data: dict[str, Any]) -> Trouble | None:
        if not self._sends(method):
            return None
        if self.trouble_for is not None and (found := self.trouble_for(method, data)) is not None:
            return found
        return self.troubles.popleft() if self.troubles else None

    def _too_many(self) -> bool:
        now = time.monotonic()
        return self.limit is not None and sum(now - call.at < 1.0 for call in self.sent()[-200:]) >= self.limit

    async def _answer(self, method: str, data: dict[str, Any]) -> dict[str, Any]:  # noqa: C901
        if method == "getUpdates":
            return {"ok": True, "result": await self._updates(data)}
        if method == "getMe":
            return {"ok": True, "result": BOT_USER}
        if method == "getFile":
            return self._file(data["file_id"])
        if method == "getChatMember":
            self._record(method, data)
            return {"ok": True, "result": _member(int(data["user_id"]), "administrator" if int(data["user_id"]) in self.admins else "member")}
        if method == "sendMessage" and not data.get("text"):
            return {"ok": False, **ERRORS["400"]}
        if method == "editMessageText":
            key = (str(data["chat_id"]), str(data["message_id"]))
            if key not in self._texts:
                return {"ok": False, "error_code": 400, "description": "Bad Request: message to edit not found"}
            shown = json.dumps([data["text"], data.get("reply_markup")])
            if self._texts[key] == shown:
                return {"ok": False, "error_code": 400, "description": "Bad Request: message is not modified"}
            self._texts[key] = shown
            self._record(method, data)
            return {"ok": True, "result": _sent(data, int(data["message_id"]))}
        self._record(method, data)
        if method == "sendMessage":
            self._next_message += 1
            self._texts[str(data["chat_id"]), str(self._next_message)] = json.dumps([data["text"], data.get("reply_markup")])
            return {"ok": True, "result": _sent(data, self._next_message)}
        if method == "sendPhoto":
            return self._photo(data)
        return {"ok": True, "result": True}

    def _file(self, file_id: str) -> dict[str, Any]:
        named = {"file_id": file_id, "file_unique_id": "u", "file_path": f"photos/{file_id}"}
        return {"ok": True, "result": named} if file_id in self.files else {"ok": False, **ERRORS["400"]}

    def _photo(self, data: dict[str, Any]) -> dict[str, Any]:
        self._next_message += 1
        photo = [{"file_id": data["photo"], "file_unique_id": "u", "width": 1, "height": 1}]
        return {"ok": True, "result": {**_sent({"text": "", **data}, self._next_message), "photo": photo}}

    def _record(self, method: str, data: dict[str, Any]) -> None:
        self.calls.append(Call(method, data, time.monotonic()))

    async def _updates(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        offset = int(data.get("offset") or 0)
        with self._lock:
            for number in [number for number in self._pending if number < offset]:
                if self.on_confirm is not None:
                    self.on_confirm(number)
                del self._pending[number]
                self.confirmed += 1
        end = time.monotonic() + min(float(data.get("timeout") or 0), 1.0)
        while not self._pending and time.monotonic() < end:  # noqa: ASYNC110 (filled from another thread)
            await asyncio.sleep(0.01)
        with self._lock:
            return [self._pending[number] for number in sorted(self._pending)][: int(data.get("limit") or 100)]


def _chat(user: int) -> dict[str, Any]:
    return {"id": user, "type": "private", "first_name": "Lan"}


def _group(group: int) -> dict[str, Any]:
    return {"id": group, "type": "supergroup", "title": "Nhóm thử"}


def _user(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Lan"}


def _member(user: int, status: str) -> dict[str, Any]:
    rights = ("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members",
              "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories")  # fmt: skip
    return {"user": _user(user), "status": status, **(dict.fromkeys(rights, False) if status == "administrator" else {})}


def _sent(data: dict[str, Any], message_id: int) -> dict[str, Any]:
    return {"message_id": message_id, "date": 1_790_000_000, "chat": _chat(int(data["chat_id"])), "text": data["text"]}


def _form(content_type: str, body: bytes) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        found: dict[str, Any] = json.loads(body or b"{}")
        return found
    if content_type.startswith("multipart/form-data"):
        message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        parts: list[Any] = message.get_payload()  # type: ignore[assignment]
        named = ((str(part.get_param("name", header="content-disposition")), part.get_payload(decode=True)) for part in parts)
        return {name: content.decode(errors="surrogateescape") for name, content in named}
    return {key: values[0] for key, values in parse_qs(body.decode()).items()}


async def _reply(writer: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> bool:
    return await _raw(writer, status, json.dumps(body).encode(), "application/json")


async def _raw(writer: asyncio.StreamWriter, status: int, body: bytes, kind: str) -> bool:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    return True

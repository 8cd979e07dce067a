"""The fake Bot API as a provider that counts: every sending method in any window of a second, and files by the names it gave them."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from tests.fake_telegram import FakeTelegram, Trouble

SENDING = ("sendMessage", "editMessageText", "sendPhoto", "sendDocument")
_KINDS = {"sendPhoto": "photo", "sendDocument": "document"}


@dataclass
class StrictTelegram(FakeTelegram):
    """`asked`: when each sending request came, taken or not. `over`: how many came too many. `told_to_wait`: when a 429 was said."""

    uploads: Counter[str] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)
    over: int = 0
    asked: list[float] = field(default_factory=list)
    told_to_wait: list[float] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)

    def _sends(self, method: str) -> bool:
        return method in SENDING

    def _trouble(self, method: str, data: dict[str, Any]) -> Trouble | None:
        trouble = super()._trouble(method, data)
        if self._sends(method):
            self.asked.append(time.monotonic())
        if trouble == "429":
            self.told_to_wait.append(time.monotonic())
        return trouble

    def _too_many(self) -> bool:
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if self.limit is not None and len(self._recent) >= self.limit:
            self.over += 1
            return True
        self._recent.append(now)
        return False

    async def _answer(self, method: str, data: dict[str, Any]) -> dict[str, Any]:
        if method not in _KINDS:
            return await super()._answer(method, data)
        kind = _KINDS[method]
        given = str(data[kind])
        if given not in self.known and given[1:4] not in ("PNG", "PDF"):
            return {"ok": False, "error_code": 400, "description": "Bad Request: wrong file identifier/HTTP URL specified"}
        if given not in self.known:
            given = f"{kind}-{len(self.known)}"
            self.known.add(given)
            self.uploads[kind] += 1
        self._record(method, {**data, kind: given})
        self._next_message += 1
        about = {"file_id": given, "file_unique_id": given, "width": 1, "height": 1}
        said = {"message_id": self._next_message, "date": 1_790_000_000, "chat": {"id": int(data["chat_id"]), "type": "private", "first_name": "Lan"}}
        return {"ok": True, "result": said | ({"photo": [about]} if kind == "photo" else {"document": about})}

    def received(self) -> Counter[str]:
        """How many messages each chat was really given."""
        return Counter(str(call.data["chat_id"]) for call in list(self.calls) if call.method in SENDING)

    def texts(self) -> list[str]:
        return [str(call.data.get("text") or json.dumps(call.data.get("caption"))) for call in list(self.calls) if call.method in SENDING]

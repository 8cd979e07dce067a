"""Requests to the Bot Platform: `{ok, result?, error_code?, description?}`, and HTTP 200 may carry `ok: false`. https://bot.zaloplatforms.com/docs"""

from __future__ import annotations

from typing import Any

import httpx

from bot import errors

SECONDS = 15.0
CONNECTIONS = 8
RATE_SECONDS, QUOTA_SECONDS = 30.0, 3600.0
SAID_AT_MOST = 200
_GONE = ("user not found", "chat not found", "blocked", "not friend", "not a member")
_QUOTA = ("quota", "limit exceeded", "exceeded the limit", "maximum number")


class Client:
    """`call` gives the result; the token stands in the address and is never part of an error."""

    def __init__(self, api: str, token: str) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._http = httpx.AsyncClient(timeout=SECONDS, limits=limits)
        self._url = f"{api.rstrip('/')}/bot{token}"

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, *, seconds: float = SECONDS, **body: Any) -> Any:
        """Raises one of errors.ChannelError."""
        try:
            response = await self._http.post(f"{self._url}/{method}", json=body, timeout=seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise errors.TryLater(f"Zalo is not reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise errors.OutcomeUnknown(f"Zalo broke off: {type(error).__name__}") from None
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise errors.OutcomeUnknown(f"HTTP {response.status_code} without an envelope")
        if answer.get("ok") is True:
            return answer.get("result")
        raise _error(answer, response.status_code)


def _error(answer: dict[str, Any], status: int) -> errors.ChannelError:
    code, words = answer.get("error_code", status), str(answer.get("description", ""))[:SAID_AT_MOST]
    said, lowered = f"{code} {words}".strip(), words.lower()
    match code:
        case 401 | 404:
            return errors.ChannelMisconfigured(f"{said}: check MOTCUA_ZALO_BOT_TOKEN")
        case 429:
            return errors.TryLater(said, RATE_SECONDS, whole_sender=True)
        case 408:
            return errors.TryLater(said)
    if any(words in lowered for words in _QUOTA):
        return errors.TryLater(f"{said}: the quota of the Bot Platform is used up", QUOTA_SECONDS, whole_sender=True)
    if code == 403 or any(words in lowered for words in _GONE):
        return errors.RecipientGone(said)
    return errors.OutcomeUnknown(said) if isinstance(code, int) and code >= 500 else errors.Refused(said)

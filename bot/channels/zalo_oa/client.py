"""Requests to Zalo: one envelope `{data, error, message}`, whatever the HTTP status. https://developers.zalo.me/docs/official-account"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx

from bot import clock, errors
from bot.channels.zalo_oa import refusals
from bot.domain.provider_tokens import Given

SECONDS = 15.0
CONNECTIONS = 16
TOKEN_PATH = "/v4/oa/access_token"  # noqa: S105 (a path)
SAID_AT_MOST = 200


class Application(NamedTuple):
    """The app in Zalo's console that speaks for the account."""

    id: str
    secret: str


class Client:
    """What Zalo offers, a request each. The token is handed in with every one: another process may have changed it."""

    def __init__(self, api: str, oauth: str, seconds: float = SECONDS) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._http = httpx.AsyncClient(timeout=seconds, limits=limits)
        self._api, self._oauth = api.rstrip("/"), oauth.rstrip("/")

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, token: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._asked(lambda: self._http.post(f"{self._api}{path}", json=body, headers={"access_token": token}))

    async def get(self, path: str, token: str, **query: str) -> dict[str, Any]:
        return await self._asked(lambda: self._http.get(f"{self._api}{path}", params=query, headers={"access_token": token}))

    async def upload(self, path: str, token: str, name: str, content: bytes, mime: str) -> dict[str, Any]:
        files = {"file": (name, content, mime)}
        return await self._asked(lambda: self._http.post(f"{self._api}{path}", files=files, headers={"access_token": token}))

    async def refresh(self, application: Application, refresh: str) -> Given:
        """A new pair for the refresh token, which is spent by it. Raises ChannelMisconfigured when it is not taken."""
        form = {"refresh_token": refresh, "app_id": application.id, "grant_type": "refresh_token"}
        answer = await _answer(lambda: self._http.post(f"{self._oauth}{TOKEN_PATH}", data=form, headers={"secret_key": application.secret}))
        try:
            return Given(str(answer["access_token"]), str(answer["refresh_token"]), dt.timedelta(seconds=int(answer["expires_in"])))
        except (KeyError, TypeError, ValueError, OverflowError):
            said = f"{answer.get('error', '')} {answer.get('error_name') or answer.get('error_description') or ''}".strip()
            raise errors.ChannelMisconfigured(f"no new token: {said[:SAID_AT_MOST] or 'an answer without tokens'}") from None

    async def _asked(self, ask: Callable[[], Any]) -> dict[str, Any]:
        answer = await _answer(ask)
        if "error" not in answer:  # not Zalo's envelope: who answered, and whether anything was done, nobody knows
            raise errors.OutcomeUnknown("an answer without an error code")
        code = _code(answer)
        if code == 0:
            data = answer.get("data")
            return data if isinstance(data, dict) else {}
        raise refusals.error(code, str(answer.get("message", ""))[:SAID_AT_MOST], now=clock.now())


async def _answer(ask: Callable[[], Any]) -> dict[str, Any]:
    """The envelope. What never left is tried later; what may have arrived has an unknown outcome."""
    try:
        response: httpx.Response = await ask()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise errors.TryLater(f"Zalo is not reached: {type(error).__name__}") from error
    except httpx.HTTPError as error:
        raise errors.OutcomeUnknown(f"Zalo broke off: {type(error).__name__}") from error
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise errors.TryLater("429", refusals.RATE_SECONDS, whole_sender=True)
    try:
        answer = response.json()
    except ValueError:
        raise errors.OutcomeUnknown(f"HTTP {response.status_code} without an envelope") from None
    if not isinstance(answer, dict):
        raise errors.OutcomeUnknown(f"HTTP {response.status_code} without an envelope")
    return answer


def _code(answer: dict[str, Any]) -> int:
    """0 when it was done; an error that cannot be read counts as one nobody knows."""
    try:
        return int(answer["error"])
    except (TypeError, ValueError):
        return -1

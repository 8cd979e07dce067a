"""What the shield takes out of a request before any page sees it."""

from __future__ import annotations

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.pages.shield import Shield


async def told(request: Request) -> Response:
    return PlainTextResponse(repr((request.path_params["name"], dict(request.query_params))))


async def test_no_page_sees_a_nul_which_postgresql_does_not_take() -> None:
    web = Shield(Starlette(routes=[Route("/{name}", told)]), lambda _: Response(status_code=500), https=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
        answer = await client.get("/a%00b?ai=%00x&ma=1%002")
    assert answer.text == repr(("a\ufffdb", {"ai": "\ufffdx", "ma": "1\ufffd2"}))

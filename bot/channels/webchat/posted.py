"""A form as it comes in: read within limits, from our own pages only, with its one-time token."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.channels.webchat import inbound
from bot.channels.webchat.house import House
from bot.channels.webchat.inbound import Form
from bot.channels.webchat.session import Once, Visitor

SCRIPT_HEADER = "x-mot-cua"


@dataclass(frozen=True)
class Post:
    """`once` is None when the form was drawn too long ago, or for somebody else. `script`: asked for by our script, which wants a fragment."""

    form: Form
    visitor: Visitor
    once: Once | None
    script: bool


async def read(house: House, request: Request) -> Post:
    """Raises HTTPException for what is no form of ours; the typed text stays on `request.state` for whoever shows the error."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != inbound.FORM_TYPE:
        raise HTTPException(415, "media")
    form = inbound.read(await request.body())
    request.state.fields = form.fields
    if _foreign(request):
        raise HTTPException(403, "foreign")
    visitor = house.visitor(request, form.one("phien") if form.one("khung") else None)
    return Post(form, visitor, house.sessions.once(form.one("ma"), visitor), SCRIPT_HEADER in request.headers)


def _foreign(request: Request) -> bool:
    """Whether another site's page sent this. Browsers say so; older ones at least name the origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.headers.get("host", "")

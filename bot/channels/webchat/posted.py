"""A form of the web chat as it comes in, with its one-time token."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from bot.channels.webchat.house import House
from bot.pages import forms
from bot.pages.forms import Form
from bot.pages.session import Once, Visitor

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
    form = await forms.posted(request)
    visitor = house.visitor(request, form.one("phien") if form.one("khung") else None)
    return Post(form, visitor, house.sessions.once(form.one("ma"), visitor), SCRIPT_HEADER in request.headers)

"""A form as it comes in: read within limits, cleaned, and only from our own pages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

MOST_FIELDS = 1000  # staff decide about every booking of a closed day at once
TYPE = "application/x-www-form-urlencoded"
# Control characters, and the ones that turn the direction of writing around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class Form:
    """The fields of a form; several boxes may share a name."""

    fields: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The last field of that name, or nothing."""
        return next((value for key, value in reversed(self.fields) if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)


async def posted(request: Request) -> Form:
    """The form of this request. Raises HTTPException for what is no form of ours; the fields stay on `request.state` for an error's page."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise HTTPException(415, "media")
    form = read(await request.body())
    request.state.fields = form.fields
    if foreign(request):
        raise HTTPException(403, "foreign")
    return form


def read(body: bytes) -> Form:
    """Fields of a posted form. Bytes that are no UTF-8 become replacement marks; more fields than anyone needs are left out."""
    pairs = body.split(b"&", MOST_FIELDS)[:MOST_FIELDS]
    fields = parse_qsl(b"&".join(pairs).decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    return Form(tuple((name, clean(value)) for name, value in fields))


def clean(text: str) -> str:
    """Text as it may be kept and shown: NFC, one kind of line end, nothing unseen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).strip()


def foreign(request: Request) -> bool:
    """Whether another site's page sent this. Browsers say so; older ones at least name the origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.headers.get("host", "")

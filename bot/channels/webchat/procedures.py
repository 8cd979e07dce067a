"""Pages of the catalog: the fields, the procedures of a field, and one procedure in short with a button that begins it in the chat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.channels.webchat.house import PUBLIC, House
from bot.conversation import payloads as codec
from bot.conversation.context import Premises
from bot.messages import Fact
from bot.texts import t
from handlers import payloads, presenting
from procedures.models import Procedure
from procedures.text import fold

ELSEWHERE = "noi-khac"


@dataclass(frozen=True)
class Field:
    slug: str
    name: str
    count: int


def routes(house: House) -> list[BaseRoute]:
    return [
        Route("/thu-tuc", partial(fields, house), methods=["GET"]),
        Route("/thu-tuc/{code}", partial(one, house), methods=["GET"]),
        Route("/linh-vuc/{field}", partial(field, house), methods=["GET"]),
    ]


async def fields(house: House, request: Request) -> Response:
    today = clock.today(clock.now())
    found = [Field(slug, name, len(_of_field(house.premises, slug, today))) for slug, name in _names(house.premises).items()]
    return house.html("web/fields.html", request, fields=[field for field in found if field.count], once=_once(house, request))


async def field(house: House, request: Request) -> Response:
    slug = request.path_params["field"]
    name = _names(house.premises).get(slug)
    if name is None:
        raise HTTPException(404, "field_gone")
    entries = _of_field(house.premises, slug, clock.today(clock.now()))
    return house.html("web/field.html", request, name=name, entries=entries, once=_once(house, request))


async def one(house: House, request: Request) -> Response:
    """One procedure of any depth; an old code leads to the one that replaced it."""
    asked = request.path_params["code"]
    today = clock.today(clock.now())
    entry = house.premises.catalog.get(asked, today)
    if entry is None:
        raise HTTPException(404, "procedure_gone")
    if entry.code != asked:
        return RedirectResponse(f"/thu-tuc/{entry.code}", 308, PUBLIC)
    return house.html(
        "web/procedure.html",
        request,
        entry=entry,
        in_force=entry.in_force(today),
        until=clock.date(entry.valid.until) if entry.valid.until else "",
        handled="" if entry.depth == "elsewhere" else presenting.handled(entry, house.premises.center),
        facts=facts(entry, house.premises, today),
        source=presenting.source(entry, house.premises.catalog),
        begin=codec.encode(payloads.Open(entry.code)),
        field=_names(house.premises).get(ELSEWHERE if entry.depth == "elsewhere" else entry.field, ""),
        field_slug=ELSEWHERE if entry.depth == "elsewhere" else entry.field,
        once=_once(house, request),
    )


def facts(entry: Procedure, premises: Premises, today: dt.date) -> list[Fact]:
    """Where, fee, time, who, result, what is related: as far as they can be said before the questions are answered."""
    if entry.depth != "curated":
        return []
    found = [Fact(icon="pin", label=t("list.where"), text=presenting.where(entry, premises.center))]
    found += [Fact(icon="coin", label=label, text=text) for label, text in _fees(entry)]
    times = list(dict.fromkeys(presenting.time_text(time) for time in entry.time))
    found.append(Fact(icon="clock", label=t("list.time"), text=_either(times)))
    if entry.deadline is not None:
        found.append(Fact(icon="cal", label=t("list.deadline"), text=" ".join(filter(None, (entry.deadline.text, entry.deadline.consequence)))))
    found.append(Fact(icon="person", label=t("list.who"), text=entry.who_may_go or ""))
    found.append(Fact(icon="doc", label=t("list.result"), text=entry.result or ""))
    return [*found, *presenting.related(entry, premises.catalog, today)]


def _fees(entry: Procedure) -> list[tuple[str, str]]:
    """Fees by what they are for; several amounts for one thing depend on the situation."""
    by_label: dict[str, list[str]] = {}
    for fee in entry.fees:
        by_label.setdefault(fee.what or t("list.fee"), []).append(presenting.fee_text(fee))
    return [(label, _either(list(dict.fromkeys(texts)))) for label, texts in by_label.items()]


def _either(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{t('web.by_situation')}: {' / '.join(text.rstrip('.') for text in texts)}." if texts else ""


def _names(premises: Premises) -> dict[str, str]:
    """The fields by their slug; what is done elsewhere stands last, as one."""
    return {**premises.catalog.fields, ELSEWHERE: t("web.elsewhere_field")}


def _of_field(premises: Premises, slug: str, today: dt.date) -> list[Procedure]:
    def belongs(entry: Procedure) -> bool:
        return entry.depth == "elsewhere" if slug == ELSEWHERE else entry.field == slug and entry.depth != "elsewhere"

    found = [entry for entry in premises.catalog.current(today) if belongs(entry)]
    return sorted(found, key=lambda entry: (entry.depth != "curated", fold(entry.title)))


def _once(house: House, request: Request) -> dict[str, str]:
    return {"token": house.sessions.form(house.visitor(request)), "session": ""}

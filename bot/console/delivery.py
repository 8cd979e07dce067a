"""What leaves, for operators: what waits and since when, the rate, refusals with their reasons, and single rows to try again or drop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple, get_args

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console import reach
from bot.console.desk import Desk, see_other
from bot.domain import departures, provider_tokens, senders, stranded
from bot.domain.departures import Deed, Line, Row, Trouble, Why
from bot.domain.provider_tokens import Alarm
from bot.domain.senders import Pause
from bot.domain.stranded import Stranded
from bot.texts import t

SLUG = "gui-di"
STATES: tuple[Trouble, ...] = get_args(Trouble)
# What a page may say after something was done: the sentence delivery.done_….
DONE = frozenset(("retry", "drop", "move", "drop_all"))
BOT_DEEDS = {"move": stranded.move, "drop_all": stranded.drop}
HIGHEST = 2**63


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", act),
        desks.post(desk, f"/{{center}}/{SLUG}/kenh", act_on_bot),
        desks.get(desk, f"/{{center}}/{SLUG}/{reach.SLUG}", reach.show),
    ]


class Shown(NamedTuple):
    lines: Sequence[Line]
    pauses: Sequence[Pause]
    stranded: Sequence[Stranded]
    alarms: Sequence[Alarm]
    reasons: Sequence[Why]
    rows: Sequence[Row]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "delivery.read")
    asked = request.query_params.get("tinh-trang", "")
    state = next((known for known in STATES if known == asked), STATES[0])
    now = clock.now()
    found = await desk.store.read(_shown, state, center.id, now=now)
    done = request.query_params.get("xong", "")
    return desk.html(
        "console/delivery.html", request, member, center,
        found=found, state=state, states=STATES, now=now, works=member.may("delivery.work", center.id),
        age=lambda at: age(at, now), channel=channel, reason=reason, done=_done(done, request.query_params.get("so", "")), missed=done == "khong",
    )  # fmt: skip


def _done(deed: str, number: str) -> str:
    """What the page says after something was done."""
    if deed not in DONE:
        return ""
    return t(f"delivery.done_{deed}", count=number) if deed in BOT_DEEDS and number.isdecimal() else t(f"delivery.done_{deed}")


def _shown(session: Session, state: Trouble, center_id: str, *, now: dt.datetime) -> Shown:
    lines, pauses = departures.lines(session, now=now), senders.pauses(session, now=now)
    left, alarms = stranded.of(session, center_id), provider_tokens.alarms(session, now=now)
    return Shown(lines, pauses, left, alarms, departures.reasons(session, now=now), departures.rows(session, state, center_id))


def age(at: dt.datetime | None, now: dt.datetime) -> str:
    """How long ago, in the largest unit that says something."""
    if at is None:
        return t("delivery.none")
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < 120:
        return t("delivery.seconds", count=seconds)
    return t("delivery.minutes", count=seconds // 60) if seconds < 7200 else t("delivery.hours", count=seconds // 3600)


def channel(bot: str) -> str:
    return reach.channel(bot)


def reason(word: str) -> str:
    """What we say ourselves, in words; what a provider said as it was said."""
    own = {
        "": "delivery.none", "worker died": "delivery.why_died", departures.AGAIN: "delivery.why_again", stranded.MOVED: "delivery.why_moved",
    }  # fmt: skip
    return t(own[word]) if word in own else word


async def act(desk: Desk, request: Request) -> Response:
    """Try one row again, or drop it."""
    form, member, center = await desk.form(request, "delivery.work")
    number, asked = form.one("so"), form.one("viec")
    deed: Deed | None = next((known for known in get_args(Deed) if known == asked), None)
    if deed is None or not number.isdecimal() or int(number) >= HIGHEST:
        raise HTTPException(404)
    done = await desk.store.write(_act, int(number), deed, center.id, actor=member.actor, now=clock.now())
    state = next((known for known in STATES if known == form.one("tinh-trang")), STATES[0])
    return see_other(f"{desks.at(center, SLUG)}?tinh-trang={state}&xong={deed if done else 'khong'}")


def _act(session: Session, number: int, deed: Deed, center_id: str, *, actor: str, now: dt.datetime) -> bool:
    row = departures.get(session, number, center_id)
    return row is not None and departures.act(session, row, deed, actor=actor, now=now)


async def act_on_bot(desk: Desk, request: Request) -> Response:
    """Give what waits for a bot nobody serves its fate."""
    form, member, center = await desk.form(request, "delivery.work")
    deed, bot = form.one("viec"), form.one("kenh")
    if deed not in BOT_DEEDS or not bot:
        raise HTTPException(404)
    number = await desk.store.write(BOT_DEEDS[deed], bot, center.id, actor=member.actor, now=clock.now())
    return see_other(f"{desks.at(center, SLUG)}?xong={deed}&so={number}")

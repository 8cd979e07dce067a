"""Remarks to be answered, without who made them; and the sheet of codes that hangs at the counters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.domain import counters, feedback_remarks
from bot.domain.centers import Center
from bot.domain.feedback import FACTORS, LOW
from bot.domain.feedback_remarks import Count, Remark
from bot.domain.roles import Member
from bot.pages import qr
from bot.texts import t
from handlers import feedback_duties

SLUG = "gop-y"
LONGEST = 2000  # characters of an answer
HIGHEST = 2**63
COUNTER = "/gop-y/"


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", answer),
        desks.get(desk, f"/{{center}}/{SLUG}/in", sheet),
    ]


class Draft(NamedTuple):
    """What was typed to which remark, so that it is not lost, and what is wrong with it."""

    number: int = 0
    words: str = ""
    error: str = ""


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "feedback.read")
    return await _show(desk, request, member, center, Draft())


async def _show(desk: Desk, request: Request, member: Member, center: Center, draft: Draft, *, status: int = 200) -> Response:
    answered = request.query_params.get("xem") == "da-tra-loi"
    remarks, count = await desk.store.read(_shown, center.id, answered=answered, now=clock.now())
    done = t("feedback_desk.done") if request.query_params.get("xong") == "1" and not draft.error else ""
    return desk.html(
        "console/feedback.html", request, member, center, status=status, remarks=remarks, count=count, answered=answered, draft=draft, done=done,
        works=member.may("feedback.work", center.id), low=low, day=clock.day, on=_on, longest=LONGEST,
    )  # fmt: skip


def _shown(session: Session, center_id: str, *, answered: bool, now: dt.datetime) -> tuple[Sequence[Remark], Count]:
    return feedback_remarks.of_center(session, center_id, answered=answered, now=now), feedback_remarks.count(session, center_id, now=now)


def _on(at: dt.datetime) -> str:
    return clock.day(clock.today(at))


def low(remark: Remark) -> list[tuple[str, int]]:
    """The factors that were bad, each with its level."""
    levels = remark.feedback.levels
    return [(factor, level) for factor in FACTORS if (level := levels[factor]) is not None and 0 < level <= LOW]


async def answer(desk: Desk, request: Request) -> Response:
    """Mark one answered; the words go to whoever made it, if there is a way."""
    form, member, center = await desk.form(request, "feedback.work")
    said, words = form.one("so"), form.one("tra-loi")
    number = int(said) if said.isascii() and said.isdecimal() and int(said) < HIGHEST else 0
    if not words or len(words) > LONGEST:
        error = t("feedback_desk.too_long", most=LONGEST) if words else t("feedback_desk.no_words")
        return await _show(desk, request, member, center, Draft(number, words, error), status=422)
    done = await desk.store.write(_answer, desk.premises, center.id, number, words, actor=member.actor, now=clock.now())
    if not done:
        return await _show(desk, request, member, center, Draft(number, words, t("feedback_desk.late")), status=409)
    return see_other(f"{desks.at(center, SLUG)}?xong=1")


def _answer(session: Session, premises: Premises, center_id: str, number: int, words: str, *, actor: str, now: dt.datetime) -> bool:
    return feedback_duties.answer(session, premises, center_id, number, words, actor=actor, now=now) is not None


class Code(NamedTuple):
    """One code of the sheet. `counter`: 0 for the whole hall."""

    counter: int
    link: str
    drawing: Markup


async def sheet(desk: Desk, request: Request) -> Response:
    """For the printer: one for the hall, one for each counter."""
    member, center = await desk.page(request, "feedback.read")
    numbers = await desk.store.read(_numbers, center.id)
    codes = [_code(desk.premises, center, number) for number in (0, *numbers)]
    return desk.html("console/feedback_sheet.html", request, member, center, codes=codes)


def _numbers(session: Session, center_id: str) -> list[int]:
    return [desk.number for desk in counters.counters(session, center_id) if desk.active]


def _code(premises: Premises, center: Center, number: int) -> Code:
    link = f"{premises.address}{COUNTER}{center.id}" + (f"?quay={number}" if number else "")
    return Code(number, link, qr.svg(link, t("feedback_desk.qr_label")))

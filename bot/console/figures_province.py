"""The page where a manager enters what the province published, corrects it and takes it away; others who may see figures read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console import figures_asked as asking
from bot.console import figures_words as words
from bot.console.desk import Desk, see_other
from bot.console.figures_asked import Asked
from bot.console.figures_words import MANNERS
from bot.domain import periods, province_figures, roster
from bot.domain.centers import Center
from bot.domain.paging import Page, Turn
from bot.domain.periods import Name, Period
from bot.domain.province_figures import LONGEST_SOURCE, MOST_COUNTED, UNITS, Kept, NotRight, Told
from bot.domain.roles import Member
from bot.pages.forms import Form
from bot.texts import t

FIGURES = "so-lieu"
SLUG = f"{FIGURES}/cua-tinh"
# What the page may say after something was done: the sentence province.done_….
DONE: Mapping[province_figures.Outcome, str] = {"entered": "ghi", "corrected": "sua", "same": "giong"}
DROPPED, GONE = "bo", "het"
YEAR = "nam"
# The words of the address and of the form for the kinds of periods a province publishes for.
WORDS: Mapping[Name, str] = {name: word for word, name in asking.KINDS.items() if name in periods.MONTHS}
FIELDS = ("chi-so", "ky", "nam", "gia-tri", "nguon", "ngay-nguon", "sua")
_Read = TypeVar("_Read")


class Line(NamedTuple):
    """One entry in words. `link`: the figures of that period."""

    id: int
    name: str
    value: str
    source: str
    noted: str
    link: str


class Wanted(NamedTuple):
    """Of the page. `correcting`, `going`: the number of a row, or 0. `again`: one more from the source of the last."""

    asked: Asked
    turn: Turn
    correcting: int
    going: int
    again: bool


class Shown(NamedTuple):
    """`going`: what is asked about before it is taken away."""

    lines: list[Line]
    page: Page[Kept]
    typed: Mapping[str, str]
    going: Line | None


class Wrong(ValueError):
    """What was typed cannot be: sentences by the field they belong to."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__(", ".join(said))
        self.said = said


def routes(desk: Desk) -> list[BaseRoute]:
    path = f"/{{center}}/{SLUG}"
    return [desks.get(desk, path, show), desks.post(desk, path, change)]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "figures.read")
    return await _page(desk, request, member, center)


async def _page(
    desk: Desk, request: Request, member: Member, center: Center, *, typed: Form | None = None, wrong: Mapping[str, str] = {}
) -> Response:
    given, today = request.query_params, clock.today(clock.now())
    asked, done = asking.read(given, today), given.get("xong", "")
    known = done in (*DONE.values(), DROPPED, GONE)
    turn = province_figures.turned(given)
    wanted = Wanted(asked, turn, _number(given.get("sua", "")), _number(given.get("bo", "")), again=done == "ghi")
    shown = await desk.store.read(_shown, center, wanted, today)
    return desk.html(
        "console/figures_province.html", request, member, center, status=422 if wrong else 200, shown=shown, turn=turn.words() if turn.mark else {},
        typed={name: typed.one(name) for name in FIELDS} if typed is not None else shown.typed, wrong=wrong,
        enters=member.may("figures.enter", center.id), done=t(f"province.done_{done}") if known else "", longest=LONGEST_SOURCE, indicators=UNITS,
        most=MOST_COUNTED, action=desks.at(center, SLUG),
        back=f"{desks.at(center, FIGURES)}{f'?{asked.query()}' if 'ky' in given else ''}", today=today, year=YEAR,
    )  # fmt: skip


def _shown(session: Session, center: Center, wanted: Wanted, today: dt.date) -> Shown:
    page = province_figures.listed(session, center.id, wanted.turn)
    wrong, going = (province_figures.find(session, center.id, number) for number in (wanted.correcting, wanted.going))
    names = roster.names(session, [one.actor for one in (*page.rows, going) if one is not None])
    last = province_figures.newest(session, center.id) if wanted.again else None
    typed = _of(wrong) if wrong is not None else _empty(wanted.asked, last, today)
    lines = [_line(center, one, names) for one in page.rows]
    return Shown(lines, page, typed, _line(center, going, names) if going is not None else None)


def _line(center: Center, one: Kept, names: Mapping[str, str]) -> Line:
    told, period = one.told, periods.between(one.told.first, one.told.last)
    name = t("province.of_it", figure=t(f"figures.is_{told.indicator}"), period=words.period(period).lower())
    value = f"{province_figures.written(told.value)}\u00a0{t(f'figures.unit_{MANNERS[told.indicator].unit}')}"
    source = t("province.source_of", source=told.source, date=clock.date(told.source_date))
    moment = f"{clock.hour(one.noted_at)}, {clock.date(clock.today(one.noted_at))}"
    noted = t("province.noted", who=names.get(one.actor, t("province.nobody")), moment=moment)
    return Line(one.id, name, value, source, noted, f"{desks.at(center, FIGURES)}/tong-hop?{_asked(period).query()}")


def _asked(period: Period) -> Asked:
    return Asked(WORDS[period.name], period)


def _empty(asked: Asked, last: Kept | None, today: dt.date) -> dict[str, str]:
    """For the period one came from, else the last month that is over; once more from the same source."""
    period = asked.period if asked.period.name in WORDS else periods.before(periods.of("month", today))
    again = {"nguon": last.told.source, "ngay-nguon": last.told.source_date.isoformat()} if last is not None else {}
    return dict.fromkeys(FIELDS, "") | _fields(period) | again


def _of(one: Kept) -> dict[str, str]:
    told = one.told
    said = {"chi-so": told.indicator, "gia-tri": province_figures.written(told.value), "nguon": told.source}
    return said | _fields(periods.between(told.first, told.last)) | {"ngay-nguon": told.source_date.isoformat(), "sua": str(one.id)}


def _fields(period: Period) -> dict[str, str]:
    """thang-10, quy-3 or nam, and the year."""
    month, word = period.first.month, WORDS[period.name]
    number = {"month": month, "quarter": (month + 2) // 3}.get(period.name)
    return {"ky": f"{word}-{number}" if number else word, "nam": str(period.first.year)}


# what is posted


async def change(desk: Desk, request: Request) -> Response:
    """Enter or correct one, or take it away."""
    form, member, center = await desk.form(request, "figures.enter")
    now = clock.now()
    if form.one("viec") == "bo":
        gone = await desk.store.write(province_figures.take_away, center.id, _number(form.one("so")), actor=member.actor, now=now)
        return see_other(f"{desks.at(center, SLUG)}?xong={DROPPED if gone else GONE}")
    try:
        told, period = _read(form, clock.today(now))
    except Wrong as wrong:
        return await _page(desk, request, member, center, typed=form, wrong=wrong.said)
    instead = _number(form.one("sua"))
    outcome = await desk.store.write(province_figures.enter, center.id, told, actor=member.actor, now=now, instead_of=instead)
    return see_other(f"{desks.at(center, SLUG)}?{_asked(period).query(xong=DONE[outcome])}")


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0


def _read(form: Form, today: dt.date) -> tuple[Told, Period]:
    """Raises Wrong with all that is, not only the first of it."""
    wrong: dict[str, str] = {}
    indicator = _or_why(wrong, "chi-so", lambda: _indicator(form.one("chi-so")))
    period = _period(form, today, wrong)
    value = _or_why(wrong, "gia-tri", lambda: province_figures.read_value(form.one("gia-tri"), indicator)) if indicator is not None else None
    source = _or_why(wrong, "nguon", lambda: province_figures.read_source(form.one("nguon")))
    date = _or_why(wrong, "ngay-nguon", lambda: province_figures.read_date(form.one("ngay-nguon"), period, today))
    if indicator is None or period is None or value is None or source is None or date is None:
        raise Wrong(wrong)
    return Told(indicator, period.first, period.last, value, source, date), period


def _or_why(wrong: dict[str, str], field: str, read: Callable[[], _Read]) -> _Read | None:
    try:
        return read()
    except NotRight as why:
        wrong[field] = str(why)
        return None


def _indicator(typed: str) -> str:
    if typed not in UNITS:
        raise NotRight(t("province.no_figure"))
    return typed


def _period(form: Form, today: dt.date, wrong: dict[str, str]) -> Period | None:
    chosen = _CHOICES.get(form.one("ky"))
    if chosen is None:
        wrong["ky"] = t("province.no_period")
        return None
    return _or_why(wrong, "nam", lambda: province_figures.read_period(*chosen, form.one("nam"), today))


_CHOICES: Mapping[str, tuple[Name, int]] = {
    YEAR: ("year", 1),
    **{f"quy-{number}": ("quarter", 3 * number) for number in range(1, 5)},
    **{f"thang-{number}": ("month", number) for number in range(1, 13)},
}

""" "Thống kê tuần này" of staff who may read figures: a few lines and one picture."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session

from bot import clock, numbers
from bot.conversation.context import Context, Premises
from bot.conversation.routing import Replies
from bot.db.sums import Sums
from bot.domain import attachments, figure_papers, figure_times, figures, indicators, periods, recounting, staff, threads
from bot.domain.figure_papers import Paper
from bot.domain.figure_times import Distribution
from bot.domain.periods import Period
from bot.domain.scopes import Scope
from bot.messages import Choice, Incoming, Reply, State
from bot.texts import t
from handlers import ask, dossier_words, statistics_picture
from handlers.statistics_picture import Bar, Picture, Tile
from procedures.text import fold

PATTERN = re.compile(r"(?:thong ke|thongke)(?: (.{1,40}))?")
PAGE = "/ban-lam-viec/{center}/so-lieu"
USUAL = "tuan nay"
MOST = 4  # centers of somebody who has several but not all
PAPERS = 3
LONGEST_BY_DAY, LONGEST_BY_WEEK = 14, 93  # days of a period
SEVEN = dt.timedelta(days=6)
FILE, KEPT = "thong-ke-", dt.timedelta(days=7)  # the picture: it was sent long before


class Told(NamedTuple):
    """What lines and picture are made of. `before`: of the period before; `bars`: of its parts."""

    scope: Scope
    place: str
    period: Period
    sums: Sums
    before: Sums
    bars: Sequence[Sums]
    wait: Distribution
    missing: Sequence[str]
    over: Sequence[str]
    recounted: bool

    @property
    def back(self) -> int:
        return self.sums.papers_missing + self.sums.not_served

    @property
    def came(self) -> int:
        return _came(self.sums)

    @property
    def waited(self) -> str:
        """In the mean, in minutes; "" of too few."""
        mean = indicators.wait(self.sums).shown
        return numbers.decimal(mean, 0) if mean is not None and self.wait.enough else ""


def show(context: Context, said: Incoming) -> Replies:
    """For who may read figures; anybody else meant something else."""
    member = staff.of_account(context.session, said.bot, said.address)
    known = context.premises.directory.all
    centers = [center.id for center in known if member is not None and member.may("figures.read", center.id)]
    typed = PATTERN.fullmatch(fold(said.text))
    if not centers or typed is None:
        return ask.ask(context, said)
    context.state.leave()
    period = periods.read(typed[1] or USUAL, context.today)
    if period is None:
        return Reply(ask=t("statistics.how"))
    whole = len(centers) == len(known) > 1
    asked = [Scope(center, period.first, period.last) for center in ([None] if whole else centers[:MOST])]
    read = context.beforehand.read(context.session, _read_all, (tuple(asked), period))
    return _replies(context, [_told(context.premises, one) for one in read], page_of=centers[0])


def _replies(context: Context, found: Sequence[Told], *, page_of: str) -> list[Reply]:
    """Pictures are drawn while nothing is being written, all of them at once."""
    wanted = {told.scope: _picture(told, now=context.now) for told in found if told.came}
    drawn = dict(zip(wanted, context.beforehand.all(statistics_picture.draw, list(wanted.values())), strict=True))
    threads.drop_unused(context.session, attachments.older(context.session, FILE, context.now - KEPT))
    return [_reply(context, told, drawn.get(told.scope), page_of) for told in found]


def _reply(context: Context, told: Told, picture: bytes | None, page_of: str) -> Reply:
    center = told.scope.center
    page = Choice(number=1, label=t("statistics.page"), link=f"{context.premises.address}{PAGE.format(center=center or page_of)}")
    state = State(tone="note", icon="chart", title=_title(told), text=("\n".join(_lines(told)),))
    if picture is None:
        return Reply(blocks=(state,), choices=(page,))
    number = attachments.keep(context.session, picture, f"{FILE}{center or 'tat-ca'}-{told.period.first}.png", now=context.now)
    return Reply(blocks=(state, attachments.block(context.session, number)), choices=(page,))


class Read(NamedTuple):
    """The figures as they are kept. `missing`: by procedure and paper; `recounted`: they are still being counted anew."""

    scope: Scope
    period: Period
    sums: Sums
    before: Sums
    bars: Sequence[Sums]
    wait: Distribution
    missing: Sequence[tuple[tuple[str, str], int]]
    over: Sequence[Paper]
    recounted: bool


def _read_all(session: Session, asked: tuple[tuple[Scope, ...], Period]) -> list[Read]:
    """Of all centers and years this adds up many rows."""
    scopes, period = asked
    return [_read(session, scope, period) for scope in scopes]


def _read(session: Session, scope: Scope, period: Period) -> Read:
    before = periods.before(period)
    lacked = list(figure_papers.lacked(figure_papers.papers(session, scope, "missing")).items())[:PAPERS]
    sums = (figures.sums(session, scope), figures.sums(session, scope.at(before.first, before.last)))
    bars = [figures.sums(session, scope.at(first, last)) for _, first, last in _parts(period)[1]]
    times, over = figure_times.distribution(session, scope, "wait"), figure_papers.papers(session, scope, "over_said", PAPERS)
    return Read(scope, period, *sums, bars, times, lacked, over, recounting.unsure(session, period.last))


def _told(premises: Premises, read: Read) -> Told:
    center = premises.directory.get(read.scope.center) if read.scope.center else None
    return Told(
        read.scope,
        center.place if center is not None else t("statistics.everywhere"),
        read.period,
        read.sums,
        read.before,
        read.bars,
        read.wait,
        [_paper(premises, procedure, paper, n, read.period.last) for (procedure, paper), n in read.missing if n >= indicators.LEAST],
        [_over(premises, one) for one in read.over if one.n >= indicators.LEAST],
        read.recounted,
    )


def _came(sums: Sums) -> int:
    return sums.served + sums.no_show


def _paper(premises: Premises, procedure: str, paper: str, n: int, date: dt.date) -> str:
    entry = premises.catalog.get(procedure)
    found = entry.document(paper) if entry is not None else None
    name = found.name if found is not None else dossier_words.about(premises, procedure, date)
    return t("statistics.missing_one", paper=f"{name[:1].lower()}{name[1:]}", count=numbers.grouped(n))


def _over(premises: Premises, one: Paper) -> str:
    """Of the catalog, or as people typed it."""
    entry = premises.catalog.get(one.procedure)
    found = entry.document(one.paper) if entry is not None else None
    name = found.name if found is not None else one.paper
    return t("statistics.over_one", paper=f"{name[:1].lower()}{name[1:]}", count=numbers.grouped(one.n))


# words


def _title(told: Told) -> str:
    return t("statistics.title", place=told.place, period=_period(told.period))


def _period(period: Period) -> str:
    first = period.first
    match period.name:
        case "day":
            return t("statistics.period_day", day=clock.date(first))
        case "month":
            return t("statistics.period_month", month=first.month, year=first.year)
        case "quarter":
            return t("statistics.period_quarter", number=(first.month + 2) // 3, year=first.year)
        case "year":
            return t("statistics.period_year", year=first.year)
    return t("statistics.period_days", first=_short(first), last=clock.date(period.last))


def _short(date: dt.date) -> str:
    return f"{date.day}/{date.month}"


def _lines(told: Told) -> list[str]:
    first = [t("figures.recounted")] if told.recounted else []
    if not told.came:
        return [*first, t("statistics.nothing")]
    sums, satisfied, on_time = told.sums, indicators.satisfaction(told.sums), indicators.on_time(told.sums)
    lines = [
        *first,
        t("statistics.came", came=numbers.grouped(told.came), before=numbers.grouped(_came(told.before))),
        t("statistics.done", done=numbers.grouped(sums.served - told.back), back=numbers.grouped(told.back), absent=numbers.grouped(sums.no_show)),
    ]
    if told.waited:
        lines.append(t("statistics.wait", mean=told.waited, wait=told.wait.median, nine=told.wait.p90))
    if satisfied.shown is not None:
        lines.append(t("statistics.satisfaction", value=numbers.decimal(satisfied.shown), n=numbers.grouped(satisfied.people or satisfied.n)))
    if on_time.percent is not None:
        lines.append(t("statistics.on_time", percent=numbers.decimal(on_time.percent), n=numbers.grouped(on_time.n)))
    if told.missing:
        lines.append(t("statistics.missing", papers=", ".join(told.missing)))
    if told.over:
        lines.append(t("statistics.over", papers=", ".join(told.over)))
    held_back = satisfied.shown is None or on_time.percent is None or not told.waited
    return [*lines, t("statistics.few")] if held_back else lines


# the picture


def _picture(told: Told, *, now: dt.datetime) -> Picture:
    question, parts = _parts(told.period)
    today = clock.today(now)
    bars = tuple(_bar(label, sums, ahead=first > today) for (label, first, _), sums in zip(parts, told.bars, strict=True))
    legend = (t("statistics.legend_came"), t("statistics.legend_back"))
    foot = t("statistics.foot", hour=clock.hour(now), day=clock.date(today))
    return Picture(_title(told), tuple(_tiles(told)), question, bars, legend, foot)


def _bar(label: str, sums: Sums, *, ahead: bool) -> Bar:
    return Bar(label, _came(sums), sums.papers_missing + sums.not_served, ahead)


def _tiles(told: Told) -> list[Tile]:
    satisfied, few = indicators.satisfaction(told.sums), t("statistics.t_few")
    people = satisfied.n if satisfied.people is None else satisfied.people
    return [
        Tile(numbers.grouped(told.came), t("statistics.t_came"), t("statistics.t_before", value=numbers.grouped(_came(told.before)))),
        Tile(
            numbers.grouped(told.back),
            t("statistics.t_back"),
            t("statistics.t_of", part=numbers.grouped(told.back), whole=numbers.grouped(told.came)),
        ),
        Tile(told.waited, t("statistics.t_wait"), t("statistics.t_n_wait", n=numbers.grouped(told.wait.n)))
        if told.waited
        else Tile("–", t("statistics.t_wait"), few),
        Tile(numbers.decimal(satisfied.shown), t("statistics.t_satisfaction"), t("statistics.t_n", n=numbers.grouped(people)))
        if satisfied.shown is not None
        else Tile("–", t("statistics.t_satisfaction"), few),
    ]


Parts = list[tuple[str, dt.date, dt.date]]


def _parts(period: Period) -> tuple[str, Parts]:
    """What each bar is: a day, a week or a month of the period; of a single day the week up to it."""
    first = period.last - SEVEN if period.name == "day" else period.first
    if period.days <= LONGEST_BY_DAY:
        weekdays = t("statistics.weekdays").split()
        days = [first + dt.timedelta(days=number) for number in range((period.last - first).days + 1)]
        return t("statistics.bars_days"), [(f"{weekdays[day.weekday()]}\n{_short(day)}", day, day) for day in days]
    if period.days <= LONGEST_BY_WEEK:
        return t("statistics.bars_weeks"), [(f"{_short(one.first)}\n–{_short(one.last)}", *one[1:]) for one in _cut(period, "week")]
    return t("statistics.bars_months"), [(t("statistics.bar_month", month=one.first.month), *one[1:]) for one in _cut(period, "month")]


def _cut(period: Period, name: periods.Name) -> list[Period]:
    """The weeks or months the period is made of, shortened at its ends."""
    found, day = [], period.first
    while day <= period.last:
        part = periods.of(name, day)
        found.append(Period(part.name, max(part.first, period.first), min(part.last, period.last)))
        day = part.last + dt.timedelta(days=1)
    return found

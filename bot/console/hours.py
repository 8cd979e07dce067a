"""Opening hours: the week, days that differ, closing early. A change that leaves bookings outside asks first what becomes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console.bookings import Line, lines, sentence
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.domain import audit, calendar, displaced, hours
from bot.domain.centers import Center
from bot.domain.displaced import Proposal
from bot.domain.hours import Change, Exception_, NotHours, Spans, Week
from bot.domain.roles import Member
from bot.pages.forms import Form
from bot.texts import t
from handlers import displacing
from handlers.displacing import Decisions, Done, Reach, Undecided

SLUG = "gio"
SHOWN_DAYS = 120  # how far ahead holidays are listed
FARTHEST = dt.timedelta(days=730)
LONGEST_REASON = 120
CHOICES: Mapping[str, displacing.Choice] = {"doi": "move", "giu": "keep", "huy": "cancel"}
WORDS: Mapping[displacing.Choice, str] = {choice: word for word, choice in CHOICES.items()}


class Wrong(ValueError):
    """What was typed cannot be: sentences by the field they belong to."""

    def __init__(self, said: Mapping[str, str]) -> None:
        super().__init__(", ".join(said))
        self.said = said


@dataclass(frozen=True)
class Wanted:
    """A change of the hours as a form asked for it. `fields` ask for the same again; `words` say it."""

    action: str
    subject: str
    words: str
    fields: Mapping[str, str]
    run: Callable[[Session], Change]


@dataclass(frozen=True)
class Special:
    """A day that is not like the week. `own`: staff decided so, and may take it back."""

    date: dt.date
    spans: Spans
    reason: str
    own: bool


@dataclass(frozen=True)
class View:
    week: Week
    days: tuple[Special, ...]
    today: hours.DayHours
    outside: int


@dataclass(frozen=True)
class Affected:
    """One booking that does not fit, with what may become of it. `chosen`: what was picked for it alone before."""

    line: Line
    proposal: Proposal
    reach: Reach
    possible: tuple[str, ...]
    chosen: str = ""
    wrong: bool = False

    @property
    def to(self) -> str:
        """The proposed time in words."""
        to = self.proposal.to
        return t("visits.when", day=clock.day(clock.today(to)), hour=clock.hour(to)) if to is not None else ""


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/gio", show), desks.post(desk, "/{center}/gio", change)]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "center.read")
    return await _page(desk, request, member, center)


async def _page(
    desk: Desk,
    request: Request,
    member: Member,
    center: Center,
    *,
    form: Form = Form(),  # noqa: B008
    wrong: Mapping[str, str] | None = None,
) -> Response:
    view = await desk.store.read(_view, center.id, clock.now())
    said = request.query_params.get("xong", "")
    return desk.html(
        "console/hours.html", request, member, center, status=422 if wrong else 200,
        view=view, sets=member.may("center.setup", center.id), weekdays=clock.WEEKDAYS, day=clock.day, spoken=hours.said,
        typed=_typed(view.week, form), form=form, wrong=wrong or {}, done=_said(said), today=clock.today(clock.now()),
    )  # fmt: skip


def _typed(week: Week, form: Form) -> list[str]:
    """What stands in the fields of the week: what was typed just now, else what holds."""
    if form.one("viec") == "tuan":
        return [form.one(f"t{day}") for day in range(7)]
    return [hours.typed(spans) for spans in week.days]


def _said(words: str) -> str:
    """What was done, from the address: moved, kept and cancelled bookings."""
    parts = words.split("-")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 5 for part in parts):
        return ""
    moved, kept, cancelled = map(int, parts)
    return t("desk.hours_done_with", moved=moved, kept=kept, cancelled=cancelled) if moved + kept + cancelled else t("desk.hours_done")


def _view(session: Session, center_id: str, now: dt.datetime) -> View:
    today = clock.today(now)
    week, own = hours.week_of(session, center_id), hours.exceptions(session, center_id, today)
    coming = displaced.booked(session, center_id, now=now)
    outside = sum(not one.inside for one in displaced.find(session, center_id, coming))
    return View(week, tuple(_specials(week, own, today)), hours.of_day(week, own, today), outside)


def _specials(week: Week, own: Mapping[dt.date, Exception_], today: dt.date) -> Iterator[Special]:
    last = today + dt.timedelta(days=SHOWN_DAYS)
    national = {date for year in {today.year, last.year} for date in calendar.of_year(year) if today <= date <= last}
    for date in sorted(national | own.keys()):
        day = hours.of_day(week, own, date)
        yield Special(date, day.spans, ", ".join(part for part in (day.holiday, day.reason) if part), date in own)


async def change(desk: Desk, request: Request) -> Response:
    """One change of the hours; asks first when bookings do not fit it."""
    posted = await desk.form(request, "center.setup")
    form, member, center = posted
    now = clock.now()
    try:
        wanted = await desk.store.read(_wanted, center.id, form, member, now)
    except Wrong as wrong:
        return await _page(desk, request, member, center, form=form, wrong=wrong.said)
    decided = _decisions(form)
    try:
        done = await desk.store.write(_apply, center.id, wanted, decided, member, now=now)
    except Undecided as undecided:
        return await _ask(desk, request, member, center, wanted=wanted, decided=decided, undecided=undecided)
    except errors.VisitError:  # a seat went to somebody else at this very moment
        undecided_now = await _again(desk, center.id, wanted, member, now)
        return await _ask(desk, request, member, center, wanted=wanted, decided=decided, undecided=undecided_now)
    await desk.store.read(desk.premises.directory.refresh)
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}?xong={done.moved}-{done.kept}-{done.cancelled}")


def _apply(session: Session, center_id: str, wanted: Wanted, decided: Decisions, member: Member, *, now: dt.datetime) -> Done:
    done = displacing.apply(session, center_id, wanted.run, decided, actor=member.actor, now=now)
    before, after = done.change
    sums = {name: number for name in ("moved", "kept", "cancelled") if (number := getattr(done, name))}
    if before or after or sums:
        told = {**after, **sums, **({"why": decided.why} if sums else {})}
        audit.write(
            session, actor=member.actor, center_id=center_id, action=wanted.action, subject=wanted.subject, before=before, after=told, now=now
        )
    return done


async def _again(desk: Desk, center_id: str, wanted: Wanted, member: Member, now: dt.datetime) -> Undecided:
    """What there is to decide now."""
    try:
        await desk.store.write(_only_look, center_id, wanted, member, now)
    except Undecided as undecided:
        return Undecided(undecided.proposals, changed=True)
    raise AssertionError("unreachable")


def _only_look(session: Session, center_id: str, wanted: Wanted, member: Member, now: dt.datetime) -> None:
    displacing.apply(session, center_id, wanted.run, Decisions(), actor=member.actor, now=now)
    raise Undecided(())


def _decisions(form: Form) -> Decisions:
    single = {
        int(name[1:]): CHOICES[value]
        for name, value in form.fields
        if name[:1] == "v" and name[1:].isdecimal() and len(name) < 19 and value in CHOICES
    }
    return Decisions(form.one("dau"), CHOICES.get(form.one("ca")), single, sentence(form.one("bao")))


async def _ask(desk: Desk, request: Request, member: Member, center: Center, *, wanted: Wanted, decided: Decisions, undecided: Undecided) -> Response:
    """The bookings that do not fit, and what may become of each."""
    rows = await desk.store.read(_affected, desk.premises, undecided, decided)
    unreached = sum(row.reach != "told" for row in rows)
    status = 409 if undecided.changed else 422 if undecided.wrong or undecided.no_why else 200
    return desk.html(
        "console/hours_affected.html", request, member, center, status=status,
        wanted=wanted, rows=rows, seal=displaced.seal(undecided.proposals), decided=decided, undecided=undecided, unreached=unreached,
        every=_every(undecided, decided), stay=all(row.proposal.inside for row in rows), day=clock.day,
    )  # fmt: skip


def _every(undecided: Undecided, decided: Decisions) -> str:
    """What is marked for all: what was chosen, else the least that has to change."""
    usual: displacing.Choice = "keep" if undecided.proposals and all(one.inside for one in undecided.proposals) else "move"
    return WORDS[decided.every or usual]


def _affected(session: Session, premises: Premises, undecided: Undecided, decided: Decisions) -> tuple[Affected, ...]:
    found = lines(session, premises, [one.visit for one in undecided.proposals])
    return tuple(
        Affected(
            line,
            proposal,
            displacing.reach(session, premises, proposal.visit),
            tuple(WORDS[choice] for choice in displacing.possible(proposal)),
            WORDS.get(decided.single[proposal.visit.id], "") if proposal.visit.id in decided.single else "",
            proposal.visit.id in undecided.wrong,
        )
        for line, proposal in zip(found, undecided.proposals, strict=True)
    )


@dataclass(frozen=True)
class Asking:
    """What a form is read with."""

    session: Session
    center_id: str
    form: Form
    member: Member
    now: dt.datetime
    today: dt.date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", clock.today(self.now))


def _wanted(session: Session, center_id: str, form: Form, member: Member, now: dt.datetime) -> Wanted:
    """The change a form asks for. Raises Wrong."""
    deed = _DEEDS.get(form.one("viec"))
    if deed is None:
        raise Wrong({"": t("desk.old_form")})
    return deed(Asking(session, center_id, form, member, now))


def _week(asking: Asking) -> Wanted:
    days: list[Spans] = []
    wrong: dict[str, str] = {}
    for number in range(7):
        try:
            days.append(hours.parse(asking.form.one(f"t{number}")))
        except NotHours as error:
            wrong[f"t{number}"] = str(error)
    if wrong:
        raise Wrong(wrong)
    week = Week(tuple(days))
    fields = {"viec": "tuan"} | {f"t{number}": hours.typed(spans) for number, spans in enumerate(days)}

    def run(session: Session) -> Change:
        return hours.set_week(session, asking.center_id, week, actor=asking.member.actor, now=asking.now)

    return Wanted("hours.week", "", t("desk.wanted_week", week=hours.text(week)), fields, run)


def _day(asking: Asking) -> Wanted:
    form, wrong = asking.form, {}
    closed = form.one("kieu") != "gio"
    spans: Spans = ()
    try:
        date = _date(asking, form.one("ngay"))
    except Wrong as error:
        date, wrong["ngay"] = asking.today, error.said["ngay"]
    try:
        spans = () if closed else hours.parse(form.one("gio"))
    except NotHours as error:
        wrong["gio"] = str(error)
    if not closed and not spans and "gio" not in wrong:
        wrong["gio"] = t("desk.no_hours")
    if wrong:
        raise Wrong(wrong)
    fields = {"viec": "ngay", "ngay": date.isoformat(), "kieu": form.one("kieu"), "gio": hours.typed(spans), "ly-do": _reason(form)}
    return _exception(asking, date, spans, _reason(form), fields)


def _date(asking: Asking, typed: str) -> dt.date:
    try:
        date = dt.date.fromisoformat(typed)
    except ValueError:
        raise Wrong({"ngay": t("desk.no_date")}) from None
    if not asking.today <= date <= asking.today + FARTHEST:
        raise Wrong({"ngay": t("desk.date_range")})
    return date


def _reason(form: Form) -> str:
    return " ".join(form.one("ly-do").split())[:LONGEST_REASON]


def _exception(asking: Asking, date: dt.date, spans: Spans | None, reason: str, fields: Mapping[str, str]) -> Wanted:
    def run(session: Session) -> Change:
        return hours.set_exception(session, asking.center_id, date, spans, reason, actor=asking.member.actor, now=asking.now)

    if spans is None:
        words = t("desk.wanted_back", day=clock.day(date))
    elif spans:
        words = t("desk.wanted_hours", day=clock.day(date), spans=hours.said(spans))
    else:
        words = t("desk.wanted_closed", day=clock.day(date))
    return Wanted("hours.day", date.isoformat(), words[:1].upper() + words[1:], fields, run)


def _back(asking: Asking) -> Wanted:
    date = _date(asking, asking.form.one("ngay"))
    return _exception(asking, date, None, "", {"viec": "bo", "ngay": date.isoformat()})


def _early(asking: Asking) -> Wanted:
    """Today ends at this time."""
    typed, reason = asking.form.one("luc"), _reason(asking.form)
    today = hours.of_days(asking.session, asking.center_id, asking.today, asking.today)[asking.today]
    try:
        [(_, closes)] = hours.parse(f"0:00-{typed}")
    except (NotHours, ValueError):
        raise Wrong({"luc": t("desk.no_time")}) from None
    if not today.spans or closes >= today.spans[-1].closes:
        raise Wrong({"luc": t("desk.not_early")})
    spans = tuple(hours.Span(span.opens, min(span.closes, closes)) for span in today.spans if span.opens < closes)
    return _exception(asking, asking.today, spans, reason, {"viec": "ve-som", "luc": typed, "ly-do": reason})


def _left_over(asking: Asking) -> Wanted:
    """Nothing changes but the bookings that lie outside the hours already."""
    return Wanted("hours.displaced", "", t("desk.wanted_left_over"), {"viec": "con-lai"}, lambda _session: Change({}, {}))


_DEEDS: Mapping[str, Callable[[Asking], Wanted]] = {"tuan": _week, "ngay": _day, "bo": _back, "ve-som": _early, "con-lai": _left_over}

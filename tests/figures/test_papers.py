"""Papers that were typed, papers a dossier was paused for, and visits from helpers' tablets: as managers find them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from bot.console import figures_asked, figures_behind
from bot.console.figures_behind import Behind
from bot.db import upsert
from bot.db.day import Visit as VisitRow
from bot.domain import dossiers, feedback, figure_papers, figure_times, figures, working_days
from bot.domain.dossiers import Slip
from bot.domain.feedback import Asked, Giver
from bot.domain.figure_papers import Paper
from bot.domain.paging import Turn
from bot.domain.scopes import Scope
from bot.domain.visits import Missing, Visit
from procedures.models import Time
from tests.center_day import CENTER, CLERK, MONDAY, CenterDay, minutes
from tests.figures.counting import sums, wrongs

BIRTH = "1.001193"


def served(day: CenterDay) -> Visit:
    day.sit(1)
    day.walk_in(procedure=BIRTH)
    return day.finish(day.called())


def over_said(day: CenterDay) -> list[Paper]:
    return day.read(figure_papers.papers, Scope(CENTER, day.today, day.today), "over_said")


def test_a_typed_paper_is_shown_under_its_usual_spelling_once_enough_people_named_it(day: CenterDay) -> None:
    spellings = ("Sổ hộ khẩu", "so ho khau", "SỔ HỘ KHẨU", "Sổ hộ khẩu", "sổ hộ khẩu")
    for number, name in enumerate(spellings, start=1):
        row = day.do(feedback.start, served(day), "ho-tich", Giver("web"))
        day.do(feedback.papers, row, [Asked("", name), *([Asked("photo", "Ảnh")] if number == 1 else [])])
        day.do(feedback.finish, row)
        known = [Paper(BIRTH, "photo", "", 1)]
        assert over_said(day) == ([Paper(BIRTH, "Sổ hộ khẩu", "", 5), *known] if number == len(spellings) else known)
    assert (sums(day).over_said, sums(day).over_ratings, wrongs(day)) == (6, 5, [])


def test_a_paper_asked_for_after_the_receipt_leads_to_the_visit(day: CenterDay) -> None:
    visit, other = served(day), served(day)
    works = day.read(dossiers.works, CENTER, day.today)
    slip = Slip(BIRTH, "ho-tich", working_days.promise(day.now, Time(kind="working_days", amount=2), works))
    made = day.do(dossiers.of_finished, visit, slip, actor=CLERK)
    day.now += minutes(30)
    made = day.do(dossiers.pause, made, [Missing("photo", "Ảnh", "not_required")], actor=CLERK)
    day.do(dossiers.resume, made, actor=CLERK)
    scope = Scope(CENTER, day.today, day.today)
    assert day.read(figure_papers.papers, scope, "missing") == [Paper(BIRTH, "photo", "not_required", 1)]
    assert behind(day, scope, "photo") == [visit.id]
    assert {visit.id, other.id} == set(behind(day, scope))


def behind(day: CenterDay, scope: Scope, paper: str = "") -> list[int]:
    return [one.id for one in day.read(lambda session: figures_behind.page(session, scope, Behind(paper), Turn())).rows]


def test_visits_of_all_helpers_are_found_as_one_channel(day: CenterDay) -> None:
    visits, table = [served(day)], upsert.table(VisitRow)
    for source in ("assist:7", "assist:12"):
        made = day.walk_in(procedure=BIRTH)
        day.read(lambda session, row=made.id, by=source: session.execute(update(table).where(table.c.id == row).values(source=by)))
        day.now += minutes(3)
        visits.append(day.finish(day.called()))
    scope = Scope(CENTER, day.today, day.today, channel="assist")
    assert {channel: told.visits for channel, told in day.read(figures.by_channel, scope.at(day.today, day.today)).items()} == {"assist": 2}
    assert sorted(behind(day, scope)) == [visit.id for visit in visits[1:]]
    narrow = replace(scope, procedure=BIRTH)
    assert day.read(figure_times.distribution, narrow, "wait").n == day.read(figures.sums, narrow).wait_n == 2
    assert wrongs(day) == []


def test_an_address_asks_for_no_single_helper() -> None:
    assert figures_asked.read({"kenh": "assist:7"}, MONDAY).channel == "assist"

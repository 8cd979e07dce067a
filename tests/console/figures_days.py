"""Some days of a center whose figures are known: who came, what was missing, what they thought, written straight into the tables."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import CounterGroup, Visit, VisitEvent
from bot.db.leaving import Notice
from bot.db.questions import Question
from bot.db.results import Dossier, Feedback
from bot.db.store import Store
from bot.domain import procedure_fields, rebuilding

MONDAY = dt.date(2026, 3, 2)
WEEK = "ky=tuan&ngay=2026-03-02"
DEATH, COPY = "1.000656", "2.000815"
PAPER, ORIGINAL = "death_notice", "original"
_NUMBERS = itertools.count(1)


def at(day: dt.date, minutes: float) -> dt.datetime:
    """So many minutes after midnight in Vietnam."""
    return dt.datetime.combine(day, dt.time(0), dt.UTC) + dt.timedelta(minutes=minutes - 420)


async def furnish(store: Store, center: str, monday: dt.date = MONDAY, *, visits: int = 60, lacking: float = 0.2, morning: int = 45) -> None:
    """A week of it; who comes on Monday before eight waits `morning` minutes longer."""
    await store.write(_furnish, center, monday, (visits, lacking, morning))


async def count(store: Store) -> None:
    """Make the figures of what was written."""
    await store.write(procedure_fields.settle, {DEATH: "ho-tich", COPY: "chung-thuc"})
    async for _ in rebuilding.everything(store):
        pass


def _furnish(session: Session, center: str, monday: dt.date, shape: tuple[int, float, int]) -> None:
    visits, lacking, morning = shape
    chance = random.Random(f"{center}{monday}")
    groups = upsert.table(CounterGroup).c
    group = session.execute(select(groups.id).where(groups.center_id == center).order_by(groups.id)).scalars().first()
    for number in range(visits):
        day = monday + dt.timedelta(days=number % 5)
        row = _visit(center, group or 1, day, number, chance)
        early = number % 5 == 0 and number % 4 < 2
        minute, waited = 450 + chance.randrange(25) if early else 540 + 30 * (number % 14), 4 + chance.randrange(20) + (morning if early else 0)
        lacks = chance.random() < lacking
        row |= {"due_at": at(day, minute), "called_at": at(day, minute + waited), "serving_at": at(day, minute + waited + 1)}
        row |= {"ended_at": at(day, minute + waited + 12), "state": "must_return" if lacks else "done"}
        outcome = "papers_missing" if lacks else "wrong_place" if number % 17 == 3 else "accepted"
        paper = (PAPER, "Giấy báo tử") if row["procedure"] == DEATH else (ORIGINAL, "Bản chính")
        missing = [{"id": paper[0], "name": paper[1], "why": "missing"}] if lacks else []
        made = _add(session, Visit, **row, outcome=outcome, missing=json.dumps(missing, ensure_ascii=False))
        _told(session, made, row, outcome)
        if number % 2:
            _rated(session, made, row, chance)
        if outcome == "accepted" and number % 3 == 0:
            _dossier(session, made, row, late=number % 4 == 0)
    for number in range(3):
        _question(session, center, at(monday, 600 + number), answered=number > 0)


def _visit(center: str, group: int, day: dt.date, number: int, chance: random.Random) -> dict[str, Any]:
    mark = next(_NUMBERS)
    return {
        "center_id": center, "group_id": group, "day": day, "token": f"figures{mark}", "code": f"{mark:06}", "letter": "F", "number": mark,
        "source": chance.choice(("web", "kiosk", "telegram")), "procedure": DEATH if number % 3 else COPY, "party": 0, "behalf": "",
        "priority": "", "returned": False, "calls": 1, "note": "bác Bảy Nguyễn", "created_at": at(day, 400),
    }  # fmt: skip


def _told(session: Session, made: int, row: dict[str, Any], outcome: str) -> None:
    finished = {"state": ["serving", row["state"]], "outcome": ["", outcome], "note": ["", row["note"]]}
    steps: list[tuple[str, str, dict[str, list[Any]]]] = [("walk_in", "due_at", {"state": [None, "waiting"]}), ("finish", "ended_at", finished)]
    for kind, moment, changes in steps:
        told = {"visit_id": made, "center_id": row["center_id"], "kind": kind, "actor": "staff:1", "at": row[moment]}
        _add(session, VisitEvent, **told, changes=json.dumps(changes, ensure_ascii=False))


def _rated(session: Session, visit: int, row: dict[str, Any], chance: random.Random) -> None:
    levels = {name: chance.choice((3, 4, 5)) for name in ("access", "procedures", "results", "handling")} | {"staff": chance.choice((1, 2, 4))}
    papers = [{"id": "id_card", "name": "Căn cước"}] if chance.random() < 0.2 else []
    given = {"asked_at": row["ended_at"], "done_at": row["ended_at"], "created_at": row["ended_at"], "procedure": row["procedure"]}
    own = {"token": f"rated{visit}", "center_id": row["center_id"], "visit_id": visit, "channel": "web", "origin": "visit", "field": "ho-tich"}
    _add(session, Feedback, **own, **given, **levels, comment="", papers=json.dumps(papers), flags="[]", device="", reply="")


def _dossier(session: Session, visit: int, row: dict[str, Any], *, late: bool) -> None:
    day = row["day"]
    _add(
        session, Dossier, center_id=row["center_id"], receipt=f"F{visit}", receipt_key=f"F{visit}", visit_id=visit, procedure=row["procedure"],
        field="ho-tich", source="visit", state="open" if visit % 5 == 0 else "ready", received_at=row["ended_at"], counts_from=day, working_days=2,
        used_days=0, cutoff="", missing="[]", first_due=day, due=day, missed_due=day if late else None, supplements=0,
        ready_at=None if visit % 5 == 0 else row["ended_at"], changed_at=row["ended_at"],
    )  # fmt: skip


def _question(session: Session, center: str, asked: dt.datetime, *, answered: bool) -> None:
    _add(
        session, Question, center_id=center, group_message_id="", state="closed" if answered else "open", cause="asked", about=DEATH, knows="{}",
        asked_at=asked, due_at=asked, answered_at=asked + dt.timedelta(minutes=90) if answered else None, closed_by="", changed_at=asked,
    )  # fmt: skip


def _add(session: Session, row: Any, /, **columns: Any) -> int:
    table = upsert.table(row)
    return int(session.execute(insert(table).values(**columns).returning(table.c.id)).scalar_one())


async def named(store: Store, center: str, title: str) -> None:
    """A notice of that title, which everybody got."""
    await store.write(_named, center, title)


def _named(session: Session, center: str, title: str) -> None:
    then = at(MONDAY, 600)
    _add(session, Notice, center_id=center, state="done", title=title, body="", reply="", audience="{}", urgent=False, author="staff:1",
         submitted_by="", confirmed_by="", recipients=0, frozen_at=then, created_at=then, changed_at=then)  # fmt: skip

"""A year of a province with known truth: seeded centers of different character, and the awkward rows real life leaves."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from bot.db import day, questions, results, tables, upsert

Row = dict[str, Any]

FIRST = dt.date(2025, 1, 1)
FIELDS = {
    "1.001193": "ho-tich", "1.000894": "ho-tich", "1.004222": "cu-tru", "1.012814": "dat-dai", "1.012817": "dat-dai", "1.013225": "xay-dung",
}  # fmt: skip
STRANGE = "9.999999"  # a code no catalog knows
PROCEDURES = (*FIELDS, STRANGE, "")
GROUPS = {"A": ["ho-tich"], "B": ["dat-dai", "xay-dung"], "C": []}
PAPERS = ("birth_proof", "residence", "photo", "land_certificate", "marriage")
SOURCES = ("telegram", "zalo_oa", "web", "kiosk", "staff", "assist:7", "assist:12", "")
CHANNELS = ("telegram", "zalo_oa", "web", "kiosk", "staff", "assist", "")
FACTORS = ("access", "procedures", "staff", "results", "handling")
TYPED = ("Giấy gì đó", "giấy gì đó", "Giay gi do", "Sổ hộ khẩu", "")  # "": not kept any longer
WHYS = ("missing", "incorrect", "outdated", "not_required")

# What is known about some of them; all others are alike.
MORNINGS, PAPERLESS, TARDY, DISLIKED, ABSENT, SLOPPY, GREEDY, QUIET, EMPTY = (f"c{number:03}" for number in range(9))
LACKING, LACKED = "1.012814", "land_certificate"  # often missing at PAPERLESS
NEEDLESS = "photo"  # asked for without need at GREEDY
QUIET_VISITS = 3  # in the whole year


@dataclass(frozen=True)
class Shape:
    centers: int = 100
    months: int = 12
    visits: int = 20  # of one center in one month
    seed: int = 20261122


@dataclass(frozen=True)
class Province:
    """Rows by table, in an order that can be inserted."""

    shape: Shape
    rows: dict[Table, list[Row]]

    @property
    def centers(self) -> list[str]:
        return [row["id"] for row in self.rows[_CENTER]]

    @property
    def last(self) -> dt.date:
        """Of the days of visits; dossiers become ready after it."""
        return _month(self.shape.months) - dt.timedelta(days=1)


_CENTER, _GROUP, _VISIT = (upsert.table(kind) for kind in (day.Center, day.CounterGroup, day.Visit))
_FEEDBACK, _DOSSIER = upsert.table(results.Feedback), upsert.table(results.Dossier)
_QUESTION, _CHAT = upsert.table(questions.Question), upsert.table(questions.ChatGroup)
_PERSON, _ACCOUNT = upsert.table(tables.Person), upsert.table(tables.Account)


def at(date: dt.date, minutes: float) -> dt.datetime:
    """So many minutes after midnight in Vietnam, which is seven hours before the one in Greenwich."""
    return dt.datetime.combine(date, dt.time(0), dt.UTC) + dt.timedelta(minutes=minutes) - dt.timedelta(hours=7)


def made(shape: Shape) -> Province:
    """The same rows for the same shape."""
    maker = _Maker(shape)
    maker.furnish()
    for number, month in itertools.product(range(shape.centers), range(shape.months)):
        maker.month(f"c{number:03}", _month(month))
    return Province(shape, maker.rows)


def _month(number: int) -> dt.date:
    years, months = divmod(FIRST.month - 1 + number, 12)
    return dt.date(FIRST.year + years, months + 1, 1)


class _Maker:
    def __init__(self, shape: Shape) -> None:
        self.shape, self.chance = shape, random.Random(shape.seed)
        order = (_CENTER, _GROUP, _PERSON, _ACCOUNT, _CHAT, _VISIT, _FEEDBACK, _DOSSIER, _QUESTION)
        self.rows: dict[Table, list[Row]] = {table: [] for table in order}

    def add(self, table: Table, **columns: Any) -> Row:
        row = {"id": len(self.rows[table]) + 1, **columns}
        self.rows[table].append(row)
        return row

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def furnish(self) -> None:
        then = at(FIRST, 0)
        for number in range(self.shape.centers):
            name = f"c{number:03}"
            self.rows[_CENTER].append({"id": name, "name": name, "place": name, "week": "{}", "created_at": then})
            for letter, fields in GROUPS.items():
                about = {"name": letter, "seats": 4, "slot_minutes": 30, "service_minutes": 10, "active": True}
                self.add(_GROUP, center_id=name, letter=letter, fields=json.dumps(fields), **about)
        about = {"title": "", "purpose": "citizens", "center_id": "c000", "hours": "", "slow_seconds": 20, "added_by": "", "active": True}
        self.add(_CHAT, bot="telegram:1", address="-1", **about, created_at=then, changed_at=then)

    def month(self, center: str, first: dt.date) -> None:
        days = [first + dt.timedelta(days=past) for past in range(31) if (first + dt.timedelta(days=past)).month == first.month]
        mondays = [date for date in days if date.weekday() == 0]
        wanted = self.shape.visits
        if center in (QUIET, EMPTY):
            wanted = QUIET_VISITS if center == QUIET and first == FIRST else 0
        for _ in range(wanted):
            self.visit(center, self.chance.choice(mondays if center == MORNINGS and self.maybe(0.3) else days))
            for seldom in (self.given_at_counter, self.brought_in, self.question):
                if self.maybe(0.1):
                    seldom(center, self.chance.choice(days))

    # visits

    def visit(self, center: str, date: dt.date) -> None:
        group, procedure = self.chance.randrange(3), self.chance.choice(PROCEDURES)
        booked = self.maybe(0.4)
        fate = self.chance.choices(("served", "no_show", "missed", "cancelled", "expired", "booked", "left"), (80, 6, 2, 5, 2, 2, 3))[0]
        if center == ABSENT and booked and self.maybe(0.5):
            fate = "no_show"
        number = len(self.rows[_VISIT]) + 1
        row = self.add(
            _VISIT, center_id=center, group_id=(int(center[1:]) * 3) + group + 1, day=date, state=fate, token=f"v{number}", code=f"{number:07}",
            source=self.chance.choice(SOURCES), starts_at=at(date, 30 * self.chance.randrange(14, 33)) if booked else None, seat=None, party=0,
            behalf="", procedure=procedure, priority="", returned=self.maybe(0.06), due_at=None, called_at=None, serving_at=None, ended_at=None,
            calls=0, outcome="", missing="[]", note="", follows_id=self._earlier(center) if self.maybe(0.08) else None,
            created_at=at(date - dt.timedelta(days=booked), 400),
        )  # fmt: skip
        _FATES[fate](self, row)

    def _earlier(self, center: str) -> int | None:
        """Who comes back: the newest visit, where it was here."""
        newest = self.rows[_VISIT][-1] if self.rows[_VISIT] else None
        return newest["id"] if newest is not None and newest["center_id"] == center else None

    def served(self, row: Row) -> None:
        center, minute = row["center_id"], self._arrives()
        waited = self.chance.gammavariate(2, 9)
        if center == MORNINGS and row["day"].weekday() == 0 and self.maybe(0.7):
            minute, waited = self.chance.uniform(450, 590), waited + 75
        took = self.chance.gammavariate(3, 4)
        date, called = row["day"], minute + waited
        row |= {
            "due_at": at(date, minute),
            "called_at": at(date, called),
            "serving_at": at(date, called + 1),
            "ended_at": at(date, called + 1 + took),
        }
        if self.maybe(0.5 if center == SLOPPY else 0.06):
            row |= self.chance.choice(_TAMPERED)(row)
        lacks = self.maybe(0.7) if (center, row["procedure"]) == (PAPERLESS, LACKING) else self.maybe(0.15)
        outcome = "papers_missing" if lacks else self.chance.choices(("accepted", "done_now", "wrong_place", "other"), (60, 25, 7, 8))[0]
        row |= {"state": "must_return" if lacks else "done", "outcome": outcome, "missing": self._missing(row, lacks)}
        self._after(row)

    def _arrives(self) -> float:
        """Within the hours, and around seven, when a new day begins in Greenwich."""
        return self.chance.uniform(410, 425) if self.maybe(0.1) else self.chance.uniform(420, 1020)

    def _missing(self, row: Row, lacks: bool) -> str:
        if not lacks:  # noted as not required although nothing was missing
            return json.dumps([{"id": NEEDLESS, "name": "Ảnh", "why": "not_required"}]) if self.maybe(0.03) else "[]"
        papers = self.chance.sample(PAPERS, self.chance.randint(1, 2))
        if (row["center_id"], row["procedure"]) == (PAPERLESS, LACKING) and LACKED not in papers:
            papers.append(LACKED)
        listed = [{"id": paper, "name": paper, "why": self.chance.choice(WHYS)} for paper in papers]
        if self.maybe(0.2):
            listed.append({"id": "", "name": "Giấy viết tay", "why": "missing"})
        return json.dumps(listed, ensure_ascii=False)

    def no_show(self, row: Row) -> None:
        row |= {"state": "no_show", "ended_at": at(row["day"], 1050)}

    def missed(self, row: Row) -> None:
        """Called, and gone."""
        minute = self._arrives()
        row |= {"state": "no_show", "due_at": at(row["day"], minute), "called_at": at(row["day"], minute + 12), "ended_at": at(row["day"], 1050)}

    def left(self, row: Row) -> None:
        """Nobody called them all day; or the clerk forgot to end it."""
        row |= {"due_at": at(row["day"], self._arrives()), "ended_at": at(row["day"], 1050)}
        if self.maybe(0.5):
            row |= {"state": "must_return", "outcome": "not_served"}
        else:
            begun = row["due_at"] + dt.timedelta(minutes=20)
            row |= {"state": "done", "outcome": "other", "called_at": begun, "serving_at": begun}

    def cancelled(self, row: Row) -> None:
        row |= {"state": "cancelled", "ended_at": at(row["day"], 300)}
        if self.maybe(0.3):  # they had checked in, and were called
            row |= {"due_at": at(row["day"], 480), "called_at": at(row["day"], 490)}

    def nothing(self, row: Row) -> None:
        """A state that counts for nothing."""

    # what comes after

    def _after(self, visit: Row) -> None:
        ended = visit["ended_at"] or at(visit["day"], 900)
        if self.maybe(0.6):
            self.feedback(visit, ended)
        if visit["outcome"] == "accepted" and self.maybe(0.8):
            self.dossier(visit["center_id"], visit["procedure"], "visit", ended, visit_id=visit["id"])

    def feedback(self, visit: Row, ended: dt.datetime) -> None:
        """Some are made just after midnight in Vietnam, which is another day and may be another month there than in Greenwich."""
        created = at(visit["day"] + dt.timedelta(days=1), self.chance.uniform(0, 20)) if self.maybe(0.1) else ended + dt.timedelta(hours=1)
        asked = created if self.maybe(0.85) else None
        channel = visit["source"].partition(":")[0]
        about = {"visit_id": visit["id"], "procedure": visit["procedure"], "channel": channel, "origin": "visit", "counter": None}
        field = FIELDS.get(visit["procedure"], "") if self.maybe(0.8) else ""
        self._rated(visit["center_id"], created, asked_at=asked, field=field, done=asked is None or self.maybe(0.55), **about)

    def given_at_counter(self, center: str, date: dt.date) -> None:
        created = at(date, self.chance.choice((5, 700, 1435)))
        about = {"visit_id": None, "procedure": "", "channel": "web", "origin": "counter", "counter": 1, "field": ""}
        self._rated(center, created, asked_at=None, done=self.maybe(0.9), **about)

    def _rated(self, center: str, created: dt.datetime, *, asked_at: dt.datetime | None, done: bool, **about: Any) -> None:
        levels: dict[str, int | None] = {factor: self._level(center, factor) for factor in FACTORS}
        if self.maybe(0.15):  # half an answer
            levels |= dict.fromkeys(self.chance.sample(FACTORS, 3))
        papers = self._asked_for(center)
        said = {"comment": "", "papers": json.dumps(papers), "flags": '["seconds"]' if self.maybe(0.05) else "[]", "device": "", "reply": ""}
        done_at = created + dt.timedelta(minutes=self.chance.choice((2, 400, 3000))) if done else None
        about |= {"token": f"f{len(self.rows[_FEEDBACK])}", "center_id": center, "asked_at": asked_at, "begun_at": done_at, "done_at": done_at}
        self.add(_FEEDBACK, **about, **said, **levels, created_at=created)

    def _level(self, center: str, factor: str) -> int | None:
        if self.maybe(0.1):
            return 0
        good = (40, 35, 15, 7, 3) if center == DISLIKED and factor == "staff" else (2, 4, 14, 40, 40)
        return self.chance.choices((1, 2, 3, 4, 5), good)[0]

    def _asked_for(self, center: str) -> list[Row]:
        if not self.maybe(0.5 if center == GREEDY else 0.05):
            return []
        papers = [{"id": NEEDLESS, "name": "Ảnh"}] if self.maybe(0.7) else [{"id": "", "name": self.chance.choice(TYPED)}]
        return [*papers, {"id": NEEDLESS, "name": "Ảnh 4x6"}] if self.maybe(0.1) else papers

    def brought_in(self, center: str, date: dt.date) -> None:
        """From the province's list or over the desk, at any hour."""
        received = at(date, self.chance.choice((3, 600, 1437)))
        self.dossier(center, self.chance.choice(PROCEDURES), self.chance.choice(("desk", "import")), received, visit_id=None)

    def dossier(self, center: str, procedure: str, source: str, received: dt.datetime, *, visit_id: int | None) -> None:
        number, day_ = len(self.rows[_DOSSIER]), received.date()
        took = dt.timedelta(days=self.chance.randint(0, 40), minutes=self.chance.randint(0, 1440))
        state = self.chance.choices(("ready", "returned", "open", "paused", "withdrawn"), (40, 40, 8, 6, 6))[0]
        late = self.maybe(0.6 if center == TARDY else 0.1)
        field = {STRANGE: "cu-tru"}.get(procedure, FIELDS.get(procedure, "")) if self.maybe(0.7) else ""
        asked = [{"id": paper, "name": paper, "why": self.chance.choice(WHYS)} for paper in self.chance.sample((*PAPERS, ""), 3)]
        supplements = self.chance.choices((0, 1, 2, 3), (75, 15, 7, 3))[0]
        self.add(
            _DOSSIER, center_id=center, receipt=f"H{number}", receipt_key=f"H{number}", visit_id=visit_id, procedure=procedure, field=field,
            source=source, state=state, received_at=received, counts_from=day_, working_days=10, used_days=0, cutoff="", missing="[]",
            first_due=day_, due=day_, missed_due=day_ if late else None, supplements=supplements,
            lacked=json.dumps([*asked[:supplements], *asked[:1]] if supplements else []),
            ready_at=received + took if state in ("ready", "returned") else None, changed_at=received + took,
        )  # fmt: skip

    def question(self, center: str, date: dt.date) -> None:
        asked = at(date, self.chance.choice((1, 500, 900, 1439)))
        way = self.chance.choice(("telegram:1", "zalo_oa:7", "web", "group", "gone"))
        answered = asked + dt.timedelta(seconds=self.chance.randint(20, 260_000)) if self.maybe(0.7) else None
        if answered is not None and self.maybe(0.15):  # asked further after the answer: waits again
            answered = asked - dt.timedelta(minutes=30)
        self.add(
            _QUESTION, center_id=center, account_id=self._account(way, asked) if way not in ("group", "gone") else None,
            group_id=1 if way == "group" else None, group_message_id="", state="closed", cause="", about=self.chance.choice(PROCEDURES),
            knows="{}", asked_at=asked, due_at=asked, answered_at=answered, closed_by="", changed_at=asked,
        )  # fmt: skip

    def _account(self, bot: str, then: dt.datetime) -> int:
        person = self.add(_PERSON, created_at=then)["id"]
        about = {"active": True, "inactive_reason": "", "language": "", "created_at": then, "last_seen_at": then}
        return int(self.add(_ACCOUNT, person_id=person, bot=bot, address=str(person), **about)["id"])


_FATES = {
    "served": _Maker.served, "no_show": _Maker.no_show, "missed": _Maker.missed, "left": _Maker.left, "cancelled": _Maker.cancelled,
    "expired": _Maker.nothing, "booked": _Maker.nothing,
}  # fmt: skip


def _moved(name: str, since: str, seconds: float) -> Any:
    """A change of a row: this moment so long after that one."""
    return lambda row: {name: row[since] + dt.timedelta(seconds=seconds)}


# Times nobody can have meant, and those at the very border.
_TAMPERED = [
    *(_moved("called_at", "due_at", seconds) for seconds in (-30, -7200, 0, 59, 14_400, 14_430, 14_460, 20_000, 86_400)),
    *(_moved("ended_at", "serving_at", seconds) for seconds in (-60, 0, 3, 9.5, 10, 10_800, 10_801, 10_859, 10_860, 30_000)),
    *(lambda row, name=name: {name: None} for name in ("due_at", "called_at", "serving_at", "ended_at")),
    lambda row: {"due_at": at(row["day"], 1430), "called_at": at(row["day"], 1450), "serving_at": at(row["day"], 1451)},
    lambda row: {"due_at": at(row["day"], 410), "called_at": at(row["day"], 425)},
]

"""Every figure computed once more, from the raw rows and nothing of the service's: what the figures must agree with."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Engine, select, text
from sqlmodel import SQLModel

from bot.db import day, questions, results, tables, upsert

Counts = dict[str, int]
_SEVEN_HOURS = dt.timedelta(hours=7)
_MINUTE = dt.timedelta(minutes=1)
FACTORS = ("access", "procedures", "staff", "results", "handling")


class Where(NamedTuple):
    """Which rows: of one center or (None) all, on these local days, and of these where one is given."""

    center: str | None
    first: dt.date
    last: dt.date
    field: str = ""
    procedure: str = ""
    channel: str = ""


class Detail(NamedTuple):
    kind: str
    key: str
    n: int
    total: int


@dataclass(frozen=True)
class Fact:
    """What one row says on one day."""

    center: str
    day: dt.date
    field: str
    procedure: str
    channel: str
    counts: Counts
    details: tuple[Detail, ...] = ()


def plain(words: str) -> str:
    """Without capitals and marks."""
    return "".join(letter for letter in unicodedata.normalize("NFD", words.lower()) if not unicodedata.combining(letter)).replace("đ", "d")


def local_day(moment: dt.datetime) -> dt.date:
    return (moment + _SEVEN_HOURS).date()


class Truth:
    """All facts of a database, once read."""

    def __init__(self, engine: Engine) -> None:
        facts = list(_facts(engine))
        self._names = sorted({name for fact in facts for name in fact.counts})
        places = {name: place for place, name in enumerate(self._names)}
        self._counts = np.zeros((len(facts), len(places)), dtype=np.int64)
        for number, fact in enumerate(facts):
            for name, amount in fact.counts.items():
                self._counts[number, places[name]] = amount
        self._days = np.array([fact.day.toordinal() for fact in facts])
        self._labels = {name: np.array([getattr(fact, name) for fact in facts]) for name in ("center", "field", "procedure", "channel")}
        self._facts = facts
        self._known: dict[Where, Counts] = {}
        self._detailed = np.array([bool(fact.details) for fact in facts])

    def _mask(self, where: Where) -> Any:
        chosen = (self._days >= where.first.toordinal()) & (self._days <= where.last.toordinal())
        for name, labels in self._labels.items():
            if getattr(where, name):
                chosen &= labels == getattr(where, name)
        return chosen

    def _summed(self, mask: Any) -> Counts:
        return {name: int(amount) for name, amount in zip(self._names, self._counts[mask].sum(axis=0), strict=True) if amount}

    def sums(self, where: Where) -> Counts:
        """Counters that are not 0."""
        if where not in self._known:
            self._known[where] = self._summed(self._mask(where))
        return self._known[where]

    def by(self, label: str, where: Where) -> dict[str, Counts]:
        """The same for each center, field, procedure or channel that has any."""
        mask, labels = self._mask(where), self._labels[label]
        found = {str(value): self._summed(mask & (labels == value)) for value in np.unique(labels[mask])}
        return {value: counts for value, counts in found.items() if counts}

    def levels(self, where: Where, *factors: str) -> list[int]:
        """Every single level given, of these factors."""
        found = self._counts[self._mask(where)][:, [self._names.index(f"{factor}_sum") for factor in factors]].ravel()
        return [int(level) for level in found if level]

    def details(self, where: Where, kind: str) -> dict[str, tuple[int, int]]:
        """Key → n and total."""
        found: dict[str, tuple[int, int]] = {}
        for number in np.flatnonzero(self._mask(where) & self._detailed):
            for one in self._facts[number].details:
                if one.kind == kind:
                    n, total = found.get(one.key, (0, 0))
                    found[one.key] = (n + one.n, total + one.total)
        return found

    def minutes(self, where: Where, kind: str) -> list[int]:
        """Every single one, sorted."""
        keys = self.details(where, kind).items()
        return sorted(minute for key, (n, _) in keys for minute in [int(key)] * n)

    def papers(self, where: Where, kind: str) -> Counter[tuple[str, str, str]]:
        """Procedure, paper, why → how often. What was typed stands under its most frequent spelling, and is left out where fewer than 5 did."""
        found: Counter[tuple[str, str, str]] = Counter()
        for number in np.flatnonzero(self._mask(where) & self._detailed):
            fact = self._facts[number]
            for one in fact.details:
                if one.kind == kind:
                    why, _, paper = one.key.rpartition(":")
                    found[fact.procedure, paper, why] += one.n
        typed: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for procedure, paper, why in [key for key in found if key[2] == "typed"]:
            typed[procedure, plain(paper)][paper] += found.pop((procedure, paper, why))
        for (procedure, _), spellings in typed.items():
            if sum(spellings.values()) >= 5:
                found[procedure, sorted(spellings, key=lambda name: (-spellings[name], name))[0], ""] = sum(spellings.values())
        return found


def _facts(engine: Engine) -> Iterator[Fact]:
    with engine.connect() as connection:
        fields = {str(code): str(field) for code, field in connection.execute(text("SELECT code, field FROM procedure_field"))}
        groups = {row.id: json.loads(row.fields) for row in _all(connection, day.CounterGroup, "id fields")}
        bots = {row.id: row.bot for row in _all(connection, tables.Account, "id bot")}
        for row in _all(connection, day.Visit, _VISIT):
            yield from _visit(row, fields.get(row.procedure) or _only(groups.get(row.group_id, [])))
        for row in _all(connection, results.Feedback, _FEEDBACK):
            counts, details = _feedback(row)
            yield Fact(row.center_id, local_day(row.created_at), row.field, row.procedure, row.channel, counts, details)
        for row in _all(connection, results.Dossier, _DOSSIER):
            for moment, counts in _dossier(row):
                asked = {(paper["id"], paper["name"]): paper for paper in reversed(json.loads(row.lacked))} if "received" in counts else {}
                details = tuple(Detail("missing", f"{paper['why']}:{paper['id']}", 1, 0) for paper in asked.values() if paper["id"])
                yield Fact(row.center_id, local_day(moment), row.field, row.procedure, row.source, counts, details)
        for row in _all(connection, questions.Question, _QUESTION):
            channel = bots.get(row.account_id, "group").split(":")[0]
            yield Fact(row.center_id, local_day(row.asked_at), fields.get(row.about, ""), row.about, channel, _question(row))


_VISIT = "center_id group_id day state source starts_at procedure returned due_at called_at serving_at ended_at outcome missing lacked follows_id"
_FEEDBACK = "center_id procedure field channel access procedures staff results handling papers flags asked_at done_at created_at"
_DOSSIER = "center_id procedure field source supplements lacked missed_due received_at ready_at"
_QUESTION = "center_id about account_id asked_at answered_at"


def _all(connection: Connection, kind: type[SQLModel], columns: str) -> Sequence[Any]:
    table = upsert.table(kind)
    return connection.execute(select(*(table.c[name] for name in columns.split()))).all()


def _only(fields: Sequence[str]) -> str:
    return fields[0] if len(fields) == 1 else ""


def _visit(row: Any, field: str) -> Iterator[Fact]:
    if row.state not in ("done", "must_return", "no_show", "cancelled"):
        return
    booked, cancelled, served = row.starts_at is not None, row.state == "cancelled", row.state in ("done", "must_return")
    first = served and row.follows_id is None and row.outcome in ("accepted", "done_now", "papers_missing")
    waited, took = _waited(row) if served else None, _took(row) if served else None
    counts: Counts = {
        "visits": not cancelled, "served": served, "cancelled": cancelled, "no_show": row.state == "no_show" and booked,
        "booked": booked and not cancelled, "walk_in": served and not booked,
        "firsts": first, "first_complete": first and not row.returned and row.outcome != "papers_missing",
        "wait_n": waited is not None, "wait_minutes": waited or 0, "wait_bad": served and waited is None,
        "serve_n": took is not None, "serve_minutes": took or 0, "serve_bad": served and took is None,
    }  # fmt: skip
    if served and row.outcome:
        counts[row.outcome] = 1
    details = [Detail("missing", f"{paper['why']}:{paper['id']}", 1, 0) for paper in _lacked(row) if served and paper["id"]]
    way = "assist" if row.source.startswith("assist:") else row.source
    yield Fact(row.center_id, row.day, field, row.procedure, way, counts, (*details, *_times(row, waited, took)))


def _lacked(row: Any) -> list[dict[str, str]]:
    """Of several turns each paper once, as it was missing the first time."""
    before, now = json.loads(row.lacked), json.loads(row.missing)
    return list({(paper["id"], paper["name"]): paper for paper in reversed(before + now)}.values()) if before else now


def _times(row: Any, waited: int | None, took: int | None) -> Iterator[Detail]:
    if took is not None:
        yield Detail("serve", f"{took:03}", 1, 0)
    if waited is not None:
        yield Detail("wait", f"{waited:03}", 1, 0)
    if row.due_at is None or row.state == "cancelled":
        return
    due = row.due_at + _SEVEN_HOURS
    cell = f"{due.isoweekday()}-{due.hour:02}"
    yield Detail("load", cell, 1, 0)
    if waited is not None:
        yield Detail("heat", cell, 1, waited)


def _waited(row: Any) -> int | None:
    """Whole minutes, where one can believe them."""
    if row.called_at is None or row.due_at is None or row.returned or local_day(row.called_at) != local_day(row.due_at):
        return None
    minutes = int((row.called_at - row.due_at) // _MINUTE)
    return minutes if 0 <= minutes <= 240 else None


def _took(row: Any) -> int | None:
    if row.ended_at is None or row.serving_at is None or row.returned or row.outcome == "not_served":
        return None
    took = row.ended_at - row.serving_at
    return int(took // _MINUTE) if dt.timedelta(seconds=10) <= took <= 180 * _MINUTE else None


def _feedback(row: Any) -> tuple[Counts, tuple[Detail, ...]]:
    counts: Counts = {"asked": row.asked_at is not None}
    if row.done_at is None:
        return counts, ()
    levels = {factor: getattr(row, factor) for factor in FACTORS if getattr(row, factor)}
    papers = json.loads(row.papers)
    counts |= {"ratings": 1, "answered": row.asked_at is not None, "low": any(level <= 2 for level in levels.values())}
    counts |= {"flagged": row.flags != "[]", "over_said": len(papers), "over_ratings": bool(papers)}
    for factor, level in levels.items():
        counts |= {f"{factor}_n": 1, f"{factor}_sum": level, f"{factor}_squares": level * level}
    named = [paper["id"] or f"typed:{paper['name']}" for paper in papers if paper["id"] or paper["name"]]
    return counts, tuple(Detail("over_said", paper, 1, 0) for paper in named)


def _dossier(row: Any) -> Iterator[tuple[dt.datetime, Counts]]:
    again = row.supplements >= 2
    yield row.received_at, {"received": 1, "second_supplements": again, "paused": row.supplements >= 1}
    if row.ready_at is not None:
        yield row.ready_at, {"ready": 1, "ready_late": again or row.missed_due is not None}


def _question(row: Any) -> Counts:
    answered = row.answered_at is not None and row.answered_at >= row.asked_at
    minutes = int((row.answered_at - row.asked_at) // _MINUTE) if answered else 0
    return {"questions": 1, "answered_questions": answered, "answer_minutes": minutes}


# what is derived


def middle(values: Sequence[int], percent: int) -> int | None:
    """The smallest one that so many percent do not exceed; of two in the middle the lower."""
    return sorted(values)[-(-percent * len(values) // 100) - 1] if values else None


def wilson(part: int, whole: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share, 0 to 1."""
    share, spread = part / whole, z * z / whole
    center, half = share + spread / 2, z * (share * (1 - share) / whole + spread / whole / 4) ** 0.5
    return (center - half) / (1 + spread), (center + half) / (1 + spread)


def mean(values: Sequence[int], people: int, z: float = 1.959964) -> tuple[float, float, float]:
    """And its 95 % interval, if whoever gave several gave only alike ones."""
    middle_, half = float(np.mean(values)), float(z * np.std(values, ddof=1) / people**0.5)
    return middle_, middle_ - half, middle_ + half


def added(many: Iterable[Mapping[str, int]]) -> Counts:
    summed: Counter[str] = Counter()
    for counts in many:
        summed.update(counts)
    return {name: amount for name, amount in summed.items() if amount}

"""Figures as people read them: numbers with comma and dot, periods, and the names of what was counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bot import clock, numbers, texts
from bot.conversation.context import Premises
from bot.domain import indicators
from bot.domain.indicators import Figure, Mean, Share
from bot.domain.periods import Period
from bot.texts import t
from procedures.models import Procedure

NONE = "–"


class Manner(NamedTuple):
    """How an indicator is written. `better`: 1 more is better, -1 less is, 0 neither. `per`: its value is divided by this."""

    places: int = 1
    unit: str = "percent"
    better: int = 0
    per: int = 1


# In the order of the table of all of them.
MANNERS: Mapping[str, Manner] = {
    "wait": Manner(1, "minutes", -1), "serve": Manner(1, "minutes"), "completeness": Manner(1, better=1), "must_return": Manner(1, better=-1),
    "on_time": Manner(2, better=1), "paused": Manner(1, better=-1), "second_supplements": Manner(2, better=-1),
    "satisfaction": Manner(2, "of_five", 1), "response": Manner(1), "low": Manner(1, better=-1),
    "over_collected": Manner(1, better=-1), "flagged": Manner(1), "no_show": Manner(1, better=-1), "walk_in": Manner(1),
    "questions_answered": Manner(1, better=1), "answer_time": Manner(1, "hours", -1, 60), "wait_untrusted": Manner(1, better=-1),
    "serve_untrusted": Manner(1, better=-1),
}  # fmt: skip


def value(figure: Figure, manner: Manner) -> float | None:
    """As it is shown, rounded; None where it is held back."""
    shown = indicators.shown(figure)
    return None if shown is None else round(shown / manner.per, manner.places)


def amount(of: float, manner: Manner) -> str:
    """With its unit."""
    return t(f"figures.in_{manner.unit}", value=numbers.decimal(of, manner.places))


def said(figure: Figure, manner: Manner) -> str:
    """ "ít" where there are too few, nothing where there is nobody."""
    shown = value(figure, manner)
    if shown is None:
        return t("figures.few") if figure.n else NONE
    return amount(shown, manner)


def interval(figure: Figure, manner: Manner) -> str:
    """ "81,2–88,0" """
    if figure.interval is None:
        return NONE
    low, high = (numbers.decimal(end / manner.per, manner.places) for end in figure.interval)
    return t("figures.interval", low=low, high=high)


def whole(figure: Figure) -> str:
    """ "351 trong 412"; of too few only how many there are. Five levels of one person are one person."""
    if isinstance(figure, Share) and figure.enough:
        return t("figures.part_of", part=numbers.grouped(figure.part), whole=numbers.grouped(figure.whole))
    people = figure.people if isinstance(figure, Mean) else None
    return numbers.grouped(figure.n if people is None else people)


def period(of: Period) -> str:
    """ "Tuần 16–22/11/2026" """
    first, last = of.first, of.last
    match of.name:
        case "day":
            return t("figures.day", day=f"{clock.day(first)}/{first.year}")
        case "month":
            return t("figures.month", month=first.month, year=first.year)
        case "quarter":
            return t("figures.quarter", quarter=(first.month + 2) // 3, year=first.year)
        case "year":
            return t("figures.year", year=first.year)
    begins = f"{first.day}" if (first.month, first.year) == (last.month, last.year) else f"{first.day}/{first.month}"
    return t("figures.week", first=begins, last=f"{last.day}/{last.month}/{last.year}")


@dataclass(frozen=True)
class Names:
    """What codes and words of the tables mean to people. `today`: which version of the catalog."""

    premises: Premises
    today: dt.date

    def procedure(self, code: str) -> str:
        if not code:
            return t("figures.no_procedure")
        entry = self.premises.catalog.get(code, self.today)
        return entry.title if entry is not None else code

    def paper(self, procedure: str, paper: str) -> str:
        entry = self.premises.catalog.get(procedure, self.today) if procedure else None
        listed = entry.documents if isinstance(entry, Procedure) else ()
        return next((one.name for one in listed if one.id == paper), paper)

    def field(self, word: str) -> str:
        return self.premises.catalog.fields.get(word, word) if word else t("figures.no_field")

    def channel(self, word: str) -> str:
        """One helper's tablet is called like another's."""
        return texts.sentences().get(f"figures.channel_{word.partition(':')[0] or 'none'}", word)

    def center(self, center_id: str) -> str:
        found = self.premises.directory.get(center_id)
        return found.place if found is not None else center_id

    def filters(self, field: str, procedure: str, channel: str) -> str:
        """What is left of everything, in words; "" for all of it."""
        parts = [self.field(field) if field else "", self.procedure(procedure) if procedure else "", self.channel(channel) if channel else ""]
        return ", ".join(part for part in parts if part)


def hour(weekday: int, at: int) -> str:
    """thứ Hai, 7 giờ"""
    return t("figures.hour_of_week", weekday=clock.WEEKDAYS[weekday - 1], hour=at)


def inside(name: str) -> str:
    """Of a paper or procedure, as it stands inside a sentence: "giấy chứng sinh"."""
    return f"{name[:1].lower()}{name[1:]}"


def capital(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}"

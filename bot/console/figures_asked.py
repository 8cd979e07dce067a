"""What the address of a page of figures asks for: period and filters, the same everywhere, and addresses that carry them on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from bot.domain import contributions, periods
from bot.domain.periods import Period
from bot.domain.scopes import Scope
from bot.pages import forms

KINDS: Mapping[str, periods.Name] = {"ngay": "day", "tuan": "week", "thang": "month", "quy": "quarter", "nam": "year"}
USUAL = "tuan"
CHANNELS = (
    "web", "telegram", "zalo_oa", "zalo_bot", "terminal", "chat", "waitlist", "assist", "kiosk", "staff", "paper", "visit", "desk", "import",
    "group",
)  # fmt: skip
LONGEST = 80


@dataclass(frozen=True)
class Asked:
    """`kind`: a key of KINDS. Filters are "" for everything."""

    kind: str
    period: Period
    field: str = ""
    procedure: str = ""
    channel: str = ""

    @property
    def before(self) -> Period:
        return periods.before(self.period)

    @property
    def filtered(self) -> bool:
        return bool(self.field or self.procedure or self.channel)

    @property
    def begins(self) -> str:
        """As a field for a date wants it."""
        return self.period.first.isoformat()

    def scope(self, center: str | None) -> Scope:
        return Scope(center, self.period.first, self.period.last, self.field, self.procedure, self.channel)

    def query(self, **more: object) -> str:
        """This period and these filters in an address; `more` in Vietnamese words, with "_" for "-". What is "" is left out."""
        added = _encoded({name.replace("_", "-"): str(value) for name, value in more.items()})
        return f"{self._own}&{added}" if added else self._own

    @cached_property
    def _own(self) -> str:
        """Once: a page has two hundred links."""
        own = {"ky": self.kind, "ngay": self.begins, "linh-vuc": self.field, "thu-tuc": self.procedure, "kenh": self.channel}
        return _encoded(own)

    def of_kind(self, kind: str, today: dt.date) -> Asked:
        """The same filters; the period of that kind which holds the end of this one, or today when this one holds today."""
        within = min(self.period.last, max(today, self.period.first))
        return replace(self, kind=kind, period=periods.of(KINDS[kind], within))

    def moved(self, steps: int) -> Asked:
        """So many periods earlier, or later when below 0."""
        return replace(self, period=periods.before(self.period, steps))


def _encoded(words: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in words.items() if value})


def read(given: Mapping[str, str], today: dt.date) -> Asked:
    """What makes no sense counts as not given."""
    kind = given.get("ky", "") if given.get("ky", "") in KINDS else USUAL
    field, procedure, channel = (forms.clean(given.get(name, ""))[:LONGEST] for name in ("linh-vuc", "thu-tuc", "kenh"))
    whole = contributions.channel(channel)  # nobody reads the figures of one helper
    return Asked(kind, periods.of(KINDS[kind], _date(given.get("ngay", "")) or today), field, procedure, whole)


def _date(typed: str) -> dt.date | None:
    try:
        date = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return date if periods.EARLIEST < date.year < periods.LATEST else None

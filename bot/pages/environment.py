"""The jinja environment: everything escaped, sentences through `t`, files through `static`."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot import clock, numbers
from bot.domain.centers import Center
from bot.pages import statics
from bot.pages.look import AS_IT_IS, SIZES, THEMES, Look
from bot.texts import t

TEMPLATES = Path(__file__).parent / "templates"
_ADDRESS = re.compile(r"https?://[^\s<>“”]+[^\s<>“”.,;:!?)]")


@dataclass(frozen=True)
class Frame:
    """What stands around every page. `path`: where the switches in the foot lead back to. `framed`: shown inside another site's page."""

    center: Center
    look: Look = AS_IT_IS
    path: str = "/"
    framed: bool = False


def render(template: str, frame: Frame, **values: object) -> str:
    """The page as text in NFC, so that marks do not move between fonts."""
    return unicodedata.normalize("NFC", environment().get_template(template).render(frame=frame, **values))


@lru_cache(maxsize=1)
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    made.globals.update(t=t, marked=marked, static=statics.address, sizes=SIZES, themes=THEMES)
    made.filters.update(links=links, hour=clock.hour, moment=moment, grouped=numbers.grouped)
    return made


def moment(at: dt.datetime) -> str:
    """08:31, 25/11/2026"""
    return f"{clock.hour(at)}, {clock.date(clock.today(at))}"


def marked(key: str, **values: object) -> Markup:
    """As `t`, but values may hold mark-up of ours; everything else is escaped."""
    return escape(t(key)).format(**values)


def links(text: str) -> Markup:
    """Addresses in a sentence as links."""
    parts, end = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [escape(text[end : match.start()]), Markup('<a href="{0}">{0}</a>').format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])

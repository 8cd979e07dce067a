"""What a figure is compared with: the middle of the other centers, else what the province published, which never stands without its source."""

from __future__ import annotations

from collections.abc import Iterable

from bot import clock
from bot.console import figures_tables as tables
from bot.console import figures_words as words
from bot.console.figures_ground import Ground
from bot.console.figures_tables import Cell
from bot.console.figures_words import Manner
from bot.domain import province_figures
from bot.domain.indicators import Indicator
from bot.domain.province_figures import Told
from bot.texts import t


def cell(ground: Ground, indicator: Indicator, manner: Manner) -> Cell:
    """The province's is no number to a spreadsheet either, so that nobody takes it for a median."""
    told = ground.province(indicator)
    return tables.text(t("province.said", value=_amount(told, manner))) if told else tables.plain(ground.median(indicator), manner)


def sentence(ground: Ground, indicator: Indicator, manner: Manner) -> str:
    """ "" where there is nothing to compare with."""
    told, median = ground.province(indicator), ground.median(indicator)
    if told is not None:
        return t("province.said_kpi", value=_amount(told, manner))
    return t("figures.kpi_others", value=words.amount(median / manner.per, manner)) if median is not None else ""


def sources(ground: Ground, indicators: Iterable[Indicator]) -> str:
    """Of those among them that are the province's."""
    found: dict[tuple[str, str], list[str]] = {}
    for told in filter(None, map(ground.province, indicators)):
        found.setdefault((told.source, clock.date(told.source_date)), []).append(t(f"figures.is_{told.indicator}"))
    return " ".join(t("province.sources", figures=", ".join(names), source=source, date=date) for (source, date), names in found.items())


def _amount(told: Told, manner: Manner) -> str:
    """As it was published, whatever we round ours to."""
    return t(f"figures.in_{manner.unit}", value=province_figures.written(told.value))

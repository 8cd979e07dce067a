"""More sections of the figures: load, questions, notices, candidates for simplification."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from bot import clock, numbers
from bot.console import figures_live as live
from bot.console import figures_papers as listing
from bot.console import figures_tables as tables
from bot.console import figures_words as words
from bot.console.figures_ground import Ground
from bot.console.figures_live import Ledger
from bot.console.figures_tables import Cell, Table
from bot.console.figures_words import MANNERS
from bot.db.sums import Sums
from bot.domain import figures, indicators, misses, periods
from bot.domain.candidates import Candidate
from bot.domain.periods import Period
from bot.texts import t

MOST_NOTICES = 200  # listed; all are counted
STATES = ("sent", "queued", "sending", "retry", "unknown", "refused", "skipped")
_COUNTED = ("visits", "served", "walk_in", "booked", "no_show", "cancelled")


def load(ground: Ground) -> list[Table]:
    """How many came, in this period and those before, by field and by channel, by hour and weekday."""
    named = [(_period(one.first, one.last), one.sums) for one in reversed(ground.trend)]
    fields = [(ground.names.field(word), sums) for word, sums in _most(figures.by_field(ground.session, ground.scope))]
    channels = [(ground.names.channel(word), sums) for word, sums in _most(figures.by_channel(ground.session, ground.scope))]
    return [
        Table(t("figures.load_row"), tables.columns("period", *_COUNTED, "no_show_share"), [_load(*one) for one in named], printed=4),
        _by_hour(ground),
        Table(t("figures.load_fields"), tables.columns("field", *_COUNTED, "no_show_share"), [_load(*one) for one in fields]),
        Table(t("figures.load_channels"), tables.columns("channel", *_COUNTED, "no_show_share"), [_load(*one) for one in channels]),
    ]


def _period(first: dt.date, last: dt.date) -> str:
    return words.period(periods.between(first, last))


def _most(found: dict[str, Sums]) -> list[tuple[str, Sums]]:
    there = [(word, sums) for word, sums in found.items() if sums.visits or sums.cancelled]
    return sorted(there, key=lambda one: (-one[1].visits, one[0]))


def _load(name: str, sums: Sums) -> list[Cell]:
    return [tables.text(name), *(tables.count(getattr(sums, one)) for one in _COUNTED), tables.figure(indicators.no_show(sums), MANNERS["no_show"])]


def _by_hour(ground: Ground) -> Table:
    days = sorted({*range(1, 6), *(day for day, _ in ground.heat)})
    rows = [
        [tables.text(t("figures.hour", hour=at)), *(_visits(ground, day, at) for day in days)] for at in sorted({hour for _, hour in ground.heat})
    ]
    columns = [*tables.columns("hour"), *(tables.Column(clock.WEEKDAYS[day - 1], numeric=True) for day in days)]
    return Table(t("figures.load_hours"), columns, rows)


def _visits(ground: Ground, day: int, at: int) -> Cell:
    cell = ground.heat.get((day, at))
    return tables.text(words.NONE) if cell is None else tables.count(cell.visits, ground.behind(thu=day, gio=at))


def questions(ground: Ground) -> list[Table]:
    """Asked and answered, what waits this minute, and searches that found nothing."""
    rows = [
        [tables.text(_period(one.first, one.last)), tables.count(one.sums.questions), tables.count(one.sums.answered_questions),
         *(tables.figure(indicators.ALL[name](one.sums), MANNERS[name]) for name in ("questions_answered", "answer_time"))]
        for one in reversed(ground.trend)
    ]  # fmt: skip
    waiting = ground.waiting
    about = [[tables.text(ground.names.procedure(code)), tables.count(number)] for code, number in waiting.about.items()]
    note = t("figures.live", hour=clock.hour(ground.now))
    if waiting.oldest is not None:
        note = f"{note} {t('figures.oldest', age=age(ground, waiting))}"
    columns = tables.columns("period", "questions", "answered_questions", "questions_answered", "answer_time")
    return [
        Table(t("figures.questions_row"), columns, rows, printed=2),
        Table(t("figures.questions_now"), tables.columns("procedure", "count"), about, note, printed=6),
        _misses(ground),
    ]


def age(ground: Ground, waiting: live.Waiting) -> str:
    """How long somebody waits for an answer."""
    hours = int((ground.now - (waiting.oldest or ground.now)).total_seconds() // 3600)
    return t("figures.age_days", count=hours // 24) if hours >= 48 else t("figures.age_hours", count=hours)


def _misses(ground: Ground) -> Table:
    rows = [[tables.text(one.spellings[0]), tables.count(one.times), tables.text(clock.date(clock.today(one.last_at)))] for one in ground.searches]
    note, undated = t("figures.misses_note"), misses.undated(ground.session)
    if undated:
        note = f"{note} {t('figures.misses_undated', count=numbers.grouped(undated))}"
    return Table(t("figures.misses"), tables.columns("search", "times", "last"), rows, note, printed=6)


def notices(ground: Ground) -> list[Table]:
    """From the ledger: what became of every message. All of the period and of the one before, then one by one."""
    before, there = ground.asked.before, live.notices(ground.session, ground.scope)
    earlier = live.notices(ground.session, ground.scope.at(before.first, before.last))
    sums = [_all_of(ground.asked.period, there), _all_of(before, earlier)]
    each = [[tables.text(one.title), tables.text(clock.date(one.day)), *_fates(one.recipients, one.sums)] for one in there[:MOST_NOTICES]]
    heads = [*tables.columns("recipients", head=0), *(tables.Column(t(f"notices_desk.state_{state}"), numeric=True) for state in STATES)]
    note = t("figures.notices_note")
    if len(there) > MOST_NOTICES:
        note = f"{note} {t('figures.notices_most', most=MOST_NOTICES)}"
    return [
        Table(t("figures.notices_row"), [*tables.columns("period", "notices"), *heads], sums, printed=2),
        Table(t("figures.notices"), [*tables.columns("notice", "day", head=2), *heads], each, note, printed=6),
    ]


def _all_of(period: Period, there: Sequence[Ledger]) -> list[Cell]:
    states = Counter[str]()
    for one in there:
        states.update(one.sums)
    return [tables.text(words.period(period)), tables.count(len(there)), *_fates(sum(one.recipients for one in there), states)]


def _fates(recipients: int, sums: Mapping[str, int]) -> list[Cell]:
    return [tables.count(number) for number in (recipients, *(sums.get(state, 0) for state in STATES))]


def candidates(ground: Ground) -> list[Table]:
    """Procedures to be made simpler, with what speaks for it."""
    rows = [_candidate(ground, one) for one in ground.candidates()]
    columns = tables.columns("procedure", "evidence", "papers", "served", "weight", head=3)
    return [Table(t("figures.candidates"), columns, rows, t("figures.candidates_note"), printed=8)]


def _candidate(ground: Ground, one: Candidate) -> list[Cell]:
    why = "; ".join(t(f"figures.why_{reason.kind}", part=reason.share.part, whole=reason.share.whole) for reason in one.reasons)
    papers = listing.evidence(one.papers, ground.names)
    score = Cell(numbers.decimal(one.score, 1), round(one.score, 1))
    name = tables.text(ground.names.procedure(one.procedure), ground.behind(thu_tuc=one.procedure))
    return [name, tables.text(why), tables.text(papers or words.NONE), tables.count(one.sums.served), score]

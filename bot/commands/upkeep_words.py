"""Facts about the catalog's upkeep in sentences staff read. Loaded only by the commands that need it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot import clock
from bot.texts import t
from handlers import presenting
from procedures.models import Document, Fee, Time, Where
from procedures.upkeep import importing, review
from procedures.upkeep.differences import Detail, Difference

ROWS_SHOWN = 5


def imported(report: importing.Report, file: str) -> Iterator[str]:
    """What was taken, and what was not, by reason, with the first rows of each."""
    listed = sum(entry.depth == "listed" for entry in report.taken)
    yield t("upkeep.import_done", file=file, rows=report.rows, taken=len(report.taken), skipped=len(report.skipped))
    yield t("upkeep.import_taken", listed=listed, elsewhere=len(report.taken) - listed)
    if report.fields:
        names = list(report.fields.values())
        yield t("upkeep.import_fields", count=len(names), names="; ".join(names[:ROWS_SHOWN]) + ("…" if len(names) > ROWS_SHOWN else ""))
    for reason, count in report.reasons.most_common():
        yield "  " + t("upkeep.import_reason", count=count, why=t(f"upkeep.reason_{reason}"))
        rows = [row for row in report.skipped if row.reason == reason]
        yield from ("    " + t("upkeep.import_row", line=row.line, code=row.code, name=row.name[:80]).rstrip() for row in rows[:ROWS_SHOWN])
        if count > ROWS_SHOWN:
            yield "    " + t("upkeep.import_more", count=count - ROWS_SHOWN)


def import_facts(report: importing.Report) -> dict[str, Any]:
    return {
        "rows": report.rows,
        "taken": [{"code": entry.code, "depth": entry.depth, "field": entry.field, "name": entry.name} for entry in report.taken],
        "skipped": [dataclasses.asdict(row) for row in report.skipped],
        "reasons": dict(report.reasons),
        "fields": report.fields,
    }


def import_words() -> importing.Words:
    offices = {level: t(f"upkeep.import_office_{level}") for level in ("province", "ministry", "other")}
    return importing.Words(how=t("upkeep.import_how", code="{code}"), offices=offices, other_field=t("upkeep.import_field"))


def differences(found: Sequence[Difference]) -> Iterator[str]:
    """A line an entry, then a line a fact."""
    if not found:
        yield t("upkeep.diff_none")
        return
    kinds = [difference.kind for difference in found]
    yield t("upkeep.diff_sum", **{kind: kinds.count(kind) for kind in ("added", "removed", "expired", "changed")})
    for difference in found:
        yield t(f"upkeep.diff_{difference.kind}", title=difference.entry.title, code=difference.entry.code)
        if difference.replaced_by:
            yield "  " + t("upkeep.diff_replaced", code=difference.replaced_by)
        yield from (f"  {detail_words(detail)}" for detail in difference.details)


def difference_facts(difference: Difference) -> dict[str, Any]:
    return {
        "code": difference.entry.code,
        "title": difference.entry.title,
        "kind": difference.kind,
        "replaced_by": difference.replaced_by,
        "details": [{"kind": detail.kind, "says": detail_words(detail)} for detail in difference.details],
    }


def detail_words(detail: Detail) -> str:
    """One fact as a sentence."""
    after, before = _said(detail.kind, detail.after), _said(detail.kind, detail.before)
    item = detail.after if detail.after is not None else detail.before
    return t(f"upkeep.diff_{detail.kind}", before=before, after=after, name=getattr(item, "name", ""))


def _said(kind: str, value: Any) -> str:
    if value is None or value == ():
        return t("upkeep.nothing")
    if kind in _SAID:
        return _SAID[kind](value)
    return _plain(kind, value)


def _plain(kind: str, value: Any) -> str:
    match value:
        case dt.date():
            return clock.date(value)
        case Where():
            return f"{value.office}, {value.how}".rstrip(".")
        case tuple():
            return "; ".join(_plain(kind, item) for item in value)
        case Fee():
            return ": ".join(part for part in (value.what, presenting.fee_text(value)) if part).rstrip(".")
        case Time():
            return presenting.time_text(value).rstrip(".")
    return str(getattr(value, "ask", None) or getattr(value, "name", None) or value)


def _with_count(document: Document) -> str:
    return f"{document.name} ({presenting.quantity(document)})"


_SAID: Mapping[str, Callable[[Any], str]] = {
    "paper_added": _with_count,
    "paper_removed": _with_count,
    "paper_count": presenting.quantity,
    "paper_hand_in": lambda document: t(f"upkeep.{document.hand_in}"),
    "paper_form": lambda document: document.form or t("upkeep.nothing"),
    "depth": lambda depth: t(f"upkeep.depth_{depth}"),
    "handled_by": lambda handler: t(f"upkeep.handled_{handler}"),
    "words": lambda parts: ", ".join(t(f"upkeep.part_{part}") for part in parts),
}


def report(found: review.Report, *, unchecked_days: int, ending_days: int) -> Iterator[str]:
    """What has to be looked at, most urgent first."""
    ended = [item for item in found.ending if item.days <= 0]
    ending = [item for item in found.ending if item.days > 0]
    if ended:
        yield t("upkeep.report_ended", count=len(ended))
        yield from map(_ending, ended)
    if ending:
        yield t("upkeep.report_ending", days=ending_days, count=len(ending))
        yield from map(_ending, ending)
    if found.unreplaced:
        yield t("upkeep.report_unreplaced", count=len(found.unreplaced))
    yield from _resting(found.resting)
    if found.unchecked:
        yield t("upkeep.report_unchecked", days=unchecked_days, count=len(found.unchecked))
        for item in found.unchecked:
            day = clock.date(item.entry.checked.on)
            yield "  " + t("upkeep.report_unchecked_line", code=item.entry.code, title=item.entry.title, days=item.days, day=day)
    if not (found.ending or found.resting or found.unchecked):
        yield t("upkeep.report_clean")
    if found.imported:
        yield t("upkeep.report_imported", count=found.imported)


def report_facts(found: review.Report) -> dict[str, Any]:
    def entry(item: review.Unchecked | review.Ending | review.Resting) -> dict[str, Any]:
        return {"code": item.entry.code, "title": item.entry.title, "days": item.days}

    return {
        "unchecked": [{**entry(item), "checked": item.entry.checked.on} for item in found.unchecked],
        "ending": [{**entry(item), "until": item.until, "replaced_by": item.replaced_by} for item in found.ending],
        "unreplaced": [item.entry.code for item in found.unreplaced],
        "repealed": [{**entry(item), **item.document.model_dump(mode="json")} for item in found.resting],
        "imported": found.imported,
    }


def _ending(item: review.Ending) -> str:
    newer = t("upkeep.report_newer", code=item.replaced_by) if item.replaced_by else t("upkeep.report_no_newer")
    return "  " + t("upkeep.report_ending_line", code=item.entry.code, title=item.entry.title, day=clock.date(item.until), newer=newer)


def _resting(found: Sequence[review.Resting]) -> Iterator[str]:
    for document, days in dict.fromkeys((item.document, item.days) for item in found):
        entries = [item.entry for item in found if item.document == document]
        key = "upkeep.report_resting" if days <= 0 else "upkeep.report_resting_soon"
        yield t(key, number=document.number, newer=document.repealed_by, day=clock.date(document.since), count=len(entries))
        yield "  " + t("upkeep.report_proof", proof=document.proof)
        yield from ("  " + t("upkeep.report_code_line", code=entry.code, title=entry.title) for entry in entries)

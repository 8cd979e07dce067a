"""A procedure and a situation in the words a citizen reads. Pure: the same for every channel and page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from bot import clock, numbers
from bot.conversation import payloads as codec
from bot.domain.centers import Center
from bot.messages import Fact, Paper, Papers, Source
from bot.texts import t
from handlers import payloads
from procedures.catalog import Catalog
from procedures.checklist import Checklist
from procedures.models import Document, Fee, LookedUp, Next, Procedure, Time

ENDS_SOON = dt.timedelta(days=120)
HOW, COUNTER = "how", "counter"  # the question every entry with several ways uses, procedures/README.md
RELATED, MOST_RELATED = "arrow", 2  # the icon of the line that is no part of what to bring: it is not printed
_BY = (COUNTER, "online", "post")
_AT_COUNTER = re.compile(r"(?:Có mẫu|Xin mẫu|Lấy mẫu) ở quầy[^.]*\.?")
_FORMS = ("Tờ khai", "Đơn", "Giấy đề nghị", "Phiếu", "Điền", "Bản khai", "Thông báo", "Văn bản đề nghị")


def papers(
    result: Checklist,
    catalog: Catalog,
    center: Center,
    today: dt.date,
    *,
    page: str = "",
    checklist_id: int = 0,
    ticked: frozenset[str] = frozenset(),
) -> Papers:
    """The list of one situation as it is handed out. `checklist_id` makes its boxes pressable."""
    entry = result.procedure
    at_counter = result.answers.get(HOW, COUNTER) == COUNTER
    shown = [_paper(document, checklist_id, ticked, at_counter=at_counter) for document in result.documents]
    show = {document.id for document in result.documents if document.hand_in == "show"}
    return Papers(
        title=t("list.title"),
        name=entry.title,
        situation=situation(result, result.answers),
        assumed=situation(result, result.assumed),
        submit=tuple(paper for paper in shown if paper.id not in show),
        show=tuple(paper for paper in shown if paper.id in show),
        looked_up=tuple(_looked_up(number, item) for number, item in enumerate(result.looked_up)),
        facts=(*facts(result, center), *related(entry, catalog, today)),
        notes=(*(note.text for note in result.notes), *_ends_soon(entry, today)),
        source=source(entry, catalog),
        page=page,
        edit=codec.encode(payloads.Edit(checklist_id)) if entry.questions and checklist_id else "",
    )


def with_ticks(kept: Papers, ticked: frozenset[str], checklist_id: int) -> Papers:
    """A pinned list with its boxes as they are ticked now."""

    def now(paper: Paper) -> Paper:
        have = paper.id in ticked
        return paper.model_copy(update={"have": have, "payload": codec.encode(payloads.Tick(checklist_id, paper.id, not have))})

    return kept.model_copy(update={"submit": tuple(map(now, kept.submit)), "show": tuple(map(now, kept.show))})


def situation(result: Checklist, chosen: dict[str, str]) -> str:
    """The answers as a sentence or two: a short label needs its question before it."""
    said = []
    for question in result.procedure.questions:
        key = chosen.get(question.id, "")
        picked = question.option(key)
        if picked is not None and question.id == HOW and key in _BY:
            said.append(t(f"list.by_{result.procedure.handled_by if key == COUNTER else key}"))
        elif picked is not None:
            ask = question.ask.rstrip("? ")
            said.append(picked.label if len(picked.label.split()) > 2 else f"{ask}: {picked.label[0].lower()}{picked.label[1:]}")
    return ". ".join(part.rstrip(".") for part in said)


def _paper(document: Document, checklist_id: int, ticked: frozenset[str], *, at_counter: bool) -> Paper:
    have = document.id in ticked
    form = document.form or ""
    form = f"Mẫu {form}" if form and "mẫu" not in form.lower() else form
    said = document.note or ""
    said = said if at_counter else _AT_COUNTER.sub("", said).strip()
    note = ". ".join(part.rstrip(".") for part in (form, said) if part)
    return Paper(
        id=document.id,
        name=document.name,
        official=document.official or "",
        quantity=quantity(document),
        note=f"{note}." if note else "",
        have=have,
        payload=codec.encode(payloads.Tick(checklist_id, document.id, not have)) if checklist_id else "",
    )


def _looked_up(number: int, item: LookedUp) -> Paper:
    return Paper(id=f"looked{number}", name=item.name, note=item.note or "")


def quantity(document: Document) -> str:
    """ "1 bản chính", "1 bản chính, 2 bản sao"; a form is neither, it is "1 bản"."""
    if document.hand_in == "show":
        return t("list.original_show") if document.originals else t("list.copy_show")
    if document.originals and not document.copies and document.name.startswith(_FORMS):
        return t("list.sheets", count=document.originals)
    parts = [t("list.original", count=document.originals)] if document.originals else []
    return ", ".join([*parts, t("list.copy", count=document.copies)] if document.copies else parts)


def facts(result: Checklist, center: Center) -> Iterable[Fact]:
    """Fee, time, where, how, deadline, who, result: in the order people ask."""
    entry = result.procedure
    for fee in result.fees:
        yield Fact(icon="coin", label=fee.what or t("list.fee"), text=fee_text(fee))
    if result.time is not None:
        yield Fact(icon="clock", label=t("list.time"), text=time_text(result.time))
    online = result.answers.get(HOW) == "online"
    yield Fact(icon="pin", label=t("list.where"), text=t("list.where_online") if online else where(entry, center))
    ways = ", ".join(t(f"list.how_{entry.handled_by if way == 'counter' else way}") for way in entry.submit)
    yield Fact(icon="door", label=t("list.how"), text=f"{ways[0].upper()}{ways[1:]}." if ways else "")
    if entry.deadline is not None:
        yield Fact(icon="cal", label=t("list.deadline"), text=" ".join(part for part in (entry.deadline.text, entry.deadline.consequence) if part))
    if entry.who_may_go:
        yield Fact(icon="person", label=t("list.who"), text=entry.who_may_go)
    if entry.result:
        yield Fact(icon="doc", label=t("list.result"), text=entry.result)


def related(entry: Procedure, catalog: Catalog, today: dt.date) -> Iterable[Fact]:
    """What often follows or is meant instead, and when: one line, at most two names a citizen may type."""
    said: list[str] = []
    left = MOST_RELATED
    for following in entry.next:
        names = _named(following, entry, catalog, today)[:left]
        left -= len(names)
        if names:
            quoted = ", ".join(t("list.related_name", name=name) for name in names)
            said.append(t("list.related_why", names=quoted, why=following.why) if following.why else t("list.related_only", names=quoted))
    if said:
        yield Fact(icon=RELATED, label=t("list.related"), text=" ".join(said))


def _named(following: Next, entry: Procedure, catalog: Catalog, today: dt.date) -> list[str]:
    event = catalog.life_events.get(following.life_event or "")
    found = [catalog.get(code, today) for code in following.codes]
    titles = [other.title for other in found if other is not None and other.in_force(today) and other.code != entry.code]
    return [event.name, *titles] if event is not None else titles


def fee_text(fee: Fee) -> str:
    """Never a guess: what the province sets or the record leaves open is said to be so."""
    if fee.amount == "local":
        said = t("list.fee_local", set_by=fee.set_by or "Hội đồng nhân dân tỉnh")
    elif fee.amount == "unstated":
        said = t("list.fee_unstated")
    elif fee.amount == 0:
        said = t("list.fee_free")
    else:
        said = f"{money(int(fee.amount))}{f'/{fee.per}' if fee.per else ''}."
    exempt = t("list.fee_exempt", who=fee.exempt.rstrip(".")) if fee.exempt else ""
    return " ".join(part for part in (said, exempt, fee.note or "") if part)


def money(amount: int) -> str:
    """20.000 đồng, with a no-break space."""
    return numbers.grouped(amount) + "\u00a0đồng"


def time_text(time: Time) -> str:
    amount = f"{time.amount}\u2060–\u2060{time.up_to}" if time.amount and time.up_to else str(time.amount or "")
    said = t(f"list.time_{time.kind}", amount=amount) if "{amount}" in _raw(time.kind) else t(f"list.time_{time.kind}")
    cutoff = t("list.time_cutoff", hour=time.cutoff) if time.cutoff else ""
    return " ".join(part for part in (said, cutoff, time.note or "") if part)


def _raw(kind: str) -> str:
    return t(f"list.time_{kind}")


def where(entry: Procedure, center: Center) -> str:
    places = {"commune_police": center.police, "commune_military": center.military}
    return places.get(entry.handled_by) or f"{center.name}, {center.address}. {center.hours}"


def handled(entry: Procedure, center: Center) -> str:
    key = f"find.handled_{entry.handled_by}"
    return t(key) if entry.handled_by == "commune_center" else t(key, where=where(entry, center))


def source(entry: Procedure, catalog: Catalog) -> Source:
    return Source(
        code=entry.code,
        decision=entry.checked.decision or "",
        checked="" if entry.checked.imported else clock.date(entry.checked.on),
        portal=entry.checked.portal or "",
        catalog=catalog.version,
        overlay=entry.overlay or "",
    )


def _ends_soon(entry: Procedure, today: dt.date) -> Sequence[str]:
    if entry.valid.until is None or entry.valid.until - today > ENDS_SOON:
        return ()
    return (t("list.until", day=clock.date(entry.valid.until - dt.timedelta(days=1))),)


def differences(old: Papers, new: Papers) -> tuple[str, ...]:
    """What changed between two lists, as sentences a citizen understands; empty when nothing did."""
    before, after = {p.id: p for p in old.papers}, {p.id: p for p in new.papers}
    said = [t("list.changed_added", name=_counted(p)) for key, p in after.items() if key not in before or _counted(before[key]) != _counted(p)]
    said += [t("list.changed_removed", name=p.name) for key, p in before.items() if key not in after]
    for label, key in ((t("list.fee"), "fee"), (t("list.time"), "time")):
        was, now = ([fact.text for fact in papers.facts if fact.icon == _icon(key)] for papers in (old, new))
        if was != now:
            said.append(t(f"list.changed_{key}", **{key: " ".join(now) or label}))
    if not said and _told(old) != _told(new):
        said.append(t("list.changed_other"))
    return tuple(said)


def _told(papers: Papers) -> tuple[object, ...]:
    return [fact for fact in papers.facts if fact.icon != RELATED], papers.notes, papers.looked_up


def _icon(key: str) -> str:
    return {"fee": "coin", "time": "clock"}[key]


def _counted(paper: Paper) -> str:
    return f"{paper.name} ({paper.quantity})"

"""What is said of a center's day: its figures, each obstacle with what can be done about it, tomorrow, what went well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from bot import clock
from bot.conversation.context import Premises, numbered, option
from bot.domain.digest import Digest, Line
from bot.domain.digest_day import Facts
from bot.domain.indicators import LEAST
from bot.domain.obstacles import Kind
from bot.messages import Choice, Reply, State
from bot.texts import t
from handlers import cards, dossier_words, payloads

PAGE = "/ban-lam-viec/{center}/{slug}"
SLUG = "cuoi-ngay"
ALL = f"{SLUG}/tat-ca"
# Where what is proposed is done.
PLACES: dict[Kind, str] = {
    "unserved": "lich-hen", "papers": "thong-bao", "hour": "thiet-lap", "late": "ho-so?muc=overdue", "questions": "hoi-dap", "low": "gop-y",
    "remarks": "gop-y", "misses": "cau-chua-hieu", "messages": "gui-di",
}  # fmt: skip
WORST = 2  # obstacles of a center where several are listed
OPENED = 8  # centers that are opened by a number
GOOD = 0.8  # of those who came for the first time


class Proposal(NamedTuple):
    """What can be done about it, and on which page."""

    words: str
    address: str


def proposals(center_id: str, line: Line) -> list[Proposal]:
    found = [Proposal(t(f"digest.do_{line.kind}"), address(center_id, PLACES[line.kind]))]
    if line.kind == "papers":
        found.append(Proposal(t("digest.alias"), address(center_id, "cau-chua-hieu")))
    return found


def address(center_id: str, slug: str) -> str:
    return PAGE.format(center=center_id, slug=slug)


def place(premises: Premises, center_id: str) -> str:
    center = premises.directory.get(center_id)
    return center.place if center is not None else center_id


def headline(facts: Facts) -> str:
    """The day in one sentence or two."""
    if not facts.came:
        return t("digest.came_none")
    return f"{_came(facts)} {t('digest.back_some', back=facts.back) if facts.back else t('digest.back_none')}"


def _came(facts: Facts) -> str:
    return t("digest.came_only", came=facts.came) if facts.usual is None else t("digest.came", came=facts.came, usual=facts.usual)


def waited(facts: Facts) -> str:
    if facts.wait is None:
        return t("digest.wait_few")
    if facts.wait_mean is None:  # kept before there was one
        return t("digest.wait_half", wait=facts.wait, nine=facts.wait_nine)
    return t("digest.wait", mean=facts.wait_mean, wait=facts.wait, nine=facts.wait_nine)


def line(premises: Premises, digest: Digest, one: Line) -> str:
    """An obstacle in a sentence."""
    number, detail = one.number, one.detail
    match one.kind:
        case "papers":
            return t("digest.papers", number=number, week=detail["week"], **_paper(premises, digest.day, one))
        case "hour":
            return _hour(one)
        case "late" if detail["tomorrow"]:
            return t("digest.late_more", number=number, tomorrow=detail["tomorrow"])
        case "questions":
            since = cards.when(dt.datetime.fromisoformat(detail["since"]), digest.made_at)
            if detail["overdue"]:
                return t("digest.questions_overdue", number=number, overdue=detail["overdue"], since=since)
            return t("digest.questions", number=number, since=since)
        case "messages" if detail["unknown"]:
            return t("digest.messages_unknown", number=number, unknown=detail["unknown"])
        case "remarks" if "since" in detail:
            return t("digest.remarks_since", number=number, since=_remarks(one))
    return t(f"digest.{one.kind}", number=number)


def _remarks(one: Line) -> str:
    """Since when the oldest waits, and how many came that day."""
    fresh, since = one.detail["fresh"], clock.date(dt.date.fromisoformat(one.detail["since"]))
    return t("digest.oldest_fresh", since=since, fresh=fresh) if 0 < fresh < one.number else t("digest.oldest", since=since)


def _hour(one: Line) -> str:
    first, room, minutes = one.detail["hour"], one.detail["room"], one.detail["minutes"]
    if one.number > room:
        return t("digest.hour_room", first=first, last=first + 1, number=one.number, room=room, minutes=minutes)
    return t("digest.hour_wait", first=first, last=first + 1, number=one.number, minutes=minutes)


class Short(NamedTuple):
    """An obstacle as a line to pick: what it is, and what else there is to know."""

    label: str
    hint: str = ""


def short(premises: Premises, digest: Digest, one: Line) -> Short:
    number, detail = one.number, one.detail
    match one.kind:
        case "papers":
            names = _paper(premises, digest.day, one)
            return Short(
                t("digest.short_papers", number=number, paper=names["paper"]),
                t("digest.hint_papers", procedure=names["procedure"], week=detail["week"]),
            )
        case "hour":
            label = t("digest.short_hour", first=detail["hour"], last=detail["hour"] + 1, minutes=detail["minutes"])
            crowded = number > detail["room"]
            return Short(label, t("digest.hint_room", number=number, room=detail["room"]) if crowded else t("digest.hint_hour", number=number))
        case "questions":
            since = cards.when(dt.datetime.fromisoformat(detail["since"]), digest.made_at)
            late = t("digest.hint_overdue", overdue=detail["overdue"], since=since)
            return Short(t("digest.short_questions", number=number), late if detail["overdue"] else t("digest.hint_since", since=since))
        case "late" if detail["tomorrow"]:
            return Short(t("digest.late", number=number).rstrip("."), t("digest.hint_late", tomorrow=detail["tomorrow"]))
        case "messages" if detail["unknown"]:
            return Short(t("digest.messages", number=number).rstrip("."), t("digest.hint_unknown", unknown=detail["unknown"]))
        case "remarks" if "since" in detail:
            return Short(t("digest.remarks", number=number).rstrip("."), _remarks(one))
    return Short(t(f"digest.{one.kind}", number=number).rstrip("."))


def _paper(premises: Premises, day: dt.date, one: Line) -> dict[str, str]:
    return {"paper": paper(premises, day, one), "procedure": dossier_words.about(premises, one.detail["procedure"], day)}


def paper(premises: Premises, day: dt.date, one: Line) -> str:
    """The name of the paper an obstacle is about, as the catalog had it that day."""
    entry = premises.catalog.get(one.detail["procedure"], day)
    found = entry.document(one.detail["paper"]) if entry is not None else None
    name = found.name if found is not None else str(one.detail["paper"])
    return f"{name[:1].lower()}{name[1:]}"


class Fate(NamedTuple):
    """What became of an obstacle: who ticked it off, reported it, was given it, and when; "" while nobody."""

    done: str
    reported: str
    given: str


def actors(lines: Iterable[Line]) -> set[str]:
    """Whose names a fate needs."""
    return {actor for line in lines for actor in (line.done_by, line.reported_by, line.given_to, line.given_by) if actor}


def fate(names: Mapping[str, str], one: Line) -> Fate:
    done = t("digest.done_by", name=_name(names, one.done_by), at=_at(one.done_at)) if one.done_at is not None else ""
    reported = t("digest.reported_by", name=_name(names, one.reported_by), at=_at(one.reported_at)) if one.reported_at is not None else ""
    if one.given_at is None:
        return Fate(done, reported, "")
    return Fate(done, reported, t("digest.given_to", name=_name(names, one.given_to), by=_name(names, one.given_by), at=_at(one.given_at)))


def _name(names: Mapping[str, str], actor: str) -> str:
    return names.get(actor, actor)


def _at(moment: dt.datetime) -> str:
    return f"{clock.hour(moment)} {clock.day(clock.today(moment))}"


def tomorrow(facts: Facts) -> str:
    """What comes on the next day with hours; "" of none in sight."""
    if not facts.next_day:
        return ""
    day = clock.day(dt.date.fromisoformat(facts.next_day))
    booked = t("digest.next_booked", booked=facts.booked) if facts.booked else t("digest.next_nobody")
    free = [t("digest.next_free", free=facts.free)] if facts.free else [t("digest.next_full_up")] if facts.booked else []
    parts = [t("digest.next_line", day=f"{day[:1].upper()}{day[1:]}", said=", ".join((booked, *free)))]
    if facts.full_hour is not None:
        parts.append(t("digest.next_full", first=facts.full_hour, last=facts.full_hour + 1, full=facts.full))
    if facts.due:
        parts.append(t("digest.next_due", due=facts.due))
    return " ".join(parts)


def well(facts: Facts) -> list[str]:
    """What went well; nothing where nothing did."""
    return list(_well(facts))


def _well(facts: Facts) -> Iterator[str]:
    if facts.firsts >= LEAST and facts.first_complete >= GOOD * facts.firsts:
        yield t("digest.well_complete", part=facts.first_complete, whole=facts.firsts)
    if facts.ready and not facts.ready_late:
        yield t("digest.well_ready", ready=facts.ready)
    if facts.answered:
        yield t("digest.well_answered", answered=facts.answered)


# in the chat


def message(premises: Premises, digest: Digest, names: Mapping[str, str] | None = None) -> Reply:
    """One center's day, for who leads it: each obstacle is a line to pick.

    `names`: of those who did something about it; None as it was sent, before anybody did.
    """
    title = t("digest.title", place=place(premises, digest.center_id), day=clock.day(digest.day))
    none = [] if digest.lines else [t("digest.none")]
    parts = (_figures(digest.facts), none, [tomorrow(digest.facts)], well(digest.facts))
    lines = ["\n".join(part) for part in parts if any(part)]
    state = State(tone="note", icon="clock", title=title, text=tuple(lines))
    obstacles = [_pick(premises, digest, one, names) for one in digest.lines]
    picked = (*obstacles, _open(premises, f"{address(digest.center_id, SLUG)}?ngay={digest.day}"))
    return Reply(blocks=(state,), ask=_ask(len(obstacles)), choices=numbered(picked), key=key(digest.day, digest.center_id))


def _ask(count: int) -> str:
    return t("digest.pick", numbers=", ".join(str(number) for number in range(1, count + 1))) if count else ""


def _pick(premises: Premises, digest: Digest, one: Line, names: Mapping[str, str] | None) -> Choice:
    said = short(premises, digest, one)
    stands = _stands(names, one) if names is not None else ""
    return option(said.label, payloads.Obstacle(one.id), hint="; ".join(filter(None, (said.hint, stands))))


def _stands(names: Mapping[str, str], one: Line) -> str:
    if one.done_at is not None:
        return t("digest.hint_done")
    return t("digest.hint_given", name=_name(names, one.given_to)) if one.given_to else ""


def _figures(facts: Facts) -> list[str]:
    if not facts.came:
        return [t("digest.came_none")]
    waits = [waited(facts)] if facts.wait is not None else []
    return [_came(facts), t("digest.sum", done=facts.done, back=facts.back, absent=facts.absent), *waits]


def rolled_up(premises: Premises, day: dt.date, found: Sequence[Digest], reported: Sequence[Digest]) -> Reply:
    """All centers of a manager in one message, the one furthest behind first, and what was reported upward."""
    lines = ["\n".join(_center(premises, one)) for one in found if one.lines]
    quiet = [place(premises, one.center_id) for one in found if not one.lines]
    if quiet:
        lines.append(t("digest.rolled_quiet", places=", ".join(quiet)))
    if reported:
        lines.append("\n".join((t("digest.reported_chat"), *(said for one in reported for said in upward(premises, one)))))
    state = State(tone="note", icon="clock", title=t("digest.rolled_title", day=clock.day(day)), text=tuple(lines))
    first = (found or reported)[0].center_id
    opened = [option(place(premises, one.center_id), payloads.DigestDay(one.id)) for one in found if one.lines][:OPENED]
    choices = numbered((*opened, _open(premises, f"{address(first, ALL)}?ngay={day}")))
    return Reply(blocks=(state,), ask=_ask(len(opened)), choices=choices, key=key(day, "*"))


def _center(premises: Premises, one: Digest) -> Iterator[str]:
    yield t("digest.rolled_center", place=place(premises, one.center_id), came=one.facts.came, back=one.facts.back)
    for worst in one.lines[:WORST]:
        yield t("digest.rolled_worst", line=line(premises, one, worst))
    if len(one.lines) > WORST:
        yield t("digest.rolled_more", count=len(one.lines) - WORST)


def upward(premises: Premises, one: Digest) -> list[str]:
    """The lines of a digest as they are reported upward."""
    return [
        t("digest.reported_line", place=place(premises, one.center_id), day=clock.day(one.day), line=with_words(premises, one, said))
        for said in one.lines
    ]


def with_words(premises: Premises, one: Digest, said: Line) -> str:
    told = line(premises, one, said)
    return t("digest.reported_said", line=told, said=said.said) if said.said else told


def _open(premises: Premises, path: str) -> Choice:
    return Choice(number=-1, label=t("digest.open_page"), link=f"{premises.address}{path}")


def key(day: dt.date, of: str) -> str:
    return f"digest:{day}:{of}"

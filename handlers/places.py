"""Where a former commune is today: asks for its name, answers, and goes on until the person leaves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from bot import clock
from bot.conversation import choose
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import misses, places
from bot.domain.centers import Center
from bot.domain.gazetteer import Area, Place, Unit
from bot.domain.places import Found
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import center, payloads, welcome
from procedures.text import fold

TOPIC = "places"
MOST = 5
MOST_UNITS = 20  # named one by one
KEPT = 200  # characters of a question that the next words may narrow
SHOWN = 60  # characters of a name repeated to the person

_ABOUT = re.compile(r"\b(?:xa|phuong|thi tran|tt|p)\b")
_HINT = re.compile(r"\b(?:nay|gio) (?:la|thuoc|o|ve)\b|\bsap nhap\b|\bnhap vao\b|\bthuoc (?:xa|phuong) (?:nao|moi)\b|\bdoi ten\b|\bcu$")


def begin(context: Context, _said: Payload | Incoming) -> Reply:
    _stay(context)
    return Reply(blocks=(Say(text=t("places.how")),), ask=t("places.ask"), why=t("places.ask_hint"), choices=_leave())


def asked(text: str) -> Found | None:
    """What a question typed anywhere is about, when it is surely about a former commune: one is named, or none and the words say so."""
    plain = fold(text)
    if not (_HINT.search(plain) or "cũ" in text.lower().split()):
        return None
    found = places.find(text)
    sure = found.exact and found.decision in (("one", "several", "none") if _ABOUT.search(plain) else ("one", "several"))
    return found if sure else None


def first(context: Context, text: str, found: Found) -> Reply:
    """The answer to such a question; without a name in it, the name is asked for."""
    return begin(context, context.incoming) if found.decision == "none" else answer(context, text, found)


def look_up(context: Context, text: str) -> tuple[str, Found]:
    """What was typed, also as what narrows the name asked about before: "Biên Hòa" after "Tam Hiệp" is "Tam Hiệp, Biên Hòa"."""
    before = context.state.data.get("asked", "")
    if before:
        both = f"{before}, {text}"
        found = places.find(both)
        if found.exact and found.decision in ("one", "several") and len(found.places) < len(places.find(before).places):
            return both, found
    return text, places.find(text)


def answer(context: Context, text: str, found: Found) -> Reply:
    _stay(context)
    match found.decision:
        case "one":
            return _one(context, found.places, found.units, older=len(found.older) == len(found.places))
        case "several":
            context.state.data["asked"] = text[:KEPT]
            return _several(found)
        case "area":
            return _area(found)
    return _none(text)


def open_(context: Context, said: payloads.Place) -> Reply:
    """A line of the list that was asked back with.

    Words stand for the one line that has them, but more places than lines may: "Hà Nội" behind five of seven Tam Hiệp.
    """
    place = places.place(said.code)
    if place is None:
        return begin(context, said)
    typed = context.incoming.text if context.incoming.kind == "text" and context.state.topic == TOPIC else ""
    if typed and not choose.short_numbers(typed):
        asked_for, found = look_up(context, typed)
        if found.exact and found.decision in ("one", "several"):
            return answer(context, asked_for, found)
    _stay(context)
    return _one(context, [place], place.units)


def _stay(context: Context) -> None:
    context.state.topic, context.state.data = TOPIC, {}


def _leave(options: Sequence[Choice] = ()) -> tuple[Choice, ...]:
    return numbered((*options, option(t("places.leave"), payloads.Menu())), welcome.person())


def _one(context: Context, found: Sequence[Place], units: Sequence[Unit], *, older: bool = False) -> Reply:
    place = found[0]
    if place.today:
        title, lines = t("places.title_today", unit=_upper(_unit(units[0]))), _of_today(units[0])
    elif len(units) > 1:
        title, lines = t("places.title_split", count=len(units)), _split(found, units)
    else:
        title = t("places.title", unit=_upper(_unit(units[0])), province=units[0].province)
        lines = [_whole(found, units[0])]
    if older:
        lines.insert(0, t("places.older", place=_full(place)))
    state = State(icon="pin", title=title, text=tuple(lines), source=_source())
    served = [(unit, here) for unit in units if (here := context.premises.directory.of_commune(unit.code)) is not None]
    cards = [_card(unit, here, context.now) for unit, here in served]
    ways = [center.way(here) for _, here in served]
    return Reply(blocks=(state, *cards), ask=t("places.again"), choices=_leave(ways))


def _card(unit: Unit, here: Center, now: dt.datetime) -> State:
    """The center that serves a unit, where this installation has it."""
    shown = center.card(here, now)
    return shown.model_copy(update={"text": (t("center.serves", unit=_upper(_unit(unit))), *shown.text)})


def _whole(found: Sequence[Place], unit: Unit) -> str:
    same = all((place.kind, place.name, place.province) == (unit.kind, unit.name, unit.province) for place in found)
    said = "places.same" if same else "places.whole"
    return t(said, place=_upper(_listed(found)), unit=_unit(unit), province=unit.province)


def _split(found: Sequence[Place], units: Sequence[Unit]) -> list[str]:
    parts = [t("places.split_part", number=number, unit=_upper(_unit(unit)), province=unit.province) for number, unit in enumerate(units, start=1)]
    return [t("places.split", place=_upper(_listed(found)), count=len(units)), *parts, t("places.split_ask")]


def _of_today(unit: Unit) -> list[str]:
    """A name of today was typed: what it is made of."""
    made_of = places.made_of(unit)
    return [
        t("places.today", unit=_upper(_unit(unit)), province=unit.province),
        t("places.made_of", places=", ".join(f"{place.kind} {place.name}" for place in made_of)),
    ]


def _several(found: Found) -> Reply:
    shown = _spread(found.places)
    older = t("places.older_hint")
    options = [option(_upper(_full(place)), payloads.Place(place.code), hint=older if place.code in found.older else "") for place in shown]
    ask = t("places.several", count=len(found.places)) if found.exact else t("places.guess_several" if len(options) > 1 else "places.guess")
    example = f"{shown[0].name}, {_bare(shown[0].district or shown[0].province)}"
    return Reply(ask=ask, why=t("places.several_hint", example=example), choices=_leave(options))


def _spread(found: Sequence[Place]) -> list[Place]:
    """At most five, from different provinces before two from the same."""
    seen: dict[str, int] = {}
    ranked: list[tuple[int, int, Place]] = []
    for place in found:
        seen[place.province] = seen.get(place.province, 0) + 1
        ranked.append((seen[place.province], len(ranked), place))
    return [place for _, _, place in sorted(sorted(ranked)[:MOST], key=lambda one: one[1])]


def _area(found: Found) -> Reply:
    if len(found.areas) != 1:
        return Reply(blocks=(Say(text=t("places.area_same")),), ask=t("places.ask"), why=t("places.ask_hint"), choices=_leave())
    area, units = _upper(_around(found.areas[0])), found.units
    if found.areas[0] == ("", units[0].province):
        said = t("places.area_still", area=area, count=len(units))
    elif len(units) > MOST_UNITS:
        said = t("places.area_large", area=area, province=units[0].province, count=len(units))
    else:
        said = t("places.area", area=area, count=len(units), units=", ".join(_unit(unit) for unit in units))
    state = State(tone="note", icon="pin", title=t("places.area_title"), text=(said,), source=_source())
    return Reply(blocks=(state,), ask=t("places.area_ask"), choices=_leave())


def _none(text: str) -> Reply:
    said = misses.without_traces(text)
    said = said if len(said) <= SHOWN else f"{said[:SHOWN].rstrip()}…"
    state = State(tone="note", icon="search", title=t("places.none_title"), text=(t("places.none", said=said),))
    return Reply(blocks=(state,), ask=t("places.ask"), choices=_leave())


def _source() -> str:
    source = places.source()
    return t("places.source", package=source.package, version=source.version, day=clock.date(source.as_of))


def _listed(found: Iterable[Place]) -> str:
    return "; ".join(_full(place) for place in found)


def _full(place: Place) -> str:
    """xã Tam Hiệp, huyện Phúc Thọ, Hà Nội."""
    return ", ".join(part for part in (_unit(place), place.district, _bare(place.province)) if part)


def _around(area: Area) -> str:
    return f"{area.district}, {_bare(area.province)}" if area.district else area.province


def _unit(unit: Unit | Place) -> str:
    return f"{unit.kind} {unit.name}"


def _bare(area: str) -> str:
    """The name of a province or district without its kind; a number keeps it."""
    return re.sub(r"^(?:thành phố|tỉnh|quận|huyện|thị xã) (?!\d)", "", area)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

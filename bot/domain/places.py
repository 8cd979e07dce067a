"""Where a former commune is today: free text in, the places it can mean out. Never guesses: what is not clear is for asking back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from bot.domain import gazetteer, place_reading
from bot.domain.gazetteer import Area, Named, Place, Source, Table, Unit
from bot.domain.place_reading import AROUND, DISTRICT, Span, Word

Decision = Literal["one", "several", "area", "none"]


class Found(NamedTuple):
    """`one`: `places` all lie in the same units. `several`: ask which. `area`: only a district or province was named.

    `units`: today's units of the one place; of the area the units it became. `older`: the codes of places that a name gone before
    July 2025 led to, which went into them. `exact`: every word was understood, and as it stands.
    """

    decision: Decision
    places: tuple[Place, ...] = ()
    units: tuple[Unit, ...] = ()
    areas: tuple[Area, ...] = ()
    older: tuple[str, ...] = ()
    exact: bool = True


NONE = Found("none", exact=False)
MOST_LEFT = 2  # words that say nothing about places and yet leave no doubt


class _Reading(NamedTuple):
    """One way to understand a text: this name, with these areas around it."""

    named: Named
    score: float
    used: tuple[Span, ...]


def find(text: str) -> Found:
    """The places that the text can mean."""
    table = gazetteer.table()
    found = _find(text, table)
    if found.decision != "none" and found.exact:
        return found
    keyed = place_reading.decoded(text)
    again = _find(keyed, table) if keyed != " ".join(text.lower().split()) else found
    return again if again.decision != "none" and (again.exact or found.decision == "none") else found


def place(code: str) -> Place | None:
    """The place of this code."""
    return gazetteer.table().place(code)


def made_of(unit: Unit) -> list[Place]:
    """The former communes that lie in a unit of today, whole or in part."""
    return gazetteer.table().made_of(unit)


def source() -> Source:
    return gazetteer.table().source


def _find(text: str, table: Table) -> Found:
    said = place_reading.words(text)
    named = place_reading.communes(said, table)
    around = place_reading.areas(said, named, table)
    readings = _read(said, named, around, table)
    best = _best(readings)
    whole = bool(best) and not _left(said, best[0].used)
    if whole and not _is_only_of_today(best):
        return _decide(said, best)
    areas = _area(said, around, table)
    if areas is not None or whole:
        return areas or _decide(said, best)
    if all(place_reading.is_small(word) for word in said):
        return Found("none")
    best = _best([*readings, *_nearly(said, around, table)])
    return _decide(said, best) if best else NONE


def _nearly(said: Sequence[Word], around: Sequence[Span], table: Table) -> list[_Reading]:
    """Readings with letters wrong in the commune's name, or in an area's."""
    kept = [span for span in around if span.weight > 1 or span.kind in AROUND]
    areas = [*around, *place_reading.near_areas(said, kept, table)]
    communes = [*place_reading.communes(said, table), *place_reading.near_communes(said, kept, table)]
    return _read(said, communes, areas, table)


def _read(said: Sequence[Word], communes: Iterable[Span], around: Sequence[Span], table: Table) -> list[_Reading]:
    former_only = any(word.marked == "cũ" for word in said) or (len(said) > 1 and said[-1].plain == "cu")
    return [
        _reading(said, span, named, around, table)
        for span in communes
        for named in table.named(span.key)
        if (span.kind not in AROUND or named.kind == "huyện") and not (former_only and named.place.today)
    ]


def _reading(said: Sequence[Word], span: Span, named: Named, around: Sequence[Span], table: Table) -> _Reading:
    """Words understood count one each; a kind that fits, marks that fit, and the usual order count a little."""
    used = [span]
    free = table.around(named.place) if around else {}
    for area in sorted(around, key=lambda area: -area.weight):
        # Hải Dương, Hải Dương is the city and the province; a place that only lies in the province has one of them left over.
        if sum(other.key == area.key for other in used[1:]) < free.get(area.key, 0) and not any(area.overlaps(other) for other in used):
            used.append(area)
    score = sum(part.weight for part in used) + 0.5 * (span.kind == named.kind)
    score += 0.25 * (len(used) > 1 and all(span.start <= other.start for other in used))
    score += sum(_closeness(area, named.place, table) for area in used[1:])
    if span.exact and place_reading.spelled_alike(said, span, named):
        score += 0.3
    return _Reading(named, score, tuple(used))


def _closeness(area: Span, place: Place, table: Table) -> float:
    """Cà Mau: rather the former province than today's larger one, and the city when it is called one."""
    if area.kind == DISTRICT and table.is_district_of(area.key, place):
        return 0.2
    return 0.1 if table.is_former_province_of(area.key, place) or table.is_district_of(area.key, place) else 0.0


def _best(readings: Sequence[_Reading]) -> list[_Reading]:
    """The best ways, all equally good. A former place goes before one of today, and a name before an older one in the same district."""
    top = max((reading.score for reading in readings), default=0.0)
    best = list({(reading.named.place.code, reading.named.place.today): reading for reading in readings if reading.score > top - 0.01}.values())
    if any(not reading.named.place.today for reading in best):
        best = [reading for reading in best if not reading.named.place.today]
    own = {_district(reading) for reading in best if not reading.named.older}
    return [reading for reading in best if not reading.named.older or _district(reading) not in own]


def _district(reading: _Reading) -> tuple[str, str]:
    return reading.named.place.district, reading.named.place.province


def _is_only_of_today(best: Sequence[_Reading]) -> bool:
    """Bắc Giang, Ninh Kiều: the former province or district of that name is meant rather than the one unit of today."""
    return all(reading.named.place.today and not reading.used[0].kind for reading in best)


def _decide(said: Sequence[Word], best: Sequence[_Reading]) -> Found:
    left = len(_left(said, best[0].used))
    clear = all(span.exact for span in best[0].used)
    named = best[0].used[0].kind not in ("", *AROUND)
    if not named and len(best[0].used) == 1 and left > (min(MOST_LEFT, best[0].used[0].end - best[0].used[0].start) if clear else 0):
        return NONE
    places = tuple(reading.named.place for reading in best)
    older = tuple(reading.named.place.code for reading in best if reading.named.older)
    exact = clear and (named or len(older) < len(best) or len(best[0].used) > 1) and left <= (MOST_LEFT if named else 0)
    if len({frozenset(place.units) for place in places}) == 1 and clear and (named or left == 0):
        return Found("one", places, places[0].units, older=older, exact=exact)
    return Found("several", places, older=older, exact=exact)


def _left(said: Sequence[Word], used: Sequence[Span]) -> list[Word]:
    """The words nobody understood."""
    taken = {place for span in used for place in range(span.start, span.end)}
    return [word for place, word in enumerate(said) if place not in taken and not place_reading.is_small(word)]


def _area(said: Sequence[Word], around: Sequence[Span], table: Table) -> Found | None:
    """Only a district or province was named."""
    used: list[Span] = []
    for span in sorted(around, key=lambda span: -span.weight):
        if not any(span.overlaps(other) for other in used):
            used.append(span)
    keys = {span.key for span in used}
    if not used or _left(said, used):
        return None
    areas = tuple(dict.fromkeys(area for key in keys for area in table.areas[key] if keys <= table.keys_of(area)))
    if len({span.kind for span in used}) == 1 and used[0].kind:
        called = used[0].kind == DISTRICT
        areas = tuple(area for area in areas if bool(area.district) == called) or areas
    if not areas:
        return None
    return Found("area", areas=areas, units=tuple(table.became(areas[0])) if len(areas) == 1 else ())

"""Where a former commune is today: free text in, the places it can mean out. Never guesses: what is not clear is for asking back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from bot.domain import gazetteer, place_reading
from bot.domain.gazetteer import Area, Named, Place, Source, Table, Unit
from bot.domain.place_reading import AREA, Span, Word

Decision = Literal["one", "several", "area", "none"]


class Found(NamedTuple):
    """`one`: `places` all lie in the same units. `several`: ask which. `area`: only a district or province was named.

    `units`: today's units of the one place; of the area the units it became. `older`: the name was gone before July 2025, the place is
    what it went into. `exact`: every word was understood, and as it stands.
    """

    decision: Decision
    places: tuple[Place, ...] = ()
    units: tuple[Unit, ...] = ()
    areas: tuple[Area, ...] = ()
    older: bool = False
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
    again = _find(keyed, table) if keyed != text.lower() else found
    return again if again.decision != "none" and (again.exact or found.decision == "none") else found


def former(code: str) -> Place | None:
    """The former commune of this code."""
    return gazetteer.table().former(code)


def made_of(unit: Unit) -> list[Place]:
    """The former communes that lie in a unit of today, whole or in part."""
    return gazetteer.table().made_of(unit)


def source() -> Source:
    return gazetteer.table().source


def _find(text: str, table: Table) -> Found:
    said = place_reading.words(text)
    around = place_reading.areas(said, table)
    readings = _read(said, place_reading.communes(said, table), around, table)
    best = _best(readings)
    if best and not _left(said, best[0].used):
        return _decide(said, best)
    areas = _area(said, around, table)
    if areas is not None:
        return areas
    best = _best([*readings, *_nearly(said, around, table)])
    return _decide(said, best) if best else NONE


def _nearly(said: Sequence[Word], around: Sequence[Span], table: Table) -> list[_Reading]:
    """Readings with letters wrong in the commune's name, or in an area's."""
    kept = [span for span in around if span.weight > 1 or span.kind == AREA]
    areas = [*around, *place_reading.near_areas(said, kept, list(table.areas))]
    communes = [*place_reading.communes(said, table), *place_reading.near_communes(said, kept, table.names)]
    return _read(said, communes, areas, table)


def _read(said: Sequence[Word], communes: Iterable[Span], around: Sequence[Span], table: Table) -> list[_Reading]:
    former_only = any(word.marked == "cũ" for word in said) or (len(said) > 1 and said[-1].plain == "cu")
    return [
        _reading(said, span, named, around, table)
        for span in communes
        for named in table.named(span.key)
        if (span.kind != AREA or named.kind == "huyện") and not (former_only and named.place.today)
    ]


def _reading(said: Sequence[Word], span: Span, named: Named, around: Sequence[Span], table: Table) -> _Reading:
    """Words understood count one each; a kind that fits, marks that fit, and the usual order count a little."""
    used = [span]
    keys = table.around(named.place) if around else frozenset()
    for area in sorted(around, key=lambda area: -area.weight):
        if area.key in keys and not any(area.overlaps(other) for other in used):
            used.append(area)
    score = sum(part.weight for part in used) + 0.5 * (span.kind == named.kind)
    score += 0.25 * (len(used) > 1 and all(span.start <= other.start for other in used))
    if span.exact and not named.older:
        score += 0.3 * bool(place_reading.spelled_alike(said, span, named.place.name))
    return _Reading(named, score, tuple(used))


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


def _decide(said: Sequence[Word], best: Sequence[_Reading]) -> Found:
    left = len(_left(said, best[0].used))
    clear = all(span.exact for span in best[0].used)
    named = best[0].used[0].kind not in ("", AREA) or len(best[0].used) > 1
    if not named and left > min(MOST_LEFT, best[0].used[0].end - best[0].used[0].start):
        return NONE
    places = tuple(reading.named.place for reading in best)
    exact = clear and (left == 0 or (named and left <= MOST_LEFT))
    if len({frozenset(place.units) for place in places}) == 1 and clear and (named or left == 0):
        return Found("one", places, places[0].units, older=all(reading.named.older for reading in best), exact=exact)
    return Found("several", places, exact=exact)


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
    areas = dict.fromkeys(area for key in keys for area in table.areas[key] if keys <= table.keys_of(area))
    districts = tuple(area for area in areas if area.district) or tuple(areas)
    if not districts:
        return None
    return Found("area", areas=districts, units=tuple(table.became(districts[0])) if len(districts) == 1 else ())

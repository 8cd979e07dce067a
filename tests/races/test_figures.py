"""Figures counted anew while others add to them: nothing is lost, nothing counted twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlmodel import Session

from bot.db import locks
from bot.domain import feedback, figures, rebuilding
from bot.domain.feedback import Counter, Giver
from bot.domain.scopes import Scope
from tests.figures.counting import differences
from tests.races.crew import Crew, deed
from tests.races.hall import CENTER, NOW, TODAY, Hall

MONTH = TODAY.replace(day=1)
WRITERS, EACH = 6, 4


def rate(session: Session, token: str, level: int = 4) -> None:
    row = feedback.at_counter(session, Counter(CENTER), token.ljust(16, "x"), Giver("web"), now=NOW, begun_at=NOW)
    feedback.rate(session, row, {"staff": level}, now=NOW)
    feedback.finish(session, row, now=NOW)


def rebuild(session: Session) -> int:
    return len(rebuilding.own(session, CENTER, MONTH))


def ratings(hall: Hall, center: str | None = CENTER) -> int:
    return hall.do(figures.sums, Scope(center, TODAY, TODAY)).ratings


def test_ratings_of_many_processes_beside_rebuilds_all_count_once(crew: Crew, hall: Hall) -> None:
    written = [deed(rate, f"{number}") for number in range(WRITERS * EACH)]
    beside = [deed(rebuild) for _ in range(EACH)]
    outcomes = crew.race(hall.url, *(one for four in range(EACH) for one in (*written[four::EACH], beside[four])))
    assert [outcome.result for outcome in outcomes if outcome.result is not None] == [0] * EACH, "a rebuild finds what is being written"
    assert (ratings(hall), ratings(hall, None)) == (WRITERS * EACH, WRITERS * EACH)
    assert hall.do(differences) == []


def rated_between(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Count anew; after the rows are read and before the figures are, somebody rates. Whether that was through before the end."""
    writer = threading.Thread(target=hall.do, args=(rate, "between"))
    quick, through = rebuilding._standing, []

    def standing(*args: Any) -> Any:
        if not writer.ident:
            writer.start()
            writer.join(0.5)
            through.append(not writer.is_alive())
        return quick(*args)

    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "_standing", standing)
        hall.do(rebuilding.own, CENTER, MONTH)
    writer.join()
    return through[0]


def test_who_rates_while_figures_are_counted_waits_for_the_end(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.do(rate, "before")
    assert not rated_between(hall, monkeypatch)
    assert ratings(hall) == 2
    assert hall.do(differences) == []


def test_control_without_the_lock_a_rating_is_lost(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    if hall.store.is_sqlite:
        pytest.skip("the one file has one writer")
    hall.do(rate, "before")
    monkeypatch.setattr(locks, "hold", lambda *_: None)
    assert rated_between(hall, monkeypatch)
    assert hall.do(differences) != []

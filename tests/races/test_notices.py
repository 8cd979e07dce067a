"""A notice that several people and workers get hold of at the same instant."""

from __future__ import annotations

import threading

import pytest
from sqlmodel import Session

from bot.db import locks
from bot.domain import broadcast, consent, ledger, notices
from tests.races import post
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import CENTER, NOW, Hall

PEOPLE = 40


def test_of_eight_who_confirm_at_once_one_does_and_there_is_one_list(crew: Crew, hall: Hall) -> None:
    notice = post.submitted(hall, PEOPLE)
    wanted = [deed(post.confirm, notice, PEOPLE, f"staff:{number + 2}") for number in range(SIZE)]
    assert sorted(outcome.result for outcome in crew.race(hall.url, *wanted)) == ["changed"] * (SIZE - 1) + ["sending"]
    assert post.sums(hall, notice) == {"queued": PEOPLE}
    assert (post.noted(hall, "confirm"), post.noted(hall, "freeze")) == (1, 1)


def test_control_with_no_look_at_the_state_several_confirm(crew: Crew, hall: Hall) -> None:
    notice = post.submitted(hall, PEOPLE)
    wanted = [deed(post.confirm, notice, PEOPLE, f"staff:{number + 2}") for number in range(SIZE)]
    crew.race(hall.url, *wanted, off=("notice",))
    assert post.noted(hall, "confirm") > 1


@pytest.mark.parametrize("first", ["pause", "stop"])
def test_of_eight_who_pause_or_stop_at_once_one_does(crew: Crew, hall: Hall, first: str) -> None:
    notice = post.sending(hall, PEOPLE)
    outcomes = crew.race(hall.url, *[deed(post.step, first, notice, f"staff:{number}") for number in range(SIZE)])
    assert sorted(outcome.result for outcome in outcomes) == sorted(["changed"] * (SIZE - 1) + [first])


def test_stopped_amid_claims_every_row_is_either_taken_or_skipped(crew: Crew, hall: Hall) -> None:
    notice = post.sending(hall, PEOPLE)
    claims = [deed(post.claim, f"worker {number}", 3) for number in range(SIZE - 1)]
    *claimed, _stopped = crew.race(hall.url, *claims, deed(post.step, "stop", notice, "staff:2"))
    taken = sum(outcome.result for outcome in claimed)
    expected = {state: number for state, number in (("sending", taken), ("skipped", PEOPLE - taken)) if number}
    assert post.sums(hall, notice) == expected
    assert sum(expected.values()) == post.recipients(hall, notice)


def test_control_a_stop_that_does_not_look_at_the_row_again_takes_it_from_under_the_worker(crew: Crew, hall: Hall) -> None:
    notice = post.sending(hall, PEOPLE)
    claims = [deed(post.claim, f"worker {number}", 3) for number in range(SIZE - 1)]
    *claimed, _stopped = crew.race(hall.url, *claims, deed(post.step, "stop", notice, "staff:2"), off=("row",))
    taken = sum(outcome.result or 0 for outcome in claimed)
    assert taken > 0
    assert post.sums(hall, notice).get("sending", 0) < taken


def _says_stop_amid_the_freeze(hall: Hall) -> tuple[dict[str, int], bool]:
    """One person says stop while the list is written down and not committed yet; the sums, and whether they had to wait."""
    notice = post.submitted(hall, 1)
    person = hall.do(post.anybody)
    stopping = threading.Thread(target=hall.do, args=(consent.withdraw, person, "DỪNG"), kwargs={"now": NOW})
    with Session(hall.store.engine) as session, session.begin():
        broadcast.confirm(session, CENTER, notice, 1, 1, actor="staff:2", now=NOW)
        stopping.start()
        stopping.join(0.5)
        waited = stopping.is_alive()
    stopping.join(20)
    return post.sums(hall, notice), waited


def _done_amid_a_decision(hall: Hall) -> tuple[str, str, bool]:
    """Its last rows have a fate, and somebody is about to send one again: state, kept sums, and whether whoever ends it had to wait."""
    notice = post.sending(hall, 2)
    first = hall.do(post.settle, notice, "unknown")
    ending = threading.Thread(target=hall.do, args=(broadcast.advance,), kwargs={"now": NOW})
    with Session(hall.store.engine) as session, session.begin():
        broadcast.decide(session, CENTER, notice, [first], again=True, actor="staff:2", now=NOW)
        ending.start()
        ending.join(0.5)
        waited = ending.is_alive()
    ending.join(20)
    found = hall.do(notices.by_id, notice)
    assert found is not None
    return found.state, found.sums, waited


def test_a_notice_is_not_done_while_somebody_sends_one_of_its_rows_again(hall: Hall) -> None:
    assert _done_amid_a_decision(hall) == ("sending", "", True)


def test_control_without_the_lock_it_would_be_done_with_a_row_that_waits(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    if hall.store.is_sqlite:
        pytest.skip("SQLite has one writer at a time, whatever the lock")
    hold = locks.hold
    monkeypatch.setattr(locks, "hold", lambda session, *name: None if name == (ledger.LOCK,) else hold(session, *name))
    state, kept, _ = _done_amid_a_decision(hall)
    assert (state, kept) == ("done", '{"b": {"unknown": 2}}')


def test_who_says_stop_while_the_list_is_written_is_skipped(hall: Hall) -> None:
    assert _says_stop_amid_the_freeze(hall) == ({"skipped": 1}, True)


def test_control_without_the_lock_somebody_who_said_stop_would_get_it(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    if hall.store.is_sqlite:
        pytest.skip("SQLite has one writer at a time, whatever the lock")
    monkeypatch.setattr(locks, "hold", lambda *_: None)
    assert _says_stop_amid_the_freeze(hall) == ({"queued": 1}, False)

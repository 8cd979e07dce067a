"""Exercises of helpers: one at a time, corrected once, against the version they were made from; who has practised what."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlmodel import Session

from bot.db.store import Store
from bot.domain import exercises, practice, staff
from bot.domain.practice import Kept
from procedures.catalog import Catalog
from tests.fakes import NOON

CODE, OTHER = "1.000656", "2.000815"
Do = Callable[..., Any]


@pytest.fixture
def do(database_url: str) -> Iterator[Do]:
    store = Store(database_url)

    def run(work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with Session(store.engine, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **named)

    yield run
    store.close()


@pytest.fixture
def helper(do: Do) -> int:
    return int(do(staff.create, "em Mai", "trung-tam", "volunteer", now=NOON))


def later(minutes: int) -> dt.datetime:
    return NOON + dt.timedelta(minutes=minutes)


def began(do: Do, catalog: Catalog, helper: int, code: str = CODE, at: dt.datetime = NOON, seed: int = 1) -> Kept:
    made = do(practice.begin, catalog, helper, code, now=at, seed=seed)
    assert isinstance(made, Kept)
    return made


def finished(do: Do, catalog: Catalog, kept: Kept, picked: frozenset[int], at: dt.datetime = NOON) -> Kept:
    assert do(practice.pick, kept, picked, now=at)
    ended = do(practice.finish, catalog, kept, now=at)
    assert isinstance(ended, Kept)
    return ended


def test_a_perfect_pick_gives_full_marks_and_is_kept(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    kept = began(do, tiny_catalog, helper)
    assert (kept.correction, kept.taken) == (None, frozenset())
    ended = finished(do, tiny_catalog, kept, kept.exercise.right, later(2))
    assert ended.correction is not None
    assert ended.correction.full
    assert (ended.marks, ended.wrong, ended.missed, ended.done_at) == (100, 0, 0, later(2))
    assert do(practice.get, helper, kept.id) == ended


def test_corrected_once_nothing_can_be_picked_any_more(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    kept = began(do, tiny_catalog, helper)
    ended = finished(do, tiny_catalog, kept, frozenset())
    assert ended.marks == 0
    assert not do(practice.pick, kept, kept.exercise.right, now=later(1))
    assert do(practice.finish, tiny_catalog, kept, now=later(1)) == ended


def test_what_is_not_on_offer_cannot_be_picked(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    kept = began(do, tiny_catalog, helper)
    do(practice.pick, kept, [0, 99, -3, 0], now=NOON)
    assert do(practice.get, helper, kept.id).taken == {0}


def test_an_exercise_is_nobody_elses(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    kept = began(do, tiny_catalog, helper)
    assert do(practice.get, helper + 1, kept.id) is None


def test_a_new_exercise_drops_the_one_not_finished(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    first = began(do, tiny_catalog, helper)
    second = began(do, tiny_catalog, helper)
    assert do(practice.get, helper, first.id) is None
    finished(do, tiny_catalog, second, frozenset())
    began(do, tiny_catalog, helper)
    assert do(practice.get, helper, second.id) is not None


def test_an_entry_that_changed_meanwhile_is_not_corrected_from(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    kept = began(do, tiny_catalog, helper)
    newer = tiny_catalog.procedures[CODE].model_copy(update={"version": "another"})
    changed = dataclasses.replace(tiny_catalog, procedures={**tiny_catalog.procedures, CODE: newer})
    assert practice.entry_of(tiny_catalog, kept, NOON.date()) is not None
    assert practice.entry_of(changed, kept, NOON.date()) is None
    assert do(practice.finish, changed, kept, now=NOON) is None
    assert do(practice.get, helper, kept.id) is None


@pytest.mark.parametrize("code", ["1.010833", "khong-co"])
def test_there_is_none_with_what_is_not_curated(do: Do, tiny_catalog: Catalog, helper: int, code: str) -> None:
    assert do(practice.begin, tiny_catalog, helper, code, now=NOON) is None


def test_who_has_practised_what_how_often_and_how_it_went_last(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    other = int(do(staff.create, "anh Nam", "trung-tam", "clerk", now=NOON))
    for number, full in enumerate((False, True), start=1):
        kept = began(do, tiny_catalog, helper, seed=number)
        finished(do, tiny_catalog, kept, kept.exercise.right if full else frozenset(), later(number))
    finished(do, tiny_catalog, began(do, tiny_catalog, helper, OTHER), frozenset(), later(5))
    began(do, tiny_catalog, other)  # begun is not practised
    found = do(practice.records, [helper, other])
    assert found == {helper: [(OTHER, 1, later(5), 0), (CODE, 2, later(2), 100)]}


def test_what_was_never_practised_is_suggested_first_then_the_weakest(do: Do, tiny_catalog: Catalog, helper: int) -> None:
    fit = {entry.code for entry in tiny_catalog.procedures.values() if exercises.suits(entry, NOON.date())}
    assert fit == {CODE, OTHER}
    first = do(practice.suggest, tiny_catalog, helper, now=NOON, seed=1)
    kept = began(do, tiny_catalog, helper, first)
    finished(do, tiny_catalog, kept, kept.exercise.right)
    second = do(practice.suggest, tiny_catalog, helper, now=NOON, seed=1)
    assert {first, second} == fit
    finished(do, tiny_catalog, began(do, tiny_catalog, helper, second), frozenset())
    assert do(practice.suggest, tiny_catalog, helper, now=NOON) == second

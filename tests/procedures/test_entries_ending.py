"""What an entry says ends on a day: told with what follows, and to staff before."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from procedures.catalog import Catalog
from procedures.models import Fee, Procedure
from procedures.upkeep import review

TODAY = dt.date(2026, 11, 22)
LAST_DAY = re.compile(r"đến hết ngày (\d\d)/(\d\d)/(\d{4})")


@pytest.fixture(scope="module")
def repealed() -> tuple[review.Repealed, ...]:
    return review.documents()


def test_staff_are_told_before_a_fee_ends(real_catalog: Catalog, repealed: tuple[review.Repealed, ...]) -> None:
    resting = {(item.entry.code, item.document.since) for item in review.report(real_catalog, repealed, today=TODAY).resting}
    ending = [(entry.code, _after(last)) for entry, _, last in _ending(real_catalog)]
    assert ending
    assert [pair for pair in ending if pair not in resting] == []


def test_a_fee_named_until_a_day_stands_beside_what_is_paid_from_the_next(real_catalog: Catalog) -> None:
    silent = []
    for entry, fee, last in _ending(real_catalog):
        following = f"từ ngày {_after(last):%d/%m/%Y}"
        if LAST_DAY.search(fee.what or "") and not any(following in (other.what or "") and other.when == fee.when for other in entry.fees):
            silent.append((entry.code, fee.what))
    assert silent == []


def test_what_rests_on_the_law_of_civil_status_ends_with_it(real_catalog: Catalog, repealed: tuple[review.Repealed, ...]) -> None:
    law = next(document for document in repealed if document.number == "60/2014/QH13")
    resting = [entry for entry in real_catalog.procedures.values() if entry.depth == "curated" and law.number in entry.legal_basis]
    assert resting
    assert [entry.code for entry in resting if entry.valid.until != law.since] == []


def _ending(catalog: Catalog) -> Iterator[tuple[Procedure, Fee, dt.date]]:
    """Every fee that says up to which day it is paid, with its entry and that day."""
    for entry in catalog.procedures.values():
        for fee in entry.fees:
            for day, month, year in LAST_DAY.findall(f"{fee.what or ''} {fee.note or ''}"):
                yield entry, fee, dt.date(int(year), int(month), int(day))


def _after(last: dt.date) -> dt.date:
    return last + dt.timedelta(days=1)

"""The processes, started once, and a center of the test's own on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.db.store import Store
from tests.races.crew import Crew
from tests.races.hall import Hall


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    made = Crew()
    yield made
    made.close()


@pytest.fixture
def hall(database_url: str, crew: Crew) -> Iterator[Hall]:
    store = Store(database_url)
    yield Hall(store)
    crew.leave()
    store.close()

"""The help desk of a center, on each database."""

from __future__ import annotations

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from tests.questions.help_desk import HelpDesk


@pytest.fixture
async def desk(store: Store, tiny: Premises) -> HelpDesk:
    return await HelpDesk(store, tiny).open()

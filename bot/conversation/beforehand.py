"""Slow work of an answer, such as drawing or adding up years, done while no transaction is open: the turn stops, the work is done, the turn
begins again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlmodel import Session

from bot.db.store import Store

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
ROUNDS = 3  # what is asked for may be another thing each time, since figures go on; at last it is made where it stands


class Wanted(Exception):
    """Stops a turn, nothing of which is kept: `work` has to be done first."""

    def __init__(self, work: Callable[[Store], Awaitable[None]]) -> None:
        super().__init__("slow work is wanted first")
        self.work = work


class Beforehand:
    """What was made for one message so far. `rounds`: how often its turn may still be stopped; at 0 all is made where it stands."""

    def __init__(self, rounds: int = ROUNDS) -> None:
        self._rounds = rounds
        self._made: dict[tuple[Any, Hashable], Any] = {}

    def all(self, make: Callable[[K], T], of: Sequence[K]) -> list[T]:
        """`make` of each, which knows nothing but its argument. Raises Wanted, once for all of them."""
        missing = [one for one in dict.fromkeys(of) if (make, one) not in self._made]
        if missing and self._rounds:
            self._rounds -= 1
            raise Wanted(lambda _store: asyncio.to_thread(self._add, make, missing))
        self._add(make, missing)
        return [self._made[make, one] for one in of]

    def _add(self, make: Callable[[K], T], of: Sequence[K]) -> None:
        self._made |= {(make, one): make(one) for one in of}

    def read(self, session: Session, look: Callable[[Session, K], T], of: K) -> T:
        """What `look` finds, which changes nothing and need not see what this turn has changed: nobody waits for it. Raises Wanted."""
        if (look, of) not in self._made:
            if self._rounds:
                self._rounds -= 1
                raise Wanted(partial(self._look, look, of))
            self._made[look, of] = look(session, of)
        found: T = self._made[look, of]
        return found

    async def _look(self, look: Callable[[Session, K], T], of: K, store: Store) -> None:
        self._made[look, of] = await store.read(look, of)

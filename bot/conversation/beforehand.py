"""Slow work of an answer, such as drawing, done while no transaction is open: the turn stops, the work is done, the turn begins again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
ROUNDS = 3  # what is asked for may be another thing each time, since figures go on; at last it is made where it stands


class Wanted(Exception):
    """Stops a turn, nothing of which is kept: `work` has to be done first."""

    def __init__(self, work: Callable[[], None]) -> None:
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
            raise Wanted(lambda: self._add(make, missing))
        self._add(make, missing)
        return [self._made[make, one] for one in of]

    def _add(self, make: Callable[[K], T], of: Sequence[K]) -> None:
        self._made |= {(make, one): make(one) for one in of}

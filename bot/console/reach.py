"""Who can be told something today, on which channel, and why the others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from bot import clock, texts
from bot.console.desk import Desk
from bot.domain import audience, reach
from bot.domain.audience import Reached

SLUG = "lien-lac"
# What stands in one column: whether a block came from the person or the provider matters to nobody who reads this.
COLUMNS: Mapping[str, tuple[reach.Standing, ...]] = {
    "works": ("works",), "window": ("window",), "gone": ("blocked", "deactivated", "missing"), "unserved": ("unserved",),
}  # fmt: skip


class Line(NamedTuple):
    """The accounts of one channel. `numbers`: by the names of COLUMNS; their sum is `accounts`."""

    channel: str
    numbers: Mapping[str, int]

    @property
    def accounts(self) -> int:
        return sum(self.numbers.values())


class Shown(NamedTuple):
    people: Reached
    lines: Sequence[Line]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "delivery.read")
    found = await desk.store.read(_shown, center.id)
    return desk.html("console/delivery_reach.html", request, member, center, found=found, columns=tuple(COLUMNS), now=clock.now())


def _shown(session: Session, center_id: str) -> Shown:
    return Shown(audience.today(session, center_id), lines(reach.accounts(session, audience.known(center_id))))


def lines(accounts: Mapping[str, Mapping[str, int]]) -> list[Line]:
    """One a channel, whatever number of bots it has or had."""
    sums: dict[str, Counter[str]] = {}
    for bot, standings in accounts.items():
        sums.setdefault(bot.partition(":")[0], Counter()).update(standings)
    return [Line(channel(name), {column: sum(found[one] for one in ones) for column, ones in COLUMNS.items()}) for name, found in sums.items()]


def channel(bot: str) -> str:
    """Telegram, or the name of the bot where nobody wrote a sentence for its channel."""
    return texts.sentences().get(f"privacy.channel_{bot.partition(':')[0]}", bot)

"""How much one visitor and one network may send: far more than anybody types, far less than a machine that means harm.

Counted in this process's memory. The network is the address of the connection, which uvicorn takes from X-Forwarded-For when a proxy on
this machine set it. An address that is not a public one is the center's own hall or a proxy further away: whole communes stand behind it.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from starlette.requests import Request


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    burst: float
    each_second: float


MESSAGES_OF_VISITOR = Rate(60, 1)
MESSAGES_OF_NETWORK = Rate(600, 20)  # carriers put thousands of phones behind one address
FILES_OF_VISITOR = Rate(6, 1 / 120)
VISITORS_OF_NETWORK = Rate(200, 1)
OWN_NETWORK = 16  # times as much for addresses that are not public
MOST_KNOWN = 20_000  # buckets kept; the one used longest ago goes first, and would be full again by then
WAIT = "60"  # seconds, as a refusal says
_V6_NETWORK = 64  # bits that belong to one household


class Buckets:
    """One bucket for each key: full at first, emptied by what is sent, filled again by time."""

    def __init__(self, rate: Rate, timer: Callable[[], float]) -> None:
        self._rate, self._timer = rate, timer
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → how much was left, and when

    def take(self, key: str, share: float = 1) -> bool:
        """Take `share` out; False when there is not enough left."""
        now = self._timer()
        left, since = self._kept.pop(key, (self._rate.burst, now))
        left = min(self._rate.burst, left + (now - since) * self._rate.each_second)
        allowed = left >= share
        self._kept[key] = (left - share if allowed else left, now)
        if len(self._kept) > MOST_KNOWN:
            self._kept.popitem(last=False)
        return allowed


@dataclass
class Limits:
    """What was sent lately."""

    timer: Callable[[], float] = time.monotonic
    _of_visitor: Buckets = field(init=False)
    _of_network: Buckets = field(init=False)
    _visitors: Buckets = field(init=False)
    _files: Buckets = field(init=False)

    def __post_init__(self) -> None:
        self._of_visitor = Buckets(MESSAGES_OF_VISITOR, self.timer)
        self._of_network = Buckets(MESSAGES_OF_NETWORK, self.timer)
        self._visitors = Buckets(VISITORS_OF_NETWORK, self.timer)
        self._files = Buckets(FILES_OF_VISITOR, self.timer)

    def allows(self, request: Request, address: str) -> bool:
        """Count one message of this visitor; without an address it makes a new one. False when there were too many."""
        where, share = network(request.client.host if request.client is not None else "")
        if not self._of_network.take(where, share):
            return False
        return self._of_visitor.take(address) if address else self._visitors.take(where, share)

    def allows_file(self, request: Request, address: str) -> bool:
        """The same for a picture or file, which weighs much more."""
        return self.allows(request, address) and self._files.take(address)


def network(host: str) -> tuple[str, float]:
    """The network an address belongs to, and how much one message from there counts."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host, 1 / OWN_NETWORK
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    share = 1 if address.is_global else 1 / OWN_NETWORK
    if address.version == 4:
        return str(address), share
    return str(ipaddress.ip_network((int(address), _V6_NETWORK), strict=False)), share

"""The words the tables hold, each with what it means."""

from __future__ import annotations

from typing import Literal

# inbox: received and not worked on yet; answered; could not be worked on (an apology went out instead)
InboxState = Literal["new", "done", "failed"]

# outbox (DESIGN §7): waiting; held by a worker; accepted by the provider; never to be tried again; to be tried later;
# handed over with no way to know the outcome; deliberately not sent
OutboxState = Literal["queued", "sending", "sent", "refused", "retry", "unknown", "skipped"]
SETTLED: tuple[OutboxState, ...] = ("sent", "refused", "unknown", "skipped")
WAITING: tuple[OutboxState, ...] = ("queued", "retry")
OPEN: tuple[OutboxState, ...] = ("queued", "retry", "sending")

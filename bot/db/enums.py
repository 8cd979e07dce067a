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

# visit (DESIGN §6). Before coming: a seat kept for some minutes; a seat promised. Here: checked in long before the time; in line; called
# to a counter; at the counter; put aside at the clerk's wish; called and not there. Ended: served; sent home with papers missing, comes
# back without queueing again; given up; never came; a hold nobody confirmed.
VisitState = Literal[
    "held", "booked", "arrived", "waiting", "called", "serving", "parked", "missed", "done", "must_return", "cancelled", "no_show", "expired"
]
LIVE: tuple[VisitState, ...] = ("held", "booked", "arrived", "waiting", "called", "serving", "parked", "missed")
AT_COUNTER: tuple[VisitState, ...] = ("called", "serving")
ENDED: tuple[VisitState, ...] = ("done", "must_return", "cancelled", "no_show", "expired")
SEATLESS: tuple[VisitState, ...] = ("cancelled", "expired")

Outcome = Literal["accepted", "papers_missing", "done_now", "wrong_place", "other", "not_served"]
Priority = Literal["", "elderly", "disabled", "pregnant", "merit", "child"]
Role = Literal["volunteer", "clerk", "lead", "manager", "auditor", "admin"]

# notice: being written; waiting for the second person; to go at its time; its rows leave; halted; ended before its end; every row settled
NoticeState = Literal["draft", "submitted", "scheduled", "sending", "paused", "stopped", "done"]
FROZEN: tuple[NoticeState, ...] = ("sending", "paused", "stopped", "done")

# question: nobody has it; somebody has; answered and not ended; ended
QuestionState = Literal["open", "owned", "answered", "closed"]
UNANSWERED: tuple[QuestionState, ...] = ("open", "owned")

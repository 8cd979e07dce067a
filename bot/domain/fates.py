"""What becomes of a row when its sending has ended. What to do after a failure is one pure function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot import errors
from bot.db.enums import OutboxState
from bot.domain import groups, outbox, people, senders, turning
from bot.messages import Outgoing, OutgoingKind

# Seconds before the next try after a failure the provider gave no time for; after the last one the row is refused.
BACKOFF = (2, 5, 15, 60, 300, 900, 3600)
# Seconds a provider may ask us to wait; what it says beyond is a mistake of its own.
SHORTEST_WAIT, LONGEST_WAIT = 1, 86_400
SURELY_UNSENT = (errors.TryLater, errors.RecipientMoved, errors.EditImpossible)


@dataclass(frozen=True)
class Fate:
    """What becomes of a row after a failure. `pause`: the whole sender waits until `not_before`; `untried`: it counts as no try."""

    state: OutboxState
    reason: str
    not_before: dt.datetime | None = None
    pause: bool = False
    recipient_gone: bool = False
    moved_to: str | None = None
    untried: bool = False


def after_failure(error: Exception, kind: OutgoingKind, attempts: int, *, now: dt.datetime) -> Fate:
    """Decide from the error, the kind of message and how often it was tried (the failed try counted)."""
    match error:
        case errors.RecipientGone():
            return Fate("refused", str(error), recipient_gone=True)
        case errors.Refused():
            return Fate("refused", str(error))
        case errors.WindowClosed():
            return Fate("skipped", f"window closed: {error}")
        case errors.ChannelMisconfigured():
            return Fate("retry", str(error), now + dt.timedelta(seconds=60), pause=True)
        case errors.RecipientMoved() if attempts <= len(BACKOFF):
            return Fate("retry", str(error), moved_to=error.address)
        case errors.NotHandedOver():
            return Fate("retry", str(error), now + dt.timedelta(seconds=error.retry_after), untried=True)
        case errors.TryLater(retry_after=float() | int() as seconds):
            wait = dt.timedelta(seconds=min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT))
            return Fate("retry", str(error), now + wait, pause=error.whole_sender)
    if kind == "notice" and not isinstance(error, SURELY_UNSENT):
        return Fate("unknown", str(error) or type(error).__name__)
    if attempts > len(BACKOFF):
        return Fate("refused", f"gave up after {attempts} tries: {error}")
    return Fate("retry", str(error), now + dt.timedelta(seconds=BACKOFF[attempts - 1]))


@dataclass(frozen=True)
class Ended:
    """A sending that is over: what the provider called the message, or what went wrong."""

    message: Outgoing
    provider_id: str = ""
    error: Exception | None = None


def settle(session: Session, worker: str, ended: Sequence[Ended], *, now: dt.datetime) -> dt.datetime | None:
    """Write the fate of each; until when a bot among them has to wait."""
    pauses: list[dt.datetime] = []
    for one in ended:
        if one.error is None:
            outbox.sent(session, one.message.id, worker, one.provider_id, now=now)
            continue
        fate = after_failure(one.error, one.message.kind, one.message.attempts, now=now)
        _failed(session, worker, one, fate, now)
        if fate.pause and fate.not_before is not None:
            pauses.append(fate.not_before)
    return max(pauses, default=None)


def _failed(session: Session, worker: str, ended: Ended, fate: Fate, now: dt.datetime) -> None:
    message, parts = ended.message, max(ended.message.parts_sent, getattr(ended.error, "parts_sent", 0))
    state, reason = fate.state, fate.reason
    if state == "retry" and message.notice_id is not None and (unwanted := turning.unwanted(session, message.id, message.notice_id)):
        state, reason = "skipped", unwanted
    outbox.settle(
        session, message.id, worker, state, now=now, reason=reason, not_before=fate.not_before, parts_sent=parts, untried=fate.untried
    )  # fmt: skip
    if fate.pause and fate.not_before is not None:
        senders.pause(session, message.bot, fate.not_before, fate.reason)
    if fate.moved_to is not None:
        turning.settle_doubles(session, message.bot, message.address, fate.moved_to, now=now)
        people.moved(session, message.bot, message.address, fate.moved_to)
        groups.moved(session, message.bot, message.address, fate.moved_to)
    if fate.recipient_gone:
        people.gone(session, message.bot, message.address, fate.reason)
        outbox.skip_waiting(session, message.bot, message.address, f"recipient gone: {fate.reason}", now=now)
        turning.elsewhere(session, message, fate.reason, now=now)

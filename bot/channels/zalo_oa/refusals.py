"""What Zalo's error codes mean for us. Pure. https://developers.zalo.me/docs/official-account (errors come with HTTP 200)"""

from __future__ import annotations

import datetime as dt

from bot import clock, errors

TOKEN_SPENT = (-216, -220)
_GONE = (-213, -217, -227)  # not a follower, blocked, inactive
_WINDOW = (-230, -232)
_RATE = (-32,)
_QUOTA = (-211, -218)
_SET_UP = (-224, -221, -223, -209, -204, -205)
_NEVER = (-201, -233, -248)
_NIGHT = (-234, -133)
RATE_SECONDS, QUOTA_SECONDS = 30.0, 3600.0
MORNING = 6


class TokenSpent(errors.TryLater):
    """The access token is not taken any more: ask for a new pair, then once more."""


def error(code: int, message: str, *, now: dt.datetime) -> errors.ChannelError:
    """The error of one answer. A code nobody knows is a refusal that may pass: it is tried again, a few times."""
    said = f"{code} {message}".strip()
    if code in TOKEN_SPENT:
        return TokenSpent(said)
    if code in _GONE:
        return errors.RecipientGone(said)
    if code in _WINDOW:
        return errors.WindowClosed(said)
    if code in _RATE:
        return errors.TryLater(said, RATE_SECONDS, whole_sender=True)
    if code in _QUOTA:
        return errors.TryLater(said, QUOTA_SECONDS, whole_sender=True)
    if code in _SET_UP:
        return errors.ChannelMisconfigured(said)
    if code in _NEVER:
        return errors.Refused(said)
    if code in _NIGHT:
        return errors.TryLater(said, _until_morning(now))
    return errors.TryLater(said)


def _until_morning(now: dt.datetime) -> float:
    """Seconds until templates are taken again (22:00 to 06:00 they are not)."""
    local = clock.local(now)
    morning = local.replace(hour=MORNING, minute=1, second=0, microsecond=0)
    return ((morning if local < morning else morning + dt.timedelta(days=1)) - local).total_seconds()

"""Everything that can go wrong on purpose. The name says what to do next.

MotCuaError
├── ChannelError                 a provider did not take a message
│   ├── RecipientGone            blocked, deactivated, unknown: the account is inactive, never retried
│   ├── RecipientMoved           the chat has a new id: same message, new address
│   ├── Refused                  this message will never be taken: do not repeat it
│   ├── FileForgotten            the provider does not know a file by that name any more: give it anew
│   ├── EditImpossible           the earlier message cannot be changed any more: send it anew
│   ├── TryLater                 not now; `retry_after` seconds if the provider said so
│   ├── NotHandedOver            it was not even tried: given back, and counts as no try
│   ├── WindowClosed             the provider lets us write only a while after the person did: skipped, not failed
│   ├── OutcomeUnknown           sent, but nobody knows whether it arrived
│   └── ChannelMisconfigured     token or right is wrong: an operator has to act
├── VisitError                   the center's day does not allow it; nothing was changed
│   ├── SlotTaken                no seat is left at that time: offer others
│   ├── SlotClosed               the center does not serve at that time, or it is too soon or too far off
│   ├── AlreadyBooked            this person has a live visit that day: `visit_id`
│   ├── TooMany                  the most a person may hold at once is reached
│   └── TooLate                  the visit is not in a state for that any more: somebody was first, or it has ended
├── AttachmentRefused            a picture or file we do not take: `reason` says why
├── StalePayload                 a button from an older message that means nothing any more
├── StoreUnavailable             the database cannot be written now (full disk, lost connection)
└── SettingsInvalid              the service cannot start like this
"""

from __future__ import annotations


class MotCuaError(Exception):
    """Root of the tree above."""


class ChannelError(MotCuaError):
    """A provider did not take a message. `parts_sent`: of one in several parts, how many it has all the same."""

    parts_sent = 0


class RecipientGone(ChannelError):
    pass


class RecipientMoved(ChannelError):
    def __init__(self, address: str) -> None:
        super().__init__(f"now at {address}")
        self.address = address


class Refused(ChannelError):
    pass


class FileForgotten(ChannelError):
    pass


class EditImpossible(ChannelError):
    pass


class TryLater(ChannelError):
    """`whole_sender`: the provider throttles the bot, not this one chat."""

    def __init__(self, reason: str, retry_after: float | None = None, *, whole_sender: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.whole_sender = whole_sender


class NotHandedOver(ChannelError):
    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class WindowClosed(ChannelError):
    pass


class OutcomeUnknown(ChannelError):
    pass


class ChannelMisconfigured(ChannelError):
    pass


class VisitError(MotCuaError):
    """The center's day does not allow it; nothing was changed."""


class SlotTaken(VisitError):
    pass


class SlotClosed(VisitError):
    pass


class AlreadyBooked(VisitError):
    def __init__(self, visit_id: int) -> None:
        super().__init__(f"visit {visit_id}")
        self.visit_id = visit_id


class TooMany(VisitError):
    pass


class TooLate(VisitError):
    """`state`: where the visit stands now."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class AttachmentRefused(MotCuaError):
    """`reason`: empty, big, kind or shape."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class StalePayload(MotCuaError):
    pass


class StoreUnavailable(MotCuaError):
    pass


class SettingsInvalid(MotCuaError):
    pass

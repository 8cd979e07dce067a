"""Groups on channels without buttons: a number said to the bot means a line of the newest menu it showed there, and staff set a group up."""

from __future__ import annotations

from sqlmodel import Session

from bot.conversation import choose
from bot.domain import outbox, staff
from bot.messages import Choice, Incoming, Reply

LOOKED_AT = 5  # messages back


def read(session: Session, said: Incoming) -> Incoming:
    """The message with the line it chose, and with whether its sender runs the group: nobody can be asked there, so those who work here do."""
    runs = staff.of_account(session, said.bot, said.sender) is not None
    said = said.model_copy(update={"admin": runs})
    chosen = choose.pick(_menu(session, said), said.text) if said.kind == "text" and choose.short_numbers(said.text) else None
    if chosen is None or not chosen.payload:
        return said
    return said.model_copy(update={"kind": "choice", "text": "", "payload": chosen.payload})


def _menu(session: Session, said: Incoming) -> tuple[Choice, ...]:
    shown = (Reply.model_validate_json(row.body) for row in reversed(outbox.log(session, said.bot, said.address, limit=LOOKED_AT)) if row.body)
    return next((reply.choices for reply in shown if reply.choices), ())

"""Where a dialog stands between two messages."""

from __future__ import annotations

from pydantic import BaseModel, ValidationError

from bot.messages import Choice


class State(BaseModel):
    """`topic` names the handler that reads free words next; `menu` is what numbers mean now; `wishes` are the codes of matters
    asked for in one message and not opened yet."""

    topic: str = ""
    data: dict[str, str] = {}
    menu: tuple[Choice, ...] = ()
    many: bool = False
    wishes: tuple[str, ...] = ()

    def leave(self) -> None:
        """Leave the topic. The menu stays until the next one is shown, and its data, so that one can go back to it."""
        self.topic = ""


def read(text: str) -> State:
    """The stored state; a fresh one when it was written by a version nobody reads any more."""
    try:
        return State.model_validate_json(text or "{}")
    except ValidationError:
        return State()

"""Where to meet a person. Handing a question over to staff builds on this."""

from __future__ import annotations

import datetime as dt

from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain.centers import Center
from bot.messages import Incoming, Reply, State
from bot.texts import t
from handlers import center, interview, payloads


def meet(context: Context, _said: Payload | Incoming) -> Reply:
    """The center's address, hours and phone; the dialog stays where it was."""
    state = State(icon="person", title=t("chat.person_title"), text=where(context.premises.center, context.now))
    under_way = context.state.data.get("checklist") if context.state.topic == interview.TOPIC else None
    go_on = [option(t("chat.person_go_on"), payloads.Show(int(under_way)))] if under_way else []
    options = (*go_on, option(t("chat.menu_new"), payloads.Ask()), option(t("chat.menu_mine"), payloads.Mine()), center.way(context.premises.center))
    return Reply(blocks=(state,), choices=numbered(options))


def where(there: Center, now: dt.datetime) -> tuple[str, ...]:
    """How to reach a person, in sentences."""
    here = t("chat.person_here", center=there.name, address=there.address)
    return (here, *center.lines(there, now), t("chat.person_show"))

"""Where to meet a person, and how to ask one from here."""

from __future__ import annotations

import datetime as dt

from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain.centers import Center
from bot.messages import Incoming, Reply, State
from bot.texts import t
from handlers import center, interview, payloads, questions


def meet(context: Context, _said: Payload | Incoming) -> Reply:
    """The center's address, hours and phone, and a question that can be sent; the dialog stays where it was."""
    state = State(icon="person", title=t("chat.person_title"), text=where(context.premises.center, context.now))
    under_way = context.state.data.get("checklist") if context.state.topic == interview.TOPIC else None
    go_on = [option(t("chat.person_go_on"), payloads.Show(int(under_way)))] if under_way else []
    way, waiting = center.way(context.premises.center), questions.live(context)
    if waiting is not None:
        return Reply(blocks=(questions.state_of(context, waiting), state), choices=numbered((*go_on, *questions.deeds(waiting), way)))
    others = (option(t("chat.menu_new"), payloads.Ask()), option(t("chat.menu_mine"), payloads.Mine()))
    return Reply(blocks=(state,), choices=numbered((*go_on, *questions.offer(context), *others, way)))


def where(there: Center, now: dt.datetime) -> tuple[str, ...]:
    """How to reach a person, in sentences."""
    here = t("chat.person_here", center=there.name, address=there.address)
    return (here, *center.lines(there, now), t("chat.person_show"))

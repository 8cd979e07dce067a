"""Where to meet a person. Handing a question over to staff builds on this."""

from __future__ import annotations

from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain.centers import Center
from bot.messages import Incoming, Reply, State
from bot.texts import t
from handlers import interview, payloads


def meet(context: Context, _said: Payload | Incoming) -> Reply:
    """The center's address, hours and phone; the dialog stays where it was."""
    state = State(icon="person", title=t("chat.person_title"), text=where(context.premises.center))
    under_way = context.state.data.get("checklist") if context.state.topic == interview.TOPIC else None
    go_on = [option(t("chat.person_go_on"), payloads.Show(int(under_way)))] if under_way else []
    options = (*go_on, option(t("chat.menu_new"), payloads.Ask()), option(t("chat.menu_mine"), payloads.Mine()))
    return Reply(blocks=(state,), choices=numbered(options))


def where(center: Center) -> tuple[str, ...]:
    """How to reach a person, in sentences."""
    phone = (t("chat.person_phone", phone=center.phone),) if center.phone else ()
    here = t("chat.person_here", center=center.name, address=center.address)
    return (here, t("chat.person_hours", hours=center.hours), *phone, t("chat.person_show"))

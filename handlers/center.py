"""A center as people are told of it: open now or not, the way there, the phone; and the one nearest to where somebody is."""

from __future__ import annotations

import datetime as dt

from bot.conversation.context import Context
from bot.domain import centers
from bot.domain.centers import Center, Near
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import welcome

MOST = 3


def lines(center: Center, now: dt.datetime) -> tuple[str, ...]:
    """Whether it is open now, and its week; the phone where there is one."""
    phone = (t("chat.person_phone", phone=center.phone),) if center.phone else ()
    return (center.now_line(now), t("chat.person_hours", hours=center.hours), *phone)


def card(center: Center, now: dt.datetime) -> State:
    return State(icon="door", title=center.name, text=(t("center.address", address=center.address), *lines(center, now)))


def way(center: Center) -> Choice:
    """Opens the map."""
    return Choice(number=-1, label=t("center.way"), link=centers.map_link(center))


def near(context: Context, said: Incoming) -> Reply:
    """Somebody sent where they are: the nearest centers. The place itself is not kept, and the dialog stays where it was."""
    found = centers.nearest(context.premises.directory, *said.place, limit=MOST) if said.place else []
    states = [_near(one, context.now) for one in found] or [card(context.premises.center, context.now)]
    kept = Say(text=t("chat.location" if said.place else "center.no_place"))
    return Reply(blocks=(*states, kept), choices=context.state.menu or welcome.choices(), many=context.state.many)


def _near(one: Near, now: dt.datetime) -> State:
    shown = card(one.center, now)
    away = t("center.away", distance=centers.distance(one.metres))
    return shown.model_copy(update={"text": (away, *shown.text, t("center.map", link=centers.map_link(one.center)))})

"""First words, the menu, help, and stopping."""

from __future__ import annotations

from bot.conversation.context import Context, Premises, numbered, option
from bot.conversation.payloads import Payload
from bot.messages import Choice, Incoming, Reply, Say
from bot.texts import t
from handlers import payloads


def start(context: Context, _said: Incoming) -> Reply:
    context.state.leave()
    return greeting(context.premises)


def greeting(premises: Premises) -> Reply:
    """Who answers here and how to ask; what the bot can and cannot do is one word away, in the help."""
    place = t("chat.welcome_place", center=premises.center.name)
    said = (t("chat.welcome"), place, t("chat.examples"))
    return Reply(blocks=tuple(Say(text=text) for text in said), ask=t("chat.menu_ask"), choices=choices(first=True))


def menu(context: Context, _said: Incoming | Payload) -> Reply:
    context.state.leave()
    return Reply(ask=t("chat.menu_ask"), choices=choices())


def help_(context: Context, _said: Incoming) -> Reply:
    lines = (t("chat.can"), t("chat.cannot"), t("chat.examples"), t("chat.help_numbers"), t("chat.help_words"))
    return Reply(blocks=tuple(Say(text=line) for line in lines), ask=t("chat.menu_ask"), choices=choices())


def stop(context: Context, _said: Incoming) -> Reply:
    context.state.leave()
    return Reply(blocks=(Say(text=t("chat.stopped")),), choices=choices())


def ask(context: Context, _said: Payload) -> Reply:
    context.state.leave()
    return Reply(blocks=(Say(text=t("chat.ask_now")),))


def person() -> Choice:
    """The 0 of every menu."""
    return option(t("chat.person"), payloads.Person())


def choices(*, first: bool = False) -> tuple[Choice, ...]:
    """The lines of the menu; `first`: nothing was asked before."""
    options = (
        option(t("chat.menu_first") if first else t("chat.menu_new"), payloads.Ask()),
        option(t("chat.menu_events"), payloads.Events()),
        option(t("booking.menu"), payloads.Visits()),
        option(t("chat.menu_mine"), payloads.Mine()),
        option(t("places.menu"), payloads.Places()),
        option(t("chat.menu_privacy"), payloads.Privacy()),
    )
    return numbered(options, person())

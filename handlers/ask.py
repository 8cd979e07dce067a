"""A question in own words: found, asked back, done elsewhere, or not understood."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import choose
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import misses
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import interview, listing, payloads, places, privacy, welcome
from procedures.models import LifeEvent, Procedure
from procedures.search import Found
from procedures.text import fold

SHOWN = 80  # characters of a question repeated to the person
NEAREST = 3


def ask(context: Context, said: Incoming) -> Reply:
    """Search what was typed and answer by the decision."""
    if not fold(said.text):
        return Reply(blocks=(Say(text=t("chat.empty")),), choices=welcome.choices())
    if privacy.looks_secret(said.text):
        return privacy.warn_of_secret(context)
    if context.state.menu and choose.short_numbers(said.text):
        return Reply(blocks=(Say(text=_no_such_line(context, said.text)),), choices=context.state.menu, many=context.state.many)
    context.state.leave()
    if (place := places.asked(said.text)) is not None:
        return places.first(context, said.text, place)
    found = context.premises.index.find(said.text, today=context.today)
    event = context.premises.catalog.life_events.get(found.life_event or "")
    match found.decision:
        case "answer" | "refer":
            return interview.open_code(context, found.hits[0].code)
        case "clarify":
            return event_menu(event) if event is not None else _clarify(context, found)
    return _unknown(context, said.text, found)


def amid_interview(context: Context, said: Incoming) -> Reply:
    """Words that fit no option of a question: a new question if it is clearly one, else the same question again."""
    row, entry = listing.find(context, int(context.state.data.get("checklist", "0")))
    if row is None or entry is None or privacy.looks_secret(said.text) or places.asked(said.text) is not None:
        return ask(context, said)
    found = context.premises.index.find(said.text, today=context.today)
    asks_else = found.decision != "unknown" and all(hit.code != entry.code for hit in found.hits[:1])
    if asks_else and len(said.text.split()) > 1:
        return ask(context, said)
    return interview.go_on(context, row, entry, (_no_such_line(context, said.text),))


def amid_places(context: Context, said: Incoming) -> Reply:
    """The name of a place, unless it is none and clearly a question about something else."""
    if not fold(said.text) or privacy.looks_secret(said.text) or choose.short_numbers(said.text):
        return ask(context, said)
    found = places.look_up(context, said.text)
    if not found.exact and context.premises.index.find(said.text, today=context.today).decision in ("answer", "refer"):
        return ask(context, said)
    return places.answer(context, said.text, found)


def _no_such_line(context: Context, text: str) -> str:
    known = {str(choice.number) for choice in context.state.menu}
    missing = next((number for number in choose.short_numbers(text) if number not in known), None)
    return t("chat.not_number") if missing is None else t("chat.bad_number", number=missing)


def again(context: Context, _said: Payload) -> Reply:
    """None of the choices was it."""
    return Reply(blocks=(Say(text=t("find.again")),), choices=numbered((), welcome.person()))


def events(context: Context, _said: Payload) -> Reply:
    """The life events, for those who would rather pick than type."""
    bundles = context.premises.catalog.life_events.values()
    options = [option(event.name, payloads.Event(event.id)) for event in bundles]
    return Reply(ask=t("find.events_ask"), choices=numbered(options, welcome.person()))


def event(context: Context, said: payloads.Event) -> Reply:
    bundle = context.premises.catalog.life_events.get(said.event)
    return event_menu(bundle) if bundle is not None else events(context, said)


def event_menu(event: LifeEvent) -> Reply:
    """The steps of one life event, in the order people do them."""
    options = [option(step.why, payloads.Open(step.code)) for step in event.steps]
    return Reply(blocks=(Say(text=event.intro),), ask=t("find.event_ask"), choices=numbered(options, welcome.person()))


def _clarify(context: Context, found: Found) -> Reply:
    options = [*_options(context, found), option(t("find.clarify_none"), payloads.AskAgain())]
    return Reply(ask=t("find.clarify"), choices=numbered(options, welcome.person()))


def _unknown(context: Context, text: str, found: Found) -> Reply:
    misses.keep(context.session, text, now=context.now)
    shown = misses.without_traces(text)
    said = shown if len(shown) <= SHOWN else f"{shown[:SHOWN].rstrip()}…"
    block = State(tone="note", icon="search", title=t("find.unknown_title"), text=(t("find.unknown", said=said),))
    near = _options(context, found)[:NEAREST]
    return Reply(blocks=(block,), ask=t("find.unknown_ask") if near else "", choices=numbered(near, welcome.person()))


def _options(context: Context, found: Found) -> Sequence[Choice]:
    entries = [context.premises.catalog.get(hit.code, context.today) for hit in found.hits]
    return [option(entry.title, payloads.Open(entry.code), hint=_hint(entry)) for entry in entries if entry is not None]


def _hint(entry: Procedure) -> str:
    if entry.where is not None:
        return t("find.elsewhere_office", office=entry.where.office)
    return entry.summary or ""

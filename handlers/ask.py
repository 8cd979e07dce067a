"""A question in own words: found, asked back, done elsewhere, or not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.conversation import choose
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import misses
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import booking, facts, interview, listing, payloads, person, places, privacy, questions, welcome, wishes
from procedures.models import LifeEvent, Procedure
from procedures.search import Found
from procedures.text import fold

SHOWN = 80  # characters of a question repeated to the person
NEAREST = 3
CHOICES = 4  # with "none of these" five lines, which is as many as people read
A_WISH = 7  # words: more than these are a question as well
LIKELY = 0.5  # a guess below this looks like advice and is none

_PERSON = re.compile(r"\b(?:gap|noi chuyen|chat|hoi|goi)\b.{0,20}\b(?:nguoi that|can bo|nhan vien|tu van vien)\b")
_CONTACT = r"goi dien|goi toi|goi cho|nhan tin|gui link|duong link|gui ma"
_BAIT = r"vneid|otp|link|ma xac|chuyen khoan|chuyen tien|cai app|cai ung dung|nap tien|dong phat"
_FRAUD = re.compile(rf"\b(?:{_CONTACT})\b.*\b(?:{_BAIT})\b")
_REQUEST = re.compile(r"\b(?:lam|dang ky|dk|xin|muon|thu tuc|hoi|cap|doi|ho so|giay to|can gi|o dau|the nao|sao)\b")
_THANKS = frozenset(
    ["cam on", "cam on em", "cam on nhe", "cam on nhieu", "cam on em nhieu", "cam on anh", "cam on chi", "thanks", "thank you", "tks", "ok cam on"]
)
_NODS = frozenset(["ok", "oke", "okay", "da", "vang", "u", "um", "uh", "a", "duoc", "dc", "tiep", "tiep tuc", "roi", "duoc roi", "biet roi"])


def ask(context: Context, said: Incoming) -> Reply:
    """Search what was typed and answer by the decision."""
    if not fold(said.text):
        return Reply(blocks=(Say(text=t("chat.empty")),), choices=context.state.menu or welcome.choices(), many=context.state.many)
    if (aside := _aside(context, said)) is not None:
        return aside
    context.state.leave()
    questions.forget_unanswered(context)
    if (place := places.asked(said.text)) is not None:
        return places.first(context, said.text, place)
    found = context.premises.index.find(said.text, today=context.today)
    context.state.wishes = found.wishes
    if found.wishes:
        return wishes.choose(context)
    event = context.premises.catalog.life_events.get(found.life_event or "")
    match found.decision:
        case "answer" | "refer":
            return interview.open_code(context, found.hits[0].code)
        case "clarify":
            return event_menu(event) if event is not None else _clarify(context, found)
    questions.keep_unanswered(context, said)
    return _unknown(context, said.text, found)


def _aside(context: Context, said: Incoming) -> Reply | None:
    """What is no search: secrets, numbers, a person wanted, a question about the open list, a nod."""
    if privacy.looks_secret(said.text):
        return privacy.warn_of_secret(context)
    if privacy.only_a_number(said.text):
        return Reply(blocks=(Say(text=t("privacy.no_number")),), choices=context.state.menu or welcome.choices())
    if (numbers := choose.short_numbers(said.text)) and (context.state.menu or numbers != ["0"]):
        return _no_such_line(context, numbers)
    if numbers or _PERSON.search(fold(said.text)):
        if len(fold(said.text).split()) > A_WISH:
            questions.keep_unanswered(context, said)
        return person.meet(context, said)
    if _FRAUD.search(fold(said.text)):
        return privacy.scam(context, said)
    if fold(said.text) in _THANKS:
        return Reply(blocks=(Say(text=t("chat.thanks")),))
    if fold(said.text) in _NODS:
        return Reply(blocks=(Say(text=t("chat.ask_now")),), choices=context.state.menu, many=context.state.many)
    about = facts.asked(said.text)
    return facts.answer(context, about) if about is not None else None


def amid_interview(context: Context, said: Incoming) -> Reply:
    """Words that fit no option of a question: a new question if it is clearly one, else the same question again."""
    row, entry = listing.find(context, int(context.state.data.get("checklist", "0")))
    if row is None or entry is None or places.asked(said.text) is not None:
        return ask(context, said)
    if not choose.short_numbers(said.text) and (aside := _aside(context, said)) is not None:
        return aside
    found = context.premises.index.find(said.text, today=context.today)
    same = any(hit.code == entry.code for hit in found.hits[:1])
    # An answer in own words ("ly hôn rồi") finds procedures too; only who asks for something leaves the question.
    if found.decision != "unknown" and not same and _REQUEST.search(fold(said.text)):
        return ask(context, said)
    missing = _missing_line(context, choose.short_numbers(said.text))
    note = t("find.this", name=entry.title) if found.decision == "answer" and same else missing
    return interview.go_on(context, row, entry, (note,))


def amid_places(context: Context, said: Incoming) -> Reply:
    """The name of a place, unless it is none and clearly a question about something else."""
    if not fold(said.text) or privacy.looks_secret(said.text) or choose.short_numbers(said.text):
        return ask(context, said)
    text, found = places.look_up(context, said.text)
    if not found.exact and context.premises.index.find(said.text, today=context.today).decision in ("answer", "refer"):
        return ask(context, said)
    return places.answer(context, text, found)


def amid_booking(context: Context, said: Incoming) -> Reply:
    """A day and an hour in own words, unless it is about something else."""
    return booking.typed(context, said) or ask(context, said)


def _no_such_line(context: Context, numbers: Sequence[str]) -> Reply:
    """A number that no line has: the same menu again, or the greeting for somebody who has seen none."""
    if not context.state.menu:
        return welcome.start(context, context.incoming)
    if numbers[0] == "0":
        return person.meet(context, context.incoming)
    return Reply(blocks=(Say(text=_missing_line(context, numbers)),), choices=context.state.menu, many=context.state.many)


def _missing_line(context: Context, numbers: Sequence[str]) -> str:
    known = {str(choice.number) for choice in context.state.menu}
    missing = next((number for number in numbers if number not in known), None)
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
    options = [*_options(context, found)[:CHOICES], option(t("find.clarify_none"), payloads.AskAgain())]
    return Reply(ask=t("find.clarify"), choices=numbered(options, welcome.person()))


def _unknown(context: Context, text: str, found: Found) -> Reply:
    misses.keep(context.session, text, questions.center(context).id, now=context.now)
    shown = misses.without_traces(text)
    said = shown if len(shown) <= SHOWN else f"{shown[:SHOWN].rstrip()}…"
    block = State(tone="note", icon="search", title=t("find.unknown_title"), text=(t("find.unknown", said=said),))
    near = _options(context, found._replace(hits=tuple(hit for hit in found.hits if hit.score >= LIKELY)))[:NEAREST]
    options = (*near, *questions.offer(context), option(t("chat.menu_new"), payloads.Ask()))
    return Reply(blocks=(block,), ask=t("find.unknown_ask") if near else "", choices=numbered(options, welcome.person()))


def _options(context: Context, found: Found) -> Sequence[Choice]:
    entries = [context.premises.catalog.get(hit.code, context.today) for hit in found.hits]
    return [option(entry.title, payloads.Open(entry.code), hint=_hint(entry)) for entry in entries if entry is not None]


def _hint(entry: Procedure) -> str:
    if entry.where is not None:
        return t("find.elsewhere_office", office=entry.where.office)
    return entry.summary or ""

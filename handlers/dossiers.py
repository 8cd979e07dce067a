"""Where a dossier stands, for whoever holds the slip: asked by its code, without a name. Who asked may be told when it is ready."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from sqlmodel import Session

from bot.conversation.context import Context, Premises, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import dossier_codes, dossiers
from bot.domain.dossiers import Dossier
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import ask, payloads, welcome
from handlers import dossier_words as words
from procedures.text import fold

TOPIC = "dossiers"
WORDS = frozenset(
    [
        "tra cuu ho so", "tra ho so", "xem ho so", "ho so cua toi", "tinh trang ho so", "kiem tra ho so", "ho so den dau roi", "ho so toi dau roi",
        "ho so xong chua", "ho so cua toi xong chua", "ho so cua toi den dau roi", "co ket qua chua", "ket qua ho so", "tra cuu ket qua",
        "tra cuu bien nhan", "xem ket qua ho so", "hoso",
    ]
)  # fmt: skip
_ASKED = (
    r"(?:(?:cho toi |em |toi )?(?:tra cuu|tra|xem|tim|kiem tra|hoi)? ?(?:tinh trang |ket qua )?(?:ho so|bien nhan|giay hen|phieu hen)(?: so| ma)* )"
)
_CODE = r"(?:[a-z0-9]{1,6} ){0,6}[a-z]{0,4}\d[a-z0-9]*(?: [a-z0-9]{1,6}){0,2}"
# After the words nearly anything may be a code; alone only what has the shape of one: letters, a date, a number.
CODE = re.compile(rf"(?:{_ASKED}(?=(?:\D*\d){{5}})(?P<named>{_CODE})|(?P<alone>(?:[a-z0-9]{{1,4}} ){{1,5}}\d{{6}} \d{{3,6}}(?: [a-z0-9]{{4}})?))")
SHOWN, KEPT = 3, dt.timedelta(days=30)


def begin(context: Context, _said: Payload | Incoming) -> Reply:
    """The person's own ones, and the way to ask by code."""
    context.state.topic = TOPIC
    mine = dossiers.of_person(context.session, context.person_id, since=context.now - KEPT)[:SHOWN]
    states = tuple(words.status(context.premises, one, now=context.now) for one in mine)
    return Reply(blocks=(*states, Say(text=t("dossiers.ask_hint"))), ask=t("dossiers.ask"), choices=numbered((), welcome.person()))


def by_code(context: Context, said: Incoming) -> Reply:
    """ "tra cứu hồ sơ H12.34-261122-0012", or the code alone."""
    match = CODE.fullmatch(fold(said.text))
    assert match is not None
    return _answer(context, match["named"] or match["alone"])


def typed(context: Context, said: Incoming) -> Reply:
    """A code where one was asked for; anything else is a new question."""
    if sum(map(str.isdigit, said.text)) >= dossier_codes.FEWEST_DIGITS and len(said.text.split()) <= dossier_codes.MOST_PARTS:
        return _answer(context, said.text)
    context.state.leave()
    return ask.ask(context, said)


def _answer(context: Context, code: str) -> Reply:
    found = find(context.session, context.premises, code)
    if not found:
        context.state.topic = TOPIC
        return Reply(blocks=(words.unknown(),), ask=t("dossiers.ask_again"), choices=numbered((), welcome.person()))
    context.state.leave()
    states = tuple(words.status(context.premises, one, now=context.now) for one in found[:SHOWN])
    return Reply(blocks=states, choices=numbered((*_follow(context, found), option(t("dossiers.other"), payloads.Dossiers())), welcome.person()))


def _follow(context: Context, found: Sequence[Dossier]) -> tuple[Choice, ...]:
    """Being told is offered where nobody is, and something can still happen."""
    one = found[0]
    if len(found) > 1 or one.account_id is not None or one.state not in dossiers.LIVE or context.incoming.bot in context.premises.silent:
        return ()
    return (option(t("dossiers.follow"), payloads.FollowDossier(one.receipt_key)),)


def follow(context: Context, said: payloads.FollowDossier) -> Reply:
    """Tell this account when something happens. The whole code is the right to it."""
    context.state.leave()
    found = find(context.session, context.premises, said.code)
    if len(found) != 1 or not dossiers.follow(context.session, found[0], context.person_id, context.account_id, now=context.now):
        return Reply(
            blocks=(State(tone="note", icon="info", title=t("dossiers.follow_not_title"), text=(t("dossiers.follow_not"),)),),
            choices=welcome.choices(),
        )
    text = t("dossiers.followed", receipt=found[0].receipt)
    return Reply(blocks=(State(icon="check", title=t("dossiers.followed_title"), text=(text,)),), choices=welcome.choices())


def find(session: Session, premises: Premises, code: str) -> list[Dossier]:
    """Exactly this code, at any center of the installation."""
    return dossiers.with_code(session, code, [center.id for center in premises.directory.all])

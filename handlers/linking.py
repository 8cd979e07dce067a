"""One person on several channels: a code shown on one, typed on the other, agreed to once; and taking a channel out again."""

from __future__ import annotations

import re

from bot import clock
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import linking, outbox
from bot.domain.linking import Clash, End
from bot.domain.visits import Visit
from bot.messages import Incoming, Reply, State
from bot.texts import t
from handlers import payloads, telling, welcome
from procedures.text import fold

WORDS = frozenset(["ghep tai khoan", "ghep kenh", "lien ket tai khoan", "noi tai khoan", "ghep zalo", "ghep telegram", "gop tai khoan"])
APART = frozenset(["tach tai khoan", "bo ghep tai khoan", "huy ghep tai khoan", "huy lien ket tai khoan", "tach kenh"])
CODE = re.compile(r"(?:ghep|gop|lien ket) (?:tai khoan )?(?:ma )?(?:so )?(\d{3}) ?(\d{3})")


def begin(context: Context, _said: Payload | Incoming) -> Reply:
    """A code to type on the other channel; who is linked already sees with what."""
    context.state.leave()
    if not linking.is_own(context.incoming.bot, context.incoming.address):
        return _not_here()
    digits = linking.show(context.session, context.account_id, context.premises.key, now=context.now)
    spoken, minutes = telling.spoken(digits), int(linking.LIVES.total_seconds() // 60)
    others = _others(context)
    now = (t("linking.linked", channels=_named(others)),) if others else ()
    lines = (t("linking.how", code=spoken, minutes=minutes), t("linking.why"), *now)
    apart = (option(t("linking.apart"), payloads.Unlink(sure=False)),) if others else ()
    state = State(tone="note", icon="phone", title=t("linking.code_title", code=spoken), text=lines)
    return Reply(blocks=(state,), choices=numbered((*apart, option(t("linking.back"), payloads.Menu()))))


def typed(context: Context, said: Incoming) -> Reply:
    """ "ghép 123 456", asked about once. The code is not kept among what was said."""
    context.secret = True
    context.state.leave()
    if not linking.is_own(said.bot, said.address):
        return _not_here()
    code = CODE.fullmatch(fold(said.text))
    digits = "".join(code.groups()) if code is not None else ""
    found = linking.type_(context.session, context.account_id, digits, context.premises.key, now=context.now)
    if found is None:
        return _wrong()
    if found.shown.person_id == context.person_id:
        return _done(found.shown)
    channel = channel_of(found.shown.bot)
    state = State(tone="note", icon="phone", title=t("linking.ask_title", channel=channel), text=(t("linking.common"), t("linking.only_own")))
    agree = option(t("linking.agree", channel=channel), payloads.LinkYes(found.code), words=("dong y",))
    return Reply(blocks=(state,), ask=t("linking.ask"), choices=numbered((agree, option(t("linking.decline"), payloads.LinkNo(found.code)))))


def agree(context: Context, said: payloads.LinkYes) -> Reply:
    joined = linking.join(context.session, said.code, context.account_id, now=context.now)
    match joined:
        case None:
            return _wrong()
        case Clash():
            return _clash(context, joined)
    _tell(context, joined)
    return _done(joined)


def decline(context: Context, said: payloads.LinkNo) -> Reply:
    linking.decline(context.session, said.code, context.account_id, now=context.now)
    return Reply(blocks=(State(icon="info", title=t("linking.declined_title"), text=(t("linking.declined"),)),), choices=welcome.choices())


def apart(context: Context, said: payloads.Unlink | Incoming) -> Reply:
    """Asks once: what is common stays with the other channels."""
    context.state.leave()
    others = _others(context)
    if not others:
        return Reply(blocks=(State(tone="note", icon="info", title=t("linking.alone_title"), text=(t("linking.alone"),)),), choices=welcome.choices())
    if isinstance(said, Incoming) or not said.sure:
        state = State(tone="note", icon="phone", title=t("linking.apart_title"), text=(t("linking.apart_what", channels=_named(others)),))
        options = (option(t("linking.apart_yes"), payloads.Unlink(sure=True)), option(t("linking.apart_no"), payloads.Menu()))
        return Reply(blocks=(state,), choices=numbered(options))
    linking.leave(context.session, context.account_id, now=context.now)
    state = State(icon="tick", title=t("linking.apart_done_title"), text=(t("linking.apart_done", channels=_named(others)),))
    return Reply(blocks=(state,), choices=welcome.choices())


def channel_of(bot: str) -> str:
    """A bot is named `channel` or `channel:its id`."""
    return t(f"privacy.channel_{bot.partition(':')[0]}")


def _others(context: Context) -> list[End]:
    return [end for end in linking.linked(context.session, context.person_id) if end.account_id != context.account_id]


def _named(ends: list[End]) -> str:
    return ", ".join(dict.fromkeys(channel_of(end.bot) for end in ends))


def _done(shown: End) -> Reply:
    lines = (t("linking.done"), t("linking.undo"))
    state = State(icon="tick", title=t("linking.done_title", channel=channel_of(shown.bot)), text=lines)
    return Reply(blocks=(state,), choices=welcome.choices())


def _tell(context: Context, shown: End) -> None:
    """Whoever reads the other account learns of it, should it not be the same person."""
    text = (t("linking.told"), t("linking.undo"))
    state = State(tone="note", icon="phone", title=t("linking.done_title", channel=channel_of(context.incoming.bot)), text=text)
    outbox.put(context.session, shown.bot, shown.address, Reply(blocks=(state,)), now=context.now)


def _clash(context: Context, clash: Clash) -> Reply:
    """Which booking to settle first, and that nothing was changed."""
    day = clock.day(clash.day)
    if clash.visits:
        here, there = (_visit(context, visit) for visit in clash.visits)
        lines = (t("linking.clash_visits", here=here, there=there), t("linking.clash_do"))
    else:
        lines = (t("linking.clash_wait", day=day), t("linking.clash_do"))
    own = option(t("booking.menu"), payloads.Visits())
    state = State(tone="now", icon="cal", title=t("linking.clash_title", day=day), text=lines)
    return Reply(blocks=(state,), choices=numbered((own,), welcome.person()))


def _visit(context: Context, visit: Visit) -> str:
    held = t("linking.held") if visit.state == "held" else ""
    return " ".join(part for part in (telling.when(visit), f"({telling.title(context.premises, visit)})", held) if part)


def _wrong() -> Reply:
    return Reply(blocks=(State(tone="now", icon="warn", title=t("linking.wrong_title"), text=(t("linking.wrong"),)),), choices=welcome.choices())


def _not_here() -> Reply:
    state = State(tone="note", icon="info", title=t("linking.not_here_title"), text=(t("linking.not_here"),))
    return Reply(blocks=(state,), choices=welcome.choices())

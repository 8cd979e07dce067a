"""Agreeing to notices of a center: one question, never ticked beforehand, a word to stop; where somebody lives, if they like to say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.conversation.payloads import Payload
from bot.domain import consent, gazetteer, places
from bot.domain.audience import NOTICES
from bot.domain.centers import Center
from bot.domain.consent import Given, Who
from bot.domain.gazetteer import Place
from bot.messages import Incoming, Reply, Say, State
from bot.texts import t
from handlers import payloads, welcome
from procedures.text import fold

TOPIC = "consent"
ON = frozenset(
    ["nhan tin", "nhan tin cua trung tam", "bat tin", "bat nhan tin", "dang ky nhan tin", "nhan lai tin", "nhan thong bao", "dang ky nhan thong bao"]
)
OFF = frozenset(
    [
        "dung nhan tin", "huy nhan tin", "bo nhan tin", "ngung nhan tin", "thoi nhan tin", "tat tin", "dung tin", "khong nhan tin",
        "khong nhan tin nua",
        "huy dang ky nhan tin", "dung nhan thong bao", "huy nhan thong bao", "khong nhan thong bao", "dung nhan tin luon",
    ]
)  # fmt: skip
# Of the words that end a dialog, those that mean the notices when there is no dialog. "Hủy" is rather about a booking.
_STOPS = frozenset(["dung", "dung lai", "stop"])
# A topic left standing by who went away is no dialog any more when a notice is answered the next day.
FRESH = dt.timedelta(hours=1)
_HAMLET = re.compile(r"(?:thon|xom|ap|ban|buon|lang|khom|phum|soc|khu|khu pho|kp|to|to dan pho|tdp|doi|bon|plei)\b.{1,40}")
MOST_WORDS = 6
SHOWN = 8


def begin(context: Context, said: payloads.News | Incoming) -> Reply:
    """The one question, or how it stands for who answered yes."""
    center = context.premises.directory.get(said.center) if isinstance(said, payloads.News) else None
    centers = context.premises.directory.all
    if center is None and len(centers) > 1:
        context.state.leave()
        return Reply(
            ask=t("consent.which"), choices=numbered([option(one.place, payloads.News(one.id)) for one in centers[:SHOWN]], welcome.person())
        )
    center = center or context.premises.center
    found = consent.standing(context.session, _who(context, center))
    return _standing(context, center, found) if found is not None else _question(context, center)


def wording(center: Center) -> str:
    """The words somebody says yes or no to: shown, and kept as proof."""
    return t("consent.notices", center=center.name)


def _question(context: Context, center: Center) -> Reply:
    context.state.topic, context.state.data = TOPIC, {"news": center.id}
    state = State(tone="note", icon="bell", title=t("consent.title"), text=(wording(center), t("consent.own_visits")))
    options = (option(t("consent.agree"), payloads.NewsYes(center.id), words=("dong y",)), option(t("consent.decline"), payloads.NewsNo(center.id)))
    return Reply(blocks=(state,), ask=t("consent.ask"), choices=numbered(options))


def _standing(context: Context, center: Center, found: Given) -> Reply:
    context.state.leave()
    lines = [t("consent.standing", day=clock.date(clock.today(found.given_at))), *_area_line(found), t("consent.agreed")]
    state = State(icon="tick", title=t("consent.standing_title", center=center.name), text=tuple(lines))
    options = (
        option(t("consent.change_area"), payloads.NewsWhere(center.id)),
        option(t("consent.stop"), payloads.NewsStop()),
        option(t("consent.back"), payloads.Menu()),
    )
    return Reply(blocks=(state,), choices=numbered(options))


def _area_line(found: Given) -> Iterator[str]:
    if found.area:
        yield t("consent.standing_area", area=found.area)


def agree(context: Context, said: payloads.NewsYes) -> Reply:
    center = _center(context, said.center)
    consent.give(context.session, _who(context, center), wording(center), _way(context), now=context.now)
    state = State(icon="tick", title=t("consent.agreed_title", center=center.name), text=(t("consent.agreed"),))
    asked = _ask_area(context, center)
    return asked.model_copy(update={"blocks": (state, *asked.blocks)})


def decline(context: Context, said: payloads.NewsNo) -> Reply:
    center = _center(context, said.center)
    consent.refuse(context.session, _who(context, center), wording(center), _way(context), now=context.now)
    context.state.leave()
    return Reply(blocks=(State(icon="tick", title=t("consent.declined_title"), text=(t("consent.declined"),)),), choices=welcome.choices())


def suggest(context: Context, reply: Reply, center_id: str) -> Reply:
    """One more line under a message, for who was never asked; who answered is left alone."""
    center = context.premises.directory.get(center_id)
    if center is None or consent.asked(context.session, _who(context, center)):
        return reply
    options = [choice for choice in reply.choices if choice.number]
    offer = option(t("consent.menu"), payloads.News(center.id), hint=t("consent.hint"))
    person = next((choice for choice in reply.choices if not choice.number), None)
    return reply.model_copy(update={"choices": numbered((*options, offer), person)})


# where somebody lives


def where(context: Context, said: payloads.NewsWhere) -> Reply:
    return _ask_area(context, _center(context, said.center))


def _ask_area(context: Context, center: Center) -> Reply:
    context.state.topic, context.state.data = TOPIC, {"news": center.id, "area": "1"}
    options = [option(_called(place), payloads.NewsArea(place.code)) for place in former(center)[:SHOWN]]
    skip = option(t("consent.area_skip"), payloads.NewsArea("-"), words=("bo qua", "khong", "thoi"))
    why = f"{t('consent.area_why')} {t('consent.area_type')}"
    return Reply(ask=t("consent.area_ask"), why=why, choices=numbered((*options, skip)))


def former(center: Center) -> list[Place]:
    """The former communes the center's unit was made of."""
    unit = gazetteer.table().place(f"N{center.commune}") if center.commune else None
    return places.made_of(unit.units[0]) if unit is not None else []


def _called(place: Place) -> str:
    return f"{place.kind} {place.name}"


def area(context: Context, said: payloads.NewsArea) -> Reply:
    place = places.place(said.code) if said.code != "-" else None
    return _keep_area(context, _called(place) if place is not None else "")


def typed_area(context: Context, text: str) -> Reply | None:
    """The name of a hamlet or former commune, while it is asked for; None for words about something else."""
    if "area" not in context.state.data:
        return None
    plain = fold(text)
    known = next((_called(place) for place in former(_here(context)) if plain in (fold(_called(place)), fold(place.name))), None)
    if known is None and not (_HAMLET.fullmatch(plain) and len(plain.split()) <= MOST_WORDS):
        return None
    return _keep_area(context, known or text)


def _keep_area(context: Context, name: str) -> Reply:
    kept = consent.set_area(context.session, _who(context, _here(context)), name)
    context.state.leave()
    context.state.data = {}
    shown = (State(icon="tick", title=t("consent.area_title", area=kept)),) if kept else ()
    return Reply(blocks=shown, ask=t("chat.menu_ask"), choices=welcome.choices())


# stopping


def stop_word(context: Context, said: Incoming) -> Reply:
    """DỪNG: the notices where no dialog is under way; amid one it ends that, and the notices are one number away."""
    standing = [given for given in consent.history(context.session, context.person_id) if given.withdrawn_at is None]
    if not standing:
        return welcome.stop(context, said)
    amid = context.state.topic and context.now - context.account.last_seen_at < FRESH
    if fold(said.text) in _STOPS and not amid:
        return _stop(context, said.text.strip()[:20])
    context.state.leave()
    options = (option(t("consent.stop_too"), payloads.NewsStop()), option(t("consent.back"), payloads.Menu()))
    return Reply(blocks=(Say(text=t("consent.dialog_ended")),), choices=numbered(options))


def stop(context: Context, said: Payload | Incoming) -> Reply:
    """Said in so many words, or chosen: always."""
    return _stop(context, said.text.strip()[:40] if isinstance(said, Incoming) else _way(context))


def _stop(context: Context, way: str) -> Reply:
    context.state.leave()
    ended = consent.withdraw(context.session, context.person_id, way, now=context.now)
    title, text = (t("consent.stopped_title"), t("consent.stopped")) if ended else (t("consent.none_title"), t("consent.none"))
    return Reply(blocks=(State(icon="tick", title=title, text=(text,)),), choices=welcome.choices())


# shared


def mine(context: Context) -> Iterator[str]:
    """Every yes and no, with the words and when: for "dữ liệu của tôi"."""
    for given in consent.history(context.session, context.person_id):
        day, channel = clock.date(clock.today(given.given_at)), t(f"privacy.channel_{given.way}")
        if given.refused:
            yield t("consent.mine_refused", day=day, channel=channel, wording=given.wording)
            continue
        yield t("consent.mine_given", day=day, channel=channel, wording=given.wording)
        if given.area:
            yield t("consent.mine_area", area=given.area)
        if given.withdrawn_at is not None:
            yield t("consent.mine_withdrawn", day=clock.date(clock.today(given.withdrawn_at)))


def _who(context: Context, center: Center) -> Who:
    return Who(context.person_id, center.id, NOTICES, context.account_id)


def _way(context: Context) -> str:
    """The channel it was said on."""
    return context.incoming.bot.partition(":")[0]


def _center(context: Context, center_id: str) -> Center:
    center = context.premises.directory.get(center_id)
    if center is None:
        raise errors.StalePayload(center_id)
    return center


def _here(context: Context) -> Center:
    return context.premises.directory.get(context.state.data.get("news", "")) or context.premises.center

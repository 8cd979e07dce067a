"""Staff write a notice in the chat: title, text, how many, a test to themselves, and on to the second person, who confirms here or on the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from bot import clock, errors
from bot.conversation.context import Context, Premises, numbered, option
from bot.db.leaving import Notice
from bot.domain import audience, broadcast, notices, staff
from bot.domain.audience import Audience
from bot.domain.notices import NotNow, Words
from bot.domain.roles import Action, Member
from bot.messages import Block, Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import consent, payloads, welcome

TOPIC = "notice"
WORDS = frozenset(["thong bao", "soan thong bao", "gui thong bao", "thong bao moi"])
SHOWN = 4
PAGE = "/ban-lam-viec"


def advance(session: Session, _premises: Premises, *, now: dt.datetime) -> None:
    """The duty: notices whose time has come leave, those whose rows all have a fate are done."""
    broadcast.advance(session, now=now)


def begin(context: Context, said: payloads.NoticesAt | Incoming) -> Reply:
    """What waits, and a way to write; for anybody else the question whether they want notices."""
    member = _member(context)
    centers = [center for center in context.premises.directory.all if member is not None and member.may("notices.write", center.id)]
    if not centers:
        return consent.begin(context, context.incoming)
    wanted = said.center if isinstance(said, payloads.NoticesAt) else ""
    chosen = next((center for center in centers if center.id == wanted), centers[0] if len(centers) == 1 else None)
    context.state.leave()
    if chosen is None:
        return Reply(
            ask=t("notices_chat.where"), choices=numbered([option(center.place, payloads.NoticesAt(center.id)) for center in centers[:SHOWN]])
        )
    lines = [_line(notice) for notice in notices.of_center(context.session, chosen.id, ("submitted", "draft"), SHOWN)]
    return Reply(
        ask=t("notices_chat.menu", place=chosen.place), choices=numbered((option(t("notices_chat.new"), payloads.NoticeNew(chosen.id)), *lines))
    )


def _line(notice: Notice) -> Choice:
    assert notice.id is not None
    shown = notice.title or t("notices_desk.untitled")
    words = t("notices_chat.waiting_one", title=shown) if notice.state == "submitted" else t("notices_chat.draft_one", title=shown)
    return option(words, payloads.NoticeOpen(notice.id))


def new(context: Context, said: payloads.NoticeNew) -> Reply:
    _allowed(context, "notices.write", said.center)
    return _wait(context, t("notices_chat.ask_title"), step="title", center=said.center)


def edit(context: Context, said: payloads.NoticeEdit) -> Reply:
    notice = _notice(context, said.notice, "notices.write")
    return _wait(context, t("notices_chat.ask_body"), step="body", notice=str(said.notice), version=str(notice.version))


def _wait(context: Context, ask: str, **data: str) -> Reply:
    """For words or a number: no menu stands in between."""
    context.state.topic, context.state.data, context.state.menu = TOPIC, data, ()
    return Reply(ask=ask)


def typed(context: Context, said: Incoming) -> Reply:
    """Words for the step the writing stands at."""
    try:
        return _typed(context, said)
    except errors.StalePayload:  # somebody lost the right, or the notice is gone
        context.state.leave()
        return begin(context, said)


def _typed(context: Context, said: Incoming) -> Reply:
    data, text = context.state.data, said.text.strip()
    match data.get("step"):
        case "title" if len(text) > notices.LONGEST_TITLE:
            return Reply(ask=t("notices_chat.title_long"))
        case "title":
            return _wait(context, t("notices_chat.ask_body"), step="body", center=data["center"], title=" ".join(text.split()))
        case "body":
            return _keep(context, text)
        case "count":
            return _count(context, text)
    return begin(context, said)


def _keep(context: Context, body: str) -> Reply:
    """The text is there: a draft from now on, here and on the page."""
    data = context.state.data
    if "notice" not in data:
        member = _allowed(context, "notices.write", data["center"])
        words = Words(data["title"], body, Audience())
        made = notices.draft(context.session, data["center"], words, actor=member.actor, now=context.now)
        return _show(context, made)
    notice_id = int(data["notice"])
    notice = _notice(context, notice_id, "notices.write")
    member = _allowed(context, "notices.write", notice.center_id)
    words = notices.words(notice)._replace(body=body)
    try:
        notices.edit(context.session, notice.center_id, notice_id, int(data["version"]), words, actor=member.actor, now=context.now)
    except NotNow as error:
        return _show(context, notice_id, (_refused(error),))
    return _show(context, notice_id)


def open_(context: Context, said: payloads.NoticeOpen) -> Reply:
    return _show(context, said.notice)


def _show(context: Context, notice_id: int, blocks: Sequence[Block] = ()) -> Reply:
    """The notice as people will get it, how many they are, and what can be done with it now."""
    notice = _notice(context, notice_id, "notices.write")
    context.state.leave()
    found = audience.count(context.session, notices.target(notice))
    number, closed = found.sending, (t("notices_chat.window", count=found.window),) if found.window else ()
    reach = t("notices_chat.reach", count=number) if notices.words(notice).audience == Audience() else t("notices_chat.reach_page", count=number)
    page = Choice(number=-1, label=t("notices_chat.page"), link=f"{context.premises.address}{PAGE}/{notice.center_id}/thong-bao/{notice_id}")
    title = t("notices_chat.confirm_title") if notice.state == "submitted" else t("notices_chat.draft_title")
    head = State(tone="note", icon="bell", title=title, text=(reach, *closed))
    shown = notices.reply(context.session, notice).blocks
    return Reply(blocks=(*blocks, head, *shown), choices=numbered((*_options(context, notice), page)))


def _options(context: Context, notice: Notice) -> list[Choice]:
    member = _member(context)
    assert member is not None
    assert notice.id is not None
    test = option(t("notices_chat.test"), payloads.NoticeDo(notice.id, notice.version, "test"))
    if notice.state == "draft":
        return [
            test,
            option(t("notices_chat.submit"), payloads.NoticeDo(notice.id, notice.version, "submit")),
            option(t("notices_chat.edit"), payloads.NoticeEdit(notice.id)),
            option(t("notices_chat.drop"), payloads.NoticeDo(notice.id, notice.version, "drop")),
        ]
    if notice.state != "submitted":
        return []
    back = option(t("notices_chat.back"), payloads.NoticeDo(notice.id, notice.version, "back"))
    sends = member.may("notices.send", notice.center_id)
    return [*([option(t("notices_chat.confirm"), payloads.NoticeDo(notice.id, notice.version, "confirm"))] if sends else []), test, back]


def do(context: Context, said: payloads.NoticeDo) -> Reply:
    """One step with the version that was shown."""
    notice = _notice(context, said.notice, "notices.send" if said.step == "confirm" else "notices.write")
    member = _member(context)
    assert member is not None
    try:
        return _do(context, notice, said, member)
    except NotNow as error:
        return _show(context, said.notice, (_refused(error),))


def _do(context: Context, notice: Notice, said: payloads.NoticeDo, member: Member) -> Reply:
    given = {"actor": member.actor, "now": context.now}
    match said.step:
        case "test":
            notices.test(context.session, notice.center_id, said.notice, member.id, **given)  # type: ignore[arg-type]
            return _show(context, said.notice, (Say(text=t("notices_chat.tested")),))
        case "submit":
            count = broadcast.submit(context.session, notice.center_id, said.notice, said.version, **given)  # type: ignore[arg-type]
            state = State(icon="tick", title=t("notices_chat.submitted_title", count=count), text=(t("notices_chat.submitted"),))
            return Reply(blocks=(state,), choices=welcome.choices())
        case "drop":
            notices.delete(context.session, notice.center_id, said.notice, **given)  # type: ignore[arg-type]
            return Reply(blocks=(Say(text=t("notices_chat.dropped")),), choices=welcome.choices())
        case "back":
            broadcast.back(context.session, notice.center_id, said.notice, **given)  # type: ignore[arg-type]
            return _show(context, said.notice, (Say(text=t("notices_chat.returned")),))
        case "confirm":
            number = audience.count(context.session, notices.target(notice)).sending
            if broadcast.needs_second(notice, member.actor, number):
                raise NotNow("second", number)
            ask = t("notices_chat.ask_count", count=number)
            return _wait(context, ask, step="count", notice=str(said.notice), version=str(said.version))
    raise errors.StalePayload(said.step)


def _count(context: Context, text: str) -> Reply:
    """The second key: the number typed by hand."""
    number, data = text.replace(".", "").replace(" ", ""), context.state.data
    if not (number.isdecimal() and len(number) < 10):
        return Reply(ask=t("notices_chat.not_sure"))
    notice_id, member = int(data["notice"]), _member(context)
    notice = _notice(context, notice_id, "notices.send")
    assert member is not None
    try:
        with context.session.begin_nested():
            state = broadcast.confirm(
                context.session, notice.center_id, notice_id, int(data["version"]), int(number), actor=member.actor, now=context.now
            )
    except NotNow as error:
        return _show(context, notice_id, (_refused(error),))
    context.state.leave()
    later = notice.send_at is not None and state == "scheduled"
    said = t("notices_chat.scheduled", moment=_moment(notice.send_at)) if later else t("notices_chat.sent", count=int(number))
    return Reply(blocks=(State(icon="tick", title=notice.title, text=(said,)),), choices=welcome.choices())


def _moment(at: dt.datetime | None) -> str:
    assert at is not None
    return t("visits.when", day=clock.day(clock.today(at)), hour=clock.hour(at))


def _refused(error: NotNow) -> State:
    words = t("notices_desk.no_count", count=error.count) if error.why == "count" else t(f"notices_desk.no_{error.why}")
    return State(tone="now", icon="warn", title=words)


def _member(context: Context) -> Member | None:
    return staff.of_account(context.session, context.incoming.bot, context.incoming.address)


def _allowed(context: Context, action: Action, center_id: str) -> Member:
    """Who writes here, if they may. A button of somebody who may not any more means nothing."""
    member = _member(context)
    if member is None or not member.may(action, center_id):
        raise errors.StalePayload(center_id)
    return member


def _notice(context: Context, notice_id: int, action: Action) -> Notice:
    notice = notices.by_id(context.session, notice_id)
    if notice is None:
        raise errors.StalePayload(str(notice_id))
    _allowed(context, action, notice.center_id)
    return notice

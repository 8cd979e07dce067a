"""The newest end of a day in the chat, for who leads a center or manages several: each obstacle is seen, given, ticked off, reported upward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot import clock, errors
from bot.conversation.context import Context, numbered, option
from bot.conversation.routing import Replies
from bot.domain import digest, obstacles, roster, staff
from bot.domain.digest import Digest, Line
from bot.domain.roles import Action, Member
from bot.messages import Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import ask, digest_deeds, digest_duties, digest_words, payloads

TOPIC = "digest"
WORDS = frozenset(["cuoi ngay", "tong ket ngay", "ban cuoi ngay", "vuong mac"])
AT_ONCE = 8  # colleagues offered


def show(context: Context, said: Incoming) -> Replies:
    """The newest one, for who may read it; anybody else meant something else."""
    member = _me(context)
    centers = digest_duties.centers_of(context.premises, member) if member is not None else []
    if not centers:
        return ask.ask(context, said)
    context.state.leave()
    newest = [one for center_id in centers if (one := digest.newest(context.session, center_id)) is not None]
    if not newest:
        return Reply(ask=t("digest.chat_none"))
    if len(centers) == 1:
        return _day(context, newest[0])
    day = max(one.day for one in newest)
    reply = digest_duties.rolled(context.session, context.premises, centers, day, context.now - digest_duties.ONE_DAY)
    return reply or digest_words.rolled_up(context.premises, day, digest.of_day(context.session, centers, day), ())


def open_(context: Context, said: payloads.DigestDay) -> Reply:
    """The day of one center, as it stands now."""
    one = digest.get(context.session, said.digest)
    if one is None:
        raise errors.StalePayload(str(said.digest))
    _allowed(context, one.center_id, "digest.read")
    context.state.leave()
    return _day(context, one)


def _day(context: Context, one: Digest) -> Reply:
    return digest_words.message(context.premises, one, roster.names(context.session, digest_words.actors(one.lines)))


def obstacle(context: Context, said: payloads.Obstacle) -> Reply:
    return _card(context, said.line)


class _Found(NamedTuple):
    one: Digest
    line: Line
    member: Member

    @property
    def works(self) -> bool:
        return self.member.may("digest.work", self.one.center_id)


def _found(context: Context, line_id: int, action: Action) -> _Found:
    """The line, if whoever asks may do that at its center. A button of somebody who may not any more means nothing."""
    one = digest.holding(context.session, line_id)
    line = one.line(line_id) if one is not None else None
    if one is None or line is None:
        raise errors.StalePayload(str(line_id))
    return _Found(one, line, _allowed(context, one.center_id, action))


def _me(context: Context) -> Member | None:
    return staff.of_account(context.session, context.incoming.bot, context.incoming.address)


def _allowed(context: Context, center_id: str, action: Action) -> Member:
    member = _me(context)
    if member is None or not member.may(action, center_id):
        raise errors.StalePayload(center_id)
    return member


def _card(context: Context, line_id: int, said: str = "") -> Reply:
    """One obstacle with its evidence, what can be done about it, and what became of it. `said`: what was just done."""
    found = _found(context, line_id, "digest.read")
    context.state.leave()
    title, lines = digest_words.with_words(context.premises, found.one, found.line), tuple(_lines(context, found))
    done = found.line.done_at is not None
    state = State(tone="note" if done else "now", icon="tick" if done else "warn", title=title, text=lines)
    return Reply(blocks=(*([Say(text=said)] if said else []), state), choices=numbered(list(_options(context, found))))


def _lines(context: Context, found: _Found) -> Iterator[str]:
    one, line = found.one, found.line
    yield t("digest.title", place=digest_words.place(context.premises, one.center_id), day=clock.day(one.day))
    for words in obstacles.words(context.session, one.center_id, line.detail.get("ids", ())):
        yield t("digest.quoted", words=words)
    yield t("digest.ought", words=digest_words.proposals(one.center_id, line)[0].words)
    yield from filter(None, digest_words.fate(roster.names(context.session, digest_words.actors([line])), line))


def _options(context: Context, found: _Found) -> Iterator[Choice]:
    """At most five, as Zalo shows them."""
    line, done = found.line, found.line.done_at is not None
    if found.works and not done:
        yield option(t("digest.give_other") if line.owner else t("digest.give"), payloads.GiveObstacle(line.id, 0), words=("giao", "giao viec"))
        yield option(t("digest.tick"), payloads.TickObstacle(line.id, done=True), words=("xong", "da xong"))
    elif found.works:
        yield option(t("digest.untick"), payloads.TickObstacle(line.id, done=False))
    if found.works and line.reported_at is None:
        yield option(t("digest.report"), payloads.ReportObstacle(line.id, bare=False), words=("bao", "bao len"))
    proposal = digest_words.proposals(found.one.center_id, line)[0]
    yield Choice(number=-1, label=proposal.words, link=f"{context.premises.address}{proposal.address}")
    yield option(t("digest.back"), payloads.DigestDay(found.one.id))


# giving


def whom(context: Context, said: payloads.GiveObstacle) -> Reply:
    found = _found(context, said.line, "digest.work")
    line = found.line
    if line.done_at is not None:
        return _card(context, line.id, t("digest.late_deed"))
    others = [member for member in digest_deeds.staff(context.session, found.one.center_id) if member.id != line.owner]
    if not others:
        return _card(context, line.id, t("digest.no_colleagues"))
    start = said.start if said.start < len(others) else 0
    options = [option(member.name, payloads.GiveObstacleTo(line.id, member.id, line.owner)) for member in others[start : start + AT_ONCE]]
    if start + AT_ONCE < len(others):
        options.append(option(t("digest.whom_more"), payloads.GiveObstacle(line.id, start + AT_ONCE)))
    if line.owner:
        options.append(option(t("digest.nobody"), payloads.GiveObstacleTo(line.id, 0, line.owner)))
    options.append(option(t("digest.keep"), payloads.Obstacle(line.id)))
    return Reply(ask=t("digest.whom", line=digest_words.short(context.premises, found.one, line).label), choices=numbered(options))


def give(context: Context, said: payloads.GiveObstacleTo) -> Reply:
    found = _found(context, said.line, "digest.work")
    wish = digest_deeds.Wish(found.one, found.line, said.staff, said.was, found.member)
    given = digest_deeds.give(context.session, context.premises, wish, now=context.now)
    return _card(context, said.line, given.words)


# ticking off


def tick(context: Context, said: payloads.TickObstacle) -> Reply:
    """By who works the digest, or by who was given the line."""
    found = _found(context, said.line, digest_deeds.DOES)
    wish = digest_deeds.Tick(found.one, found.line, said.done, found.member, own=not found.works)
    changed = digest_deeds.tick(context.session, context.premises, wish, now=context.now)
    if not found.works:
        return _own(context, said)
    return _card(context, said.line, (t("digest.ticked") if said.done else t("digest.unticked")) if changed else "")


def _own(context: Context, said: payloads.TickObstacle) -> Reply:
    """How it stands, for who was given it and reads nothing else of the day."""
    found = _found(context, said.line, digest_deeds.DOES)
    context.state.leave()
    if found.line.given_to != found.member.actor:
        return Reply(blocks=(Say(text=t("digest.own_gone")),))
    done = found.line.done_at is not None
    words = t("digest.own_done") if done else t("digest.own_undone")
    state = State(icon="tick" if done else "info", title=words, text=(digest_words.line(context.premises, found.one, found.line),))
    return Reply(blocks=(state,), choices=digest_deeds.own_choices(context.premises, found.one, found.line, done=done))


# reporting upward


def report(context: Context, said: payloads.ReportObstacle) -> Reply:
    found = _found(context, said.line, "digest.work")
    if said.bare or found.line.reported_at is not None:
        return _reported(context, found, "")
    context.state.topic, context.state.data = TOPIC, {"line": str(said.line)}
    bare = option(t("digest.report_bare"), payloads.ReportObstacle(said.line, bare=True))
    return Reply(ask=t("digest.report_ask"), choices=numbered((bare, option(t("digest.report_not"), payloads.Obstacle(said.line), words=("thoi",)))))


def typed(context: Context, said: Incoming) -> Replies:
    """The words that go upward with the line."""
    if len(said.text) > digest.LONGEST:
        return Reply(ask=t("digest.too_long", most=digest.LONGEST), choices=context.state.menu)
    try:
        return _reported(context, _found(context, int(context.state.data["line"]), "digest.work"), said.text)
    except errors.StalePayload:  # they lost the right meanwhile
        context.state.leave()
        return ask.ask(context, said)


def _reported(context: Context, found: _Found, words: str) -> Reply:
    told = digest.report(context.session, found.one.center_id, found.line.id, words, actor=found.member.actor, now=context.now)
    return _card(context, found.line.id, t("digest.reported_done") if told else "")

"""What a group chat is for, whose it is, when it is answered and how often: asked by buttons, decided by who runs the group."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from bot import errors
from bot.conversation.context import numbered, option
from bot.conversation.groups import GroupContext
from bot.conversation.payloads import Payload
from bot.domain import audit, groups, staff
from bot.domain.centers import Center
from bot.domain.groups import Hours
from bot.domain.roles import Member
from bot.messages import Block, Choice, Incoming, Reply, Say, State
from bot.texts import t
from handlers import payloads

OPEN = "/caidat"
BUTTONS = (payloads.GroupFor, payloads.GroupAt, payloads.GroupHours, payloads.GroupSlow)
PAUSES = (20, 60, 300, 0)  # seconds
MOST_CENTERS = 80  # buttons under one message


def answer(context: GroupContext) -> Sequence[Reply]:
    """The bot was brought in, somebody wants to set it up, or it was spoken to before anybody did."""
    said = context.incoming
    if said.kind == "start":
        return _brought_in(context)
    if said.text == OPEN and said.kind == "text":
        return (_purposes(context),) if said.admin else _once(context, t("groups.not_admin"))
    if is_meant(said):
        return _pressed(context)
    return _once(context, t("groups.not_set")) if said.addressed and said.kind == "text" and not said.edited else ()


def is_meant(said: Incoming) -> bool:
    """Whether one of the set-up's own buttons was pressed."""
    return said.kind == "choice" and said.payload.partition(":")[0] in {kind.tag for kind in BUTTONS}


def _brought_in(context: GroupContext) -> Sequence[Reply]:
    """Two sentences about itself, then the first question; whoever cannot set it up is told who can."""
    groups.joined(context.session, context.group, context.incoming.sender, now=context.now)
    hello = Say(text=t("groups.hello"))
    if context.group.purpose:
        return (Reply(blocks=(hello, Say(text=_summary(context)))),)
    if not context.incoming.admin:
        return (Reply(blocks=(hello, Say(text=t("groups.not_set")))),)
    asked = _purposes(context)
    return (asked.model_copy(update={"blocks": (hello, *asked.blocks)}),)


def _once(context: GroupContext, text: str) -> Sequence[Reply]:
    """One kind sentence; whoever goes on pressing hears nothing for a while."""
    asked = groups.ask(context.session, context.group, context.incoming.sender, context.premises.key, now=context.now)
    reply_to = context.incoming.message_id if context.incoming.kind == "text" else ""
    return (Reply(blocks=(Say(text=text),), reply_to=reply_to),) if asked == "taken" else ()


def _pressed(context: GroupContext) -> Sequence[Reply]:
    if not context.incoming.admin:
        return _once(context, t("groups.not_admin"))
    try:
        payload: Payload = payloads.CODEC.decode(context.incoming.payload)
    except errors.StalePayload:
        return (_purposes(context),)
    match payload:
        case payloads.GroupFor(purpose):
            return (_for(context, purpose),)
        case payloads.GroupAt(purpose, center):
            found = next((one for one in context.premises.directory.all if mark(one) == center), None)
            return (_settle(context, purpose, found) if found is not None else _purposes(context),)
        case payloads.GroupHours(hours) if context.group.purpose:
            answered: Hours = "center" if hours == "center" else ""
            groups.change(context.session, context.group, answered=answered, now=context.now)
            return (_pauses(context),)
        case payloads.GroupSlow(seconds) if context.group.purpose and seconds in PAUSES:
            groups.change(context.session, context.group, slow_seconds=seconds, now=context.now)
            return (_done(context),)
    return (_purposes(context),)


def mark(center: Center) -> str:
    """The center in a button: short, and the same after every start."""
    return f"{zlib.crc32(center.id.encode()):08x}"


def _ask(context: GroupContext, ask: str, options: Sequence[Choice], blocks: Sequence[Block] = ()) -> Reply:
    """One question; it takes the place of the one before it where the channel can edit."""
    pressed = context.incoming.kind == "choice"
    return Reply(blocks=tuple(blocks), ask=ask, choices=numbered(options), key=f"setup:{context.group.id}", in_place=pressed)


def _purposes(context: GroupContext) -> Reply:
    options = (
        option(t("groups.for_citizens"), payloads.GroupFor("citizens")),
        option(t("groups.for_staff"), payloads.GroupFor("staff")),
    )
    standing = (Say(text=_summary(context)),) if context.group.purpose else ()
    return _ask(context, t("groups.ask_purpose"), options, standing)


def _for(context: GroupContext, purpose: str) -> Reply:
    """The center comes next, where there are several."""
    if purpose not in ("staff", "citizens"):
        return _purposes(context)
    centers = context.premises.directory.all
    if purpose == "staff":
        centers = tuple(center for center in centers if _helper(context, center) is not None)
    if not centers:
        return _not_theirs(context)
    if len(centers) == 1:
        return _settle(context, purpose, centers[0])
    options = [option(center.place, payloads.GroupAt(purpose, mark(center))) for center in centers[:MOST_CENTERS]]
    return _ask(context, t("groups.ask_center"), options)


def _helper(context: GroupContext, center: Center) -> Member | None:
    """Who pressed, if they may answer this center's questions: what citizens ask is not shown to anybody else's group."""
    member = staff.of_account(context.session, context.incoming.bot, context.incoming.sender)
    return member if member is not None and member.may("questions.work", center.id) else None


def _not_theirs(context: GroupContext) -> Reply:
    state = State(tone="note", icon="shield", title=t("groups.not_staff_title"), text=(t("groups.not_staff"),))
    return Reply(blocks=(state,), key=f"setup:{context.group.id}", in_place=context.incoming.kind == "choice")


def _settle(context: GroupContext, purpose: str, center: Center) -> Reply:
    """The group is this from now on; when and how often can be chosen after."""
    if purpose == "citizens":
        groups.change(context.session, context.group, purpose="citizens", center_id=center.id, now=context.now)
        hours = (option(t("groups.hours_always"), payloads.GroupHours("")), option(t("groups.hours_center"), payloads.GroupHours("center")))
        return _ask(context, t("groups.ask_hours"), hours)
    member = _helper(context, center)
    if purpose != "staff" or member is None:
        return _not_theirs(context)
    before = {"center": context.group.center_id} if context.group.purpose == "staff" else None
    if groups.change(context.session, context.group, purpose="staff", center_id=center.id, now=context.now):
        subject, after = f"chat:{context.group.id}", {"center": center.id}
        audit.write(
            context.session,
            actor=member.actor,
            center_id=center.id,
            action="chat.staff",
            subject=subject,
            before=before,
            after=after,
            now=context.now,
        )
    return _done(context)


def _pauses(context: GroupContext) -> Reply:
    return _ask(context, t("groups.ask_slow"), [option(_upper(pause(seconds)), payloads.GroupSlow(seconds)) for seconds in PAUSES])


def pause(seconds: int) -> str:
    """In words, as it stands inside a sentence."""
    if not seconds:
        return t("groups.slow_none")
    return t("groups.slow_seconds", count=seconds) if seconds < 60 else t("groups.slow_minutes", count=seconds // 60)


def _done(context: GroupContext) -> Reply:
    state = State(icon="tick", title=t("groups.done_title"), text=(_summary(context), t("groups.done")))
    return Reply(blocks=(state,), key=f"setup:{context.group.id}", in_place=context.incoming.kind == "choice")


def _summary(context: GroupContext) -> str:
    group = context.group
    center = context.premises.directory.get(group.center_id) or context.premises.center
    if group.purpose == "staff":
        return t("groups.is_staff", center=center.name)
    hours = t("groups.hours_center") if group.hours == "center" else t("groups.hours_always")
    slow = t("groups.slow", pause=pause(group.slow_seconds)) if group.slow_seconds else ""
    return " ".join(part for part in (t("groups.is_citizens", center=center.name, hours=_lower(hours)), slow) if part)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]

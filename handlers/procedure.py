"""A procedure nothing is asked for: done elsewhere, only listed, or past its last day."""

from __future__ import annotations

from bot import clock
from bot.conversation.context import Context, numbered, option
from bot.messages import Page, Reply, Say, State
from bot.texts import t
from handlers import payloads, presenting, welcome, wishes
from procedures.models import Procedure


def page(context: Context, entry: Procedure) -> Reply | None:
    """What to say instead of a list; None when the entry has one."""
    if not entry.in_force(context.today):
        return _expired(entry)
    if entry.depth == "elsewhere":
        return _elsewhere(context, entry)
    return _listed(context, entry) if entry.depth == "listed" else None


def _elsewhere(context: Context, entry: Procedure) -> Reply:
    assert entry.where is not None
    text = [t("find.elsewhere_office", office=entry.where.office), t("find.elsewhere_how", how=entry.where.how)]
    source = _imported(entry) or t("find.elsewhere_source", checked=clock.date(entry.checked.on))
    page = Page(
        title=entry.title,
        text=(t("find.elsewhere_title") + ".", *text, *([entry.where.note] if entry.where.note else []), source),
        link=entry.where.link or "",
    )
    return Reply(blocks=(page,), choices=numbered((*wishes.left(context), option(t("chat.menu_new"), payloads.Ask())), welcome.person()))


def _listed(context: Context, entry: Procedure) -> Reply:
    imported = _imported(entry)
    text = (presenting.handled(entry, context.premises.center), t("find.listed_only"), t("find.listed_do"), *([imported] if imported else []))
    page = Page(title=entry.title, official=entry.name if entry.short else "", text=text, source=presenting.source(entry, context.premises.catalog))
    return Reply(blocks=(page,), choices=numbered((*wishes.left(context), option(t("chat.menu_new"), payloads.Ask())), welcome.person()))


def _imported(entry: Procedure) -> str:
    """Said instead of the day of checking: a row of an imported list was compared with its record by nobody."""
    return t("find.imported_source", day=clock.date(entry.checked.on)) if entry.checked.imported else ""


def _expired(entry: Procedure) -> Reply:
    until = clock.date(entry.valid.until) if entry.valid.until else ""
    block = State(tone="stop", icon="warn", title=t("find.expired_title"), text=(t("find.expired", until=until),))
    return Reply(blocks=(Say(text=t("find.this", name=entry.title)), block), choices=numbered((), welcome.person()))

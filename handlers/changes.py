"""Tells holders of a list that its entry changed, before they come with the old papers."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from bot import clock
from bot.conversation import memory
from bot.conversation.context import Premises, numbered, option
from bot.db.tables import Account
from bot.domain import checklists, outbox
from bot.domain.checklists import Kept as Row
from bot.messages import Reply, State
from bot.texts import t
from handlers import listing, payloads, welcome

# A list older than this was either used or given up.
CONCERNS = dt.timedelta(days=60)


def tell_holders(session: Session, premises: Premises, *, now: dt.datetime) -> int:
    """Queue one message for every list whose papers, fee or time changed; returns how many. Each change is told once."""
    catalog = premises.catalog
    today, codes = clock.today(now), (*catalog.procedures, *catalog.old_codes)
    versions = {code: entry.version for code in codes if (entry := catalog.get(code, today)) is not None}
    outdated = checklists.outdated(session, versions, since=now - CONCERNS)
    return sum(_tell(session, premises, row, now=now) for row in outdated if checklists.told(session, row, versions[row.code]))


def _tell(session: Session, premises: Premises, row: Row, *, now: dt.datetime) -> bool:
    entry = premises.catalog.get(row.code, clock.today(now))
    account = session.get(Account, row.account_id) if row.account_id is not None else None
    if entry is None or account is None or row.id is None:
        return False
    changed = listing.changed(premises, row, entry, clock.today(now))
    if not changed:
        return False
    text = (t("list.changed_intro", name=entry.title), *changed)
    options = (option(t("list.changed_do"), payloads.Renew(row.id)), option(t("list.title"), payloads.Show(row.id)))
    reply = Reply(blocks=(State(tone="now", icon="doc", title=t("list.changed_title"), text=text),), choices=numbered(options, welcome.person()))
    assert account.id is not None
    memory.menu(session, account.id, reply.choices, now=now)
    outbox.put(session, account.bot, account.address, reply, now=now, kind="reminder")
    return True

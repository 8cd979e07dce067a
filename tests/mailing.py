"""People who agreed to notices, and notices to them: what tests about what leaves to many are written with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.tables import Account, Outbox
from bot.domain import broadcast, consent, ledger, notices
from bot.domain.audience import NOTICES, Audience
from bot.domain.consent import Who
from bot.domain.notices import NotNow, Words
from tests.center_day import CENTER, CenterDay

WRITER, SECOND = "staff:1", "staff:2"
OUTBOX = upsert.table(Outbox)
EVERYBODY = Audience()


def refused(mailing: Mailing, work: Any, *args: Any, **named: Any) -> NotNow:
    """Why the step was not possible."""
    with pytest.raises(NotNow) as error:
        mailing.day.do(work, *args, **named)
    return error.value


class Mailing:
    """The notices of the center behind a CenterDay."""

    def __init__(self, day: CenterDay) -> None:
        self.day = day

    def who(self, name: str, bot: str = "telegram:1") -> Who:
        person, account = self.day.person(name, bot)
        return Who(person, CENTER, NOTICES, account)

    def agree(self, *names: str, area: str = "", bot: str = "telegram:1") -> None:
        for name in names:
            who = self.who(name, bot)
            self.day.do(consent.give, who, "câu đã đọc", "telegram")
            if area:
                self.day.read(consent.set_area, who, area)

    def many(self, number: int) -> list[str]:
        names = [f"dan {one}" for one in range(number)]
        self.agree(*names)
        return names

    def account(self, name: str, bot: str, *, address: str = "", seen: dt.datetime | None = None, active: bool = True, language: str = "") -> None:
        """One more account of somebody."""
        person, _ = self.day.person(name)
        seen = seen or self.day.now

        def add(session: Session) -> None:
            row = Account(
                person_id=person, bot=bot, address=address or f"{bot} {name}", active=active, language=language, created_at=seen, last_seen_at=seen
            )
            session.add(row)

        self.day.read(add)

    def block(self, name: str) -> None:
        table = upsert.table(Account)
        self.day.read(lambda session: session.execute(update(table).where(table.c.address == name).values(active=False)))

    def draft(self, audience: Audience = EVERYBODY, *, author: str = WRITER, **named: Any) -> int:
        words = Words(named.pop("title", "Nghỉ lễ"), named.pop("body", "Thứ Ba trung tâm nghỉ."), audience, **named)
        return self.day.do(notices.draft, CENTER, words, actor=author)

    def row(self, notice_id: int) -> Notice:
        found = self.day.read(notices.find, CENTER, notice_id)
        assert found is not None
        return found

    def submit(self, notice_id: int, actor: str = WRITER) -> int:
        return self.day.do(broadcast.submit, CENTER, notice_id, self.row(notice_id).version, actor=actor)

    def confirm(self, notice_id: int, number: int, actor: str = SECOND) -> str:
        return self.day.do(broadcast.confirm, CENTER, notice_id, self.row(notice_id).version, number, actor=actor)

    def send(self, audience: Audience = EVERYBODY, **named: Any) -> int:
        """A notice on its way."""
        notice_id = self.draft(audience, **named)
        self.confirm(notice_id, self.submit(notice_id))
        return notice_id

    def step(self, name: str, notice_id: int, actor: str = SECOND, **named: Any) -> Any:
        return self.day.do(getattr(broadcast, name), CENTER, notice_id, actor=actor, **named)

    def rows(self, notice_id: int) -> list[Any]:
        found = select(OUTBOX).where(OUTBOX.c.notice_id == notice_id).order_by(OUTBOX.c.id)
        return list(self.day.read(lambda session: session.execute(found).all()))

    def to(self, notice_id: int) -> list[str]:
        """Where the notice goes."""
        return sorted(row.address for row in self.rows(notice_id) if row.state != "skipped")

    def fate(self, notice_id: int, *names: str, state: str = "sent", reason: str = "") -> None:
        """As a worker would write it; without names to everybody who waits."""
        mine = [OUTBOX.c.notice_id == notice_id, OUTBOX.c.address.in_(names) if names else OUTBOX.c.state == "queued"]
        changed = update(OUTBOX).where(*mine).values(state=state, reason=reason, settled_at=self.day.now)
        self.day.read(lambda session: session.execute(changed))

    def sums(self, notice_id: int) -> dict[str, int]:
        """Those states that have rows; their sum is always the notice's recipients."""
        found = self.day.read(ledger.sums, notice_id)
        assert sum(found.values()) == self.row(notice_id).recipients
        return {state: number for state, number in found.items() if number}

    def advance(self) -> None:
        self.day.do(broadcast.advance)

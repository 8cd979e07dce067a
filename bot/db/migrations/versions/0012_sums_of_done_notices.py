"""A notice that is done keeps the sums of its ledger on its row; one that was done with rows still waiting goes on"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_NOTICE = sa.table("notice", sa.column("id", sa.BigInteger), sa.column("state", sa.String), sa.column("sums", sa.Text), sa.column("ended_at"))
_OUTBOX = sa.table("outbox", sa.column("notice_id", sa.BigInteger), sa.column("bot", sa.String), sa.column("state", sa.String))


def upgrade() -> None:
    op.add_column("notice", sa.Column("sums", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    waiting = sa.exists().where(_OUTBOX.c.notice_id == _NOTICE.c.id, _OUTBOX.c.state.in_(("queued", "retry", "sending")))
    connection.execute(sa.update(_NOTICE).where(_NOTICE.c.state == "done", waiting).values(state="sending", ended_at=None))
    for number in connection.execute(sa.select(_NOTICE.c.id).where(_NOTICE.c.state == "done").order_by(_NOTICE.c.id)).scalars().all():
        connection.execute(sa.update(_NOTICE).where(_NOTICE.c.id == number).values(sums=_sums(connection, number)))


def _sums(connection: sa.Connection, number: int) -> str:
    """As domain.ledger keeps them."""
    grouped = sa.select(_OUTBOX.c.bot, _OUTBOX.c.state, sa.func.count()).where(_OUTBOX.c.notice_id == number)
    found: dict[str, dict[str, Any]] = {}
    for bot, state, rows in connection.execute(grouped.group_by(_OUTBOX.c.bot, _OUTBOX.c.state)):
        found.setdefault(bot, {})[state] = rows
    return json.dumps(found)


def downgrade() -> None:
    op.drop_column("notice", "sums")

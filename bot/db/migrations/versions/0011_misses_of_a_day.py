"""Questions that found nothing, by day and center from now on (nobody knows it of older ones); reminders found by their message"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_GIVEN = sa.text("outbox_id IS NOT NULL")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_miss_day",
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("miss_id", _ID, autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["miss_id"], ["search_miss.id"], name=op.f("fk_search_miss_day_miss_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("center_id", "day", "miss_id", name=op.f("pk_search_miss_day")),
    )
    op.create_index("ix_reminder_outbox_id", "reminder", ["outbox_id"], sqlite_where=_GIVEN, postgresql_where=_GIVEN)


def downgrade() -> None:
    op.drop_index("ix_reminder_outbox_id", table_name="reminder")
    op.drop_table("search_miss_day")

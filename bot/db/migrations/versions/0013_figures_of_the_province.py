"""What the province published, to compare with where there are too few centers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.columns import Moment

revision = "0013"
down_revision = "0012"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "province_figure",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("center_id", sa.String(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("noted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["center.id"], name=op.f("fk_province_figure_center_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_figure")),
        sa.UniqueConstraint("center_id", "first", "last", "indicator", name=op.f("uq_province_figure_center_id_first_last_indicator")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("province_figure")

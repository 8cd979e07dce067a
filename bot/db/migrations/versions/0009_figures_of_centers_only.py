"""Figures are kept for single centers only; rows that change all day leave room beside them; which procedures there were is found quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("figure", "figure_detail")
_ROOM = 70  # percent of a page that is filled at first: a changed row stays in its page, and its key need not be written again


_PROCEDURES = sa.text("level = 'p' AND grain = 'month'")


def upgrade() -> None:
    op.create_index("ix_figure_procedure", "figure", ["span", "procedure"], sqlite_where=_PROCEDURES, postgresql_where=_PROCEDURES)
    for table in _TABLES:
        op.execute(f"DELETE FROM {table} WHERE center_id = '*'")
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {_ROOM})")


def downgrade() -> None:
    """The sums of all centers come back with `motcua figures rebuild` of the older version."""
    op.drop_index("ix_figure_procedure", "figure")
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")

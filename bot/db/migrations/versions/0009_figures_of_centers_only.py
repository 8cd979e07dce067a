"""Figures are kept for single centers only; rows that change all day leave room beside them."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLES = ("figure", "figure_detail")
_ROOM = 70  # percent of a page that is filled at first: a changed row stays in its page, and its key need not be written again


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"DELETE FROM {table} WHERE center_id = '*'")
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {_ROOM})")


def downgrade() -> None:
    """The sums of all centers come back with `motcua figures rebuild` of the older version."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")

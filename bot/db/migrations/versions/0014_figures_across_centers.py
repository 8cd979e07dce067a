"""Figures of all centers at once have an index on PostgreSQL, and their words are compared byte by byte"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_WORDS = {
    "figure": ("level", "grain", "center_id", "procedure", "field", "channel"),
    "figure_detail": ("kind", "level", "grain", "center_id", "procedure", "field", "channel", "item"),
}
_PROCEDURES = "level = 'p' AND grain = 'month'"


def upgrade() -> None:
    _of_procedures(f"{_PROCEDURES} AND procedure <> ''")  # no longer taken for questions it was not made for
    if op.get_bind().dialect.name == "postgresql":
        _compared("C")
        op.create_index("ix_figure_across", "figure", ["level", "grain", "span", "procedure", "field", "channel", "center_id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_figure_across", "figure")
        _compared("default")
    _of_procedures(_PROCEDURES)


def _of_procedures(where: str) -> None:
    op.drop_index("ix_figure_procedure", "figure")
    op.create_index("ix_figure_procedure", "figure", ["span", "procedure"], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _compared(collation: str) -> None:
    """One statement a table, so that its key is written anew once."""
    for table, words in _WORDS.items():
        op.execute(f"ALTER TABLE {table} " + ", ".join(f'ALTER {word} TYPE varchar COLLATE "{collation}"' for word in words))

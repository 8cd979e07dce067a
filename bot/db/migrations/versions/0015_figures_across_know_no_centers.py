"""The index of all centers' figures has no centers: with them it was also taken for questions about one; without, it takes a tenth of the room"""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision = "0015"
down_revision = "0014"

_ACROSS = ("level", "grain", "span", "procedure", "field", "channel")


def upgrade() -> None:
    _with(_ACROSS)


def downgrade() -> None:
    _with((*_ACROSS, "center_id"))


def _with(columns: Sequence[str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_figure_across", "figure")
        op.create_index("ix_figure_across", "figure", list(columns))

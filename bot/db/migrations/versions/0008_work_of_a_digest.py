"""A line of a digest is somebody's work; lines there are already are nobody's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.columns import Moment

revision = '0008'
down_revision = '0007'

_GIVEN = sa.text("given_to != ''")


def upgrade() -> None:
    op.add_column('digest_line', sa.Column('given_to', sa.String(), server_default='', nullable=False))
    op.add_column('digest_line', sa.Column('given_by', sa.String(), server_default='', nullable=False))
    op.add_column('digest_line', sa.Column('given_at', Moment(), nullable=True))
    with op.batch_alter_table('digest_line', schema=None) as batch_op:
        batch_op.create_index('ix_digest_line_given', ['given_to'], unique=False, sqlite_where=_GIVEN, postgresql_where=_GIVEN)


def downgrade() -> None:
    with op.batch_alter_table('digest_line', schema=None) as batch_op:
        batch_op.drop_index('ix_digest_line_given', sqlite_where=_GIVEN, postgresql_where=_GIVEN)
        batch_op.drop_column('given_at')
        batch_op.drop_column('given_by')
        batch_op.drop_column('given_to')

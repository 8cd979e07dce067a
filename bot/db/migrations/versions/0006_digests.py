"""Digests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.columns import Moment

revision = '0006'
down_revision = '0005'


def upgrade() -> None:
    op.create_table('digest',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('facts', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_digest_center_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest')),
    sa.UniqueConstraint('center_id', 'day', name=op.f('uq_digest_center_id_day')),
    sqlite_autoincrement=True
    )
    op.create_table('digest_roll',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_digest_roll_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('day', 'staff_id', name=op.f('pk_digest_roll'))
    )
    op.create_table('digest_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('digest_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('done_by', sa.String(), nullable=False),
    sa.Column('done_at', Moment(), nullable=True),
    sa.Column('reported_by', sa.String(), nullable=False),
    sa.Column('reported_at', Moment(), nullable=True),
    sa.Column('said', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['digest_id'], ['digest.id'], name=op.f('fk_digest_line_digest_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_digest_line')),
    sa.UniqueConstraint('digest_id', 'place', name=op.f('uq_digest_line_digest_id_place')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('digest_line', schema=None) as batch_op:
        batch_op.create_index('ix_digest_line_reported', ['reported_at'], unique=False, sqlite_where=sa.text('reported_at IS NOT NULL'), postgresql_where=sa.text('reported_at IS NOT NULL'))


def downgrade() -> None:
    with op.batch_alter_table('digest_line', schema=None) as batch_op:
        batch_op.drop_index('ix_digest_line_reported', sqlite_where=sa.text('reported_at IS NOT NULL'), postgresql_where=sa.text('reported_at IS NOT NULL'))

    op.drop_table('digest_line')
    op.drop_table('digest_roll')
    op.drop_table('digest')

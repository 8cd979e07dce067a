"""Figures"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('figure',
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('grain', sa.String(), nullable=False),
    sa.Column('center_id', sa.String(), nullable=False),
    sa.Column('span', sa.Date(), nullable=False),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('visits', sa.Integer(), server_default='0', nullable=False),
    sa.Column('served', sa.Integer(), server_default='0', nullable=False),
    sa.Column('cancelled', sa.Integer(), server_default='0', nullable=False),
    sa.Column('booked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('no_show', sa.Integer(), server_default='0', nullable=False),
    sa.Column('walk_in', sa.Integer(), server_default='0', nullable=False),
    sa.Column('accepted', sa.Integer(), server_default='0', nullable=False),
    sa.Column('papers_missing', sa.Integer(), server_default='0', nullable=False),
    sa.Column('done_now', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wrong_place', sa.Integer(), server_default='0', nullable=False),
    sa.Column('other', sa.Integer(), server_default='0', nullable=False),
    sa.Column('not_served', sa.Integer(), server_default='0', nullable=False),
    sa.Column('firsts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('first_complete', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('wait_minutes', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('wait_bad', sa.Integer(), server_default='0', nullable=False),
    sa.Column('serve_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('serve_minutes', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('serve_bad', sa.Integer(), server_default='0', nullable=False),
    sa.Column('asked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('answered', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ratings', sa.Integer(), server_default='0', nullable=False),
    sa.Column('access_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('access_sum', sa.Integer(), server_default='0', nullable=False),
    sa.Column('access_squares', sa.Integer(), server_default='0', nullable=False),
    sa.Column('procedures_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('procedures_sum', sa.Integer(), server_default='0', nullable=False),
    sa.Column('procedures_squares', sa.Integer(), server_default='0', nullable=False),
    sa.Column('staff_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('staff_sum', sa.Integer(), server_default='0', nullable=False),
    sa.Column('staff_squares', sa.Integer(), server_default='0', nullable=False),
    sa.Column('results_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('results_sum', sa.Integer(), server_default='0', nullable=False),
    sa.Column('results_squares', sa.Integer(), server_default='0', nullable=False),
    sa.Column('handling_n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('handling_sum', sa.Integer(), server_default='0', nullable=False),
    sa.Column('handling_squares', sa.Integer(), server_default='0', nullable=False),
    sa.Column('low', sa.Integer(), server_default='0', nullable=False),
    sa.Column('flagged', sa.Integer(), server_default='0', nullable=False),
    sa.Column('over_said', sa.Integer(), server_default='0', nullable=False),
    sa.Column('over_ratings', sa.Integer(), server_default='0', nullable=False),
    sa.Column('received', sa.Integer(), server_default='0', nullable=False),
    sa.Column('second_supplements', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ready', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ready_late', sa.Integer(), server_default='0', nullable=False),
    sa.Column('questions', sa.Integer(), server_default='0', nullable=False),
    sa.Column('answered_questions', sa.Integer(), server_default='0', nullable=False),
    sa.Column('answer_minutes', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('level', 'grain', 'center_id', 'span', 'procedure', 'field', 'channel', name=op.f('pk_figure')),
    sqlite_with_rowid=False
    )
    op.create_table('figure_detail',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('grain', sa.String(), nullable=False),
    sa.Column('center_id', sa.String(), nullable=False),
    sa.Column('span', sa.Date(), nullable=False),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('item', sa.String(), nullable=False),
    sa.Column('n', sa.Integer(), server_default='0', nullable=False),
    sa.Column('waits', sa.Integer(), server_default='0', nullable=False),
    sa.Column('minutes', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('kind', 'level', 'grain', 'center_id', 'span', 'procedure', 'field', 'channel', 'item', name=op.f('pk_figure_detail')),
    sqlite_with_rowid=False
    )
    op.create_table('procedure_field',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_procedure_field'))
    )
    with op.batch_alter_table('dossier', schema=None) as batch_op:
        batch_op.create_index('ix_dossier_center_id_ready_at', ['center_id', 'ready_at'], unique=False, sqlite_where=sa.text('ready_at IS NOT NULL'), postgresql_where=sa.text('ready_at IS NOT NULL'))
        batch_op.create_index('ix_dossier_center_id_received_at', ['center_id', 'received_at'], unique=False)

    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index('ix_feedback_center_id_created_at', ['center_id', 'created_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.drop_index('ix_feedback_center_id_created_at')

    with op.batch_alter_table('dossier', schema=None) as batch_op:
        batch_op.drop_index('ix_dossier_center_id_received_at')
        batch_op.drop_index('ix_dossier_center_id_ready_at', sqlite_where=sa.text('ready_at IS NOT NULL'), postgresql_where=sa.text('ready_at IS NOT NULL'))

    op.drop_table('procedure_field')
    op.drop_table('figure_detail')
    op.drop_table('figure')

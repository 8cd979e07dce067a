"""After the visit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.columns import Moment

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('feedback',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('token', sa.String(), nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('origin', sa.String(), nullable=False),
    sa.Column('counter', sa.Integer(), nullable=True),
    sa.Column('access', sa.Integer(), nullable=True),
    sa.Column('procedures', sa.Integer(), nullable=True),
    sa.Column('staff', sa.Integer(), nullable=True),
    sa.Column('results', sa.Integer(), nullable=True),
    sa.Column('handling', sa.Integer(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('papers', sa.Text(), nullable=False),
    sa.Column('flags', sa.Text(), nullable=False),
    sa.Column('device', sa.String(), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('asked_at', Moment(), nullable=True),
    sa.Column('begun_at', Moment(), nullable=True),
    sa.Column('done_at', Moment(), nullable=True),
    sa.Column('reply_due', sa.Date(), nullable=True),
    sa.Column('replied_at', Moment(), nullable=True),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_feedback_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_feedback_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_feedback_question_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feedback')),
    sa.UniqueConstraint('token', name=op.f('uq_feedback_token')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_feedback_visit_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_feedback_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_feedback_asked', ['asked_at'], unique=False, sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.create_index('ix_feedback_half', ['begun_at'], unique=False, sqlite_where=sa.text('done_at IS NULL AND begun_at IS NOT NULL'), postgresql_where=sa.text('done_at IS NULL AND begun_at IS NOT NULL'))
        batch_op.create_index('ix_feedback_remark', ['center_id', 'reply_due'], unique=False, sqlite_where=sa.text('reply_due IS NOT NULL'), postgresql_where=sa.text('reply_due IS NOT NULL'))
        batch_op.create_index('ix_feedback_center_id_done_at', ['center_id', 'done_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_feedback_question_id'), ['question_id'], unique=False)

    op.create_table('dossier',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('receipt', sa.String(), nullable=False),
    sa.Column('receipt_key', sa.String(), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('received_at', Moment(), nullable=False),
    sa.Column('counts_from', sa.Date(), nullable=False),
    sa.Column('working_days', sa.Integer(), nullable=True),
    sa.Column('used_days', sa.Integer(), nullable=False),
    sa.Column('first_due', sa.Date(), nullable=True),
    sa.Column('due', sa.Date(), nullable=True),
    sa.Column('missed_due', sa.Date(), nullable=True),
    sa.Column('cutoff', sa.String(), nullable=False),
    sa.Column('missing', sa.Text(), nullable=False),
    sa.Column('paused_at', Moment(), nullable=True),
    sa.Column('supplements', sa.Integer(), nullable=False),
    sa.Column('late_told_at', Moment(), nullable=True),
    sa.Column('ready_at', Moment(), nullable=True),
    sa.Column('returned_at', Moment(), nullable=True),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_dossier_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_dossier_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_dossier_person_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_dossier_visit_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dossier')),
    sa.UniqueConstraint('center_id', 'receipt_key', name=op.f('uq_dossier_center_id_receipt_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('dossier', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dossier_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_dossier_center_id_state', ['center_id', 'state', 'due'], unique=False)
        batch_op.create_index(batch_op.f('ix_dossier_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_dossier_receipt_key', ['receipt_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_dossier_visit_id'), ['visit_id'], unique=False)

    op.create_table('dossier_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('dossier_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], name=op.f('fk_dossier_event_dossier_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dossier_event')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('dossier_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dossier_event_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_dossier_event_dossier_id'), ['dossier_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('dossier_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dossier_event_dossier_id'))
        batch_op.drop_index(batch_op.f('ix_dossier_event_at'))

    op.drop_table('dossier_event')
    with op.batch_alter_table('dossier', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dossier_visit_id'))
        batch_op.drop_index('ix_dossier_receipt_key')
        batch_op.drop_index(batch_op.f('ix_dossier_person_id'))
        batch_op.drop_index('ix_dossier_center_id_state')
        batch_op.drop_index(batch_op.f('ix_dossier_account_id'))

    op.drop_table('dossier')
    with op.batch_alter_table('feedback', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_feedback_question_id'))
        batch_op.drop_index('ix_feedback_center_id_done_at')
        batch_op.drop_index('ix_feedback_remark', sqlite_where=sa.text('reply_due IS NOT NULL'), postgresql_where=sa.text('reply_due IS NOT NULL'))
        batch_op.drop_index('ix_feedback_half', sqlite_where=sa.text('done_at IS NULL AND begun_at IS NOT NULL'), postgresql_where=sa.text('done_at IS NULL AND begun_at IS NOT NULL'))
        batch_op.drop_index('ix_feedback_asked', sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_feedback_account_id'))

    op.drop_table('feedback')

"""What leaves, and questions to people"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.db.columns import Moment

revision = '0003'
down_revision = '0002'


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table('attachment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mime', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('digest', name=op.f('uq_attachment_digest')),
    sqlite_autoincrement=True
    )
    op.create_table('chat_group',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('bot', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('center_id', sa.String(), nullable=False),
    sa.Column('hours', sa.String(), nullable=False),
    sa.Column('slow_seconds', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.String(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_group')),
    sa.UniqueConstraint('bot', 'address', name=op.f('uq_chat_group_bot_address')),
    sqlite_autoincrement=True
    )
    op.create_table('provider_token',
    sa.Column('bot', sa.String(), nullable=False),
    sa.Column('seed', sa.String(), nullable=False),
    sa.Column('access', sa.String(), nullable=False),
    sa.Column('refresh', sa.String(), nullable=False),
    sa.Column('expires_at', Moment(), nullable=True),
    sa.Column('refreshed_at', Moment(), nullable=True),
    sa.Column('refreshing_by', sa.String(), nullable=False),
    sa.Column('refreshing_until', Moment(), nullable=True),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('refused_at', Moment(), nullable=True),
    sa.PrimaryKeyConstraint('bot', name=op.f('pk_provider_token'))
    )
    op.create_table('account_link',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('typed_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('expires_at', Moment(), nullable=False),
    sa.Column('used_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_link_account_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['typed_by'], ['account.id'], name=op.f('fk_account_link_typed_by'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_account_link'))
    )
    with op.batch_alter_table('account_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_link_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_account_link_expires_at'), ['expires_at'], unique=False)

    op.create_table('sender_lease',
    sa.Column('bot', sa.String(), nullable=False),
    sa.Column('worker', sa.String(), nullable=False),
    sa.Column('lease_until', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('bot', name=op.f('pk_sender_lease'))
    )
    op.create_table('group_asker',
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('asked_at', Moment(), nullable=False),
    sa.Column('told_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['chat_group.id'], name=op.f('fk_group_asker_group_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'sender', name=op.f('pk_group_asker'))
    )
    with op.batch_alter_table('group_asker', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_group_asker_asked_at'), ['asked_at'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('attachment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('audience', sa.Text(), nullable=False),
    sa.Column('corrects_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('send_at', Moment(), nullable=True),
    sa.Column('author', sa.String(), nullable=False),
    sa.Column('submitted_by', sa.String(), nullable=False),
    sa.Column('submitted_at', Moment(), nullable=True),
    sa.Column('confirmed_by', sa.String(), nullable=False),
    sa.Column('confirmed_at', Moment(), nullable=True),
    sa.Column('recipients', sa.Integer(), nullable=True),
    sa.Column('frozen_at', Moment(), nullable=True),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_notice_attachment_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_notice_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['corrects_id'], ['notice.id'], name=op.f('fk_notice_corrects_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_attachment_id'), ['attachment_id'], unique=False)
        batch_op.create_index('ix_notice_center_id_state', ['center_id', 'state'], unique=False)
        batch_op.create_index('ix_notice_sending', ['id'], unique=False, sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.create_index(batch_op.f('ix_notice_corrects_id'), ['corrects_id'], unique=False)

    op.create_table('practice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('pinned', sa.Text(), nullable=False),
    sa.Column('picked', sa.Text(), nullable=False),
    sa.Column('right', sa.Integer(), nullable=False),
    sa.Column('wrong', sa.Integer(), nullable=False),
    sa.Column('missed', sa.Integer(), nullable=False),
    sa.Column('begun_at', Moment(), nullable=False),
    sa.Column('done_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_practice_staff_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practice')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('practice', schema=None) as batch_op:
        batch_op.create_index('ix_practice_staff_id_code', ['staff_id', 'code'], unique=False)

    op.create_table('upload',
    sa.Column('attachment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('bot', sa.String(), nullable=False),
    sa.Column('file_id', sa.String(), nullable=False),
    sa.Column('expires_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_upload_attachment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('attachment_id', 'bot', name=op.f('pk_upload'))
    )
    op.create_table('consent',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('way', sa.String(), nullable=False),
    sa.Column('given_at', Moment(), nullable=False),
    sa.Column('withdrawn_at', Moment(), nullable=True),
    sa.Column('withdrawn_way', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_consent_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_consent_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consent_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_consent_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_consent_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_consent_audience', ['center_id', 'purpose', 'person_id'], unique=False, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.create_index('uq_consent_standing', ['person_id', 'center_id', 'purpose'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))

    op.create_table('question',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('group_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('group_message_id', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('knows', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('owned_at', Moment(), nullable=True),
    sa.Column('asked_at', Moment(), nullable=False),
    sa.Column('due_at', Moment(), nullable=False),
    sa.Column('shown_at', Moment(), nullable=True),
    sa.Column('brought_up_at', Moment(), nullable=True),
    sa.Column('answered_at', Moment(), nullable=True),
    sa.Column('closed_at', Moment(), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_question_account_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_question_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['group_id'], ['chat_group.id'], name=op.f('fk_question_group_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['owner_id'], ['staff.id'], name=op.f('fk_question_owner_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_question_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_question_center_id_state', ['center_id', 'state', 'asked_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_group_id'), ['group_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_owner_id'), ['owner_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_question_live', ['account_id'], unique=True, sqlite_where=sa.text("state != 'closed'"), postgresql_where=sa.text("state != 'closed'"))

    op.create_table('question_message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('author', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('attachment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('file', sa.Text(), nullable=False),
    sa.Column('bot', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('outbox_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('edited_at', Moment(), nullable=True),
    sa.Column('delivery', sa.String(), nullable=False),
    sa.Column('removed', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_question_message_attachment_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], name=op.f('fk_question_message_outbox_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_message_question_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_message')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('question_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_message_attachment_id'), ['attachment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_message_outbox_id'), ['outbox_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_question_message_question_id'), ['question_id'], unique=False)
        batch_op.create_index('uq_question_message_source', ['bot', 'address', 'message_id'], unique=True, sqlite_where=sa.text("message_id != ''"), postgresql_where=sa.text("message_id != ''"))
        batch_op.create_index('ix_question_message_under_way', ['outbox_id', 'id'], **_where("side = 'staff' AND delivery = ''"))
        batch_op.create_index('ix_question_message_file', ['id'], **_where("file != '' AND attachment_id IS NULL"))

    op.create_table('proposal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('center_id', sa.String(), autoincrement=False, nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=True),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('author', sa.String(), nullable=False),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('settled_by', sa.String(), nullable=False),
    sa.Column('settled_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['center_id'], ['center.id'], name=op.f('fk_proposal_center_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_proposal_question_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_question_id'), ['question_id'], unique=False)
        batch_op.create_index('ix_proposal_state', ['state', 'id'], unique=False)

    op.add_column("account", sa.Column("language", sa.String(), nullable=False, server_default=""))
    for name in ("notice_id", "person_id"):
        op.add_column("outbox", sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.add_column("outbox", sa.Column("parts_sent", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE outbox SET not_before = created_at WHERE state = 'retry' AND not_before IS NULL")
    op.create_index("ix_outbox_open", "outbox", ["bot", "address", "id"], **_where("state IN ('queued', 'retry', 'sending')"))
    op.create_index("ix_outbox_sending", "outbox", ["lease_until"], **_where("state = 'sending'"))
    op.create_index("ix_outbox_sent", "outbox", ["settled_at"], **_where("state = 'sent'"))
    op.create_index("ix_outbox_troubled", "outbox", ["state", "id"], **_where("state IN ('refused', 'unknown', 'retry')"))
    op.create_index("ix_outbox_notice", "outbox", ["notice_id", "state", "bot", "not_before", "id"], **_where("notice_id IS NOT NULL"))
    op.create_index("uq_outbox_notice_address", "outbox", ["notice_id", "bot", "address"], unique=True, **_where("notice_id IS NOT NULL"))
    op.create_index("uq_outbox_person_notice", "outbox", ["person_id", "notice_id"], unique=True, **_where("person_id IS NOT NULL"))
    op.drop_index("ix_outbox_state_bot", "outbox")
    op.create_index("ix_outbox_state_bot", "outbox", ["state", "bot", "not_before", "id"], **_where("notice_id IS NULL"))
    op.drop_index("ix_outbox_inbox_id", "outbox")
    op.create_index("ix_outbox_inbox_id", "outbox", ["inbox_id"], **_where("inbox_id IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_outbox_state_bot", "outbox")
    op.create_index("ix_outbox_state_bot", "outbox", ["state", "bot", "not_before"])
    op.drop_index("ix_outbox_inbox_id", "outbox")
    op.create_index("ix_outbox_inbox_id", "outbox", ["inbox_id"])
    for name in ("uq_outbox_person_notice", "uq_outbox_notice_address", "ix_outbox_notice", "ix_outbox_sending", "ix_outbox_open", "ix_outbox_sent", "ix_outbox_troubled"):
        op.drop_index(name, "outbox")
    op.drop_column("outbox", "parts_sent")
    op.drop_column("outbox", "person_id")
    op.drop_column("outbox", "notice_id")
    op.drop_column("account", "language")
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index('ix_proposal_state')
        batch_op.drop_index(batch_op.f('ix_proposal_question_id'))

    op.drop_table('proposal')
    with op.batch_alter_table('question_message', schema=None) as batch_op:
        batch_op.drop_index('ix_question_message_file', **_where("file != '' AND attachment_id IS NULL"))
        batch_op.drop_index('ix_question_message_under_way', **_where("side = 'staff' AND delivery = ''"))
        batch_op.drop_index('uq_question_message_source', sqlite_where=sa.text("message_id != ''"), postgresql_where=sa.text("message_id != ''"))
        batch_op.drop_index(batch_op.f('ix_question_message_question_id'))
        batch_op.drop_index(batch_op.f('ix_question_message_outbox_id'))
        batch_op.drop_index(batch_op.f('ix_question_message_attachment_id'))

    op.drop_table('question_message')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index('uq_question_live', sqlite_where=sa.text("state != 'closed'"), postgresql_where=sa.text("state != 'closed'"))
        batch_op.drop_index(batch_op.f('ix_question_person_id'))
        batch_op.drop_index(batch_op.f('ix_question_owner_id'))
        batch_op.drop_index(batch_op.f('ix_question_group_id'))
        batch_op.drop_index(batch_op.f('ix_question_due_at'))
        batch_op.drop_index('ix_question_center_id_state')
        batch_op.drop_index(batch_op.f('ix_question_account_id'))

    op.drop_table('question')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_index('uq_consent_standing', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.drop_index('ix_consent_audience', sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_consent_person_id'))
        batch_op.drop_index(batch_op.f('ix_consent_account_id'))

    op.drop_table('consent')
    op.drop_table('upload')
    with op.batch_alter_table('practice', schema=None) as batch_op:
        batch_op.drop_index('ix_practice_staff_id_code')

    op.drop_table('practice')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notice_corrects_id'))
        batch_op.drop_index('ix_notice_center_id_state')
        batch_op.drop_index(batch_op.f('ix_notice_attachment_id'))

    op.drop_table('notice')
    with op.batch_alter_table('group_asker', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_group_asker_asked_at'))

    op.drop_table('group_asker')
    op.drop_table('sender_lease')
    op.drop_table('account_link')
    op.drop_table('provider_token')
    op.drop_table('chat_group')
    op.drop_table('attachment')

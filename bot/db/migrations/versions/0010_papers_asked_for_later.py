"""Papers a dossier was ever paused for, also of older ones, and how many dossiers that were; figures counted anew where that changes them"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'

_DOSSIER = sa.table('dossier', sa.column('id', sa.BigInteger()), sa.column('lacked', sa.Text()))
_EVENT = sa.table(
    'dossier_event', sa.column('id', sa.BigInteger()), sa.column('dossier_id', sa.Integer()), sa.column('kind', sa.String()), sa.column('detail', sa.Text())
)
_VISIT, _FEEDBACK = sa.table('visit', sa.column('source', sa.String())), sa.table('feedback', sa.column('papers', sa.Text()))
_RECOUNT = sa.table('recount', sa.column('name', sa.String()), sa.column('from_month', sa.Date()))
_AT_ONCE = 500


def upgrade() -> None:
    op.add_column('dossier', sa.Column('lacked', sa.Text(), server_default='[]', nullable=False))
    op.add_column('figure', sa.Column('paused', sa.Integer(), server_default='0', nullable=False))
    connection = op.get_bind()
    _fill(connection)
    if _otherwise(connection):
        connection.execute(sa.delete(_RECOUNT).where(_RECOUNT.c.name == 'figures'))
        connection.execute(sa.insert(_RECOUNT).values(name='figures', from_month=None))


def _otherwise(connection: sa.Connection) -> bool:
    """Something counts otherwise than it did: dossiers, papers that were typed, visits from a helper's tablet."""
    there = (
        sa.select(sa.literal(1)).select_from(_DOSSIER),
        sa.select(sa.literal(1)).select_from(_FEEDBACK).where(_FEEDBACK.c.papers.contains('"id": ""')),
        sa.select(sa.literal(1)).select_from(_VISIT).where(_VISIT.c.source.startswith('assist:')),
    )
    return any(connection.execute(one.limit(1)).first() is not None for one in there)


def _fill(connection: sa.Connection) -> None:
    """Tells rows and history of the dossiers what they were paused for."""
    paused = sa.select(_EVENT.c.dossier_id).where(_EVENT.c.kind == 'paused').distinct().order_by(_EVENT.c.dossier_id)
    ids = list(connection.execute(paused).scalars())
    for start in range(0, len(ids), _AT_ONCE):
        of_them = sa.select(_EVENT.c.dossier_id, _EVENT.c.id, _EVENT.c.detail).where(
            _EVENT.c.kind == 'paused', _EVENT.c.dossier_id.in_(ids[start : start + _AT_ONCE])
        )
        rows = connection.execute(of_them.order_by(_EVENT.c.dossier_id, _EVENT.c.id)).all()
        for dossier_id, history in groupby(rows, key=lambda row: row[0]):
            lacked = _told(connection, [(number, json.loads(detail)) for _, number, detail in history])
            connection.execute(sa.update(_DOSSIER).where(_DOSSIER.c.id == dossier_id).values(lacked=lacked))


def _told(connection: sa.Connection, history: Sequence[tuple[int, dict[str, Any]]]) -> str:
    """What the row should say, once each event says it."""
    lacked = '[]'
    for number, detail in history:
        before, lacked = lacked, _both(lacked, detail['changes'].get('missing', ['[]', '[]'])[1])
        if lacked != before:
            detail['changes']['lacked'] = [before, lacked]
            connection.execute(sa.update(_EVENT).where(_EVENT.c.id == number).values(detail=json.dumps(detail, ensure_ascii=False)))
    return lacked


def _both(lacked: str, missing: str) -> str:
    """As domain.dossiers writes it."""
    every = [{'id': paper['id'], 'name': paper['name'], 'why': paper.get('why', 'missing')} for paper in json.loads(lacked) + json.loads(missing)]
    return json.dumps(list({tuple(paper.values()): paper for paper in every}.values()), ensure_ascii=False)


def downgrade() -> None:
    connection = op.get_bind()
    for number, told in connection.execute(sa.select(_EVENT.c.id, _EVENT.c.detail).where(_EVENT.c.detail.contains('"lacked"'))).all():
        detail = json.loads(told)
        detail['changes'].pop('lacked', None)
        connection.execute(sa.update(_EVENT).where(_EVENT.c.id == number).values(detail=json.dumps(detail, ensure_ascii=False)))
    op.drop_column('figure', 'paused')
    op.drop_column('dossier', 'lacked')

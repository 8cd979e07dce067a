"""Papers that were missing in an earlier turn of a visit, also of older ones; and figures that are still to be counted"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'

Columns = dict[str, list[Any]]

_VISIT = sa.table('visit', sa.column('id', sa.BigInteger()), sa.column('day', sa.Date()), sa.column('lacked', sa.Text()))
_EVENT = sa.table(
    'visit_event', sa.column('id', sa.BigInteger()), sa.column('visit_id', sa.Integer()), sa.column('kind', sa.String()), sa.column('changes', sa.Text())
)
_SOURCES = ('visit', 'feedback', 'dossier', 'question')
_AT_ONCE = 500


def upgrade() -> None:
    op.add_column('visit', sa.Column('lacked', sa.Text(), server_default='[]', nullable=False))
    recount = op.create_table('recount',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('from_month', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_recount'))
    )
    connection = op.get_bind()
    days, uncounted = list(_filled(connection)), _never_counted(connection)
    if days or uncounted:
        first = None if uncounted else min(days).replace(day=1)
        connection.execute(recount.insert().values(name='figures', from_month=first))


def _never_counted(connection: sa.Connection) -> bool:
    """There is something to count, and no figure."""
    there = [connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() is not None for name in ('figure', *_SOURCES)]
    return not there[0] and any(there[1:])


def _filled(connection: sa.Connection) -> Iterator[dt.date]:
    """Tells rows and history of the visits that came back the same day what was missing before; gives the days of those that lacked something."""
    back = sa.select(_EVENT.c.visit_id).where(_EVENT.c.kind == 'came_back').distinct().order_by(_EVENT.c.visit_id)
    ids = list(connection.execute(back).scalars())
    for start in range(0, len(ids), _AT_ONCE):
        of_them = sa.select(_EVENT.c.visit_id, _EVENT.c.id, _EVENT.c.kind, _EVENT.c.changes).where(_EVENT.c.visit_id.in_(ids[start : start + _AT_ONCE]))
        rows = connection.execute(of_them.order_by(_EVENT.c.visit_id, _EVENT.c.id)).all()
        for visit_id, history in groupby(rows, key=lambda row: row[0]):
            lacked = _told(connection, [(number, kind, json.loads(changes)) for _, number, kind, changes in history])
            if lacked != '[]':
                there = _VISIT.c.id == visit_id
                connection.execute(sa.update(_VISIT).where(there).values(lacked=lacked))
                yield from connection.execute(sa.select(_VISIT.c.day).where(there)).scalars()


def _told(connection: sa.Connection, history: Sequence[tuple[int, str, Columns]]) -> str:
    """What the row should say, once each event says it: a second end adds what was missing, and one taken back takes it away again."""
    missing = lacked = '[]'
    standing: list[str] = []  # what `lacked` was before each event that was not taken back
    for number, kind, changes in history:
        before = lacked
        if kind == 'undone':
            lacked = standing.pop() if standing else lacked
        else:
            standing.append(lacked)
            lacked = _both(lacked, missing) if kind == 'finished' else lacked
        if lacked != before:
            told = json.dumps({**changes, 'lacked': [before, lacked]}, ensure_ascii=False)
            connection.execute(sa.update(_EVENT).where(_EVENT.c.id == number).values(changes=told))
        missing = changes.get('missing', ['', missing])[1]
    return lacked


def _both(lacked: str, missing: str) -> str:
    """As domain.queue writes it."""
    every = [{'id': paper['id'], 'name': paper['name'], 'why': paper.get('why', 'missing')} for paper in json.loads(lacked) + json.loads(missing)]
    return json.dumps(list({tuple(paper.values()): paper for paper in every}.values()), ensure_ascii=False)


def downgrade() -> None:
    connection = op.get_bind()
    for number, changes in connection.execute(sa.select(_EVENT.c.id, _EVENT.c.changes).where(_EVENT.c.changes.contains('"lacked"'))).all():
        told = {name: both for name, both in json.loads(changes).items() if name != 'lacked'}
        connection.execute(sa.update(_EVENT).where(_EVENT.c.id == number).values(changes=json.dumps(told, ensure_ascii=False)))
    op.drop_table('recount')
    op.drop_column('visit', 'lacked')

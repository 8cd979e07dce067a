"""Digests written before work could be given keep their lines, which are nobody's."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlmodel import Session

from bot.db import schema
from bot.db.store import Store
from bot.domain import centers, digest
from tests.center_day import CENTER, CENTER_OF_FILE, MONDAY

AT = dt.datetime(2026, 11, 23, 10, 20, tzinfo=dt.UTC)


def test_a_line_of_before_is_nobodys_and_can_be_given(store: Store) -> None:
    schema.downgrade(store.engine, "0007")
    with Session(store.engine) as session, session.begin():
        centers.settle(session, (CENTER_OF_FILE,), now=AT)
        session.execute(
            text("INSERT INTO digest (center_id, day, facts, state, made_at) VALUES (:center, :day, '{}', 'told', '2026-11-23 10:20:00+00:00')"),
            {"center": CENTER, "day": MONDAY.isoformat() if store.is_sqlite else MONDAY},
        )
        session.execute(
            text(
                "INSERT INTO digest_line (digest_id, place, kind, number, weight, detail, done_by, reported_by, said)"
                " SELECT id, 1, 'unserved', 2, 12, '{}', '', '', '' FROM digest"
            )
        )
    schema.upgrade(store.engine)
    with Session(store.engine) as session, session.begin():
        found = digest.of(session, CENTER, MONDAY)
        assert found is not None
        line = found.lines[0]
        assert (line.number, line.given_to, line.given_by, line.given_at, line.owner) == (2, "", "", None, 0)
        assert digest.give(session, CENTER, line.id, "staff:3", "", actor="staff:1", now=AT)
        assert [one.day for one in digest.given(session, CENTER, "staff:3")] == [MONDAY]

"""Alembic's entry: the caller hands over an open connection in its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from bot.db import columns, day, figures, leaving, questions, results, staff, tables  # noqa: F401 (their tables belong to the metadata)


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """How a new revision writes our own types, so that it imports little."""
    if kind == "type" and isinstance(item, columns.Moment):
        return "Moment()"
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


_connection = context.config.attributes["connection"]
context.configure(
    connection=_connection,
    target_metadata=columns.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    render_item=_render,
    include_object=lambda item, *_: columns.is_on(_connection.dialect.name, item),
)
with context.begin_transaction():
    context.run_migrations()

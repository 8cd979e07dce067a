"""Figures for managers, summed up beforehand from visits, ratings, dossiers and questions, which remain the truth (DESIGN §8)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, String, Table, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, belongs_to, metadata, moment, only_on, row_id
from bot.db.sums import COUNTERS

# What a row is summed up by: center, span (a day, or the first of a month) and the words of its level; "" where a level leaves one open.
# Levels: a nothing else, f field, p procedure (with its field), c channel, fc, pc both. `procedure` before `field`, so that a procedure
# alone finds its rows.
KEY = ("level", "grain", "center_id", "span", "procedure", "field", "channel")
# For all centers at once, which PostgreSQL would look up in the key one center and span after the other. SQLite is quick at that. It knows no
# centers: with them it was taken for questions about one, and gone down for every procedure, once the key had grown bigger.
ACROSS = ("level", "grain", "span", "procedure", "field", "channel")


class ProcedureField(SQLModel, table=True):
    """The field of the catalog a procedure was first seen with. It never changes: what was counted stays where it was counted."""

    __tablename__ = "procedure_field"
    code: str = Field(primary_key=True)
    field: str


class ProvinceFigure(SQLModel, table=True):
    """What the province published of one indicator for one period, as somebody of a center entered it. `value`: in hundredths, as in
    domain.province_figures. `source`, `source_date`: where it stands and since when. `actor`: who entered it last.
    """

    __tablename__ = "province_figure"
    __table_args__ = (UniqueConstraint("center_id", "first", "last", "indicator"), NEVER_AGAIN)
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    first: dt.date
    last: dt.date
    indicator: str
    value: int
    source: str
    source_date: dt.date
    actor: str
    noted_at: dt.datetime = moment()


# Compared byte by byte, as SQLite does: PostgreSQL finds a row sooner so than by the rules of a language.
_WORD = String().with_variant(String(collation="C"), "postgresql")


def _key() -> list[Column[object]]:
    return [Column(name, Date if name == "span" else _WORD, nullable=False) for name in KEY]


# Named so closely that PostgreSQL takes it for nothing else: a small index looks cheap, and holds all centers.
OF_PROCEDURES = text("level = 'p' AND grain = 'month' AND procedure <> ''")

FIGURE = Table(
    "figure",
    metadata,
    *_key(),
    *(Column(name, BigInteger if name.endswith("minutes") else Integer, nullable=False, server_default="0") for name in COUNTERS),
    PrimaryKeyConstraint(*KEY),
    Index("ix_figure_procedure", "span", "procedure", sqlite_where=OF_PROCEDURES, postgresql_where=OF_PROCEDURES),
    only_on("postgresql", Index("ix_figure_across", *ACROSS)),
    sqlite_with_rowid=False,
)

# kind: wait, serve (item: whole minutes, "017"), hour (item: weekday and local hour, "1-07" from Monday on), missing (item: "why:paper"),
# over_said (item: paper, or "=" and the name somebody typed). n: how many; of an hour also how many of them have a waiting time one can
# trust, and its minutes.
FIGURE_DETAIL = Table(
    "figure_detail",
    metadata,
    Column("kind", _WORD, nullable=False),
    *_key(),
    Column("item", _WORD, nullable=False),
    Column("n", Integer, nullable=False, server_default="0"),
    Column("waits", Integer, nullable=False, server_default="0"),
    Column("minutes", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("kind", *KEY, "item"),
    sqlite_with_rowid=False,
)

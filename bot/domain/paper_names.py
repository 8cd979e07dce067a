"""Which paper of a procedure somebody means by a name they typed."""

from __future__ import annotations

import datetime as dt

from procedures.catalog import Catalog
from procedures.models import Document
from procedures.text import fold


def document(catalog: Catalog, procedure: str, name: str, day: dt.date) -> Document | None:
    """The one with this name, with or without its marks; None where the procedure asks for no such paper."""
    entry = catalog.get(procedure, day) if procedure else None
    typed = fold(name)
    return next((one for one in entry.documents if fold(one.name) == typed), None) if entry is not None else None

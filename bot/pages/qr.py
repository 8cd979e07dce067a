"""QR codes that lead to a page, for the screen and for paper."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET = 2  # modules of white around; the sheet's own white adds to it


def svg(link: str, label: str) -> Markup:
    """An inline drawing without styles of its own, so that a strict content policy holds."""
    rows = modules(link)
    size = len(rows) + 2 * QUIET
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return Markup(
        '<svg class="qr" viewBox="-{0} -{0} {1} {1}" role="img" aria-label="{2}" shape-rendering="crispEdges">'
        '<rect x="-{0}" y="-{0}" width="{1}" height="{1}" fill="#fff"/><path d="{3}" fill="#000"/></svg>'
    ).format(QUIET, size, label, path)


def modules(link: str) -> list[list[bool]]:
    """The code as rows of dark and light."""
    return [[bool(module) for module in row] for row in segno.make(link, error="m", micro=False).matrix]

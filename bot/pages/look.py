"""How a reader wants pages to look: size of text and colours, chosen by plain links and kept in two cookies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SIZE_COOKIE, THEME_COOKIE = "co", "nen"
# The value in the address and the cookie, and what style.css calls it.
SIZES = {"thuong": "", "lon": "large", "rat-lon": "larger"}
THEMES = {"theo-may": "", "nang": "sun", "toi": "dark"}


@dataclass(frozen=True)
class Look:
    size: str = "thuong"
    theme: str = "theo-may"

    @property
    def data_size(self) -> str:
        return SIZES[self.size]

    @property
    def data_theme(self) -> str:
        return THEMES[self.theme]


AS_IT_IS = Look()


def read(cookies: Mapping[str, str]) -> Look:
    """The look kept in the cookies; anything unknown counts as not chosen."""
    size, theme = cookies.get(SIZE_COOKIE, ""), cookies.get(THEME_COOKIE, "")
    return Look(size if size in SIZES else "thuong", theme if theme in THEMES else "theo-may")

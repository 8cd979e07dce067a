"""Numbers as they are written here: 1.050 people, 96,20 percent."""

from __future__ import annotations

_HERE = str.maketrans(",.", ".,")


def grouped(count: int) -> str:
    """1.050"""
    return f"{count:,}".translate(_HERE)


def decimal(value: float, places: int = 1) -> str:
    """96,20"""
    return f"{value:,.{places}f}".translate(_HERE)

"""Features and phrases as flat arrays, so that a query is a few additions over slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Arrays = Mapping[str, npt.NDArray[Any]]
# A key, an item under it, and the item's weight.
Cell = tuple[int, int, float]


class Table:
    """`items[start[k]:start[k + 1]]` belong to key k, each with its weight. Kept small, widened on the way."""

    def __init__(self, start: Ints, items: npt.NDArray[np.int32], weights: npt.NDArray[np.float32]) -> None:
        self.start, self.items, self.weights = start, items, weights
        self.bounds: list[int] = start.tolist()

    @classmethod
    def build(cls, cells: Iterable[Cell], keys: int) -> Table:
        table = np.array(list(cells), dtype=np.float64).reshape(-1, 3)
        numbers = table[:, 0].astype(np.int64)
        order = np.argsort(numbers, kind="stable")
        start = np.concatenate(([0], np.cumsum(np.bincount(numbers, minlength=keys)))).astype(np.int64)
        return cls(start, table[order, 1].astype(np.int32), table[order, 2].astype(np.float32))

    def sums(self, keys: Sequence[int], weights: Sequence[float], height: int) -> Floats:
        """For every item number below `height` the weighted sum over these keys."""
        if not keys:
            return np.zeros(height)
        spans = [(self.bounds[key], self.bounds[key + 1]) for key in keys]
        items = np.concatenate([self.items[a:b] for a, b in spans], dtype=np.int64)
        values = np.concatenate([self.weights[a:b] for a, b in spans], dtype=np.float64)
        values *= np.repeat(weights, [b - a for a, b in spans])
        return np.bincount(items, values, minlength=height).astype(np.float64, copy=False)

    def products(self, spans: Sequence[tuple[int, int]], wanted: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """For every key of these spans (from, to) the sum of `wanted` over its items, by weight. No key may be empty."""
        cells = [(self.bounds[a], self.bounds[b]) for a, b in spans]
        values = wanted.take(np.concatenate([self.items[a:b] for a, b in cells]))
        values *= np.concatenate([self.weights[a:b] for a, b in cells])
        starts = np.concatenate([self.start[a:b] for a, b in spans])
        ends = np.cumsum([b - a for a, b in cells])
        starts += np.repeat([end - b for end, (_, b) in zip(ends.tolist(), cells, strict=True)], [b - a for a, b in spans])
        sums: npt.NDArray[np.float32] = np.add.reduceat(values, starts)
        return sums

    def of(self, key: int) -> list[tuple[int, float]]:
        """The items under one key, with their weights."""
        a, b = self.bounds[key], self.bounds[key + 1]
        return list(zip(self.items[a:b].tolist(), self.weights[a:b].tolist(), strict=True))

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        return {f"{name}.start": self.start, f"{name}.items": self.items, f"{name}.weights": self.weights}

    @classmethod
    def restore(cls, name: str, kept: Arrays) -> Table:
        return cls(kept[f"{name}.start"], kept[f"{name}.items"], kept[f"{name}.weights"])

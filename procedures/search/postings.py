"""Features and phrases as flat arrays, so that a query is a few additions over slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Arrays = Mapping[str, npt.NDArray[Any]]


class Cells(NamedTuple):
    """One row a cell: a key, an item under it, and the item's weight."""

    keys: Ints
    items: Ints
    weights: Floats


class Table:
    """`items[start[k]:start[k + 1]]` belong to key k, each with its weight. Kept small on disk, wide in memory."""

    def __init__(self, start: Ints, items: Ints, weights: Floats) -> None:
        self.start, self.items, self.weights = start, items, weights
        self.bounds: list[int] = start.tolist()

    @classmethod
    def build(cls, cells: Cells, keys: int) -> Table:
        order = np.argsort(cells.keys, kind="stable")
        start = np.concatenate(([0], np.cumsum(np.bincount(cells.keys, minlength=keys)))).astype(np.int64)
        return cls(start, cells.items[order], cells.weights[order].astype(np.float32).astype(np.float64))

    def sums(self, keys: Sequence[int], weights: Sequence[float], height: int) -> Floats:
        """For every item number below `height` the weighted sum over these keys."""
        if not keys:
            return np.zeros(height)
        items, values, sizes = self._parts
        together = np.concatenate([values[key] for key in keys])
        together *= np.array(weights).repeat([sizes[key] for key in keys])
        return np.bincount(np.concatenate([items[key] for key in keys]), together, height).astype(np.float64, copy=False)

    @cached_property
    def _parts(self) -> tuple[list[Ints], list[Floats], list[int]]:
        """Items, weights and their number, for every key: cutting them out anew takes as long as adding them up."""
        spans = list(pairwise(self.bounds))
        return [self.items[a:b] for a, b in spans], [self.weights[a:b] for a, b in spans], [b - a for a, b in spans]

    def products(self, first: int, beyond: int, wanted: Floats) -> Floats:
        """For every key from `first` to before `beyond` the sum of `wanted` over its items, by weight. No key may be empty."""
        a, b = self.bounds[first], self.bounds[beyond]
        values = wanted.take(self.items[a:b])
        values *= self.weights[a:b]
        sums: Floats = np.add.reduceat(values, self.start[first:beyond] - a)
        return sums

    def of(self, key: int) -> list[tuple[int, float]]:
        """The items under one key, with their weights."""
        a, b = self.bounds[key], self.bounds[key + 1]
        return list(zip(self.items[a:b].tolist(), self.weights[a:b].tolist(), strict=True))

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        return {f"{name}.start": self.start, f"{name}.items": self.items.astype(np.int32), f"{name}.weights": self.weights.astype(np.float32)}

    @classmethod
    def restore(cls, name: str, kept: Arrays) -> Table:
        return cls(kept[f"{name}.start"], kept[f"{name}.items"].astype(np.int64), kept[f"{name}.weights"].astype(np.float64))

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

    def sums(self, keys: Ints, weights: Floats, height: int) -> Floats:
        """For every item number below `height` the weighted sum over these keys."""
        if not len(keys):
            return np.zeros(height)
        items, values, sizes = self._parts
        numbers = keys.tolist()
        together = np.concatenate([values[key] for key in numbers])
        together *= weights.repeat(sizes.take(keys))
        return np.bincount(np.concatenate([items[key] for key in numbers]), together, height).astype(np.float64, copy=False)

    @cached_property
    def _parts(self) -> tuple[list[Ints], list[Floats], Ints]:
        """Items, weights and their number, for every key: cutting them out anew takes as long as adding them up."""
        spans = list(pairwise(self.bounds))
        return [self.items[a:b] for a, b in spans], [self.weights[a:b] for a, b in spans], np.diff(self.start)

    def products(self, spans: Sequence[tuple[int, int]], wanted: Floats) -> Floats:
        """For every key of these spans (first, beyond) the sum of `wanted` over its items, by weight. No key may be empty."""
        bounds = self.bounds
        ends = [(bounds[first], bounds[beyond]) for first, beyond in spans]
        values = wanted.take(np.concatenate([self.items[a:b] for a, b in ends]))
        values *= np.concatenate([self.weights[a:b] for a, b in ends])
        starts, place = [], 0
        for (first, beyond), (a, b) in zip(spans, ends, strict=True):
            starts.append(self.start[first:beyond] + (place - a))
            place += b - a
        sums: Floats = np.add.reduceat(values, np.concatenate(starts))
        return sums

    def between(self, first: int, beyond: int) -> Table:
        """The keys from `first` to before `beyond`, numbered anew."""
        a, b = self.bounds[first], self.bounds[beyond]
        return Table(self.start[first : beyond + 1] - a, self.items[a:b], self.weights[a:b])

    def of(self, key: int) -> list[tuple[int, float]]:
        """The items under one key, with their weights."""
        a, b = self.bounds[key], self.bounds[key + 1]
        return list(zip(self.items[a:b].tolist(), self.weights[a:b].tolist(), strict=True))

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        return {f"{name}.start": self.start, f"{name}.items": self.items.astype(np.int32), f"{name}.weights": self.weights.astype(np.float32)}

    @classmethod
    def restore(cls, name: str, kept: Arrays) -> Table:
        return cls(kept[f"{name}.start"], kept[f"{name}.items"].astype(np.int64), kept[f"{name}.weights"].astype(np.float64))

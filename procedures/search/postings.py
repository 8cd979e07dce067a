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
# Items and, as the same bits, weights of 32 bits each: two rows.
Cut = npt.NDArray[np.int32]
Arrays = Mapping[str, npt.NDArray[Any]]


class Cells(NamedTuple):
    """One row a cell: a key, an item under it, and the item's weight."""

    keys: Ints
    items: Ints
    weights: Floats


class Part(NamedTuple):
    """Keys that stand together: their cells, and how many each has."""

    cells: Cut
    sizes: Ints


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
        cells, sizes = self._by_key, self._whole[1]
        items, values = np.concatenate([cells[key] for key in keys.tolist()], axis=1)
        together = weights.repeat(sizes.take(keys))
        together *= values.view(np.float32)
        return np.bincount(items, together, height).astype(np.float64, copy=False)

    def products(self, parts: Sequence[Part], wanted: Floats) -> Floats:
        """For every key of these parts the sum of `wanted` over its items, by weight. No key may be empty."""
        items, weights = np.concatenate([part.cells for part in parts], axis=1)
        values = wanted.take(items)
        values *= weights.view(np.float32)
        lengths = np.concatenate([part.sizes for part in parts])
        sums: Floats = np.add.reduceat(values, lengths.cumsum() - lengths)
        return sums

    def parts(self, first_keys: Sequence[int]) -> list[Part]:
        """All keys, cut before each of these."""
        cells, sizes = self._whole
        return [Part(cells[:, self.bounds[a] : self.bounds[b]], sizes[a:b]) for a, b in pairwise((*first_keys, len(sizes)))]

    @cached_property
    def _whole(self) -> tuple[Cut, Ints]:
        """Items and weights beside one another, and how many each key has."""
        return np.stack((self.items.astype(np.int32), self.weights.astype(np.float32).view(np.int32))), np.diff(self.start)

    @cached_property
    def _by_key(self) -> list[Cut]:
        """The cells of every key: cutting them out anew takes as long as adding them up."""
        cells = self._whole[0]
        return [cells[:, a:b] for a, b in pairwise(self.bounds)]

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

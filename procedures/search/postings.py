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
# A cell in memory, as small as on disk.
_CELL = np.dtype([("item", np.int32), ("weight", np.float32)])
Arrays = Mapping[str, npt.NDArray[Any]]


class Cells(NamedTuple):
    """One row a cell: a key, an item under it, and the item's weight."""

    keys: Ints
    items: Ints
    weights: Floats


class Part(NamedTuple):
    """Keys that stand together: how many, their cells, and how many each has."""

    keys: int
    cells: bytes
    sizes: bytes


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
        cells = self._by_key
        items, values = _joined([cells[key] for key in keys.tolist()])
        together = weights.repeat(self._sizes.take(keys))
        together *= values
        return np.bincount(items, together, height).astype(np.float64, copy=False)

    def products(self, parts: Sequence[Part], wanted: Floats) -> Floats:
        """For every key of these parts the sum of `wanted` over its items, by weight. No key may be empty."""
        items, weights = _joined([part.cells for part in parts])
        values = wanted.take(items)
        values *= weights
        lengths = np.frombuffer(b"".join([part.sizes for part in parts]), np.int64)
        sums: Floats = np.add.reduceat(values, lengths.cumsum() - lengths)
        return sums

    def parts(self, first_keys: Sequence[int]) -> list[Part]:
        """All keys, cut before each of these."""
        cuts = [*first_keys, len(self._sizes)]
        cells = self._cut([self.bounds[key] for key in cuts])
        return [Part(b - a, held, self._sizes[a:b].tobytes()) for held, (a, b) in zip(cells, pairwise(cuts), strict=True)]

    @cached_property
    def _sizes(self) -> Ints:
        """How many cells each key has."""
        return np.diff(self.start)

    @cached_property
    def _by_key(self) -> list[bytes]:
        """The cells of every key: cutting them out anew takes as long as adding them up."""
        return self._cut(self.bounds)

    def _cut(self, bounds: Sequence[int]) -> list[bytes]:
        """The cells between these bounds, as bytes: those of many keys are joined twice as fast as arrays are."""
        cells = np.empty(len(self.items), _CELL)
        cells["item"], cells["weight"] = self.items, self.weights
        whole, size = cells.tobytes(), _CELL.itemsize
        return [whole[a * size : b * size] for a, b in pairwise(bounds)]

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


def _joined(cut: Sequence[bytes]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Items and weights of cells that were cut apart."""
    words = np.frombuffer(b"".join(cut), np.int32)
    return words[::2], words[1::2].view(np.float32)

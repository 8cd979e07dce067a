"""Which rows hold a feature, and how strongly: flat arrays, so that a query is a few additions over slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Arrays = Mapping[str, npt.NDArray[Any]]
# A feature, a row, and what the feature adds to it.
Cell = tuple[int, int, float]


class Postings:
    """`rows[start[f]:start[f + 1]]` are the rows with feature f, `weights` what the feature adds to them."""

    def __init__(self, start: npt.NDArray[np.int64], rows: npt.NDArray[np.int32], weights: npt.NDArray[np.float32], height: int) -> None:
        self.start, self.rows, self.weights, self.height = start, rows, weights, height
        self._spans = list(zip(start[:-1].tolist(), start[1:].tolist(), strict=True))

    @classmethod
    def build(cls, cells: Iterable[Cell], width: int, height: int) -> Postings:
        table = np.array(list(cells), dtype=np.float64).reshape(-1, 3)
        features, rows = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        order = np.argsort(features * height + rows)
        start = np.concatenate(([0], np.cumsum(np.bincount(features, minlength=width)))).astype(np.int64)
        return cls(start, rows[order].astype(np.int32), table[order, 2].astype(np.float32), height)

    def sums(self, features: Sequence[int], weights: Sequence[float] | Floats) -> Floats:
        """For every row the weighted sum over these features."""
        if not features:
            return np.zeros(self.height)
        spans = [self._spans[f] for f in features]
        # Kept small, widened on the way: half the memory to walk through.
        rows = np.concatenate([self.rows[a:b] for a, b in spans], dtype=np.int64)
        values = np.concatenate([self.weights[a:b] for a, b in spans], dtype=np.float64)
        values *= np.repeat(weights, [b - a for a, b in spans])
        return np.bincount(rows, values, minlength=self.height).astype(np.float64, copy=False)

    def shared(self, features: Sequence[int], weights: Sequence[float], row: int) -> list[tuple[int, float]]:
        """What each of these features adds to one row, most first."""
        added = []
        for feature, weight in zip(features, weights, strict=True):
            a, b = self._spans[feature]
            place = a + int(np.searchsorted(self.rows[a:b], row))
            if place < b and self.rows[place] == row:
                added.append((feature, weight * float(self.weights[place])))
        return sorted(added, key=lambda pair: -pair[1])

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {"start": self.start, "rows": self.rows, "weights": self.weights, "height": np.array(self.height)}

    @classmethod
    def restore(cls, kept: Arrays) -> Postings:
        return cls(kept["start"], kept["rows"], kept["weights"], int(kept["height"]))

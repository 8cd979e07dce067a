"""Prints the numbers of decision.NOTHING and decision.RIGHT: `python -m procedures.search.fitting`.

Every phrase of the catalog is asked once while it is left out of the index, a fifth of them at a time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from procedures import loader, search
from procedures.catalog import Catalog
from procedures.search import decision
from procedures.search.decision import Evidence, Model
from procedures.search.postings import Floats

FOLDS = 5
# How often a query means nothing here, and how often the first hit is right: the share each kind of row is given.
NOTHING_SHARE, RIGHT_SHARE = 0.15, 0.8


class Asked(NamedTuple):
    """A phrase that was asked, the procedure it belongs to ("" for one that means nothing), and what came of it."""

    code: str
    evidence: Evidence
    first: str


def main() -> int:
    catalog, problems = loader.read()
    asked = list(ask(catalog, dt.date.today()))
    real = [one for one in asked if one.code]
    nothing = fit([decision.numbers_for_nothing(one.evidence) for one in asked], [not one.code for one in asked], NOTHING_SHARE)
    right = fit([decision.numbers_for_right(one.evidence) for one in real], [one.first == one.code for one in real], RIGHT_SHARE)
    found = sum(one.first == one.code for one in real) / (len(real) or 1)
    sys.stdout.write(f"{len(real)} phrases, first right {found:.1%}, {len(asked) - len(real)} meaning nothing, {len(problems)} problems\n")
    sys.stdout.write(f"NOTHING = {_shown(nothing)}\nRIGHT = {_shown(right)}\n")
    return 0


def ask(catalog: Catalog, today: dt.date, folds: Sequence[int] = range(FOLDS)) -> Iterator[Asked]:
    for fold in folds:
        kept, left_out = leave_out(catalog, fold)
        index = search.build(kept)
        for phrase, code in left_out:
            evidence, hits = index.weigh(phrase, today=today)
            yield Asked(catalog.successor(code), evidence, catalog.successor(hits[0].code) if hits else "")


def leave_out(catalog: Catalog, fold: int) -> tuple[Catalog, list[tuple[str, str]]]:
    """The catalog without a fifth of its phrases, and those phrases with their codes."""
    left_out = [(phrase, "") for phrase in catalog.nothing[fold::FOLDS]]
    kept = {}
    for place, (code, entry) in enumerate(catalog.procedures.items()):
        gone = entry.also[(fold + place) % FOLDS :: FOLDS]
        left_out.extend((phrase, code) for phrase in gone)
        kept[code] = entry.model_copy(update={"also": tuple(phrase for phrase in entry.also if phrase not in gone)})
    nothing = tuple(phrase for number, phrase in enumerate(catalog.nothing) if number % FOLDS != fold)
    return dataclasses.replace(catalog, procedures=kept, nothing=nothing), left_out


def fit(rows: Sequence[Sequence[float]], holds: Sequence[bool], share: float) -> Model:
    """Logistic regression by Newton's steps; `share` is what the rows that hold weigh together."""
    table, wanted = np.array(rows), np.array(holds, dtype=np.float64)
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-9
    design = np.column_stack(((table - mean) / spread, np.ones(len(table))))
    weight = np.where(wanted == 1, share / max(wanted.sum(), 1), (1 - share) / max((1 - wanted).sum(), 1))
    solved: Floats = np.zeros(design.shape[1])
    for _ in range(25):
        likely = 1 / (1 + np.exp(-design @ solved))
        slope = design.T @ ((likely - wanted) * weight) + 1e-3 * solved
        bend = (design * (likely * (1 - likely) * weight)[:, None]).T @ design + 1e-3 * np.eye(len(solved))
        solved = solved - np.linalg.solve(bend, slope)
    weights = solved[:-1] / spread
    return Model(tuple(weights.tolist()), float(solved[-1] - weights @ mean))


def _shown(model: Model) -> str:
    return f"Model(({', '.join(f'{weight:.2f}' for weight in model.weights)}), {model.bias:.2f})"


if __name__ == "__main__":
    sys.exit(main())

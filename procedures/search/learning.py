"""Learns at build how much each word speaks for each procedure: softmax regression of every phrase against its rivals.

A weight exists only where a procedure's own phrases have the feature, so what was learned can be read off word by word.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from procedures.search.postings import Floats, Ints, Table

# How sharply scores tell procedures apart, how strongly weights are held small, and how long to learn.
SHARPNESS, HOLD, ROUNDS, STEP = 3.0, 0.1, 30, 0.2
RIVALS = 16
# So many phrases are compared with all owners at once.
TOGETHER = 256


class _Terms(NamedTuple):
    """One row for each feature a candidate shares with a phrase: `slots` numbers phrase and candidate, `pairs` the weight."""

    slots: Ints
    pairs: Ints
    values: Floats


def learn(phrases: Table, owners: Ints, plain: Table) -> Floats:
    """A weight for every cell of `plain`, which holds owners by feature. Multiplied by SHARPNESS.

    `phrases`: features of length 1; the first ones belong to `owners` and are learned from.
    """
    if not len(owners) or not len(plain.items):
        return np.zeros(len(plain.items))
    height = int(owners[-1]) + 1
    shape = len(owners), min(RIVALS, height)
    spans = [(first, min(first + TOGETHER, len(owners))) for first in range(0, len(owners), TOGETHER)]
    found = [_terms(phrases, owners, plain, span, height) for span in spans]
    return _descend(_Terms(*(np.concatenate(column) for column in zip(*found, strict=True))), shape, len(plain.items))


def _descend(terms: _Terms, shape: tuple[int, int], many: int) -> Floats:
    weights, mean, spread = np.zeros(many), np.zeros(many), np.zeros(many)
    for turn in range(1, ROUNDS + 1):
        scores = np.bincount(terms.slots, weights[terms.pairs] * terms.values, shape[0] * shape[1])
        surprise = _shares(scores.reshape(shape).astype(np.float64, copy=False))
        surprise[:, 0] -= 1.0
        slope = np.bincount(terms.pairs, surprise.ravel()[terms.slots] * terms.values, many) + HOLD * weights
        # Adam: steps of about the same size for frequent and rare words.
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.99 * spread + 0.01 * slope**2
        weights -= STEP * mean / (1 - 0.9**turn) / (np.sqrt(spread / (1 - 0.99**turn)) + 1e-3)
    return weights * SHARPNESS


def _shares(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _terms(phrases: Table, owners: Ints, plain: Table, span: tuple[int, int], height: int) -> _Terms:
    """The terms of some phrases, each with its own owner and the RIVALS that fit it best without having learned."""
    rows, pairs, values = _met(phrases, plain, span)
    places = rows * height + plain.items[pairs]
    scores = np.bincount(places, plain.weights[pairs] * values, (span[1] - span[0]) * height).reshape(-1, height)
    own = owners[span[0] : span[1], None]
    width = min(RIVALS, height)
    np.put_along_axis(scores, own, np.inf, axis=1)
    best = np.argpartition(scores, -width, axis=1)[:, -width:]
    # The right one stands first.
    np.put_along_axis(best, (best == own).argmax(axis=1)[:, None], best[:, :1].copy(), axis=1)
    best[:, :1] = own
    slots = np.full(scores.shape, -1)
    np.put_along_axis(slots, best, np.arange(best.size).reshape(best.shape) + span[0] * width, axis=1)
    found = slots.ravel()[places]
    compared = found >= 0
    return _Terms(found[compared], pairs[compared], values[compared] * SHARPNESS)


def _met(phrases: Table, plain: Table, span: tuple[int, int]) -> tuple[Ints, Ints, Floats]:
    """Phrase (from 0), cell of `plain` and weight, for every cell of `plain` under a feature of these phrases."""
    a, b = phrases.bounds[span[0]], phrases.bounds[span[1]]
    features = phrases.items[a:b]
    many = np.diff(plain.start)[features]
    rows = np.repeat(np.arange(span[1] - span[0]), np.diff(phrases.start[span[0] : span[1] + 1]))
    within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return np.repeat(rows, many), np.repeat(plain.start[features], many) + within, np.repeat(phrases.weights[a:b], many)

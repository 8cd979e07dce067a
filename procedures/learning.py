"""Learns at build how much each word speaks for each procedure: softmax regression of every phrase against its rivals.

A weight exists only where a procedure's own phrases have the feature, so what was learned can be read off word by word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures.postings import Floats

Ints = npt.NDArray[np.int64]
# How sharply scores tell procedures apart, how strongly weights are held small, and how long to learn.
SHARPNESS, HOLD, ROUNDS, STEP = 3.0, 0.1, 30, 0.2


class Example(NamedTuple):
    """A phrase: its features, their weights (of length 1 together), and candidates, the right procedure first."""

    features: Ints
    weights: Floats
    candidates: Ints


class _Terms(NamedTuple):
    """One row for each feature a candidate shares with a phrase: `slots` numbers phrase and candidate, `pairs` the weight."""

    slots: Ints
    pairs: Ints
    values: Floats


def learn(examples: Sequence[Example], features: Ints, groups: Ints) -> Floats:
    """A weight for every pair (features[i], groups[i]), given sorted by feature, then group. Multiplied by SHARPNESS."""
    if not examples or not len(features):
        return np.zeros(len(features))
    width = len(examples[0].candidates)
    terms = _terms(examples, features, groups)
    right = np.zeros((len(examples), width))
    right[:, 0] = 1.0
    weights, mean, spread = (np.zeros(len(features)) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        scores = np.bincount(terms.slots, weights[terms.pairs] * terms.values, minlength=right.size).astype(np.float64)
        surprise = _shares(scores.reshape(right.shape)) - right
        slope = np.bincount(terms.pairs, surprise.ravel()[terms.slots] * terms.values, minlength=len(weights)) + HOLD * weights
        # Adam: steps of about the same size for frequent and rare words.
        mean = 0.9 * mean + 0.1 * slope
        spread = 0.99 * spread + 0.01 * slope**2
        weights -= STEP * mean / (1 - 0.9**turn) / (np.sqrt(spread / (1 - 0.99**turn)) + 1e-3)
    return weights * SHARPNESS


def _shares(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _terms(examples: Sequence[Example], features: Ints, groups: Ints) -> _Terms:
    height = int(groups.max()) + 1
    known = features * height + groups
    found = []
    for number, example in enumerate(examples):
        width = len(example.candidates)
        wanted = (example.features[None, :] * height + example.candidates[:, None]).ravel()
        pairs = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        shared = known[pairs] == wanted
        slots = np.repeat(np.arange(width) + number * width, len(example.features))
        found.append((slots[shared], pairs[shared], np.tile(example.weights * SHARPNESS, width)[shared]))
    slots, pairs, values = (np.concatenate(column) for column in zip(*found, strict=True))
    return _Terms(slots, pairs, values)

"""Builds what the search needs from a catalog's phrases, and keeps it on disk by the hash of catalog and code."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from procedures import concepts, families, features, lexicon, ranking, text
from procedures.catalog import Catalog
from procedures.families import Owner

# What decides the kept numbers besides the catalog.
_CODE = ("concepts", "families", "features", "indexing", "learning", "lexicon", "postings", "ranking", "syllables", "telex", "text")
# Below 1: rare words are heard a little less than their rarity would have it.
RARITY = 0.8
# A phrase of punctuation only is like no query, but still a phrase.
NO_FEATURES = {",": 1.0}
# A pair of words in this many phrases is sure enough to correct others by.
OFTEN = 3
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Built:
    words: lexicon.Lexicon
    ranker: ranking.Ranker


def load_or_build(catalog: Catalog, owners: Sequence[Owner], cache_dir: Path | None) -> Built:
    """The kept index of this catalog and code, else a new one. A folder that cannot be used only costs time."""
    if cache_dir is None:
        return build(catalog, owners)
    file = cache_dir / f"search-{catalog.version}-{_code_version()}.npz"
    kept = _read(catalog, owners, file)
    if kept is None:
        kept = build(catalog, owners)
        _write(kept, file)
    return kept


def build(catalog: Catalog, owners: Sequence[Owner]) -> Built:
    """Everything from scratch; about a second for ten thousand phrases."""
    forms = concepts.forms(catalog.concepts, catalog.abbreviations)
    phrases: list[dict[str, float]] = []
    belongs: list[int] = []
    for number, owner in enumerate(owners):
        for phrase in owner.phrases:
            words = text.words(text.normalise(phrase, catalog.abbreviations))
            phrases.append(features.of(words, [1.0] * len(words), forms) or NO_FEATURES)
            belongs.append(number)
    times = Counter(name for phrase in phrases for name in phrase)
    ids = {name: number for number, (name, _) in enumerate(times.most_common())}
    numbered = [{ids[name]: weight for name, weight in phrase.items()} for phrase in phrases]
    rarity = _rarity(numbered, belongs, len(ids), len(owners))
    competing = sum(families.competes(owner) for owner in owners)
    procedures = sum(owner.kind == "procedure" for owner in owners)
    frequent = sum(count >= OFTEN for count in times.values())
    words_known = lexicon.Lexicon(ids, rarity, frequent, catalog.abbreviations, forms)
    return Built(words_known, ranking.build(numbered, belongs, rarity, competing=competing, procedures=procedures))


def _rarity(phrases: Sequence[dict[int, float]], belongs: Sequence[int], width: int, owners: int) -> list[float]:
    """How much a feature tells: little if many owners use it."""
    holders = [0] * width
    last = [-1] * width
    for phrase, owner in zip(phrases, belongs, strict=True):
        for feature in phrase:
            if last[feature] != owner:
                last[feature] = owner
                holders[feature] += 1
    return [_rare(count, owners) for count in holders]


def _rare(holders: int, owners: int) -> float:
    return math.pow(math.log(1 + (owners - holders + 0.5) / (holders + 0.5)), RARITY)


def _read(catalog: Catalog, owners: Sequence[Owner], file: Path) -> Built | None:
    try:
        with np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        names = arrays["names"].tobytes().decode().split("\n")
        rarity: list[float] = arrays["rarity"].tolist()
        ids = {name: number for number, name in enumerate(names)}
        forms = concepts.forms(catalog.concepts, catalog.abbreviations)
        words = lexicon.Lexicon(ids, rarity, int(arrays["frequent"]), catalog.abbreviations, forms)
        ranker = ranking.Ranker.restore(arrays)
        return Built(words, ranker) if len(ranker.owner_start) == len(owners) else None
    except _UNREADABLE:
        return None


def _write(built: Built, file: Path) -> None:
    arrays = {
        **built.ranker.arrays(),
        "names": np.frombuffer("\n".join(built.words.ids).encode(), dtype=np.uint8),
        "rarity": np.array(built.words.rarity),
        "frequent": np.array(built.words.frequent),
    }
    partial = file.with_suffix(f".{os.getpid()}.npz")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, allow_pickle=False, **arrays)
        partial.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _code_version() -> str:
    sources = b"".join((Path(__file__).parent / f"{name}.py").read_bytes() for name in _CODE)
    return hashlib.sha256(sources).hexdigest()[:8]

"""Builds what the search needs from a catalog's phrases, and keeps it on disk by the hash of catalog and code."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path

import numpy as np

from procedures.catalog import Catalog
from procedures.search import concepts, families, features, lexicon, ranking
from procedures.search.families import Owner
from procedures.search.postings import Cells, Floats, Ints
from procedures.search.wording import Wording

# Below 1: rare words are heard a little less than their rarity would have it.
RARITY = 0.8
# A phrase of punctuation only is like no query, but still a phrase.
NO_FEATURE = ","
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
    wording = Wording(catalog.abbreviations)
    forms = concepts.forms(catalog.concepts, wording)
    imported = sum(owner.imported for owner in owners)
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    written = _read_phrases(owners[imported:], wording, forms, numbers.__getitem__)
    titles = _read_phrases(owners[:imported], wording, forms, lambda name: None if _is_pair(name) and name not in numbers else numbers[name])
    found = [known or {numbers[NO_FEATURE]: 1.0} for known in (*titles, *written)]
    belongs = np.repeat(np.arange(len(owners)), [len(owner.phrases) for owner in owners])
    phrases = Cells(
        np.repeat(np.arange(len(found)), [len(phrase) for phrase in found]),
        np.array([feature for phrase in found for feature in phrase], dtype=np.int64),
        np.array([weight for phrase in found for weight in phrase.values()]),
    )
    times = np.bincount(phrases.items[belongs[phrases.keys] >= imported], minlength=len(numbers))
    often = np.argsort(-times, kind="stable")
    phrases = phrases._replace(items=np.argsort(often)[phrases.items])
    names = list(numbers)
    ids = {names[number]: place for place, number in enumerate(often.tolist())}
    rarity = _rarity(phrases, belongs, len(owners), imported)
    words_known = lexicon.Lexicon(ids, rarity, int((times >= OFTEN).sum()), int((times > 0).sum()), wording, forms)
    kinds = ranking.Kinds(
        competing=sum(families.competes(owner) for owner in owners),
        procedures=sum(owner.kind == "procedure" for owner in owners),
        imported=imported,
    )
    return Built(words_known, ranking.build(phrases, belongs, rarity, kinds))


def _read_phrases(owners: Sequence[Owner], wording: Wording, forms: concepts.Forms, numbers: Callable[[str], int | None]) -> list[dict[int, float]]:
    """The features of every phrase, by owner."""
    read = (wording.words(phrase) for owner in owners for phrase in owner.phrases)
    return [features.of(words, [1.0] * len(words), forms, numbers) for words in read]


def _is_pair(name: str) -> bool:
    return " " in name


def _rarity(phrases: Cells, belongs: Ints, owners: int, imported: int) -> Floats:
    """How much a feature tells: little if many owners use it. Only what was written by hand counts, so that thousands of
    imported titles do not change what a word is worth; a word of theirs alone is as rare as one written once."""
    pairs = np.unique(phrases.items * owners + belongs[phrases.keys])
    features_held, holders = pairs // (owners or 1), pairs % (owners or 1)
    many = int(phrases.items.max(initial=-1)) + 1
    held = np.maximum(np.bincount(features_held[holders >= imported], minlength=many), 1)
    rarity: Floats = np.log(1 + (np.maximum(owners - imported - held, 0) + 0.5) / (held + 0.5)) ** RARITY
    return rarity


def _read(catalog: Catalog, owners: Sequence[Owner], file: Path) -> Built | None:
    try:
        with np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        names = arrays["names"].tobytes().decode().split("\n")
        ids = {name: number for number, name in enumerate(names)}
        wording = Wording(catalog.abbreviations)
        forms = concepts.forms(catalog.concepts, wording)
        words = lexicon.Lexicon(ids, arrays["rarity"], int(arrays["frequent"]), int(arrays["written"]), wording, forms)
        ranker = ranking.Ranker.restore(arrays)
        return Built(words, ranker) if len(ranker.owner_start) == len(owners) else None
    except _UNREADABLE:
        return None


def _write(built: Built, file: Path) -> None:
    arrays = {
        **built.ranker.arrays(),
        "names": np.frombuffer("\n".join(built.words.ids).encode(), dtype=np.uint8),
        "rarity": built.words.rarity,
        "frequent": np.array(built.words.frequent),
        "written": np.array(built.words.written),
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
    """Eight hex digits over all code that decides the kept numbers besides the catalog."""
    folder = Path(__file__).parent
    sources = [*sorted(folder.glob("*.py")), folder.parent / "text.py"]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]

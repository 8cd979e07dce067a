"""Every sentence a person reads, kept apart from the code: one YAML file a topic under the language's folder."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
DEFAULT = "vi"


@lru_cache(maxsize=4)
def sentences(language: str = DEFAULT) -> dict[str, str]:
    """All sentences by key: the file's name, a dot, the name in the file."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / language).glob("*.yaml")):
        for name, text in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader).items():
            found[f"{file.stem}.{name}"] = str(text).strip()
    return found


def t(key: str, **values: object) -> str:
    """The sentence of `key` with its {places} filled. Raises KeyError for a key or a place that does not exist."""
    return sentences()[key].format(**values) if values else sentences()[key]

"""Files every page needs, served from memory under an address that changes with their content, so browsers keep them for good."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
PREFIX = "/tinh/"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Static:
    name: str
    body: bytes
    type: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]


@lru_cache(maxsize=1)
def files() -> Mapping[str, Static]:
    """All files by name, read once."""
    return {file.name: Static(file.name, file.read_bytes(), _TYPES[file.suffix]) for file in sorted(FOLDER.iterdir()) if file.suffix in _TYPES}


@lru_cache(maxsize=64)
def address(name: str) -> str:
    """Where `name` is served today. Raises KeyError for a file that does not exist."""
    return f"{PREFIX}{files()[name].version}/{name}"

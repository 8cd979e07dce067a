"""The one place that imports by name.

aiogram costs 4 s and 170 MB to import, alembic, FastAPI and fpdf a second each; `motcua ask` needs none of them. So commands,
channels, migrations and the printed sheet are loaded when they are wanted, always through here, never by an import inside a function.
"""

from __future__ import annotations

import importlib
from types import ModuleType


def load(name: str) -> ModuleType:
    """The module called `name`, imported now."""
    return importlib.import_module(name)

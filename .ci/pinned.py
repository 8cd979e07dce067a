"""Prints the part of constraints.txt that the service itself needs, hashes included: `pinned.py > requirements.txt`.

pip takes hashes only for requirements pinned with ==, so the pins themselves are handed to it; the "# via" notes in constraints.txt
say what belongs to what.
"""

import re
import tomllib
from pathlib import Path

BUILD = "setuptools"  # builds the project itself, without isolation


def name(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement).group().lower().replace("_", "-")


blocks = re.split(r"\n(?=[a-zA-Z0-9])", Path("constraints.txt").read_text(encoding="utf-8").strip())
via = {}
for block in blocks:
    parents = re.findall(r"^ +#(?: +via)? +([A-Za-z0-9._-]+)", block, flags=re.MULTILINE)
    via.setdefault(name(block), set()).update(name(parent) for parent in parents if parent != "via")

needed = {name(item) for item in tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]} | {BUILD}
while more := {child for child, parents in via.items() if parents & needed} - needed:
    needed |= more
print("\n".join(block for block in blocks if name(block) in needed))

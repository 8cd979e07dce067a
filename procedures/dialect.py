"""How the catalog's YAML is read, and where in a file something stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

FieldPath = Sequence[str | int]


class Loader(yaml.CSafeLoader):
    """YAML 1.2's booleans and whole numbers only: `on`, `yes` and `no` are words here, 15:00 is a time and 010 is not eight.
    Days stay text, so that an impossible one is named by its field. A key may not stand twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key.value, str) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
            seen.add(key.value if isinstance(key.value, str) else "")
        return super().construct_mapping(node, deep)


_TAG = "tag:yaml.org,2002:"
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (f"{_TAG}bool", f"{_TAG}int", f"{_TAG}timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(f"{_TAG}bool", re.compile(r"^(?:true|false)$"), list("tf"))
Loader.add_implicit_resolver(f"{_TAG}int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))


def parse(text: str) -> Any:
    """What a file says, marks joined to their letters. Raises yaml.YAMLError."""
    return Loader(unicodedata.normalize("NFC", text)).get_single_data()


def located(file: Path, path: FieldPath) -> tuple[int, str]:
    """The line a field stands on, as near as the file allows, and the way to it in the words of the file."""
    node, line, spoken = _node(file), 1, []
    steps = list(path)
    while steps:
        step = steps.pop(0)
        if isinstance(node, yaml.MappingNode) and isinstance(step, int):
            # A mapping in the file can be numbered pairs in the model, or stand for a list of one.
            if not steps or not isinstance(steps[0], int) or step >= len(node.value):
                continue
            steps.pop(0)
            step = node.value[step][0].value
        spoken.append(str(step))
        found = _child(node, step)
        node, line = found or (None, line)
    return line, ".".join(spoken)


def _node(file: Path) -> Any:
    try:
        return yaml.compose(file.read_text(encoding="utf-8"), Loader=Loader) if file.suffix == ".yaml" else None
    except (yaml.YAMLError, OSError, UnicodeDecodeError):
        return None


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:
    """What a step leads to, and the line that names it."""
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return next(((item, item.start_mark.line + 1) for item in node.value[step : step + 1]), None)
    if isinstance(node, yaml.MappingNode):
        return next(((value, key.start_mark.line + 1) for key, value in node.value if key.value == str(step)), None)
    return None

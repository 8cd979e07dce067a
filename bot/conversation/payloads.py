"""Typed button payloads in at most 64 bytes of text: `tag:argument:argument`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar, dataclass_transform

from bot import errors

LONGEST = 64  # bytes; Telegram's callback data, https://core.telegram.org/bots/api#inlinekeyboardbutton
LARGEST = 2**63 - 1  # what a row's number can be


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST):
        raise ValueError(text)
    return int(text)


_READ: dict[str, Any] = {"str": str, "int": _number, "bool": lambda text: {"0": False, "1": True}[text]}


@dataclass_transform(frozen_default=True)
class Payload:
    """Base of all payloads: frozen dataclasses whose fields are str, int or bool, with a `tag` unique among them."""

    tag: ClassVar[str]

    def __init_subclass__(cls, *, tag: str) -> None:
        cls.tag = tag
        dataclasses.dataclass(frozen=True)(cls)


K = TypeVar("K", bound=type[Payload])


def encode(payload: Payload) -> str:
    """The payload as text. Raises ValueError when it would not fit or could not be read back."""
    values = [getattr(payload, field.name) for field in dataclasses.fields(payload)]  # type: ignore[arg-type]
    parts = [payload.tag, *(str(int(value)) if isinstance(value, bool) else str(value) for value in values)]
    text = ":".join(parts)
    if len(text.encode()) > LONGEST or text.count(":") != len(values):
        raise ValueError(f"payload does not fit: {text!r}")
    return text


class Codec:
    """Reads back the payloads of the given kinds."""

    def __init__(self, kinds: Iterable[type[Payload]]) -> None:
        self._kinds = {kind.tag: kind for kind in kinds}

    def decode(self, text: str) -> Payload:
        """The payload. Raises StalePayload for anything that no kind of today reads."""
        tag, *parts = text.split(":")
        kind = self._kinds.get(tag)
        fields = dataclasses.fields(kind) if kind is not None else ()  # type: ignore[arg-type]
        if kind is None or len(fields) != len(parts):
            raise errors.StalePayload(text)
        try:
            return kind(*(_READ[str(field.type)](part) for field, part in zip(fields, parts, strict=True)))
        except (ValueError, KeyError) as error:
            raise errors.StalePayload(text) from error

"""Payloads fit 64 bytes, come back as they went, and anything else is stale."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.conversation import payloads as codec
from bot.conversation.payloads import Payload
from handlers import payloads

IDS = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True)
FIELDS = {"int": st.integers(0, 10**10), "str": IDS, "bool": st.booleans()}
KINDS = Payload.__subclasses__()


def filled(kind: Any) -> st.SearchStrategy[Payload]:
    return st.builds(kind, **{field.name: FIELDS[str(field.type)] for field in dataclasses.fields(kind)})


@given(st.sampled_from(KINDS).flatmap(filled))
def test_every_payload_comes_back_as_it_went(payload: Payload) -> None:
    text = codec.encode(payload)
    assert len(text.encode()) <= codec.LONGEST
    assert payloads.CODEC.decode(text) == payload


@given(st.text(max_size=80))
def test_any_other_text_is_stale_and_nothing_worse(text: str) -> None:
    with contextlib.suppress(errors.StalePayload):
        assert codec.encode(payloads.CODEC.decode(text))


def test_tags_are_unique() -> None:
    assert len({kind.tag for kind in KINDS}) == len(KINDS)


def test_a_payload_that_would_not_fit_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        codec.encode(payloads.Answer(1, "q" * 40, "o" * 40))
    with pytest.raises(ValueError, match="does not fit"):
        codec.encode(payloads.Open("1:2"))

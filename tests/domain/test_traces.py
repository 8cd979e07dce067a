"""What points to a person is blotted out, and nothing else."""

from __future__ import annotations

import time

import pytest

from bot.domain import traces


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("số tôi 0903 123 456 nhé", "số tôi … nhé"),
        ("cccd 079203001234", "cccd …"),
        ("viết cho lan@example.com", "viết cho …"),
        ("xem https://lua-dao.example/x", "xem …"),
        ("thủ tục 1.001193 là gì", "thủ tục 1.001193 là gì"),
        ("sinh năm 1993, 20.000 đồng", "sinh năm 1993, 20.000 đồng"),
        ("khai tử", "khai tử"),
    ],
)
def test_what_is_blotted_out(said: str, kept: str) -> None:
    assert traces.blotted(said) == kept


def test_one_word_as_long_as_a_message_may_be_is_read_at_once() -> None:
    began = time.perf_counter()
    for word in ("ạ" * 8192, "a." * 4096, "@" * 8192, "1" * 8192, "www" * 2730):
        traces.blotted(word)
    assert time.perf_counter() - began < 1

"""What points to a person is blotted out, and nothing else."""

from __future__ import annotations

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

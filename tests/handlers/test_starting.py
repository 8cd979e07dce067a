"""Links into the private chat open what they name."""

from __future__ import annotations

import re

import pytest

from bot.conversation.context import Premises
from handlers import starting
from procedures.catalog import Catalog
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE

FITS = re.compile(r"[A-Za-z0-9_-]{1,64}")  # https://core.telegram.org/bots/features#deep-linking


def test_every_code_of_the_catalog_fits_a_start_parameter_and_comes_back(real_catalog: Catalog) -> None:
    wrong = [
        code for code in real_catalog.procedures if not FITS.fullmatch(starting.parameter(code)) or starting.code_of(starting.parameter(code)) != code
    ]
    assert wrong == []


def test_what_would_not_fit_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="no start parameter"):
        starting.parameter("x" * 64)


async def test_a_link_from_a_group_opens_its_procedure(talk: Talk) -> None:
    assert "Có giấy báo tử của người mất không?" in await talk.read("/start p-1_000656", kind="start")
    assert "Câu 2" in await talk.read("1"), "and the dialog goes on"


@ONE_DATABASE
@pytest.mark.parametrize(
    "typed", ["", "/start", "/start p-", "/start p-9_999999", "/start x", "/start p-1_000656 ", "/start p-1.000656", "/start ../etc"]
)
async def test_any_other_start_is_greeted_or_understood(talk: Talk, typed: str) -> None:
    said = await talk.read(typed, kind="start")
    assert ("Có giấy báo tử" in said) is (typed.strip() == "/start p-1_000656")
    assert "Một Cửa" in said or "Câu 1" in said


def test_without_a_name_of_the_bot_links_lead_to_the_web(tiny: Premises) -> None:
    assert starting.link(tiny, "telegram:1", "1.000656") == "https://motcua.example/thu-tuc/1.000656"
    assert starting.link(tiny, "telegram:1") == "https://motcua.example/"

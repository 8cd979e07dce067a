"""The page where anybody with a slip looks up how far it is: whole codes only, no name, and not too fast."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.channels.webchat import dossier as page
from bot.channels.webchat.limits import OWN_NETWORK
from bot.domain import centers, dossiers, working_days
from tests.channels.webchat.visitor import Page

CODE = "H12.34-231126-0012"


@pytest.fixture
async def center(app: App) -> str:
    await app.store.write(centers.settle, app.premises.directory.all, now=clock.now())
    return app.premises.center.id


def received(session: Session, center_id: str, code: str, *, now: dt.datetime) -> str:
    works = dossiers.works(session, center_id, clock.today(now))
    slip = dossiers.Slip("1.000656", "ho-tich", working_days.promise(now, None, works), code=code)
    return dossiers.receive(session, center_id, slip, now, actor="staff:1", now=now).receipt


async def look(client: httpx.AsyncClient, code: str) -> Page:
    return Page(await client.get(page.PATH, params={"ma": code}))


async def test_the_page_asks_for_nothing_but_the_code(client: httpx.AsyncClient) -> None:
    asked = Page(await client.get(page.PATH))
    assert asked.status == 200
    assert asked.form(page.PATH).fields == [("ma", "")]
    assert "set-cookie" not in asked.answer.headers


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), "H12.34 – 231126 – 0012", " h1234 231126 0012 "])
async def test_the_whole_code_shows_where_it_stands(app: App, client: httpx.AsyncClient, center: str, typed: str) -> None:
    await app.store.write(received, center, CODE, now=clock.now())
    found = await look(client, typed)
    assert f"{CODE}: đang giải quyết" in found.text
    assert found.answer.headers["cache-control"] == "no-store"
    assert "noindex" in found.answer.headers["x-robots-tag"]


@pytest.mark.parametrize("typed", [CODE[:-1], "%", "H12", "0012", "' OR 1=1 --", "x" * 500, "\0"])
async def test_parts_of_a_code_and_nonsense_show_nothing(app: App, client: httpx.AsyncClient, center: str, typed: str) -> None:
    await app.store.write(received, center, CODE, now=clock.now())
    found = await look(client, typed)
    assert found.status == 200
    assert "Chưa thấy hồ sơ nào mang mã này" in found.text
    assert "giải quyết" not in found.text


async def test_our_own_code_is_worth_nothing_without_its_end(app: App, client: httpx.AsyncClient, center: str) -> None:
    receipt = await app.store.write(received, center, "", now=clock.now())
    assert "Chưa thấy" in (await look(client, receipt[:-5])).text
    assert "đang giải quyết" in (await look(client, receipt)).text


async def test_who_guesses_is_told_to_wait(client: httpx.AsyncClient) -> None:
    most = int(page.LOOKUPS_OF_NETWORK.burst * OWN_NETWORK)
    answers = [(await client.get(page.PATH, params={"ma": f"H12-{number}"})).status_code for number in range(most + 60)]
    assert answers[most - 1] == 200
    assert answers[-1] == 429
    assert (await client.get(page.PATH)).status_code == 200, "the form itself is free"

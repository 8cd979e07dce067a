"""What leaves the console as a file is written down, whichever page it leaves from: the pages are those the router has."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session
from starlette.routing import Route

from bot.app import App
from bot.console.console import Console
from bot.console.desk import HOME
from bot.console.exports import MIMES
from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.staff import Audit
from bot.domain import audit
from bot.messages import Reply
from tests.console import figures_days
from tests.console.conftest import HERE, THERE, SignIn
from tests.console.figures_days import DEATH, WEEK

GIVEN = {"center": HERE, "id": "1", "id:int": "1", "section": "giay-to", "message:int": "1", "link": "x"}
STREAMS = ("/song",)  # they never end
NOTICE = upsert.table(Notice)
EXPORTS = {
    "/so-lieu/tep": "figures.export",
    "/{center}/so-lieu/tep": "figures.export",
    "/{center}/so-lieu/bao-cao.pdf": "figures.export",
    "/{center}/ho-so/bang": "dossier.export",
    "/{center}/thong-bao/{id:int}/bang.csv": "notice.export",
    "/{center}/nhat-ky.csv": "audit.export",
}
NOTHING_THERE = {
    "/{center}/luyen-tap/{id:int}", "/{center}/thong-bao/{id:int}/anh", "/{center}/hoi-dap/{id:int}/tep/{message:int}",
}  # fmt: skip


@pytest.fixture
async def furnished(app: App) -> App:
    """With one at least of everything that has a number in its address."""
    await figures_days.furnish(app.store, HERE)
    await figures_days.named(app.store, HERE, "Nghỉ lễ")
    await app.store.write(lambda session: session.execute(update(NOTICE).values(reply=Reply().model_dump_json())))
    await figures_days.count(app.store)
    return app


def pages(app: App) -> list[str]:
    """Below HOME, as the router has them."""
    own = app.console
    assert isinstance(own, Console)
    found = [route.path for route in own.router.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return [path.removeprefix(HOME) for path in found if path.startswith(HOME) and not path.endswith(STREAMS)]


def address(path: str) -> str:
    for name, value in GIVEN.items():
        path = path.replace(f"{{{name}}}", value)
    return f"{HOME}{path}?{WEEK}&kieu=xlsx"


def rows(session: Session) -> list[Any]:
    return list(session.execute(select(Audit).order_by(upsert.table(Audit).c.id)).scalars())


async def test_every_file_of_data_leaves_one_row_and_every_other_page_none(furnished: App, sign_in: SignIn) -> None:
    admin = await sign_in("admin", "*")
    told, nothing_there = {}, set()
    for path in pages(furnished):
        before = len(await furnished.store.read(rows))
        answer = await admin.client.get(address(path))
        new = (await furnished.store.read(rows))[before:]
        if answer.status_code == 404:
            nothing_there.add(path)
        elif answer.headers.get("content-type") in MIMES.values():
            [row] = new
            told[path] = row.action
            assert row.actor == admin.actor
            assert row.center_id == (HERE if "{center}" in path else "")
            assert f'"file":"{answer.headers["content-disposition"].rpartition(".")[2][:-1].upper()}"' in row.after
        else:
            assert new == [], path
    assert told == EXPORTS
    assert nothing_there == NOTHING_THERE, "a page nobody looked at here may be one that lets data out"
    assert await furnished.store.read(audit.verify) is None


async def test_what_is_refused_leaves_no_row(furnished: App, sign_in: SignIn) -> None:
    somebody = await sign_in("manager", THERE)
    before = len(await furnished.store.read(rows))
    for path in EXPORTS:
        assert (await somebody.client.get(address(path))).status_code == 403, path
    for wrong in ("/{center}/so-lieu/tep", "/{center}/thong-bao/{id:int}/bang.csv"):
        own = address(wrong).replace(HERE, THERE) + "&muc=khong-co"  # a section and a notice that are not there
        assert (await somebody.client.get(own)).status_code == 404, wrong
    assert len(await furnished.store.read(rows)) == before


async def test_the_log_says_which_figures_were_taken_along(furnished: App, sign_in: SignIn) -> None:
    manager = await sign_in("manager", name="chị Mai")
    await manager.client.get(f"{HOME}/{HERE}/so-lieu/tep?ky=thang&ngay=2026-10-05&muc=giay-to&thu-tuc={DEATH}&kenh=web&kieu=csv")
    await manager.client.get(f"{HOME}/{HERE}/ho-so/bang?ngay=2026-10-05&kieu=xlsx")
    text = (await manager.open("nhat-ky")).text
    assert f"chị Mai ({manager.id}) Xuất số liệu Tháng 10/2026 (CSV)" in text
    assert "Phần: Giấy tờ" in text
    assert "Trang web" in text.partition("Lọc: ")[2][:80]
    assert "Tải hồ sơ ra tệp (XLSX)" in text
    assert "Số dòng: 0" in text

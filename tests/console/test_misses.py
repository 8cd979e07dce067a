"""The work list for new phrases."""

from __future__ import annotations

import pytest

from bot import clock
from bot.app import App
from bot.db.enums import Role
from bot.domain import misses
from tests.console.conftest import HERE, SignIn


@pytest.mark.parametrize("role", ["clerk", "lead", "manager", "auditor", "admin"])
async def test_all_staff_see_what_nobody_could_answer(app: App, sign_in: SignIn, role: Role) -> None:
    for said in ("làm giấy thông hành vũ trụ", "làm giấy thông hành vũ trụ", "giấy thông hành vũ trụ làm", "<b>bay lên trăng</b> 0912345678"):
        await app.store.write(misses.keep, said, HERE, now=clock.now())
    page = await (await sign_in(role)).open("cau-chua-hieu")
    assert page.status == 200
    assert "làm giấy thông hành vũ trụ" in page.text
    assert "Cũng hỏi: giấy thông hành vũ trụ làm" in page.text
    assert "0912345678" not in page.text


async def test_an_empty_list_says_so(sign_in: SignIn) -> None:
    assert "Chưa có câu nào" in (await (await sign_in("clerk")).open("cau-chua-hieu")).text

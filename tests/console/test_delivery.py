"""The operators' page of what leaves."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select, update

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.enums import Role
from bot.db.tables import Outbox
from bot.domain import audit, outbox, senders
from bot.messages import Reply, Say
from tests.console.conftest import HERE, SignIn
from tests.domain.leaving import notice, states

_TABLE = upsert.table(Outbox)
PAGE = f"{HOME}/{HERE}/gui-di"
SECRET = "chuyện riêng của chị Lan"


async def row(app: App, state: str, reason: str, **values: object) -> int:
    made = await app.store.write(outbox.put, "telegram:1", "lan-chat", Reply(blocks=(Say(text=SECRET),)), now=clock.now())
    settled = None if state in ("queued", "retry") else clock.now()
    values = {"state": state, "reason": reason, "settled_at": settled, "not_before": clock.now() if state == "retry" else None} | values
    await app.store.write(lambda session: session.execute(update(_TABLE).where(_TABLE.c.id == made).values(**values)) and None)
    return made


async def state(app: App, number: int) -> str:
    return str(await app.store.read(lambda session: session.execute(select(_TABLE.c.state).where(_TABLE.c.id == number)).scalar_one()))


async def test_operators_see_what_waits_why_it_was_refused_and_nothing_of_anybody(app: App, sign_in: SignIn) -> None:
    await row(app, "queued", "", created_at=clock.now() - dt.timedelta(minutes=5))
    await row(app, "refused", "Forbidden: bot was blocked <b>")
    await row(app, "unknown", "timed out")
    await app.store.write(senders.pause, "telegram:1", clock.now() + dt.timedelta(minutes=2), "Flood control")
    page = await (await sign_in("lead")).open("gui-di")
    assert page.status == 200
    for words in ("5 phút", "Forbidden: bot was blocked <b>", "timed out", "Flood control", "Telegram"):
        assert words in page.text
    assert SECRET not in page.text
    assert "lan-chat" not in page.text


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("volunteer", 403), ("auditor", 200), ("manager", 200)])
async def test_who_may_see_it(app: App, sign_in: SignIn, role: Role, status: int) -> None:
    assert (await (await sign_in(role)).open("gui-di")).status == status


async def test_an_auditor_sees_no_button_and_a_post_by_hand_is_refused(app: App, sign_in: SignIn) -> None:
    number = await row(app, "unknown", "timed out")
    auditor = await sign_in("auditor")
    page = await auditor.open("gui-di")
    assert 'value="retry"' not in page.text
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    assert (await auditor.post(PAGE, {"ma": token, "so": str(number), "viec": "retry"})).status == 403
    assert await state(app, number) == "unknown"


async def test_a_row_is_tried_again_or_dropped_with_an_audit_row(app: App, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    refused, waiting = await row(app, "refused", "Bad Request"), await row(app, "retry", "busy")
    page = await lead.open("gui-di?tinh-trang=refused")
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    done = await lead.post(PAGE, {"ma": token, "so": str(refused), "viec": "retry", "tinh-trang": "refused"})
    assert "Đã xếp lại" in done.text
    assert "Đã bỏ tin này" in (await lead.post(PAGE, {"ma": token, "so": str(waiting), "viec": "drop", "tinh-trang": "retry"})).text
    assert (await state(app, refused), await state(app, waiting)) == ("retry", "skipped")
    kept = await app.store.read(audit.read, audit.Filter((HERE, "")), limit=5)
    assert [(one.action, one.actor, one.subject) for one in kept if one.action.startswith("delivery")] == [
        ("delivery.drop", lead.actor, f"outbox:{waiting}"), ("delivery.retry", lead.actor, f"outbox:{refused}"),
    ]  # fmt: skip
    again = await lead.post(PAGE, {"ma": token, "so": str(waiting), "viec": "drop", "tinh-trang": "retry"})
    assert "vừa đổi tình trạng" in again.text


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "-1"])
async def test_a_number_that_is_none_is_not_found(app: App, sign_in: SignIn, number: str) -> None:
    lead = await sign_in("lead")
    token = dict((await lead.open("gui-di")).form(f"{HOME}/ra").fields)["ma"]
    assert (await lead.post(PAGE, {"ma": token, "so": number, "viec": "retry"})).status == 404


async def test_rows_of_another_centers_notice_are_neither_shown_nor_touched(app: App, sign_in: SignIn) -> None:
    other = await notice(app.store, "mai", text="Của nơi khác", bot="telegram:1", center_id="binh-hoa")
    await app.store.write(lambda session: session.execute(update(_TABLE).values(state="retry", reason="busy", not_before=clock.now())) and None)
    (number,) = await app.store.read(lambda session: session.execute(select(_TABLE.c.id)).scalars().all())
    lead = await sign_in("lead")
    page = await lead.open("gui-di?tinh-trang=retry")
    assert "Của nơi khác" not in page.text
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    await lead.post(PAGE, {"ma": token, "so": str(number), "viec": "drop"})
    assert await states(app.store, other) == {"mai": ("retry", "busy")}

"""The page of who can be told something today, and what the delivery page says of tokens and of bots nobody serves."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.enums import Role
from bot.db.leaving import ProviderToken
from bot.db.tables import Account
from bot.domain import consent, outbox, people, provider_tokens, reach, senders
from bot.domain.audience import NOTICES
from bot.domain.consent import Who
from bot.domain.provider_tokens import Given
from bot.messages import Reply, Say
from tests.console.conftest import HERE, SignIn

OLD, ZALO = "telegram:9", "zalo_oa:1"
PAGE = f"{HOME}/{HERE}/gui-di"
DAY = dt.timedelta(days=1)
_ACCOUNT, _TOKEN = upsert.table(Account), upsert.table(ProviderToken)


async def person(app: App, name: str, bot: str, *, seen: dt.timedelta = dt.timedelta()) -> Who:
    """Somebody who agreed to notices."""
    known = await app.store.write(people.account_of, bot, name, now=clock.now() - seen)
    who = Who(known.person_id, HERE, NOTICES, known.account_id)
    await app.store.write(consent.give, who, "câu đã đọc", "telegram", now=clock.now())
    return who


async def waiting(app: App, address: str) -> None:
    letter = Reply(blocks=(Say(text="Sáng mai chị có hẹn."),))
    await app.store.write(outbox.put, OLD, address, letter, kind="reminder", now=clock.now())


async def token(app: App) -> None:
    await app.store.write(provider_tokens.settle, ZALO, "the operator's")
    await app.store.write(provider_tokens.keep, ZALO, "the operator's", Given("access", "next", DAY), now=clock.now())


async def test_the_page_says_who_can_be_told_and_why_the_others_cannot(app: App, sign_in: SignIn) -> None:
    for name in ("lan", "minh"):
        await person(app, name, "telegram:1")
    await person(app, "ba", ZALO, seen=3 * DAY)
    await person(app, "tư", OLD)
    await app.store.write(people.gone, "telegram:1", "minh", "Forbidden: bot was blocked by the user")
    await app.store.write(reach.settle_windows, ZALO, 2 * DAY, now=clock.now())
    await app.store.write(senders.settle, {"web", "telegram:1", ZALO}, now=clock.now())
    page = await (await sign_in("lead")).open("gui-di/lien-lac")
    for words in ("Gửi thông báo được cho 1 trong 4 người", "Zalo quá hạn nhắn", "Không tới: đã chặn", "chỉ có kênh không còn nối"):
        assert words in page.text


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("auditor", 200), ("manager", 200)])
async def test_who_may_see_it(app: App, sign_in: SignIn, role: Role, status: int) -> None:
    assert (await (await sign_in(role)).open("gui-di/lien-lac")).status == status


async def test_rows_of_a_bot_nobody_serves_are_moved_or_dropped_from_the_page(app: App, sign_in: SignIn) -> None:
    who = await person(app, "lan", OLD)
    page_too = await app.store.write(people.account_of, "web", "page", now=clock.now())
    hers = update(_ACCOUNT).where(_ACCOUNT.c.id == page_too.account_id).values(person_id=who.person_id)
    await app.store.write(lambda session: session.execute(hers) and None)
    await person(app, "minh", OLD)
    for name in ("lan", "minh"):
        await waiting(app, name)
    lead = await sign_in("lead")
    assert "không ai gửi" not in (await lead.open("gui-di")).text
    await app.store.write(senders.settle, {"web"}, now=clock.now())
    page = await lead.open("gui-di")
    assert "2 tin của kênh Telegram không ai gửi" in page.text
    fields = {"ma": dict(page.form(f"{HOME}/ra").fields)["ma"], "kenh": OLD}
    assert "Đã chuyển 1 tin" in (await lead.post(f"{PAGE}/kenh", {**fields, "viec": "move"})).text
    assert "Đã bỏ 1 tin" in (await lead.post(f"{PAGE}/kenh", {**fields, "viec": "drop_all"})).text
    assert (await lead.post(f"{PAGE}/kenh", {**fields, "viec": "forget"})).status == 404
    assert await app.store.read(outbox.counts) == {"retry": 1, "skipped": 1}


async def test_an_auditor_sees_the_bot_and_may_not_decide(app: App, sign_in: SignIn) -> None:
    await waiting(app, "lan")
    await app.store.write(senders.settle, {"web"}, now=clock.now())
    auditor = await sign_in("auditor")
    page = await auditor.open("gui-di")
    assert "không ai gửi" in page.text
    assert 'value="drop_all"' not in page.text
    token = dict(page.form(f"{HOME}/ra").fields)["ma"]
    assert (await auditor.post(f"{PAGE}/kenh", {"ma": token, "kenh": OLD, "viec": "drop_all"})).status == 403


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"trouble": "-14014 refresh token", "refused_at": clock.now()}, ("không nhận mã làm mới nữa", "MOTCUA_ZALO_REFRESH_TOKEN", "-14014")),
        ({"trouble": "Zalo is not reached"}, ("Chưa làm mới được mã", "Máy tự thử lại", "Tin còn đi được đến")),
        ({"expires_at": clock.now() - DAY}, ("đã hết hạn", "motcua channels check")),
        ({"refreshed_at": clock.now() - 80 * DAY, "expires_at": clock.now() + DAY}, ("sắp hết hạn", "phải lấy mã mới bằng tay")),
    ],
)
async def test_a_token_in_trouble_says_what_to_do(app: App, sign_in: SignIn, values: dict[str, object], says: tuple[str, ...]) -> None:
    lead = await sign_in("lead")
    await token(app)
    before = (await lead.open("gui-di")).text
    assert not any(words in before for words in says)
    await app.store.write(lambda session: session.execute(update(_TOKEN).values(**values)) and None)
    text = (await lead.open("gui-di")).text
    assert all(words in text for words in says)

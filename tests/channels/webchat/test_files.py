"""What came with a message, and notices, in the web chat."""

from __future__ import annotations

from sqlalchemy import select, update

from bot import clock
from bot.app import App
from bot.channels.webchat import log
from bot.db import upsert
from bot.db.tables import Account, Outbox
from bot.domain import attachments, outbox
from bot.messages import Reply, Say
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.visitor import Page, Visitor
from tests.domain.leaving import notice, set_state
from tests.domain.test_attachments import PDF, png

_TABLE = upsert.table(Outbox)


async def address_of(app: App, visitor: Visitor) -> str:
    await visitor.say("xin chào")
    return str(await app.store.read(lambda session: session.execute(select(Account.address)).scalar_one()))  # type: ignore[call-overload]


async def test_a_picture_is_shown_and_a_file_offered_only_to_whom_it_came(app: App, visitor: Visitor) -> None:
    address = await address_of(app, visitor)
    numbers = [await app.store.write(attachments.keep, content, name, now=clock.now()) for content, name in ((png(), "lịch.png"), (PDF, "mẫu.pdf"))]
    blocks = [await app.store.read(attachments.block, number) for number in numbers]
    row = await app.store.write(outbox.put, "web", address, Reply(blocks=(Say(text="Đây"), *blocks)), now=clock.now())
    page = await visitor.open()
    assert f'src="/tep/{row}/{numbers[0]}" alt="Ảnh kèm tin: lịch.png"' in page.html
    assert "Tải tệp mẫu.pdf" in page.text
    shown = await visitor.client.get(f"/tep/{row}/{numbers[0]}")
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/png", png())
    assert shown.headers["content-disposition"].startswith("inline")
    taken = await visitor.client.get(f"/tep/{row}/{numbers[1]}")
    assert taken.headers["content-disposition"].startswith("attachment")
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert (await visitor.client.get(f"/tep/{row}/99")).status_code == 404
    assert (await visitor.client.get(f"/tep/{2**70}/1")).status_code == 404
    async with connected(app) as stranger:
        assert (await stranger.get(f"/tep/{row}/{numbers[0]}")).status_code == 404


async def test_a_notice_stands_in_the_chat_once_it_was_sent_and_open_pages_hear_of_it(app: App, visitor: Visitor) -> None:
    address = await address_of(app, visitor)
    going = await notice(app.store, address, text="Nghỉ lễ thứ Ba", bot="web", urgent=True)
    await set_state(app.store, going, "paused")
    await visitor.say("còn ai đó không")
    before = (await app.store.read(log.newest, [address]))[address]
    assert "Nghỉ lễ thứ Ba" not in (await visitor.open()).text
    sent = update(_TABLE).where(_TABLE.c.notice_id == going).values(state="sent", settled_at=clock.now())
    await app.store.write(lambda session: session.execute(sent) and None)
    assert (await app.store.read(log.newest, [address]))[address] > before
    page: Page = await visitor.open()
    assert page.text.index("còn ai đó không") < page.text.index("Nghỉ lễ thứ Ba")

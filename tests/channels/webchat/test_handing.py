"""A picture or file for staff from the web chat: only while they are asked, never with an identity paper, and nothing that is refused is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot import clock
from bot.app import App
from bot.channels.webchat import handing
from bot.db import upsert
from bot.db.leaving import Attachment
from bot.db.tables import Account
from bot.domain import centers, outbox, questions, threads
from bot.domain.questions import Asker, Topic
from bot.domain.threads import Message, Said
from handlers import answering
from tests.channels.webchat.visitor import Page, Visitor
from tests.domain.test_attachments import PDF, png

CLEAN = {"sach": "1"}
HERE = handing.PATH


async def asked(app: App, visitor: Visitor, words: str = "Sổ hồng bị mờ một góc có sao không?") -> int:
    """The visitor waits for an answer of staff; the number of the question."""
    await visitor.say("xin chào")
    account = await app.store.read(lambda session: session.execute(select(Account)).scalars().one())
    await app.store.write(centers.settle, app.premises.directory.all, now=clock.now())
    assert account.id is not None
    question = await app.store.write(
        answering.hand_over, app.premises, Asker(account.person_id, account.id), Topic(), Said("citizen", words),
        center_id=app.premises.center.id, now=clock.now(),
    )  # fmt: skip
    await visitor.open()
    return question.id


async def send(visitor: Visitor, fields: dict[str, str], content: bytes = png(), name: str = "góc sổ.png", *, token: str = "") -> Page:
    form = dict((await visitor.open(HERE)).form(HERE).fields)
    answer = await visitor.client.post(HERE, data={"ma": token or form["ma"], **fields}, files={"tep": (name, content)})
    visitor.page = Page(await visitor.client.get(answer.headers["location"]) if answer.status_code == 303 else answer)
    return visitor.page


async def kept(app: App) -> int:
    return int(await app.store.read(lambda session: session.execute(select(func.count()).select_from(upsert.table(Attachment))).scalar_one()))


async def said(app: App, question_id: int) -> list[Message]:
    return await app.store.read(threads.of, [question_id])


async def test_it_reaches_staff_with_its_words_and_stands_in_the_chat_until_staff_take_it_out(app: App, visitor: Visitor) -> None:
    number = await asked(app, visitor)
    assert visitor.page.links["Gửi ảnh hoặc tệp cho cán bộ"] == HERE
    page = await send(visitor, {**CLEAN, "tin": "Đây ạ"})
    assert page.text.index("Đây ạ") < page.text.index("Đã chuyển thêm cho cán bộ")
    assert page.html.index('id="moi"') < page.html.index("Đã chuyển thêm cho cán bộ"), "the reader is led to it"
    assert page.html.index("Đây ạ") < page.html.index('id="moi"')
    _, message = await said(app, number)
    assert (message.side, message.words, message.has_picture) == ("citizen", "Đây ạ", True)
    picture = page.html.partition('src="/tep/')[2].partition('"')[0]
    assert (await visitor.client.get(f"/tep/{picture}")).content == png()
    assert await app.store.write(threads.take_out, message, "staff:1", now=clock.now())
    assert (await visitor.client.get(f"/tep/{picture}")).status_code == 404
    assert await kept(app) == 0
    assert (await visitor.open()).status == 200


async def test_without_an_open_question_there_is_no_form_and_nothing_is_taken(app: App, visitor: Visitor) -> None:
    await visitor.say("xin chào")
    assert "Gửi ảnh hoặc tệp" not in visitor.page.text
    token = dict(visitor.page.form("/gui").fields)["ma"]
    answer = await visitor.client.post(HERE, data={"ma": token, **CLEAN}, files={"tep": ("a.png", png())})
    assert (answer.status_code, await kept(app)) == (422, 0)


@pytest.mark.parametrize(
    ("about", "content", "name", "fields", "says"),
    [
        ("Sổ mờ", png(), "a.png", {}, "Ảnh có giấy tờ tùy thân thì đừng gửi"),
        ("Sổ mờ", png(), "a.png", {**CLEAN, "tin": "căn cước của tôi đây"}, "nói về căn cước"),
        ("Sổ mờ", png(), "CCCD.png", CLEAN, "nói về căn cước"),
        ("Hộ chiếu của con tôi sai tên", png(), "a.png", CLEAN, "nói về căn cước"),
        ("Sổ mờ", b"MZ\x90", "a.png", CLEAN, "Chỉ gửi được ảnh JPG, PNG hoặc tệp PDF"),
        ("Sổ mờ", b"", "a.png", CLEAN, "Chưa chọn ảnh hoặc tệp nào"),
        ("Sổ mờ", png(9000, 2000), "a.png", CLEAN, "dài quá hoặc rộng quá"),
    ],
)  # fmt: skip
async def test_what_is_refused_says_why_and_is_not_kept(
    app: App, visitor: Visitor, about: str, content: bytes, name: str, fields: dict[str, str], says: str
) -> None:
    number = await asked(app, visitor, about)
    page = await send(visitor, fields, content, name)
    assert (page.status, await kept(app), len(await said(app, number))) == (422, 0, 1)
    assert says in page.text


async def test_sent_twice_from_one_page_it_is_there_once(app: App, visitor: Visitor) -> None:
    number = await asked(app, visitor)
    token = dict((await visitor.open(HERE)).form(HERE).fields)["ma"]
    for _ in range(2):
        assert (await send(visitor, CLEAN, PDF, "đơn.pdf", token=token)).status == 200
    assert (len(await said(app, number)), await kept(app)) == (2, 1)
    assert sum((await app.store.read(outbox.counts, "web")).values()) == 3, "greeting, answer, and one thanks"


async def test_somebody_else_and_somebody_in_a_hurry_are_turned_away(app: App, visitor: Visitor) -> None:
    await asked(app, visitor)
    token = dict((await visitor.open(HERE)).form(HERE).fields)["ma"]
    foreign = await visitor.client.post(HERE, data={"ma": token, **CLEAN}, files={"tep": ("a.png", png())}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert (await send(visitor, CLEAN, token="made up")).status == 403
    statuses = [(await send(visitor, CLEAN, png(more=bytes([one])))).status for one in range(7)]
    assert statuses == [200] * 6 + [429]
    await app.store.write(lambda session: questions.close(session, 1, "citizen", now=clock.now()) and None)
    assert (await visitor.open(HERE)).answer.url.path == "/"

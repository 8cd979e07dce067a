"""A whole conversation without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.app import App
from bot.db.store import Store
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.visitor import Visitor


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


def rows(session: Session) -> list[int]:
    return [session.execute(select(func.count()).select_from(kind)).scalar_one() for kind in (Person, Account, Inbox, Outbox)]


async def listed(visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    await visitor.press("Có giấy báo tử")
    await visitor.press("Trong 15 ngày")


async def test_looking_makes_no_rows(app: App, visitor: Visitor) -> None:
    assert "Anh/chị cần làm giấy tờ gì" in visitor.page.text
    for path in ("/", "/khung", "/moi", "/song", "/rieng-tu", "/thu-tuc"):
        await visitor.client.get(path)
    assert await app.store.read(rows) == [0, 0, 0, 0]
    assert "set-cookie" not in visitor.page.answer.headers


async def test_from_a_question_to_the_list(visitor: Visitor) -> None:
    page = await visitor.say("ba em mới mất")
    assert page.status == 200
    assert "ba em mới mất" in page.text
    assert "Câu 1 Có giấy báo tử của người mất không?" in page.text
    page = await visitor.press("Có giấy báo tử")
    assert "quyết định của tòa (đã chọn)" in page.text
    page = await visitor.say("1")
    assert "Trong 15 ngày (đã chọn)" in page.text
    assert "Nộp lại 2 giấy" in page.text
    assert "Đã có trong 3 giấy." in page.text
    assert "Nguồn: thủ tục 1.000656 , Quyết định 163/QĐ-BTP ." in page.text
    assert page.links["In hoặc lưu danh sách"].startswith("/d/")


async def test_the_greetings_lines_work_before_anything_was_said(visitor: Visitor) -> None:
    page = await visitor.press("Chọn theo việc trong nhà")
    assert "Người thân mất" in page.text
    page = await visitor.say("1")
    assert "Khai tử trước" in page.text


async def test_a_number_as_first_words_means_the_greetings_line(visitor: Visitor) -> None:
    page = await visitor.say("2")
    assert "Trong nhà đang có việc gì?" in page.text


async def test_boxes_are_saved_in_one_step_and_stay(visitor: Visitor) -> None:
    await listed(visitor)
    page = await visitor.tick("form", "id_card", "not_a_paper")
    assert page.form("/danh-dau").boxes == {"form": True, "death_notice": False, "id_card": True}
    page = await visitor.tick("death_notice")
    assert page.form("/danh-dau").boxes == {"form": False, "death_notice": True, "id_card": False}
    assert page.html.count("<article") == 1


async def test_ticking_is_not_shown_as_something_said(visitor: Visitor) -> None:
    await listed(visitor)
    page = await visitor.tick("form")
    assert "Đã có giấy này" not in page.text
    assert page.html.count('class="me"') == 3


async def test_a_doubled_submit_is_one_message(app: App, visitor: Visitor) -> None:
    form = visitor.page.form("/gui")
    fields = [*form.fields, ("tin", "sao y bản chính")]
    first, second = await visitor.post("/gui", fields), await visitor.post("/gui", fields)
    assert (first.status_code, second.status_code) == (303, 303)
    page = await visitor.open()
    assert page.html.count('class="me"') == 1
    assert (await app.store.read(rows))[:2] == [1, 1]


async def test_a_doubled_first_message_without_a_cookie_is_one_person(app: App, visitor: Visitor) -> None:
    fields = [*visitor.page.form("/gui").fields, ("tin", "sao y bản chính")]
    async with connected(app) as one, connected(app) as other:
        answers = [await Visitor(client).post("/gui", fields) for client in (one, other)]
    cookies = [answer.headers["set-cookie"].split(";")[0].split(".")[0] for answer in answers]
    assert cookies[0] == cookies[1]
    assert (await app.store.read(rows))[0] == 1


async def test_an_older_menu_can_still_be_used(visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    await visitor.press("Có giấy báo tử")
    page = await visitor.press("Mất đã lâu")
    assert "Đã sửa câu trả lời." in page.text
    page = await visitor.press("Quá 15 ngày")
    assert "Giấy tờ chứng minh người đó đã mất" in page.text


async def test_a_line_that_was_never_offered_does_nothing(app: App, visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    form = next(form for form in visitor.page.forms if form.action == "/chon")
    for row, number in (("999999", "1"), ("x", "1"), ("1", "77"), ("0", "-1"), ("", "")):
        fields = [(name, row if name == "tin-so" else value) for name, value in form.fields]
        answer = await visitor.post("/chon", [*fields, ("chon", number)])
        assert answer.status_code == 409
        assert "Dòng này không còn nữa" in answer.text


async def test_nobody_elses_menu_can_be_pressed(app: App, visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    row = dict(next(form for form in visitor.page.forms if form.action == "/chon" and ("tin-so", "0") not in form.fields).fields)["tin-so"]
    async with connected(app) as client:
        stranger = Visitor(client)
        await stranger.open()
        await stranger.say("sao y bản chính")
        form = stranger.page.form("/chon")
        fields = [(name, row if name == "tin-so" else value) for name, value in form.fields]
        assert (await stranger.post("/chon", [*fields, ("chon", "1")])).status_code == 409


async def test_two_visitors_see_only_their_own(app: App, visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    async with connected(app) as client:
        stranger = Visitor(client)
        page = await stranger.open()
        assert "ba em mới mất" not in page.text


async def test_what_is_stored_can_be_seen_and_deleted_from_the_privacy_page(app: App, visitor: Visitor) -> None:
    await listed(visitor)
    await visitor.open("/rieng-tu")
    page = await visitor.press("Xem dữ liệu của tôi")
    assert "Danh sách: Đăng ký khai tử" in page.text
    await visitor.open("/rieng-tu")
    await visitor.press("Xóa dữ liệu của tôi")
    page = await visitor.press("Xóa hết")
    assert "Đã xóa" in page.text
    assert "ba em mới mất" not in page.text

    def left(session: Session) -> int:
        return len(session.execute(select(col(Checklist.id))).all())

    assert await app.store.read(left) == 0


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("xin giấy xác nhận", "Anh/chị cần việc nào dưới đây?"),
        ("hôm nay trời đẹp quá", "Chưa tìm ra việc này"),
        ("đổi bằng lái xe máy", "Việc này không làm ở trung tâm"),
        ("xác nhận thân nhân người có công", "Một Cửa chưa soạn danh sách giấy tờ"),
        ("mã otp là 123456", "Đừng gửi mã này cho ai"),
        ("gặp cán bộ", "Anh/chị hỏi trực tiếp tại"),
    ],
)
async def test_every_kind_of_answer_is_drawn(visitor: Visitor, said: str, shown: str) -> None:
    page = await visitor.say(said)
    assert page.status == 200
    assert shown in page.text


async def test_only_the_newest_of_many_messages_are_drawn_at_first(visitor: Visitor) -> None:
    for number in range(25):
        await visitor.say(f"câu {number} gì đó")
    assert visitor.page.html.count('class="me"') < 25
    page = await visitor.open(visitor.page.links["Xem các tin cũ hơn"])
    assert page.html.count('class="me"') == 25

"""One question at a time; taps may come twice, answers may change, words may come instead of numbers."""

from __future__ import annotations

import pytest

from bot.db.store import Store
from bot.domain import checklists
from bot.messages import Papers
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE, Build

pytestmark = ONE_DATABASE

FIRST = "Câu 1. Có giấy báo tử của người mất không?"
SECOND = "Câu 2. Người đó mất trong vòng 15 ngày nay phải không?"
LIST = "Giấy tờ cho trường hợp của anh/chị"

MOVED = """
code: "1.000001"
name: Thủ tục chuyển hướng
field: ho-tich
handled_by: commune_center
checked: {on: 2026-11-21}
also: [đổi tên con mèo nhà tôi, đặt tên mới cho mèo]
questions:
  - id: what
    ask: Anh/chị cần gì?
    options:
      paper: {label: Nộp giấy này}
      death: {label: Khai tử cho mèo, goes_to: "1.000656"}
      driving: {label: Bằng lái cho mèo, goes_to: bang-lai-xe}
      nothing: {label: Chỉ hỏi cho biết, ends: "Mèo không cần giấy tờ."}
documents: [{id: form, name: Tờ khai, originals: 1}]
fees: [{amount: 0}]
time: {kind: same_day}
submit: [counter]
"""
EXPIRED = MOVED.replace("1.000001", "1.000002").replace("đổi tên con mèo nhà tôi, đặt tên mới cho mèo", "khám răng cho chó").replace(
    "checked:", "valid: {until: 2026-11-01}\nchecked:"
)  # fmt: skip
FILES: dict[str, str | None] = {"ho-tich/1.000001.yaml": MOVED, "ho-tich/1.000002.yaml": EXPIRED}


async def begin(talk: Talk) -> str:
    return await talk.read("ba em mới mất")


async def test_answers_by_number_lead_to_the_list(talk: Talk) -> None:
    assert FIRST in await begin(talk)
    assert SECOND in await talk.read("1")
    said = await talk.read("2")
    assert LIST in said
    assert "Giấy báo tử" in said
    assert "Theo mức của Hội đồng nhân dân tỉnh" in said
    assert "Nguồn: thủ tục 1.000656, Quyết định 163/QĐ-BTP. Kiểm tra ngày 21/11/2026." in said


async def test_a_double_tap_counts_once_and_leads_on(talk: Talk) -> None:
    await begin(talk)
    first = await talk.read(payload="a:1:proof:paper")
    again = await talk.read(payload="a:1:proof:paper")
    assert SECOND in first
    assert SECOND in again
    assert "Đã ghi câu trả lời này từ trước." in again


async def test_the_same_update_twice_is_answered_once(talk: Talk) -> None:
    await begin(talk)
    assert len(await talk.say(payload="a:1:proof:paper", update="tap")) == 1
    assert await talk.say(payload="a:1:proof:paper", update="tap") == []


async def test_an_earlier_button_changes_the_answer(talk: Talk) -> None:
    await begin(talk)
    await talk.say(payload="a:1:proof:paper")
    await talk.say(payload="a:1:late:on_time")
    said = await talk.read(payload="a:1:proof:long_ago")
    assert "Đã sửa câu trả lời." in said
    assert "Giấy tờ chứng minh người đó đã mất" in said
    assert "☐ 2. Giấy báo tử" not in said


@pytest.mark.parametrize("payload", ["a:1:proof:gone", "a:1:gone:paper", "a:1:late:paper"])
async def test_a_button_whose_option_is_gone_asks_what_still_matters(talk: Talk, payload: str) -> None:
    await begin(talk)
    said = await talk.read(payload=payload)
    assert "nay không còn dùng được" in said
    assert FIRST in said


@pytest.mark.parametrize(
    "payload", ["a:99:proof:paper", "l:99", "e:99", "c:99:proof", "r:99", "s:99", "ts:99", "t:99:form:1", f"l:{10**30}", f"l:{2**63}"]
)
async def test_a_button_of_a_list_that_does_not_exist_says_so(talk: Talk, payload: str) -> None:
    said = await talk.read(payload=payload)
    assert "không còn" in said
    assert "1. Hỏi một việc khác" in said


@pytest.mark.parametrize("payload", ["zz", "a:1", "a:x:y:z", "", ":", "p:9.999999", "a:-1:proof:paper", "l:١", "ev:khong-co", "🤷"])
async def test_a_payload_nobody_knows_is_answered_kindly(talk: Talk, payload: str) -> None:
    said = await talk.read(payload=payload) if payload else await talk.read(kind="choice")
    assert "Có lỗi" not in said
    assert "0. Hỏi cán bộ" in said


@pytest.mark.parametrize(
    ("said", "answered"),
    [("9", "Không có dòng số 9."), ("12", "Không có dòng số 12."), ("1 2", "Chưa khớp với dòng nào."), ("ờm", "Chưa khớp với dòng nào.")],
)
async def test_what_fits_no_line_asks_the_same_question_again(talk: Talk, said: str, answered: str) -> None:
    await begin(talk)
    reply = await talk.read(said)
    assert answered in reply
    assert FIRST in reply
    assert SECOND in await talk.read("1"), "the dialog goes on"


@pytest.mark.parametrize("said", ["Có giấy báo tử", "co giay bao tu", "dạ số 1 ạ", "câu một", "1.", "CÓ GIẤY BÁO TỬ"])
async def test_a_label_or_number_in_free_words_answers(talk: Talk, said: str) -> None:
    await begin(talk)
    assert SECOND in await talk.read(said)
    assert "Giấy báo tử" in await talk.read("2")


async def test_another_question_amid_the_interview_begins_anew(talk: Talk) -> None:
    await begin(talk)
    assert "Việc này là: Chứng thực bản sao." in await talk.read("sao y bản chính")


async def test_not_knowing_shows_where_to_ask_and_the_way_back(talk: Talk) -> None:
    await begin(talk)
    await talk.say("1")
    said = await talk.read("không biết")
    assert "Anh/chị hỏi trực tiếp tại" in said
    assert "1. Trả lời tiếp câu đang hỏi" in said
    assert SECOND in await talk.read("1")


@pytest.mark.parametrize("aside", ["gặp cán bộ", "trợ giúp", "dữ liệu của tôi", "lừa đảo"])
async def test_going_back_from_an_aside_takes_no_answer_back(talk: Talk, aside: str) -> None:
    await begin(talk)
    await talk.say("1")
    await talk.say(aside)
    assert SECOND in await talk.read("quay lại")


async def test_going_back_step_by_step_ends_at_the_menu(talk: Talk) -> None:
    await begin(talk)
    await talk.say("1")
    await talk.say("2")
    said = await talk.read("quay lại")
    assert SECOND in said
    said = await talk.read("trở lại")
    assert FIRST in said
    assert "Anh/chị muốn làm gì?" in await talk.read("lui")
    assert "Anh/chị muốn làm gì?" in await talk.read("quay lại")


async def test_going_back_from_ticking_shows_the_list(talk: Talk) -> None:
    await begin(talk)
    for said in ("1", "2", "1"):
        await talk.say(said)
    assert LIST in await talk.read("quay lại")
    assert SECOND in await talk.read("quay lại")


async def test_an_answer_can_be_changed_from_the_list(talk: Talk) -> None:
    await begin(talk)
    for said in ("1", "2"):
        await talk.say(said)
    said = await talk.read("Sửa câu trả lời")
    assert "1. Có giấy báo tử của người mất không? (đang chọn: Có giấy báo tử)" in said
    assert "3. Ai đi khai? (đang chọn: Vợ, chồng, con" in said
    assert "Người khác được ủy quyền" in await talk.read("3")
    assert "Giấy ủy quyền có chứng thực" in await talk.read("2")


async def test_going_back_from_a_question_to_be_changed_shows_the_list(talk: Talk) -> None:
    await begin(talk)
    for said in ("1", "2", "3", "1"):
        await talk.say(said)
    assert LIST in await talk.read("quay lại")


async def test_a_list_being_corrected_is_still_among_mine(talk: Talk) -> None:
    await begin(talk)
    for said in ("1", "2", "quay lại"):
        await talk.say(said)
    assert "1. Đăng ký khai tử" in await talk.read("danh sách")
    assert SECOND in await talk.read("1"), "it goes on where it stood"


async def test_the_interview_goes_on_after_a_restart(talk: Talk, store: Store) -> None:
    await begin(talk)
    again = Talk(store, talk.dispatcher.premises)
    again._updates = iter(range(1000, 2000))  # type: ignore[assignment]
    await again.unread()
    assert SECOND in await again.read("1")


async def test_an_option_that_goes_elsewhere_begins_there(store: Store, build: Build) -> None:
    talk = Talk(store, build(FILES))
    assert "Anh/chị cần gì?" in await talk.read("đổi tên con mèo nhà tôi")
    said = await talk.read("2")
    assert "Trường hợp của anh/chị làm theo việc khác." in said
    assert "Việc này là: Đăng ký khai tử." in said
    assert FIRST in said


async def test_an_option_that_goes_to_another_office_names_it_and_says_why(store: Store, build: Build) -> None:
    talk = Talk(store, build(FILES))
    await talk.say("đổi tên con mèo nhà tôi")
    said = await talk.read("3")
    assert "Trường hợp của anh/chị làm theo việc khác." in said
    assert "Nơi làm: phòng cảnh sát giao thông" in said


async def test_an_option_that_ends_says_why_and_can_be_changed(store: Store, build: Build) -> None:
    talk = Talk(store, build(FILES))
    await talk.say("đổi tên con mèo nhà tôi")
    said = await talk.read("4")
    assert "Chưa cần nộp hồ sơ này" in said
    assert "Mèo không cần giấy tờ." in said
    assert LIST not in said
    assert "Anh/chị cần gì? (đang chọn: Chỉ hỏi cho biết)" in await talk.read("1")
    assert "Chỉ hỏi cho biết (đang chọn: Chỉ hỏi cho biết)" in await talk.read("1")
    assert LIST in await talk.read("1")


async def test_an_expired_entry_gives_no_list(store: Store, build: Build) -> None:
    talk = Talk(store, build(FILES))
    for said in (await talk.read("khám răng cho chó"), await talk.read(payload="p:1.000002")):
        assert "Tờ khai" not in said
        assert "Anh/chị cần gì?" not in said
    assert "Mục này đã hết hạn dùng" in said
    assert "từ ngày 1/11/2026" in said


async def test_an_unfinished_list_of_an_entry_that_expired_meanwhile_gives_no_list(store: Store, build: Build) -> None:
    talk = Talk(store, build(FILES))
    await talk.say("đổi tên con mèo nhà tôi")
    files = {**FILES, "ho-tich/1.000001.yaml": MOVED.replace("checked:", "valid: {until: 2026-11-01}\nchecked:")}
    talk.dispatcher.premises = build(files)
    said = await talk.read("1")
    assert "Mục này đã hết hạn dùng" in said
    assert LIST not in said


async def test_the_list_is_pinned_with_the_version_it_was_made_from(talk: Talk) -> None:
    await begin(talk)
    await talk.say("1")
    await talk.say("2")
    entry = talk.dispatcher.premises.catalog.procedures["1.000656"]
    person = await talk.store.read(lambda session: checklists.latest(session, 1))
    (row,) = person
    assert row.version == row.told_version == entry.version
    assert isinstance(checklists.pinned(row), Papers)

"""The finished list: ticked by numbers, shared as a link, found again; pages for what has no list."""

from __future__ import annotations

import pytest

from bot.db.store import Store
from bot.domain import checklists
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE, Build
from tests.handlers.test_interview import LIST

pytestmark = ONE_DATABASE


async def finished(talk: Talk) -> str:
    await talk.say("ba em mới mất")
    await talk.say("1")
    return await talk.read("2")


async def ticking(talk: Talk) -> str:
    await finished(talk)
    return await talk.read("1")


@pytest.mark.parametrize(
    ("said", "have"),
    [
        (["1 3"], {"form", "id_card"}),
        (["1,2 và 3"], {"form", "death_notice", "id_card"}),
        (["tất cả"], {"form", "death_notice", "id_card"}),
        (["đủ rồi"], {"form", "death_notice", "id_card"}),
        (["1", "tất cả"], {"form", "death_notice", "id_card"}),
        (["tất cả", "tất cả"], {"form", "death_notice", "id_card"}),
        (["1", "2"], {"form", "death_notice"}),
        (["1 3", "1"], {"id_card"}),
        (["1 3", "3 2"], {"form", "death_notice"}),
        (["Tờ khai đăng ký khai tử"], {"form"}),
        (["1 9"], set()),
    ],
)
async def test_papers_are_ticked_by_numbers_and_again_to_untick(talk: Talk, said: list[str], have: set[str]) -> None:
    await ticking(talk)
    for words in said:
        answered = await talk.read(words)
    (row,) = await talk.store.read(checklists.latest, 1)
    assert checklists.ticked(row) == have
    assert answered.count("(đã có)") == len(have)


async def test_ticking_counts_and_ends_with_the_list(talk: Talk) -> None:
    assert "Đã có 0 trong 3 giấy." in await ticking(talk)
    assert "Đã có 2 trong 3 giấy." in await talk.read("1 3")
    assert "Đã đủ 3 giấy." in await talk.read("2")
    said = await talk.read("0")
    assert LIST in said
    assert said.count("☑") == 3


async def test_a_number_that_is_no_paper_is_named_and_ticking_goes_on(talk: Talk) -> None:
    await ticking(talk)
    assert "Không có dòng số 9." in await talk.read("1 9")
    assert "Đã có 2 trong 3 giấy." in await talk.read("1 3")


@pytest.mark.parametrize("kind", ["photo", "sticker", "voice"])
async def test_ticking_several_goes_on_after_something_that_is_no_text(talk: Talk, kind: str) -> None:
    await ticking(talk)
    await talk.say(kind=kind)  # type: ignore[arg-type]
    assert "Đã có 2 trong 3 giấy." in await talk.read("1 3")


async def test_a_box_pressed_twice_stays_ticked(talk: Talk) -> None:
    await finished(talk)
    for _ in range(2):
        said = await talk.read(payload="t:1:form:1")
        assert said.count("☑") == 1


async def test_a_box_of_no_paper_of_the_list_is_ignored(talk: Talk) -> None:
    await finished(talk)
    await talk.say(payload="t:1:mandate:1")
    await talk.say(payload="t:1:nonsense:1")
    (row,) = await talk.store.read(checklists.latest, 1)
    assert checklists.ticked(row) == frozenset()


async def test_the_list_as_a_link_and_as_a_pdf(talk: Talk) -> None:
    await finished(talk)
    (row,) = await talk.store.read(checklists.latest, 1)
    link = f"https://motcua.example/d/{row.token}"
    said = await talk.read("3")
    assert f"1. Mở trang danh sách: {link}\n" in said
    assert f"2. Tải bản PDF để in: {link}.pdf\n" in said


@pytest.mark.parametrize(("number", "ends"), [("1", ""), ("2", ".pdf")])
async def test_typing_the_number_of_a_link_gives_its_address(talk: Talk, number: str, ends: str) -> None:
    await finished(talk)
    (row,) = await talk.store.read(checklists.latest, 1)
    await talk.say("3")
    said = await talk.read(number)
    assert f": https://motcua.example/d/{row.token}{ends}\n" in said
    assert "đã cũ" not in said
    assert LIST in await talk.read("3"), "the menu is still there"


async def test_lists_made_before_are_found_again(talk: Talk) -> None:
    assert "Anh/chị chưa lập danh sách nào." in await talk.read("danh sách của tôi")
    await finished(talk)
    await talk.say("sao y bản chính")
    await talk.say("1")
    said = await talk.read("danh sách")
    assert "Đăng ký khai tử (23/11/2026)" in said
    assert "Chứng thực bản sao (23/11/2026)" in said
    assert LIST in await talk.read("1")


async def test_a_list_whose_entry_left_the_catalog_says_so(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    talk.dispatcher.premises = build({"ho-tich/1.000656.yaml": None, "life_events/nguoi-than-mat.yaml": None})
    said = await talk.read(payload="l:1")
    assert "Danh sách này không còn nữa" in said
    assert "1. 1.000656" in await talk.read("danh sách")


async def test_an_entry_done_elsewhere_names_the_office_and_how_to_start(talk: Talk) -> None:
    said = await talk.read("đổi bằng lái xe máy")
    assert "Việc này không làm ở trung tâm." in said
    assert "Nơi làm: phòng cảnh sát giao thông, công an tỉnh." in said
    assert "Bắt đầu: nộp trên Cổng dịch vụ công quốc gia" in said
    assert "https://dichvucong.gov.vn/" in said
    assert "Kiểm tra ngày 21/11/2026." in said
    assert "0. Hỏi cán bộ" in said


async def test_a_listed_entry_says_that_its_list_is_not_sorted(talk: Talk) -> None:
    said = await talk.read("giấy xác nhận con liệt sĩ")
    assert "Xác nhận thân nhân người có công" in said
    assert "Làm tại trung tâm này." in said
    assert "chưa soạn danh sách giấy tờ theo từng trường hợp" in said
    assert "Nguồn: thủ tục 1.010833, Quyết định 1010/QĐ-BNV. Kiểm tra ngày 21/11/2026." in said
    assert LIST not in said

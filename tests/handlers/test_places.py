"""Asking where a former commune is today: by the menu, by a word, or in the middle of something else; on and on until one leaves."""

from __future__ import annotations

import pytest

from bot.domain import gazetteer
from bot.messages import State
from handlers import payloads, welcome
from tests.fakes import Talk

ASK = "Tên xã, phường, thị trấn cũ là gì?"
MORE = "Cần tra nơi khác, anh/chị cứ gõ tên."
SOURCE = "Nguồn: bảng vietnamadminunits 1.0.4, số liệu đến ngày 23/8/2025."
MENU = "Anh/chị muốn làm gì?"


async def begin(talk: Talk) -> str:
    return await talk.read("xã cũ")


def test_the_menu_has_at_most_six_lines_and_a_person() -> None:
    numbers = [choice.number for choice in welcome.choices()]
    assert numbers == [*range(1, len(numbers)), 0]
    assert len(numbers) <= 7
    assert payloads.CODEC.decode(welcome.choices()[4].payload) == payloads.Places()


@pytest.mark.parametrize("said", ["tra xã", "Xã cũ", "sáp nhập xã", "phuong cu", "xã cũ của tôi nay thuộc xã phường nào?"])
async def test_its_words_ask_for_the_name(talk: Talk, said: str) -> None:
    assert ASK in await talk.read(said)


async def test_a_whole_dialog_by_numbers_and_names(talk: Talk) -> None:
    await talk.say("menu")
    assert ASK in await talk.read("5")
    several = await talk.read("tam hiep")
    assert "Có 7 nơi trùng tên." in several
    assert "3. Phường Tam Hiệp, thành phố Biên Hòa, Đồng Nai" in several
    assert "Gõ thêm huyện hoặc tỉnh cũ" in several
    said = await talk.read("3")
    assert "Phường Tam Hiệp, thành phố Biên Hòa, Đồng Nai nay vẫn là phường Tam Hiệp, tỉnh Đồng Nai." in said
    assert SOURCE in said
    assert MORE in said
    said = await talk.read("P. Bến Nghé Q1")
    assert "Phường Bến Nghé, quận 1, Hồ Chí Minh nay thuộc phường Sài Gòn, thành phố Hồ Chí Minh." in said
    assert MENU in await talk.read("1")
    assert "Chưa tìm ra việc này" in await talk.read("tam hiep")


async def test_a_district_typed_after_the_question_narrows_it(talk: Talk) -> None:
    await begin(talk)
    await talk.say("Quang Trung")
    assert "Có 3 nơi trùng tên." in await talk.read("thái bình")
    assert "Xã Quang Trung, huyện Hưng Hà, Thái Bình nay thuộc" in await talk.read("hưng hà")


async def test_words_that_stand_in_one_shown_line_but_fit_two_places_are_asked_back(talk: Talk) -> None:
    await begin(talk)
    shown = await talk.read("tam hiep")
    assert shown.count("Hà Nội") == 1
    said = await talk.read("ha noi")
    assert "Có 2 nơi trùng tên." in said
    assert "huyện Phúc Thọ" in said


async def test_a_line_can_be_picked_by_its_words(talk: Talk) -> None:
    await begin(talk)
    await talk.say("tam hiep")
    assert "nay vẫn là phường Tam Hiệp" in await talk.read("bien hoa")


async def test_at_most_five_places_are_offered_from_different_provinces(talk: Talk) -> None:
    await begin(talk)
    (reply,) = await talk.say("Quang Trung")
    offered = [choice.label.rsplit(", ", 1)[1] for choice in reply.choices if choice.payload.startswith("xo:")]
    assert len(offered) == len(set(offered)) == 5


async def test_an_older_name_says_what_it_went_into(talk: Talk) -> None:
    await begin(talk)
    said = await talk.read("Nghĩa Hương, Quốc Oai")
    assert "Tên này đã đổi trước tháng 7/2025, khi đó nơi ấy thuộc xã Liệp Nghĩa, huyện Quốc Oai, Hà Nội." in said
    said = await talk.read("van duc")
    assert "1. Xã Văn Đức, thành phố Chí Linh, Hải Dương\n" in said or "1. Phường Văn Đức, thành phố Chí Linh, Hải Dương\n" in said
    assert "2. Xã Kim Đức, huyện Gia Lâm, Hà Nội (tên ấy đã nhập vào đây trước tháng 7/2025)" in said


async def test_a_split_commune_shows_all_parts_and_that_the_hamlet_decides(talk: Talk) -> None:
    await begin(talk)
    said = await talk.read("thị trấn Trâu Quỳ")
    assert "được chia về 2 nơi" in said
    assert "1) Xã Gia Lâm, thành phố Hà Nội" in said
    assert "2) Xã Bát Tràng, thành phố Hà Nội" in said
    assert "tùy thôn, ấp, tổ dân phố" in said


async def test_a_misspelt_name_is_asked_back(talk: Talk) -> None:
    await begin(talk)
    assert "Có phải anh/chị hỏi nơi này?" in await talk.read("xã tamm hiep phuc tho")
    assert "nay thuộc xã Hát Môn" in await talk.read("1")


async def test_a_name_that_is_not_in_the_table_is_said_to_be_missing(talk: Talk) -> None:
    await begin(talk)
    said = await talk.read("asdf qwer")
    assert "Trong bảng không có nơi nào tên giống “asdf qwer”." in said
    assert "nay thuộc xã Hát Môn" in await talk.read("tam hiệp phúc thọ")


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("huyện phúc thọ", "Huyện Phúc Thọ, Hà Nội nay gồm 3 xã, phường: xã Phúc Thọ, xã Phúc Lộc, xã Hát Môn."),
        ("tỉnh bắc giang", "Tỉnh Bắc Giang nay thuộc tỉnh Bắc Ninh, có 58 xã, phường."),
        ("hà nội", "Thành phố Hà Nội nay có 126 xã, phường."),
        ("bắc giang", "Tên này là của nhiều huyện, tỉnh."),
    ],
)
async def test_a_district_or_province_gets_its_units_and_the_question_for_the_commune(talk: Talk, said: str, answered: str) -> None:
    await begin(talk)
    assert answered in await talk.read(said)
    assert "nay thuộc xã Hát Môn" in await talk.read("tam hiệp phúc thọ")


async def test_a_name_of_today_tells_what_it_is_made_of(talk: Talk) -> None:
    await begin(talk)
    said = await talk.read("phường sài gòn")
    assert "Phường Sài Gòn là tên đang dùng" in said
    assert "phường Bến Nghé" in said


async def test_a_question_about_papers_leaves_the_places(talk: Talk) -> None:
    await begin(talk)
    assert "Đăng ký khai tử" in await talk.read("ba em mới mất")


async def test_a_number_that_is_no_line_keeps_the_place(talk: Talk) -> None:
    await begin(talk)
    assert "Không có dòng số 9." in await talk.read("9")
    assert "nay thuộc xã Hát Môn" in await talk.read("tam hiệp phúc thọ")


async def test_a_secret_is_warned_of_also_here(talk: Talk) -> None:
    await begin(talk)
    assert "Đừng gửi mã này cho ai" in await talk.read("mã OTP của tôi là 123456")


@pytest.mark.parametrize("word", ["dừng", "menu"])
async def test_the_common_words_leave(talk: Talk, word: str) -> None:
    await begin(talk)
    await talk.say(word)
    assert "Chưa tìm ra việc này" in await talk.read("tam hiep phuc tho")


async def test_asked_in_one_sentence_anywhere_it_is_answered_at_once(talk: Talk) -> None:
    assert "nay thuộc xã Hát Môn" in await talk.read("xã Tam Hiệp cũ, Phúc Thọ nay thuộc đâu")
    assert "nay thuộc phường Sài Gòn" in await talk.read("bến nghé quận 1")
    await talk.say("dừng")
    await talk.say("ba em mới mất")
    assert "được chia về 2 nơi" in await talk.read("xã Trâu Quỳ cũ nay thuộc xã nào")


@pytest.mark.parametrize("said", ["giấy khai tử cũ ở xã Tam Hiệp", "ba em mới mất ở xã cũ", "sổ cũ phường cấp bị mất"])
async def test_a_question_about_papers_is_not_taken_for_one_about_places(talk: Talk, said: str) -> None:
    assert "vietnamadminunits" not in await talk.read(said)


async def test_a_code_that_is_gone_asks_for_the_name_again(talk: Talk) -> None:
    assert ASK in await talk.read(payload="xo:99999")


def test_every_code_fits_a_button() -> None:
    table = gazetteer.table()
    named = [name.place for key in ("tamhiep", "lison", "saigon") for name in table.named(key)]
    assert {payloads.CODEC.decode(f"xo:{place.code}") for place in named} == {payloads.Place(place.code) for place in named}


async def test_the_answer_is_a_card_with_its_source_and_a_way_out(talk: Talk) -> None:
    await begin(talk)
    (reply,) = await talk.say("xã hát môn")
    (card,) = reply.blocks
    assert isinstance(card, State)
    assert card.source.startswith("Nguồn: ")
    assert [(choice.number, choice.label) for choice in reply.choices] == [(1, "Xong, về trang đầu"), (0, "Hỏi cán bộ")]

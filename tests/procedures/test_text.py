"""Folding, keystroke decoding and evening out of what people type."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures import text
from procedures.search import sounds, syllables, telex, wording
from procedures.search.wording import PAUSE, Word, Wording

MARKED = "đăng ký khai sinh giấy chứng nhận quyền sử dụng đất hộ khẩu thường trú người khuyết tật nghĩa vụ quân sự hòa giải thủy lợi"
TELEX_TONES = {syllables.SHARP: "s", syllables.GRAVE: "f", syllables.HOOK: "r", syllables.TILDE: "x", syllables.DOT: "j", "": ""}
TELEX_LETTERS = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
VNI_TONES = {syllables.SHARP: "1", syllables.GRAVE: "2", syllables.HOOK: "3", syllables.TILDE: "4", syllables.DOT: "5", "": ""}
VNI_LETTERS = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}

# The same vowel twice means a circumflex in Telex: "oao" and "oeo" cannot be typed plainly.
typable = [base for base in sorted(syllables.every()) if all(base.count(vowel) < 2 for vowel in "aeo")]
toned = st.sampled_from(typable).flatmap(
    lambda base: st.sampled_from(
        [base, *(base + tone for tone in (syllables.SHARP, syllables.DOT))]
        if base.endswith(("c", "ch", "p", "t"))
        else [base, *(base + tone for tone in syllables.TONES)]
    )
)


def read(typed: str, **short: str) -> list[Word]:
    return Wording(short).words(typed)


def keys(word: str, letters: dict[str, str], tones: dict[str, str]) -> str:
    base, tone = syllables.split_tone(word)
    return "".join(letters.get(letter, letter) for letter in base) + tones[tone]


@given(st.text())
def test_folding_twice_is_folding_once(given_text: str) -> None:
    assert text.fold(text.fold(given_text)) == text.fold(given_text)


@given(st.text())
def test_folding_never_lengthens(given_text: str) -> None:
    assert len(text.fold(given_text)) <= len(unicodedata.normalize("NFC", given_text))


@given(st.text(alphabet=st.one_of(st.sampled_from(f"{MARKED} ĐƠƯ\u0301\u0323\u034f"), st.characters())))
def test_marks_come_off_whatever_stands_beside_them(given_text: str) -> None:
    decomposed = unicodedata.normalize("NFD", given_text.lower()).replace("đ", "d")
    without = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    assert text.bare(given_text) == unicodedata.normalize("NFC", without)


@given(st.text())
def test_folded_text_has_single_spaces_and_no_marks(given_text: str) -> None:
    folded = text.fold(given_text)
    assert folded == " ".join(folded.split())
    assert "đ" not in folded
    assert not any(unicodedata.category(char) == "Mn" for char in unicodedata.normalize("NFD", folded))


@given(st.text(max_size=3_000))
def test_any_text_can_be_read(given_text: str) -> None:
    assert len(read(given_text)) <= wording.LONGEST * 4


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Đăng ký KHAI SINH", "dang ky khai sinh"),
        ("Hộ tịch—hộ khẩu!!!", "ho tich ho khau"),
        (unicodedata.normalize("NFD", "giấy chứng tử"), "giay chung tu"),
        ("kh\u200bai sinh 😀", "khai sinh"),
        ("", ""),
        ("?!…", ""),
    ],
)
def test_folding(typed: str, folded: str) -> None:
    assert text.fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("giaays khai sinh", "giấy khai sinh"),
        ("ddawng kys keets hoon", "đăng kí kết hôn"),
        ("nguowif khuyeets taatj", "người khuyết tật"),
        ("dduowcj khoong", "được không"),
        ("gia61y chu7ng1 nha65n", "giấy chứng nhận"),
        ("d9a8ng ky1 ta5m tru1", "đăng kí tạm trú"),
    ],
)
def test_raw_keystrokes_are_read_as_vietnamese(typed: str, meant: str) -> None:
    assert read(typed) == read(meant)


@pytest.mark.parametrize("token", ["robot", "facebook", "ct01", "wifi", "passport", "khai", "sinh", "hello", "b2", "14"])
def test_what_spells_no_vietnamese_stays_as_typed(token: str) -> None:
    assert telex.decode(token) == token


@given(toned)
def test_telex_keys_give_the_syllable_back(word: str) -> None:
    decoded = telex.decode(keys(word, TELEX_LETTERS, TELEX_TONES))
    assert syllables.split_tone(decoded) == syllables.split_tone(word)


@given(toned)
def test_vni_keys_give_the_syllable_back(word: str) -> None:
    decoded = telex.decode(keys(word, VNI_LETTERS, VNI_TONES))
    assert syllables.split_tone(decoded) == syllables.split_tone(word)


@given(st.text(alphabet="abcdeghiklmnopqrstuvxywfjz0123456789", min_size=1, max_size=12))
def test_decoding_gives_a_syllable_or_leaves_the_token(token: str) -> None:
    decoded = telex.decode(token)
    assert decoded == token or syllables.well_formed(decoded)


@pytest.mark.parametrize("word", MARKED.split())
def test_words_of_the_trade_are_well_formed(word: str) -> None:
    assert syllables.well_formed(word)


@pytest.mark.parametrize("word", ["robot", "ka", "ce", "ngi", "gha", "mats", "lầp", "xyz", "", "clb"])
def test_what_cannot_be_spoken_is_not_well_formed(word: str) -> None:
    assert not syllables.well_formed(word)


def test_short_forms_are_written_out() -> None:
    short = {"lm": "làm", "gks": "giấy khai sinh", "ntn": "như thế nào", "k": "không", "hk": "hộ khẩu"}
    assert read("lm gks cho bé ntn ạ, k có hk", **short) == read("làm giấy khai sinh cho bé như thế nào ạ , không có hộ khẩu")


def test_a_short_form_of_several_words_wins() -> None:
    short = Wording({"sao y": "chứng thực bản sao", "y": "y tế"})
    assert short.words("xin sao y sao") == read("xin chứng thực bản sao sao")


def test_clauses_are_parted_by_one_pause_and_none_ends_a_text() -> None:
    assert read("mẹ mất... , xóa hộ khẩu?!") == [*read("mẹ mất"), PAUSE, *read("xóa hộ khẩu")]
    assert read("công (trung ương)") == [*read("công"), PAUSE, *read("trung ương")]


@pytest.mark.parametrize(("one", "other"), [("kỹ", "kĩ"), ("quý", "quí"), ("lý lịch", "lí lịch"), ("hòa giải", "hoà giải"), ("thủy", "thuỷ")])
def test_spellings_of_one_word_are_evened_out(one: str, other: str) -> None:
    assert read(one) == read(other)


def test_typed_marks_are_kept_beside_the_plain_word() -> None:
    tu, tu_plain = read("tử tu")
    assert (tu.plain, tu_plain.plain) == ("tu", "tu")
    assert tu.marked
    assert not tu_plain.marked


def test_a_long_text_keeps_its_head_and_its_tail() -> None:
    long = read("đăng ký khai tử " + "dông dài " * 1_000 + "cho ông nội")
    assert long[:4] == read("đăng kí khai tử")
    assert long[-3:] == read("cho ông nội")
    assert len(long) < wording.LONGEST


@pytest.mark.parametrize(("heard", "meant"), [("chú", "trú"), ("xao", "sao"), ("tán", "táng"), ("chút", "chúc"), ("giấy", "dấy"), ("nàm", "làm")])
def test_words_that_sound_alike_share_a_key(heard: str, meant: str) -> None:
    assert sounds.key(text.fold(heard)) == sounds.key(text.fold(meant))

"""What a number, a label or a few words mean in the menu in front of a person."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import choose
from bot.messages import Choice

MENU = (
    Choice(number=1, label="Có giấy chứng sinh", payload="a"),
    Choice(number=2, label="Không, nhưng có người làm chứng", payload="b"),
    Choice(number=3, label="Không có cả hai", payload="c"),
    Choice(number=0, label="Không chắc, cho gặp cán bộ", payload="p"),
)
YES_NO = (Choice(number=1, label="Có", payload="y"), Choice(number=2, label="Chưa", payload="n"), Choice(number=0, label="Hỏi cán bộ", payload="p"))


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("1", "a"), (" 2 ", "b"), ("số 3", "c"), ("chọn 2 nhé", "b"), ("hai", "b"), ("HAI ạ", "b"), ("câu ba", "c"), ("0", "p"),
        ("2.", "b"), ("Có giấy chứng sinh", "a"), ("co giay chung sinh", "a"), ("dạ 1 ạ", "a"),
    ],
)  # fmt: skip
def test_numbers_and_labels_pick(text: str, payload: str) -> None:
    chosen = choose.pick(MENU, text)
    assert chosen is not None
    assert chosen.payload == payload


@pytest.mark.parametrize("text", ["4", "99", "khai sinh", "", "   ", "👍", "1 2", "năm nay", "ba tôi mất"])
def test_what_is_no_number_and_no_label_picks_nothing(text: str) -> None:
    assert choose.pick(MENU, text) is None


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("có", "y"),
        ("dạ có", "y"),
        ("ừ", "y"),
        ("rồi", "y"),
        ("chưa", "n"),
        ("k", "n"),
        ("hông", "n"),
        ("ko có", "n"),
        ("không biết", "p"),
        ("ko rõ", "p"),
    ],
)
def test_yes_no_and_unsure_pick_loosely(text: str, payload: str) -> None:
    chosen = choose.pick(YES_NO, text) or choose.pick_unsure(YES_NO, text) or choose.pick_loosely(YES_NO, text)
    assert chosen is not None
    assert chosen.payload == payload


def test_words_of_one_label_only_pick_it() -> None:
    assert choose.pick_loosely(MENU, "có người làm chứng") == MENU[1]
    assert choose.pick_loosely(MENU, "không") is None, "two options begin with no: ask again rather than guess"


MARRIED = (
    Choice(number=1, label="Cha mẹ đã đăng ký kết hôn", payload="yes"),
    Choice(number=2, label="Chưa kết hôn, chỉ ghi tên mẹ", hint="phần ghi về cha để trống", payload="mother"),
    Choice(number=3, label="Có cha, mẹ là người nước ngoài", payload="foreign"),
    Choice(number=0, label="Hỏi cán bộ", payload="p"),
)


@pytest.mark.parametrize(
    ("text", "payload"), [("rồi", "yes"), ("có", None), ("chưa", None), ("để trống", "mother"), ("đã đăng ký kết hôn", "yes"), ("kết hôn", None)]
)
def test_a_short_word_never_picks_by_the_accident_of_a_first_letter(text: str, payload: str | None) -> None:
    chosen = choose.pick_loosely(MARRIED, text)
    assert (chosen.payload if chosen else None) == payload


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1 3", (1, 3)), ("1,2 và 3", (1, 2, 3)), ("1 1 2", (1, 2)), ("tất cả", (1, 2, 3)), ("1 9", ()), ("1 giấy", ()), ("", ())],
)
def test_several_numbers_pick_several(text: str, numbers: tuple[int, ...]) -> None:
    assert tuple(choice.number for choice in choose.pick_many(MENU, text)) == numbers


@given(st.text(max_size=200))
def test_no_text_makes_choosing_fail(text: str) -> None:
    for found in (choose.pick(MENU, text), choose.pick_loosely(MENU, text)):
        assert found is None or found in MENU
    assert set(choose.pick_many(MENU, text)) <= set(MENU)


def test_a_message_of_nothing_but_small_words_is_read_at_once() -> None:
    began = time.perf_counter()
    for said in ("ạ " * 4000, "dạ vâng " * 1000):
        assert choose.pick(MENU, said) is None
    assert time.perf_counter() - began < 1

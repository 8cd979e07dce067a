"""Plain numbered text, cut to a channel's limit without cutting a letter from its marks."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import plain
from bot.messages import Choice, Paper, Papers, Reply, Say, Source

WORDS = st.lists(st.sampled_from(["giấy", "khai", "sinh.", "Ẩn", "nhà\n", "hộ\n\n", "một", "cửa…", "x" * 30]), max_size=300).map(" ".join)


@given(WORDS, st.integers(40, 300))
def test_parts_fit_and_lose_nothing_but_spaces(text: str, limit: int) -> None:
    parts = plain.split(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet="aáàảãạăắ đê", min_size=0, max_size=400), st.integers(5, 50))
def test_no_letter_is_cut_from_its_marks(text: str, limit: int) -> None:
    for part in plain.split(unicodedata.normalize("NFD", text), limit):
        assert not unicodedata.combining(part[0])


def test_a_cut_falls_at_the_end_of_a_sentence_where_there_is_one() -> None:
    text = "Nộp lại hai giấy ở quầy số hai. Đưa xem căn cước rồi nhận lại ngay sau đó."
    assert plain.split(text, 60)[0] == "Nộp lại hai giấy ở quầy số hai."


def test_a_list_reads_as_numbered_text() -> None:
    papers = Papers(
        title="Giấy tờ", name="Đăng ký khai tử", situation="Có giấy báo tử",
        submit=(Paper(id="f", name="Tờ khai", quantity="1 bản", have=True),), show=(Paper(id="c", name="Căn cước", quantity="bản chính"),),
        source=Source(code="1.000656", decision="163/QĐ-BTP", checked="21/11/2026"),
    )  # fmt: skip
    said = plain.text(Reply(blocks=(papers,), ask="Làm gì tiếp?", choices=(Choice(number=1, label="In"), Choice(number=0, label="Hỏi cán bộ"))))
    assert "☑ 1. Tờ khai: 1 bản." in said
    assert "☐ 2. Căn cước: bản chính." in said
    assert "Nguồn: thủ tục 1.000656, Quyết định 163/QĐ-BTP. Kiểm tra ngày 21/11/2026." in said
    assert said.endswith("1. In\n0. Hỏi cán bộ")


def test_markup_is_only_put_around_escaped_text() -> None:
    said = plain.text(Reply(blocks=(Say(text="<b>x</b>"),), ask="a<b"), bold=lambda text: f"[{text}]", escape=lambda text: text.replace("<", "&lt;"))
    assert said == "&lt;b>x&lt;/b>\n\n[a&lt;b]"

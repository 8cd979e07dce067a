"""What of a text is heard as its need, and how several needs in one message are told apart."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.conversation.context import Premises
from procedures import search
from procedures.catalog import Catalog
from procedures.models import Ambiguous
from procedures.search import needs, wishes
from procedures.search.wording import Word, Wording
from tests.procedures.test_search import entry

TODAY = dt.date(2026, 11, 21)


def read(typed: str) -> list[Word]:
    return Wording({}).words(typed)


def heard(typed: str) -> dict[str, float]:
    """What each word of a text counts; the last place of a word met twice."""
    words = read(typed)
    return {word.plain: weight for word, weight in zip(words, needs.weights(words), strict=True)}


def test_what_was_asked_for_before_is_no_need_now() -> None:
    counts = heard("em đã xin được giấy độc thân ở quê rồi, giờ hai đứa ra xã đăng ký kết hôn")
    assert counts["doc"] < counts["hon"] == 1.0


def test_what_a_paper_is_for_counts_less_than_the_paper() -> None:
    counts = heard("xin xác nhận độc thân để vay ngân hàng mua nhà")
    assert counts["vay"] == needs.PURPOSE < counts["doc"] == 1.0


@pytest.mark.parametrize("typed", ["ba em mất để lại căn nhà cho hai chị em", "vo em moi de con trai o benh vien huyen"])
def test_what_is_left_behind_or_born_is_no_purpose(typed: str) -> None:
    assert needs.PURPOSE not in heard(typed).values()


def test_a_detail_asked_about_counts_less_than_the_matter() -> None:
    counts = heard("làm giấy tờ nhận con nuôi thì có cần khám sức khỏe không ạ")
    assert counts["kham"] == needs.DETAIL < counts["nuoi"] == 1.0


def test_a_question_without_a_matter_before_it_is_the_matter() -> None:
    assert needs.DETAIL not in heard("có cần khám sức khỏe không ạ em").values()


@pytest.mark.parametrize(
    ("typed", "told_apart"),
    [
        ("làm khai sinh cho con với đăng ký tạm trú luôn", ["lam khai sinh cho con", "dang ki tam tru luon"]),
        ("vừa đăng ký tạm trú vừa làm căn cước cho con", ["dang ki tam tru", "lam can cuoc cho con"]),
        ("mở hộ kinh doanh xong xin phép xây nhà", ["mo ho kinh doanh", "xin phep xay nha"]),
        ("đăng ký kết hôn với người nước ngoài", []),
        ("làm khai sinh rồi, giờ đăng ký tạm trú", []),
        ("đã làm khai sinh và nhập khẩu", []),
        ("nhà có khách có phải khai báo với công an không", []),
    ],
)
def test_wishes_are_told_apart_where_each_has_a_deed(typed: str, told_apart: list[str]) -> None:
    assert [" ".join(word.plain for word in part) for part in wishes.parts(read(typed))] == told_apart


def test_a_story_is_never_several_wishes() -> None:
    assert wishes.parts(read("dạ em chào anh chị ạ " * 5 + "làm khai sinh cho con với đăng ký tạm trú")) == []


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("làm khai sinh cho con với đăng ký tạm trú luôn", ("1.001193", "1.004194")),
        ("đổi căn cước với sang tên xe máy", ("1.014063", "1.013076")),
        ("xin giấy độc thân và sao y bằng tốt nghiệp", ("1.004873", "2.000815")),
        ("đăng ký kết hôn với người nước ngoài", ()),
        ("khai sinh và nhập hộ khẩu cho bé một lần", ()),
        ("khai sinh cho con và nhận cha cho con cùng lúc", ()),
    ],
)
def test_several_wishes_are_found_and_one_matter_stays_one(real: Premises, typed: str, codes: tuple[str, ...]) -> None:
    assert real.index.find(typed, today=TODAY).wishes == codes


def test_several_wishes_are_the_choices_in_the_order_they_were_named(real: Premises) -> None:
    found = real.index.find("đổi căn cước với sang tên xe máy", today=TODAY)
    assert found.decision == "clarify"
    assert tuple(hit.code for hit in found.hits) == found.wishes
    assert "several matters wanted: 1.014063, 1.013076" in real.index.explain(found.query, today=TODAY)


HOUSE, LAND, CHANGE = "1.000001", "1.000002", "1.000003"


@pytest.fixture(scope="module")
def building() -> search.Index:
    """A house can be built after three procedures; only two of them were thought of for "xin đất làm nhà"."""
    entries = (
        entry(HOUSE, "Cấp giấy phép xây dựng", "xin phép làm nhà cấp bốn"),
        entry(LAND, "Giao đất ở", "xin cấp đất ở"),
        entry(CHANGE, "Chuyển mục đích sử dụng đất", "lên thổ cư"),
    )
    ambiguous = Ambiguous(text="xin đất làm nhà", choices=(LAND, CHANGE))
    return search.build(Catalog("v", {one.code: one for one in entries}, {}, ambiguous=(ambiguous,)))


def test_a_query_like_an_ambiguous_phrase_is_offered_its_choices_and_what_was_ranked_besides(building: search.Index) -> None:
    found = building.find("đất làm nhà", today=TODAY)
    assert (found.decision, [hit.code for hit in found.hits]) == ("clarify", [LAND, CHANGE, HOUSE])


def test_an_ambiguous_phrase_word_for_word_is_offered_its_own_choices_alone(building: search.Index) -> None:
    found = building.find("xin đất làm nhà", today=TODAY)
    assert (found.decision, [hit.code for hit in found.hits]) == ("clarify", [LAND, CHANGE])

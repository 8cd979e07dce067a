"""The search as a citizen meets it, on a small catalog of its own."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procedures import search
from procedures.catalog import Catalog
from procedures.models import Ambiguous, LifeEvent, Procedure
from procedures.search import decision, fitting, needs
from procedures.search.decision import Evidence
from procedures.search.spelling import Speller
from procedures.search.wording import Word, Wording

TODAY = dt.date(2026, 11, 21)
BIRTH, DEATH, MARRIAGE, SINGLE, MOVE_IN, TEMPORARY = "1.001193", "1.000656", "1.000894", "1.004873", "1.004222", "1.004194"
OLD_AGE, OLD_AGE_BEFORE, LICENCE = "1.116909", "1.001776", "bang-lai-xe"


def entry(code: str, name: str, *also: str, **more: Any) -> Procedure:
    shared = {"field": "ho-tich", "handled_by": "commune_center", "depth": "listed", "checked": {"on": TODAY}}
    return Procedure.model_validate({**shared, "code": code, "name": name, "also": also, **more})


ENTRIES = [
    entry(BIRTH, "Đăng ký khai sinh", "làm giấy khai sinh cho con", "em bé mới sinh làm giấy gì", "khai sinh cho bé", "vợ mới đẻ"),
    entry(DEATH, "Đăng ký khai tử", "báo tử cho ông nội", "ba em mới mất cần làm giấy gì", "làm giấy chứng tử", "xin giấy báo tử"),
    entry(MARRIAGE, "Đăng ký kết hôn", "làm hôn thú", "hai đứa em muốn cưới", "đăng ký kết hôn cần gì", "lấy vợ làm giấy gì"),
    entry(SINGLE, "Cấp Giấy xác nhận tình trạng hôn nhân", "xin giấy độc thân", "giấy chưa kết hôn để vay ngân hàng", "xác nhận độc thân"),
    entry(MOVE_IN, "Đăng ký thường trú", "nhập hộ khẩu", "nhập khẩu cho con vào nhà", "chuyển hộ khẩu về nhà chồng", "vào hộ khẩu"),
    entry(TEMPORARY, "Đăng ký tạm trú", "ở trọ khai báo tạm trú", "thuê phòng trọ đăng ký ở đâu", "làm sổ tạm trú"),
    entry(OLD_AGE, "Trợ cấp xã hội hằng tháng", "tiền hàng tháng cho người khuyết tật", "lãnh trợ cấp xã hội", replaces=[OLD_AGE_BEFORE]),
    entry(LICENCE, "Cấp giấy phép lái xe", "đổi bằng lái xe", "thi bằng lái", depth="elsewhere", handled_by="elsewhere"),
]
CONCEPTS = (("qua đời", "mới mất", "chết"), ("khai tử", "báo tử", "chứng tử"), ("độc thân", "chưa vợ", "chưa kết hôn"))
ABBREVIATIONS = {"gks": "giấy khai sinh", "dk": "đăng ký", "hk": "hộ khẩu", "ko": "không", "lm": "làm"}


def small_catalog(version: str = "abc") -> Catalog:
    moved_in = LifeEvent.model_validate(
        {
            "id": "chuyen-nha",
            "name": "Chuyển nhà",
            "also": ["dọn về nhà mới"],
            "intro": "…",
            "steps": [{"code": MOVE_IN, "why": "…"}, {"code": TEMPORARY, "why": "…"}],
        }
    )
    return Catalog(
        version=version,
        procedures={one.code: one for one in ENTRIES},
        fields={"ho-tich": "Hộ tịch"},
        life_events={moved_in.id: moved_in},
        ambiguous=(Ambiguous(text="làm giấy tờ hôn nhân", choices=(MARRIAGE, SINGLE)),),
        nothing=("hôm nay trời mưa không", "xin chào", "bạn là ai", "giá vàng bao nhiêu"),
        concepts=CONCEPTS,
        abbreviations=ABBREVIATIONS,
    )


@pytest.fixture(scope="module")
def index() -> search.Index:
    return search.build(small_catalog())


def read(typed: str) -> list[Word]:
    return Wording({}).words(typed)


def first(found: search.Found) -> str | None:
    return found.hits[0].code if found.hits else None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("đăng ký khai sinh", BIRTH),
        ("lam giay khai sinh cho con", BIRTH),
        ("lm gks cho bé", BIRTH),
        ("giaays khai sinh cho con", BIRTH),
        ("gia61y khai sinh cho con", BIRTH),
        ("làm giáy khai sihn cho con", BIRTH),
        ("khaisinh cho be", BIRTH),
        ("báo tử cho ông", DEATH),
        ("xin giấy độc thân", SINGLE),
        ("nhập hk cho con", MOVE_IN),
        ("đăng ký tạm chú ở trọ", TEMPORARY),
    ],
)
def test_the_right_procedure_comes_first_however_it_is_typed(index: search.Index, query: str, code: str) -> None:
    assert first(index.find(query, today=TODAY)) == code


def test_a_clear_question_is_answered(index: search.Index) -> None:
    assert index.find("đăng ký khai sinh cho bé", today=TODAY).decision == "answer"


def test_scores_fall_from_hit_to_hit(index: search.Index) -> None:
    scores = [hit.score for hit in index.find("làm giấy cho con", today=TODAY).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) <= search.MOST_HITS
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("query", ["hôm nay trời có mưa không", "xin chào", "bạn là ai vậy", "", "   ", "?!?", "😀😀", "\u200b"])
def test_what_is_no_business_of_ours_is_unknown(index: search.Index, query: str) -> None:
    assert index.find(query, today=TODAY).decision == "unknown"


def test_a_matter_done_elsewhere_is_referred(index: search.Index) -> None:
    found = index.find("đổi bằng lái xe", today=TODAY)
    assert (found.decision, first(found)) == ("refer", LICENCE)


def test_an_ambiguous_phrase_is_asked_back_with_its_choices(index: search.Index) -> None:
    found = index.find("làm giấy tờ hôn nhân", today=TODAY)
    assert found.decision == "clarify"
    assert [hit.code for hit in found.hits] == [MARRIAGE, SINGLE]


def test_a_life_event_offers_its_steps(index: search.Index) -> None:
    found = index.find("dọn về nhà mới", today=TODAY)
    assert (found.decision, found.life_event) == ("clarify", "chuyen-nha")
    assert [hit.code for hit in found.hits] == [MOVE_IN, TEMPORARY]


def test_asking_back_offers_two_to_five_choices(index: search.Index) -> None:
    found = index.find("đăng ký", today=TODAY)
    assert found.decision in ("clarify", "unknown")
    if found.decision == "clarify":
        assert 2 <= len(found.hits) <= 5


def test_a_code_in_the_query_names_its_procedure(index: search.Index) -> None:
    assert index.find("hồ sơ 1.004222 gồm gì", today=TODAY).hits == (search.Hit(MOVE_IN, 1.0),)


def test_a_replaced_code_leads_to_its_successor(index: search.Index) -> None:
    assert first(index.find(OLD_AGE_BEFORE, today=TODAY)) == OLD_AGE


def test_typed_marks_break_a_tie() -> None:
    catalog = Catalog("v", {one.code: one for one in (entry("1.000001", "Đăng ký khai tử"), entry("1.000002", "Đăng ký khai tự"))}, {})
    index = search.build(catalog)
    assert first(index.find("khai tử", today=TODAY)) == "1.000001"
    assert first(index.find("khai tự", today=TODAY)) == "1.000002"


def test_what_is_already_there_is_not_what_is_wanted(index: search.Index) -> None:
    assert first(index.find("bé nhà em đã có giấy khai sinh, giờ muốn nhập hộ khẩu", today=TODAY)) == MOVE_IN


def test_what_has_not_been_done_is_not_what_is_wanted(index: search.Index) -> None:
    assert first(index.find("hai đứa chưa đăng ký kết hôn mà mới sinh, giờ làm giấy tờ cho bé", today=TODAY)) == BIRTH
    assert first(index.find("hai đứa đăng ký kết hôn rồi làm giấy tờ cho bé", today=TODAY)) == MARRIAGE


def test_in_a_story_the_need_is_heard_above_what_is_told() -> None:
    told, wanted = "ba em mới mất tuần rồi để lại căn nhà và con xe", "muốn nhập hộ khẩu"
    weights = needs.weights(read(f"{told}, {wanted}"))
    assert max(weights[: len(read(told))]) < weights[-1] == 1.0
    assert set(needs.weights(read(told))) == {1.0}


def test_a_pair_of_words_is_mended_by_a_pair_it_shares_a_word_with() -> None:
    speller = Speller({"con", "cong", "chung", "con chung", "cong chung"}, ["con chung", "cong chung"])
    assert [word.plain for word in speller.repair(read("công trứng"))] == ["cong", "chung"]


def test_concepts_join_words_that_share_no_letter(index: search.Index) -> None:
    assert first(index.find("ông nội qua đời", today=TODAY)) == DEATH


def test_a_catalog_without_phrases_finds_nothing() -> None:
    assert search.build(Catalog("v", {}, {})).find("khai sinh", today=TODAY).decision == "unknown"


@settings(deadline=None)
@given(st.text(max_size=400))
def test_anything_can_be_asked(query: str) -> None:
    found = _shared_index().find(query, today=TODAY)
    assert found.query == query
    assert (found.decision == "unknown") or found.hits


@pytest.mark.parametrize("query", ["khai sinh " * 1_000, "a" * 4_000, "ksdfjh qwpoe zxmnc " * 300, "ệ" * 4_000, "\ud800 khai sinh", "\x00"])
def test_hostile_lengths_and_letters_are_survived(index: search.Index, query: str) -> None:
    index.find(query, today=TODAY)


def test_a_rant_is_answered_by_its_head_and_tail(index: search.Index) -> None:
    rant = "tôi muốn đăng ký khai sinh cho bé " + "mà mấy hôm nay cứ chạy tới chạy lui hoài " * 80
    assert first(index.find(rant, today=TODAY)) == BIRTH


def test_reasons_name_phrase_and_decision(index: search.Index) -> None:
    why = index.explain("làm giấy khai sinh cho con", today=TODAY)
    assert any("làm giấy khai sinh cho con" in line and BIRTH in line for line in why)
    assert why[-1].endswith("answer")
    assert index.explain("", today=TODAY)
    assert index.explain("1.004222", today=TODAY)


def test_a_kept_index_finds_the_same(tmp_path: Path) -> None:
    queries = ["khai sinh", "nhập hk", "xin chào", "ba em mới mất", "lam giay to"]
    built = search.build(small_catalog(), tmp_path)
    kept = search.build(small_catalog(), tmp_path)
    assert list(tmp_path.glob("search-abc-*.npz"))
    assert [built.find(query, today=TODAY) for query in queries] == [kept.find(query, today=TODAY) for query in queries]


def test_a_broken_or_unwritable_cache_only_costs_time(tmp_path: Path) -> None:
    search.build(small_catalog(), tmp_path)
    for file in tmp_path.iterdir():
        file.write_bytes(b"not an archive")
    assert first(search.build(small_catalog(), tmp_path).find("khai sinh", today=TODAY)) == BIRTH
    (tmp_path / "file").write_text("")
    assert first(search.build(small_catalog(), tmp_path / "file").find("khai sinh", today=TODAY)) == BIRTH


def test_another_catalog_does_not_take_the_kept_index(tmp_path: Path) -> None:
    search.build(small_catalog("abc"), tmp_path)
    search.build(small_catalog("def"), tmp_path)
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_many_threads_get_the_same_answers(index: search.Index) -> None:
    queries = ["khai sinh cho con", "báo tử", "nhập hộ khẩu", "làm giáy khai sihn", "xin chào"] * 20
    alone = [index.find(query, today=TODAY) for query in queries]
    together: list[list[search.Found]] = [[] for _ in range(8)]
    threads = [threading.Thread(target=lambda out: out.extend(index.find(q, today=TODAY) for q in queries), args=(out,)) for out in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers == alone for answers in together)


CLEAR = Evidence(first=1.4, second=0.6, nearest=0.8, ahead=0.4, words=1.1, asked=0.2, nothing=0.1)


@pytest.mark.parametrize(
    ("evidence", "decided"),
    [
        (CLEAR, "answer"),
        (CLEAR._replace(second=1.38), "clarify"),
        (CLEAR._replace(second=1.38, nearest=1.0), "answer"),
        (CLEAR._replace(second=1.38, nearest=1.0, ahead=0.0), "clarify"),
        (CLEAR._replace(asked=0.95), "clarify"),
        (CLEAR._replace(asked=0.99, nearest=0.95), "clarify"),
        (CLEAR._replace(asked=0.95, nearest=0.9), "answer"),
        (CLEAR._replace(first=0.2, second=0.1, nearest=0.1, words=0.1), "unknown"),
        (CLEAR._replace(first=0.5, second=0.3, nearest=0.3, words=0.4, nothing=0.9), "unknown"),
        (Evidence(0, 0, 0, 0, 0, 0, 0), "unknown"),
    ],
)
def test_evidence_decides(evidence: Evidence, decided: str) -> None:
    assert decision.decide(evidence) == decided


@pytest.mark.parametrize(("scores", "offered"), [([1.0, 0.9, 0.1, 0.1], 3), ([1.0, 0.9, 0.8, 0.7, 0.6], 5), ([1.0, 0.9], 2), ([1.0], 1)])
def test_choices_are_those_near_the_first(scores: list[float], offered: int) -> None:
    assert decision.choices(scores) == offered


def test_fitting_tells_right_from_wrong() -> None:
    model = fitting.fit([[0.1], [0.2], [0.3], [0.7], [0.8], [0.9]], [False, False, False, True, True, True], 0.5)
    assert model.likelihood([0.1]) < 0.5 < model.likelihood([0.9])


def test_every_phrase_is_left_out_once() -> None:
    catalog = small_catalog()
    left_out = [phrase for fold in range(fitting.FOLDS) for phrase, _ in fitting.leave_out(catalog, fold)[1]]
    assert sorted(left_out) == sorted([*catalog.nothing, *(phrase for one in ENTRIES for phrase in one.also)])


_kept: list[search.Index] = []


def _shared_index() -> search.Index:
    if not _kept:
        _kept.append(search.build(small_catalog()))
    return _kept[0]

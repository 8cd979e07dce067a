"""Fees, times, quantities and changes in the words a citizen reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from bot.domain import centers
from bot.messages import Fact, Paper, Papers, Source
from bot.texts import t
from handlers import presenting
from procedures import checklist
from procedures.catalog import Catalog
from procedures.models import Document, Fee, Next, Procedure, Time, Valid

TODAY = dt.date(2026, 11, 23)
CENTER = centers.read(None)[0]


@pytest.mark.parametrize(
    ("fee", "said"),
    [
        ({"amount": 0}, "Không mất tiền."),
        ({"amount": 8000}, "8.000\u00a0đồng."),
        ({"amount": 1250000, "per": "bản"}, "1.250.000\u00a0đồng/bản."),
        ({"amount": "local", "set_by": "Hội đồng nhân dân tỉnh"}, "Theo mức của Hội đồng nhân dân tỉnh; trung tâm chưa nhập mức này."),
        ({"amount": "local"}, "Theo mức của Hội đồng nhân dân tỉnh; trung tâm chưa nhập mức này."),
        ({"amount": "unstated"}, t("list.fee_unstated")),
        ({"amount": 8000, "exempt": "hộ nghèo."}, "8.000\u00a0đồng. Miễn cho: hộ nghèo."),
        ({"amount": 0, "note": "Đúng hạn."}, "Không mất tiền. Đúng hạn."),
    ],
)
def test_a_fee_is_said_and_never_guessed(fee: dict[str, Any], said: str) -> None:
    assert presenting.fee_text(Fee.model_validate(fee)) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ({"kind": "same_day"}, "Trả trong ngày."),
        ({"kind": "same_day", "cutoff": "15:00"}, "Trả trong ngày. Nộp sau 15:00 thì trả vào ngày làm việc kế tiếp."),
        ({"kind": "working_days", "amount": 3}, "3 ngày làm việc."),
        ({"kind": "working_days", "amount": 3, "up_to": 8}, "3\u2060–\u20608 ngày làm việc."),
        ({"kind": "days", "amount": 5}, "5 ngày."),
        ({"kind": "hours", "amount": 24}, "24 giờ."),
        ({"kind": "months", "amount": 2}, "2 tháng."),
        ({"kind": "varies", "note": "Hỏi quầy."}, "Tùy trường hợp. Hỏi quầy."),
        ({"kind": "unstated"}, "Ngày ghi trên phiếu hẹn, quầy đưa khi nhận đủ giấy."),
    ],
)
def test_a_time_is_said_with_its_unit_and_cutoff(time: dict[str, Any], said: str) -> None:
    assert presenting.time_text(Time.model_validate(time)) == said


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"name": "Giấy báo tử", "originals": 1}, "1 bản chính"),
        ({"name": "Hộ chiếu", "copies": 2}, "2 bản sao"),
        ({"name": "Hộ chiếu", "originals": 1, "copies": 2}, "1 bản chính, 2 bản sao"),
        ({"name": "Tờ khai", "originals": 1}, "1 bản"),
        ({"name": "Đơn đề nghị", "originals": 2}, "2 bản"),
        ({"name": "Đơn đề nghị", "originals": 1, "copies": 1}, "1 bản chính, 1 bản sao"),
        ({"name": "Căn cước", "originals": 1, "hand_in": "show"}, "bản chính"),
        ({"name": "Căn cước", "copies": 1, "hand_in": "show"}, "bản sao"),
    ],
)
def test_a_quantity_says_originals_and_copies(document: dict[str, Any], said: str) -> None:
    assert presenting.quantity(Document.model_validate({"id": "a", **document})) == said


def listed(catalog: Catalog, **answers: str) -> Papers:
    entry = catalog.get("1.000656")
    assert entry is not None
    return presenting.papers(checklist.build(entry, answers), catalog, CENTER, TODAY, checklist_id=7, ticked=frozenset(["form"]))


def test_a_list_separates_what_is_handed_in_shown_and_looked_up(tiny_catalog: Catalog) -> None:
    shown = listed(tiny_catalog, proof="paper", late="on_time")
    assert [paper.id for paper in shown.submit] == ["form", "death_notice"]
    assert [paper.id for paper in shown.show] == ["id_card"]
    assert [paper.name for paper in shown.looked_up] == ["Nơi ở cuối cùng của người mất"]
    assert [paper.have for paper in shown.papers] == [True, False, False]
    assert [paper.payload for paper in shown.papers] == ["t:7:form:0", "t:7:death_notice:1", "t:7:id_card:1"]
    assert shown.situation == "Có giấy báo tử. Trong 15 ngày"
    assert "Ai đi khai" not in shown.situation
    assert shown.assumed.startswith("Vợ, chồng, con")
    assert shown.source == Source(
        code="1.000656", decision="163/QĐ-BTP", checked="21/11/2026", catalog=tiny_catalog.version,
        portal="https://dichvucong.gov.vn/thu-tuc-hanh-chinh/khai-tu",
    )  # fmt: skip


def test_facts_stand_in_the_order_people_ask(tiny_catalog: Catalog) -> None:
    assert [fact.icon for fact in listed(tiny_catalog, proof="paper", late="over").facts] == [
        "coin", "clock", "pin", "door", "cal", "person", "doc", "arrow",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("following", "said"),
    [
        ([], None),
        ([{"life_event": "nguoi-than-mat", "why": "Có trích lục rồi."}], "“Người thân mất”: Có trích lục rồi."),
        ([{"codes": ["1.010833"]}], "“Xác nhận thân nhân người có công”."),
        ([{"codes": ["1.000656", "9.999999"], "why": "Chính nó, và việc không còn."}], None),
        (
            [{"codes": ["2.000815"], "why": "Cần nhiều bản."}, {"codes": ["1.010833", "bang-lai-xe"], "why": "Khi cần."}, {"codes": ["bang-lai-xe"]}],
            "“Chứng thực bản sao”: Cần nhiều bản. “Xác nhận thân nhân người có công”: Khi cần.",
        ),
    ],
)
def test_at_most_two_related_matters_are_named_with_when_to_do_them(tiny_catalog: Catalog, following: list[dict[str, Any]], said: str | None) -> None:
    entry = tiny_catalog.procedures["1.000656"].model_copy(update={"next": tuple(Next.model_validate(one) for one in following)})
    assert [fact.text for fact in presenting.related(entry, tiny_catalog, TODAY)] == ([said] if said else [])


def test_a_matter_past_its_last_day_is_not_named_as_related(tiny_catalog: Catalog) -> None:
    over = tiny_catalog.procedures["2.000815"].model_copy(update={"valid": Valid(until=TODAY)})
    catalog = dataclasses.replace(tiny_catalog, procedures={**tiny_catalog.procedures, over.code: over})
    entry = tiny_catalog.procedures["1.000656"].model_copy(update={"next": (Next(codes=(over.code,)),)})
    assert list(presenting.related(entry, tiny_catalog, TODAY))
    assert not list(presenting.related(entry, catalog, TODAY))


def test_another_related_matter_is_no_change_of_the_list(tiny_catalog: Catalog) -> None:
    old = listed(tiny_catalog, proof="paper", late="over")
    new = old.model_copy(update={"facts": (*old.facts[:-1], Fact(icon=presenting.RELATED, label="Việc liên quan", text="“Sinh con”."))})
    assert presenting.differences(old, new) == ()


def test_a_list_without_a_number_has_no_boxes_to_press(tiny_catalog: Catalog) -> None:
    entry = tiny_catalog.get("1.000656")
    assert entry is not None
    shown = presenting.papers(checklist.build(entry, {}), tiny_catalog, CENTER, TODAY)
    assert {paper.payload for paper in shown.papers} == {""}
    assert shown.edit == ""


def test_ticks_are_laid_over_a_pinned_list(tiny_catalog: Catalog) -> None:
    kept = listed(tiny_catalog, proof="paper", late="over")
    shown = presenting.with_ticks(kept, frozenset(["id_card", "unknown"]), 9)
    assert [(paper.id, paper.have, paper.payload) for paper in shown.papers] == [
        ("form", False, "t:9:form:1"), ("death_notice", False, "t:9:death_notice:1"), ("id_card", True, "t:9:id_card:0"),
    ]  # fmt: skip


@pytest.mark.parametrize(("until", "said"), [("2026-12-24", "23/12/2026"), ("2027-11-01", None), (None, None)])
def test_a_list_that_ends_soon_says_its_last_day(tiny_catalog: Catalog, until: str | None, said: str | None) -> None:
    entry = tiny_catalog.get("2.000815")
    assert entry is not None
    valid = {"valid": entry.valid.model_copy(update={"until": dt.date.fromisoformat(until) if until else None})}
    shown = presenting.papers(checklist.build(entry.model_copy(update=valid), {}), tiny_catalog, CENTER, TODAY)
    assert [note for note in shown.notes if "dùng được đến hết ngày" in note] == (
        [f"Danh sách này dùng được đến hết ngày {said}; sau đó quy định thay đổi."] if said else []
    )


@pytest.mark.parametrize(
    ("handled_by", "said"),
    [
        ("commune_center", "Làm tại trung tâm này."),
        ("commune_police", "Làm ở công an xã: Số 3. Không cần đến trung tâm."),
        ("commune_military", "Làm ở ban chỉ huy quân sự xã: Số 4. Không cần đến trung tâm."),
    ],
)
def test_the_office_that_handles_it_is_named(tiny_catalog: Catalog, handled_by: str, said: str) -> None:
    entry = tiny_catalog.procedures["2.000815"].model_copy(update={"handled_by": handled_by})
    center = CENTER.model_copy(update={"police": "Số 3", "military": "Số 4"})
    assert presenting.handled(entry, center) == said


def papers(**changes: Any) -> Papers:
    base = Papers(
        title="Giấy tờ", name="Khai tử", source=Source(code="1"),
        submit=(Paper(id="form", name="Tờ khai", quantity="1 bản"), Paper(id="proof", name="Giấy báo tử", quantity="1 bản chính")),
        facts=(Fact(icon="coin", label="Lệ phí", text="Không mất tiền."), Fact(icon="clock", label="Ngày trả", text="Trả trong ngày.")),
        notes=("Một ghi chú.",),
    )  # fmt: skip
    return base.model_copy(update=changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ()),
        ({"submit": papers().submit[:1]}, ("Không cần nữa: Giấy báo tử.",)),
        ({"show": (Paper(id="card", name="Căn cước", quantity="bản chính"),)}, ("Thêm: Căn cước (bản chính).",)),
        ({"submit": (papers().submit[0], Paper(id="proof", name="Giấy báo tử", quantity="2 bản sao"))}, ("Thêm: Giấy báo tử (2 bản sao).",)),
        ({"facts": (Fact(icon="coin", label="Lệ phí", text="8.000 đồng."), papers().facts[1])}, ("Lệ phí nay là: 8.000 đồng.",)),
        ({"facts": (papers().facts[0], Fact(icon="clock", label="Ngày trả", text="3 ngày."))}, ("Thời gian nay là: 3 ngày.",)),
        ({"notes": ("Ghi chú khác.",)}, ("Có sửa lời hướng dẫn; giấy tờ vẫn như cũ.",)),
        ({"name": "Tên khác", "source": Source(code="1", catalog="mới")}, ()),
    ],
)
def test_what_changed_is_said_in_words(changes: dict[str, Any], said: tuple[str, ...]) -> None:
    assert presenting.differences(papers(), papers(**changes)) == said


def test_every_outcome_of_every_entry_can_be_shown(tiny_catalog: Catalog) -> None:
    curated: list[Procedure] = [entry for entry in tiny_catalog.procedures.values() if entry.depth == "curated"]
    for entry in curated:
        for answers in checklist.combinations(entry):
            shown = presenting.papers(checklist.build(entry, answers), tiny_catalog, CENTER, TODAY, checklist_id=10**9)
            assert shown.submit
            assert all(fact.text for fact in shown.facts)

"""What an entry can and cannot say."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from procedures.models import Ambiguous, Document, Fee, LifeEvent, Option, Overlay, Procedure, Question, Time, Where
from tests.procedures.small import document, entry, question

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2035, 1, 1))


@pytest.mark.parametrize("written", [[{"proof": "paper"}], [{"proof": ["paper"]}], {"proof": "paper"}])
def test_a_condition_may_leave_out_its_brackets(written: object) -> None:
    made = Document.model_validate({"id": "form", "name": "Tờ khai", "when": written})
    assert made.when == ((("proof", ("paper",)),),)


def test_an_option_may_be_only_its_label() -> None:
    made = Question.model_validate({"id": "proof", "ask": "?", "options": {"paper": "Có", "none": {"label": "Không", "words": "hông"}}})
    assert made.options == (("paper", Option(label="Có")), ("none", Option(label="Không", words=("hông",))))


def test_one_time_needs_no_list() -> None:
    assert entry(time={"kind": "days", "amount": 3}).time == (Time(kind="days", amount=3),)


def test_a_note_may_be_only_its_text() -> None:
    assert [note.text for note in entry(notes=["Mang bút.", {"text": "Đi sớm."}]).notes] == ["Mang bút.", "Đi sớm."]


def test_text_loses_the_space_around_it() -> None:
    assert entry(name="  Thủ tục thử \n").name == "Thủ tục thử"


@pytest.mark.parametrize("name", ["", "   "])
def test_text_may_not_be_empty(name: str) -> None:
    with pytest.raises(ValidationError):
        entry(name=name)


@pytest.mark.parametrize("code", ["1.000656", "12.000656", "bang-lai-xe"])
def test_official_codes_and_our_own_are_codes(code: str) -> None:
    assert entry(code=code).code == code


@pytest.mark.parametrize("code", ["1.656", "1000656", "1.0006561", "Bang-lai", "bl", "bang lai", "a" * 40, "1.000656\n"])
def test_anything_else_is_no_code(code: str) -> None:
    with pytest.raises(ValidationError):
        entry(code=code)


@pytest.mark.parametrize("name", ["a", "a" * 20, "on_time", "before_1975"])
def test_short_plain_words_are_ids(name: str) -> None:
    assert Document(id=name, name="x").id == name


@pytest.mark.parametrize("name", ["", "a" * 21, "A", "1a", "on-time", "giấy", "a:b", "a b"])
def test_ids_that_would_not_travel_in_a_button_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Document(id=name, name="x")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Document, {"id": "form", "name": "x", "originals": -1}),
        (Document, {"id": "form", "name": "x", "copies": 10}),
        (Document, {"id": "form", "name": "x", "hand_in": "mail"}),
        (Document, {"id": "form", "name": "x", "orginals": 1}),
        (Fee, {"amount": -1}),
        (Fee, {"amount": "free"}),
        (Fee, {"amount": 1.5}),
        (Time, {"kind": "days", "amount": 0}),
        (Time, {"kind": "weeks"}),
        (Time, {"kind": "same_day", "cutoff": "15h"}),
        (Time, {"kind": "same_day", "cutoff": "9:00"}),
        (Question, {"id": "proof", "ask": "?", "options": {"paper": "Có"}}),
        (Question, {"id": "proof", "ask": "?", "options": {f"o{number}": "x" for number in range(8)}}),
        (Option, {"label": "x", "goes_to": "somewhere else"}),
        (Where, {"office": "x"}),
        (Ambiguous, {"text": "x", "choices": ["1.000001"]}),
        (Ambiguous, {"text": "x", "choices": [f"1.00000{number}" for number in range(6)]}),
        (LifeEvent, {"id": "x-y", "name": "x", "intro": "x", "steps": [{"code": "1.000001", "why": "x"}]}),
        (Overlay, {"name": "x", "checked": "2026-11-21"}),
    ],
)
def test_what_no_citizen_could_use_is_refused(kind: type[BaseModel], fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(fields)


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        entry().name = "Tên khác"


def test_an_entry_has_at_most_six_questions() -> None:
    with pytest.raises(ValidationError):
        entry(questions=[question(f"q{number}", "a", "b") for number in range(7)])


def test_a_title_is_the_short_name_where_there_is_one() -> None:
    assert entry().title == "Thủ tục thử"
    assert entry(short="Thử").title == "Thử"


def test_questions_options_and_documents_are_found_by_id() -> None:
    made = entry(questions=[question("proof", "paper", "none")], documents=[document("form")])
    asked = made.question("proof")
    assert asked is not None
    assert asked.option("paper") == Option(label="proof paper")
    assert asked.option("other") is None
    assert made.question("other") is None
    assert made.document("form") == made.documents[0]
    assert made.document("other") is None


@given(today=DAYS, since=st.none() | DAYS, until=st.none() | DAYS)
def test_an_entry_is_never_in_force_from_its_last_day_on_nor_before_its_first(today: dt.date, since: dt.date | None, until: dt.date | None) -> None:
    made = entry(valid={"from": since, "until": until})
    assert made.in_force(today) == (not (since and today < since) and not (until and today >= until))


def test_an_entry_survives_being_written_and_read() -> None:
    made = entry(
        questions=[question("proof", "paper", "none", assume="paper")],
        documents=[document("form", {"proof": ["paper", "none"]})],
        valid={"from": "2025-07-01", "until": "2027-03-01"},
        notes=["Mang bút."],
    )
    assert Procedure.model_validate_json(made.model_dump_json(by_alias=True)) == made
